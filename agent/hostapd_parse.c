/* SPDX-License-Identifier: MIT */
#include "agent/hostapd_parse.h"

#include <string.h>

#define MAC_CHARS 17

static const struct {
	const char *prefix;
	enum hostapd_said said;
} events[] = {
	{ "AP-STA-CONNECTED ", HOSTAPD_SAID_JOINED },
	{ "AP-STA-DISCONNECTED ", HOSTAPD_SAID_LEFT },
	{ "AP-DISABLED", HOSTAPD_SAID_ENDING },
	{ "CTRL-EVENT-TERMINATING", HOSTAPD_SAID_ENDING },
};

/* 17 characters, and then a blank or nothing. */
static bool mac_at(const char *s, struct mac *out)
{
	char text[MAC_STRLEN];

	if (strnlen(s, MAC_CHARS) < MAC_CHARS || (s[MAC_CHARS] && !strchr(" \n", s[MAC_CHARS])))
		return false;
	memcpy(text, s, MAC_CHARS);
	text[MAC_CHARS] = '\0';
	return mac_parse(text, out);
}

void hostapd_parse_event(const char *line, struct hostapd_line *out)
{
	const char *close = line[0] == '<' ? strchr(line, '>') : NULL;

	*out = (struct hostapd_line){ .said = HOSTAPD_SAID_NOTHING };
	for (size_t i = 0; close && i < sizeof(events) / sizeof(events[0]); i++) {
		size_t n = strlen(events[i].prefix);

		if (strncmp(close + 1, events[i].prefix, n))
			continue;
		if (events[i].said == HOSTAPD_SAID_ENDING || mac_at(close + 1 + n, &out->mac))
			out->said = events[i].said;
		return;
	}
}

bool hostapd_parse_station(const char *text, struct mac *mac, bool *open)
{
	const char *flags = strstr(text, "\nflags="), *end;
	const char *word = flags ? strstr(flags, "[AUTHORIZED]") : NULL;

	if (!mac_at(text, mac))
		return false;
	end = flags ? strchr(flags + 1, '\n') : NULL;
	*open = word && (!end || word < end);
	return true;
}
