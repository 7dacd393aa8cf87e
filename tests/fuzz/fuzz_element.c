/* SPDX-License-Identifier: MIT */
/* 802.11 elements, as bytes; and neighbour reports, by their numbers. */
#include "client/wifi_parse.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct radio_bss b = {.load_q8 = 77, .stations = 7777};
	char *hex = malloc(2 * size + 4), *at = hex, *plain = fuzz_text(data, size), line[200];
	struct radio_neighbour n;

	assert(hex);
	at += sprintf(at, "ie=");
	for (size_t i = 0; i < size; i++)
		at += sprintf(at, "%02x", data[i]);
	if (!wifi_parse_load(hex, &b))
		assert(!b.has_load && b.load_q8 == 77 && b.stations == 7777);
	else
		assert(b.has_load);
	wifi_parse_load(plain, &b);
	wifi_parse_neighbour(plain, &n);
	if (size >= 8) {
		snprintf(line, sizeof(line),
			 "x bssid=%02x:%02x:%02x:%02x:%02x:%02x info=0 op_class=%u chan=%u",
			 data[0], data[1], data[2], data[3], data[4], data[5], data[6], data[7]);
		if (wifi_parse_neighbour(line, &n))
			assert(n.freq_mhz && n.freq_mhz == wifi_channel_mhz(data[6], data[7]));
	}
	free(plain);
	free(hex);
	return 0;
}
