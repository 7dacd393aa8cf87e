/* SPDX-License-Identifier: MIT */
#include "agent/show.h"

#include "common/cli.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define N(a) (sizeof(a) / sizeof((a)[0]))

static void show_links(const json_t *foreign)
{
	size_t i;
	json_t *l;

	json_array_foreach (json_object_get(foreign, "links"), i, l) {
		cli_field(i == 0 ? "links" : "", "%s  %s%s%s", cli_str(l, "interface"),
			  cli_str(l, "mac"), cli_bool(l, "wifi") ? "  Wi-Fi" : "",
			  cli_bool(l, "up") ? "" : "  DOWN");
	}
}

static void show_hostapd(const json_t *hostapd)
{
	const json_t *list = json_object_get(hostapd, "access_points"), *a;
	size_t i;

	if (!json_is_object(hostapd))
		return;
	if (json_array_size(list) == 0)
		cli_field("hostapd", "no answer in %s", cli_str(hostapd, "control"));
	json_array_foreach (list, i, a) {
		cli_field(i == 0 ? "hostapd" : "", "%s  stations: %lld", cli_str(a, "interface"),
			  cli_int(a, "stations"));
	}
}

static void show_counters(const json_t *counters)
{
	const char *name, *title = "counted";
	json_t *v;

	json_object_foreach ((json_t *)counters, name, v) {
		if (json_integer_value(v) == 0)
			continue;
		cli_field(title, "%lld %s", (long long)json_integer_value(v), name);
		title = "";
	}
}

void show_status(const json_t *a)
{
	const json_t *home = json_object_get(a, "home"), *foreign = json_object_get(a, "foreign");
	char text[CLI_TEXT_MAX];

	cli_field("mipagentd", "%s, up %s, %s", cli_str(a, "version"),
		  cli_duration(text, cli_num(a, "uptime_s")), cli_str(a, "tun"));
	cli_field("system calls", "%s", cli_bool(a, "system_calls_filtered")
						? "filtered"
						: "not filtered, see the log");
	if (json_is_object(home)) {
		cli_field("home agent", "%s for %s", cli_str(home, "address"),
			  cli_str(home, "network"));
		cli_field("bindings", "%lld", cli_int(a, "bindings"));
		cli_field("kept in", "%s",
			  json_is_string(json_object_get(home, "state_file"))
			      ? cli_str(home, "state_file")
			      : "memory alone: lost in a restart");
	}
	if (json_is_object(foreign)) {
		cli_field("foreign agent", "care-of %s%s, %s on its links",
			  cli_str(foreign, "care_of"),
			  cli_bool(foreign, "behind_nat") ? " behind a NAT" : "",
			  cli_str(foreign, "address"));
		show_links(foreign);
		show_hostapd(json_object_get(foreign, "hostapd"));
		cli_field("visitors", "%lld, and %lld registering", cli_int(a, "visitors"),
			  cli_int(a, "pending"));
	}
	if (cli_bool(a, "buffering"))
		cli_field("buffers", "%lld", cli_int(a, "buffers"));
	else
		cli_field("buffers", "off ([Buffer] enabled = no)");
	cli_field("dropped", "%lld%s", cli_int(a, "dropped"),
		  cli_int(a, "dropped") > 0 ? " (see mipagent drops)" : "");
	show_counters(json_object_get(a, "counters"));
}

void show_bindings(const json_t *a)
{
	static const struct cli_column cols[] = {
		{ "HOME ADDRESS", "home_address", CLI_STRING },
		{ "CARE-OF", "care_of", CLI_STRING },
		{ "CO-LOCATED", "co_located", CLI_YESNO },
		{ "UDP", "udp", CLI_STRING },
		{ "EXPIRES IN", "expires_in_s", CLI_SECONDS },
		{ "REVERSE", "reverse_tunnel", CLI_YESNO },
		{ "TO NODE", "packets_to_node", CLI_NUMBER },
		{ "FROM NODE", "packets_from_node", CLI_NUMBER },
	};

	cli_table(json_object_get(a, "bindings"), cols, N(cols), "no bindings");
}

void show_visitors(const json_t *a)
{
	static const struct cli_column cols[] = {
		{ "HOME ADDRESS", "home_address", CLI_STRING },
		{ "MAC", "mac", CLI_STRING },
		{ "LINK", "interface", CLI_STRING },
		{ "STATE", "state", CLI_STRING },
		{ "ORDER KEY", "order_key", CLI_STRING },
		{ "UDP", "udp", CLI_YESNO },
		{ "EXPIRES IN", "expires_in_s", CLI_SECONDS },
		{ "TO NODE", "packets_to_node", CLI_NUMBER },
	};

	cli_table(json_object_get(a, "visitors"), cols, N(cols), "no visitors");
}

void show_buffers(const json_t *a)
{
	static const struct cli_column cols[] = {
		{ "HOME ADDRESS", "home_address", CLI_STRING },
		{ "STATE", "state", CLI_STRING },
		{ "MERGE", "merge", CLI_STRING },
		{ "TO", "forward_to", CLI_STRING },
		{ "LEASE", "lease_ends_in_s", CLI_SECONDS },
		{ "QUEUED", "queued_packets", CLI_NUMBER },
		{ "KEPT", "kept", CLI_NUMBER },
		{ "LOST", "dropped", CLI_NUMBER },
	};

	cli_table(json_object_get(a, "buffers"), cols, N(cols), "no buffers");
}

void show_drops(const json_t *a)
{
	static const struct cli_column cols[] = {
		{ "COUNT", "count", CLI_NUMBER },
		{ "REASON", "reason", CLI_STRING },
		{ "MEANING", "meaning", CLI_STRING },
	};

	cli_table(json_object_get(a, "drops"), cols, N(cols), "nothing was dropped");
}

void show_reload(const json_t *a)
{
	printf("%s: nodes %lld, agents %lld\n", cli_str(a, "configuration"), cli_int(a, "nodes"),
	       cli_int(a, "agents"));
	if (cli_bool(a, "restart_needed"))
		printf("More than nodes and agents has changed: restart mipagentd for the rest.\n");
}

void show_event(const json_t *event)
{
	double at = cli_num(event, "time");
	time_t sec = (time_t)at;
	struct tm tm;
	char clock[16];

	localtime_r(&sec, &tm);
	strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	printf("%s.%03d  %s\n", clock, (int)((at - (double)sec) * 1000), cli_str(event, "text"));
}
