/* SPDX-License-Identifier: MIT */
#include "tests/unit/buffer_fixture.h"

/*
 * Every order, in each state, spoilt in every way: the right code, or none, the right reason, and
 * nothing changed.
 */
static const struct kind {
	uint8_t action, flags;
} kinds[] = {
	{ ORDER_BUFFER, 0 },	     { ORDER_BUFFER, ORDER_F_RESERVE },
	{ ORDER_FORWARD, 0 },	     { ORDER_FORWARD, ORDER_F_ASKED | 0x1f },
	{ ORDER_RELEASE, 0 },	     { ORDER_DELETE, 0 },
	{ ORDER_DELETE_FORWARD, 0 }, { ORDER_RENEW, 0 },
	{ ORDER_QUERY, 0 },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))
static const enum buffer_state states[] = { BUF_SERVING, BUF_RESERVED, BUF_BUFFERING,
					    BUF_DRAINING, BUF_PASSING };
#define STATES (sizeof(states) / sizeof(states[0]))

static struct {
	enum buffer_state state;
	struct pktq q;
	struct buffer_limits grant;
	enum order_overflow overflow;
	mtime lease_ends;
	uint32_t forward_to;
	uint64_t forward_id, reserved, early, up, orders, last_id, drops;
	unsigned filters, ages, seen;
	bool elastic;
} was;

static uint64_t all_drops(void)
{
	uint64_t n = 0;

	for (int why = 1; why < DROP_COUNT; why++)
		n += drops((enum drop)why);
	return n;
}

static struct seen *known(void)
{
	struct seen *s = NULL;

	CHECK(conf_node(a(), HOME, &s));
	return s;
}

static const struct buffer *buf(void)
{
	return node_buffer(node_find(a(), HOME));
}

static void look(void)
{
	const struct buffer *b = buf();

	memset(&was, 0, sizeof(was));
	was.state = b->state;
	was.q = b->q;
	was.grant = b->grant;
	was.overflow = b->overflow;
	was.lease_ends = b->lease_ends;
	was.forward_to = b->forward_to;
	was.forward_id = b->forward_id;
	was.reserved = a()->reserved;
	was.early = a()->early;
	was.up = l.up[FA_A] - l.down[FA_A];
	was.orders = agent_counters(a())->orders;
	was.last_id = known()->order_id;
	was.drops = all_drops();
	was.filters = b->filter.n;
	was.ages = b->n_ages;
	was.seen = b->n_seen;
	was.elastic = b->elastic;
	memset(a()->rates, 0, sizeof(a()->rates)); /* answers are looked at one by one */
}

/* taken: the order was authentic and new, so it cannot come again. */
static bool unchanged(bool taken)
{
	const struct buffer *b = buf();
	bool same = b->state == was.state && b->q.packets == was.q.packets &&
		    b->q.bytes == was.q.bytes && b->grant.packets == was.grant.packets &&
		    b->grant.bytes == was.grant.bytes && b->lease_ends == was.lease_ends &&
		    b->overflow == was.overflow && b->forward_to == was.forward_to &&
		    b->forward_id == was.forward_id && b->filter.n == was.filters &&
		    b->n_ages == was.ages && b->n_seen == was.seen && b->elastic == was.elastic;

	return same && a()->reserved == was.reserved && a()->early == was.early &&
	       l.up[FA_A] - l.down[FA_A] == was.up &&
	       agent_counters(a())->orders == was.orders + taken &&
	       (taken || known()->order_id == was.last_id);
}

enum tail { SIGNED, BARE, OTHER_SPI, OTHER_KEY, MD5, HOME_KEY, HANDOFF_KEY, TWICE, BEHIND, PADDED };

