/* SPDX-License-Identifier: MIT */
#include "tests/unit/homelink_fixture.h"

/* F12: a node that left agent one for an address of its own; the home agent merges. */
#define OWN 0x0a020005u	    /* 10.2.0.5 */
#define PUBLIC 0xc6336428u  /* the NAT before it */
#define PORT 40000

static struct lab_order f; /* the FORWARD that rides */
static uint8_t request[700];
static size_t request_len;

static void sign_request(uint8_t flags, enum sign how)
{
	struct mip_request m = {.flags = flags,
				.lifetime_s = 600,
				.home_addr = HOME,
				.home_agent = HA_ADDR,
				.care_of = OWN,
				.id = lab_id(&l)};
	struct sa mn = lab_mn_ha();
	struct wbuf w = wb_init(request, sizeof(request));

	mip_request_encode(&w, &m);
	if (flags & MIP_D)
		mip_udp_request_append(&w, &(struct mip_udp_request){ .force = false });
	auth_append(&w, EXT_MN_HA, 0, &mn);
	mip_ext_append(&w, SUB_RELAYED_ORDER, f.bytes, f.n);
	mip_ext_append(&w, SUB_HANDOFF_KEY, f.kh.key.b, f.kh.key.len);
	if (how != UNSIGNED)
		auth_append(&w, EXT_MN_FA, 0, &mn);
	request_len = w.len;
	request[w.len - 1] ^= how == SPOILT;
}

/* The Reply's code; -1: none. */
static int asks(void)
{
	struct instant now = lab_instant(&l);
	struct mip_exts x;

	agent_udp(ha(), PUBLIC, PORT, HA_ADDR, request, request_len, &now, &l.out);
	for (unsigned i = 0; i < l.out.n; i++)
		if (l.out.a[i].act == AGENT_SEND_UDP && l.out.a[i].dst == PUBLIC &&
		    mip_reply_decode(l.out.a[i].p, l.out.a[i].n, &reply, &x) == DROP_NONE)
			return reply.code;
	return -1;
}

/* What goes to agent one beside tunnels. */
static const struct agent_action *relayed(void)
{
	for (unsigned i = 0; i < l.out.n; i++)
		if (l.out.a[i].act == AGENT_SEND_UDP && l.out.a[i].dst == lab_addr[FA_A])
			return &l.out.a[i];
	return NULL;
}

static void at_agent_one(void)
{
	start();
	n_seen = 0;
	CHECK_EQ(registered(FA_A), 1);
	l.now += MSEC(10);
	f = lab_order(&l, ORDER_FORWARD, ORDER_F_ASKED, FA_A, HA);
	l.now += MSEC(1);
}

static void comes_to_own(enum sign how)
{
	at_agent_one();
	sign_request(MIP_D | MIP_T, how);
	CHECK_EQ(asks(), 1);
}

/* Numbers of the packets that are tunnelled to the node. */
static void to_node(void)
{
	for (unsigned i = 0; i < l.out.n; i++) {
		const struct agent_action *x = &l.out.a[i];

		if (x->act == AGENT_TUNNEL && x->dst == PUBLIC && x->dport == PORT &&
		    lab_seq(x->p, x->n) < LAB_PACKETS)
			seen[n_seen++] = lab_seq(x->p, x->n);
	}
}

static void until(mtime end)
{
	for (; l.now < end; l.now += MSEC(1)) {
		struct instant now = lab_instant(&l);

		do {
			agent_tick(ha(), &now, &l.out);
			to_node();
		} while (agent_deadline(ha()) <= l.now);
	}
}

static void from(uint32_t agent)
{
	forwarded(agent);
	to_node();
}

static void marker_of_a(uint32_t count, uint8_t spoilt)
{
	struct order m = {.message = ORDER_MARKER,
			  .home_addr = HOME,
			  .first_agent = lab_addr[FA_A],
			  .care_of = HA_ADDR,
			  .id = f.id,
			  .has_count = true,
			  .count = count};
	struct ipv4_out h = { .src = lab_addr[FA_A], .dst = HA_ADDR, .ttl = 64 };
	struct instant now = lab_instant(&l);
	struct sa kh = f.kh;
	uint8_t msg[100], pkt[200];
	struct wbuf w = wb_init(msg, sizeof(msg));
	size_t n;

	kh.key.b[0] ^= spoilt;
	order_encode(&w, &m);
	auth_append(&w, EXT_GENERAL_AUTH, GA_FA_FA, &kh);
	n = udp_build(pkt, sizeof(pkt), &h, 434, 434, msg, w.len);
	agent_tunnel(ha(), lab_addr[FA_A], HA_ADDR, pkt, n, &now, &l.out);
	to_node();
}

