/* SPDX-License-Identifier: MIT */
/* Memory that is refused, where agent/visitors.c asks for it. */
#include <stdbool.h>
#include <stdlib.h>

static bool no_memory;

static void *scarce(size_t n)
{
	return no_memory ? NULL : malloc(n);
}

#define malloc scarce
#include "agent/visitors.c"
#undef malloc

#include "agent/home.h"
#include "common/advert.h"
#include "tests/unit/agent_lab.h"

/* Reasons to drop that need a situation of their own, and how often they are answered. */
static struct lab l;
static uint8_t msg[600];
static size_t msg_len;

#define STRANGER 0xc6330001u

static uint64_t dropped(int agent, enum drop why)
{
	return agent_drops(l.ag[agent])->n[why];
}

static uint64_t all_dropped(int agent)
{
	uint64_t n = 0;

	for (int why = 1; why < DROP_COUNT; why++)
		n += dropped(agent, (enum drop)why);
	return n;
}

static void sign(uint64_t id, bool vouched)
{
	const struct mip_request m = {.flags = MIP_T,
				      .lifetime_s = 600,
				      .home_addr = HOME,
				      .home_agent = HA_ADDR,
				      .care_of = lab_addr[FA_A],
				      .id = id};
	struct sa mn = lab_mn_ha(), peer = lab_sa(3000, "between agents");
	struct wbuf w = wb_init(msg, sizeof(msg));

	mip_request_encode(&w, &m);
	auth_append(&w, EXT_MN_HA, 0, &mn);
	if (vouched)
		auth_append(&w, EXT_FA_HA, 0, &peer);
	assert(wb_ok(&w));
	msg_len = w.len;
}

/* Says msg to the agent n times in one second; how often it answers. */
static unsigned answers(int agent, uint32_t src, unsigned n)
{
	unsigned sent = 0;

	for (unsigned i = 0; i < n; i++) {
		struct instant now = lab_instant(&l);
		uint8_t *copy = unit_copy(msg, msg_len);

		agent_udp(l.ag[agent], src, 5434, lab_addr[agent], copy, msg_len, &now, &l.out);
		free(copy);
		for (unsigned k = 0; k < l.out.n; k++)
			sent += l.out.a[k].act == AGENT_SEND_UDP;
	}
	return sent;
}

static void home_agent_answers_once_a_second(void)
{
	lab_init(&l);
	l.now = SEC(20);
	sign(lab_id(&l), false);
	msg[40] ^= 1;
	CHECK_EQ(answers(HA, STRANGER, 20), 1);
	CHECK_EQ(dropped(HA, DROP_BAD_AUTH), 20);
	CHECK_EQ(answers(HA, STRANGER + 1, 20), 1); /* another one has its own */
	l.now += SEC(1);
	CHECK_EQ(answers(HA, STRANGER, 20), 1);
	CHECK_EQ(dropped(HA, DROP_BAD_AUTH), 60);
	sign(lab_id(&l) - ((uint64_t)12 << 32), false); /* recorded 12 s ago */
	l.now += SEC(1);
	CHECK_EQ(answers(HA, STRANGER, 20), 1);
	CHECK_EQ(dropped(HA, DROP_STALE), 20);
	CHECK_EQ(all_dropped(HA), 80);
	lab_stop(&l);
}

/* The same Request again and again is the network's doing once, and then somebody's. */
static void repetitions_are_few(void)
{
	lab_defaults(&l);
	l.conf[HA].n_peers = 0;
	lab_start(&l);
	sign(lab_id(&l), false);
	CHECK_EQ(answers(HA, lab_addr[FA_A], 1), 1);
	CHECK_EQ(answers(HA, lab_addr[FA_A], 20), 1);
	CHECK_EQ(dropped(HA, DROP_REPLAY), 1);
	CHECK_EQ(dropped(HA, DROP_RATE), 19);
	lab_stop(&l);
	lab_init(&l); /* an agent that vouches for what it brings is answered each time */
	sign(lab_id(&l), true);
	CHECK_EQ(answers(HA, lab_addr[FA_A], 20), 20);
	CHECK_EQ(dropped(HA, DROP_REPLAY), 19);
	lab_stop(&l);
}

static void say_order(const struct lab_order *o)
{
	memcpy(msg, o->bytes, o->n);
	msg_len = o->n;
}

