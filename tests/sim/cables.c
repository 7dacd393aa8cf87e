/* SPDX-License-Identifier: MIT */
#include "tests/sim/cables.h"

#include "client/report.h"

struct world_conf cables_of(enum radios r, bool nat)
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

unsigned cables_link(struct world *w)
{
	struct mobile_info m;

	mobile_info(world_node(w), world_now(w) + SEC(1000), &m);
	return m.link;
}

bool cables_registered(struct world *w)
{
	struct mobile_info m;

	mobile_info(world_node(w), world_now(w) + SEC(1000), &m);
	return m.state == MOBILE_REGISTERED;
}

void cables_wait(struct world *w, mtime t)
{
	world_run(w, world_now(w) + t);
}

bool cables_end(struct world *w, bool ok, const char *with)
{
	cables_wait(w, SEC(25));
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
	ok &= same(cables_link(w), WORLD_CABLE, "the interface in use");
	settle(w);
	ok &= nothing_lost(w);
	return cables_end(w, ok, with);
}

static bool plugged_in(void)
{
	bool ok = true;

	for EACH_RADIO (r)
		for (unsigned nat = 0; nat < 2; nat++) {
			struct world_conf c = cables_of(r, nat);

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
		ok &= same(cables_link(w), i % 2 ? MOBILE_RADIO : WORLD_CABLE, "the interface");
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
	return cables_end(w, ok, with);
}

static bool by_a_users_word(void)
{
	bool ok = true;

	for EACH_RADIO (r) {
		struct world_conf c = cables_of(r, r);

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
		struct world_conf c = cables_of(r, r == 1);

		c.leg[0] = c.leg[1] = c.leg[2] = radio;
		c.leg[WIRED] = cable;
		snprintf(with, sizeof(with), "radio %lld, cable %lld ms more, each %lld, radio %u",
			 (long long)radio / 1000, (long long)cable / 1000, (long long)every / 1000,
			 r);
		/* what comes by an agent is not seen, so what overtakes is not held back */
		ok &= back_and_forth(&c, every, r != RADIOS_AGENTS || cable <= 0, with);
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
		struct world_conf c = cables_of(r, r == 1);
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
		ok &= cables_end(w, true, "400 ms");
	}
	return ok;
}

/* Money is spent where there is nothing else. */
static bool metered(void)
{
	bool ok = true;

	for EACH_RADIO (r) {
		struct world_conf c = cables_of(r, false);
		struct world_count down, up;
		struct world *w;

		c.cable_metered = true;
		w = begin(&c);
		world_plug(w, WIRED);
		pass(w, SEC(5));
		ok &= same(cables_link(w), MOBILE_RADIO, "metered: the interface");
		world_all_radios(w, false);
		cables_wait(w, SEC(2));
		ok &= same(cables_link(w), WORLD_CABLE, "nothing else: the interface");
		ok &= same(cables_registered(w), true, "registered");
		world_all_radios(w, true);
		cables_wait(w, SEC(20));
		ok &= same(cables_link(w), MOBILE_RADIO, "again: the interface");
		settle(w);
		world_count(w, &down, &up);
		ok &= same(down.duplicated + up.duplicated + up.reordered, 0, "doubled");
		ok &= cables_end(w, true, "metered");
	}
	return ok;
}

const struct scenario cables[] = {
	{ "MBB: a cable is plugged in: 0 lost, 0 doubled, 0 reordered", plugged_in },
	{ "MBB: to a cable and back by a user's word", by_a_users_word },
	{ "MBB: paths 1, 10, 40 ms apart", faster_or_slower },
	{ "MBB: paths 400 ms apart: 0 lost, 0 doubled", too_far_apart },
	{ "MBB: a metered cable is the last choice", metered },
	{ NULL, NULL },
};
