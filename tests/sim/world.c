/* SPDX-License-Identifier: MIT */
#include "tests/sim/inside.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define NTP_EPOCH 0xe8d4a51000000000u
#define TICKS_MAX 3000 /* of one host in a millisecond: a full buffer leaves in fewer */

void world_log(struct world *w, const char *fmt, ...)
{
	va_list ap;

	if (!w->c.log)
		return;
	fprintf(w->c.log, "%10.3f ", (double)w->now / 1000);
	va_start(ap, fmt);
	vfprintf(w->c.log, fmt, ap);
	va_end(ap);
	fputc('\n', w->c.log);
}

unsigned world_dice(struct world *w, unsigned sides)
{
	w->rng ^= w->rng << 13;
	w->rng ^= w->rng >> 7;
	w->rng ^= w->rng << 17;
	return (unsigned)(w->rng >> 33) % sides;
}

struct instant world_instant(const struct world *w, int skew_s)
{
	uint64_t s = (uint64_t)(w->now / 1000000), us = (uint64_t)(w->now % 1000000);

	return (struct instant){ w->now + SEC(1000),
				 NTP_EPOCH + ((s + (uint64_t)(int64_t)skew_s) << 32) + us * 4295 };
}

struct instant world_node_instant(const struct world *w)
{
	return world_instant(w, w->c.clock_skew_s[WORLD_FOREIGN_MAX]);
}

/* ---- time ---- */

static void ticks(struct world *w)
{
	struct instant now;

	if (w->tick_ms != w->now / 1000) {
		w->tick_ms = w->now / 1000;
		for (unsigned k = 0; k < w->c.n_nodes; k++)
			w->walkers[k].ticks = 0;
		for (unsigned i = 0; i <= w->c.n_foreign; i++)
			w->host[i].ticks = 0;
	}
	for (unsigned i = 0; i <= w->c.n_foreign; i++) {
		bool more = true;

		now = world_instant(w, world_skew(w, i));
		while (more && agent_deadline(w->host[i].agent) <= now.t && !w->bad[0]) {
			if (w->host[i].ticks++ > TICKS_MAX)
				world_violate(w, "agent %u is busy without end", i);
			more = agent_tick(w->host[i].agent, &now, &w->aout);
			carry_agent(w, i);
		}
	}
	now = world_node_instant(w);
	for (struct walker *n = w->walkers; n < w->walkers + w->c.n_nodes; n++) {
		while (mobile_deadline(n->mobile) <= now.t && !w->bad[0]) {
			if (n->ticks++ > TICKS_MAX)
				world_violate(w, "the node is busy without end");
			mobile_tick(n->mobile, &now, &w->mout);
			carry_node(w, n);
		}
	}
}

/* One event or deadline into the run's fingerprint. */
static void stir(struct world *w, uint64_t a, uint64_t b)
{
	w->hash = (w->hash ^ (uint64_t)w->now) * 0x100000001b3u;
	w->hash = (w->hash ^ a) * 0x100000001b3u;
	w->hash = (w->hash ^ b) * 0x100000001b3u;
}

static mtime next_deadline(const struct world *w)
{
	mtime t = MTIME_NEVER;

	for (unsigned k = 0; k < w->c.n_nodes; k++)
		t = mtime_min(t, mobile_deadline(w->walkers[k].mobile));
	for (unsigned i = 0; i <= w->c.n_foreign; i++)
		t = mtime_min(t, agent_deadline(w->host[i].agent));
	return t == MTIME_NEVER ? t : t - SEC(1000);
}

void world_run(struct world *w, mtime until)
{
	while (!w->bad[0]) {
		mtime due = next_deadline(w), arrives = w->n ? w->heap[0].at : MTIME_NEVER;
		struct event e;

		if (mtime_min(due, arrives) > until)
			break;
		if (arrives <= due) {
			e = wire_pop(w);
			w->now = e.at;
			stir(w, e.n << 8 | (uint64_t)e.kind << 4 | e.host,
			     e.n > 24 ? e.p[e.n - 1] : 0);
			carry_event(w, &e);
		} else {
			w->now = due > w->now ? due : w->now;
			stir(w, 1, 1);
			ticks(w);
		}
		check_state(w);
	}
	if (!w->bad[0])
		w->now = until;
}

struct world *world_new(const struct world_conf *conf)
{
	struct world *w = calloc(1, sizeof(*w));

