/* SPDX-License-Identifier: MIT */
#include "common/addr.h"

#include <stdio.h>
#include <string.h>

bool mac_equal(const struct mac *a, const struct mac *b)
{
	return !memcmp(a->b, b->b, sizeof(a->b));
}

bool mac_is_zero(const struct mac *m)
{
	static const struct mac zero;

	return mac_equal(m, &zero);
}

bool addr_is_multicast(uint32_t addr)
{
	return addr >> 28 == 0xe;
}

bool addr_is_unicast(uint32_t addr)
{
	uint32_t net = addr >> 24;

	return net != 0 && net != 127 && net < 224;
}

char *addr_fmt(char buf[ADDR_STRLEN], uint32_t addr)
{
	snprintf(buf, ADDR_STRLEN, "%u.%u.%u.%u", addr >> 24, addr >> 16 & 255, addr >> 8 & 255,
		 addr & 255);
	return buf;
}

char *mac_fmt(char buf[MAC_STRLEN], const struct mac *m)
{
	snprintf(buf, MAC_STRLEN, "%02x:%02x:%02x:%02x:%02x:%02x", m->b[0], m->b[1], m->b[2],
		 m->b[3], m->b[4], m->b[5]);
	return buf;
}

/* One decimal octet without leading zeros (some readers take those for octal); NULL: none here. */
static const char *octet(const char *s, uint32_t *out)
{
	const char *start = s;
	uint32_t v = 0;

	for (; *s >= '0' && *s <= '9' && s - start < 3; s++)
		v = v * 10 + (uint32_t)(*s - '0');
	if (s == start || v > 255 || (*start == '0' && s - start > 1))
		return NULL;
	*out = v;
	return s;
}

bool addr_parse(const char *s, uint32_t *out)
{
	uint32_t addr = 0, v;

	for (int i = 0; i < 4; i++) {
		if (i && *s++ != '.')
			return false;
		s = octet(s, &v);
		if (!s)
			return false;
		addr = addr << 8 | v;
	}
	if (*s)
		return false;
	*out = addr;
	return true;
}

int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool mac_parse(const char *s, struct mac *out)
{
	struct mac m;

	for (int i = 0; i < 6; i++) {
		int high, low;

		if (i && *s++ != ':')
			return false;
		high = hex_digit(s[0]);
		low = high < 0 ? -1 : hex_digit(s[1]);
		if (low < 0)
			return false;
		m.b[i] = (uint8_t)(high << 4 | low);
		s += 2;
	}
	if (*s)
		return false;
	*out = m;
	return true;
}
