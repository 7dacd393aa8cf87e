/* SPDX-License-Identifier: MIT */
#include "client/show.h"

#include "client/event_text.h"
#include "common/cli.h"

#include <stdio.h>
#include <string.h>

static const char *or_dash(const json_t *o, const char *key)
{
	return cli_has(o, key) ? cli_str(o, key) : "-";
}

static const json_t *get(const json_t *o, const char *key)
{
	return json_object_get(o, key);
}

/* ---- status ---- */

static void show_link(const json_t *o)
{
	char ssid[SAFE_MAX];

	if (!cli_bool(o, "attached")) {
		cli_field("link", "%s, not attached", cli_str(o, "interface"));
		return;
	}
	if (!cli_int(o, "frequency_mhz")) { /* a cable */
		cli_field("link", "%s", cli_str(o, "interface"));
		return;
	}
	cli_field("link", "%s, \"%s\", %s, %lld MHz", cli_str(o, "interface"),
		  safe_text(ssid, cli_str(o, "ssid")), cli_str(o, "bssid"),
		  cli_int(o, "frequency_mhz"));
	if (!cli_has(o, "signal_dbm"))
		cli_field("signal", "not known yet");
	else if (cli_has(o, "time_left_ms"))
		cli_field("signal", "%lld dBm, %+lld dB/s, %.1f s left (%s)",
			  cli_int(o, "signal_dbm"), cli_int(o, "slope_db_s"),
			  cli_num(o, "time_left_ms") / 1000, cli_str(o, "rule"));
	else
		cli_field("signal", "%lld dBm (%s)", cli_int(o, "signal_dbm"), cli_str(o, "rule"));
}

/* Where there is more than one. */
static void show_interfaces(const json_t *list)
{
	char line[160] = "";
	size_t n = 0, i;
	json_t *l;

	json_array_foreach (list, i, l) {
		if (n >= sizeof(line) - 1)
			break;
		n += (size_t)snprintf(line + n, sizeof(line) - n, "%s%s %s%s", n ? ", " : "",
				      cli_str(l, "name"),
				      cli_bool(l, "serves")  ? "serves"
				      : cli_bool(l, "ready") ? "ready"
				      : cli_bool(l, "up")    ? "up"
							     : "down",
				      cli_bool(l, "metered") ? " (metered)" : "");
	}
	if (json_array_size(list) > 1)
		cli_field("interfaces", "%s", line);
}

static void show_binding(const json_t *o)
{
	char left[CLI_TEXT_MAX], of[CLI_TEXT_MAX];

	if (cli_bool(o, "co_located"))
		cli_field("care-of", "%s, our own%s", cli_str(o, "care_of"),
			  cli_bool(o, "udp_tunnel") ? ", in UDP through a NAT" : "");
	else if (cli_has(o, "agent"))
		cli_field("agent", "%s (%s), care-of %s", cli_str(o, "agent"),
			  or_dash(o, "agent_mac"), or_dash(o, "care_of"));
	else
		cli_field("agent", "none");
	if (cli_has(o, "expires_s"))
		cli_field("binding", "%s left of %s%s", cli_duration(left, cli_num(o, "expires_s")),
			  cli_duration(of, cli_num(o, "lifetime_s")),
			  cli_bool(o, "reverse_tunnel") ? ", reverse tunnel" : "");
	else if (cli_has(o, "last_code") && cli_int(o, "last_code") > 1)
		cli_field("binding", "none; the last request was refused with code %lld",
			  cli_int(o, "last_code"));
	else
		cli_field("binding", "none");
}

