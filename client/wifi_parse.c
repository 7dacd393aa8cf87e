/* SPDX-License-Identifier: MIT */
#include "client/wifi_parse.h"

#include "client/radio_rank.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define MAC_CHARS 17
#define BEACON_INTERVAL ((mtime)102400)
#define TRANSITION_WITHIN SEC(10) /* where it is not told, or far away */

static const struct {
	const char *prefix;
	enum wifi_said said;
} events[] = {
	{ "CTRL-EVENT-CONNECTED ", WIFI_SAID_CONNECTED },
	{ "CTRL-EVENT-DISCONNECTED ", WIFI_SAID_DISCONNECTED },
	{ "SME: Trying to authenticate with ", WIFI_SAID_AUTHENTICATING },
	{ "Trying to associate with ", WIFI_SAID_ASSOCIATING },
	{ "Associated with ", WIFI_SAID_ASSOCIATED },
	{ "CTRL-EVENT-AUTH-REJECT ", WIFI_SAID_REJECTED },
	{ "CTRL-EVENT-ASSOC-REJECT ", WIFI_SAID_REJECTED },
	{ "CTRL-EVENT-SCAN-RESULTS", WIFI_SAID_SCAN_DONE },
	{ "CTRL-EVENT-SCAN-FAILED", WIFI_SAID_SCAN_FAILED },
	{ "CTRL-EVENT-BEACON-LOSS", WIFI_SAID_BEACON_LOSS },
	{ "CTRL-EVENT-TERMINATING", WIFI_SAID_TERMINATING },
	{ "RRM-NEIGHBOR-REP-RECEIVED ", WIFI_SAID_NEIGHBOUR },
	{ "WNM: Preferred List Available", WIFI_SAID_TRANSITION_LISTED },
	{ "WNM: Disassociation Imminent - Disassociation Timer ", WIFI_SAID_IMMINENT },
	{ "WNM: BSS Transition Management Request did not include candidates",
	  WIFI_SAID_TRANSITION },
};

static bool starts(const char *s, const char *prefix, const char **rest)
{
	size_t n = strlen(prefix);

	if (strncmp(s, prefix, n))
		return false;
	*rest = s + n;
	return true;
}

/* The first 17 characters are an address; what follows does not matter. */
static bool mac_at(const char *s, struct mac *out)
{
	char text[MAC_STRLEN];

	if (strnlen(s, MAC_CHARS) < MAC_CHARS)
		return false;
	memcpy(text, s, MAC_CHARS);
	text[MAC_CHARS] = '\0';
	return mac_parse(text, out);
}

static bool number_at(const char *s, long low, long high, long *out)
{
	char *end;
	long v = strtol(s, &end, 10);

	if (end == s || v < low || v > high)
		return false;
	*out = v;
	return true;
}

static int field(const char *s, const char *name)
{
	const char *at = strstr(s, name);
	long v;

	return at && number_at(at + strlen(name), 0, 65535, &v) ? (int)v : 0;
}

/*
 * A BSS Transition Management Request (IEEE 802.11-2020, 9.6.13.9).  Its timer counts beacon
 * intervals, whose length the supplicant does not tell: 100 time units nearly everywhere.
 */
static void transition(struct wifi_line *l, const char *rest)
{
	long intervals;

	l->asked.listed = l->said == WIFI_SAID_TRANSITION_LISTED;
	l->asked.imminent = l->said == WIFI_SAID_IMMINENT;
	l->asked.within = TRANSITION_WITHIN;
	if (l->asked.imminent && number_at(rest, 1, UINT16_MAX, &intervals))
		l->asked.within = mtime_min(intervals * BEACON_INTERVAL, TRANSITION_WITHIN);
	l->said = WIFI_SAID_TRANSITION;
}

void wifi_parse_event(const char *line, struct wifi_line *out)
{
	const char *close = line[0] == '<' ? strchr(line, '>') : NULL;
	const char *rest = "";

	*out = (struct wifi_line){ .network = -1, .text = close ? close + 1 : line };
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		if (starts(out->text, events[i].prefix, &rest)) {
			out->said = events[i].said;
			break;
		}
	}
	if (out->said == WIFI_SAID_CONNECTED)
		starts(rest, "- Connection to ", &rest);
	starts(rest, "bssid=", &rest);
	mac_at(rest, &out->bssid);
	if (out->said == WIFI_SAID_CONNECTED && strstr(rest, " [id="))
		out->network = field(rest, " [id=");
	if (out->said == WIFI_SAID_DISCONNECTED) {
		out->reason = field(rest, " reason=");
		out->local = strstr(rest, " locally_generated=1");
	} else if (out->said == WIFI_SAID_REJECTED) {
		out->reason = field(rest, " status_code=");
	} else if (out->said >= WIFI_SAID_TRANSITION) {
		transition(out, rest);
	}
}

bool wifi_parse_neighbour(const char *text, struct radio_neighbour *out)
{
	struct radio_neighbour n = { .preference = UINT8_MAX };
	const char *mac = strstr(text, " bssid=");
	int op_class = field(text, " op_class="), channel = field(text, " chan=");

	n.freq_mhz = wifi_channel_mhz((unsigned)op_class, (unsigned)channel);
	if (!mac || !mac_at(mac + strlen(" bssid="), &n.bssid) || mac_is_zero(&n.bssid) ||
	    (n.bssid.b[0] & 1) || !n.freq_mhz)
		return false;
	*out = n;
	return true;
}

