/* SPDX-License-Identifier: MIT */
#include "client/show.h"

#include "client/event_text.h"
#include "common/cli.h"

#include <stdio.h>
#include <string.h>

#define N(a) (sizeof(a) / sizeof((a)[0]))

static const json_t *get(const json_t *o, const char *key)
{
	return json_object_get(o, key);
}

static const char *agent_role(const json_t *a)
{
	if (cli_bool(a, "serves"))
		return cli_bool(a, "home") ? "home, serves" : "serves";
	return cli_bool(a, "home") ? "home" : cli_str(a, "source");
}

void show_agents(const json_t *answer)
{
	static const struct cli_column cols[] = {
	    {"AGENT", "address", CLI_STRING}, {"CARE-OF", "care_of", CLI_STRING},
	    {"KNOWN", "role", CLI_STRING},    {"HEARD", "heard_s", CLI_SECONDS},
	    {"THROUGH", "bssid", CLI_STRING}, {"BUFFERS", "buffers", CLI_YESNO},
	    {"KEY", "order_key", CLI_STRING}, {"LIFETIME", "lifetime_s", CLI_SECONDS},
	};
	json_t *rows = json_deep_copy(get(answer, "agents")), *a;
	size_t i;

	json_array_foreach(rows, i, a)
	{
		json_object_set_new(a, "role", json_string(agent_role(a)));
	}
	cli_table(rows, cols, N(cols), "no agent is known: none was heard, and none is configured");
	json_decref(rows);
}

static void signal_text(json_t *w)
{
	if (cli_has(w, "signal_dbm"))
		json_object_set_new(w, "signal",
				    json_sprintf("%lld dBm", cli_int(w, "signal_dbm")));
}

static void last_text(json_t *w)
{
	const json_t *last = get(w, "last_handoff");

	if (!json_is_object(last))
		return;
	if (cli_has(last, "gap_ms"))
		json_object_set_new(w, "last",
				    json_sprintf("%lld %s, gap %.0f ms", cli_int(last, "number"),
						 cli_str(last, "result"), cli_num(last, "gap_ms")));
	else
		json_object_set_new(
		    w, "last",
		    json_sprintf("%lld %s", cli_int(last, "number"), cli_str(last, "result")));
}

static void network_row(json_t *w)
{
	char ssid[SAFE_MAX];

	json_object_set_new(w, "name", json_string(safe_text(ssid, cli_str(w, "ssid"))));
	json_object_set_new(w, "here", json_string(cli_bool(w, "serves") ? "*" : " "));
	signal_text(w);
	last_text(w);
	if (!cli_has(w, "agent") && cli_has(w, "address"))
		json_object_set_new(w, "by", json_sprintf("none, own %s", cli_str(w, "address")));
	else
		json_object_set(w, "by", json_object_get(w, "agent"));
}

void show_networks(const json_t *answer)
{
	static const struct cli_column cols[] = {
	    {" ", "here", CLI_STRING},
	    {"SSID", "name", CLI_STRING},
	    {"BSSID", "bssid", CLI_STRING},
	    {"CHANNEL", "channel", CLI_NUMBER},
	    {"SIGNAL", "signal", CLI_STRING},
	    {"SEEN", "age_s", CLI_SECONDS},
	    {"AGENT", "by", CLI_STRING},
	    {"LAST HANDOFF", "last", CLI_STRING},
	    {"AVOIDED", "avoided_s", CLI_SECONDS},
	};
	json_t *rows = json_deep_copy(get(answer, "networks")), *w;
	size_t i;

	json_array_foreach(rows, i, w)
	{
		network_row(w);
	}
	cli_table(rows, cols, N(cols), "no access point is known: nothing was heard yet");
	json_decref(rows);
}