static void show_buffering(const json_t *o)
{
	const json_t *b = get(o, "buffering"), *up = get(o, "uplink");

	bool home = strcmp(cli_str(b, "by"), "home-agent") == 0;

	cli_field("buffering", "%s%s%s", cli_bool(b, "usable") ? "ready" : "cannot",
		  cli_bool(b, "usable") ? "" : ": ",
		  home ? ", by the home agent" : cli_bool(b, "usable") ? "" : cli_str(b, "why"));
	cli_field("order key", "%s", cli_str(b, "order_key"));
	if (strcmp(cli_str(up, "path"), "agent") == 0)
		cli_field("uplink", "by the agent, %lld dropped", cli_int(up, "dropped"));
	else if (strcmp(cli_str(up, "path"), "tunnel") == 0)
		cli_field("uplink", "by the tunnel to the home agent, %lld dropped",
			  cli_int(up, "dropped"));
	else
		cli_field("uplink", "waiting here, %lld packets, %lld dropped",
			  cli_int(up, "queued"), cli_int(up, "dropped"));
}

static void show_prefixes(const char *label, const json_t *list)
{
	char line[512] = "";
	size_t i, n = 0;
	json_t *s;

	json_array_foreach (list, i, s) {
		const char *text = json_string_value(s);

		if (n >= sizeof(line) - 1)
			break;
		n += (size_t)snprintf(line + n, sizeof(line) - n, "%s%s", i > 0 ? " " : "",
				      strcmp(text, "0.0.0.0/0") == 0 ? "all" : text);
	}
	if (n > 0)
		cli_field(label, "%s", line);
}

static void show_last(const json_t *r)
{
	char lost[OUTCOME_TEXT_MAX], gap[OUTCOME_TEXT_MAX];

	if (!json_is_object(r)) {
		cli_field("last handoff", "none yet");
		return;
	}
	lost_text(r, lost);
	gap_text(r, gap);
	cli_field("last handoff", "%lld, %s %s, to %s, %s, %lld forwarded, %s",
		  cli_int(r, "number"), cli_str(r, "flow"), cli_str(r, "result"),
		  or_dash(get(r, "to"), "bssid"), gap, cli_int(get(r, "downlink"), "forwarded"),
		  lost);
}

static void show_drops(const json_t *drops)
{
	char line[160] = "";
	size_t n = 0;
	const char *name;
	json_t *v;

	json_object_foreach ((json_t *)drops, name, v) {
		if (json_integer_value(v) == 0 || n >= sizeof(line) - 1)
			continue;
		n += (size_t)snprintf(line + n, sizeof(line) - n, "%s%s %lld", n > 0 ? ", " : "",
				      name, (long long)json_integer_value(v));
	}
	if (n > 0)
		cli_field("drops", "%s", line);
}

static void print_status(const json_t *o)
{
	const json_t *list = get(o, "problems");
	size_t i;
	json_t *s;

	cli_field("state", "%s", cli_str(o, "state"));
	cli_field("home address", "%s, home agent %s", or_dash(o, "home_address"),
		  cli_str(o, "home_agent"));
	if (cli_has(o, "nai"))
		cli_field("nai", "%s", cli_str(o, "nai"));
	show_link(o);
	show_interfaces(get(o, "interfaces"));
	show_binding(o);
	show_buffering(o);
	show_prefixes("destinations", get(o, "destinations"));
	show_prefixes("except", get(o, "except"));
	show_last(get(o, "last_handoff"));
	show_drops(get(o, "drops"));
	cli_field("system calls", "%s", cli_bool(o, "system_calls_filtered")
						? "filtered"
						: "not filtered, see the log");
	json_array_foreach (get(o, "missing"), i, s) {
		cli_field("missing", "%s: %s", cli_str(s, "what"), cli_str(s, "cost"));
	}
	json_array_foreach (list, i, s) {
		cli_field("problem", "%s", json_string_value(s));
	}
}

void show_status(const json_t *answer)
{
	print_status(answer);
}

/* ---- reports ---- */

static void show_end(const char *label, const json_t *e)
{
	char ssid[SAFE_MAX], signal[CLI_TEXT_MAX] = "";

	if (cli_has(e, "signal_dbm"))
		snprintf(signal, sizeof(signal), " at %lld dBm", cli_int(e, "signal_dbm"));
	cli_field(label, "%s \"%s\"%s, agent %s, care-of %s", or_dash(e, "bssid"),
		  safe_text(ssid, cli_str(e, "ssid")), signal, or_dash(e, "agent"),
		  or_dash(e, "care_of"));
}

