/* SPDX-License-Identifier: MIT */
#include "tests/sim/scenario.h"

#include "client/report.h"

/*
 * Make before break: a radio among three access points, and a cable to network WIRED.  The stream
 * is 500 packets a second each way, or every 12 ms, longer than the node waits for silence.
 */
#define WIRED 3
#define STEADY MSEC(500) /* so long a cable has to be in */

enum radios { RADIOS_PLAIN, RADIOS_NAT, RADIOS_AGENTS };
static const enum radios all_radios[] = { RADIOS_PLAIN, RADIOS_NAT, RADIOS_AGENTS };
#define EACH_RADIO(r) (unsigned r = 0; r < sizeof(all_radios) / sizeof(all_radios[0]); r++)

static struct world_conf wires(enum radios r, bool nat)
{
	struct world_conf c = r == RADIOS_AGENTS ? usual() : own_addresses(r == RADIOS_NAT);

	c.n_foreign = WIRED + 1;
	c.wired = 1;
	c.plain[WIRED] = true;
	c.nat[WIRED] = nat;
	c.dhcp = MSEC(30);
	c.cable = 100;
	c.lifetime_s = 20; /* an agent that is left is not told: its route ends with it */
	return c;
}

static unsigned link_in_use(struct world *w)
{
	struct mobile_info m;

	mobile_info(world_node(w), world_now(w) + SEC(1000), &m);
	return m.link;
}

static bool registered(struct world *w)
{
	struct mobile_info m;

	mobile_info(world_node(w), world_now(w) + SEC(1000), &m);
	return m.state == MOBILE_REGISTERED;
}

static void wait_for(struct world *w, mtime t)
{
	world_run(w, world_now(w) + t);
}

/* All is quiet: is the kernel as it should be? */
static bool ends(struct world *w, bool ok, const char *with)
{
	wait_for(w, SEC(25));
	world_check_end(w);
	ok &= holds(w);
	if (!ok)
		printf("    %s\n", with);
	world_free(w);
	return ok;
}

/* ---- as it should be ---- */

static bool plugged(const struct world_conf *c, const char *with)
{
	struct world *w = begin(c);
	bool ok;

	world_plug(w, WIRED);
	pass(w, SEC(2));
	ok = flow_is(w, "MBB", true);
	ok &= same(link_in_use(w), WORLD_CABLE, "the interface in use");
	settle(w);
	ok &= nothing_lost(w);
	return ends(w, ok, with);
}

static bool plugged_in(void)
{
	bool ok = true;

	for EACH_RADIO (r)
		for (unsigned nat = 0; nat < 2; nat++) {
			struct world_conf c = wires(all_radios[r], nat);

			ok &= plugged(&c, nat ? "a NAT behind the cable" : "no NAT");
		}
	return ok;
}

/* To the cable and back, by a user's word. */
static bool back_and_forth(const struct world_conf *c, mtime every, bool ordered_back,
			   const char *with)
{
	struct world_count down, up;
	struct world *w = begin(c);
	bool ok = true;

	world_stream(w, true, every);
	world_plug(w, WIRED);
	for (unsigned i = 0; i < 6; i++) {
		pass(w, SEC(2));
		ok &= flow_is(w, "MBB", true);
		ok &= same(link_in_use(w), i % 2 ? MOBILE_RADIO : WORLD_CABLE, "the interface");
		ok &= same(world_cross(w, i % 2 ? WORLD_CABLE : MOBILE_RADIO) == NULL, true,
			   "it goes there");
	}
	pass(w, SEC(2));
	settle(w);
	world_count(w, &down, &up);
	ok &= same(down.lost + down.duplicated + up.lost + up.duplicated, 0, "lost, doubled");
	ok &= same(up.reordered, 0, "uplink reordered");
	if (ordered_back)
		ok &= same(down.reordered, 0, "downlink reordered");
	return ends(w, ok, with);
}

static bool by_a_users_word(void)
{
	bool ok = true;

	for EACH_RADIO (r) {
		struct world_conf c = wires(all_radios[r], r);

		ok &= back_and_forth(&c, MSEC(2), true, "equal paths");
	}
	return ok;
}

/* One of the paths is longer, by so much each way. */
static bool apart(mtime radio, mtime cable, mtime every)
{
	bool ok = true;
	char with[80];

	for EACH_RADIO (r) {
		struct world_conf c = wires(all_radios[r], r == 1);

		c.leg[0] = c.leg[1] = c.leg[2] = radio;
		c.leg[WIRED] = cable;
		snprintf(with, sizeof(with), "radio %lld, cable %lld ms more, every %lld, radios %u",
			 (long long)radio / 1000, (long long)cable / 1000, (long long)every / 1000,
			 r);
		/* what comes by an agent is not seen, so what overtakes is not held back */
		ok &= back_and_forth(&c, every, all_radios[r] != RADIOS_AGENTS || cable <= 0, with);
	}
	return ok;
}

static bool faster_or_slower(void)
{
	static const mtime by[] = { MSEC(1), MSEC(10), MSEC(40) };
	bool ok = true;

	for (unsigned i = 0; i < 3; i++)
		ok &= apart(by[i], 0, MSEC(2)) & (int)apart(0, by[i], MSEC(2)) &
		      (int)apart(by[i], 0, MSEC(12)) & (int)apart(0, by[i], MSEC(12));
	return ok;
}

