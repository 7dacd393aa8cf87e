/* SPDX-License-Identifier: MIT */
#include "agent/away.h"

#include "tests/unit/agent_lab.h"

/* The home link: a node comes home, and leaves it. */
#define LINK 0
static struct lab l;
static struct mip_reply reply;
static struct mip_exts exts;
static bool replied;

static bool swallow(const struct lab *x, const struct lab_event *e)
{
	(void)x;
	(void)e;
	return true;
}

static struct agent *ha(void)
{
	return l.ag[HA];
}

static struct node *node(void)
{
	return node_as(ha(), ROLE_HOME, HOME);
}

static uint64_t dropped(enum drop d)
{
	return agent_drops(ha())->n[d];
}

static unsigned actions(enum agent_act act)
{
	unsigned n = 0;

	for (unsigned i = 0; i < l.out.n; i++)
		n += l.out.a[i].act == act;
	return n;
}

static const struct agent_action *action(enum agent_act act)
{
	for (unsigned i = 0; i < l.out.n; i++)
		if (l.out.a[i].act == act)
			return &l.out.a[i];
	return NULL;
}

static void start(void)
{
	lab_defaults(&l);
	l.conf[HA].home_on_link = true;
	l.conf[HA].home_link = LINK;
	l.conf[HA].n_links = 1;
	lab_start(&l);
	l.lose = swallow;
	l.now = SEC(2);
}

enum sign { UNSIGNED, SIGNED, SPOILT };

/* Deregisters on link `link`, with this FORWARD (NULL: none); the Reply's code, -1: none. */
static int comes(unsigned link, const struct lab_order *f, enum sign how)
{
	struct mip_request m = {.home_addr = HOME,
				.home_agent = HA_ADDR,
				.care_of = HOME,
				.id = lab_id(&l)};
	struct sa mn = lab_mn_ha();
	struct instant now = lab_instant(&l);
	const struct agent_action *x;
	uint8_t buf[700];
	struct wbuf w = wb_init(buf, sizeof(buf));
	struct ipv4 ip;
	struct udp u;

	mip_request_encode(&w, &m);
	auth_append(&w, EXT_MN_HA, 0, &mn);
	if (f) {
		mip_ext_append(&w, SUB_RELAYED_ORDER, f->bytes, f->n);
		mip_ext_append(&w, SUB_HANDOFF_KEY, f->kh.key.b, f->kh.key.len);
	}
	if (how != UNSIGNED)
		auth_append(&w, EXT_MN_FA, 0, &mn);
	buf[w.len - 1] ^= how == SPOILT;
	agent_link_udp(ha(), link, &l.mac, HOME, 434, HA_ADDR, 1, buf, w.len, &now, &l.out);
	x = action(AGENT_SEND_LINK);
	replied = x && ipv4_decode(x->p, x->n, &ip) == DROP_NONE &&
		  udp_decode(&ip, true, &u) == DROP_NONE &&
		  mip_reply_decode(u.payload.p, u.payload.left, &reply, &exts) == DROP_NONE;
	if (replied && exts.n_mn_fa)
		CHECK(auth_check(u.payload.p, u.payload.left, &exts.mn_fa, &mn));
	return replied ? reply.code : -1;
}

static int registered(int fa)
{
	struct mip_request m = {.flags = MIP_T,
				.lifetime_s = 600,
				.home_addr = HOME,
				.home_agent = HA_ADDR,
				.care_of = lab_addr[fa],
				.id = lab_id(&l)};
	struct sa mn = lab_mn_ha(), peer = lab_sa(3000, "between agents");
	struct instant now = lab_instant(&l);
	const struct agent_action *x;
	struct mip_reply r;
	uint8_t buf[200];
	struct wbuf w = wb_init(buf, sizeof(buf));

	mip_request_encode(&w, &m);
	auth_append(&w, EXT_MN_HA, 0, &mn);
	auth_append(&w, EXT_FA_HA, 0, &peer);
	agent_udp(ha(), lab_addr[fa], 434, HA_ADDR, buf, w.len, &now, &l.out);
	x = action(AGENT_SEND_UDP);
	return x && mip_reply_decode(x->p, x->n, &r, &exts) == DROP_NONE ? r.code : -1;
}

static void packet(void)
{
	struct instant now = lab_instant(&l);
	static uint8_t pkt[300];
	size_t n = lab_packet(pkt, sizeof(pkt), CN_ADDR, HOME, l.sent++);

	agent_tun(ha(), pkt, n, &now, &l.out);
}

/* What agent one had kept, in its tunnel. */
static void forwarded(uint32_t from)
{
	struct instant now = lab_instant(&l);
	static uint8_t pkt[300];
	size_t n = lab_packet(pkt, sizeof(pkt), CN_ADDR, HOME, l.sent++);

	agent_tunnel(ha(), from, HA_ADDR, pkt, n, &now, &l.out);
}

