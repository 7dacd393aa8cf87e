/* SPDX-License-Identifier: MIT */
#include "common/conf_value.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct unit {
	const char *name;
	int64_t factor;
};

/* Largest first; each table ends with factor 1, so that every number has a form. */
static const struct unit time_units[] = {
	{ "h", SEC(3600) }, { "min", SEC(60) }, { "s", SEC(1) },
	{ "ms", MSEC(1) },  { "us", 1 },	{ 0 },
};
static const struct unit size_units[] = {
	{ "GiB", 1 << 30 }, { "MiB", 1 << 20 }, { "KiB", 1 << 10 }, { "B", 1 }, { 0 },
};

int conf_refuse(char why[CONF_WHY_MAX], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, CONF_WHY_MAX, fmt, ap);
	va_end(ap);
	return -1;
}

static bool quantity_parse(const char *s, const struct unit *units, int64_t *out)
{
	int64_t n = 0;

	if (*s < '0' || *s > '9')
		return false;
	for (; *s >= '0' && *s <= '9'; s++) {
		if (n > (INT64_MAX - 9) / 10)
			return false;
		n = n * 10 + (*s - '0');
	}
	s += strspn(s, " \t");
	for (; units->name; units++) {
		if (strcmp(s, units->name))
			continue;
		if (n > INT64_MAX / units->factor)
			return false;
		*out = n * units->factor;
		return true;
	}
	return false;
}

static void quantity_format(int64_t n, const struct unit *units, const char *zero, char *buf,
			    size_t size)
{
	if (!n) {
		snprintf(buf, size, "0 %s", zero);
		return;
	}
	while (n % units->factor)
		units++;
	snprintf(buf, size, "%lld %s", (long long)(n / units->factor), units->name);
}

void conf_number_format(const struct conf_key *k, int64_t n, char *buf, size_t size)
{
	if (k->type == CONF_DURATION)
		quantity_format(n, time_units, "s", buf, size);
	else if (k->type == CONF_SIZE)
		quantity_format(n, size_units, "B", buf, size);
	else
		snprintf(buf, size, "%lld", (long long)n);
}

static int range_check(const struct conf_key *k, int64_t n, char why[CONF_WHY_MAX])
{
	char min[32], max[32];

	if ((!k->min && !k->max) || (n >= k->min && n <= k->max))
		return 0;
	conf_number_format(k, k->min, min, sizeof(min));
	conf_number_format(k, k->max, max, sizeof(max));
	return conf_refuse(why, "is out of range (expected %s to %s)", min, max);
}

int conf_int_parse(const struct conf_key *k, const char *s, int *out, char why[CONF_WHY_MAX])
{
	char *end;
	long n;

	errno = 0;
	n = strtol(s, &end, 10);
	if (end == s || *end || errno || n < INT32_MIN || n > INT32_MAX) {
		if (!k->min && !k->max)
			return conf_refuse(why, "is not a whole number");
		return conf_refuse(why, "is not a whole number (expected %lld to %lld)",
				   (long long)k->min, (long long)k->max);
	}
	if (range_check(k, n, why))
		return -1;
	*out = (int)n;
	return 0;
}

int conf_duration_parse(const struct conf_key *k, const char *s, mtime *out, char why[CONF_WHY_MAX])
{
	int64_t n;

	if (!quantity_parse(s, time_units, &n))
		return conf_refuse(why, "is not a duration (expected for example \"8 s\" or \"200 "
					"ms\")");
	if (range_check(k, n, why))
		return -1;
	*out = n;
	return 0;
}

int conf_size_parse(const struct conf_key *k, const char *s, uint64_t *out, char why[CONF_WHY_MAX])
{
	int64_t n;

	if (!quantity_parse(s, size_units, &n))
		return conf_refuse(why, "is not a size (expected for example \"4 MiB\", \"64 KiB\" "
					"or \"1500 B\")");
	if (range_check(k, n, why))
		return -1;
	*out = (uint64_t)n;
	return 0;
}

int conf_limits_parse(const char *s, struct conf_limits *out, char why[CONF_WHY_MAX])
{
	static const struct unit packets[] = { { "packets", 1 }, { "packet", 1 }, { 0 } };
	const char *comma = strchr(s, ',');
	int64_t n, bytes;
	char head[32];

	if (!comma || (size_t)(comma - s) >= sizeof(head))
		goto bad;
	memcpy(head, s, (size_t)(comma - s));
	head[comma - s] = '\0';
	for (char *e = head + strlen(head); e > head && (e[-1] == ' ' || e[-1] == '\t'); e--)
		e[-1] = '\0';
	comma++;
	comma += strspn(comma, " \t");
	if (!quantity_parse(head, packets, &n) || !quantity_parse(comma, size_units, &bytes) ||
	    n < 1 || n > UINT32_MAX || bytes < 1)
		goto bad;
	out->packets = (uint32_t)n;
	out->bytes = (uint64_t)bytes;
	return 0;
bad:
	return conf_refuse(why, "is not a pair of limits (expected for example \"2048 packets, 4 "
				"MiB\")");
}

void conf_limits_format(const struct conf_limits *limits, char *buf, size_t size)
{
	char bytes[32];

	quantity_format((int64_t)limits->bytes, size_units, "B", bytes, sizeof(bytes));
	snprintf(buf, size, "%u packets, %s", limits->packets, bytes);
}
