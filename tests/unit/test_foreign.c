/* SPDX-License-Identifier: MIT */
#include "agent/foreign.h"

#include "tests/unit/agent_lab.h"

static struct lab l;
static uint8_t msg[1200];
static size_t msg_len;
static struct mip_reply reply;
static struct mip_exts exts;

#define A_ADDR 0xc6336407u
#define A_LINK 0x0a010001u

static struct mip_request good(void)
{
	return (struct mip_request){.flags = MIP_T,
				    .lifetime_s = 600,
				    .home_addr = HOME,
				    .home_agent = HA_ADDR,
				    .care_of = A_ADDR,
				    .id = lab_id(&l)};
}

static void sign(const struct mip_request *m)
{
	struct sa ha = lab_mn_ha(), fa = lab_mn_fa(FA_A);
	struct wbuf w = wb_init(msg, sizeof(msg));

	mip_request_encode(&w, m);
	auth_append(&w, EXT_MN_HA, 0, &ha);
	auth_append(&w, EXT_MN_FA, 0, &fa);
	assert(wb_ok(&w));
	msg_len = w.len;
}

static void say(uint8_t ttl)
{
	struct instant now = lab_instant(&l);
	uint8_t *copy = unit_copy(msg, msg_len);

	agent_link_udp(l.ag[FA_A], 0, &l.mac, HOME, 5434, A_LINK, ttl, copy, msg_len, &now, &l.out);
	free(copy);
}

static const struct agent_action *find(enum agent_act act)
{
	for (unsigned i = 0; i < l.out.n; i++)
		if (l.out.a[i].act == act)
			return &l.out.a[i];
	return NULL;
}

/* The code of what the node was told; -1: relayed, -2: nothing happened. */
static int told(void)
{
	const struct agent_action *x = find(AGENT_SEND_LINK);
	struct ipv4 ip;
	struct udp u;

	if (!x)
		return find(AGENT_SEND_UDP) ? -1 : -2;
	CHECK_EQ(ipv4_decode(x->p, x->n, &ip), DROP_NONE);
	CHECK_EQ(udp_decode(&ip, true, &u), DROP_NONE);
	CHECK(ip.src == A_LINK && u.sport == 434 && u.dport == 5434);
	CHECK(mac_equal(&x->mac, &l.mac));
	CHECK_EQ(mip_reply_decode(u.payload.p, u.payload.left, &reply, &exts), DROP_NONE);
	return reply.code;
}

static int ask(const struct mip_request *m)
{
	l.now += SEC(1); /* a denial a second */
	sign(m);
	say(255);
	return told();
}

static uint64_t dropped(enum drop d)
{
	return agent_drops(l.ag[FA_A])->n[d];
}

static void codes(void)
{
	struct mip_request m;

	lab_init(&l);
	m = good();
	m.home_agent = A_ADDR;
	CHECK_EQ(ask(&m), CODE_INVALID_HA);
	m = good();
	m.home_addr = 0;
	CHECK_EQ(ask(&m), CODE_FA_MALFORMED_REQUEST);
	m = good();
	m.care_of++;
	CHECK_EQ(ask(&m), CODE_FA_CARE_OF);
	m = good();
	m.flags |= MIP_M;
	CHECK_EQ(ask(&m), CODE_FA_ENCAPSULATION);
	m = good();
	m.lifetime_s = 1801;
	CHECK_EQ(ask(&m), CODE_FA_LIFETIME);
	CHECK_EQ(reply.lifetime_s, 1800);
	m = good();
	m.flags |= MIP_D;
	CHECK_EQ(ask(&m), CODE_FA_PROHIBITED);
	m = good();
	sign(&m);
	l.now += SEC(1);
	msg[msg_len - 1] ^= 1;
	say(255);
	CHECK_EQ(told(), CODE_FA_MN_AUTH);
	say(255);
	CHECK_EQ(told(), -2); /* one a second */
	CHECK_EQ(dropped(DROP_RATE), 1);
	CHECK_EQ(dropped(DROP_BAD_AUTH), 2);
	m = good();
	sign(&m);
	l.now += SEC(1);
	say(254);
	CHECK_EQ(told(), CODE_FA_TOO_DISTANT);
	CHECK_EQ(l.ag[FA_A]->n_pending, 0);
	lab_stop(&l);
}