	assert(w && conf->n_foreign <= WORLD_FOREIGN_MAX && conf->n_nodes <= WORLD_NODES_MAX);
	w->c = *conf;
	w->c.n_nodes += !conf->n_nodes;
	w->rng = conf->seed * 2654435761u + 88172645463325252u;
	w->rng += !w->rng; /* zero would stay zero */
	w->hash = 0xcbf29ce484222325u;
	w->walkers = calloc(w->c.n_nodes, sizeof(*w->walkers));
	assert(w->walkers);
	for (unsigned i = 0; i < w->c.n_foreign; i++)
		w->c.hostapd[i] &= !w->c.plain[i];
	w->me = w->walkers;
	for (unsigned i = 0; i <= conf->n_foreign; i++)
		build_host(w, i);
	for (unsigned k = 0; k < w->c.n_nodes; k++)
		build_node(w, k);
	if (w->c.automatic)
		wire_push(w, (struct event){ .kind = EVENT_AIR, .at = 0 });
	return w;
}

void world_free(struct world *w)
{
	for (unsigned i = 0; i <= w->c.n_foreign; i++) {
		agent_free(w->host[i].agent);
		free(w->host[i].pool);
	}
	for (unsigned k = 0; k < w->c.n_nodes; k++) {
		mobile_free(w->walkers[k].mobile);
		free(w->walkers[k].pool);
	}
	free(w->walkers);
	while (w->n)
		free(wire_pop(w).p);
	free(w->heap);
	free(w);
}

struct walker *world_by_home(const struct world *w, uint32_t home)
{
	return home - WORLD_HOME < w->c.n_nodes ? &w->walkers[home - WORLD_HOME] : NULL;
}

struct walker *world_by_mac(const struct world *w, const struct mac *mac)
{
	for (unsigned k = 0; k < w->c.n_nodes; k++)
		if (cable_link_of(&w->walkers[k], mac) < WALKER_LINKS)
			return &w->walkers[k];
	return NULL;
}

/* ---- what a scenario does ---- */

void world_use(struct world *w, unsigned node)
{
	assert(node < w->c.n_nodes);
	w->me = &w->walkers[node];
}

mtime world_now(const struct world *w)
{
	return w->now;
}

void world_stream(struct world *w, bool on, mtime every)
{
	struct event e = { .kind = EVENT_STREAM, .at = w->now };

	w->every = every;
	if (on && !w->streaming)
		wire_push(w, e);
	w->streaming = on;
}

void world_scan(struct world *w)
{
	struct instant now = world_node_instant(w);
	struct radio_bss list[2 * (WORLD_FOREIGN_MAX + 1)];
	unsigned n = 0;

	if (w->c.automatic)
		return; /* it looks for itself */

	for (unsigned i = 0; i < w->c.n_foreign + w->c.home_link; i++) {
		if (w->radio_dead[i] || world_wired(w, i))
			continue;
		list[n++] = radio_bss(w, i, false, -50);
		if (w->c.two_aps)
			list[n++] = radio_bss(w, i, true, -50);
	}
	mobile_scanned(w->me->mobile, list, n, &now, &w->mout);
	carry_node(w, w->me);
}

void world_attach(struct world *w, unsigned ap)
{
	w->me->at = w->me->goal = ap;
	carry_link_up(w, w->me, ap, &w->host[ap].bssid);
	world_scan(w);
}

static void handoff(struct world *w, const struct mac *bssid)
{
	struct instant now = world_node_instant(w);
	bool not_found;
	const char *error = mobile_handoff(w->me->mobile, bssid, &not_found, &now, &w->mout);

	if (error)
		world_log(w, "node: %s", error);
	carry_node(w, w->me);
}

void world_walk(struct world *w, unsigned ap)
{
	handoff(w, &w->host[ap].bssid);
}

void world_other_ap(struct world *w)
{
	const struct host *h = &w->host[w->me->ap];
	struct mobile_info m;

	mobile_info(w->me->mobile, w->now + SEC(1000), &m);
	handoff(w, mac_equal(&m.bss.bssid, &h->bssid) ? &h->bssid2 : &h->bssid);
}