static const struct spoilt {
	const char *what;
	unsigned at;	   /* these bytes of the header ... */
	const char *bytes;
	const char *exts;  /* ... and these extensions */
	enum tail tail;
	int code;	   /* -1: no answer */
	enum drop why;
	bool places;	   /* only of orders that forward */
} table[] = {
	{ "another type", 0, "fe", "", SIGNED, -1, DROP_TYPE, false },
	{ "Message 0", 1, "00", "", SIGNED, -1, DROP_MALFORMED, false },
	{ "Message 2", 1, "02", "", SIGNED, -1, DROP_UNMATCHED, false },
	{ "Message 3 with an Action", 1, "03", "", SIGNED, -1, DROP_MALFORMED, false },
	{ "Message 3", 1, "0300", "", SIGNED, -1, DROP_TYPE, false },
	{ "Message 4", 1, "04", "", SIGNED, -1, DROP_MALFORMED, false },
	{ "Message 255", 1, "ff", "", SIGNED, -1, DROP_MALFORMED, false },
	{ "Action 0", 2, "00", "", SIGNED, -1, DROP_MALFORMED, false },
	{ "Action 8", 2, "08", "", SIGNED, -1, DROP_MALFORMED, false },
	{ "Action 255", 2, "ff", "", SIGNED, -1, DROP_MALFORMED, false },
	{ "another node", 4, "0a630006", "", SIGNED, 131, DROP_NO_KEY, false },
	{ "no node", 4, "00000000", "", SIGNED, 131, DROP_NO_KEY, false },
	{ "every node", 4, "ffffffff", "", SIGNED, 131, DROP_NO_KEY, false },
	{ "First Agent is another", 8, "c6336487", "", SIGNED, 136, DROP_NOT_MINE, false },
	{ "no First Agent", 8, "00000000", "", SIGNED, 136, DROP_NOT_MINE, false },
	{ "all First Agents", 8, "ffffffff", "", SIGNED, 136, DROP_NOT_MINE, false },
	{ "our address on the link", 8, "0a010001", "", SIGNED, 136, DROP_NOT_MINE, false },
	{ "no Care-of Address", 12, "00000000", "", SIGNED, 142, DROP_CARE_OF, true },
	{ "to the node itself", 12, "0a630005", "", SIGNED, 142, DROP_CARE_OF, true },
	{ "to ourselves", 12, "c6336407", "", SIGNED, 142, DROP_CARE_OF, true },
	{ "to our link", 12, "0a010001", "", SIGNED, 142, DROP_CARE_OF, true },
	{ "to a group", 12, "e0000001", "", SIGNED, 142, DROP_CARE_OF, true },
	{ "to all", 12, "ffffffff", "", SIGNED, 142, DROP_CARE_OF, true },
	{ "to whom did not bring it", 12, "c6336447", "", SIGNED, 142, DROP_CARE_OF, true },
	{ "to this host", 12, "7f000001", "", SIGNED, 142, DROP_CARE_OF, true },
	{ "Identification 0", 16, "0000000000000000", "", SIGNED, 133, DROP_STALE, false },
	{ "a short Size", 0, "", "ff040100 1000", SIGNED, -1, DROP_MALFORMED, false },
	{ "a long Size", 0, "", "ff0601 00100010 00", SIGNED, -1, DROP_MALFORMED, false },
	{ "Size twice", 0, "", "ff050100100010ff050100100010", SIGNED, -1, DROP_MALFORMED, false },
	{ "a short Lease", 0, "", "ff0402 000010", SIGNED, -1, DROP_MALFORMED, false },
	{ "a long Lease", 0, "", "ff0602 0000100000", SIGNED, -1, DROP_MALFORMED, false },
	{ "Lease twice", 0, "", "ff050200001000ff050200001000", SIGNED, -1, DROP_MALFORMED, false },
	{ "a Lease for ever", 0, "", "ff0502ffffffff", SIGNED, -1, DROP_MALFORMED, false },
	{ "a Filter of nothing", 0, "", "ff0103", SIGNED, -1, DROP_MALFORMED, false },
	{ "a rule of 15 bytes", 0, "", "ff1003 01110000 00000000 00000000 000000", SIGNED, -1,
	  DROP_MALFORMED, false },
	{ "a rule of 17 bytes", 0, "", "ff1203 01110000 00000000 00000000 00000000 00", SIGNED, -1,
	  DROP_MALFORMED, false },
	{ "Filter twice", 0, "",
	  "ff1103 01110000 00000000 00000000 00000000 ff1103 01110000 00000000 00000000 00000000",
	  SIGNED, -1, DROP_MALFORMED, false },
	{ "an unknown match", 0, "", "ff1103 20000000 00000000 00000000 00000000", SIGNED, 134,
	  DROP_MALFORMED, false },
	{ "a prefix of 33", 0, "", "ff1103 02000021 00000000 00000000 00000000", SIGNED, 134,
	  DROP_MALFORMED, false },
	{ "DSCP 64", 0, "", "ff1103 10004000 00000000 00000000 00000000", SIGNED, 134,
	  DROP_MALFORMED, false },
	{ "source ports backwards", 0, "", "ff1103 04000000 00000000 00020001 00000000", SIGNED,
	  134, DROP_MALFORMED, false },
	{ "destination ports backwards", 0, "", "ff1103 08000000 00000000 00000000 00020001",
	  SIGNED, 134, DROP_MALFORMED, false },
	{ "a Seen of nothing", 0, "", "ff0104", SIGNED, -1, DROP_MALFORMED, false },
	{ "a word of 3 bytes", 0, "", "ff0404 000001", SIGNED, -1, DROP_MALFORMED, false },
	{ "Seen twice", 0, "", "ff050400000001ff050400000001", SIGNED, -1, DROP_MALFORMED, false },
	{ "Filter and Seen", 0, "", "ff1103 01110000 00000000 00000000 00000000 ff050400000001",
	  SIGNED, 134, DROP_MALFORMED, false },
	{ "no policy", 0, "", "ff0105", SIGNED, -1, DROP_MALFORMED, false },
	{ "a long policy", 0, "", "ff03050000", SIGNED, -1, DROP_MALFORMED, false },
	{ "Overflow twice", 0, "", "ff020500ff020500", SIGNED, -1, DROP_MALFORMED, false },
	{ "an unknown policy", 0, "", "ff020503", SIGNED, 134, DROP_MALFORMED, false },
	{ "a short age", 0, "", "ff0406 2e0000", SIGNED, -1, DROP_MALFORMED, false },
	{ "a long age", 0, "", "ff0606 2e00000000", SIGNED, -1, DROP_MALFORMED, false },
	{ "the age of DSCP 64", 0, "", "ff0506 40000064", SIGNED, 134, DROP_MALFORMED, false },
	{ "nine ages", 0, "",
	  "ff050600000064ff050601000064ff050602000064ff050603000064ff050604000064"
	  "ff050605000064ff050606000064ff050607000064ff050608000064",
	  SIGNED, -1, DROP_MALFORMED, false },
	{ "a short State", 0, "", "ff0207 00", SIGNED, -1, DROP_MALFORMED, false },
	{ "a short Count", 0, "", "ff040c 000000", SIGNED, -1, DROP_MALFORMED, false },
	{ "a short Delivered", 0, "", "ff040e 000000", SIGNED, -1, DROP_MALFORMED, false },
	{ "no SubType", 0, "", "ff00", SIGNED, -1, DROP_MALFORMED, false },
	{ "an extension past the end", 0, "", "80ff", SIGNED, -1, DROP_SHORT, false },
	{ "an extension that must be known", 0, "", "640100", SIGNED, -1, DROP_EXTENSION, false },
	{ "no authentication", 0, "", "", BARE, -1, DROP_NO_AUTH, false },
	{ "the home agent's key", 0, "", "", HOME_KEY, -1, DROP_NO_AUTH, false },
	{ "between agents", 0, "", "", HANDOFF_KEY, -1, DROP_NO_AUTH, false },
	{ "another SPI", 0, "", "", OTHER_SPI, 131, DROP_NO_KEY, false },
	{ "another key", 0, "", "", OTHER_KEY, 131, DROP_BAD_AUTH, false },
	{ "another algorithm", 0, "", "", MD5, 131, DROP_BAD_AUTH, false },
	{ "signed twice", 0, "", "", TWICE, -1, DROP_MALFORMED, false },
	{ "more behind the signature", 0, "", "", BEHIND, -1, DROP_MALFORMED, false },
	{ "padding behind the signature", 0, "", "", PADDED, -1, DROP_MALFORMED, false },
};

