/* SPDX-License-Identifier: MIT */
#include "tests/sim/seeds.h"

#include "tests/sim/plan.h"

#include <string.h>

const char *seed_class_name(enum seed_class c)
{
	static const char *const name[] = {
		[SEED_PLANNED] = "planned",
		[SEED_SIGNALS] = "signals",
		[SEED_SUDDEN] = "sudden",
		[SEED_CHAOS] = "chaos",
		[SEED_STROLL] = "stroll",
		[SEED_OWN] = "own",
		[SEED_CABLES] = "cables",
	};

	return name[c];
}

enum seed_class seed_class(uint64_t seed)
{
	unsigned x = (unsigned)(mix(seed) % 100);

	if (mix(seed ^ 0x6361626c6573) % 6 == 0)
		return SEED_CABLES;
	if (mix(seed ^ 0x6f776e) % 8 == 0)
		return SEED_OWN;
	return x < 30   ? SEED_PLANNED
	       : x < 50 ? SEED_SIGNALS
	       : x < 67 ? SEED_SUDDEN
	       : x < 94 ? SEED_CHAOS
			: SEED_STROLL;
}

static enum seed_class like(uint64_t seed)
{
	static const enum seed_class way[] = {SEED_PLANNED, SEED_PLANNED, SEED_PLANNED,
					      SEED_SIGNALS, SEED_SUDDEN,  SEED_STROLL,
					      SEED_CHAOS,   SEED_CHAOS};

	return way[mix(seed ^ 0x6c696b65) % (sizeof(way) / sizeof(way[0]))];
}

/* ---- what the world is like ---- */

static struct world_wire bad_wire(struct plan *p, unsigned worst)
{
	return (struct world_wire){.loss = dice(p, worst + 1),
				   .twice = dice(p, worst + 1),
				   .late = dice(p, 2 * worst + 1),
				   .jitter = between(p, MSEC(1), MSEC(40))};
}

/* Half of the worlds know no keys but those that the home agent deals; a quarter knows none of
 * these. */
static void keys(struct world_conf *c, uint64_t seed)
{
	unsigned way = mix(seed ^ 0x6b6579) % 4;

	for (unsigned i = 0; way < 2 && i < c->n_foreign; i++)
		c->no_key[i] = true;
	c->no_deal = way == 2;
}

static void routers(struct plan *p, uint64_t seed)
{
	uint64_t x = mix(seed ^ 0x726f75746572);
	struct world_conf *c = &p->c;

	c->colocated = x % 5 == 0;
	c->addresses = x % 5 == 1;
	for (unsigned i = 0; i < c->n_foreign; i++) {
		c->plain[i] = x >> (8 + i) & 1;
		c->nat[i] = x >> (16 + i) & 1;
	}
	c->dhcp = MSEC((x >> 24) % 400);
	c->nat_forgets = x >> 40 & 1 ? SEC(30) : 0;
	c->lease_s = x >> 44 & 1 ? 3600 : x >> 45 & 1 ? 20 : 0;
	if ((p->class == SEED_SUDDEN || p->class == SEED_CHAOS) && (x >> 42) % 8 == 0)
		c->dhcp = SEC(9);
}

static void configure(struct plan *p, uint64_t seed, FILE *log)
{
	struct world_conf *c = &p->c;

	bool replays = c->replays;

	*c = (struct world_conf){.n_foreign = 2 + dice(p, 4),
				 .n_nodes = dice(p, 4) ? 1 : 2 + dice(p, NODES_MAX - 1),
				 .buffer = true,
				 .replays = replays,
				 .backbone = between(p, MSEC(1), MSEC(20)),
				 .radio = between(p, 300, 3000),
				 .layer2_outage = between(p, MSEC(40), MSEC(200)),
				 .seed = mix(~seed),
				 .log = log};
	for (unsigned i = 0; i < c->n_foreign + 2; i++)
		c->leg[i] = between(p, 0, MSEC(15));
	for (unsigned i = 0; i <= WORLD_FOREIGN_MAX; i++)
		c->clock_skew_s[i] = dice(p, 3) ? 0 : (int)dice(p, 61) - 30;
	if (dice(p, 2)) /* data falls behind signalling, as behind a fair queue */
		c->backbone_data.lag = between(p, 0, MSEC(6));
	keys(c, seed);
	if (p->own)
		routers(p, seed);
	c->forward_early[0] = mix(seed + 1) % 3 == 0;
	c->forward_early[1] = mix(seed + 2) % 4 != 0;
	if (p->class == SEED_SUDDEN || p->class == SEED_CHAOS)
		c->ask = (enum ask)(mix(seed + 3) % 3);
	c->rigid = !dice(p, 3);
	c->no_early = !dice(p, 3);
	c->gone_after = between(p, MSEC(5), SEC(2));
	for (unsigned i = 0; i < c->n_foreign; i++)
		c->hostapd[i] = dice(p, 2);
	c->neighbours = dice(p, 2);
	c->automatic = p->class == SEED_STROLL;
	c->two_aps = p->class != SEED_SUDDEN && !c->automatic && !dice(p, 3);
	c->lifetime_s = (uint16_t)(20 + dice(p, 40));
	c->home_link = !c->two_aps && !c->automatic && mix(seed + 6) % 3 == 0;
	if (p->class == SEED_SIGNALS || p->class == SEED_CHAOS) {
		c->backbone_signal = bad_wire(p, 150);
		c->radio_signal = bad_wire(p, 100);
	}
	if (p->class != SEED_CHAOS)
		return;
	c->backbone_data = bad_wire(p, dice(p, 2) ? 20 : 0);
	c->radio_data = bad_wire(p, dice(p, 2) ? 20 : 0);
	c->size_packets = dice(p, 2) ? (uint16_t)(4 + dice(p, 100)) : 0;
	c->share = mix(seed + 4) % 3 ? 0 : (uint32_t)(8 + mix(seed + 5) % 60);
	for (unsigned i = 0; i < c->n_foreign; i++) {
		c->legacy[i] = !dice(p, 8);
		c->no_key[i] |= !dice(p, 12);
	}
	c->buffer = dice(p, 10) != 0;
	c->home_remembers = mix(seed + 7) & 1;
}

