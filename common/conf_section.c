/* SPDX-License-Identifier: MIT */
#include "common/conf_parse.h"

#include "common/log.h"

#include <stdlib.h>
#include <string.h>

/* ---- the headings of a configuration ---- */

static bool repeated(const struct conf_section *s)
{
	return strchr(s->name, '*') != NULL;
}

void conf_finish_section(struct parse *p)
{
	for (size_t i = 0; p->section && i < p->spec->n_keys; i++) {
		const struct conf_key *k = &p->spec->keys[i];

		if (k->required && !p->seen[i] && !strcmp(k->section, p->section->name))
			conf_complain(p, p->title_line, "[%s] %s: is missing%s%s%s", p->title,
				      k->key, k->help ? " (" : "", k->help ? k->help : "",
				      k->help ? ")" : "");
	}
	p->section = NULL;
	memset(p->seen, 0, p->spec->n_keys * sizeof(*p->seen));
}

static void unknown_section(struct parse *p, const char *title)
{
	char names[CONF_NAMES_MAX][32], word[64], why[CONF_WHY_MAX];
	const char *valid[CONF_NAMES_MAX];
	size_t n = 0;

	for (; n < p->spec->n_sections && n < CONF_NAMES_MAX; n++) {
		const char *name = p->spec->sections[n].name;
		int plain = (int)strcspn(name, "*");

		snprintf(names[n], sizeof(names[n]), "[%.*s%s]", plain, name,
			 name[plain] ? "ADDRESS" : "");
		valid[n] = names[n];
	}
	/* Only the word counts for the distance, whatever stands in the address' place. */
	snprintf(word, sizeof(word), "[%.*s%s]", (int)strcspn(title, " "), title,
		 strchr(title, ' ') ? " ADDRESS" : "");
	conf_suggest(word, valid, n, why);
	conf_complain(p, p->line, "[%s]: is not a section (%s)", title, why);
}

bool conf_is_nai(const char *s)
{
	const char *at = strchr(s, '@');

	for (const char *c = s; *c; c++)
		if (*c <= ' ' || *c >= 0x7f)
			return false;
	return at && at != s && at[1] && strlen(s) < CONF_NAME_MAX;
}

/* What stands behind the kind of a section. */
struct title {
	uint32_t addr; /* 0: it is the name */
	const char *text;
};

static bool read_title(struct parse *p, const struct conf_section *s, struct title *t)
{
	if (addr_parse(t->text, &t->addr))
		return true;
	t->addr = 0;
	if (s->named && conf_is_nai(t->text))
		return true;
	conf_complain(p, p->line,
		      "[%s]: \"%s\" is not an IPv4 address%s (expected for example "
		      "[%.*s192.0.2.1])",
		      p->title, t->text, s->named ? " or a name like user@example.net" : "",
		      (int)strcspn(s->name, "*"), s->name);
	return false;
}

static bool same_title(const struct conf_section *s, const char *element, const struct title *t)
{
	uint32_t addr;

	memcpy(&addr, element + s->addr_offset, sizeof(addr));
	return addr == t->addr && (addr || !strcmp(element + s->name_offset, t->text));
}

/* FNV-1a, of the address or else of the name. */
static size_t hash(const struct title *t)
{
	size_t n = t->addr ? sizeof(t->addr) : strlen(t->text);
	const char *b = t->addr ? (const char *)&t->addr : t->text;
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (uint8_t)b[i]) * 1099511628211u;
	return (size_t)(h ^ h >> 29);
}

static struct title title_of(const struct conf_section *s, const char *element)
{
	struct title t = { .text = s->named ? element + s->name_offset : "" };

	memcpy(&t.addr, element + s->addr_offset, sizeof(t.addr));
	return t;
}

/* Its slot, or the empty one where it belongs. */
static uint32_t *slot(const struct titles *k, const struct conf_section *s, const char *array,
		      const struct title *t)
{
	size_t i = hash(t);

	while (k->slot[i & k->mask] &&
	       !same_title(s, array + (k->slot[i & k->mask] - 1) * s->element_size, t))
		i++;
	return &k->slot[i & k->mask];
}

void conf_titles_free(struct parse *p)
{
	for (size_t i = 0; i < p->spec->n_sections; i++)
		free(p->titles[i].slot);
	free(p->titles);
}

#define FEW 16u /* elements, and then twice as many, and again */

