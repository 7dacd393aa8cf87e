/* SPDX-License-Identifier: MIT */
#include "tests/sim/inside.h"

/*
 * The air, for nodes that decide by themselves.  Access point i stands at i on a line; a signal
 * falls from -40 dBm by 40 dB a step, and fades by a few dB as the node goes.  While a radio looks
 * at other channels it neither hears nor sends.
 */
#define STEP MSEC(50)
#define USELESS (-92)
#define CHANNEL MSEC(60)

static double distance(double a, double b)
{
	return a < b ? b - a : a - b;
}

/* -4 .. 4 dB: the same wherever the node is again; no maths library decides a run. */
static int fading(const struct walker *n, unsigned ap)
{
	unsigned x = (unsigned)(n->at * 37) * 2654435761u + ap * 40503u + n->index * 977u;

	return (int)(x >> 16) % 9 - 4;
}

int radio_dbm(const struct world *w, const struct walker *n, unsigned ap)
{
	(void)w;
	return -40 - (int)(40 * distance(n->at, ap)) + fading(n, ap);
}

struct radio_bss radio_bss(const struct world *w, unsigned ap, bool second, int dbm)
{
	struct instant now = world_node_instant(w);

	return (struct radio_bss){.bssid = second ? w->host[ap].bssid2 : w->host[ap].bssid,
				  .freq_mhz = (uint16_t)(2412 + 25 * (ap % 3) + 5 * second),
				  .signal_dbm = (int16_t)dbm,
				  .seen = now.t,
				  .ssid = "campus",
				  .ssid_len = 6};
}

void radio_scan_begins(struct world *w, struct walker *n, const struct mobile_action *a)
{
	struct event e = { .kind = EVENT_SCANNED, .to = TO_NODE, .node = n->index };

	e.at = w->now + CHANNEL * (a->n_freqs ? (mtime)a->n_freqs : 13);
	world_log(w, "node: looks at %u channels", a->n_freqs ? a->n_freqs : 13);
	n->scanning = true;
	wire_push(w, e);
}

void radio_scan_ends(struct world *w, struct walker *n)
{
	struct instant now = world_node_instant(w);
	struct radio_bss list[WORLD_FOREIGN_MAX];
	unsigned found = 0;

	n->scanning = false;
	for (unsigned i = 0; i < world_aps(w); i++) {
		int dbm = radio_dbm(w, n, i);

		if (!w->radio_dead[i] && dbm > USELESS)
			list[found++] = radio_bss(w, i, false, dbm);
	}
	mobile_scanned(n->mobile, list, found, &now, &w->mout);
	carry_node(w, n);
}

static unsigned nearest(const struct world *w, const struct walker *n)
{
	unsigned best = 0;

	for (unsigned i = 1; i < world_aps(w); i++)
		if (distance(n->at, i) < distance(n->at, best))
			best = i;
	return best;
}

/* Out of range: the supplicant takes the strongest by itself. */
static void link_lost(struct world *w, struct walker *n)
{
	struct instant now = world_node_instant(w);
	struct event e = {.kind = EVENT_LINK_UP,
			  .to = TO_NODE,
			  .node = n->index,
			  .host = nearest(w, n),
			  .roam = ++n->roam,
			  .at = w->now + 2 * w->c.layer2_outage};

	world_log(w, "node: out of range of access point %u", n->ap);
	e.mac = w->host[e.host].bssid;
	station_left(w, n, w->c.gone_after);
	n->attached = false;
	wire_push(w, e);
	mobile_count(n->mobile, n->tapped);
	mobile_disconnected(n->mobile, MOBILE_RADIO, &w->host[n->ap].bssid, &now, &w->mout);
	carry_node(w, n);
}

static bool crossed(const struct walker *n, int from, int to)
{
	for (unsigned i = 0; i < n->n_thresholds; i++)
		if ((from < n->thresholds[i]) != (to < n->thresholds[i]))
			return true;
	return false;
}

static void moves(struct world *w, struct walker *n)
{
	struct instant now = world_node_instant(w);
	double left = n->goal - n->at, step = n->speed * STEP / 1e6;
	int before = n->dbm;

	n->at += left > step ? step : left < -step ? -step : left;
	if (!n->attached)
		return;
	n->dbm = radio_dbm(w, n, n->ap);
	if (n->dbm < USELESS) {
		link_lost(w, n);
	} else if (crossed(n, before, n->dbm)) {
		mobile_threshold(n->mobile, &now, &w->mout);
		carry_node(w, n);
	}
}

void radio_moves(struct world *w)
{
	for (unsigned k = 0; k < w->c.n_nodes; k++)
		moves(w, &w->walkers[k]);
	wire_push(w, (struct event){ .kind = EVENT_AIR, .at = w->now + STEP });
}

void world_stroll(struct world *w, unsigned to, double speed)
{
	world_log(w, "node %u goes from %.2f to %u", w->me->index, w->me->at, to);
	w->me->goal = to;
	w->me->speed = speed;
}
