/* SPDX-License-Identifier: MIT */
#include "tests/unit/buffer_fixture.h"

#include "tests/unit/bad_orders.h"

/*
 * What agents say to one another, spoilt in every way and cut at every byte, in each state: the
 * second agent's own BUFFER, the home agent's marker, the first agent's marker.
 */
static const enum buffer_state states[] = { BUF_SERVING, BUF_RESERVED, BUF_BUFFERING,
					    BUF_DRAINING, BUF_PASSING };
#define STATES (sizeof(states) / sizeof(states[0]))

/* All that such a message could change, of the node at this agent. */
struct look {
	enum buffer_state state;
	uint64_t packets, bytes, forward_id, marker_id, last_id, reserved, early, delivered, orders,
	    markers, holds;
	struct buffer_limits grant;
	mtime lease_ends, merge_ends;
	uint32_t forward_to, overflow, filters, ages, merge, forwarded, elastic, marker_in, ended;
};

static struct look look(int agent)
{
	struct agent *x = l.ag[agent];
	const struct node *n = node_find(x, HOME);
	const struct buffer *b = node_buffer(n);
	struct seen *s = NULL;
	struct look k;

	memset(&k, 0, sizeof(k));
	CHECK(conf_node(x, HOME, &s));
	k.state = b->state;
	k.packets = b->q.packets;
	k.bytes = b->q.bytes;
	k.forward_id = b->forward_id;
	k.marker_id = b->marker_id;
	k.last_id = s->order_id;
	k.reserved = x->reserved;
	k.early = x->early;
	k.delivered = n->delivered;
	k.orders = agent_counters(x)->orders_granted;
	k.markers = agent_counters(x)->markers_received;
	k.grant = b->grant;
	k.lease_ends = b->lease_ends;
	k.forward_to = b->forward_to;
	k.overflow = b->overflow;
	k.filters = b->filter.n;
	k.ages = b->n_ages;
	k.elastic = b->elastic;
	k.marker_in = b->marker_in;
	k.ended = b->path_ended;
	if (b->merge) {
		k.merge = 1 + b->merge->state;
		k.merge_ends = b->merge->ends;
		k.forwarded = b->merge->forwarded;
		k.holds = b->merge->held.packets;
		k.marker_in |= (uint32_t)b->merge->marker_in << 1;
	}
	return k;
}

static uint64_t all_drops(int agent)
{
	uint64_t n = 0;

	for (int why = 1; why < DROP_COUNT; why++)
		n += agent_drops(l.ag[agent])->n[why];
	return n;
}

/* What was said: nothing has changed, and it is counted once. */
static void nothing(const char *what, int agent, const struct look *was, uint64_t drops)
{
	struct look is = look(agent);

	if (!memcmp(&is, was, sizeof(is)) && all_drops(agent) == drops + 1)
		return;
	printf("\n    %s: %s, %d drops", what, buffer_state_name(was->state),
	       (int)(all_drops(agent) - drops));
	CHECK(false);
}

/* ---- the second agent's own BUFFER ---- */

static struct lab_order forward;

static void as_handoff_key(void)
{
	asked.auth = EXT_GENERAL_AUTH;
	asked.other_auth = EXT_MN_FA;
	asked.sa = forward.kh;
}

static void sign_as(struct wbuf *w, enum tail tail)
{
	struct sa sa = asked.sa;

	if (tail == BARE || tail == OTHERS) {
		finish_with(w, tail);
		return;
	}
	sa.spi += tail == OTHER_SPI;
	sa.key.b[0] ^= tail == OTHER_KEY;
	sa.alg = tail == MD5 ? AUTH_HMAC_MD5 : sa.alg;
	if (tail == TWICE)
		auth_append(w, EXT_GENERAL_AUTH, GA_FA_FA, &sa);
	auth_append(w, EXT_GENERAL_AUTH, GA_FA_FA, &sa);
	if (tail == BEHIND)
		mip_ext_append(w, SUB_COUNT, (const uint8_t *)"\0\0\0\1", 4);
	if (tail == PADDED)
		wb_u8(w, 0);
}

