/* SPDX-License-Identifier: MIT */
#include "client/status.h"

#include "client/describe.h"
#include "client/interface.h"
#include "client/missing.h"
#include "common/capability.h"
#include "common/sandbox.h"

#include <stdio.h>

static const char *uplink_name(enum uplink_path p)
{
	switch (p) {
	case UPLINK_HELD:
		return "held";
	case UPLINK_AGENT:
		return "agent";
	case UPLINK_TUNNEL:
		return "tunnel";
	}
	return "?";
}

/* Where the agent cannot, the home agent may. */
static bool keeper_is_home(const struct mobile_info *i)
{
	return i->state != MOBILE_AT_HOME && i->home_keeps == HOME_KEEPS &&
	       (!i->agent_buffers || i->order_key == ORDER_KEY_NONE);
}

static const char *no_buffer_here(const struct mobile_info *i)
{
	switch (i->home_keeps) {
	case HOME_UNKNOWN:
	case HOME_KEEPS:
		return "this agent does not announce it";
	case HOME_SILENT:
		return "this agent does not announce it, and the home agent does not know it: "
		       "handoffs from here lose what comes meanwhile";
	case HOME_REFUSES:
		return "this agent does not announce it, and the home agent refuses";
	}
	return "";
}

static const char *why_no_buffer(const struct mobile_info *i)
{
	if (!i->buffering_enabled)
		return "switched off by [Buffer] enabled";
	if (i->agent == 0)
		return "no agent";
	if (keeper_is_home(i))
		return "";
	if (!i->agent_buffers)
		return no_buffer_here(i);
	if (i->order_key == ORDER_KEY_NONE)
		return "no key for this agent: the home agent deals none, and there is no [Agent] "
		       "section for it";
	return "";
}

static json_t *buffering(const struct mobile_info *i)
{
	const char *why = why_no_buffer(i);

	return json_pack("{sb sb ss ss ss sb ss ss}", "enabled", i->buffering_enabled,
			 "agent_buffers", i->agent_buffers, "home_agent",
			 home_keeps_name(i->home_keeps), "by",
			 why[0] ? "none" : keeper_is_home(i) ? "home-agent" : "agent", "order_key",
			 order_key_name(i->order_key), "usable", why[0] == '\0', "why", why,
			 "early_lease", i->early_lease);
}

/* NULL: it is registered, or about to be. */
static json_t *why_unregistered(const struct daemon *d, const struct mobile_info *i)
{
	char text[ADDR_STRLEN];

	if (i->state != MOBILE_REGISTERING)
		return NULL;
	if (i->has_last_code && !mip_code_accepted(i->last_code))
		return json_sprintf("registration refused, code %u: %s%s", i->last_code,
				    mip_code_text(i->last_code),
				    i->last_code == CODE_HA_RESOURCES && i->home_addr == 0
					    ? ": is an address of its [Home] pool free?"
					    : "");
	if (!mobile_unheard(d->mobile))
		return NULL;
	return json_sprintf("no answer from the home agent %s through this network: open a page "
			    "in a browser if it wants you to log in; then mipclient register asks "
			    "at once, it does so by itself within 64 s",
			    addr_fmt(text, i->home_agent));
}

static json_t *problems(const struct daemon *d, const struct mobile_info *i)
{
	const struct node_link *r = &d->links[MOBILE_RADIO];
	json_t *why = why_unregistered(d, i);
	json_t *list = json_array();
	char lacking[CAPABILITY_TEXT];

	if (!r->open && capability_lacking(r->sink >= 0, lacking)[0] != '\0')
		json_array_append_new(
		    list, json_sprintf("interface %s cannot be used without %s: start mipclientd "
				       "as root or by its systemd unit",
				       r->ifname, lacking));
	else if (!r->open)
		json_array_append_new(
		    list, json_sprintf("interface %s is not there: plug it in, load its driver, or "
				       "correct [Radio] interface",
				       r->ifname));
	else if (r->nl80211 == NULL)
		json_array_append_new(
		    list,
		    json_sprintf("the signal of %s is not known: %s", r->ifname,
				 interface_is_wifi(r->ifname)
				     ? "nl80211 refused, see the log"
				     : "it is no Wi-Fi interface, correct [Radio] interface"));
	if (d->resolve.addr == 0)
		json_array_append_new(
		    list, json_sprintf("the address of %s, the home agent, is not known: is there "
				       "a name server on this network?",
				       d->settings.home_agent.name));
	if (!d->supplicant)
		json_array_append_new(
		    list, json_sprintf("no wpa_supplicant answers on %s/%s: start it with that "
				       "ctrl_interface",
				       d->settings.control, r->ifname));
	if (d->helper.fd < 0)
		json_array_append_new(list, json_string("hooks and [Node] renew are not run, names "
							"not looked up, the process that does "
							"has ended: restart mipclientd"));
	if (why != NULL)
		json_array_append_new(list, why);
	return list;
}