/* More than the guard waits: order is lost, and nothing else. */
static bool too_far_apart(void)
{
	bool ok = true;

	for EACH_RADIO (r) {
		struct world_conf c = wires(all_radios[r], r == 1);
		struct world_count down, up;
		struct world *w;

		c.leg[0] = MSEC(400);
		w = begin(&c);
		world_plug(w, WIRED);
		pass(w, SEC(3));
		ok &= flow_is(w, "MBB", true);
		settle(w);
		world_count(w, &down, &up);
		ok &= same(down.lost + down.duplicated + up.lost + up.duplicated, 0,
			   "lost, doubled");
		ok &= ends(w, true, "400 ms");
	}
	return ok;
}

/* Money is spent where there is nothing else. */
static bool metered(void)
{
	bool ok = true;

	for EACH_RADIO (r) {
		struct world_conf c = wires(all_radios[r], false);
		struct world_count down, up;
		struct world *w;

		c.cable_metered = true;
		w = begin(&c);
		world_plug(w, WIRED);
		pass(w, SEC(5));
		ok &= same(link_in_use(w), MOBILE_RADIO, "metered: the interface");
		world_all_radios(w, false);
		wait_for(w, SEC(2));
		ok &= same(link_in_use(w), WORLD_CABLE, "nothing else: the interface");
		ok &= same(registered(w), true, "registered");
		world_all_radios(w, true);
		wait_for(w, SEC(20));
		ok &= same(link_in_use(w), MOBILE_RADIO, "again: the interface");
		settle(w);
		world_count(w, &down, &up);
		ok &= same(down.duplicated + up.duplicated + up.reordered, 0, "doubled");
		ok &= ends(w, true, "metered");
	}
	return ok;
}

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
	return ends(w, ok, with);
}

/* 500 a second while a packet is under way to the cable, and a Request to the home agent. */
#define ROUND_TRIP ((20 + 2) / 2)

static bool pulled(void)
{
	bool ok = true;

	for EACH_RADIO (r) {
		struct world_conf c = wires(all_radios[r], r == 1);
		struct world *w = begin(&c);

		world_plug(w, WIRED);
		wait_for(w, SEC(3));
		world_pull(w);
		pass(w, SEC(2));
		ok &= same(link_in_use(w), MOBILE_RADIO, "the interface in use");
		ok &= goes(w, ROUND_TRIP + 1, 0, "pulled");
	}
	return ok;
}

/* The radio's own network has a socket, too. */
static bool same_network(void)
{
	bool ok = true;

	for EACH_RADIO (r) {
		struct world_conf c = wires(all_radios[r], r == 1);
		struct world *w = begin(&c);

		world_plug(w, 0);
		pass(w, SEC(2));
		ok &= flow_is(w, "MBB", true);
		ok &= same(link_in_use(w), WORLD_CABLE, "the interface in use");
		ok &= same(world_cross(w, MOBILE_RADIO) == NULL, true, "it goes back");
		pass(w, SEC(2));
		ok &= flow_is(w, "MBB", true);
		ok &= same(link_in_use(w), MOBILE_RADIO, "the interface in use");
		world_cross(w, MOBILE_ANY_LINK);
		pass(w, SEC(2));
		ok &= same(link_in_use(w), WORLD_CABLE, "again: the interface in use");
		settle(w);
		ok &= nothing_lost(w);
		world_stream(w, true, MSEC(2));
		wait_for(w, SEC(1));
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
			struct world_conf c = wires(all_radios[r], r == 1);
			struct world *w = begin(&c);

			world_plug(w, WIRED);
			wait_for(w, STEADY - MSEC(2) + MSEC(ms));
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
			struct world_conf c = wires(all_radios[r], r == 1);
			struct world *w = begin(&c);

			if (way)
				world_cut(w, WIRED + 1, WIRED, true);
			else
				world_cut(w, WIRED, WIRED + 1, true);
			world_plug(w, WIRED);
			pass(w, SEC(60));
			ok &= same(link_in_use(w), MOBILE_RADIO, "the interface in use");
			ok &= same(registered(w), true, "registered");
			ok &= same(mobile_history_last(world_node(w)) <= 5, true,
				   "tries: after 5, 10, 20 s");
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
			struct world_conf c = wires(all_radios[r], false);
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
			ok &= same(link_in_use(w), WORLD_CABLE, "the interface in use");
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
			struct world_conf c = wires(all_radios[r], r == 1);
			struct world *w = begin(&c);
			bool steady = in[k] < STEADY;

			c.cable_flushes = k % 2;
			for (unsigned i = 0; i < 40; i++) {
				world_plug(w, WIRED);
				pass(w, in[k]);
				world_pull(w);
				wait_for(w, MSEC(200));
			}
			ok &= same(mobile_history_last(world_node(w)) <= (steady ? 0 : 8), true,
				   "handoffs: there after 5, 10, 20 s, and back");
			ok &= goes(w, steady ? 0 : 4 * TOLD_AGAIN, 0, "a flapping plug");
			if (!ok)
				printf("    case %u, radios %u\n", k, r);
		}
	return ok;
}

const struct scenario cables[] = {
	{ "MBB: a cable is plugged in: 0 lost, 0 doubled, 0 reordered", plugged_in },
	{ "MBB: to a cable and back by a user's word", by_a_users_word },
	{ "MBB: paths 1, 10, 40 ms apart", faster_or_slower },
	{ "MBB: paths 400 ms apart: 0 lost, 0 doubled", too_far_apart },
	{ "MBB: a cable to the radio's own network", same_network },
	{ "MBB: a metered cable is the last choice", metered },
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