/* As s has it; s->exts stand behind the order inside. */
static size_t behalf(const struct spoilt *s, const uint8_t *inner, uint8_t *buf, size_t cap)
{
	struct wbuf w = wb_init(buf, cap);
	struct order o = { .message = ORDER_REQUEST, .action = ORDER_BUFFER, .home_addr = HOME,
			   .first_agent = A_ADDR, .care_of = B_ADDR, .id = forward.id };
	uint8_t bytes[120];

	order_encode(&w, &o);
	unit_hex(s->bytes, buf + s->at, ORDER_LEN - s->at);
	mip_ext_append(&w, SUB_RELAYED_ORDER, inner, forward.n);
	wb_bytes(&w, bytes, unit_hex(s->exts, bytes, sizeof(bytes)));
	sign_as(&w, s->tail);
	CHECK(wb_ok(&w));
	return w.len;
}

static int say(const uint8_t *p, size_t n)
{
	struct instant now = lab_instant(&l);
	uint8_t *copy = unit_copy(p, n);

	memset(a()->rates, 0, sizeof(a()->rates)); /* answers are looked at one by one */
	agent_udp(a(), B_ADDR, 434, A_ADDR, copy, n, &now, &l.out);
	free(copy);
	return code();
}

static void sign_forward(void)
{
	forward = lab_order(&l, ORDER_FORWARD, 0, FA_A, FA_B);
	as_handoff_key();
}

/* What disagrees with the order inside is malformed, whatever it were by itself. */
static int behalf_code(const struct spoilt *s)
{
	return s->tail == OTHER_SPI || s->tail == OTHER_KEY || s->tail == MD5 ? ORDER_AUTH_FAILED
									     : -1;
}

static void behalf_each_field(void)
{
	static const struct spoilt fine = { .bytes = "", .exts = "", .tail = SIGNED };
	uint8_t buf[400], inner[ORDER_MAX];

	for (size_t st = 0; st < STATES; st++) {
		reach(states[st]);
		for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
			const struct spoilt *s = &table[i];
			uint64_t drops = all_drops(FA_A);
			struct look was = look(FA_A);
			int got;

			if (s->tail == HANDOFF_KEY || s->code == ORDER_MALFORMED)
				continue; /* what signs it; and what nobody looks at */
			sign_forward();
			got = say(buf, behalf(s, forward.bytes, buf, sizeof(buf)));
			if (got != behalf_code(s))
				printf("\n    %s: %d", s->what, got);
			CHECK_EQ(got, behalf_code(s));
			nothing(s->what, FA_A, &was, drops);
		}
		sign_forward();
		for (size_t i = 0; i < forward.n; i++) {
			uint64_t drops = all_drops(FA_A);
			struct look was = look(FA_A);

			memcpy(inner, forward.bytes, forward.n);
			inner[i] ^= 0x11;
			say(buf, behalf(&fine, inner, buf, sizeof(buf)));
			nothing("the order inside", FA_A, &was, drops);
		}
		CHECK(say(buf, behalf(&fine, forward.bytes, buf, sizeof(buf))) <= 1);
		CHECK_EQ(state(), BUF_BUFFERING);
		lab_stop(&l);
	}
}

/* How much is kept, and how, is the node's to say: A's defaults, whatever B puts there. */
static void behalf_says_no_more(void)
{
	static const struct spoilt all = {
		.what = "", .at = 3, .bytes = "60", .tail = SIGNED,
		.exts = "ff050100010001 ff050200000001 ff020501 ff0506ff000001"
			"ff1103 02000021 00000000 00000000 00000000" };
	uint8_t buf[400];

	for (size_t st = 0; st < STATES; st++) {
		const struct buffer *b;

		reach(states[st]);
		sign_forward();
		CHECK_EQ(say(buf, behalf(&all, forward.bytes, buf, sizeof(buf))), ORDER_GRANTED);
		b = node_buffer(node_find(a(), HOME));
		CHECK(b->state == BUF_BUFFERING && !b->elastic);
		CHECK(!b->filter.n && !b->n_ages && b->overflow == OVERFLOW_OLDEST);
		CHECK(b->grant.packets == 2048 && b->grant.bytes == 4 << 20);
		CHECK_EQ(b->lease_ends - l.now, SEC(8));
		packets(1);
		CHECK_EQ(drops(DROP_FILTERED), 0);
		lab_stop(&l);
	}
}