/* ---- what happens ---- */

/* One of the nodes is the one that things happen to. */
static void choose(struct plan *p)
{
	if (p->c.n_nodes > 1)
		world_use(p->w, dice(p, p->c.n_nodes));
}

static void walk(struct plan *p)
{
	choose(p);
	world_log(p->w, "a walk");
	world_scan(p->w);
	if (p->c.two_aps && !dice(p, 3))
		world_other_ap(p->w);
	else
		world_walk(p->w, dice(p, aps(p) + p->c.home_link));
	p->walks++;
}

static void die(struct plan *p)
{
	for (unsigned i = 0; i <= p->c.n_foreign; i++)
		world_revive_radio(p->w, i);
	for (unsigned k = 0; k < p->c.n_nodes; k++) {
		world_use(p->w, k);
		world_scan(p->w);
	}
	choose(p);
	if (mix(p->rng ^ 0x6c6f6e67) % 12) {
		world_kill_radio(p->w);
		return;
	}
	world_all_radios(p->w, false); /* for longer than a handoff waits */
	world_run(p->w, world_now(p->w) + SEC(17));
	world_all_radios(p->w, true);
}

static void stranger(struct plan *p)
{
	unsigned ap = dice(p, p->c.n_foreign + 1);

	world_forge(p->w, ap, ap < p->c.n_foreign && dice(p, 2), dice(p, 3) != 0);
}

static void cut(struct plan *p)
{
	unsigned from = dice(p, p->c.n_foreign + 1), to = dice(p, p->c.n_foreign + 1);

	if (from == to)
		return;
	world_cut(p->w, from, to, true);
	if (dice(p, 2))
		world_cut(p->w, to, from, true);
	world_run(p->w, world_now(p->w) + between(p, MSEC(5), SEC(3)));
	if (dice(p, 2))
		walk(p);
	world_run(p->w, world_now(p->w) + between(p, MSEC(5), SEC(3)));
	world_cut(p->w, from, to, false);
	world_cut(p->w, to, from, false);
}

/* At most 3 m/s where access points stand 20 m apart, and turns on the way. */
static void stroll(struct plan *p)
{
	choose(p);
	world_stroll(p->w, dice(p, aps(p)), 0.03 + 0.01 * dice(p, 13));
	world_run(p->w, world_now(p->w) + between(p, SEC(1), SEC(20)));
}

static void chaos(struct plan *p)
{
	switch (dice(p, 10)) {
	case 0:
	case 1:
		die(p);
		break;
	case 2:
	case 3:
		cut(p);
		break;
	case 4:
		/* who is at home hears of one new start alone: failures.c */
		world_restart_agent(p->w, dice(p, p->c.n_foreign + !p->c.home_link));
		break;
	case 5:
		choose(p);
		world_restart_node(p->w);
		break;
	default:
		walk(p);
		break;
	}
}

static void own_address(struct plan *p)
{
	choose(p);
	if (p->class != SEED_SUDDEN && p->class != SEED_CHAOS)
		world_intrude(p->w);
	else if (p->c.addresses && !dice(p, 4))
		world_agent_gone(p->w, dice(p, p->c.n_foreign));
	else if (dice(p, 2))
		world_rebind(p->w, dice(p, p->c.n_foreign));
	else
		world_address_lost(p->w);
	world_run(p->w, world_now(p->w) + between(p, 0, MSEC(200)));
}