static void policies(void)
{
	struct mip_request m;

	lab_defaults(&l);
	l.conf[FA_A].foreign_reverse = false;
	lab_start(&l);
	m = good();
	CHECK_EQ(ask(&m), CODE_FA_REVERSE_UNAVAILABLE);
	m = good();
	m.flags = 0;
	CHECK_EQ(ask(&m), -1);
	lab_stop(&l);
	lab_defaults(&l);
	l.conf[FA_A].foreign_reverse_mandatory = true;
	l.conf[FA_A].foreign_busy = true;
	lab_start(&l);
	m = good();
	m.flags = 0;
	CHECK_EQ(ask(&m), CODE_FA_REVERSE_MANDATORY);
	m = good();
	CHECK_EQ(ask(&m), CODE_FA_PROHIBITED);
	lab_stop(&l);
	lab_defaults(&l);
	l.conf[FA_A].max_visitors = 0;
	lab_start(&l);
	m = good();
	CHECK_EQ(ask(&m), CODE_FA_RESOURCES);
	lab_stop(&l);
}

static void relayed(void)
{
	struct sa peer = lab_sa(3000, "between agents");
	const struct agent_action *x;
	struct mip_request m;

	lab_init(&l);
	m = good();
	CHECK_EQ(ask(&m), -1);
	x = find(AGENT_SEND_UDP);
	CHECK(x->src == A_ADDR && x->dst == HA_ADDR && x->dport == 434);
	CHECK_EQ(x->n, 62 + 38);
	CHECK(!memcmp(x->p, msg, 62));
	CHECK_EQ(mip_request_decode(x->p, x->n, &m, &exts), DROP_NONE);
	CHECK_EQ(exts.n_mn_fa, 0);
	CHECK(auth_check(x->p, x->n, &exts.fa_ha, &peer));
	for (int i = 0; i < 4; i++) {
		m = good();
		sign(&m);
		say(255);
		CHECK_EQ(told(), -1);
	}
	m = good();
	sign(&m);
	say(255);
	CHECK_EQ(told(), CODE_FA_RESOURCES); /* a sixth at a time */
	lab_stop(&l);
}

static void cut_short(void)
{
	struct mip_request m;
	size_t whole;

	lab_init(&l);
	m = good();
	sign(&m);
	whole = msg_len;
	for (msg_len = 0; msg_len < whole; msg_len++) {
		l.now += SEC(1);
		say(255);
		CHECK(!find(AGENT_SEND_UDP));
	}
	CHECK_EQ(l.ag[FA_A]->n_pending, 0);
	lab_stop(&l);
}

static void timeout(void)
{
	struct mip_request m;
	struct instant now;

	lab_init(&l);
	lab_run(&l, 0); /* the first advertisement */
	m = good();
	CHECK_EQ(ask(&m), -1);
	CHECK_EQ(agent_deadline(l.ag[FA_A]), l.now + SEC(7));
	l.now += SEC(7) - 1;
	now = lab_instant(&l);
	agent_tick(l.ag[FA_A], &now, &l.out);
	CHECK_EQ(told(), -2);
	CHECK_EQ(l.ag[FA_A]->n_pending, 1);
	l.now += 1;
	now = lab_instant(&l);
	agent_tick(l.ag[FA_A], &now, &l.out);
	CHECK_EQ(told(), CODE_FA_TIMEOUT);
	CHECK_EQ(reply.id, m.id);
	CHECK_EQ(l.ag[FA_A]->n_pending, 0);
	lab_stop(&l);
}