static void finish_with(struct wbuf *w, enum tail tail)
{
	struct sa sa = lab_mn_fa(FA_A), other = lab_mn_fa(FA_B);
	uint8_t type = EXT_MN_FA;

	switch (tail) {
	case BARE:
		return;
	case OTHER_SPI:
		sa.spi++;
		break;
	case OTHER_KEY:
		sa.key = other.key;
		break;
	case MD5:
		sa.alg = AUTH_HMAC_MD5;
		break;
	case HOME_KEY:
		type = EXT_MN_HA;
		break;
	case HANDOFF_KEY:
		auth_append(w, EXT_GENERAL_AUTH, GA_FA_FA, &sa);
		return;
	case TWICE:
		auth_append(w, EXT_MN_FA, 0, &sa);
		break;
	case SIGNED:
	case BEHIND:
	case PADDED:
		break;
	}
	auth_append(w, type, 0, &sa);
	if (tail == BEHIND)
		mip_ext_append(w, SUB_COUNT, (const uint8_t *)"\0\0\0\1", 4);
	if (tail == PADDED)
		wb_u8(w, 0);
}

static struct order plain(const struct kind *k)
{
	return (struct order){ .message = ORDER_REQUEST, .action = k->action, .flags = k->flags,
			       .home_addr = HOME, .first_agent = A_ADDR, .care_of = B_ADDR,
			       .id = lab_id(&l) };
}

