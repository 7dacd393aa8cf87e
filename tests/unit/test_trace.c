/* SPDX-License-Identifier: MIT */
#include "client/replay.h"
#include "tests/unit/unit.h"

static struct trace t;
static char why[TRACE_WHY_MAX];

static bool parse(const char *text)
{
	uint8_t *copy = unit_copy(text, strlen(text)); /* a byte too far is seen */
	bool ok = trace_parse((char *)copy, strlen(text), &t, why);

	free(copy);
	return ok;
}

#define HEAD "# a comment\nstep 100\nap 02:00:00:00:00:00 2412\nap 02:00:00:00:01:00 5180 refuses\n"

static void reads(void)
{
	CHECK(parse(HEAD "neighbours\nmark 100\n\n0 -40 -\n100 -41 -95\r\n200 -42 20"));
	CHECK_EQ(t.n_aps, 2);
	CHECK_EQ(t.n_rows, 3);
	CHECK_EQ(t.step, MSEC(100));
	CHECK_EQ(t.mark, MSEC(100));
	CHECK(t.neighbours && t.ap[1].refuses && !t.ap[0].refuses);
	CHECK_EQ(t.ap[1].freq_mhz, 5180);
	CHECK_EQ(t.dbm[0][1], TRACE_UNHEARD);
	CHECK_EQ(t.dbm[2][0], -42);
	CHECK_EQ(t.dbm[2][1], 20);
	CHECK_EQ(trace_level(&t, 1, 0, 1), -41);
	CHECK_EQ(trace_level(&t, 0, 0, 5), -41);
}

static void refuses(void)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "", "it has no rows" },
		{ HEAD, "it has no rows" },
		{ HEAD "0 -40", "line 5: fewer signals than access points" },
		{ HEAD "0 -40 -41 -42", "line 5: something is left over at the end" },
		{ HEAD "0 -40 x", "line 5: no signal in dBm" },
		{ HEAD "0 -40 -999999999999999999999", "line 5: no signal in dBm" },
		{ HEAD "0 -40 -128", "line 5: no signal in dBm" },
		{ HEAD "100 -40 -41", "line 5: the time is not the last one and a step" },
		{ HEAD "0 -40 -41\n50 -40 -41", "line 6: the time is not the last one and a step" },
		{ HEAD "0 -40 -41\nap 02:00:00:00:02:00 2412",
		  "line 6: an access point after the first row" },
		{ HEAD "ap 02:00:00:00:00:00 2412\n", "line 5: the same BSSID twice" },
		{ HEAD "ap 02:00:00:00:00 2412\n", "line 5: no BSSID (02:00:00:00:01:00)" },
		{ HEAD "ap 02:00:00:00:02:00 0\n", "line 5: no frequency in MHz" },
		{ HEAD "ap 02:00:00:00:02:00 2412 lies\n", "line 5: only \"refuses\" may follow" },
		{ HEAD "ap\n", "line 5: no BSSID" },
		{ "step 5\n", "line 1: \"step\" wants 10 to 1000 ms, once" },
		{ HEAD "step 100\n", "line 5: \"step\" wants 10 to 1000 ms, once" },
		{ HEAD "mark -1\n", "line 5: \"mark\" wants a time in ms" },
		{ "0 -40\n", "line 1: a row before \"step\" and the access points" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK(!parse(bad[i].text));
		CHECK_STR(why, bad[i].why);
	}
}

static void limits(void)
{
	static char text[400000];
	size_t n = (size_t)sprintf(text, "step 10\n");

	for (int i = 0; i <= TRACE_APS_MAX; i++)
		n += (size_t)sprintf(text + n, "ap 02:00:00:00:%02x:00 2412\n", i);
	CHECK(!parse(text));
	CHECK_STR(why, "line 34: too many access points");
	n = (size_t)sprintf(text, "step 10\nap 02:00:00:00:00:00 2412\n");
	for (int i = 0; i <= TRACE_ROWS_MAX; i++)
		n += (size_t)sprintf(text + n, "%d -40\n", i * 10);
	CHECK(!parse(text));
	CHECK_STR(why, "line 12003: too many rows");
}

/* Ten seconds at one, then the other: the oracle's numbers by hand. */
static void oracle_by_hand(void)
{
	static char text[20000];
	struct replay_oracle o;
	size_t n = (size_t)sprintf(text, "step 100\nap 02:00:00:00:00:00 2412\n"
					 "ap 02:00:00:00:01:00 2437\n");

	for (int i = 0; i < 200; i++)
		n += (size_t)sprintf(text + n, "%d %d %d\n", i * 100, i < 100 ? -50 : -90,
				     i < 100 ? -90 : -50);
	CHECK(parse(text));
	replay_oracle(&t, -70, &o);
	CHECK_EQ(o.handoffs, 1);
	/* the levels are means over a second: 0.3 s about the step belong to nobody, and the
	 * handoff takes two rows */
	CHECK(o.weak >= MSEC(200) && o.weak <= MSEC(500));
	replay_oracle(&t, -95, &o);
	CHECK_EQ(o.handoffs, 0);
	CHECK_EQ(o.weak, 0);
}

UNIT_MAIN("trace", { "reads", reads }, { "refuses", refuses }, { "limits", limits },
	  { "oracle by hand", oracle_by_hand })
