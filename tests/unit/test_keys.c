/* SPDX-License-Identifier: MIT */
#include "tests/unit/keys_fixture.h"

static void dealt(void)
{
	struct mip_exts x;
	struct mip_reply m;
	struct sa key;

	start();
	key = registered();
	CHECK_EQ(mip_reply_decode(l.last_udp[HA], l.last_udp_len[HA], &m, &x), DROP_NONE);
	CHECK(x.agent_key.spi == key.spi && x.node_nonce.spi == key.spi);
	CHECK_EQ(x.agent_key.lifetime_s, 600);
	CHECK_EQ(x.node_nonce.lifetime_s, 600);
	x = heard_exts();
	CHECK(!x.agent_key.spi); /* stripped */
	CHECK(!x.n_fa_ha && !x.n_mn_fa && x.n_mn_ha == 1);
	CHECK_EQ(agent_counters(l.ag[HA])->keys_dealt, 1);
	CHECK_EQ(agent_counters(l.ag[FA_A])->keys_taken, 1);
	CHECK_EQ(shown(), ORDER_KEY_DEALT);
	CHECK_EQ(ask(&key, ORDER_BUFFER), ORDER_GRANTED);
	CHECK_EQ(l.order.mn_fa.spi, key.spi); /* the Reply as the order */
	CHECK_EQ(ask(&key, ORDER_RELEASE), ORDER_GRANTED);
	lab_stop(&l);
}

/* A configured key remains what registrations need; either signs orders. */
static void beside_configured(void)
{
	struct sa key, configured = lab_mn_fa(FA_A);
	struct mip_exts x;

	lab_defaults(&l);
	l.lose = listen;
	lab_start(&l);
	key = registered();
	x = heard_exts();
	CHECK_EQ(x.n_mn_fa, 1);
	CHECK_EQ(x.mn_fa.spi, configured.spi);
	CHECK_EQ(ask(&configured, ORDER_QUERY), ORDER_GRANTED);
	CHECK_EQ(l.order.mn_fa.spi, configured.spi);
	CHECK_EQ(ask(&key, ORDER_QUERY), ORDER_GRANTED);
	CHECK_EQ(l.order.mn_fa.spi, key.spi);
	CHECK_EQ(ask(&configured, ORDER_QUERY), ORDER_GRANTED);
	lab_stop(&l);
}

static void not_dealt(void)
{
	struct mip_exts x;

	defaults();
	l.conf[HA].deal_keys = false;
	lab_start(&l);
	lab_settle(&l, FA_A);
	x = heard_exts();
	CHECK(!x.node_nonce.spi);
	CHECK_EQ(shown(), ORDER_KEY_NONE);
	lab_stop(&l);

	defaults(); /* no association between the agents */
	l.peer[HA][0].sa.spi = l.peer[FA_A][0].sa.spi = 0;
	lab_start(&l);
	lab_settle(&l, FA_A);
	x = heard_exts();
	CHECK(x.n_mn_ha == 1 && !x.node_nonce.spi);
	lab_stop(&l);

	defaults(); /* refused */
	l.conf[HA].home_reverse_mandatory = true;
	l.conf[HA].home_net = 0x0a640000u;
	lab_start(&l);
	lab_settle(&l, FA_A);
	CHECK_EQ(l.reply.code, CODE_HA_PROHIBITED);
	x = heard_exts();
	CHECK(!x.node_nonce.spi);
	lab_stop(&l);

	start(); /* deregistered: and with it the key goes */
	registered();
	lab_register(&l, 0, NULL, NULL);
	lab_run(&l, 30);
	x = heard_exts();
	CHECK(!x.node_nonce.spi);
	CHECK(!here());
	lab_stop(&l);
}

/* The same Request once more, the same words; another Request, another key. */
static void idempotent(void)
{
	struct mip_exts x, again;
	struct mip_reply m;
	uint8_t request[1500], first[1500];
	struct instant now;
	size_t n, len;

	start();
	registered();
	n = l.last_udp_len[FA_A];
	memcpy(request, l.last_udp[FA_A], n);
	len = l.last_udp_len[HA];
	memcpy(first, l.last_udp[HA], len);
	now = lab_instant(&l);
	agent_udp(l.ag[HA], lab_addr[FA_A], 434, HA_ADDR, request, n, &now, &l.out);
	CHECK_EQ(l.out.n, 1);
	CHECK(l.out.a[0].n == len && !memcmp(l.out.a[0].p, first, len));
	lab_settle(&l, FA_A);
	CHECK_EQ(mip_reply_decode(first, len, &m, &x), DROP_NONE);
	CHECK_EQ(mip_reply_decode(l.last_udp[HA], l.last_udp_len[HA], &m, &again), DROP_NONE);
	CHECK(x.node_nonce.spi != again.node_nonce.spi);
	CHECK(memcmp(x.node_nonce.nonce, again.node_nonce.nonce, DEALT_NONCE_LEN));
	lab_stop(&l);
}

/* Only what was accepted under the key counts, and no clock. */
static void identification(void)
{
	struct sa key;
	uint64_t old; /* an hour off */

	start();
	old = lab_id(&l) - (3600ull << 32);
	key = registered();
	CHECK_EQ(ask_id(&key, ORDER_QUERY, 0), ORDER_ID_ORDER);
	CHECK(l.order.id == 1);
	CHECK_EQ(ask_id(&key, ORDER_QUERY, old + 5), ORDER_GRANTED);
	CHECK_EQ(ask_id(&key, ORDER_QUERY, old + 4), ORDER_ID_ORDER);
	CHECK(l.order.id == old + 6);
	CHECK_EQ(ask_id(&key, ORDER_QUERY, old + 5), ORDER_GRANTED); /* its Reply once more */
	CHECK_EQ(ask_id(&key, ORDER_QUERY, old + 6), ORDER_GRANTED);
	CHECK_EQ(dropped(DROP_REPLAY), 1);
	CHECK_EQ(dropped(DROP_STALE), 1);
	CHECK_EQ(agent_counters(l.ag[FA_A])->orders, 2);
	CHECK_EQ(ask(&key, ORDER_QUERY), ORDER_GRANTED);
	CHECK_EQ(ask_id(&key, ORDER_QUERY, old + 7), ORDER_ID_ORDER);
	lab_stop(&l);
}

