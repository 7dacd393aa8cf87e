/* SPDX-License-Identifier: MIT */
#include "agent/daemon.h"

#include "common/log.h"
#include "common/sandbox.h"

#include <string.h>
#include <time.h>

/* What mipagent(1) asks: one walk over the core for each command, times in seconds. */

static json_t *addr_json(uint32_t addr)
{
	char text[ADDR_STRLEN];

	return addr == 0 ? json_null() : json_string(addr_fmt(text, addr));
}

static json_t *mac_json(const struct mac *mac)
{
	char text[MAC_STRLEN];

	return json_string(mac_fmt(text, mac));
}

static json_t *left_json(mtime when)
{
	if (when == MTIME_NEVER || when == 0)
		return json_null();
	return json_real((double)(when - instant_now().t) / 1e6);
}

static json_t *answer(const char *name, json_t *value)
{
	return json_pack("{s:b, s:o}", "ok", 1, name, value);
}

static json_t *int_json(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *udp_json(const struct agent_binding_info *b)
{
	char text[ADDR_STRLEN];

	if (b->awaited)
		return json_string("awaited");
	return b->udp_port == 0
		       ? json_null()
		       : json_sprintf("%s:%u", addr_fmt(text, b->udp_addr), b->udp_port);
}

static json_t *bindings(struct daemon *d)
{
	json_t *list = json_array();
	struct agent_binding_info b;
	struct agent_cursor at = { 0 };

	while (agent_binding_next(d->agent, &at, &b))
		json_array_append_new(
		    list,
		    json_pack("{s:o, s:s?, s:o, s:b, s:o, s:i, s:o, s:b, s:o, s:o}", "home_address",
			      addr_json(b.home_addr), "nai", b.nai, "care_of", addr_json(b.care_of),
			      "co_located", (int)b.co_located, "udp", udp_json(&b), "lifetime_s",
			      (int)b.lifetime_s, "expires_in_s", left_json(b.expires),
			      "reverse_tunnel", (int)b.reverse, "packets_to_node",
			      int_json(b.to_node), "packets_from_node", int_json(b.from_node)));
	return answer("bindings", list);
}

static json_t *visitors(struct daemon *d)
{
	json_t *list = json_array();
	struct agent_visitor_info v;
	struct agent_cursor at = { 0 };

	while (agent_visitor_next(d->agent, &at, &v))
		json_array_append_new(
		    list,
		    json_pack("{s:o, s:o, s:s, s:o, s:s, s:s, s:i, s:o, s:b, s:b, s:o, s:o}",
			      "home_address", addr_json(v.home_addr), "home_agent",
			      addr_json(v.home_agent), "state",
			      v.pending ? "pending" : "registered", "mac", mac_json(&v.mac),
			      "order_key", order_key_name(v.order_key), "interface",
			      v.link < d->n_links ? d->links[v.link].name : "", "lifetime_s",
			      (int)v.lifetime_s, "expires_in_s", left_json(v.expires),
			      "reverse_tunnel", (int)v.reverse, "udp", (int)v.udp,
			      "packets_to_node", int_json(v.delivered), "packets_from_node",
			      int_json(v.from_node)));
	return answer("visitors", list);
}

static json_t *buffer_json(const struct agent_buffer_info *b)
{
	json_t *o = json_pack(
	    "{s:o, s:s, s:s, s:o, s:o}", "home_address", addr_json(b->home_addr), "state",
	    buffer_state_name(b->state), "merge", b->merge != NULL ? b->merge : "none",
	    "forward_to", addr_json(b->forward_to), "lease_ends_in_s", left_json(b->lease_ends));

	json_object_set_new(o, "queued_packets", int_json(b->queued));
	json_object_set_new(o, "queued_bytes", int_json(b->queued_bytes));
	json_object_set_new(o, "held_packets", int_json(b->held));
	json_object_set_new(o, "kept", int_json(b->kept));
	json_object_set_new(o, "forwarded", int_json(b->forwarded));
	json_object_set_new(o, "dropped", int_json(b->dropped));
	json_object_set_new(o, "granted_packets", int_json(b->granted_packets));
	json_object_set_new(o, "granted_bytes", int_json((uint64_t)b->granted_kib * 1024));
	return o;
}

static json_t *buffers(struct daemon *d)
{
	json_t *list = json_array();
	struct agent_buffer_info b;
	struct agent_cursor at = { 0 };

	while (agent_buffer_next(d->agent, &at, &b))
		json_array_append_new(list, buffer_json(&b));
	return answer("buffers", list);
}

static uint64_t dropped(const struct daemon *d, enum drop why)
{
	return agent_drops(d->agent)->n[why] + d->drops.n[why];
}

static json_t *drops(struct daemon *d)
{
	json_t *list = json_array();

	for (enum drop i = DROP_NONE + 1; i < DROP_COUNT; i++)
		if (dropped(d, i) > 0)
			json_array_append_new(
			    list, json_pack("{s:s, s:o, s:s}", "reason", drop_name(i), "count",
					    int_json(dropped(d, i)), "meaning", drop_text(i)));
	return answer("drops", list);
}

static json_t *home_json(const struct daemon *d)
{
	char net[ADDR_STRLEN];
	const struct agent_conf *c = &d->conf;

	if (!c->home)
		return json_null();
	return json_pack("{s:o, s:o, s:s?}", "address", addr_json(c->home_agent), "network",
			 json_sprintf("%s/%u", addr_fmt(net, c->home_net), c->home_prefix_len),
			 "state_file", d->persist.file.on ? d->persist.file.path : NULL);
}

/* The access points that report their stations; null: hostapd is not asked. */
static json_t *hostapd_json(const struct daemon *d)
{
	struct hostapd_info a;
	json_t *list;

	if (d->hostapd == NULL)
		return json_null();
	list = json_array();
	for (unsigned i = 0; hostapd_at(d->hostapd, i, &a); i++)
		json_array_append_new(list, json_pack("{s:s, s:i}", "interface", a.ifname,
						      "stations", (int)a.stations));
	return json_pack("{s:s, s:o}", "control", d->settings.hostapd, "access_points", list);
}

static json_t *foreign_json(const struct daemon *d)
{
	json_t *links = json_array();

	if (!d->conf.foreign) {
		json_decref(links);
		return json_null();
	}
	for (unsigned i = 0; i < d->n_links; i++) {
		const struct agent_link *l = &d->links[i];

		json_array_append_new(links,
				      json_pack("{s:s, s:o, s:b, s:b}", "interface", l->name, "mac",
						mac_json(&l->link.mac), "up", l->open && !l->down,
						"wifi", l->wifi != NULL));
	}
	return json_pack("{s:o, s:o, s:b, s:o, s:o}", "care_of", addr_json(d->conf.care_of),
			 "address", addr_json(d->conf.link_addr), "behind_nat",
			 (int)agent_behind_nat(d->agent), "links", links, "hostapd",
			 hostapd_json(d));
}

static json_t *counters_json(const struct daemon *d)
{
	const struct agent_counters *n = agent_counters(d->agent);
	json_t *o = json_object();

#define X(field, name) json_object_set_new(o, name, int_json(n->field));
	AGENT_COUNTERS(X)
#undef X
	return o;
}

static json_t *status(struct daemon *d)
{
	struct agent_binding_info b;
	struct agent_visitor_info v;
	struct agent_buffer_info f;
	struct agent_cursor at[3] = { 0 };
	size_t n_bindings = 0, n_visitors = 0, n_pending = 0, n_buffers = 0;
	uint64_t total = 0;
	json_t *o = answer("version", json_string(VERSION));

	while (agent_binding_next(d->agent, &at[0], &b))
		n_bindings++;
	while (agent_visitor_next(d->agent, &at[1], &v))
		*(v.pending ? &n_pending : &n_visitors) += 1;
	while (agent_buffer_next(d->agent, &at[2], &f))
		n_buffers++;
	for (enum drop i = DROP_NONE + 1; i < DROP_COUNT; i++)
		total += dropped(d, i);
	json_object_set_new(o, "uptime_s", json_real((double)(instant_now().t - d->started) / 1e6));
	json_object_set_new(o, "system_calls_filtered", json_boolean(sandbox_is_on()));
	json_object_set_new(o, "home", home_json(d));
	json_object_set_new(o, "foreign", foreign_json(d));
	json_object_set_new(o, "tun", json_string(d->settings.tun));
	json_object_set_new(o, "buffering", json_boolean(d->conf.buffers));
	json_object_set_new(o, "bindings", int_json(n_bindings));
	json_object_set_new(o, "visitors", int_json(n_visitors));
	json_object_set_new(o, "pending", int_json(n_pending));
	json_object_set_new(o, "buffers", int_json(n_buffers));
	json_object_set_new(o, "dropped", int_json(total));
	json_object_set_new(o, "counters", counters_json(d));
	return o;
}

#define ANSWERS(do_it, what)                                                                       \
	static void do_it(struct control_client *c, json_t *args, void *arg)                       \
	{                                                                                          \
		(void)args;                                                                        \
		control_finish(c, what(arg));                                                      \
	}
ANSWERS(do_status, status)
ANSWERS(do_bindings, bindings)
ANSWERS(do_visitors, visitors)
ANSWERS(do_buffers, buffers)
ANSWERS(do_drops, drops)

static void do_watch(struct control_client *c, json_t *args, void *arg)
{
	(void)args;
	(void)arg;
	control_subscribe(c);
}

static void do_reload(struct control_client *c, json_t *args, void *arg)
{
	struct daemon *d = arg;
	bool restart;
	const char *why = daemon_reload(d, &restart);

	(void)args;
	if (why != NULL) {
		control_fail(c, EXIT_REFUSED, "%s", why);
		return;
	}
	control_finish(c, json_pack("{s:b, s:s, s:i, s:i, s:b}", "ok", 1, "configuration",
				    d->conf_path, "nodes", (int)d->settings.n_nodes, "agents",
				    (int)d->settings.n_peers, "restart_needed", (int)restart));
}

static const char *ready(void *arg)
{
	struct daemon *d = arg;

	return d->agent == NULL ? "mipagentd is starting: ask again" : NULL;
}

/* The manual has the same table: mipagentd(8), SECURITY. */
static const struct control_command commands[] = {
	{ "status", CONTROL_MAY_LOOK, do_status },
	{ "bindings", CONTROL_MAY_LOOK, do_bindings },
	{ "visitors", CONTROL_MAY_LOOK, do_visitors },
	{ "buffers", CONTROL_MAY_LOOK, do_buffers },
	{ "drops", CONTROL_MAY_LOOK, do_drops },
	{ "watch", CONTROL_MAY_LOOK, do_watch },
	{ "reload", CONTROL_MAY_ACT, do_reload },
};

const struct control_service serve = { commands, sizeof(commands) / sizeof(commands[0]), ready };

void serve_note(struct daemon *d, const struct agent_action *a)
{
	struct timespec ts;

	log_info("%s", a->note);
	if (d->control == NULL || !control_has_subscribers(d->control))
		return;
	clock_gettime(CLOCK_REALTIME, &ts);
	control_broadcast(d->control,
			  json_pack("{s:s, s:f, s:o, s:s}", "event", "note", "time",
				    (double)ts.tv_sec + (double)ts.tv_nsec / 1e9, "home_address",
				    addr_json(a->home), "text", a->note));
}
