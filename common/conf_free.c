/* SPDX-License-Identifier: MIT */
#include "common/conf.h"

#include <stdlib.h>
#include <string.h>

static void wipe_keys(const struct conf_spec *spec, const char *section, char *base)
{
	for (size_t i = 0; i < spec->n_keys; i++) {
		const struct conf_key *k = &spec->keys[i];

		if (k->type == CONF_KEYFILE && !strcmp(k->section, section))
			secret_wipe(&((struct conf_keyfile *)(void *)(base + k->offset))->key);
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
