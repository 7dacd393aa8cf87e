/* SPDX-License-Identifier: MIT */
#include "client/around.h"
#include "client/describe.h"

static json_t *age(mtime then, mtime now)
{
	return then <= 0 ? json_null() : json_real((double)(now - mtime_min(then, now)) / SEC(1));
}

static json_t *agent(const struct agent_info *a, mtime now)
{
	bool told = a->source != AGENT_CONFIGURED;

	return json_pack("{ss so so so so sb sb so ss so so}", "source",
			 agent_source_name(a->source), "address", describe_addr(a->addr), "care_of",
			 describe_addr(a->care_of), "mac", describe_mac(&a->mac), "bssid",
			 describe_mac(&a->bssid), "home", a->home, "serves", a->serves, "buffers",
			 told ? json_boolean(a->buffers) : json_null(), "order_key",
			 order_key_name(a->order_key), "lifetime_s",
			 a->reg_lifetime_s ? json_integer(a->reg_lifetime_s) : json_null(),
			 "heard_s", age(a->heard, now));
}

json_t *describe_agents(const struct mobile *m, mtime now)
{
	struct agent_info list[AROUND_AGENTS_MAX];
	unsigned n = around_agents(m, list);
	json_t *a = json_array();

	for (unsigned i = 0; i < n; i++)
		json_array_append_new(a, agent(&list[i], now));
	return json_pack("{sb so}", "ok", true, "agents", a);
}

/* IEEE 802.11 9.4.1 and Annex E; 0: of no band that is known here. */
static unsigned channel(unsigned mhz)
{
	if (mhz == 2484)
		return 14;
	if (mhz > 2407 && mhz < 2484)
		return (mhz - 2407) / 5;
	if (mhz > 5000 && mhz < 5950)
		return (mhz - 5000) / 5;
	if (mhz > 5950 && mhz < 7130)
		return (mhz - 5950) / 5;
	return 0;
}

static json_t *last_handoff(const struct mobile *m, unsigned number)
{
	struct report r;
	json_t *o, *report;

	if (number == 0 || !mobile_report(m, number, &r))
		return json_null();
	report = describe_report(&r);
	o = json_object();
	json_object_set_new(o, "number", json_integer(number));
	json_object_set(o, "result", json_object_get(report, "result"));
	json_object_set(o, "reason", json_object_get(report, "reason"));
	json_object_set(o, "started", json_object_get(report, "started"));
	json_object_set(o, "gap_ms", json_object_get(report, "gap_ms"));
	json_decref(report);
	return o;
}

static json_t *network(const struct mobile *m, const struct network_info *w, mtime now)
{
	unsigned mhz = w->bss.freq_mhz, ch = channel(mhz);
	bool heard = w->bss.seen > 0;
	json_t *o = json_object();

	json_object_set_new(o, "ssid", describe_ssid(w->bss.ssid, w->bss.ssid_len));
	json_object_set_new(o, "bssid", describe_mac(&w->bss.bssid));
	json_object_set_new(o, "frequency_mhz", mhz ? json_integer(mhz) : json_null());
	json_object_set_new(o, "channel", ch ? json_integer(ch) : json_null());
	json_object_set_new(o, "signal_dbm", heard ? json_integer(w->bss.signal_dbm) : json_null());
	json_object_set_new(o, "age_s", heard ? age(w->bss.seen, now) : json_null());
	json_object_set_new(o, "serves", json_boolean(w->serves));
	json_object_set_new(o, "same_network", json_boolean(w->same));
	json_object_set_new(o, "agent", describe_addr(w->agent));
	json_object_set_new(o, "agent_source",
			    w->agent ? json_string(agent_source_name(w->source)) : json_null());
	json_object_set_new(o, "address", describe_addr(w->address));
	json_object_set_new(o, "avoided_s",
			    w->avoided_until ? json_real((double)(w->avoided_until - now) / SEC(1))
					     : json_null());
	json_object_set_new(o, "last_handoff", last_handoff(m, w->handoff));
	return o;
}

json_t *describe_networks(const struct mobile *m, mtime now)
{
	struct network_info list[AROUND_NETWORKS_MAX];
	unsigned n = around_networks(m, now, list);
	json_t *a = json_array();

	for (unsigned i = 0; i < n; i++)
		json_array_append_new(a, network(m, &list[i], now));
	return json_pack("{sb so}", "ok", true, "networks", a);
}