static void unreachable(void)
{
	static const struct {
		uint8_t icmp, code;
	} rows[] = { { 0, 80 }, { 1, 81 }, { 3, 82 }, { 13, 88 } };

	for (size_t i = 0; i < 4; i++) {
		struct mip_request m;
		struct instant now;

		lab_init(&l);
		m = good();
		CHECK_EQ(ask(&m), -1);
		now = lab_instant(&l);
		agent_unreachable(l.ag[FA_A], HA_ADDR + 1, rows[i].icmp, &now, &l.out);
		CHECK_EQ(told(), -2);
		agent_unreachable(l.ag[FA_A], HA_ADDR, rows[i].icmp, &now, &l.out);
		CHECK_EQ(told(), rows[i].code);
		lab_stop(&l);
	}
}

/* The home agent's answer as it would come; fa: with FA-HA. */
static int answered(const struct mip_request *m, uint8_t code, uint16_t lifetime_s, uint32_t src,
		    bool fa)
{
	struct mip_reply r = {.code = code,
			      .lifetime_s = lifetime_s,
			      .home_addr = HOME,
			      .home_agent = HA_ADDR,
			      .id = m->id};
	struct sa ha = lab_mn_ha(), peer = lab_sa(3000, "between agents");
	struct instant now = lab_instant(&l);
	uint8_t buf[200];
	struct wbuf w = wb_init(buf, sizeof(buf));

	mip_reply_encode(&w, &r);
	auth_append(&w, EXT_MN_HA, 0, &ha);
	if (fa)
		auth_append(&w, EXT_FA_HA, 0, &peer);
	agent_udp(l.ag[FA_A], src, 434, A_ADDR, buf, w.len, &now, &l.out);
	return told();
}

static bool visiting(void)
{
	struct agent_visitor_info v;

	return agent_visitor_at(l.ag[FA_A], 0, &v) && !v.pending;
}

/* What hangs on an extension: 79, 96; and 71, what a home agent may not have sent. */
static void rarer_codes(void)
{
	struct sa ha = lab_mn_ha(), fa = lab_mn_fa(FA_A);
	struct mip_request m;
	struct wbuf w;

	lab_init(&l);
	l.now += SEC(1);
	m = good();
	w = wb_init(msg, sizeof(msg));
	mip_request_encode(&w, &m);
	auth_append(&w, EXT_MN_HA, 0, &ha);
	wb_u8(&w, EXT_ENCAP_DELIVERY);
	wb_u8(&w, 0);
	auth_append(&w, EXT_MN_FA, 0, &fa);
	msg_len = w.len;
	say(255);
	CHECK_EQ(told(), CODE_FA_DELIVERY_STYLE);
	l.now += SEC(1);
	m = good();
	m.home_addr = 0;
	w = wb_init(msg, sizeof(msg));
	mip_request_encode(&w, &m);
	wb_u8(&w, EXT_NAI);
	wb_u8(&w, 4);
	wb_bytes(&w, "me@x", 4);
	auth_append(&w, EXT_MN_HA, 0, &ha);
	auth_append(&w, EXT_MN_FA, 0, &fa);
	msg_len = w.len;
	say(255);
	CHECK_EQ(told(), CODE_FA_NONZERO_HOME);
	m = good();
	CHECK_EQ(ask(&m), -1);
	l.now += SEC(1);
	CHECK_EQ(answered(&m, CODE_FA_TIMEOUT, 0, HA_ADDR, true), CODE_FA_MALFORMED_REPLY);
	CHECK(!visiting());
	lab_stop(&l);
}