/* *s points behind the backslash; moves behind the sequence. */
static int unescape(const char **s)
{
	static const char names[] = "\"\\enrt", values[] = "\"\\\033\n\r\t";
	char c = *(*s)++;
	const char *at;
	int high, low;

	if (c == 'x') {
		high = hex_digit((*s)[0]);
		low = high < 0 ? -1 : hex_digit((*s)[1]);
		if (low < 0)
			return -1;
		*s += 2;
		return high << 4 | low;
	}
	at = c ? strchr(names, c) : NULL;
	return at ? (unsigned char)values[at - names] : -1;
}

bool wifi_parse_ssid(const char *s, struct radio_bss *out)
{
	uint8_t ssid[SSID_MAX] = { 0 };
	uint8_t n = 0;

	while (*s && *s != '\n') {
		int c = (unsigned char)*s++;

		if (c == '\\')
			c = unescape(&s);
		if (c < 0 || n == SSID_MAX)
			return false;
		ssid[n++] = (uint8_t)c;
	}
	memcpy(out->ssid, ssid, sizeof(out->ssid));
	out->ssid_len = n;
	return true;
}

static const char *next_line(const char *s)
{
	const char *end = strchr(s, '\n');

	return end ? end + 1 : s + strlen(s);
}

bool wifi_parse_status(const char *text, struct radio_bss *out, int *network)
{
	struct radio_bss b = { 0 };
	bool completed = false, bssid = false, ssid = false;
	const char *v;
	long n;

	*network = -1;
	for (const char *s = text; *s; s = next_line(s)) {
		if (starts(s, "id=", &v) && number_at(v, 0, INT_MAX, &n))
			*network = (int)n;
		else if (starts(s, "bssid=", &v))
			bssid = mac_at(v, &b.bssid);
		else if (starts(s, "ssid=", &v))
			ssid = wifi_parse_ssid(v, &b);
		else if (starts(s, "freq=", &v) && number_at(v, 1, 65535, &n))
			b.freq_mhz = (uint16_t)n;
		else if (starts(s, "wpa_state=COMPLETED", &v))
			completed = true;
	}
	if (!completed || !bssid || !ssid)
		return false;
	*out = b;
	return true;
}

bool wifi_parse_bgscan(const char *text)
{
	return text[0] == '"' && text[1] && text[1] != '"';
}

static bool weaker(const struct radio_bss *a, const struct radio_bss *b,
		   const struct radio_bss *ours)
{
	bool ours_a = radio_same_ssid(a, ours), ours_b = radio_same_ssid(b, ours);

	return ours_a != ours_b ? ours_b : a->signal_dbm < b->signal_dbm;
}

static void keep(struct wifi_table *t, const struct radio_bss *b, const struct radio_bss *ours)
{
	size_t worst = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (mac_equal(&t->list[i].bssid, &b->bssid) && radio_same_ssid(&t->list[i], b)) {
			t->list[i] = *b;
			return;
		}
	}
	if (t->n < RADIO_BSS_MAX) {
		t->list[t->n++] = *b;
		return;
	}
	for (size_t i = 1; i < t->n; i++)
		if (weaker(&t->list[i], &t->list[worst], ours))
			worst = i;
	if (weaker(&t->list[worst], b, ours))
		t->list[worst] = *b;
}

enum { HAS_BSSID = 1, HAS_FREQ = 2, HAS_LEVEL = 4, HAS_AGE = 8, HAS_SSID = 16, HAS_ALL = 31 };

/* One line of an entry: the bit of what it told. */
static unsigned entry_line(const char *s, mtime now, struct radio_bss *b)
{
	const char *v;
	long n;

	if (starts(s, "bssid=", &v))
		return mac_at(v, &b->bssid) ? HAS_BSSID : 0;
	if (starts(s, "ssid=", &v))
		return wifi_parse_ssid(v, b) ? HAS_SSID : 0;
	if (starts(s, "freq=", &v) && number_at(v, 1, 65535, &n)) {
		b->freq_mhz = (uint16_t)n;
		return HAS_FREQ;
	}
	if (starts(s, "level=", &v) && number_at(v, -127, 20, &n)) {
		b->signal_dbm = (int16_t)n;
		return HAS_LEVEL;
	}
	if (starts(s, "age=", &v) && number_at(v, 0, 1000000, &n)) {
		b->seen = now - SEC(n);
		return HAS_AGE;
	}
	return 0;
}

void wifi_parse_bss(const char *text, const struct radio_bss *ours, mtime now, struct wifi_table *t)
{
	struct radio_bss b = { 0 };
	unsigned has = 0;
	const char *v;
	long n;

	t->any = false;
	t->end = true;
	for (const char *s = text; *s; s = next_line(s)) {
		if (starts(s, "id=", &v) && number_at(v, 0, INT32_MAX, &n)) {
			t->last_id = (unsigned)n;
			t->any = true;
			t->end = false;
		} else if (starts(s, "====", &v) || starts(s, "####", &v)) {
			if (has == HAS_ALL)
				keep(t, &b, ours);
			has = 0;
			t->end = s[0] == '#';
		} else {
			has |= entry_line(s, now, &b);
		}
	}
}
