/* SPDX-License-Identifier: MIT */
#include "tests/unit/homelink_fixture.h"

/* The home link: a node comes home, and leaves it. */
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

/* It comes home before what was kept when it left has gone to agent one, who has older packets. */
static void back_at_once(void)
{
	struct lab_order f;

	start();
	n_seen = 0;
	CHECK_EQ(comes(LINK, NULL, SIGNED), 1);
	l.now += MSEC(5);
	CHECK(ordered(ORDER_BUFFER));
	packet();
	packet();
	l.now += MSEC(50);
	CHECK_EQ(registered(FA_A), 1);
	l.now += MSEC(5); /* before the drain begins */
	f = lab_order(&l, ORDER_FORWARD, ORDER_F_ASKED, FA_A, HA);
	CHECK_EQ(comes(LINK, &f, SIGNED), 1);
	packet();
	wait_for(MSEC(15));
	CHECK_EQ(n_seen, 0);
	forwarded(lab_addr[FA_A]); /* 3: the oldest, as far as anybody knows */
	delivered();
	wait_for(SEC(3));
	CHECK_EQ(n_seen, 4);
	CHECK_EQ(seen[0], 3);
	for (unsigned i = 1; i < 4; i++)
		CHECK_EQ(seen[i], i - 1);
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
	  {"forged", forged}, {"merges", merges},
	  {"back at once", back_at_once}, {"riders unsigned", riders_unsigned},
	  {"late uplink", late_uplink}, {"leaves", leaves})