static void replies(void)
{
	struct sa fa = lab_mn_fa(FA_A);
	struct agent_visitor_info v;
	struct mip_request m, other;

	lab_init(&l);
	m = good();
	CHECK_EQ(ask(&m), -1);
	CHECK_EQ(answered(&m, 0, 600, HA_ADDR + 1, true), -2);
	other = m;
	other.id++;
	CHECK_EQ(answered(&other, 0, 600, HA_ADDR, true), -2);
	CHECK_EQ(dropped(DROP_UNMATCHED), 2);
	l.now += SEC(1);
	CHECK_EQ(answered(&m, 0, 600, HA_ADDR, false), CODE_FA_HA_AUTH);
	CHECK_EQ(dropped(DROP_NO_AUTH), 1);
	CHECK(!visiting());
	CHECK_EQ(answered(&m, 0, 9000, HA_ADDR, true), 0);
	CHECK_EQ(l.out.a[0].act, AGENT_VISITOR_UP);
	CHECK(l.out.a[0].reverse && l.out.a[0].home == HOME);
	CHECK(auth_check(find(AGENT_SEND_LINK)->p + 28, 20 + 38 + 38, &exts.mn_fa, &fa));
	CHECK_EQ(exts.n_fa_ha, 0);
	CHECK(agent_visitor_at(l.ag[FA_A], 0, &v));
	CHECK_EQ(v.lifetime_s, 600);
	CHECK_EQ(answered(&m, 0, 600, HA_ADDR, true), -2); /* once */

	m = good(); /* a denial leaves the visitor alone */
	CHECK_EQ(ask(&m), -1);
	CHECK_EQ(answered(&m, CODE_HA_ID, 600, HA_ADDR, true), CODE_HA_ID);
	CHECK(visiting());
	m = good();
	m.lifetime_s = 0;
	CHECK_EQ(ask(&m), -1);
	CHECK_EQ(answered(&m, 1, 0, HA_ADDR, false), 1);
	CHECK(!visiting());
	CHECK(find(AGENT_VISITOR_DOWN));
	lab_stop(&l);
}

/* Another station with the same home address takes the place only when the home agent says so. */
static void another_station(void)
{
	struct mip_request m;
	struct agent_visitor_info v;

	lab_init(&l);
	m = good();
	CHECK_EQ(ask(&m), -1);
	CHECK_EQ(answered(&m, 0, 600, HA_ADDR, true), 0);
	l.mac.b[5] = 7;
	m = good();
	CHECK_EQ(ask(&m), -1);
	CHECK(agent_visitor_at(l.ag[FA_A], 0, &v));
	CHECK_EQ(v.mac.b[5], 9);
	CHECK_EQ(answered(&m, 0, 600, HA_ADDR, true), 0);
	CHECK_EQ(l.out.a[0].act, AGENT_VISITOR_UP);
	CHECK(agent_visitor_at(l.ag[FA_A], 0, &v));
	CHECK_EQ(v.mac.b[5], 7);
	lab_stop(&l);
}

/* What the node sent, sent again by a station that has heard it. */
static void copied(void)
{
	struct mip_request m;
	struct agent_visitor_info v;

	lab_init(&l);
	m = good();
	CHECK_EQ(ask(&m), -1);
	l.mac.b[5] = 7;
	CHECK_EQ(ask(&m), -2); /* before it is accepted, */
	CHECK_EQ(dropped(DROP_REPLAY), 1);
	l.mac.b[5] = 9;
	CHECK_EQ(answered(&m, 0, 600, HA_ADDR, true), 0);
	l.mac.b[5] = 7;
	CHECK_EQ(ask(&m), -2); /* and after */
	CHECK(agent_visitor_at(l.ag[FA_A], 0, &v));
	CHECK_EQ(v.mac.b[5], 9);
	l.mac.b[5] = 9;
	CHECK_EQ(ask(&m), -1); /* its own repeat is nobody's copy */
	lab_stop(&l);
}