static void advertised(void)
{
	struct instant now = lab_instant(&l);
	const struct agent_action *x;
	struct advert ad;
	struct ipv4 ip;
	uint8_t icmp[16];
	struct wbuf w = wb_init(icmp, sizeof(icmp));

	start();
	solicit_encode(&w);
	agent_solicit(ha(), LINK, &l.mac, HOME, icmp, w.len, &now, &l.out);
	x = action(AGENT_SEND_LINK);
	CHECK(x != NULL);
	CHECK_EQ(ipv4_decode(x->p, x->n, &ip), DROP_NONE);
	CHECK_EQ(ip.src, HA_ADDR);
	CHECK_EQ(advert_decode(ip.payload.p, ip.payload.left, &ad), DROP_NONE);
	CHECK_EQ(ad.flags, ADVERT_H);
	CHECK_EQ(ad.n_care_of, 0);
	CHECK(ad.buffers);
	agent_solicit(ha(), LINK + 1, &l.mac, HOME, icmp, w.len, &now, &l.out);
	CHECK_EQ(l.out.n, 0);
	lab_stop(&l);
}

static void arrives(void)
{
	start();
	CHECK_EQ(comes(LINK, NULL, UNSIGNED), 1);
	CHECK_EQ(exts.n_mn_fa, 0);
	CHECK_EQ(reply.lifetime_s, 0);
	CHECK_EQ(actions(AGENT_VISITOR_UP), 1);
	CHECK(node() && node()->up);
	packet();
	CHECK_EQ(actions(AGENT_DELIVER), 1);
	CHECK_EQ(actions(AGENT_TUNNEL), 0);
	CHECK_EQ(comes(LINK, NULL, SIGNED), 1);
	CHECK_EQ(exts.n_mn_fa, 1);
	CHECK_EQ(actions(AGENT_VISITOR_UP), 0); /* nothing new */
	lab_stop(&l);
}

/* Elsewhere a deregistration is one, and nothing more. */
static void not_there(void)
{
	start();
	CHECK_EQ(comes(LINK + 1, NULL, SIGNED), -1);
	CHECK(!node());
	lab_stop(&l);
}

static void forged(void)
{
	struct mip_request m = {
	    .home_addr = HOME, .home_agent = HA_ADDR, .care_of = HOME, .id = lab_id(&l)};
	struct sa mn = lab_mn_ha();
	struct instant now;
	uint8_t buf[200];
	struct wbuf w = wb_init(buf, sizeof(buf));

	start();
	now = lab_instant(&l);
	m.id = lab_id(&l);
	mn.key.b[0] ^= 1;
	mip_request_encode(&w, &m);
	auth_append(&w, EXT_MN_HA, 0, &mn);
	agent_link_udp(ha(), LINK, &l.mac, HOME, 434, HA_ADDR, 1, buf, w.len, &now, &l.out);
	CHECK_EQ(dropped(DROP_BAD_AUTH), 1);
	CHECK_EQ(actions(AGENT_VISITOR_UP), 0);
	CHECK(!node());
	lab_stop(&l);
}

/* Bound to agent one, then home with a FORWARD for it. */
static struct lab_order home_with_forward(enum sign how)
{
	struct lab_order f;

	start();
	CHECK_EQ(registered(FA_A), 1);
	l.now += MSEC(10);
	f = lab_order(&l, ORDER_FORWARD, ORDER_F_ASKED, FA_A, HA);
	CHECK_EQ(comes(LINK, &f, how), 1);
	return f;
}

static void merges(void)
{
	const struct agent_action *x;
	struct lab_order f = home_with_forward(SIGNED);
	struct order o, m = {.message = ORDER_MARKER,
			     .home_addr = HOME,
			     .first_agent = lab_addr[FA_A],
			     .care_of = HA_ADDR,
			     .id = f.id,
			     .has_count = true,
			     .count = 2};
	struct ipv4_out h = { .src = lab_addr[FA_A], .dst = HA_ADDR, .ttl = 64 };
	struct instant now = lab_instant(&l);
	uint8_t msg[100], pkt[200];
	struct wbuf w = wb_init(msg, sizeof(msg));
	size_t n;

	x = action(AGENT_SEND_UDP); /* FORWARD, byte by byte, from the home agent */
	CHECK(x && x->dst == lab_addr[FA_A] && x->src == HA_ADDR);
	CHECK(x && x->n == f.n && !memcmp(x->p, f.bytes, f.n));
	x = action(AGENT_TUNNEL); /* its own marker, to the care-of address that was */
	CHECK(x && x->dst == lab_addr[FA_A]);
	CHECK_EQ(order_decode(x->p + 28, x->n - 28, &o), DROP_NONE);
	CHECK(o.message == ORDER_MARKER && o.fa_ha.present && o.care_of == HA_ADDR);
	packet();
	CHECK_EQ(actions(AGENT_DELIVER), 0); /* newer than what A has */
	forwarded(lab_addr[FA_A]);
	CHECK_EQ(actions(AGENT_DELIVER), 1);
	forwarded(lab_addr[FA_B]);
	CHECK_EQ(actions(AGENT_DELIVER), 0);
	CHECK_EQ(dropped(DROP_INNER_SOURCE), 1);
	forwarded(lab_addr[FA_A]);
	order_encode(&w, &m);
	auth_append(&w, EXT_GENERAL_AUTH, GA_FA_FA, &f.kh);
	n = udp_build(pkt, sizeof(pkt), &h, 434, 434, msg, w.len);
	agent_tunnel(ha(), lab_addr[FA_A], HA_ADDR, pkt, n, &now, &l.out);
	now = lab_instant(&l);
	agent_tick(ha(), &now, &l.out);
	CHECK_EQ(actions(AGENT_DELIVER), 1); /* the held one */
	lab_stop(&l);
}

