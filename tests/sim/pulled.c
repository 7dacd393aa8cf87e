/* SPDX-License-Identifier: MIT */
#include "tests/sim/cables.h"

#define STEADY MSEC(500) /* so long a cable has to be in */

/* ---- links that go ---- */

/* What was sent while the cable was out and the home agent did not know; and in which order. */
static bool goes(struct world *w, unsigned most, unsigned most_up, const char *with)
{
	struct world_count down, up;
	bool ok;

	settle(w);
	world_count(w, &down, &up);
	ok = same(down.duplicated + up.duplicated, 0, "doubled");
	ok &= same(down.reordered + up.reordered, 0, "reordered");
	ok &= same(down.lost <= most && up.lost <= most_up, true, "lost: as few as can be");
	if (!ok)
		printf("    lost: down %u of %u allowed, up %u of %u\n", down.lost, most,
		       up.lost, most_up);
	world_all_radios(w, true);
	return cables_end(w, ok, with);
}

/* 500 a second while a packet is under way to the cable, and a Request to the home agent. */
#define ROUND_TRIP ((20 + 2) / 2)

static bool pulled(void)
{
	bool ok = true;

	for EACH_RADIO (r) {
		struct world_conf c = cables_of(r, r == 1);
		struct world *w = begin(&c);

		world_plug(w, WIRED);
		cables_wait(w, SEC(3));
		world_pull(w);
		pass(w, SEC(2));
		ok &= same(cables_link(w), MOBILE_RADIO, "the interface in use");
		ok &= goes(w, ROUND_TRIP + 1, 0, "pulled");
	}
	return ok;
}

/* The radio's own network has a socket, too. */
static bool same_network(void)
{
	bool ok = true;

	for EACH_RADIO (r) {
		struct world_conf c = cables_of(r, r == 1);
		struct world *w = begin(&c);

		world_plug(w, 0);
		pass(w, SEC(2));
		ok &= flow_is(w, "MBB", true);
		ok &= same(cables_link(w), WORLD_CABLE, "the interface in use");
		ok &= same(world_cross(w, MOBILE_RADIO) == NULL, true, "it goes back");
		pass(w, SEC(2));
		ok &= flow_is(w, "MBB", true);
		ok &= same(cables_link(w), MOBILE_RADIO, "the interface in use");
		world_cross(w, MOBILE_ANY_LINK);
		pass(w, SEC(2));
		ok &= same(cables_link(w), WORLD_CABLE, "again: the interface in use");
		settle(w);
		ok &= nothing_lost(w);
		world_stream(w, true, MSEC(2));
		cables_wait(w, SEC(1));
		world_pull(w);
		pass(w, SEC(2));
		ok &= goes(w, ROUND_TRIP + 1, 0, "the same network");
	}
	return ok;
}

/* Whenever it happens: before the node crosses, while it does and soon after. */
static bool while_crossing(void (*what)(struct world *w), unsigned most, unsigned most_up,
			   const char *with)
{
	bool ok = true;

	for EACH_RADIO (r)
		for (unsigned ms = 0; ok && ms < 60; ms += 3) {
			struct world_conf c = cables_of(r, r == 1);
			struct world *w = begin(&c);

			world_plug(w, WIRED);
			cables_wait(w, STEADY - MSEC(2) + MSEC(ms));
			what(w);
			pass(w, SEC(7));
			ok &= goes(w, most, most_up, with);
			if (!ok)
				printf("    %u ms, radios %u\n", ms, r);
		}
	return ok;
}

/* The home agent has accepted, and hears of the radio again: twice the way there. */
#define TOLD_AGAIN (ROUND_TRIP + ROUND_TRIP / 2 + 1)

static bool pulled_crossing(void)
{
	return while_crossing(world_pull, TOLD_AGAIN, 0, "pulled while crossing");
}

static void radio_dies(struct world *w)
{
	world_all_radios(w, false);
}

static bool radio_dies_crossing(void)
{
	return while_crossing(radio_dies, TOLD_AGAIN, 1, "the radio dies while crossing");
}

static void radio_roams(struct world *w)
{
	world_roam(w, 1);
}

/* Nobody says that it is away. */
static bool radio_roams_crossing(void)
{
	return while_crossing(radio_roams, TOLD_AGAIN, TOLD_AGAIN,
			      "the radio roams while crossing");
}

static void home_agent_restarts(struct world *w)
{
	world_restart_agent(w, WIRED + 1);
}

/* It has forgotten the binding, and takes nothing, until the crossing's Request is there; where
 * that was there before, until the node renews. */
