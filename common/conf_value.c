/* SPDX-License-Identifier: MIT */
#include "common/conf_value.h"

#include "common/log.h"

#include <string.h>

size_t conf_value_size(enum conf_type type)
{
	switch (type) {
	case CONF_ADDR:
		return sizeof(uint32_t);
	case CONF_RANGE:
		return sizeof(struct conf_range);
	case CONF_PREFIX:
		return sizeof(struct conf_prefix);
	case CONF_PREFIXES:
		return sizeof(struct conf_prefixes);
	case CONF_BOOL:
		return sizeof(bool);
	case CONF_INT:
	case CONF_ENUM:
		return sizeof(int);
	case CONF_DURATION:
		return sizeof(mtime);
	case CONF_SIZE:
		return sizeof(uint64_t);
	case CONF_LIMITS:
		return sizeof(struct conf_limits);
	case CONF_STRING:
		return CONF_STRING_MAX;
	case CONF_IFNAME:
		return sizeof(((struct conf_ifnames *)0)->name[0]);
	case CONF_IFNAMES:
		return sizeof(struct conf_ifnames);
	case CONF_MACS:
		return sizeof(struct conf_macs);
	case CONF_KEYFILE:
		return sizeof(struct conf_keyfile);
	case CONF_KEY:
		return sizeof(struct secret);
	case CONF_HOST:
		return sizeof(struct conf_host);
	}
	fatal("configuration: no such type of key (%d)", (int)type);
}

bool conf_value_is_zero(const struct conf_key *k, const void *field)
{
	const unsigned char *p = field;

	for (size_t i = conf_value_size(k->type); i > 0; i--) {
		if (*p++)
			return false;
	}
	return true;
}

static int addr_value(const char *s, uint32_t *out, char why[CONF_WHY_MAX])
{
	if (addr_parse(s, out))
		return 0;
	return conf_refuse(why, "is not an IPv4 address (expected for example \"10.99.0.5\")");
}

static int bool_parse(const char *s, bool *out, char why[CONF_WHY_MAX])
{
	static const char *const words[] = { "no", "yes", "false", "true", "off", "on" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(s, words[i])) {
			*out = i & 1;
			return 0;
		}
	}
	return conf_refuse(why, "is neither yes nor no");
}

static bool ifname_valid(const char *s, size_t len)
{
	if (!len || len > 15 || (len == 1 && *s == '.') || (len == 2 && s[0] == '.' && s[1] == '.'))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (s[i] <= ' ' || s[i] == 0x7f || s[i] == '/' || s[i] == ':')
			return false;
	}
	return true;
}

static int ifname_parse(const char *s, char out[16], char why[CONF_WHY_MAX])
{
	size_t len = strlen(s);

	if (!ifname_valid(s, len))
		return conf_refuse(why, "is not an interface name (expected for example \"wlan0\", "
					"at most 15 characters)");
	memset(out, 0, 16);
	memcpy(out, s, len + 1);
	return 0;
}

static int ifnames_parse(const char *s, struct conf_ifnames *out, char why[CONF_WHY_MAX])
{
	const unsigned room = sizeof(out->name) / sizeof(out->name[0]);
	struct conf_ifnames list = { .n = 0 };

	for (s += strspn(s, " \t"); *s; s += strspn(s, " \t")) {
		size_t len = strcspn(s, " \t");

		if (!ifname_valid(s, len))
			return conf_refuse(why, "is not a list of interface names (expected for "
						"example \"wlan0 wlan1\")");
		if (list.n == room)
			return conf_refuse(why, "names too many interfaces (expected at most %u)",
					   room);
		memcpy(list.name[list.n++], s, len);
		s += len;
	}
	if (!list.n)
		return conf_refuse(why,
				   "names no interface (expected for example \"wlan0 wlan1\")");
	*out = list;
	return 0;
}

