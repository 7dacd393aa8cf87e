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

bool registered_(struct world *w);
bool registered_(struct world *w)
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

const struct scenario cables[] = {
	{ "MBB: a cable is plugged in: 0 lost, 0 doubled, 0 reordered", plugged_in },
	{ "MBB: to a cable and back by a user's word", by_a_users_word },
	{ "MBB: paths 1, 10, 40 ms apart", faster_or_slower },
	{ NULL, NULL },
};