static void tunnel(uint32_t outer, uint32_t dst, unsigned n)
{
	struct instant now = lab_instant(&l);
	uint8_t pkt[300];
	size_t len = lab_packet(pkt, sizeof(pkt), CN_ADDR, dst, 1);

	agent_tunnel(l.ag[FA_A], outer, A_ADDR, pkt, len, &now, &l.out);
	CHECK_EQ(l.out.n, n);
}

static void packets(void)
{
	struct mip_request m;
	struct instant now;
	uint8_t pkt[300];
	struct ipv4 ip;
	size_t len;

	lab_init(&l);
	tunnel(HA_ADDR, HOME, 0);
	CHECK_EQ(dropped(DROP_NOT_VISITOR), 1);
	m = good();
	CHECK_EQ(ask(&m), -1);
	CHECK_EQ(answered(&m, 0, 600, HA_ADDR, true), 0);
	tunnel(HA_ADDR, HOME, 1);
	CHECK_EQ(l.out.a[0].act, AGENT_DELIVER);
	tunnel(CN_ADDR, HOME, 0);
	CHECK_EQ(dropped(DROP_OUTER_SOURCE), 1);
	tunnel(HA_ADDR, HOME + 1, 0);
	CHECK_EQ(dropped(DROP_NOT_VISITOR), 2);
	now = lab_instant(&l);
	/* a neighbour's: one of two hops is given back */
	len = lab_packet(pkt, sizeof(pkt), CN_ADDR, HOME, 1);
	agent_tun(l.ag[FA_A], pkt, len, &now, &l.out);
	CHECK_EQ(l.out.a[0].act, AGENT_DELIVER);
	CHECK_EQ(ipv4_decode(l.out.a[0].p, l.out.a[0].n, &ip), DROP_NONE);
	CHECK_EQ(ip.ttl, 61);
	len = lab_packet(pkt, sizeof(pkt), HOME, CN_ADDR, 1);
	agent_tun(l.ag[FA_A], pkt, len, &now, &l.out);
	CHECK_EQ(l.out.a[0].act, AGENT_TUNNEL);
	CHECK(l.out.a[0].src == A_ADDR && l.out.a[0].dst == HA_ADDR);
	len = lab_packet(pkt, sizeof(pkt), HOME + 1, CN_ADDR, 1);
	agent_tun(l.ag[FA_A], pkt, len, &now, &l.out);
	CHECK_EQ(l.out.n, 0);
	lab_stop(&l);
}

static void visitor_expires(void)
{
	struct mip_request m;
	mtime at;

	lab_init(&l);
	m = good();
	CHECK_EQ(ask(&m), -1);
	CHECK_EQ(answered(&m, 0, 600, HA_ADDR, true), 0);
	at = l.now + SEC(600);
	lab_run(&l, 599999);
	CHECK(visiting());
	CHECK_EQ(l.down[FA_A], 0);
	lab_run(&l, 1);
	CHECK_EQ(l.now, at);
	CHECK(!visiting());
	CHECK_EQ(l.down[FA_A], 1);
	lab_stop(&l);
}