static void merges(void)
{
	const struct agent_action *x;
	struct order o;

	comes_to_own(SIGNED);
	x = relayed(); /* byte by byte, from the home agent */
	CHECK(x && x->src == HA_ADDR && x->n == f.n && !memcmp(x->p, f.bytes, f.n));
	x = action(AGENT_TUNNEL); /* where agent one's path ends */
	CHECK(x && x->dst == lab_addr[FA_A]);
	CHECK_EQ(order_decode(x->p + 28, x->n - 28, &o), DROP_NONE);
	CHECK(o.message == ORDER_MARKER && o.fa_ha.present && o.care_of == OWN);
	packet(); /* 0, newer than what agent one has */
	to_node();
	CHECK_EQ(n_seen, 0);
	from(lab_addr[FA_A]); /* 1 */
	packet();	      /* 2 */
	from(lab_addr[FA_A]); /* 3 */
	marker_of_a(2, 1);    /* forged */
	until(l.now + MSEC(5));
	CHECK_EQ(n_seen, 2);
	CHECK_EQ(dropped(DROP_BAD_AUTH), 1);
	marker_of_a(2, 0);
	until(l.now + MSEC(2));
	packet(); /* 4 */
	to_node();
	CHECK_EQ(n_seen, 5);
	for (unsigned i = 0; i < 5; i++)
		CHECK_EQ(seen[i], ((const unsigned[]){ 1, 3, 0, 2, 4 })[i]);
	until(l.now + SEC(20)); /* nothing is left of it */
	CHECK(!node());
	lab_stop(&l);
}

/* By nobody but agent one; and not for ever. */
static void strangers(void)
{
	comes_to_own(SIGNED);
	packet();
	from(lab_addr[FA_B]);
	from(PUBLIC);
	CHECK_EQ(n_seen, 0);
	CHECK_EQ(dropped(DROP_INNER_SOURCE), 2);
	until(l.now + MSEC(199));
	CHECK_EQ(n_seen, 0);
	until(l.now + SEC(2)); /* agent one has said nothing */
	CHECK_EQ(n_seen, 1);
	until(l.now + SEC(8));
	from(lab_addr[FA_A]); /* its lease is over */
	CHECK_EQ(n_seen, 1);
	CHECK_EQ(dropped(DROP_INNER_SOURCE), 3);
	lab_stop(&l);
}

/* More than there is room for: order is given up, no packet. */
static void full(void)
{
	comes_to_own(SIGNED);
	for (unsigned i = 0; i < ha()->c.per_node.packets + 20; i++) {
		packet();
		n_seen %= 32;
		to_node();
	}
	CHECK_EQ(ha()->count.released_early, 1);
	CHECK_EQ(dropped(DROP_OVERFLOW), 0);
	lab_stop(&l);
}

/* Registered it is; what rides does nothing. */
static void nothing_rides(void)
{
	CHECK(!relayed());
	CHECK(!node());
	packet();
	to_node();
	CHECK_EQ(n_seen, 1);
	from(lab_addr[FA_A]);
	CHECK_EQ(n_seen, 1);
	lab_stop(&l);
}

static void forward_to_ourselves(void)
{
	struct order o = {.message = ORDER_REQUEST,
			  .action = ORDER_FORWARD,
			  .home_addr = HOME,
			  .first_agent = HA_ADDR,
			  .care_of = HA_ADDR,
			  .id = lab_id(&l)};
	struct sa mn = lab_mn_ha();
	struct wbuf w = wb_init(f.bytes, sizeof(f.bytes));

	order_encode(&w, &o);
	auth_append(&w, EXT_MN_FA, 0, &mn);
	f.n = w.len;
}

static void refused(void)
{
	comes_to_own(UNSIGNED);
	nothing_rides();
	comes_to_own(SPOILT);
	nothing_rides();

	at_agent_one(); /* to another place than here */
	f = lab_order(&l, ORDER_FORWARD, ORDER_F_ASKED, FA_A, FA_B);
	sign_request(MIP_D | MIP_T, SIGNED);
	CHECK_EQ(asks(), 1);
	nothing_rides();

	at_agent_one(); /* by ourselves */
	forward_to_ourselves();
	sign_request(MIP_D | MIP_T, SIGNED);
	CHECK_EQ(asks(), 1);
	nothing_rides();

	at_agent_one();
	ha()->c.buffers = false;
	sign_request(MIP_D | MIP_T, SIGNED);
	CHECK_EQ(asks(), 1);
	nothing_rides();
}

/* An agent's care-of address is its agent's to merge for, whoever brought the Request. */
static void not_its_own(void)
{
	at_agent_one();
	sign_request(MIP_T, SIGNED);
	asks();
	CHECK(!relayed());
	CHECK(!node());
	lab_stop(&l);
}

