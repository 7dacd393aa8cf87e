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

/* ---- building it ---- */

static void key(struct sa *sa, uint32_t spi, unsigned fill)
{
	*sa = (struct sa){ .spi = spi, .alg = AUTH_HMAC_SHA256, .key = { .len = 32 } };
	memset(sa->key.b, (int)fill, 32);
}

/* Its randomness: new at each start. */
static void start_agent(struct world *w, unsigned i)
{
	struct host *h = &w->host[i];
	struct instant now = world_instant(w, world_skew(w, i));
	uint64_t seed[] = { w->c.seed, i, ++h->starts };

	memcpy(h->conf.seed, seed, sizeof(seed));
	h->agent = agent_new(&h->conf, h->pool, &now);
	assert(h->agent);
}

static uint32_t care_of(unsigned i)
{
	return 0xc6336400u + 7 + i * 32;
}

static uint32_t link_addr(unsigned i)
{
	return 0x0a000001u + ((i + 1) << 16);
}

static void name_neighbours(struct world *w, unsigned i)
{
	struct agent_conf *c = &w->host[i].conf;

	for (unsigned k = 0; k < w->c.n_foreign; k++)
		if (k != i)
			c->neighbours[c->n_neighbours++] = (struct neighbour){
			    .bssid = { { 2, 0, 0, 0, (uint8_t)k, 0 } },
			    .agent_mac = { { 2, 0, 0, 0, (uint8_t)k, 0xaa } },
			    .agent_addr = link_addr(k),
			    .care_of = care_of(k)};
}

static void build_host(struct world *w, unsigned i)
{
	struct host *h = &w->host[i];
	struct agent_conf *c = &h->conf;
	bool home = i == w->c.n_foreign;

	agent_conf_default(c);
	c->deal_keys = !w->c.no_deal;
	c->nodes = h->nodes;
	c->n_nodes = w->c.n_nodes;
	for (unsigned k = 0; k < w->c.n_nodes; k++) {
		h->nodes[k].home_addr = WORLD_HOME + k;
		if (home)
			key(&h->nodes[k].sa, 256, 0x11 + k);
		else if (!w->c.no_key[i])
			key(&h->nodes[k].sa, 300 + i, 0xa0 + i + 7 * k);
	}
	c->peers = h->peers;
	c->home = home;
	c->foreign = !home;
	c->buffers = home ? !w->c.home_refuses : !w->c.legacy[i];
	c->home_agent = h->addr;
	if (home) {
		h->addr = c->home_agent = WORLD_HOME_AGENT;
		c->home_net = WORLD_HOME & 0xffffff00;
		c->home_prefix_len = 24;
		c->n_peers = w->c.n_foreign;
		for (unsigned k = 0; k < w->c.n_foreign; k++) {
			h->peers[k].addr = care_of(k);
			key(&h->peers[k].sa, 400 + k, 0x40 + k);
		}
	} else {
		h->addr = c->care_of = care_of(i);
		h->link_addr = c->link_addr = link_addr(i);
		h->mac = (struct mac){ { 2, 0, 0, 0, (uint8_t)i, 0xaa } };
		h->bssid = (struct mac){ { 2, 0, 0, 0, (uint8_t)i, 0 } };
		h->bssid2 = (struct mac){ { 2, 0, 0, 0, (uint8_t)i, 1 } };
		c->n_links = 1;
		c->link_mac[0] = h->mac;
		c->foreign_reverse = true;
		c->n_peers = 1;
		h->peers[0].addr = WORLD_HOME_AGENT;
		key(&h->peers[0].sa, 400 + i, 0x40 + i);
	}
	if (!home && w->c.neighbours)
		name_neighbours(w, i);
	h->pool = calloc(1, c->buffer_total);
	start_agent(w, i);
}