static int macs_parse(const char *s, struct conf_macs *out, char why[CONF_WHY_MAX])
{
	const unsigned room = sizeof(out->mac) / sizeof(out->mac[0]);
	struct conf_macs list = { .n = 0 };
	char word[MAC_STRLEN];

	for (s += strspn(s, " \t"); *s; s += strspn(s, " \t")) {
		size_t len = strcspn(s, " \t");

		if (list.n == room)
			return conf_refuse(why, "has too many addresses (expected at most %u)",
					   room);
		snprintf(word, sizeof(word), "%.*s", (int)len, s);
		if (len >= sizeof(word) || !mac_parse(word, &list.mac[list.n++]))
			return conf_refuse(why, "is not a list of hardware addresses (expected for "
						"example \"02:00:00:00:01:00\")");
		s += len;
	}
	if (!list.n)
		return conf_refuse(why, "is empty (expected for example \"02:00:00:00:01:00\")");
	*out = list;
	return 0;
}

static int string_parse(const struct conf_key *k, const char *s, char *out, char why[CONF_WHY_MAX])
{
	size_t len = strlen(s);

	if (len >= CONF_STRING_MAX)
		return conf_refuse(why, "is too long (expected at most %d characters)",
				   CONF_STRING_MAX - 1);
	if (!len && k->required)
		return conf_refuse(why, "is empty (expected: %s)", k->help ? k->help : "some text");
	memset(out, 0, CONF_STRING_MAX);
	memcpy(out, s, len + 1);
	return 0;
}

/* The word number `index` of "a|b|c" and its length; NULL after the last. */
static const char *enum_word(const char *words, int index, size_t *len)
{
	for (;; words++) {
		*len = strcspn(words, "|");
		if (!index--)
			return words;
		words += *len;
		if (!*words)
			return NULL;
	}
}

static int range_parse(const char *s, struct conf_range *out, char why[CONF_WHY_MAX])
{
	size_t n = strcspn(s, "-");
	struct conf_range r;
	char first[ADDR_STRLEN];

	snprintf(first, sizeof(first), "%.*s", (int)(n < sizeof(first) ? n : 0), s);
	while (n < strlen(s) && strlen(first) && first[strlen(first) - 1] == ' ')
		first[strlen(first) - 1] = '\0';
	if (s[n] != '-' || !addr_parse(first, &r.first) ||
	    !addr_parse(s + n + 1 + strspn(s + n + 1, " "), &r.last) || r.first > r.last)
		return conf_refuse(why, "is no range of addresses (expected for example "
					"\"10.99.0.128-10.99.0.191\")");
	*out = r;
	return 0;
}

static int enum_parse(const struct conf_key *k, const char *s, int *out, char why[CONF_WHY_MAX])
{
	const char *word;
	size_t len, used = 0;
	char list[CONF_WHY_MAX - 32] = "";

	for (int i = 0; (word = enum_word(k->words, i, &len)); i++) {
		if (strlen(s) == len && !memcmp(s, word, len)) {
			*out = i;
			return 0;
		}
		if (used + len + 3 > sizeof(list))
			continue;
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%.*s", i ? ", " : "",
					 (int)len, word);
	}
	return conf_refuse(why, "is none of: %s", list);
}

