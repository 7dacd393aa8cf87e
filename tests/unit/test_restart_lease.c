/* SPDX-License-Identifier: MIT */
#include "tests/unit/away_fixture.h"
#include "tests/unit/state_fixture.h"

/* A node between two networks, when its home agent ends and starts again. */

static struct agent_buffer_info buffer(void)
{
	struct agent_buffer_info b = { .state = BUF_SERVING };

	agent_buffer_at(ha(), 0, &b);
	return b;
}

static void kept_on(void)
{
	struct agent_buffer_info was;
	uint32_t to = 0;

	start_in(BUFFERING);
	was = buffer();
	keep();
	l.now += SEC(3);
	CHECK_EQ(restart_at(0), 1);
	CHECK_EQ(state(), BUF_BUFFERING);
	CHECK_EQ(buffer().granted_packets, was.granted_packets);
	CHECK_EQ(buffer().granted_kib, was.granted_kib);
	CHECK(was.lease_ends - buffer().lease_ends < MSEC(1)); /* when it would have ended */
	CHECK(was.lease_ends >= buffer().lease_ends);
	CHECK_EQ(queued(), 0); /* those are lost */
	packets(7);
	CHECK_EQ(l.out.n, 0);
	CHECK_EQ(queued(), 7);
	l.now += MSEC(1);
	CHECK_EQ(registered(FA_B, 600, 0), CODE_ACCEPTED_NO_SIMULTANEOUS);
	CHECK_EQ(passes(SEC(1), &to), 7);
	CHECK_EQ(to, lab_addr[FA_B]);
	CHECK_EQ(passes(SEC(30), &to), 0);
	CHECK(!node());
	CHECK_EQ(ha()->reserved, 0);
	state_stop();
}

/* A Request that left before the BUFFER does not have it forwarded. */
static void an_older_request(void)
{
	uint64_t id;

	start();
	id = lab_id(&l);
	l.now += MSEC(10);
	CHECK_EQ(order(ORDER_BUFFER, NOWHERE), ORDER_GRANTED);
	keep();
	CHECK_EQ(restart_at(0), 1);
	CHECK_EQ(registered(FA_B, 600, id), CODE_HA_ID);
	CHECK_EQ(state(), BUF_BUFFERING);
	state_stop();
}

static void over_meanwhile(void)
{
	uint32_t to = 0;

	start_in(BUFFERING);
	keep();
	l.now += SEC(8);
	CHECK_EQ(restart_at(0), 1);
	CHECK_EQ(state(), BUF_SERVING);
	packets(1);
	CHECK_EQ(sent(&to), 1);
	CHECK_EQ(to, lab_addr[FA_A]);
	state_stop();

	start_in(DRAINING); /* what is left of it ends with us */
	keep();
	CHECK_EQ(restart_at(0), 1);
	CHECK_EQ(state(), BUF_SERVING);
	packets(1);
	CHECK_EQ(sent(&to), 1);
	state_stop();
}

/* As long as the longest order, and all of it holds. */
static void what_is_kept(void)
{
	struct order o = {.message = ORDER_REQUEST,
			  .action = ORDER_BUFFER,
			  .flags = ORDER_F_ELASTIC,
			  .home_addr = HOME,
			  .first_agent = HA_ADDR,
			  .has_overflow = true,
			  .overflow = OVERFLOW_LOWEST,
			  .n_rules = ORDER_RULES_MAX,
			  .n_ages = ORDER_AGES_MAX};
	const struct buffer *b;
	struct order was;

	start();
	for (unsigned i = 0; i < ORDER_RULES_MAX; i++)
		o.rules[i] = (struct order_rule){.match = 1, .protocol = (uint8_t)(20 + i)};
	for (unsigned i = 0; i < ORDER_AGES_MAX; i++)
		o.ages[i] = (struct order_age){(uint8_t)i, (uint16_t)(100 + i)};
	o.id = lab_id(&l);
	CHECK_EQ(order(ORDER_BUFFER, NOWHERE), ORDER_GRANTED);
	CHECK(buffer_begin(ha(), &node()->mv->buf, &o) <= ORDER_GRANTED_LESS);
	was = o;
	keep();
	CHECK_EQ(restart_at(0), 1);
	CHECK_EQ(state(), BUF_BUFFERING);
	b = node_buffer(node());
	CHECK(b->elastic);
	CHECK_EQ(b->overflow, OVERFLOW_LOWEST);
	CHECK_EQ(b->filter.n, ORDER_RULES_MAX);
	CHECK(memcmp(b->filter.rules, was.rules, sizeof(was.rules)) == 0);
	CHECK_EQ(b->n_ages, ORDER_AGES_MAX);
	CHECK(memcmp(b->ages, was.ages, sizeof(was.ages)) == 0);
	state_stop();
}

