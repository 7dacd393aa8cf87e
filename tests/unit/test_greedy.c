/* SPDX-License-Identifier: MIT */
#include "tests/unit/keep_fixture.h"

/* Nodes that ask for everything, for ever, and ten thousand at once: others keep what they have. */
#define MANY 10000
#define CROWD 0x0a640000u /* their home addresses */

static struct agent_node_conf keys[MANY + 1];

static struct order everything(uint8_t flags)
{
	return (struct order){ .flags = flags, .has_size = true, .size_packets = 0xffff,
			       .size_kib = 0xffff, .has_lease = true, .lease_ms = 0xfffffffe };
}

static struct mac mac_of(uint32_t i)
{
	return (struct mac){ { 2, 1, 0, 0, (uint8_t)(i >> 8), (uint8_t)i } };
}

/* An agent that knows all of them, and no home agent. */
static void crowded(unsigned handoffs)
{
	lab_defaults(&l);
	keys[0] = l.node[FA_A];
	for (uint32_t i = 1; i <= MANY; i++) {
		keys[i] = keys[0];
		keys[i].home_addr = CROWD + i;
	}
	l.conf[FA_A].nodes = keys;
	l.conf[FA_A].n_nodes = MANY + 1;
	l.conf[FA_A].n_peers = l.conf[HA].n_peers = 0;
	l.conf[FA_A].max_visitors = MANY + 1;
	l.conf[FA_A].max_handoffs = handoffs;
	lab_start(&l);
	lab_settle(&l, FA_A);
	l.lose = swallow;
}

/* Registers it: the home agent's answer is made up, for nobody here could check it. */
static void comes(uint32_t i)
{
	struct mip_request r = { .flags = MIP_T, .lifetime_s = 600, .home_addr = CROWD + i,
				 .home_agent = HA_ADDR, .care_of = A_ADDR, .id = lab_id(&l) };
	struct mip_reply m = { .lifetime_s = 600, .home_addr = CROWD + i, .home_agent = HA_ADDR,
			       .id = r.id };
	struct sa ha = lab_mn_ha(), fa = lab_mn_fa(FA_A);
	struct instant now = lab_instant(&l);
	struct mac mac = mac_of(i);
	uint8_t buf[200];
	struct wbuf w = wb_init(buf, sizeof(buf));

	mip_request_encode(&w, &r);
	auth_append(&w, EXT_MN_HA, 0, &ha);
	auth_append(&w, EXT_MN_FA, 0, &fa);
	agent_link_udp(a(), 0, &mac, r.home_addr, 434, lab_link[FA_A], 255, buf, w.len, &now,
		       &l.out);
	w = wb_init(buf, sizeof(buf));
	mip_reply_encode(&w, &m);
	auth_append(&w, EXT_MN_HA, 0, &ha);
	agent_udp(a(), HA_ADDR, 434, A_ADDR, buf, w.len, &now, &l.out);
}

static int asks(uint32_t i, uint8_t action, struct order o)
{
	struct sa sa = lab_mn_fa(FA_A);
	struct instant now = lab_instant(&l);
	uint8_t msg[ORDER_MAX];
	struct wbuf w = wb_init(msg, sizeof(msg));

	o.message = ORDER_REQUEST;
	o.action = action;
	o.home_addr = CROWD + i;
	o.first_agent = A_ADDR;
	o.care_of = B_ADDR;
	o.id = lab_id(&l);
	order_encode(&w, &o);
	auth_append(&w, EXT_MN_FA, 0, &sa);
	agent_udp(a(), B_ADDR, 434, A_ADDR, msg, w.len, &now, &l.out);
	for (unsigned k = 0; k < l.out.n; k++)
		if (l.out.a[k].act == AGENT_SEND_UDP &&
		    order_decode(l.out.a[k].p, l.out.a[k].n, &reply) == DROP_NONE)
			return reply.action;
	return -1;
}

