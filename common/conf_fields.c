/* SPDX-License-Identifier: MIT */
#include "common/conf_value.h"

#include "common/log.h"

#include <stdlib.h>
#include <string.h>

void conf_presets(const struct conf_spec *spec, const char *section, const char *dir, char *base)
{
	char why[CONF_WHY_MAX];

	for (size_t i = 0; i < spec->n_keys; i++) {
		const struct conf_key *k = &spec->keys[i];

		if (strcmp(k->section, section))
			continue;
		memset(base + k->offset, 0, conf_value_size(k->type));
		if (k->preset && conf_value_parse(k, k->preset, dir, base + k->offset, why))
			fatal("configuration: the default of [%s] %s: \"%s\" %s", section, k->key,
			      k->preset, why);
	}
}

void conf_fields_init(const struct conf_spec *spec, const char *dir, void *conf)
{
	char *base = conf, *none = NULL;

	for (size_t i = 0; i < spec->n_sections; i++) {
		const struct conf_section *s = &spec->sections[i];

		if (s->present_offset != SIZE_MAX)
			*(bool *)(base + s->present_offset) = false;
		if (!strchr(s->name, '*')) {
			conf_presets(spec, s->name, dir, base);
			continue;
		}
		memcpy(base + s->array_offset, &none, sizeof(none));
		memset(base + s->count_offset, 0, sizeof(unsigned));
	}
}

static void wipe_keys(const struct conf_spec *spec, const char *section, char *base)
{
	for (size_t i = 0; i < spec->n_keys; i++) {
		const struct conf_key *k = &spec->keys[i];

		if (strcmp(k->section, section))
			continue;
		if (k->type == CONF_KEYFILE)
			secret_wipe(&((struct conf_keyfile *)(void *)(base + k->offset))->key);
		else if (k->type == CONF_KEY)
			secret_wipe((struct secret *)(void *)(base + k->offset));
	}
}

void conf_free(const struct conf_spec *spec, void *conf)
{
	for (size_t i = 0; i < spec->n_sections; i++) {
		const struct conf_section *s = &spec->sections[i];
		char *base = conf, *array;
		unsigned *count;

		if (!strchr(s->name, '*')) {
			wipe_keys(spec, s->name, base);
			continue;
		}
		memcpy(&array, base + s->array_offset, sizeof(array));
		count = (unsigned *)(void *)(base + s->count_offset);
		for (unsigned j = 0; array && j < *count; j++)
			wipe_keys(spec, s->name, array + j * s->element_size);
		free(array);
		array = NULL;
		memcpy(base + s->array_offset, &array, sizeof(array));
		*count = 0;
	}
}