/* Word for word once more: the same answer, and nothing else. */
static void replayed(void)
{
	comes_to_own(SIGNED);
	marker_of_a(0, 0);
	until(l.now + SEC(6));
	CHECK_EQ(asks(), 1);
	CHECK(!relayed());
	packet();
	to_node();
	CHECK_EQ(n_seen, 1);
	until(l.now + SEC(20));
	CHECK_EQ(registered(FA_B), 1); /* and when it is elsewhere none at all */
	CHECK_EQ(asks(), 133);
	CHECK(!relayed());
	packet();
	CHECK_EQ(action(AGENT_TUNNEL)->dst, lab_addr[FA_B]);
	lab_stop(&l);
}

/* Agent one's Reply: to the node, in its tunnel; a 131 once a second. */
static void replies(void)
{
	struct order r = {.message = ORDER_REPLY,
			  .action = ORDER_AUTH_FAILED,
			  .home_addr = HOME,
			  .first_agent = lab_addr[FA_A],
			  .care_of = HA_ADDR};
	struct instant now;
	uint8_t buf[100];
	struct wbuf w;

	comes_to_own(SIGNED);
	r.id = f.id;
	now = lab_instant(&l);
	for (unsigned i = 0; i < 3; i++) {
		w = wb_init(buf, sizeof(buf));
		order_encode(&w, &r);
		agent_udp(ha(), lab_addr[FA_A], 434, HA_ADDR, buf, w.len, &now, &l.out);
		CHECK_EQ(actions(AGENT_TUNNEL), i != 1);
		r.action = i ? ORDER_GRANTED : ORDER_AUTH_FAILED;
	}
	CHECK_EQ(dropped(DROP_RATE), 1);
	CHECK_EQ(action(AGENT_TUNNEL)->dst, PUBLIC);
	CHECK_EQ(action(AGENT_TUNNEL)->dport, PORT);
	agent_udp(ha(), lab_addr[FA_B], 434, HA_ADDR, buf, w.len, &now, &l.out);
	CHECK_EQ(l.out.n, 0);
	lab_stop(&l);
}

/* It goes on before agent one is done: what is older goes first, there too. */
static void on_at_once(void)
{
	comes_to_own(SIGNED);
	packet();	      /* 0 */
	from(lab_addr[FA_A]); /* 1 */
	CHECK_EQ(registered(FA_B), 1);
	from(lab_addr[FA_A]);
	CHECK_EQ(n_seen, 1);
	CHECK_EQ(action(AGENT_TUNNEL)->dst, lab_addr[FA_B]);
	CHECK_EQ(lab_seq(action(AGENT_TUNNEL)->p, action(AGENT_TUNNEL)->n), 2);
	marker_of_a(2, 0);
	until(l.now + 1);
	CHECK_EQ(action(AGENT_TUNNEL)->dst, lab_addr[FA_B]);
	CHECK_EQ(lab_seq(action(AGENT_TUNNEL)->p, action(AGENT_TUNNEL)->n), 0);
	lab_stop(&l);
}

static void buffers_at_home(void)
{
	struct order o = { .message = ORDER_REQUEST, .action = ORDER_BUFFER, .home_addr = HOME,
			   .first_agent = HA_ADDR, .id = lab_id(&l) };
	struct sa mn = lab_mn_ha();
	struct instant now = lab_instant(&l);
	uint8_t buf[200];
	struct wbuf w = wb_init(buf, sizeof(buf));

	order_encode(&w, &o);
	auth_append(&w, EXT_MN_HA, 0, &mn);
	agent_udp(ha(), HOME, MIP_PORT, HA_ADDR, buf, w.len, &now, &l.out);
	CHECK_EQ(ha()->count.orders_granted, 1);
}

/* It was at agent one for so short a time that what was kept before is still here: it is newer. */
static void still_drains(void)
{
	start();
	n_seen = 0;
	CHECK_EQ(registered(FA_B), 1);
	l.now += MSEC(5);
	buffers_at_home();
	packet(); /* 0 */
	packet(); /* 1 */
	l.now += MSEC(50);
	CHECK_EQ(registered(FA_A), 1);
	l.now += MSEC(5); /* before the drain begins */
	f = lab_order(&l, ORDER_FORWARD, ORDER_F_ASKED, FA_A, HA);
	l.now += MSEC(1);
	sign_request(MIP_D | MIP_T, SIGNED);
	CHECK_EQ(asks(), 1);
	packet(); /* 2 */
	until(l.now + MSEC(15));
	CHECK_EQ(n_seen, 0);
	from(lab_addr[FA_A]); /* 3: the oldest, as far as anybody knows */
	until(l.now + SEC(3));
	CHECK_EQ(n_seen, 4);
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQ(seen[i], ((const unsigned[]){ 3, 0, 1, 2 })[i]);
	lab_stop(&l);
}

/* ---- agent one in the same program, under an address of its own ---- */

#define BOTH 0xc0000202u /* 192.0.2.2 */
#define BOTH_LINK 0x0a040001u