static json_t *missing(const struct mobile_info *i)
{
	struct missing m[MISSING_MAX];
	unsigned n = missing_list(i, m);
	json_t *list = json_array();

	for (unsigned k = 0; k < n; k++)
		json_array_append_new(
		    list, json_pack("{ss ss}", "what", m[k].what, "cost", m[k].cost));
	return list;
}

static json_t *drops(const struct mobile_info *i)
{
	json_t *o = json_object();

	for (unsigned k = DROP_NONE + 1; k < DROP_COUNT; k++)
		json_object_set_new(o, drop_name((enum drop)k),
				    json_integer((json_int_t)i->drops.n[k]));
	return o;
}

static json_t *counters(const struct mobile_info *i)
{
	return json_pack("{sI sI sI sI sI sI sI sI}", "icmp_errors_relayed",
			 (json_int_t)i->errors_relayed, "keepalives",
			 (json_int_t)i->keepalives, "requests", (json_int_t)i->requests, "replies",
			 (json_int_t)i->replies, "advertisements", (json_int_t)i->adverts,
			 "solicitations", (json_int_t)i->solicitations, "handoffs",
			 (json_int_t)i->handoffs, "handoffs_failed",
			 (json_int_t)i->handoffs_failed);
}

static void attachment(json_t *o, const struct mobile_info *i)
{
	bool on = i->attached, heard = on && i->radio.last_dbm != 0;

	json_object_set_new(o, "attached", json_boolean(on));
	json_object_set_new(o, "bssid", on ? describe_mac(&i->bss.bssid) : json_null());
	json_object_set_new(o, "ssid",
			    on ? describe_ssid(i->bss.ssid, i->bss.ssid_len) : json_null());
	json_object_set_new(o, "frequency_mhz", on ? json_integer(i->bss.freq_mhz) : json_null());
	json_object_set_new(o, "signal_dbm",
			    heard ? json_integer(i->radio.signal_dbm) : json_null());
	json_object_set_new(o, "last_dbm", heard ? json_integer(i->radio.last_dbm) : json_null());
	json_object_set_new(o, "slope_db_s",
			    heard ? json_integer(i->radio.slope_db_s) : json_null());
	json_object_set_new(o, "time_left_ms", describe_ms(on ? i->radio.time_left : MTIME_NEVER));
	json_object_set_new(o, "rule", json_string(radio_rule_name(i->radio.rule)));
}

static void thresholds(json_t *o, const struct settings *s)
{
	json_object_set_new(o, "leave_below_dbm", json_integer(s->leave_below));
	json_object_set_new(o, "dead_dbm", json_integer(s->dead));
}

static void binding(json_t *o, const struct mobile_info *i, mtime now)
{
	bool bound = i->lifetime_s > 0 && i->expires > now && i->expires != MTIME_NEVER;

	json_object_set_new(o, "home_address", describe_addr(i->home_addr));
	json_object_set_new(o, "nai", i->nai[0] ? json_string(i->nai) : json_null());
	json_object_set_new(o, "home_agent", describe_addr(i->home_agent));
	json_object_set_new(o, "agent", describe_addr(i->colocated ? 0 : i->agent));
	json_object_set_new(o, "agent_mac",
			    i->agent != 0 ? describe_mac(&i->agent_mac) : json_null());
	json_object_set_new(o, "care_of", describe_addr(i->care_of));
	json_object_set_new(o, "co_located", json_boolean(i->colocated));
	json_object_set_new(o, "udp_tunnel", json_boolean(i->udp_tunnel));
	json_object_set_new(o, "by_link", json_boolean(i->by_link));
	json_object_set_new(o, "address", describe_addr(i->links[i->link].address));
	json_object_set_new(o, "gateway", describe_addr(i->links[i->link].gateway));
	json_object_set_new(o, "lifetime_s", bound ? json_integer(i->lifetime_s) : json_null());
	json_object_set_new(o, "expires_s",
			    bound ? json_real((double)(i->expires - now) / SEC(1)) : json_null());
	json_object_set_new(o, "last_code",
			    i->has_last_code ? json_integer(i->last_code) : json_null());
	json_object_set_new(o, "reverse_tunnel", json_boolean(i->reverse));
}

