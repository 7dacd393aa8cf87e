/* SPDX-License-Identifier: MIT */
#include "common/conf.h"

#include "common/conf_value.h"

#include <string.h>

/* Absent keys without a default are left out: reading them back would set them. */
static bool printed(const struct conf_key *k, const void *field)
{
	return k->required || k->preset || !conf_value_is_zero(k, field);
}

/* A section without a flag of its own is in the file when one of the keys that it cannot do without
 * is set. */
static bool section_present(const struct conf_spec *spec, const struct conf_section *s,
			    const void *conf)
{
	bool needs = false;

	if (s->present_offset != SIZE_MAX)
		return *(const bool *)((const char *)conf + s->present_offset);
	if (s->required)
		return true;
	for (size_t i = 0; i < spec->n_keys; i++) {
		const struct conf_key *k = &spec->keys[i];

		if (strcmp(k->section, s->name) || !k->required)
			continue;
		if (!conf_value_is_zero(k, (const char *)conf + k->offset))
			return true;
		needs = true;
	}
	return !needs;
}

static void print_keys(const struct conf_spec *spec, const char *section, const char *base,
		       FILE *to)
{
	char text[CONF_TEXT_MAX];

	for (size_t i = 0; i < spec->n_keys; i++) {
		const struct conf_key *k = &spec->keys[i];

		if (strcmp(k->section, section) || !printed(k, base + k->offset))
			continue;
		if (k->type == CONF_KEY) { /* the one thing that reading it again lacks */
			fprintf(to, "# %s: is set, and not shown\n", k->key);
			continue;
		}
		conf_value_format(k, base + k->offset, text);
		fprintf(to, "%s = %s\n", k->key, text);
	}
}

void conf_print(const struct conf_spec *spec, const void *conf, FILE *to)
{
	const char *between = "";
	char addr[ADDR_STRLEN];

	for (size_t i = 0; i < spec->n_sections; i++) {
		const struct conf_section *s = &spec->sections[i];
		const char *array, *star = strchr(s->name, '*');
		unsigned count;
		uint32_t number;

		if (!star) {
			if (!section_present(spec, s, conf))
				continue;
			fprintf(to, "%s[%s]\n", between, s->name);
			print_keys(spec, s->name, conf, to);
			between = "\n";
			continue;
		}
		memcpy(&array, (const char *)conf + s->array_offset, sizeof(array));
		memcpy(&count, (const char *)conf + s->count_offset, sizeof(count));
		for (; count; count--, array += s->element_size) {
			memcpy(&number, array + s->addr_offset, sizeof(number));
			fprintf(to, "%s[%.*s%s]\n", between, (int)(star - s->name), s->name,
				s->named && !number ? array + s->name_offset
						    : addr_fmt(addr, number));
			print_keys(spec, s->name, array, to);
			between = "\n";
		}
	}
}