static void behalf_cut(void)
{
	static const struct spoilt bare = { .bytes = "", .exts = "", .tail = BARE };
	uint8_t whole[400], buf[400];

	for (size_t st = 0; st < STATES; st++) {
		size_t body, n;

		reach(states[st]);
		sign_forward();
		body = behalf(&bare, forward.bytes, whole, sizeof(whole));
		for (n = 0; n < body + 40; n++) { /* as it was signed */
			uint64_t drops = all_drops(FA_A);
			struct look was = look(FA_A);
			struct wbuf w = wb_init(whole, sizeof(whole));

			w.len = body;
			sign_as(&w, SIGNED);
			CHECK_EQ(w.len, body + 40);
			CHECK_EQ(say(whole, n), -1);
			nothing("cut", FA_A, &was, drops);
		}
		for (n = 0; n < body; n++) { /* signed as it stands */
			uint64_t drops = all_drops(FA_A);
			struct look was = look(FA_A);
			struct wbuf w = wb_init(buf, sizeof(buf));

			wb_bytes(&w, whole, n);
			sign_as(&w, SIGNED);
			CHECK_EQ(say(buf, w.len), -1);
			nothing("cut, and signed", FA_A, &was, drops);
		}
		CHECK(say(whole, body + 40) <= 1);
		lab_stop(&l);
	}
}

/* ---- markers ---- */

static struct {
	int agent;
	uint32_t outer, inner; /* inner: to whom */
	struct order o;
	uint8_t auth;
	struct sa sa;
} m;

static void sign_marker(struct wbuf *w, enum tail tail)
{
	if (m.auth == EXT_GENERAL_AUTH)
		sign_as(w, tail);
	else
		finish_with(w, tail);
}

static void send_marker(const uint8_t *p, size_t n)
{
	struct ipv4_out h = { .src = m.outer, .dst = m.inner, .ttl = 64 };
	struct instant now = lab_instant(&l);
	uint8_t pkt[400], *copy;
	size_t len = udp_build(pkt, sizeof(pkt), &h, 434, 434, p, n);

	copy = unit_copy(pkt, len);
	agent_tunnel(l.ag[m.agent], m.outer, m.inner, copy, len, &now, &l.out);
	free(copy);
}

static size_t build_marker(const struct spoilt *s, uint8_t *buf, size_t cap)
{
	struct wbuf w = wb_init(buf, cap);
	uint8_t bytes[120];

	order_encode(&w, &m.o);
	unit_hex(s->bytes, buf + s->at, ORDER_LEN - s->at);
	wb_bytes(&w, bytes, unit_hex(s->exts, bytes, sizeof(bytes)));
	sign_marker(&w, s->tail);
	CHECK(wb_ok(&w));
	return w.len;
}

/* Of the table of orders what is wrong in a marker, too: its own fields stand below. */
static bool wrong_in_a_marker(const struct spoilt *s)
{
	if (s->tail == HANDOFF_KEY || s->places || s->code == ORDER_MALFORMED)
		return false;
	return !(s->at == 1 && s->bytes[1] == '3') && strcmp(s->what, "Action 0") && s->at != 8 &&
	       s->at != 16;
}

static const struct spoilt fields[] = {
	{ "Message 1", 1, "01", "", SIGNED, -1, DROP_MALFORMED, false },
	{ "with an Action", 2, "01", "", SIGNED, -1, DROP_MALFORMED, false },
	{ "First Agent is another", 8, "c6336447", "", SIGNED, -1, DROP_OUTER_SOURCE, false },
	{ "no First Agent", 8, "00000000", "", SIGNED, -1, DROP_OUTER_SOURCE, false },
	{ "an older Identification", 16, "e800000000000000", "", SIGNED, -1, DROP_REPLAY, false },
};

static void spoil_marker(const struct spoilt *s)
{
	uint64_t drops = all_drops(m.agent);
	struct look was = look(m.agent);
	uint8_t buf[400];

	send_marker(buf, build_marker(s, buf, sizeof(buf)));
	CHECK_EQ(code(), -1);
	nothing(s->what, m.agent, &was, drops);
}