/* Nobody vouches for what stands behind MN-HA: a deregistration, and nothing is relayed. */
static void riders_unsigned(void)
{
	for (enum sign how = UNSIGNED; how <= SPOILT; how += SPOILT) {
		home_with_forward(how);
		CHECK(node() && node()->up);
		for (unsigned i = 0; i < l.out.n; i++)
			CHECK(l.out.a[i].act != AGENT_SEND_UDP);
		packet();
		CHECK_EQ(actions(AGENT_DELIVER), 1);
		lab_stop(&l);
	}
}

/* What it sent through agent one's reverse tunnel is still under way. */
static void late_uplink(void)
{
	static uint8_t pkt[300];
	size_t n = lab_packet(pkt, sizeof(pkt), HOME, CN_ADDR, 1);
	struct instant now;

	home_with_forward(SIGNED);
	l.now += SEC(2) - MSEC(1);
	now = lab_instant(&l);
	agent_tunnel(ha(), lab_addr[FA_A], HA_ADDR, pkt, n, &now, &l.out);
	CHECK_EQ(actions(AGENT_DELIVER), 1);
	CHECK_EQ(ha()->count.previous_care_of, 1);
	agent_tunnel(ha(), lab_addr[FA_B], HA_ADDR, pkt, n, &now, &l.out);
	CHECK_EQ(actions(AGENT_DELIVER), 0);
	l.now += MSEC(1);
	now = lab_instant(&l);
	agent_tunnel(ha(), lab_addr[FA_A], HA_ADDR, pkt, n, &now, &l.out);
	CHECK_EQ(actions(AGENT_DELIVER), 0);
	CHECK_EQ(dropped(DROP_INNER_SOURCE), 2);
	lab_stop(&l);
}

static void leaves(void)
{
	struct order o = {.message = ORDER_REQUEST,
			  .action = ORDER_BUFFER,
			  .home_addr = HOME,
			  .first_agent = HA_ADDR};
	struct sa mn = lab_mn_ha();
	struct instant now;
	uint8_t buf[200];
	struct wbuf w = wb_init(buf, sizeof(buf));

	start();
	CHECK_EQ(comes(LINK, NULL, SIGNED), 1);
	l.now += MSEC(5);
	o.id = lab_id(&l);
	order_encode(&w, &o);
	auth_append(&w, EXT_MN_HA, 0, &mn);
	now = lab_instant(&l);
	agent_link_udp(ha(), LINK, &l.mac, HOME, 434, HA_ADDR, 255, buf, w.len, &now, &l.out);
	CHECK_EQ(actions(AGENT_QUEUE_WATCH), 1); /* the fence */
	CHECK_EQ(actions(AGENT_SEND_LINK), 0);
	agent_queue_empty(ha(), &l.mac, &now, &l.out);
	CHECK_EQ(actions(AGENT_SEND_LINK), 1);
	packet();
	CHECK_EQ(l.out.n, 0);
	l.now += MSEC(100);
	CHECK_EQ(registered(FA_B), 1);
	CHECK_EQ(actions(AGENT_VISITOR_DOWN), 1);
	CHECK(!node()->up);
	l.now += MSEC(10);
	now = lab_instant(&l);
	agent_tick(ha(), &now, &l.out);
	CHECK_EQ(actions(AGENT_TUNNEL), 1);
	CHECK_EQ(action(AGENT_TUNNEL)->dst, lab_addr[FA_B]);
	lab_stop(&l);
}

UNIT_MAIN("homelink", {"advertised", advertised}, {"arrives", arrives}, {"not there", not_there},
	  {"forged", forged}, {"merges", merges}, {"riders unsigned", riders_unsigned},
	  {"late uplink", late_uplink}, {"leaves", leaves})