/* The most that an order can say, and what is granted of it. */
static void everything_there_is(void)
{
	start();
	CHECK_EQ(obey(ORDER_BUFFER, everything(ORDER_F_ELASTIC)), ORDER_GRANTED_LESS);
	CHECK_EQ(reply.size_packets, 2048);
	CHECK_EQ(reply.size_kib, 4096);
	CHECK_EQ(reply.lease_ms, 8000);
	for (unsigned i = 0; i < 20000; i++)
		sends(0);
	CHECK(buf()->q.packets >= 2048 && buf()->q.packets <= 4 * 2048);
	CHECK(buf()->q.bytes <= 4 * (4u << 20));
	CHECK_EQ(drops(DROP_OVERFLOW), 20000 - buf()->q.packets);
	CHECK_EQ(obey(ORDER_DELETE, (struct order){ 0 }), 0);
	finish();
}

/* Once a second while it is registered: what it has does not grow, the other keeps what he has. */
static void for_ever(void)
{
	uint64_t reserved, alone;

	crowded(16);
	comes(1);
	CHECK_EQ(asks(1, ORDER_BUFFER, everything(0)), ORDER_GRANTED_LESS);
	alone = a()->reserved;
	CHECK_EQ(obey(ORDER_BUFFER, everything(0)), ORDER_GRANTED_LESS);
	sends_many(0, 100);
	reserved = a()->reserved;
	for (unsigned i = 0; i < 590; i++) {
		lab_run(&l, 1000);
		CHECK_EQ(asks(1, ORDER_RENEW, everything(ORDER_F_ELASTIC)), ORDER_GRANTED_LESS);
		CHECK(reply.lease_ms <= 8000 && reply.size_packets <= 2048);
		if (i < 7) {
			CHECK_EQ(a()->reserved, reserved);
			CHECK_EQ(buf()->q.packets, 100);
		} else {
			CHECK(a()->reserved <= alone); /* the other's lease was over in its time */
		}
	}
	CHECK_EQ(a()->n_moving, 1);
	lab_run(&l, 8100);
	CHECK_EQ(a()->reserved, 0);
	finish();
}

/* All at once: some hundred are granted, less and less, the rest refused. */
static void all_at_once(void)
{
	struct buffer_limits had;
	unsigned granted = 0, less = 0, refused = 0, rest = 0;
	uint64_t limit;

	crowded(4096);
	for (uint32_t i = 1; i <= MANY; i++) {
		if (i % 100 == 0)
			lab_run(&l, 1);
		comes(i);
	}
	lab_run(&l, 1);
	CHECK_EQ(HASH_COUNT(a()->nodes), MANY + 1);
	CHECK_EQ(a()->n_moving, 0);
	CHECK_EQ(plain(ORDER_BUFFER), 0);
	sends_many(0, 100);
	had = buf()->grant;
	limit = drops(DROP_LIMIT);
	for (uint32_t i = 1; i <= MANY; i++) {
		switch (asks(i, ORDER_BUFFER, everything(ORDER_F_ELASTIC))) {
		case ORDER_GRANTED:
			granted++;
			break;
		case ORDER_GRANTED_LESS:
			less++;
			break;
		case ORDER_NO_ROOM:
			refused++;
			break;
		default:
			rest++;
			break;
		}
		CHECK(a()->reserved <= l.conf[FA_A].buffer_total);
	}
	CHECK_EQ(granted + rest, 0);
	CHECK(less > 50);
	CHECK_EQ(less + refused, MANY);
	CHECK_EQ(a()->n_moving, 4096); /* and no more memory than theirs */
	CHECK_EQ(drops(DROP_LIMIT) - limit, MANY - 4095);
	CHECK(a()->pool.n_free > a()->pool.n_cells / 2);
	CHECK_EQ(buf()->grant.packets, had.packets);
	CHECK_EQ(buf()->grant.bytes, had.bytes);
	sends_many(0, 1900);
	CHECK_EQ(buf()->q.packets, 2000);
	CHECK_EQ(drops(DROP_OVERFLOW), 0);
	CHECK_EQ(plain(ORDER_FORWARD), 0);
	lab_run(&l, 8200);
	CHECK_EQ(a()->reserved, 0);
	CHECK_EQ(a()->pool.n_free, a()->pool.n_cells);
	lab_run(&l, 60000);
	CHECK_EQ(a()->n_moving, 0);
	CHECK_EQ(asks(MANY, ORDER_BUFFER, everything(0)), ORDER_GRANTED_LESS);
	CHECK_EQ(reply.size_packets, 2048);
	lab_run(&l, 8100);
	finish();
}

UNIT_MAIN("greedy", {"everything there is", everything_there_is}, {"for ever", for_ever},
	  {"all at once", all_at_once})
