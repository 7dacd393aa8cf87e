/* SPDX-License-Identifier: MIT */
#include "tests/unit/keys_fixture.h"

/* What an agent makes of a key in a Reply: the test is the home agent. */
/* The node asks; the home agent is the test.  Answers with a key of this lifetime. */
static struct sa answered(uint32_t spi, uint32_t lifetime_s, void (*spoil)(struct dealt_agent *d),
			  int damage)
{
	struct sa ha = lab_mn_ha(), fa = lab_sa(3000, "between agents"), key;
	struct mip_reply m = { .code = 1, .lifetime_s = 600, .home_addr = HOME,
			       .home_agent = HA_ADDR };
	struct dealt_agent d = { .spi = spi, .lifetime_s = lifetime_s };
	uint8_t buf[600];
	struct wbuf w = wb_init(buf, sizeof(buf));
	struct instant now = lab_instant(&l);
	struct secret kek;

	lab_register(&l, 600, NULL, NULL);
	m.id = l.last_id;
	memset(key.key.b, 0x33, DEALT_KEY_LEN);
	key = dealt_sa(spi, key.key.b);
	dealt_kek(&fa, HA_ADDR, lab_addr[FA_A], &kek);
	CHECK(dealt_wrap(&kek, key.key.b, d.wrapped));
	if (spoil)
		spoil(&d);
	mip_reply_encode(&w, &m);
	auth_append(&w, EXT_MN_HA, 0, &ha);
	mip_agent_key_append(&w, &d);
	if (damage)
		buf[w.len - 1] ^= (uint8_t)damage;
	auth_append(&w, EXT_FA_HA, 0, &fa);
	if (damage < 0)
		buf[w.len - 1] ^= 1;
	agent_udp(l.ag[FA_A], HA_ADDR, 434, lab_addr[FA_A], buf, w.len, &now, &l.out);
	lab_act(&l, FA_A);
	return key;
}

static bool no_answer(const struct lab *lab, const struct lab_event *e)
{
	(void)lab;
	return e->kind == LAB_UDP && e->agent == HA;
}

static void alone(void)
{
	defaults();
	l.lose = no_answer;
	lab_start(&l);
	l.at = FA_A;
	lab_run(&l, 1);
}

static void expiry_of_a_key(void)
{
	struct sa key;
	mtime from;

	alone();
	from = l.now;
	key = answered(70000, 2, NULL, 0);
	lab_run(&l, (unsigned)((from + SEC(10) - 1 - l.now) / 1000 - 70));
	CHECK_EQ(ask(&key, ORDER_QUERY), ORDER_GRANTED);
	CHECK(l.now < from + SEC(10)); /* 2 s, and the longest lease */
	lab_run(&l, (unsigned)((from + SEC(10) - l.now) / 1000) + 1);
	CHECK_EQ(ask(&key, ORDER_QUERY), ORDER_AUTH_FAILED);
	CHECK_EQ(shown(), ORDER_KEY_NONE);
	CHECK_EQ(dropped(DROP_NO_KEY), 1);
	lab_stop(&l);

	alone();
	key = answered(70000, DEALT_FOR_EVER, NULL, 0);
	lab_run(&l, 500000);
	CHECK_EQ(ask(&key, ORDER_QUERY), ORDER_GRANTED);
	lab_run(&l, 100000); /* with the registration it goes all the same */
	CHECK_EQ(ask(&key, ORDER_QUERY), ORDER_AUTH_FAILED);
	lab_stop(&l);
}

static void spoil_key(struct dealt_agent *d)
{
	d->wrapped[39] ^= 1;
}

static void spoil_spi(struct dealt_agent *d)
{
	d->spi = 255;
}

static void bad_words(void)
{
	struct sa key;

	alone(); /* not wrapped for us: the registration stands, there is no key */
	key = answered(70000, 600, spoil_key, 0);
	CHECK_EQ(dropped(DROP_KEY_WRAP), 1);
	CHECK_EQ(shown(), ORDER_KEY_NONE);
	CHECK_EQ(ask(&key, ORDER_QUERY), ORDER_AUTH_FAILED);
	lab_stop(&l);

	alone(); /* malformed: not even a Reply */
	answered(70000, 600, spoil_spi, 0);
	CHECK_EQ(dropped(DROP_MALFORMED), 1);
	CHECK(!here());
	lab_stop(&l);

	alone(); /* FA-HA covers it */
	answered(70000, 600, NULL, -1);
	CHECK_EQ(dropped(DROP_BAD_AUTH), 1);
	CHECK(!here());
	lab_stop(&l);

	defaults(); /* without buffers there is nothing to order */
	l.conf[FA_A].buffers = false;
	lab_start(&l);
	registered();
	CHECK_EQ(agent_counters(l.ag[FA_A])->keys_taken, 0);
	lab_stop(&l);
}

/* A key that is dealt twice does not forget what was accepted under it. */
static void same_key_again(void)
{
	struct sa key;

	alone();
	key = answered(70000, 600, NULL, 0);
	CHECK_EQ(ask_id(&key, ORDER_QUERY, 1000), ORDER_GRANTED);
	answered(70000, 600, NULL, 0);
	CHECK_EQ(agent_counters(l.ag[FA_A])->keys_taken, 1);
	CHECK_EQ(ask_id(&key, ORDER_QUERY, 999), ORDER_ID_ORDER);
	lab_stop(&l);
}

UNIT_MAIN("keys_taken", {"expiry", expiry_of_a_key}, {"words that cannot be", bad_words},
	  {"the same key again", same_key_again})