/* Letters somewhere: else it is an address with a slip of the pen. */
bool conf_host_parse(const char *text, struct conf_host *out)
{
	static const char digits[] = "0123456789.";
	static const char valid[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
	size_t n = strlen(text);

	if (n == 0 || n >= sizeof(out->name) || strspn(text, valid) != n || text[0] == '.' ||
	    text[0] == '-' || strstr(text, ".."))
		return false;
	memset(out, 0, sizeof(*out));
	if (strspn(text, digits) == n && !addr_parse(text, &out->addr))
		return false;
	memcpy(out->name, text, n);
	return true;
}

int conf_value_parse(const struct conf_key *k, const char *text, const char *dir, void *field,
		     char why[CONF_WHY_MAX])
{
	switch (k->type) {
	case CONF_ADDR:
		return addr_value(text, field, why);
	case CONF_RANGE:
		return range_parse(text, field, why);
	case CONF_PREFIX:
		return conf_prefix_parse(text, field, why);
	case CONF_PREFIXES:
		return conf_prefixes_parse(k, text, field, why);
	case CONF_BOOL:
		return bool_parse(text, field, why);
	case CONF_INT:
		return conf_int_parse(k, text, field, why);
	case CONF_DURATION:
		return conf_duration_parse(k, text, field, why);
	case CONF_SIZE:
		return conf_size_parse(k, text, field, why);
	case CONF_LIMITS:
		return conf_limits_parse(text, field, why);
	case CONF_STRING:
		return string_parse(k, text, field, why);
	case CONF_IFNAME:
		return ifname_parse(text, field, why);
	case CONF_IFNAMES:
		return ifnames_parse(text, field, why);
	case CONF_MACS:
		return macs_parse(text, field, why);
	case CONF_ENUM:
		return enum_parse(k, text, field, why);
	case CONF_KEYFILE:
		return conf_keyfile_read(text, dir, field, why);
	case CONF_KEY:
		return conf_key_parse(text, field, why);
	case CONF_HOST:
		return conf_host_parse(text, field)
			       ? 0
			       : conf_refuse(why, "is neither an IPv4 address nor a host's name "
						  "(expected for example \"ha.example.net\")");
	}
	fatal("configuration: [%s] %s: no such type of key", k->section, k->key);
}

static void ifnames_format(const struct conf_ifnames *list, char out[CONF_TEXT_MAX])
{
	size_t used = 0;

	out[0] = '\0';
	for (unsigned i = 0; i < list->n; i++)
		used += (size_t)snprintf(out + used, CONF_TEXT_MAX - used, "%s%s", i ? " " : "",
					 list->name[i]);
}

static void macs_format(const struct conf_macs *list, char out[CONF_TEXT_MAX])
{
	char text[MAC_STRLEN];
	size_t used = 0;

	out[0] = '\0';
	for (unsigned i = 0; i < list->n; i++)
		used += (size_t)snprintf(out + used, CONF_TEXT_MAX - used, "%s%s", i ? " " : "",
					 mac_fmt(text, &list->mac[i]));
}

void conf_value_format(const struct conf_key *k, const void *field, char out[CONF_TEXT_MAX])
{
	const struct conf_prefix *prefix = field;
	const struct conf_range *range = field;
	char text[32], other[ADDR_STRLEN];
	const char *word;
	size_t len;

	switch (k->type) {
	case CONF_ADDR:
		snprintf(out, CONF_TEXT_MAX, "%s", addr_fmt(text, *(const uint32_t *)field));
		return;
	case CONF_RANGE:
		snprintf(out, CONF_TEXT_MAX, "%s-%s", addr_fmt(text, range->first),
			 addr_fmt(other, range->last));
		return;
	case CONF_PREFIX:
		snprintf(out, CONF_TEXT_MAX, "%s/%u", addr_fmt(text, prefix->net), prefix->len);
		return;
	case CONF_PREFIXES:
		conf_prefixes_format(field, k->words, out);
		return;
	case CONF_BOOL:
		snprintf(out, CONF_TEXT_MAX, "%s", *(const bool *)field ? "yes" : "no");
		return;
	case CONF_INT:
		conf_number_format(k, *(const int *)field, out, CONF_TEXT_MAX);
		return;
	case CONF_DURATION:
		conf_number_format(k, *(const mtime *)field, out, CONF_TEXT_MAX);
		return;
	case CONF_SIZE:
		conf_number_format(k, (int64_t) * (const uint64_t *)field, out, CONF_TEXT_MAX);
		return;
	case CONF_LIMITS:
		conf_limits_format(field, out, CONF_TEXT_MAX);
		return;
	case CONF_STRING:
	case CONF_IFNAME:
		snprintf(out, CONF_TEXT_MAX, "%s", (const char *)field);
		return;
	case CONF_IFNAMES:
		ifnames_format(field, out);
		return;
	case CONF_MACS:
		macs_format(field, out);
		return;
	case CONF_ENUM:
		word = enum_word(k->words, *(const int *)field, &len);
		snprintf(out, CONF_TEXT_MAX, "%.*s", word ? (int)len : 0, word ? word : "");
		return;
	case CONF_KEYFILE:
		snprintf(out, CONF_TEXT_MAX, "%s", ((const struct conf_keyfile *)field)->path);
		return;
	case CONF_KEY:
		out[0] = '\0';
		return;
	case CONF_HOST:
		snprintf(out, CONF_TEXT_MAX, "%s", ((const struct conf_host *)field)->name);
		return;
	}
	fatal("configuration: [%s] %s: no such type of key", k->section, k->key);
}
