/* SPDX-License-Identifier: MIT */
#include "tests/sim/cases.h"

/* Each flow: how its world is, and what begins it. */

static void early_forward_conf(struct world_conf *c)
{
	c->forward_early[0] = c->forward_early[1] = true;
}

static void dealt_conf(struct world_conf *c) /* no agent has a key of the node's own */
{
	early_forward_conf(c);
	for (unsigned i = 0; i < WORLD_FOREIGN_MAX; i++)
		c->no_key[i] = true;
}

static void reserves(struct world_conf *c)
{
	c->no_early = false;
}

static void legacy_b(struct world_conf *c)
{
	c->neighbours = c->legacy[1] = true;
}

static void one_agent(struct world_conf *c)
{
	c->two_aps = true;
}

static void home_link(struct world_conf *c)
{
	c->home_link = true;
}

static void legacy_a(struct world_conf *c)
{
	c->legacy[0] = true;
}

static void legacy_both(struct world_conf *c)
{
	c->legacy[0] = c->legacy[1] = true;
}

static void hostapd(struct world_conf *c)
{
	c->no_early = false;
	for (unsigned i = 0; i < WORLD_FOREIGN_MAX; i++)
		c->hostapd[i] = true;
	c->gone_after = MSEC(20);
}

static void own(struct world_conf *c) /* networks without an agent */
{
	c->dhcp = MSEC(8);
	for (unsigned i = 0; i < c->n_foreign; i++)
		c->plain[i] = true;
}

static void own_nats(struct world_conf *c)
{
	own(c);
	for (unsigned i = 0; i < c->n_foreign; i++)
		c->nat[i] = true;
}

static void own_b(struct world_conf *c) /* agent 0 keeps, and is left for where none is */
{
	c->dhcp = MSEC(8);
	c->plain[1] = c->nat[1] = true;
}

/* From agent 0 by a cable to agent 1, or to a network without one. */
static void cable(struct world_conf *c)
{
	c->wired = 2;
	c->cable = 500;
}

static void cable_own(struct world_conf *c)
{
	cable(c);
	c->dhcp = MSEC(8);
	c->plain[1] = true;
}

/* It has to be in for 500 ms. */
static void plug(struct world *w)
{
	world_plug(w, 1);
	world_run(w, world_now(w) + MSEC(499));
}

const struct flow_case flow_cases[CASES] = {
	{ "F1", true, ASK_SELF, NULL, NULL, { 0, 0, 1 }, 12, false, false },
	{ "F2", false, ASK_SELF, NULL, world_kill_radio, { 0, 0, 0 }, 10, false, false },
	{ "F2, asking nothing", false, ASK_NONE, NULL, world_kill_radio, { 0, 0, 0 }, 10, false,
	  false },
	{ "F3", true, ASK_SELF, reserves, NULL, { 0, 0, 1 }, 13, false, false },
	{ "F4", true, ASK_SELF, legacy_b, NULL, { 0, 0, 1 }, 14, true, false },
	{ "F5", true, ASK_SELF, one_agent, world_other_ap, { 0, 0, 0 }, 3, false, false },
	{ "F6", true, ASK_SELF, NULL, NULL, { 0, 1, 0 }, 12, false, false },
	{ "F7", true, ASK_SELF, own, NULL, { 0, 0, 1 }, 8, false, false },
	{ "F7, NATs", true, ASK_SELF, own_nats, NULL, { 0, 0, 1 }, 8, false, false },
	{ "F7, sudden", false, ASK_SELF, own_nats, world_kill_radio, { 0, 0, 0 }, 4, false, false },
	{ "F8, from home", true, ASK_SELF, home_link, NULL, { HOME_LINK, HOME_LINK, 1 }, 7, false,
	  false },
	{ "F8, to home", true, ASK_SELF, home_link, NULL, { 0, 0, HOME_LINK }, 9, false, false },
	{ "F9", true, ASK_SELF, legacy_a, NULL, { 0, 0, 1 }, 10, false, false },
	{ "F9, between two", true, ASK_SELF, legacy_both, NULL, { 0, 0, 1 }, 9, true, false },
	{ "F10", false, ASK_SELF, hostapd, world_kill_radio, { 0, 0, 0 }, 11, false, false },
	{ "F11", true, ASK_SELF, early_forward_conf, NULL, { 0, 0, 1 }, 12, false, false },
	{ "F11, keys dealt", true, ASK_SELF, dealt_conf, NULL, { 0, 0, 1 }, 12, false, false },
	{ "F12", true, ASK_SELF, own_b, NULL, { 0, 0, 1 }, 13, false, false },
	{ "F12, sudden", false, ASK_SELF, own_b, world_kill_radio, { 0, 0, 0 }, 9, false, false },
	{ "MBB, to an agent", true, ASK_SELF, cable, plug, { 0, 0, 0 }, 6, false, true },
	{ "MBB", true, ASK_SELF, cable_own, plug, { 0, 0, 0 }, 7, false, true },
};
