/* SPDX-License-Identifier: MIT */
#ifndef MIP_BAD_ORDERS_H
#define MIP_BAD_ORDERS_H

/*
 * Orders of every kind, and what can be wrong with them; the includer has a lab, l, and says in
 * `asked` whom they are for.
 */
static struct {
	uint32_t first_agent;
	uint8_t auth, other_auth; /* what it looks at, and what only others do */
	struct sa sa;
} asked;

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
enum tail { SIGNED, BARE, OTHER_SPI, OTHER_KEY, MD5, OTHERS, HANDOFF_KEY, TWICE, BEHIND, PADDED };

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
	{ "signed for others", 0, "", "", OTHERS, -1, DROP_NO_AUTH, false },
	{ "between agents", 0, "", "", HANDOFF_KEY, -1, DROP_NO_AUTH, false },
	{ "another SPI", 0, "", "", OTHER_SPI, 131, DROP_NO_KEY, false },
	{ "another key", 0, "", "", OTHER_KEY, 131, DROP_BAD_AUTH, false },
	{ "another algorithm", 0, "", "", MD5, 131, DROP_BAD_AUTH, false },
	{ "signed twice", 0, "", "", TWICE, -1, DROP_MALFORMED, false },
	{ "more behind the signature", 0, "", "", BEHIND, -1, DROP_MALFORMED, false },
	{ "padding behind the signature", 0, "", "", PADDED, -1, DROP_MALFORMED, false },
};

static inline void finish_with(struct wbuf *w, enum tail tail)
{
	struct sa sa = asked.sa, other = lab_mn_fa(FA_B);
	uint8_t type = asked.auth;

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
	case OTHERS:
		type = asked.other_auth;
		break;
	case HANDOFF_KEY:
		auth_append(w, EXT_GENERAL_AUTH, GA_FA_FA, &sa);
		return;
	case TWICE:
		auth_append(w, asked.auth, 0, &sa);
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

static inline struct order plain(const struct kind *k)
{
	return (struct order){ .message = ORDER_REQUEST, .action = k->action, .flags = k->flags,
			       .home_addr = HOME, .first_agent = asked.first_agent,
			       .care_of = lab_addr[FA_B],
			       .id = lab_id(&l) };
}

static inline struct lab_order spoil(const struct kind *k, const struct spoilt *s)
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

static inline bool forwards(const struct kind *k)
{
	return k->action == ORDER_FORWARD || k->action == ORDER_DELETE_FORWARD;
}

/* With all that it can carry, but State and the like, which Requests never do. */
static inline size_t rich(const struct kind *k, uint8_t *buf, size_t cap, bool *border)
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

#endif