static void ms_text(char buf[CLI_TEXT_MAX], const json_t *o, const char *key)
{
	if (cli_has(o, key))
		snprintf(buf, CLI_TEXT_MAX, "%.1f ms", cli_num(o, key));
	else
		snprintf(buf, CLI_TEXT_MAX, "not known");
}

static void show_steps(const json_t *steps)
{
	double last = 0;
	size_t i;
	json_t *s;

	printf("\n%-14s %12s %14s\n", "step", "ms", "since the last");
	json_array_foreach (steps, i, s) {
		double ms = cli_num(s, "ms");

		printf("%-14s %12.1f %+14.1f\n", cli_str(s, "step"), ms, ms - last);
		last = ms;
	}
}

static void print_report(const json_t *r)
{
	const json_t *g = get(r, "grant"), *up = get(r, "uplink");
	char layer2[CLI_TEXT_MAX], gap[OUTCOME_TEXT_MAX], lost[OUTCOME_TEXT_MAX];

	cli_field("handoff", "%lld, %s, %s%s%s", cli_int(r, "number"), cli_str(r, "flow"),
		  cli_str(r, "result"), cli_str(r, "reason")[0] != '\0' ? ": " : "",
		  cli_str(r, "reason"));
	cli_field("started", "%s", or_dash(r, "started"));
	cli_field("trigger", "%s", cli_str(r, "trigger"));
	show_end("from", get(r, "from"));
	show_end("to", get(r, "to"));
	if (json_is_object(g))
		cli_field("granted", "%lld packets, %lld KiB, %lld ms", cli_int(g, "packets"),
			  cli_int(g, "kib"), cli_int(g, "lease_ms"));
	show_steps(get(r, "steps"));
	ms_text(layer2, r, "layer2_ms");
	gap_text(r, gap);
	lost_text(r, lost);
	printf(
	    "\nlayer 2 %s, %s; downlink %lld forwarded, %s; uplink %lld queued, %lld dropped\n",
	    layer2, gap, cli_int(get(r, "downlink"), "forwarded"), lost, cli_int(up, "queued"),
	    cli_int(up, "dropped"));
}

void show_report(const json_t *answer)
{
	print_report(get(answer, "report"));
}

/* 80 columns. */
void show_history(const json_t *answer)
{
	const json_t *list = get(answer, "reports");
	size_t i;
	json_t *r;

	if (json_array_size(list) == 0) {
		puts("there has been no handoff yet");
		return;
	}
	printf("%3s %-14s %-3s %-7s %-17s %-17s %7s %5s\n", "N", "started (UTC)", "", "result",
	       "from", "to", "gap ms", "fwd");
	json_array_foreach (list, i, r) {
		const char *started = or_dash(r, "started"); /* 2026-11-28T01:57:06.129Z */
		bool dated = strlen(started) >= 19;
		char gap[CLI_TEXT_MAX] = "-";

		if (cli_has(r, "gap_ms"))
			snprintf(gap, sizeof(gap), "%.1f", cli_num(r, "gap_ms"));
		printf("%3lld %-5.5s %-8.8s %-3s %-7s %-17s %-17s %7s %5lld\n",
		       cli_int(r, "number"), dated ? started + 5 : started,
		       dated ? started + 11 : "", cli_str(r, "flow"), cli_str(r, "result"),
		       or_dash(get(r, "from"), "bssid"), or_dash(get(r, "to"), "bssid"), gap,
		       cli_int(get(r, "downlink"), "forwarded"));
	}
}

/* ---- events ---- */

void show_event(const json_t *e)
{
	char text[EVENT_TEXT_MAX];

	if (strcmp(cli_str(e, "event"), "status") == 0) {
		print_status(e);
		return;
	}
	event_text(e, text);
	puts(text);
}