static void link_dies(struct world *w, struct walker *n)
{
	struct instant now = world_node_instant(w);
	/* where nobody tells it better, the supplicant looks for another one by itself */
	struct event e = {.kind = EVENT_LINK_UP,
			  .to = TO_NODE,
			  .node = n->index,
			  .host = (n->ap + 1) % world_aps(w),
			  .mac = w->host[(n->ap + 1) % world_aps(w)].bssid,
			  .roam = ++n->roam,
			  .at = w->now + 2 * w->c.layer2_outage};

	station_left(w, n, w->c.gone_after);
	n->attached = false;
	wire_push(w, e);
	mobile_count(n->mobile, n->tapped);
	mobile_disconnected(n->mobile, MOBILE_RADIO, &w->host[n->ap].bssid, &now, &w->mout);
	carry_node(w, n);
}

void world_kill_radio(struct world *w)
{
	unsigned ap = w->me->ap;

	w->radio_dead[ap] = true;
	world_log(w, "access point %u dies", ap);
	for (struct walker *n = w->walkers; n < w->walkers + w->c.n_nodes; n++)
		if (n == w->me || (n->attached && n->ap == ap))
			link_dies(w, n);
}

void world_all_radios(struct world *w, bool alive)
{
	for (unsigned i = 0; i < w->c.n_foreign; i++)
		w->radio_dead[i] = !alive;
	if (!alive)
		world_kill_radio(w);
}

void world_revive_radio(struct world *w, unsigned ap)
{
	w->radio_dead[ap] = false;
}

void world_cut(struct world *w, unsigned from, unsigned to, bool cut)
{
	world_log(w, "host %u to host %u: %s", from, to, cut ? "cut" : "whole again");
	w->cut[from][to] = cut;
}

void world_restart_agent(struct world *w, unsigned i)
{
	struct host *h = &w->host[i];

	world_log(w, "agent %u starts anew", i);
	memset(h->no_auth_at, 0, sizeof(h->no_auth_at));
	memset(h->askers, 0, sizeof(h->askers));
	memset(h->visitor, 0, sizeof(h->visitor));
	memset(h->reverse, 0, sizeof(h->reverse));
	build_again(w, i);
}

void world_restart_node(struct world *w)
{
	struct instant now = world_node_instant(w);

	world_log(w, "the node starts anew");
	mobile_free(w->me->mobile);
	w->me->scanning = false;
	memset(w->me->tap, 0, sizeof(w->me->tap));
	w->me->tapped = 0;
	w->me->mobile = mobile_new(&w->me->conf, w->me->pool, &now);
	assert(w->me->mobile);
	mobile_start(w->me->mobile, &now, &w->mout);
	carry_node(w, w->me);
	cable_addresses(w, w->me);
	if (w->me->attached)
		carry_link_up(w, w->me, w->me->ap, &w->host[w->me->ap].bssid);
	if (w->me->cable.in)
		cable_in(w, w->me, w->me->cable.to);
	world_scan(w);
}

void world_lossy(struct world *w, unsigned permille)
{
	w->c.backbone_signal.loss = w->c.radio_signal.loss = permille;
}

void world_refuse(struct world *w, bool refuse)
{
	struct agent_conf *c = &w->host[w->c.n_foreign].conf;
	struct agent_conf usual;

	agent_conf_default(&usual);
	c->max_bindings = refuse ? 0 : usual.max_bindings;
	world_restart_agent(w, w->c.n_foreign);
}

void world_heal(struct world *w)
{
	struct world_wire whole = { 0 };

	world_log(w, "everything works from now on");
	w->c.backbone_signal = w->c.backbone_data = w->c.radio_signal = w->c.radio_data = whole;
	memset(w->cut, 0, sizeof(w->cut));
	memset(w->radio_dead, 0, sizeof(w->radio_dead));
}

const char *world_violated(const struct world *w)
{
	return w->bad[0] ? w->bad : NULL;
}

void world_violate(struct world *w, const char *fmt, ...)
{
	va_list ap;

	if (w->bad[0])
		return;
	va_start(ap, fmt);
	vsnprintf(w->bad, sizeof(w->bad), fmt, ap);
	va_end(ap);
	world_log(w, "VIOLATED: %s", w->bad);
}

uint64_t world_hash(const struct world *w)
{
	return w->hash;
}

struct mobile *world_node(struct world *w)
{
	return w->me->mobile;
}

struct agent *world_agent(struct world *w, unsigned i)
{
	return w->host[i].agent;
}

bool world_kernel_has_visitor(const struct world *w, unsigned i)
{
	return w->host[i].visitor[w->me->index];
}
