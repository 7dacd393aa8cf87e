/* SPDX-License-Identifier: MIT */
/* The live view, without a terminal: what it has understood, and how that stands on 40x15, 80x24,
 * 200x60 and 1x1 cells. */
#include "client/watch.h"
#include "tests/unit/unit.h"

static struct watch w;
static struct screen s;
static char line[SCREEN_LINE_MAX];

#define STATUS                                                                                     \
	"{\"event\":\"status\",\"state\":\"registered\",\"home_address\":\"10.99.0.5\","           \
	"\"interface\":\"wlan0\",\"attached\":true,\"bssid\":\"02:00:00:00:00:00\","               \
	"\"ssid\":\"campus\",\"frequency_mhz\":2412,\"signal_dbm\":-55,\"leave_below_dbm\":-70,"   \
	"\"dead_dbm\":-82,\"agent\":\"10.1.0.1\",\"expires_s\":500.0,\"uplink\":{\"path\":"        \
	"\"agent\",\"queued\":0,\"dropped\":0},\"buffering\":{\"usable\":true,\"by\":\"agent\"},"  \
	"\"last_handoff\":null,\"problems\":[]}"

static void event(const char *json, double at)
{
	json_t *e = json_loads(json, 0, NULL);

	CHECK(json_is_object(e));
	watch_event(&w, e, at, "10:42:11");
	json_decref(e);
}

static void signal_is(int dbm, double at)
{
	json_t *e = json_pack("{ss si si ss sn}", "event", "Link_Parameters_Report", "dbm", dbm,
			      "smoothed", dbm,
			      "rule", "good", "time_left_ms");

	CHECK(!watch_event(&w, e, at, ""));
	json_decref(e);
}

static void draw(unsigned width, unsigned height, bool utf8)
{
	screen_free(&s);
	screen_init(&s, width, height, utf8);
	watch_draw(&w, 100, "10:42:12", &s);
}

static bool shows(const char *text)
{
	for (unsigned y = 0; y < s.height; y++) {
		screen_line(&s, y, line);
		if (strstr(line, text) != NULL)
			return true;
	}
	return false;
}

static void line_is(unsigned y, const char *want)
{
	screen_line(&s, y, line);
	if (strcmp(line, want) != 0)
		printf("\n    line %u: \"%s\"\n    wanted  \"%s\"", y, line, want);
	CHECK(strcmp(line, want) == 0);
}

static void a_walk(void)
{
	watch_init(&w);
	event(STATUS, 40);
	for (int i = 0; i < 250; i++)
		signal_is(-50 - i / 10, 50 + i * 0.2);
	event("{\"event\":\"Link_Handover_Imminent\","
	      "\"number\":7,\"flow\":\"F1\",\"trigger\":\"-71 dBm\","
	      "\"to\":{\"bssid\":\"02:00:00:00:01:00\"}}",
	      99);
	event("{\"event\":\"handoff-step\",\"number\":7,\"step\":\"trigger\",\"ms\":0.0}", 99);
	event("{\"event\":\"handoff-step\",\"number\":7,\"step\":\"granted\",\"ms\":6.1}", 99.1);
}

static void test_phone(void)
{
	a_walk();
	draw(40, 15, false);
	line_is(0, "registered 10.99.0.5            10:42:12");
	line_is(1, "02:00:00:00:00:00 campus         -74 dBm");
	line_is(2, "agent 10.1.0.1                8 min 20 s");
	line_is(3, "0 held, 0 dropped           buffer ready");
	CHECK(shows("-70 - leave -----") && shows("-82 - dead ------"));
	CHECK(shows("handoff 7 running") && shows("trigger 0  granted 6") && shows("q quits"));
	line_is(14, "q quits");
	/* the newest event stands at the bottom */
	line_is(11, "10:42:11 handoff 7 to 02:00:00:00:01:00:");
	watch_free(&w);
}

static void test_desk(void)
{
	a_walk();
	event("{\"event\":\"Link_Handover_Complete\",\"number\":7,\"result\":\"done\",\"report\":"
	      "{\"number\":"
	      "7,\"flow\":\"F1\",\"result\":\"done\",\"gap_ms\":null,\"downlink\":{\"lost\":0},"
	      "\"steps\":[{\"step\":\"trigger\",\"ms\":0.0},{\"step\":\"done\",\"ms\":50.0}]}}",
	      99.5);
	draw(80, 24, true);
	CHECK(shows("handoff 7 F1 done, 0 lost, gap not known"));
	event("{\"event\":\"handoff-step\",\"number\":7,\"step\":\"first-packet\",\"ms\":52.5,"
	      "\"gap_ms\":12.3}",
	      99.6);
	draw(80, 24, true);
	CHECK(shows("handoff 7 F1 done, 0 lost, gap 12.3 ms") && shows("trigger 0  done 50"));
	CHECK(shows("\u254c\u254c\u254c") && shows("leave") && shows("dead"));
	CHECK(shows("10:42:11 handoff 7 done (F1), 0 lost"));
	draw(200, 60, true);
	CHECK(shows("first-packet      52.5     +2.5"));
	CHECK(shows("handoff 7 F1 done, 0 lost, gap 12.3 ms"));
	watch_free(&w);
}