static void adverts(void)
{
	static const uint8_t icmp[8] = { 10, 0, 0xf5, 0xff };
	struct instant now;
	struct advert ad;
	struct ipv4 ip;
	mtime first;

	lab_init(&l);
	now = lab_instant(&l);
	CHECK_EQ(agent_deadline(l.ag[FA_A]), 0);
	agent_tick(l.ag[FA_A], &now, &l.out);
	CHECK_EQ(l.out.n, 1);
	CHECK_EQ(l.out.a[0].mac.b[0], 1);
	CHECK_EQ(ipv4_decode(l.out.a[0].p, l.out.a[0].n, &ip), DROP_NONE);
	CHECK(ip.ttl == 1 && ip.dst == ADDR_ALL_SYSTEMS && ip.src == A_LINK &&
	      ip.protocol == PROTO_ICMP);
	CHECK_EQ(advert_decode(ip.payload.p, ip.payload.left, &ad), DROP_NONE);
	CHECK(ad.sequence == 0 && ad.router == A_LINK && ad.n_care_of == 1 &&
	      ad.care_of[0] == A_ADDR);
	CHECK(ad.flags == (ADVERT_F | ADVERT_T) && ad.reg_lifetime_s == 1800);
	CHECK(ad.buffers && ad.buffer_kib == 4096 && ad.buffer_lease_ms == 8000);
	CHECK(ad.icmp_lifetime_s >= 60);
	first = agent_deadline(l.ag[FA_A]);
	CHECK(first >= SEC(18) && first <= SEC(22));
	for (unsigned i = 0; i < 12; i++) {
		agent_solicit(l.ag[FA_A], 0, &l.mac, 0, icmp, sizeof(icmp), &now, &l.out);
		CHECK_EQ(l.out.n, i < 10);
	}
	CHECK_EQ(dropped(DROP_RATE), 2);
	l.now = SEC(1);
	now = lab_instant(&l);
	agent_solicit(l.ag[FA_A], 0, &l.mac, HOME, icmp, sizeof(icmp), &now, &l.out);
	CHECK_EQ(ipv4_decode(l.out.a[0].p, l.out.a[0].n, &ip), DROP_NONE);
	CHECK_EQ(ip.dst, HOME);
	CHECK(mac_equal(&l.out.a[0].mac, &l.mac));
	CHECK_EQ(advert_decode(ip.payload.p, ip.payload.left, &ad), DROP_NONE);
	CHECK_EQ(ad.sequence, 11);
	agent_solicit(l.ag[FA_A], 1, &l.mac, HOME, icmp, sizeof(icmp), &now, &l.out);
	agent_solicit(l.ag[FA_A], 0, &l.mac, HOME, icmp, 7, &now, &l.out);
	CHECK_EQ(l.out.n, 0);
	lab_stop(&l);
}

/* Home and foreign agent in one process: no message
 * leaves it, and no packet is tunnelled to itself. */
static void both_roles(void)
{
	struct agent_conf *c = &l.conf[FA_A];
	struct agent_node_conf nodes[1];
	struct mip_request m;
	struct instant now;
	uint8_t pkt[300];
	size_t n;

	lab_defaults(&l);
	c->home = true;
	c->home_agent = A_ADDR;
	c->home_net = 0x0a630000u;
	c->home_prefix_len = 24;
	nodes[0] = (struct agent_node_conf){ HOME, lab_mn_ha() };
	c->nodes = nodes;
	lab_start(&l);
	m = good();
	m.home_agent = A_ADDR;
	l.now += SEC(1);
	{
		struct wbuf w = wb_init(msg, sizeof(msg));

		mip_request_encode(&w, &m);
		auth_append(&w, EXT_MN_HA, 0, &nodes[0].sa);
		auth_append(&w, EXT_MN_FA, 0, &nodes[0].sa);
		msg_len = w.len;
	}
	say(255);
	CHECK_EQ(told(), 1);
	CHECK(!find(AGENT_SEND_UDP));
	CHECK(visiting());
	now = lab_instant(&l);
	n = lab_packet(pkt, sizeof(pkt), CN_ADDR, HOME, 1);
	agent_tun(l.ag[FA_A], pkt, n, &now, &l.out);
	CHECK_EQ(l.out.n, 1);
	CHECK_EQ(l.out.a[0].act, AGENT_DELIVER);
	lab_stop(&l);
}

UNIT_MAIN("foreign", {"codes", codes}, {"rarer codes", rarer_codes},
	  {"policies", policies}, {"relayed", relayed},
	  {"cut short", cut_short}, {"timeout", timeout}, {"unreachable", unreachable},
	  {"replies", replies}, {"another station", another_station}, {"copied", copied},
	  {"packets", packets},
	  {"visitor expires", visitor_expires}, {"advertisements", adverts},
	  {"both roles", both_roles})