static void step(struct plan *p)
{
	static const mtime longest[] = { MSEC(20), MSEC(400), SEC(1), SEC(4) };

	switch (p->class) {
	case SEED_SUDDEN:
		if (dice(p, 2)) {
			die(p);
			break;
		}
		walk(p);
		break;
	case SEED_CHAOS:
		chaos(p);
		break;
	case SEED_STROLL:
		stroll(p);
		break;
	case SEED_PLANNED:
	case SEED_SIGNALS:
	case SEED_OWN:
	case SEED_CABLES:
	case SEED_CLASSES:
		walk(p);
		break;
	}
	if (p->own && !dice(p, 3))
		own_address(p);
	if (p->cables)
		plugs_step(p);
	if (!dice(p, 3)) {
		world_run(p->w, world_now(p->w) + between(p, 0, MSEC(200)));
		stranger(p);
	}
	world_run(p->w, world_now(p->w) + between(p, 0, longest[dice(p, 4)]));
}

static bool registered(const struct mobile_info *m)
{
	return m->state == MOBILE_REGISTERED || m->state == MOBILE_AT_HOME;
}

/* Where signalling is lost, the back-off takes its time; what is promised begins after it. */
static void all_registered(struct plan *p)
{
	struct mobile_info m;

	for (unsigned k = 0; k < p->c.n_nodes; k++) {
		world_use(p->w, k);
		for (unsigned i = 0; i < 600; i++) {
			mobile_info(world_node(p->w), world_now(p->w) + SEC(1000), &m);
			if (registered(&m))
				break;
			world_run(p->w, world_now(p->w) + SEC(1));
		}
	}
}

/* It stays where it is, and the leases of its last handoff are over. */
static bool settled(struct plan *p)
{
	mtime now = world_now(p->w) + SEC(1000);
	struct mobile_info m;
	struct report r;

	mobile_info(world_node(p->w), now, &m);
	if (!registered(&m))
		return false;
	return !mobile_report(world_node(p->w), 0, &r) ||
	       (r.ended && now > r.at[STEP_DONE] + SEC(9));
}

/* A node that decides by itself goes on doing so, and may have left just now. */
static void until_settled(struct plan *p)
{
	for (unsigned k = 0, i = 0; k < p->c.n_nodes && i < 100; i++) {
		world_use(p->w, k);
		if (settled(p)) {
			k++;
			continue;
		}
		world_run(p->w, world_now(p->w) + SEC(1));
		k = 0;
	}
}

bool seed_run(uint64_t seed, bool replays, FILE *log, char *why, size_t size, uint64_t *hash)
{
	struct plan p = { .rng = mix(seed ^ 0x6d6970), .class = seed_class(seed),
			  .c.replays = replays };
	const char *name = seed_class_name(p.class), *liked = "";
	unsigned steps;
	bool ok;

	p.cables = p.class == SEED_CABLES;
	p.own = p.class == SEED_OWN || (p.cables && mix(seed + 7) % 2);
	if (p.own || p.cables)
		liked = seed_class_name(p.class = like(seed));
	configure(&p, seed, log);
	if (p.cables)
		plugs_configure(&p, seed);
	steps = 2 + dice(&p, 6);
	p.w = world_new(&p.c);
	world_log(p.w, "seed %llu: %s%s%s, %u access points, %u nodes", (unsigned long long)seed,
		  name, *liked ? " like " : "", liked,
		  p.c.n_foreign, p.c.n_nodes);
	for (unsigned k = 0; k < p.c.n_nodes; k++) {
		world_use(p.w, k);
		world_attach(p.w, k % aps(&p));
	}
	world_run(p.w, SEC(p.class == SEED_PLANNED || p.class == SEED_SUDDEN ? 3 : 20));
	all_registered(&p);
	world_stream(p.w, true, between(&p, MSEC(2), MSEC(12)));
	world_run(p.w, world_now(p.w) + MSEC(300));
	while (steps-- && !world_violated(p.w))
		step(&p);
	world_run(p.w, world_now(p.w) + SEC(2));
	world_stream(p.w, false, 0);
	world_heal(p.w);
	/* The longest lifetime granted, and 60 s more. */
	world_run(p.w, world_now(p.w) + SEC(120));
	if (p.cables)
		plugs_settle(&p);
	if (p.c.automatic)
		until_settled(&p);
	if (!world_violated(p.w)) {
		plan_streams_are_whole(&p);
		world_check_end(p.w);
		plan_probe(&p);
	}
	ok = !world_violated(p.w);
	if (!ok)
		snprintf(why, size, "%s%s%s: %s", name, *liked ? " like " : "", liked,
			 world_violated(p.w));
	*hash = world_hash(p.w);
	world_free(p.w);
	return ok;
}
