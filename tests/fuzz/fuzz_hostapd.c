/* SPDX-License-Identifier: MIT */
/* What hostapd says: its events, and its list of stations. */
#include "agent/hostapd_parse.h"
#include "agent/stations.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stations *here = NULL;
	const uint8_t *end = data + size;
	struct hostapd_line line;
	struct mac mac;
	bool open;

	while (data < end) {
		const uint8_t *stop = memchr(data, 0, (size_t)(end - data));
		char *text = fuzz_text(data, (size_t)((stop ? stop : end) - data));

		data = stop ? stop + 1 : end;
		hostapd_parse_event(text, &line);
		if (line.said == HOSTAPD_SAID_JOINED)
			stations_join(&here, &line.mac, line.mac.b[5] & 3);
		else if (line.said == HOSTAPD_SAID_LEFT)
			stations_leave(&here, &line.mac, line.mac.b[5] & 3);
		else if (line.said == HOSTAPD_SAID_ENDING)
			stations_move(here, 0, 1);
		if (hostapd_parse_station(text, &mac, &open) && open)
			stations_join(&here, &mac, 2);
		free(text);
	}
	for (unsigned i = 0; i < 4; i++)
		while (stations_take(&here, i, &mac))
			;
	assert(!here);
	return 0;
}