static void build_node(struct world *w, unsigned k)
{
	struct walker *n = &w->walkers[k];
	struct mobile_conf *c = &n->conf;
	struct instant now = world_node_instant(w);

	n->index = k;
	n->home = WORLD_HOME + k;
	n->mac = (struct mac){ { 2, 0, 0, 0, 9, (uint8_t)(9 + k) } };
	mobile_conf_default(c);
	c->home_addr = n->home;
	c->home_agent = WORLD_HOME_AGENT;
	c->automatic = w->c.automatic;
	c->buffer = w->c.buffer;
	key(&c->home_sa, 256, 0x11 + k);
	c->elastic = !w->c.rigid;
	c->early_lease = !w->c.no_early;
	c->size_packets = w->c.size_packets;
	c->size_kib = w->c.size_packets ? 1024 : 0;
	if (w->c.lifetime_s)
		c->lifetime_s = w->c.lifetime_s;
	for (unsigned i = 0; i < w->c.n_foreign; i++) {
		if (w->c.no_key[i])
			continue;
		c->agents[c->n_agents].addr = w->host[i].addr;
		key(&c->agents[c->n_agents++].sa, 300 + i, 0xa0 + i + 7 * k);
	}
	n->pool = calloc(1, c->uplink_bytes);
	n->mobile = mobile_new(c, n->pool, &now);
	assert(n->mobile);
	mobile_start(n->mobile, &now, &w->mout);
	carry_node(w, n);
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
		if (mac_equal(&w->walkers[k].mac, mac))
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
	struct radio_bss list[2 * WORLD_FOREIGN_MAX];
	unsigned n = 0;

	if (w->c.automatic)
		return; /* it looks for itself */

	for (unsigned i = 0; i < w->c.n_foreign; i++) {
		if (w->radio_dead[i])
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
			  .host = (n->ap + 1) % w->c.n_foreign,
			  .mac = w->host[(n->ap + 1) % w->c.n_foreign].bssid,
			  .roam = ++n->roam,
			  .at = w->now + 2 * w->c.layer2_outage};

	station_left(w, n, w->c.gone_after);
	n->attached = false;
	wire_push(w, e);
	mobile_count(n->mobile, n->tapped);
	mobile_disconnected(n->mobile, &w->host[n->ap].bssid, &now, &w->mout);
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
	agent_free(h->agent);
	memset(h->visitor, 0, sizeof(h->visitor));
	memset(h->reverse, 0, sizeof(h->reverse));
	start_agent(w, i);
}

void world_restart_node(struct world *w)
{
	struct instant now = world_node_instant(w);

	world_log(w, "the node starts anew");
	mobile_free(w->me->mobile);
	w->me->tap = w->me->scanning = false;
	w->me->tapped = 0;
	w->me->mobile = mobile_new(&w->me->conf, w->me->pool, &now);
	assert(w->me->mobile);
	mobile_start(w->me->mobile, &now, &w->mout);
	carry_node(w, w->me);
	if (w->me->attached)
		carry_link_up(w, w->me, w->me->ap, &w->host[w->me->ap].bssid);
	world_scan(w);
}

void world_lossy(struct world *w, unsigned permille)
{
	w->c.backbone_signal.loss = w->c.radio_signal.loss = permille;
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

void world_log_missing(struct world *w)
{
	const struct direction *way[] = { &w->me->down, &w->me->up };

	for (unsigned k = 0; k < 2 && w->c.log; k++) {
		for (unsigned i = 0, from; i < way[k]->sent; i++) {
			if (way[k]->got[i])
				continue;
			for (from = i; i + 1 < way[k]->sent && !way[k]->got[i + 1]; i++)
				;
			world_log(w, "%s: %u to %u lost", k ? "up" : "down", from, i);
		}
	}
}

static void count(const struct direction *d, struct world_count *c)
{
	*c = (struct world_count){.sent = d->sent,
				  .received = d->received,
				  .duplicated = d->duplicated,
				  .reordered = d->reordered,
				  .longest_gap = d->gap};
	for (unsigned i = 0; i < d->sent; i++)
		c->lost += !d->got[i];
}

void world_count(const struct world *w, struct world_count *down, struct world_count *up)
{
	count(&w->me->down, down);
	count(&w->me->up, up);
}