static void rotation(void)
{
	struct sa one, two, three;

	start();
	one = registered();
	CHECK_EQ(ask(&one, ORDER_QUERY), ORDER_GRANTED);
	two = registered();
	CHECK_EQ(ask(&one, ORDER_QUERY), ORDER_GRANTED); /* the node may not have heard of two */
	CHECK_EQ(ask(&one, ORDER_QUERY), ORDER_GRANTED);
	CHECK_EQ(ask(&two, ORDER_QUERY), ORDER_GRANTED);
	CHECK_EQ(ask(&one, ORDER_QUERY), ORDER_AUTH_FAILED);
	CHECK(!l.order.mn_fa.present); /* under which key? */
	CHECK_EQ(dropped(DROP_NO_KEY), 1);
	CHECK_EQ(ask(&one, ORDER_QUERY), -1); /* one a second */
	CHECK_EQ(dropped(DROP_NO_KEY), 2);
	lab_run(&l, 1000);
	CHECK_EQ(ask(&one, ORDER_QUERY), ORDER_AUTH_FAILED);
	three = registered();
	one = registered(); /* at most two */
	CHECK_EQ(ask(&two, ORDER_QUERY), -1);
	CHECK_EQ(ask(&three, ORDER_QUERY), ORDER_GRANTED);
	CHECK_EQ(ask(&one, ORDER_QUERY), ORDER_GRANTED);
	CHECK_EQ(agent_counters(l.ag[FA_A])->keys_taken, 4);
	lab_stop(&l);
}

static void restarted(void)
{
	struct instant now;
	struct sa key;

	start();
	key = registered();
	CHECK_EQ(ask(&key, ORDER_QUERY), ORDER_GRANTED);
	agent_free(l.ag[FA_A]);
	now = lab_instant(&l);
	l.ag[FA_A] = agent_new(&l.conf[FA_A], l.pool[FA_A], &now);
	CHECK_EQ(ask(&key, ORDER_BUFFER), ORDER_AUTH_FAILED);
	CHECK_EQ(dropped(DROP_NO_KEY), 1);
	CHECK(!here());
	key = registered();
	CHECK_EQ(ask(&key, ORDER_BUFFER), ORDER_GRANTED);
	lab_stop(&l);
}

/* FORWARD by way of B: 33 and 36 of its Reply come from the key of the order; then it is gone. */
static void handed_off(void)
{
	struct order o = { .message = ORDER_REQUEST, .action = ORDER_FORWARD, .home_addr = HOME,
			   .first_agent = lab_addr[FA_A], .care_of = lab_addr[FA_B] }, r;
	uint8_t buf[ORDER_MAX];
	struct wbuf w = wb_init(buf, sizeof(buf));
	struct instant now;
	struct sa key, kh;

	start();
	key = registered();
	CHECK_EQ(ask(&key, ORDER_BUFFER), ORDER_GRANTED);
	o.id = lab_id(&l);
	order_encode(&w, &o);
	auth_append(&w, EXT_MN_FA, 0, &key);
	now = lab_instant(&l);
	agent_udp(l.ag[FA_A], lab_addr[FA_B], 434, lab_addr[FA_A], buf, w.len, &now, &l.out);
	lab_act(&l, FA_A);
	CHECK_EQ(order_decode(l.last_udp[FA_A], l.last_udp_len[FA_A], &r), DROP_NONE);
	CHECK_EQ(r.action, ORDER_GRANTED);
	auth_handoff_key(&key.key, o.id, HOME, o.first_agent, o.care_of, &kh);
	CHECK(auth_check(l.last_udp[FA_A], l.last_udp_len[FA_A], &r.mn_fa, &key));
	CHECK(auth_check(l.last_udp[FA_A], l.last_udp_len[FA_A], &r.handoff, &kh));
	CHECK_EQ(lab_buffer(&l, FA_A).state, BUF_DRAINING);
	lab_run(&l, 8100);
	CHECK(!here()); /* and the keys with it */
	CHECK_EQ(ask(&key, ORDER_QUERY), ORDER_AUTH_FAILED);
	lab_stop(&l);
}

static void every_byte(void)
{
	struct sa key;
	uint64_t orders;

	start();
	key = registered();
	orders = agent_counters(l.ag[FA_A])->orders;
	for (unsigned i = 0; i < key.key.len; i++) {
		struct sa wrong = key;

		wrong.key.b[i] ^= 1;
		ask(&wrong, ORDER_BUFFER);
	}
	CHECK_EQ(dropped(DROP_BAD_AUTH), key.key.len);
	CHECK_EQ(agent_counters(l.ag[FA_A])->orders, orders);
	CHECK_EQ(lab_buffer(&l, FA_A).state, BUF_SERVING);
	lab_stop(&l);
}

UNIT_MAIN("keys", {"dealt, taken, stripped", dealt},
	  {"beside a configured key", beside_configured}, {"not dealt", not_dealt},
	  {"the same answer to the same Request", idempotent},
	  {"Identification under a key", identification}, {"rotation", rotation},
	  {"the agent is restarted", restarted}, {"a handoff under it", handed_off},
	  {"another key", every_byte})