static json_t *interfaces(const struct daemon *d, const struct mobile_info *i)
{
	json_t *list = json_array();

	for (unsigned k = 0; k < i->n_links; k++)
		json_array_append_new(
			list, json_pack("{ss sb sb sb sb so so}", "name", d->links[k].ifname, "up",
					i->links[k].attached, "serves",
					k == i->link && i->links[k].attached, "ready",
					i->links[k].ready, "metered", i->links[k].metered,
					"address", describe_addr(i->links[k].address), "gateway",
					describe_addr(i->links[k].gateway)));
	return list;
}

static json_t *prefixes(const struct conf_prefixes *list)
{
	json_t *a = json_array();
	char net[ADDR_STRLEN];

	for (unsigned i = 0; i < list->n; i++)
		json_array_append_new(a, json_sprintf("%s/%u", addr_fmt(net, list->p[i].net),
						      list->p[i].len));
	return a;
}

void status_fill(struct daemon *d, mtime now, json_t *o)
{
	struct mobile_info i;
	struct report r;
	json_t *in = json_null();

	mobile_info(d->mobile, now, &i);
	json_object_set_new(o, "version", json_string(VERSION));
	json_object_set_new(o, "uptime_s", json_integer((now - d->started) / SEC(1)));
	json_object_set_new(o, "system_calls_filtered", json_boolean(sandbox_is_on()));
	json_object_set_new(o, "state_file", d->persist.file.on ? json_string(d->persist.file.path)
								: json_null());
	json_object_set_new(o, "interface", json_string(d->links[i.link].ifname));
	json_object_set_new(o, "interfaces", interfaces(d, &i));
	json_object_set_new(o, "state", json_string(mobile_state_name(i.state)));
	attachment(o, &i);
	thresholds(o, &d->settings);
	binding(o, &i, now);
	json_object_set_new(o, "buffering", buffering(&i));
	json_object_set_new(o, "uplink",
			    json_pack("{ss sI sI}", "path", uplink_name(i.uplink), "queued",
				      (json_int_t)i.uplink_queued, "dropped",
				      (json_int_t)i.uplink_dropped));
	json_object_set_new(o, "destinations",
			    d->settings.destinations.n ? prefixes(&d->settings.destinations)
						       : json_pack("[s]", "0.0.0.0/0"));
	json_object_set_new(o, "except", prefixes(&d->settings.except));
	json_object_set_new(o, "power", json_string(i.saves ? "saving" : "normal"));
	if (i.announced_at != MTIME_NEVER)
		in = json_integer((i.announced_at - now) / MSEC(1));
	json_object_set_new(o, "announced_ms", in);
	json_object_set_new(o, "hooks", hooks_describe(&d->hooks));
	json_object_set_new(o, "counters", counters(&i));
	json_object_set_new(o, "drops", drops(&i));
	json_object_set_new(o, "last_handoff",
			    mobile_report(d->mobile, 0, &r) ? describe_report(&r) : json_null());
	json_object_set_new(o, "missing", missing(&i));
	json_object_set_new(o, "problems", problems(d, &i));
}

void status_line(struct daemon *d, char line[NOTIFY_STATUS])
{
	char home[ADDR_STRLEN], by[ADDR_STRLEN];
	struct mobile_info i;

	mobile_info(d->mobile, instant_now().t, &i);
	if (i.state == MOBILE_REGISTERED)
		snprintf(line, NOTIFY_STATUS, "registered: %s %s %s on %s",
			 addr_fmt(home, i.home_addr), i.colocated ? "from" : "by agent",
			 addr_fmt(by, i.colocated ? i.care_of : i.agent),
			 d->links[i.link].ifname);
	else
		snprintf(line, NOTIFY_STATUS, "%s on %s", mobile_state_name(i.state),
			 d->links[i.link].ifname);
}

json_t *status_where(struct daemon *d, mtime now)
{
	struct mobile_info i;
	json_t *o = json_object(), *all = json_object();
	static const char *const keys[] = { "bssid", "ssid", "frequency_mhz", "signal_dbm",
					    "home_address", "home_agent", "agent", "care_of",
					    "co_located", "lifetime_s", "attached" };

	mobile_info(d->mobile, now, &i);
	attachment(all, &i);
	binding(all, &i, now);
	json_object_set_new(o, "interface", json_string(d->links[i.link].ifname));
	json_object_set_new(o, "state", json_string(mobile_state_name(i.state)));
	for (unsigned k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
		json_object_set(o, keys[k], json_object_get(all, keys[k]));
	json_decref(all);
	return o;
}