static void spoil_markers(void)
{
	static const struct spoilt bare = { .bytes = "", .exts = "", .tail = BARE };
	uint8_t whole[400], buf[400];
	size_t body, n;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (wrong_in_a_marker(&table[i]))
			spoil_marker(&table[i]);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		spoil_marker(&fields[i]);
	body = build_marker(&bare, whole, sizeof(whole));
	for (n = 0; n < 2 * body; n++) {
		uint64_t drops = all_drops(m.agent);
		struct look was = look(m.agent);
		struct wbuf w = wb_init(buf, sizeof(buf));

		wb_bytes(&w, whole, n % body);
		if (n >= body && n - body != ORDER_LEN) /* a whole one, without Count */
			sign_marker(&w, SIGNED);
		send_marker(buf, w.len);
		nothing("cut", m.agent, &was, drops);
	}
}

/* The intact one does something: what was tried before would have. */
static void intact_marker(void)
{
	static const struct spoilt fine = { .bytes = "", .exts = "", .tail = SIGNED };
	uint64_t before = agent_counters(l.ag[m.agent])->markers_received;
	uint8_t buf[400];

	send_marker(buf, build_marker(&fine, buf, sizeof(buf)));
	CHECK_EQ(agent_counters(l.ag[m.agent])->markers_received, before + 1);
}

static void home_marker(void)
{
	for (size_t st = 0; st < STATES; st++) {
		reach(states[st]);
		m.agent = FA_A;
		m.outer = HA_ADDR;
		m.inner = A_ADDR;
		m.auth = EXT_FA_HA;
		m.o = (struct order){ .message = ORDER_MARKER, .home_addr = HOME,
				      .first_agent = A_ADDR, .care_of = B_ADDR,
				      .id = l.last_id + 1 };
		asked.auth = EXT_FA_HA;
		asked.other_auth = EXT_MN_FA;
		asked.sa = lab_sa(3000, "between agents");
		spoil_markers();
		intact_marker();
		lab_stop(&l);
	}
}

static void tunnelled(uint32_t outer, unsigned n)
{
	while (n--) {
		struct instant now = lab_instant(&l);
		uint8_t pkt[300];
		size_t len = lab_packet(pkt, sizeof(pkt), CN_ADDR, HOME, n);

		agent_tunnel(l.ag[FA_B], outer, B_ADDR, pkt, len, &now, &l.out);
		lab_act(&l, FA_B);
	}
}

/* From agent one to agent two, and registered there: agent two holds. */
static void reach_merge(enum merge_state s)
{
	start();
	l.lose = NULL;
	l.at = FA_B;
	forward = lab_order(&l, ORDER_FORWARD, ORDER_F_ASKED, FA_A, FA_B);
	lab_register(&l, 600, NULL, &forward);
	lab_run(&l, 22);
	l.lose = swallow;
	m.agent = FA_B;
	m.outer = A_ADDR;
	m.inner = B_ADDR;
	m.auth = EXT_GENERAL_AUTH;
	m.o = (struct order){ .message = ORDER_MARKER, .home_addr = HOME, .first_agent = A_ADDR,
			      .care_of = B_ADDR, .id = forward.id, .has_count = true };
	as_handoff_key();
	tunnelled(HA_ADDR, 20);
	if (s == MERGE_DONE) {
		lab_run(&l, 2000); /* its FORWARD is repeated for so long */
	} else if (s == MERGE_RELEASING) {
		intact_marker();
	}
	CHECK_EQ(node_buffer(node_find(l.ag[FA_B], HOME))->merge->state, s);
}

static void first_agents_marker(void)
{
	static const enum merge_state in[] = { MERGE_HOLDING, MERGE_RELEASING, MERGE_DONE };

	for (size_t i = 0; i < sizeof(in) / sizeof(in[0]); i++) {
		reach_merge(in[i]);
		spoil_markers();
		m.o.care_of = lab_addr[FA_C];
		spoil_marker(&(struct spoilt){ .what = "for another", .bytes = "", .exts = "" });
		m.o.care_of = B_ADDR;
		intact_marker();
		lab_stop(&l);
	}
}

UNIT_MAIN("bad others", {"B's own BUFFER: each field", behalf_each_field},
	  {"B's own BUFFER: cut at every byte", behalf_cut},
	  {"B's own BUFFER: says no more", behalf_says_no_more},
	  {"the home agent's marker", home_marker},
	  {"the first agent's marker", first_agents_marker})
