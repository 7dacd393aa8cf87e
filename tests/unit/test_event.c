/* SPDX-License-Identifier: MIT */
#include "client/event.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

/* The table of events is what mipclient(1) prints. */
#define MANUAL "man/mipclient.1"
#define WIDTH 72

static void put_field(char *out, size_t size, const struct event_field *f)
{
	static const char *const types[] = {
		[FIELD_STRING] = "string",   [FIELD_INTEGER] = "integer", [FIELD_NUMBER] = "number",
		[FIELD_BOOLEAN] = "boolean", [FIELD_OBJECT] = "object",
	};

	snprintf(out, size, "%s: %s%s", f->name, types[f->type], f->null ? " or null" : "");
}

/* As the manual has it: the name, then its fields, as many a line as there is room for. */
static void print_event(FILE *to, const struct event_spec *e)
{
	size_t column = 0;

	fprintf(to, "%s%s\n", e->name, e->hooks ? "" : " (no hooks)");
	for (unsigned i = 0; i < EVENT_FIELDS_MAX && e->fields[i].name; i++) {
		char text[80];

		put_field(text, sizeof(text), &e->fields[i]);
		if (column && column + strlen(text) + 2 > WIDTH) {
			fprintf(to, ",\n");
			column = 0;
		}
		column += (size_t)fprintf(to, "%s%s", column ? ", " : "    ", text);
	}
	fprintf(to, "\n");
}

static char *manual(void)
{
	static char text[200000];
	FILE *f = fopen(MANUAL, "r");
	size_t n;

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	return text;
}

static void in_the_manual(void)
{
	char *want = NULL;
	size_t n;
	FILE *to = open_memstream(&want, &n);

	fprintf(to, ".\\\" events\n.Bd -literal -offset indent\n");
	for (unsigned i = 0; i < TELL_COUNT; i++)
		print_event(to, &event_specs[i]);
	fprintf(to, ".Ed\n");
	fclose(to);
	CHECK(strstr(manual(), want) != NULL);
	if (!strstr(manual(), want))
		fputs(want, stdout);
	free(want);
}

/* Each has a name and fields, and no two the same. */
static void complete(void)
{
	for (unsigned i = 0; i < TELL_COUNT; i++) {
		CHECK(event_specs[i].name != NULL && event_specs[i].fields[0].name != NULL);
		CHECK(event_specs[i].fields[EVENT_FIELDS_MAX - 1].name == NULL);
		for (unsigned k = 0; k < i; k++)
			CHECK(strcmp(event_specs[i].name, event_specs[k].name) != 0);
	}
}

UNIT_MAIN("event", { "in the manual", in_the_manual }, { "complete", complete })