/* Whatever is known, on every size: nothing outside, no letter that the terminal would obey. */
static void test_sizes(void)
{
	static const unsigned sizes[][2] = {{1, 1},  {1, 60},  {500, 1},  {2, 2},
					    {5, 9},  {39, 3},  {40, 15},  {80, 24},
					    {99, 5}, {100, 6}, {200, 60}, {600, 300}};

	for (unsigned with = 0; with < 3; with++) {
		if (with == 2)
			a_walk();
		else
			watch_init(&w);
		if (with == 1)
			event("{\"event\":\"status\",\"problems\":[\"no \\u001b[2J\", \"two\"],"
			      "\"attached\":true,\"frequency_mhz\":1,\"ssid\":\"\\u001b]0;x\\u0007"
			      "\\u009b2J\\u202e\\u4e2d\"}",
			      1);
		for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			draw(sizes[i][0], sizes[i][1], i % 2);
			for (unsigned y = 0; y < s.height; y++) {
				screen_line(&s, y, line);
				CHECK(screen_width_of(line) <= s.width);
				for (const char *p = line; *p; p++)
					CHECK((unsigned char)*p >= 0x20 && *p != 0x7f &&
					      (i % 2 || (unsigned char)*p < 0x80));
				CHECK(strstr(line, "\xc2\x9b") == NULL &&
				      strstr(line, "\u202e") == NULL);
			}
		}
		watch_free(&w);
	}
	CHECK_EQ(s.width, SCREEN_WIDTH_MAX);
	CHECK_EQ(s.height, SCREEN_HEIGHT_MAX);
	screen_free(&s);
}

static void test_curve(void)
{
	unsigned stars = 0;

	watch_init(&w);
	event(STATUS, 0);
	for (int i = 0; i < 500; i++)
		signal_is(i < 250 ? -40 : -80, i * 0.2);
	draw(44, 24, false);
	/* 40 columns, one of them a cliff */
	for (unsigned y = 4; y < 24; y++) {
		screen_line(&s, y, line);
		for (const char *p = line; *p; p++)
			stars += *p == '*';
	}
	CHECK(stars >= 40);
	for (unsigned x = 4; x < 44; x++) {
		unsigned n = 0;

		for (unsigned y = 4; y < 24; y++)
			n += s.cell[y * s.width + x].text[0] == '*';
		CHECK(n >= 1);
	}
	/* what is below the threshold has another ink, and what is dead a third one */
	signal_is(-85, 100);
	draw(44, 24, false);
	CHECK(shows("*"));
	watch_free(&w);
	screen_free(&s);
}

static void test_old_samples(void)
{
	watch_init(&w);
	event(STATUS, 0);
	signal_is(-40, 1); /* out of sight by now */
	draw(40, 15, false);
	CHECK(!shows("*"));
	for (int i = 0; i < 5000; i++)
		signal_is(-60, 90 + i * 0.002);
	draw(40, 15, false);
	CHECK(shows("*"));
	watch_free(&w);
	screen_free(&s);
}

/* One that was under way when we began to watch: its steps are not mixed with another's. */
static void test_begun_before(void)
{
	watch_init(&w);
	event(STATUS, 0);
	event("{\"event\":\"handoff-step\",\"number\":3,\"step\":\"roam\",\"ms\":6.1}", 1);
	CHECK(w.report == NULL && w.n_log == 0);
	event(
	    "{\"event\":\"Link_Handover_Complete\",\"number\":3,\"result\":\"failed\",\"report\":"
	    "{\"number\":"
	    "3,\"flow\":\"F1\",\"result\":\"failed\",\"steps\":[]}}",
	    2);
	CHECK(w.report != NULL && !w.running);
	draw(80, 24, false);
	CHECK(shows("handoff 3 F1 failed, loss not known, gap not known"));
	watch_free(&w);
	screen_free(&s);
}

static void test_patience(void)
{
	watch_init(&w);
	CHECK(watch_patience(&w) >= 1);
	event(STATUS, 0);
	CHECK(watch_patience(&w) >= 1);
	event("{\"event\":\"Link_Handover_Imminent\",\"number\":1}", 0);
	CHECK(watch_patience(&w) < 0.5);
	watch_free(&w);
}

static void test_event_text(void)
{
	static const struct {
		const char *json, *text;
	} rows[] = {
	    {"{\"event\":\"Link_Parameters_Report\",\"dbm\":-50,"
	     "\"smoothed\":-51,\"rule\":\"good\"}",
	     "signal -50 dBm, smoothed -51 (good)"},
	    {"{\"event\":\"Link_Up\",\"bssid\":\"02:00:00:00:00:00\",\"ssid\":\"a\\u001bb\"}",
	     "attached to 02:00:00:00:00:00 \"a?b\""},
	    {"{\"event\":\"registered\",\"agent\":null,\"care_of\":\"10.0.0.1\",\"lifetime_s\":9}",
	     "registered through -, care-of 10.0.0.1, lifetime 9 s"},
	    {"{\"event\":\"some\\u0007thing\"}", "some?thing"},
	    {"{}", ""},
	};
	char text[EVENT_TEXT_MAX];

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *e = json_loads(rows[i].json, 0, NULL);

		event_text(e, text);
		CHECK_STR(text, rows[i].text);
		json_decref(e);
	}
}

UNIT_MAIN("watch", {"40 columns, 15 lines", test_phone}, {"80 and 200 columns", test_desk},
	  {"every size, and what comes from the air", test_sizes}, {"the curve", test_curve},
	  {"old samples", test_old_samples}, {"begun before", test_begun_before},
	  {"how often the status is asked for", test_patience}, {"events as text", test_event_text})