static struct lab_order spoil(const struct kind *k, const struct spoilt *s)
{
	struct lab_order r = { .n = 0 };
	struct wbuf w = wb_init(r.bytes, sizeof(r.bytes));
	struct order o = plain(k);
	uint8_t bytes[120];

	order_encode(&w, &o);
	unit_hex(s->bytes, r.bytes + s->at, ORDER_LEN - s->at);
	wb_bytes(&w, bytes, unit_hex(s->exts, bytes, sizeof(bytes)));
	finish_with(&w, s->tail);
	CHECK(wb_ok(&w));
	r.n = w.len;
	return r;
}

static bool forwards(const struct kind *k)
{
	return k->action == ORDER_FORWARD || k->action == ORDER_DELETE_FORWARD;
}

static void each_field(void)
{
	for (size_t st = 0; st < STATES; st++) {
		reach(states[st]);
		for (size_t i = 0; i < KINDS * sizeof(table) / sizeof(table[0]); i++) {
			const struct kind *k = &kinds[i % KINDS];
			const struct spoilt *s = &table[i / KINDS];
			struct lab_order o = spoil(k, s);
			uint64_t before = drops(s->why);
			int got;

			if (s->places && !forwards(k))
				continue;
			look();
			got = relayed(&o);
			if (got != s->code || drops(s->why) != before + 1 ||
			    all_drops() != was.drops + 1 || !unchanged(got == 134 || got == 142)) {
				printf("\n    %s, %s %02x: %s: %d", buffer_state_name(states[st]),
				       order_action_name(k->action), k->flags, s->what, got);
				CHECK(false);
			}
		}
		lab_stop(&l);
	}
}

/* With all that it can carry, but State and the like, which Requests never do. */
static size_t rich(const struct kind *k, uint8_t *buf, size_t cap, bool *border)
{
	static const char *const exts[] = { "ff050100100010", "ff050200001000", "ff020502",
					    "ff0506ff000064", "ff0506 2e000032", "80020000",
					    "ff1103 01110000 00000000 00000000 00000000" };
	struct wbuf w = wb_init(buf, cap);
	struct order o = plain(k);
	uint8_t bytes[40];

	order_encode(&w, &o);
	border[w.len] = true;
	for (size_t i = 0; i < sizeof(exts) / sizeof(exts[0]); i++) {
		wb_bytes(&w, bytes, unit_hex(exts[i], bytes, sizeof(bytes)));
		border[w.len] = true;
	}
	CHECK(wb_ok(&w));
	return w.len;
}

/* At every byte: what was signed, and what is signed as it stands. */
static void cut(void)
{
	for (size_t i = 0; i < KINDS * STATES; i++) {
		bool border[ORDER_MAX + 1] = { false };
		struct lab_order o = { .n = 0 }, cut_short;
		size_t body;

		reach(states[i / KINDS]);
		body = rich(&kinds[i % KINDS], o.bytes, sizeof(o.bytes), border);
		for (size_t n = 0; n < 2 * body; n++) {
			struct wbuf w = wb_init(cut_short.bytes, sizeof(cut_short.bytes));

			if (n >= body && border[n - body])
				continue; /* a whole order, if another one */
			wb_bytes(&w, o.bytes, n % body);
			if (n >= body)
				finish_with(&w, SIGNED);
			cut_short.n = w.len;
			look();
			CHECK_EQ(relayed(&cut_short), -1);
			CHECK(unchanged(false));
			CHECK_EQ(all_drops(), was.drops + 1);
		}
		lab_stop(&l);
	}
}