static void recorded_orders(void)
{
	struct lab_order old, o;

	lab_init(&l);
	lab_settle(&l, FA_A);
	old = lab_order(&l, ORDER_FORWARD, 0, FA_A, FA_B);
	o = lab_order(&l, ORDER_QUERY, 0, FA_A, NOWHERE);
	say_order(&o);
	CHECK_EQ(answers(FA_A, STRANGER, 1), 1);
	say_order(&old);
	CHECK_EQ(answers(FA_A, STRANGER, 50), 10);
	CHECK_EQ(dropped(FA_A, DROP_REPLAY), 50);
	l.now += SEC(1);
	say_order(&o); /* the last one has its Reply again, as often */
	CHECK_EQ(answers(FA_A, STRANGER, 50), 10);
	CHECK_EQ(dropped(FA_A, DROP_RATE), 40);
	CHECK_EQ(lab_buffer(&l, FA_A).state, BUF_SERVING);
	lab_stop(&l);
}

static void somebody_elses(void)
{
	struct instant now;
	uint8_t solicitation[8];
	struct lab_order o;
	struct order other = { .message = ORDER_REQUEST, .action = ORDER_BUFFER };
	struct sa sa = lab_mn_fa(FA_A);
	struct wbuf w = wb_init(msg, sizeof(msg));

	lab_init(&l);
	lab_settle(&l, FA_A);
	o = lab_order(&l, ORDER_QUERY, 0, FA_A, NOWHERE);
	other.home_addr = HOME;
	other.first_agent = lab_addr[FA_B]; /* with the right key, but meant for another agent */
	other.id = o.id + 1;
	order_encode(&w, &other);
	auth_append(&w, EXT_MN_FA, 0, &sa);
	msg_len = w.len;
	CHECK_EQ(answers(FA_A, STRANGER, 20), 10);
	CHECK_EQ(dropped(FA_A, DROP_NOT_MINE), 20);
	CHECK_EQ(lab_buffer(&l, FA_A).state, BUF_SERVING);
	now = lab_instant(&l);
	w = wb_init(solicitation, sizeof(solicitation));
	solicit_encode(&w);
	agent_solicit(l.ag[HA], 0, &l.mac, 0, solicitation, w.len, &now, &l.out);
	CHECK_EQ(l.out.n, 0); /* no foreign agent, no advertisement */
	CHECK_EQ(dropped(HA, DROP_NOT_MINE), 1);
	lab_stop(&l);
}

static void care_of(void)
{
	struct lab_order o;

	lab_init(&l);
	lab_settle(&l, FA_A);
	o = lab_order(&l, ORDER_FORWARD, 0, FA_A, FA_B);
	say_order(&o);
	CHECK_EQ(answers(FA_A, STRANGER, 1), 1); /* not brought by whom it names */
	CHECK_EQ(dropped(FA_A, DROP_CARE_OF), 1);
	CHECK_EQ(all_dropped(FA_A), 1);
	CHECK_EQ(lab_buffer(&l, FA_A).state, BUF_SERVING);
	lab_stop(&l);
}

/* The node is back while its packets still drain elsewhere, and there is no memory for a second
 * machine: what was kept is given up and counted, the new stay is not. */
static void no_room_for_two_stays(void)
{
	struct lab_order o;
	uint32_t kept;

	lab_init(&l);
	lab_settle(&l, FA_A);
	lab_stream_start(&l);
	lab_run(&l, 100);
	o = lab_order(&l, ORDER_BUFFER, 0, FA_A, NOWHERE);
	lab_say(&l, o.bytes, o.n);
	lab_run(&l, 200);
	o = lab_order(&l, ORDER_FORWARD, 0, FA_A, FA_B);
	say_order(&o);
	CHECK_EQ(answers(FA_A, lab_addr[FA_B], 1), 1);
	CHECK_EQ(lab_buffer(&l, FA_A).state, BUF_DRAINING);
	no_memory = true;
	kept = (uint32_t)lab_buffer(&l, FA_A).queued;
	CHECK(kept > 10);
	lab_register(&l, 600, NULL, NULL);
	lab_run(&l, 25);
	no_memory = false;
	CHECK_EQ(lab_buffer(&l, FA_A).state, BUF_SERVING);
	CHECK(dropped(FA_A, DROP_LIMIT) > 0 && dropped(FA_A, DROP_LIMIT) <= kept);
	l.received = l.duplicated = l.reordered = 0;
	lab_run(&l, 1000);
	CHECK(l.received >= 480);
	CHECK_EQ(l.duplicated, 0);
	lab_stop(&l);
}

UNIT_MAIN("drops", {"home agent answers once a second", home_agent_answers_once_a_second},
	  {"repetitions", repetitions_are_few}, {"recorded orders", recorded_orders},
	  {"somebody else's", somebody_elses}, {"care-of address refused", care_of},
	  {"no memory", no_room_for_two_stays})
