/* SPDX-License-Identifier: MIT */
#include "client/wifi_parse.h"

#include "common/bytes.h"

#include <string.h>

#define ELEMENT_BSS_LOAD 11
#define BSS_LOAD_LEN 5
#define ELEMENTS_MAX 2304 /* the largest management frame */

static size_t from_hex(const char *s, uint8_t *out, size_t size)
{
	size_t n = 0;

	while (n < size) {
		int high = hex_digit(s[0]), low = high < 0 ? -1 : hex_digit(s[1]);

		if (low < 0)
			break;
		out[n++] = (uint8_t)(high << 4 | low);
		s += 2;
	}
	return n;
}

static bool load_of(struct rbuf elements, struct radio_bss *out)
{
	while (elements.left) {
		uint8_t id = rb_u8(&elements);
		struct rbuf e = rb_take(&elements, rb_u8(&elements));
		unsigned low, high;

		if (!rb_ok(&elements))
			return false;
		if (id != ELEMENT_BSS_LOAD)
			continue;
		if (e.left != BSS_LOAD_LEN)
			return false;
		low = rb_u8(&e);
		high = rb_u8(&e);
		out->stations = (uint16_t)(high << 8 | low);
		out->load_q8 = rb_u8(&e);
		out->has_load = true;
		return true;
	}
	return false;
}

bool wifi_parse_load(const char *text, struct radio_bss *out)
{
	const char *at = strncmp(text, "ie=", 3) ? strstr(text, "\nie=") : text;
	uint8_t elements[ELEMENTS_MAX];

	if (!at)
		return false;
	at = strchr(at, '=') + 1;
	return load_of(rb_init(elements, from_hex(at, elements, sizeof(elements))), out);
}

uint16_t wifi_channel_mhz(unsigned op_class, unsigned channel)
{
	if (channel == 0 || channel > 233 || op_class > 137)
		return 0;
	if (op_class == 136 && channel == 2)
		return 5935;
	if (op_class >= 131 && op_class <= 137)
		return (uint16_t)(5950 + 5 * channel);
	if (channel <= 13)
		return (uint16_t)(2407 + 5 * channel);
	if (channel == 14)
		return 2484;
	return channel >= 36 && channel <= 177 ? (uint16_t)(5000 + 5 * channel) : 0;
}
