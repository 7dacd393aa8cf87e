/* SPDX-License-Identifier: MIT */
#include "client/event_text.h"

#include "common/cli.h"

#include <stdio.h>
#include <string.h>

const char *safe_text(char buf[SAFE_MAX], const char *s)
{
	size_t n = 0;

	for (; s[n] != '\0' && n + 1 < SAFE_MAX; n++) {
		unsigned char c = (unsigned char)s[n], next = (unsigned char)s[n + 1];

		/* C0; and C1, which some terminals obey, too */
		buf[n] = c < 0x20 || c == 0x7f || (c == 0xc2 && next < 0xa0) ? '?' : s[n];
		if (c == 0xc2 && next < 0xa0 && next != '\0' && n + 2 < SAFE_MAX)
			buf[++n] = '?';
	}
	buf[n] = '\0';
	return buf;
}

void lost_text(const json_t *report, char out[OUTCOME_TEXT_MAX])
{
	const json_t *down = json_object_get(report, "downlink");

	if (cli_has(down, "lost"))
		snprintf(out, OUTCOME_TEXT_MAX, "%lld lost", cli_int(down, "lost"));
	else
		snprintf(out, OUTCOME_TEXT_MAX, "loss not known");
}

void gap_text(const json_t *report, char out[OUTCOME_TEXT_MAX])
{
	if (cli_has(report, "gap_ms"))
		snprintf(out, OUTCOME_TEXT_MAX, "gap %.1f ms", cli_num(report, "gap_ms"));
	else
		snprintf(out, OUTCOME_TEXT_MAX, "gap not known");
}

static const char *or_dash(const json_t *o, const char *key)
{
	return cli_has(o, key) ? cli_str(o, key) : "-";
}

static void done_text(const json_t *e, char out[EVENT_TEXT_MAX])
{
	const json_t *r = json_object_get(e, "report");
	char lost[OUTCOME_TEXT_MAX];

	lost_text(r, lost); /* the gap comes with the first packet, which may be later */
	snprintf(out, EVENT_TEXT_MAX, "handoff %lld %s (%s), %s", cli_int(e, "number"),
		 cli_str(e, "result"), cli_str(r, "flow"), lost);
}

static void step_text(const json_t *e, char out[EVENT_TEXT_MAX])
{
	char gap[OUTCOME_TEXT_MAX] = "";

	if (cli_has(e, "gap_ms"))
		gap_text(e, gap);
	snprintf(out, EVENT_TEXT_MAX, "%10.1f ms  %s%s%s", cli_num(e, "ms"), cli_str(e, "step"),
		 gap[0] ? ", " : "", gap);
}

void event_text(const json_t *e, char out[EVENT_TEXT_MAX])
{
	const char *name = cli_str(e, "event");
	char ssid[SAFE_MAX];

	if (strcmp(name, "Link_Parameters_Report") == 0)
		snprintf(out, EVENT_TEXT_MAX, "signal %lld dBm, smoothed %lld (%s)",
			 cli_int(e, "dbm"), cli_int(e, "smoothed"), cli_str(e, "rule"));
	else if (strcmp(name, "Link_Handover_Imminent") == 0)
		snprintf(out, EVENT_TEXT_MAX, "handoff %lld to %s: %s", cli_int(e, "number"),
			 or_dash(json_object_get(e, "to"), "bssid"), cli_str(e, "trigger"));
	else if (strcmp(name, "handoff-step") == 0)
		step_text(e, out);
	else if (strcmp(name, "Link_Handover_Complete") == 0)
		done_text(e, out);
	else if (strcmp(name, "Link_Up") == 0)
		snprintf(out, EVENT_TEXT_MAX, "attached to %s \"%s\"", or_dash(e, "bssid"),
			 safe_text(ssid, cli_str(e, "ssid")));
	else if (strcmp(name, "registered") == 0)
		snprintf(out, EVENT_TEXT_MAX, "registered through %s, care-of %s, lifetime %lld s",
			 or_dash(e, "agent"), or_dash(e, "care_of"), cli_int(e, "lifetime_s"));
	else
		snprintf(out, EVENT_TEXT_MAX, "%s", safe_text(ssid, name));
}
