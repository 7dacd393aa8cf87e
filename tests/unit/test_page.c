/* SPDX-License-Identifier: MIT */
/* The page of a handoff: complete in itself, well formed, and nothing of what came from the air is
 * more than text. */
#include "client/page.h"
#include "tests/unit/unit.h"

static char *html;
static size_t html_len;

static void draw(json_t *report)
{
	FILE *f;

	free(html);
	html = NULL;
	f = open_memstream(&html, &html_len);
	page_report(report, f);
	fclose(f);
	json_decref(report);
}

static json_t *whole(void)
{
	json_t *o = json_load_file("tests/vectors/report.json", 0, NULL);
	json_t *r = json_incref(json_object_get(o, "report"));

	CHECK(json_is_object(r));
	json_decref(o);
	return r;
}

static bool has(const char *text)
{
	return strstr(html, text) != NULL;
}

static unsigned count(const char *text)
{
	unsigned n = 0;

	for (const char *p = html; (p = strstr(p, text)) != NULL; p += strlen(text))
		n++;
	return n;
}

/* Tags nest, as far as they have to be closed; attributes are quoted. */
static bool well_formed(void)
{
	static const char *const closed[] = {
	    "main", "div",  "figure", "svg", "text", "table", "tbody", "tr",	     "td",
	    "p",    "span", "b",      "h1",  "h2",   "style", "title", "figcaption", "i"};
	const char *stack[64];
	unsigned depth = 0;

	for (const char *p = html; (p = strchr(p, '<')) != NULL; p++) {
		bool end = p[1] == '/';
		const char *name = p + 1 + end;

		for (unsigned i = 0; i < sizeof(closed) / sizeof(closed[0]); i++) {
			size_t n = strlen(closed[i]);

			if (strncmp(name, closed[i], n) != 0 || (name[n] != '>' && name[n] != ' '))
				continue;
			if (!end && depth < 64)
				stack[depth++] = closed[i];
			else if (depth == 0 || stack[--depth] != closed[i])
				return false;
			break;
		}
	}
	return depth == 0;
}

static void test_whole(void)
{
	draw(whole());
	CHECK(well_formed());
	CHECK_EQ(count("<svg "), 3);
	CHECK_EQ(count("<rect class=\"step"), 12 + 3);
	CHECK(has("<title>Handoff 12</title>") && has("registered</text>") && has("121.9 ms"));
	CHECK(has("52 packets") && has("leave below -70 dBm") && has("dead -82 dBm"));
	CHECK(has("10.2.0.1, care-of address 198.51.100.135"));
	/* nothing is fetched from anywhere */
	CHECK(!has("http:") && !has("https:") && !has("<script") && !has("url(") && !has("src="));
	/* no number that is none */
	CHECK(!has("nan") && !has("inf\"") && !has("inf "));
}

static void test_without(void)
{
	json_t *r = whole();

	json_object_set_new(r, "signal", json_null());
	json_object_set_new(r, "grant", json_null());
	json_object_set_new(r, "gap_ms", json_null());
	json_object_set_new(r, "started", json_null());
	json_object_set_new(json_object_get(r, "downlink"), "lost", json_null());
	draw(r);
	CHECK(well_formed());
	CHECK_EQ(count("<svg "), 2);
	CHECK(!has("packets lost") && !has("gap in the downlink") && has("At a time not known"));
	/* of an empty one, too, as well as it goes */
	draw(json_object());
	CHECK(well_formed() && !has("nan"));
	/* one sample is no line, but no trouble either */
	draw(json_pack("{s[{sssi}]s{sisis[{sisiss}]}}", "steps", "step", "trigger", "ms", 0,
		       "signal", "leave_below_dbm", -70, "dead_dbm", -82, "samples", "ms", 0, "dbm",
		       -60, "of", "from"));
	CHECK(well_formed() && count("<svg ") == 3 && !has("nan"));
}

static void test_from_the_air(void)
{
	json_t *r = whole();

	json_object_set_new(json_object_get(r, "to"), "ssid",
			    json_string("</td><script>alert('x')</script>&\"\x01"));
	json_object_set_new(r, "trigger", json_string("<b>"));
	json_object_set_new(json_object_get(r, "from"), "bssid", json_string("\"><i>"));
	draw(r);
	CHECK(well_formed());
	CHECK(!has("<script") && has("&lt;script&gt;alert(&#39;x&#39;)") && has("&lt;b&gt;"));
	free(html);
	html = NULL;
}

UNIT_MAIN("page", {"a whole report", test_whole}, {"what is not known is not drawn", test_without},
	  {"an SSID is text", test_from_the_air})