/* Of the past, of the future, and what was refused for that comes again in time. */
static void identification(void)
{
	static const int seconds[] = { -3600, -8, 8, 3600 };

	for (size_t i = 0; i < KINDS * STATES; i++) {
		reach(states[i / KINDS]);
		for (size_t k = 0; k < 4; k++) {
			struct lab_order o = { .n = 0 };
			struct order m = plain(&kinds[i % KINDS]);
			struct wbuf w = wb_init(o.bytes, sizeof(o.bytes));

			m.id += (uint64_t)((int64_t)seconds[k] * ((int64_t)1 << 32));
			order_encode(&w, &m);
			finish_with(&w, SIGNED);
			o.n = w.len;
			for (int again = 0; again < 2; again++) {
				look();
				CHECK_EQ(relayed(&o), ORDER_ID_ORDER);
				CHECK(reply.id > was.last_id && unchanged(false));
				CHECK_EQ(all_drops(), was.drops + 1);
			}
		}
		lab_stop(&l);
	}
}

/* Word for word: the same Reply, until it is forgotten; then 133.  Nothing is done again. */
static void replayed(void)
{
	for (size_t i = 0; i < KINDS * STATES; i++) {
		struct lab_order o = { .n = 0 };
		struct order m;
		struct wbuf w = wb_init(o.bytes, sizeof(o.bytes));
		int first;

		reach(states[i / KINDS]);
		m = plain(&kinds[i % KINDS]);
		order_encode(&w, &m);
		finish_with(&w, SIGNED);
		o.n = w.len;
		first = relayed(&o);
		CHECK(first >= 0);
		look();
		CHECK_EQ(relayed(&o), first);
		CHECK(unchanged(false) && all_drops() == was.drops);
		for (int k = 0; k < 4; k++)
			CHECK_EQ(order(ORDER_QUERY), 0);
		look();
		CHECK_EQ(relayed(&o), ORDER_ID_ORDER);
		CHECK(unchanged(false) && all_drops() == was.drops + 1);
		lab_stop(&l);
	}
}

static void says_nobody(void)
{
	for (size_t k = 0; k < KINDS; k++) {
		struct lab_order o = lab_order(&l, kinds[k].action, kinds[k].flags, FA_A, FA_B);
		uint64_t orders = agent_counters(a())->orders;

		CHECK_EQ(relayed(&o), ORDER_NOT_SERVED);
		CHECK_EQ(agent_counters(a())->orders, orders + 1);
		CHECK(!node_find(a(), HOME) && !a()->n_moving && !a()->reserved);
	}
}

/* Its lease is over after a FORWARD, or it has deregistered. */
static void from_one_that_left(void)
{
	reach(BUF_DRAINING);
	lab_run(&l, 8100);
	CHECK_EQ(l.down[FA_A], 1);
	says_nobody();
	lab_stop(&l);

	start();
	l.lose = NULL;
	lab_register(&l, 0, NULL, NULL);
	lab_run(&l, 50);
	says_nobody();
	lab_stop(&l);
}

/* From the link, by another agent, with a place put in on the way. */
static void by_whom(void)
{
	for (size_t i = 0; i < KINDS * STATES; i++) {
		const struct kind *k = &kinds[i % KINDS];
		struct lab_order o;
		struct instant now;

		reach(states[i / KINDS]);
		o = lab_order(&l, k->action, k->flags, FA_A, FA_B);
		o.bytes[15] = 0x47; /* the third agent brings it to itself */
		look();
		now = lab_instant(&l);
		agent_udp(a(), lab_addr[FA_C], 434, A_ADDR, o.bytes, o.n, &now, &l.out);
		CHECK_EQ(code(), ORDER_AUTH_FAILED);
		CHECK(unchanged(false) && drops(DROP_BAD_AUTH) == 1);
		o.bytes[15] = 0x87;
		if (forwards(k)) {
			agent_udp(a(), lab_addr[FA_C], 434, A_ADDR, o.bytes, o.n, &now, &l.out);
			CHECK_EQ(code(), ORDER_CARE_OF_REFUSED);
			CHECK(unchanged(true) && drops(DROP_CARE_OF) == 1);
			o = lab_order(&l, k->action, k->flags, FA_A, FA_B);
			look();
			agent_link_udp(a(), 0, &l.mac, HOME, 434, lab_link[FA_A], 255, o.bytes,
				       o.n, &now, &l.out);
			CHECK_EQ(code(), ORDER_CARE_OF_REFUSED);
			CHECK(unchanged(true) && drops(DROP_CARE_OF) == 2);
		}
		lab_stop(&l);
	}
}

UNIT_MAIN("bad orders", {"each field", each_field}, {"cut at every byte", cut},
	  {"Identification", identification}, {"replayed", replayed},
	  {"from one that left", from_one_that_left}, {"by whom", by_whom})
