/* SPDX-License-Identifier: MIT */
#include "tests/sim/plan.h"

#include "client/cross.h"

/*
 * Random worlds of nodes that have a cable: it is plugged in and out among walks, and users say
 * which interface they want.  In worlds that promise most it is pulled once the radio serves.
 */
#define WAY_THERE MSEC(300) /* longer than what is under way to a cable that was left */
#define GRACE SEC(2) /* so long the home agent takes what comes from the address before */

/* One network more, or two, that a cable leads to; in a quarter of them there is an agent. */
void plugs_configure(struct plan *p, uint64_t seed)
{
	uint64_t x = mix(seed ^ 0x706c756773);
	struct world_conf *c = &p->c;

	c->wired = 1 + x % 2;
	if (c->n_foreign > WORLD_FOREIGN_MAX - c->wired)
		c->n_foreign = WORLD_FOREIGN_MAX - c->wired;
	c->n_foreign += c->wired;
	for (unsigned i = aps(p); i < c->n_foreign; i++) {
		c->plain[i] = (x >> (8 + i)) % 4 != 0;
		c->nat[i] = x >> (16 + i) & 1;
		c->legacy[i] = false;
	}
	for (unsigned i = 0; i < c->n_foreign + 2; i++)
		c->leg[i] = MSEC((x >> (24 + 4 * i)) % 16);
	if (!p->own)
		c->dhcp = MSEC(mix(x) % 400);
	c->cable = (mtime)(50 + mix(x + 1) % 2000);
	c->cable_metered = mix(x + 2) % 6 == 0;
	c->cable_flushes = mix(x + 3) % 2;
	c->home_link = false;
}

/*
 * Mostly behind a wall; or at an access point's own network.  An agent there that is come back to
 * by the radio delivers to the cable until it has the Reply: where that may be lost, so is the
 * rest.
 */
static void plug(struct plan *p)
{
	bool wall = dice(p, 4) || p->class == SEED_SIGNALS;

	world_plug(p->w, wall ? aps(p) + dice(p, p->c.wired) : dice(p, aps(p)));
}

static bool handing_off(const struct plan *p)
{
	struct report r;

	return mobile_report(world_node(p->w), 0, &r) && !r.ended;
}

static unsigned link_in_use(const struct plan *p)
{
	struct mobile_info m;

	mobile_info(world_node(p->w), world_now(p->w) + SEC(1000), &m);
	return m.link;
}

static bool by_radio(const struct plan *p)
{
	return link_in_use(p) == MOBILE_RADIO && !handing_off(p);
}

static void run(struct plan *p, mtime t)
{
	world_run(p->w, world_now(p->w) + t);
}

/* As who sees in the status that the radio serves again. */
static void pull_with_care(struct plan *p)
{
	if (!by_radio(p) && world_cross(p->w, MOBILE_RADIO))
		return;
	for (unsigned i = 0; i < 100 && !by_radio(p); i++)
		run(p, MSEC(50));
	run(p, WAY_THERE);
	if (by_radio(p))
		world_pull(p->w);
}

static void flap(struct plan *p)
{
	for (unsigned n = 2 + dice(p, 12); n--;) {
		world_pull(p->w);
		run(p, between(p, 0, MSEC(400)));
		plug(p);
		run(p, between(p, MSEC(1), MSEC(900)));
	}
}

/* What the node sends by the cable goes nowhere, or what is sent to it. */
static void dead_end(struct plan *p, bool rough)
{
	unsigned to = aps(p) + dice(p, p->c.wired), home = p->c.n_foreign;
	bool back = rough && dice(p, 2);

	world_cut(p->w, back ? home : to, back ? to : home, true);
	world_plug(p->w, to);
	run(p, between(p, MSEC(5), SEC(8)));
	world_cut(p->w, back ? home : to, back ? to : home, false);
}

static void rough_step(struct plan *p)
{
	switch (dice(p, 5)) {
	case 0:
		flap(p);
		break;
	case 1:
		world_roam(p->w, dice(p, aps(p)));
		break;
	case 2:
		dead_end(p, true);
		break;
	default:
		world_pull(p->w);
		break;
	}
}

static void careful_step(struct plan *p)
{
	switch (dice(p, 4)) {
	case 0:
		if (link_in_use(p) == WORLD_CABLE && !handing_off(p) && !p->c.automatic) {
			run(p, WAY_THERE);
			world_roam(p->w, dice(p, aps(p)));
		}
		break;
	case 1:
		if (!world_plugged(p->w))
			dead_end(p, false);
		break;
	default:
		pull_with_care(p);
		break;
	}
}

void plugs_step(struct plan *p)
{
	if (!world_plugged(p->w)) {
		plug(p);
		if (dice(p, 2))
			run(p, between(p, MSEC(500), SEC(2)));
	} else if (!dice(p, 4)) {
		world_cross(p->w, dice(p, 3) ? dice(p, 2) : MOBILE_ANY_LINK);
	} else if (p->class == SEED_SUDDEN || p->class == SEED_CHAOS) {
		rough_step(p);
	} else {
		careful_step(p);
	}
}

/* An interface that did not serve is tried again after minutes; then what was left is forgotten. */
void plugs_settle(struct plan *p)
{
	for (unsigned k = 0; k < p->c.n_nodes; k++) {
		world_use(p->w, k);
		world_cross(p->w, MOBILE_ANY_LINK);
	}
	run(p, SEC(310)); /* by an agent that is gone, */
	run(p, SEC(310)); /* and then without one */
	run(p, SEC(120));
}

/*
 * A crossing loses nothing, also where it fails because its Request was not heard.  It cannot know
 * how late signalling was, nor what an agent brings past it.
 */
bool plugs_as_planned(struct plan *p, const struct report *r)
{
	if (r->flow != FLOW_MBB)
		return false;
	p->overtaken |= p->class == SEED_SIGNALS;
	/* Nobody looked at the radio's neighbours meanwhile: it may be near its end by now. */
	p->may_lose |= p->c.automatic && r->to.ssid_len;
	p->down_overtaken |= r->to.agent != WORLD_HOME_AGENT;
	if (p->class == SEED_SIGNALS)
		return r->ok && r->at[STEP_DONE] - r->at[STEP_TRIGGER] < GRACE;
	return true;
}
