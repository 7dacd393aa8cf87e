/* SPDX-License-Identifier: MIT */
/* Reports and events, as JSON: the page, the line for people, the live view. */
#include "client/page.h"
#include "client/watch.h"
#include "tests/fuzz/fuzz.h"

static void lines(const json_t *o)
{
	char text[EVENT_TEXT_MAX], outcome[OUTCOME_TEXT_MAX];

	event_text(o, text);
	for (const char *c = text; *c; c++)
		assert((unsigned char)*c >= ' ' && *c != 0x7f);
	lost_text(o, outcome);
	gap_text(o, outcome);
}

static void page(const json_t *o)
{
	char *text;
	size_t n;
	FILE *to = open_memstream(&text, &n);

	assert(to);
	page_report(o, to);
	fclose(to);
	fuzz_touch(text, n);
	free(text);
}

static void view(json_t *all)
{
	static const unsigned sizes[][2] = {{80, 24}, {40, 15}, {1, 1}, {200, 60}};
	struct watch w;
	size_t i;
	json_t *o;

	watch_init(&w);
	json_array_foreach(all, i, o)
	{
		if (json_object_get(o, "event"))
			watch_event(&w, o, (double)i, "10:42:11");
		else
			watch_status(&w, json_deep_copy(o));
		watch_patience(&w);
	}
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct screen s;

		screen_init(&s, sizes[i][0], sizes[i][1], true);
		watch_draw(&w, 10, "10:42:12", &s);
		screen_free(&s);
	}
	watch_free(&w);
}

/* The input: one object a line. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = data + size;
	json_t *all = json_array();

	while (data < end) {
		const uint8_t *eol = memchr(data, '\n', (size_t)(end - data));
		json_t *o =
		    json_loadb((const char *)data, (size_t)((eol ? eol : end) - data), 0, NULL);

		if (json_is_object(o)) {
			json_t *report = json_object_get(o, "report");

			lines(o);
			if (json_is_object(report))
				page(report);
			else if (json_is_array(json_object_get(o, "steps")))
				page(o);
			json_array_append(all, o);
		}
		json_decref(o);
		data = eol ? eol + 1 : end;
	}
	view(all);
	json_decref(all);
	return 0;
}