static bool home_agent_restarts_crossing(void)
{
	return while_crossing(home_agent_restarts, 10000, 10000, "the home agent starts anew");
}

/* The network behind it leads nowhere: the only link that serves is never cut. */
static bool leads_nowhere(void)
{
	bool ok = true;

	for EACH_RADIO (r)
		for (unsigned way = 0; way < 2; way++) {
			struct world_conf c = cables_of(r, r == 1);
			struct world_count down, up;
			struct world *w = begin(&c);

			if (way)
				world_cut(w, WIRED + 1, WIRED, true);
			else
				world_cut(w, WIRED, WIRED + 1, true);
			world_plug(w, WIRED);
			pass(w, SEC(60));
			ok &= same(cables_link(w), MOBILE_RADIO, "the interface in use");
			ok &= same(cables_registered(w), true, "registered");
			ok &= same(mobile_history_last(world_node(w)) <= 5, true,
				   "tries: after 5, 10, 20 s");
			world_count(w, &down, &up);
			ok &= same(way || up.longest_gap < MSEC(30), true, "programs never wait");
			/* The home agent sends there until it is told again, 4 s a try, and takes
			 * what comes from the old address for 2 s. */
			world_pull(w);
			ok &= goes(w, way ? 4 * 2000 : 0, way ? 4 * 1001 : 0, "leads nowhere");
		}
	return ok;
}

static const enum world_fate fates[] = { FATE_LOST, FATE_DOUBLED, FATE_LATE };

/* The crossing's Request, or its Reply; the first of them, or each for 4 s. */
static bool messages_suffer(void)
{
	bool ok = true;

	for EACH_RADIO (r)
		for (unsigned k = 0; k < 12; k++) {
			struct world_conf c = cables_of(r, false);
			bool reply = k % 2, all = k >= 6;
			struct world_tamper t = { .name = reply ? "Reply" : "Request",
						  .from = reply ? "router 3" : "node",
						  .to = reply ? "node" : "router 3",
						  .fate = fates[k / 2 % 3],
						  .times = all ? 3 : 1,
						  .late = MSEC(700) };
			bool misled = reply && all && t.fate == FATE_LOST;
			struct world *w = begin(&c);

			world_tamper(w, &t);
			world_plug(w, WIRED);
			pass(w, SEC(20));
			ok &= same(world_tampered(w) > 0, true, "tampered with");
			ok &= same(cables_link(w), WORLD_CABLE, "the interface in use");
			/* What the home agent sends comes by the cable all the while. */
			ok &= goes(w, misled ? ROUND_TRIP : 0, misled ? 1001 : 0, t.name);
			if (!ok)
				printf("    case %u, radios %u\n", k, r);
		}
	return ok;
}

/* A plug that makes contact again and again: never for long enough, or just long enough. */
static bool flapping(void)
{
	static const mtime in[] = { MSEC(300), MSEC(499), MSEC(510), MSEC(700) };
	bool ok = true;

	for EACH_RADIO (r)
		for (unsigned k = 0; k < 4; k++) {
			struct world_conf c = cables_of(r, r == 1);
			struct world *w = begin(&c);
			bool steady = in[k] < STEADY;

			c.cable_flushes = k % 2;
			for (unsigned i = 0; i < 40; i++) {
				world_plug(w, WIRED);
				pass(w, in[k]);
				world_pull(w);
				cables_wait(w, MSEC(200));
			}
			ok &= same(mobile_history_last(world_node(w)) <= (steady ? 0 : 8), true,
				   "handoffs: there after 5, 10, 20 s, and back");
			ok &= goes(w, steady ? 0 : 4 * TOLD_AGAIN, 0, "a flapping plug");
			if (!ok)
				printf("    case %u, radios %u\n", k, r);
		}
	return ok;
}

const struct scenario pulled_cables[] = {
	{ "MBB: a cable to the radio's own network", same_network },
	{ "MBB: a cable is pulled: the radio at once", pulled },
	{ "MBB: a cable is pulled while crossing", pulled_crossing },
	{ "MBB: the radio dies while crossing", radio_dies_crossing },
	{ "MBB: the radio roams while crossing", radio_roams_crossing },
	{ "MBB: the home agent starts anew while crossing", home_agent_restarts_crossing },
	{ "MBB: the network behind the cable leads nowhere", leads_nowhere },
	{ "MBB: the Request or the Reply is lost, doubled, late", messages_suffer },
	{ "MBB: a flapping plug", flapping },
	{ NULL, NULL },
};