/* Room for one more than count.  What it outgrew may have had keys. */
static void grow(struct titles *k, const struct conf_section *s, char **array, unsigned count)
{
	size_t room = (size_t)count * 2 < s->max ? (size_t)count * 2 : s->max;
	char *more;

	if (k->slot && (count < FEW || count & (count - 1)))
		return;
	if (!count)
		room = FEW < s->max ? FEW : s->max;
	more = calloc(room, s->element_size);
	free(k->slot);
	k->mask = 4 * FEW - 1;
	while (k->mask < room * 2)
		k->mask = k->mask * 2 + 1;
	k->slot = calloc(k->mask + 1, sizeof(*k->slot));
	if (!more || !k->slot)
		fatal("configuration: no memory");
	if (*array) {
		memcpy(more, *array, count * s->element_size);
		explicit_bzero(*array, count * s->element_size);
	}
	free(*array);
	*array = more;
	for (unsigned i = 0; i < count; i++) {
		struct title t = title_of(s, more + i * s->element_size);

		*slot(k, s, more, &t) = i + 1;
	}
}

/* Fills the next element of a repeated section; NULL: refused and said. */
static char *new_element(struct parse *p, const struct conf_section *s, const char *text)
{
	unsigned *count = (unsigned *)(void *)(p->conf + s->count_offset);
	struct titles *k = &p->titles[s - p->spec->sections];
	struct title t = { .text = text };
	char *array, *element;

	if (!read_title(p, s, &t))
		return NULL;
	memcpy(&array, p->conf + s->array_offset, sizeof(array));
	if (k->slot && *slot(k, s, array, &t)) {
		conf_complain(p, p->line, "[%s]: stands in %s already (join the two)", p->title,
			      p->in_folder ? "another file, or in this one," : "the file");
		return NULL;
	}
	if (*count == s->max) {
		conf_complain(p, p->line,
			      "[%s]: is one section too many (expected at most %u of its kind)",
			      p->title, s->max);
		return NULL;
	}
	grow(k, s, &array, *count);
	memcpy(p->conf + s->array_offset, &array, sizeof(array));
	*slot(k, s, array, &t) = *count + 1;
	element = array + (*count)++ * s->element_size;
	conf_presets(p->spec, s->name, p->dir, element);
	memcpy(element + s->addr_offset, &t.addr, sizeof(t.addr));
	if (!t.addr)
		snprintf(element + s->name_offset, CONF_NAME_MAX, "%s", text);
	return element;
}

static const struct conf_section *find_section(const struct conf_spec *spec, const char *title,
					       const char **addr)
{
	for (size_t i = 0; i < spec->n_sections; i++) {
		const struct conf_section *s = &spec->sections[i];
		size_t plain = strcspn(s->name, "*");

		*addr = "";
		if (!s->name[plain] && !strcmp(s->name, title))
			return s;
		if (!s->name[plain] || strncmp(s->name, title, plain - 1))
			continue;
		title += plain - 1; /* "Agent" and its blank */
		if (*title && *title != ' ') {
			title -= plain - 1;
			continue;
		}
		*addr = title + strspn(title, " \t");
		return s;
	}
	return NULL;
}

void conf_open_section(struct parse *p, char *text)
{
	char *end = strchr(text, ']');
	const struct conf_section *s;
	const char *addr;
	size_t index;

	conf_finish_section(p);
	p->any_section = true;
	if (!end || (end[1] && !strchr(";#", end[1 + strspn(end + 1, " \t")]))) {
		conf_complain(p, p->line, "\"%s\" is not a section heading (expected [NAME])",
			 conf_printable(text));
		return;
	}
	*end = '\0';
	snprintf(p->title, sizeof(p->title), "%s", conf_printable(text + 1));
	p->title_line = p->line;
	s = find_section(p->spec, p->title, &addr);
	if (!s) {
		unknown_section(p, p->title);
		return;
	}
	index = (size_t)(s - p->spec->sections);
	p->base = p->conf;
	if (repeated(s)) {
		p->base = new_element(p, s, addr);
		if (!p->base)
			return;
	} else if (p->in_folder) {
		conf_complain(p, p->line, "[%s]: belongs into %s itself", p->title, p->main);
		return;
	} else if (p->first_at[index]) {
		conf_complain(p, p->line, "[%s]: stands in line %u already (join the two)",
			      p->title, p->first_at[index]);
		return;
	}
	p->first_at[index] = p->line;
	p->section = s;
	if (s->present_offset != SIZE_MAX)
		*(bool *)(p->conf + s->present_offset) = true;
}

