/* SPDX-License-Identifier: MIT */
#include "common/conf_value.h"

#include <string.h>

/* ---- networks, one and lists of them ---- */

#define PREFIX_STRLEN (ADDR_STRLEN + 3) /* 203.0.113.128/25 */

int conf_prefix_parse(const char *s, struct conf_prefix *out, char why[CONF_WHY_MAX])
{
	const char *slash = strchr(s, '/');
	char head[ADDR_STRLEN], net[ADDR_STRLEN];
	uint32_t addr, mask;
	unsigned len = 0;

	if (!slash || (size_t)(slash - s) >= sizeof(head))
		goto bad;
	memcpy(head, s, (size_t)(slash - s));
	head[slash - s] = '\0';
	s = slash + 1;
	if (!*s || strlen(s) > 2)
		goto bad;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			goto bad;
		len = len * 10 + (unsigned)(*s - '0');
	}
	if (len > 32 || !addr_parse(head, &addr))
		goto bad;
	mask = len ? 0xffffffffu << (32 - len) : 0;
	if (addr & ~mask)
		return conf_refuse(why, "has host bits set (expected \"%s/%u\")",
				   addr_fmt(net, addr & mask), len);
	*out = (struct conf_prefix){ .net = addr, .len = (uint8_t)len };
	return 0;
bad:
	return conf_refuse(why, "is not a network (expected for example \"10.99.0.0/24\")");
}

static const char *prefix_fmt(char buf[PREFIX_STRLEN], const struct conf_prefix *p)
{
	char net[ADDR_STRLEN];

	snprintf(buf, PREFIX_STRLEN, "%s/%u", addr_fmt(net, p->net), p->len);
	return buf;
}

bool conf_prefix_within(const struct conf_prefix *a, const struct conf_prefix *b)
{
	return b->len >= a->len && (!a->len || !((a->net ^ b->net) >> (32 - a->len)));
}

/* Behind those before it; the word is len bytes of s. */
static int add_prefix(struct conf_prefixes *list, const char *s, size_t len, char why[CONF_WHY_MAX])
{
	char word[PREFIX_STRLEN], other[PREFIX_STRLEN], reason[CONF_WHY_MAX];
	struct conf_prefix p = { .len = 0 };

	snprintf(word, sizeof(word), "%.*s", (int)len, s);
	if (len >= sizeof(word))
		return conf_refuse(why, "has %s..., which is not a network", word);
	if (conf_prefix_parse(word, &p, reason) < 0)
		return conf_refuse(why, "has %s, which %s", word, reason);
	if (!p.len)
		return conf_refuse(why, "has 0.0.0.0/0, which is everything");
	for (unsigned i = 0; i < list->n; i++) {
		const struct conf_prefix *q = &list->p[i];

		if (!conf_prefix_within(q, &p) && !conf_prefix_within(&p, q))
			continue;
		return q->len == p.len
			       ? conf_refuse(why, "has %s twice", word)
			       : conf_refuse(why, "has %s and %s, which overlap (take one out)",
					     prefix_fmt(other, q), word);
	}
	if (list->n == CONF_PREFIXES_MAX)
		return conf_refuse(why, "has too many networks (expected at most %d)",
				   CONF_PREFIXES_MAX);
	list->p[list->n++] = p;
	return 0;
}

int conf_prefixes_parse(const struct conf_key *k, const char *s, struct conf_prefixes *out,
			char why[CONF_WHY_MAX])
{
	struct conf_prefixes list = { .n = 0 };
	bool empty = !strcmp(s, k->words);
	size_t len;

	for (s += strspn(s, " \t"); *s && !empty; s += len + strspn(s + len, " \t")) {
		len = strcspn(s, " \t");
		if (add_prefix(&list, s, len, why) < 0)
			return -1;
	}
	if (!list.n && !empty)
		return conf_refuse(why, "is empty (expected \"%s\", or for example "
					"\"10.0.0.0/8 192.0.2.0/24\")",
				   k->words);
	*out = list;
	return 0;
}

void conf_prefixes_format(const struct conf_prefixes *list, const char *empty,
			  char out[CONF_PREFIXES_TEXT])
{
	char text[PREFIX_STRLEN];
	size_t used = 0;

	if (!list->n)
		snprintf(out, CONF_PREFIXES_TEXT, "%s", empty);
	for (unsigned i = 0; i < list->n; i++)
		used += (size_t)snprintf(out + used, CONF_PREFIXES_TEXT - used, "%s%s",
					 i ? " " : "", prefix_fmt(text, &list->p[i]));
}