/* Fields of the lease that nobody would have written. */
static void nonsense(void)
{
	struct state_reader s;
	size_t at;

	start_in(BUFFERING);
	keep();
	at = STATE_HEADER + STATE_RECORD + STATE_BOUND;
	CHECK_EQ(file[at] + at + 1 + SEAL_SUM, file_len);
	for (size_t i = at; i < file_len - SEAL_SUM; i++) {
		for (unsigned v = 0; v < 256; v++) {
			uint8_t was = file[i];

			file[i] = (uint8_t)v;
			seal(file, file_len - SEAL_SUM);
			if (opened(&s, 0) == STATE_GOOD)
				CHECK_EQ(restart_at(0), 1);
			else
				CHECK(i <= at + 16 || i > at + 24); /* any Identification will do */
			file[i] = was;
		}
	}
	state_stop();
}

static void no_buffers_any_more(void)
{
	start_in(BUFFERING);
	keep();
	l.conf[HA].buffers = false;
	CHECK_EQ(restart_at(0), 1);
	CHECK_EQ(state(), BUF_SERVING);
	l.conf[HA].buffers = true;
	l.conf[HA].per_node = (struct buffer_limits){10, 8192};
	CHECK_EQ(restart_at(0), 1);
	CHECK_EQ(buffer().granted_packets, 10); /* within today's limits */
	state_stop();
}

/* The shell hears of it soon: it is short. */
static void a_change(void)
{
	uint64_t was;

	start();
	was = agent_changes(ha()).moved;
	CHECK_EQ(order(ORDER_BUFFER, NOWHERE), ORDER_GRANTED);
	CHECK(agent_changes(ha()).moved > was);
	was = agent_changes(ha()).moved;
	packets(5);
	CHECK_EQ(agent_changes(ha()).moved, was);
	CHECK_EQ(order(ORDER_RENEW, NOWHERE), ORDER_GRANTED);
	CHECK(agent_changes(ha()).moved > was);
	was = agent_changes(ha()).moved;
	passes(SEC(9), NULL);
	CHECK(agent_changes(ha()).moved > was); /* it is over */
	state_stop();
}

/* An order that was obeyed before is none again, and a clock that went back stops no new one. */
static void orders(void)
{
	struct wanted x;
	struct lab_order o;

	start();
	x = good(ORDER_BUFFER, NOWHERE);
	o = sign(&x);
	CHECK_EQ(through(lab_addr[FA_A], &o), ORDER_GRANTED);
	CHECK_EQ(order(ORDER_DELETE, NOWHERE), ORDER_GRANTED);
	keep();
	l.now += SEC(1);
	CHECK_EQ(restart_at(0), 1);
	CHECK_EQ(through(lab_addr[FA_A], &o), ORDER_ID_ORDER);
	CHECK_EQ(state(), BUF_SERVING);
	l.now += SEC(86400); /* a clock a day ahead */
	CHECK_EQ(registered(FA_A, 600, 0), CODE_ACCEPTED_NO_SIMULTANEOUS);
	keep();
	l.now -= SEC(86400); /* is put right */
	CHECK_EQ(restart_at(0), 1);
	l.now += SEC(1);
	x.id = lab_instant(&l).ntp;
	o = sign(&x);
	CHECK_EQ(through(lab_addr[FA_A], &o), ORDER_ID_ORDER);
	x.id = reply.id + ((uint64_t)1 << 32);
	o = sign(&x);
	CHECK_EQ(through(lab_addr[FA_A], &o), ORDER_GRANTED);
	CHECK_EQ(state(), BUF_BUFFERING);
	state_stop();
}

UNIT_MAIN("restart_lease", {"kept on", kept_on}, {"an older Request", an_older_request},
	  {"over meanwhile", over_meanwhile}, {"what is kept, and how", what_is_kept},
	  {"nonsense", nonsense}, {"no buffers any more", no_buffers_any_more},
	  {"a change", a_change}, {"orders", orders})