static void says_on_link(const uint8_t *p, size_t n)
{
	struct instant now = lab_instant(&l);

	agent_link_udp(ha(), 0, &l.mac, HOME, 434, BOTH_LINK, 255, p, n, &now, &l.out);
}

static void at_both(void)
{
	struct mip_request m = { .flags = MIP_T, .lifetime_s = 600, .home_addr = HOME,
				 .home_agent = HA_ADDR, .care_of = BOTH };
	struct sa mn = lab_mn_ha();
	uint8_t buf[300];
	struct wbuf w = wb_init(buf, sizeof(buf));

	lab_defaults(&l);
	l.conf[HA].foreign = l.conf[HA].foreign_reverse = true;
	l.conf[HA].care_of = BOTH;
	l.conf[HA].link_addr = BOTH_LINK;
	l.conf[HA].n_links = 1;
	lab_start(&l);
	l.lose = swallow;
	l.now = SEC(2);
	n_seen = 0;
	m.id = lab_id(&l);
	mip_request_encode(&w, &m);
	auth_append(&w, EXT_MN_HA, 0, &mn);
	auth_append(&w, EXT_MN_FA, 0, &mn);
	says_on_link(buf, w.len);
	CHECK_EQ(actions(AGENT_VISITOR_UP), 1);
}

static void order_of_both(uint8_t act, uint32_t care_of)
{
	struct order o = { .message = ORDER_REQUEST, .action = act, .home_addr = HOME,
			   .first_agent = BOTH, .care_of = care_of, .id = lab_id(&l) };
	struct sa mn = lab_mn_ha();
	struct wbuf w = wb_init(f.bytes, sizeof(f.bytes));

	order_encode(&w, &o);
	auth_append(&w, EXT_MN_FA, 0, &mn);
	f.n = w.len;
	f.id = o.id;
	auth_handoff_key(&mn.key, o.id, HOME, BOTH, care_of, &f.kh);
}

/* What it sends to itself, as its host brings it: in that order, behind what is under way. */
static struct own {
	enum agent_act act;
	uint32_t src, dst;
	uint8_t p[300];
	size_t n;
} own[64];
static unsigned n_own;

static void sent(void)
{
	for (unsigned i = 0; i < l.out.n; i++) {
		const struct agent_action *x = &l.out.a[i];

		if ((x->act != AGENT_SEND_UDP && x->act != AGENT_TUNNEL) ||
		    (x->dst != BOTH && x->dst != HA_ADDR))
			continue;
		assert(n_own < 64 && x->n <= sizeof(own[0].p));
		own[n_own] = (struct own){ .act = x->act, .src = x->src, .dst = x->dst, .n = x->n };
		memcpy(own[n_own++].p, x->p, x->n);
	}
	to_node();
}

static void comes_back(void)
{
	struct instant now = lab_instant(&l);

	sent();
	for (unsigned i = 0; i < n_own; i++) {
		struct own x = own[i];

		if (x.act == AGENT_SEND_UDP)
			agent_udp(ha(), x.src, MIP_PORT, x.dst, x.p, x.n, &now, &l.out);
		else
			agent_tunnel(ha(), x.src, x.dst, x.p, x.n, &now, &l.out);
		sent();
	}
	n_own = 0;
}

static void same_program(void)
{
	struct instant now;

	at_both();
	l.now += MSEC(10);
	order_of_both(ORDER_BUFFER, 0);
	says_on_link(f.bytes, f.n);
	now = lab_instant(&l);
	agent_queue_empty(ha(), &l.mac, &now, &l.out);
	for (unsigned i = 0; i < 10; i++)
		packet(); /* 0 to 9 are kept */
	CHECK_EQ(l.out.n, 0);
	l.now += MSEC(100);
	order_of_both(ORDER_FORWARD, HA_ADDR);
	l.now += MSEC(1);
	sign_request(MIP_D | MIP_T, SIGNED);
	CHECK_EQ(asks(), 1);
	comes_back();
	packet(); /* 10 is newer */
	for (mtime end = l.now + SEC(1); l.now < end; l.now += MSEC(1)) {
		now = lab_instant(&l);
		do {
			agent_tick(ha(), &now, &l.out);
			comes_back();
		} while (agent_deadline(ha()) <= l.now);
	}
	packet();
	to_node();
	CHECK_EQ(n_seen, 12);
	for (unsigned i = 0; i < n_seen; i++)
		CHECK_EQ(seen[i], i);
	lab_stop(&l);
}

UNIT_MAIN("second", { "merges", merges }, { "strangers", strangers }, { "full", full },
	  { "refused", refused }, { "not its own", not_its_own }, { "replayed", replayed },
	  { "replies", replies }, { "on at once", on_at_once },
	  { "still drains", still_drains },
	  { "same program", same_program })
