/* SPDX-License-Identifier: MIT */
#include "agent/natted.h"

#include "agent/home.h"
#include "tests/unit/agent_lab.h"

/* A foreign agent behind a NAT, RFC 3519, and the home agent that sees it. */
#define NAT_ADDR 0xcb007146u
#define NAT_PORT 40123

static struct lab l;

static struct agent *fa(void)
{
	return l.ag[FA_A];
}

static uint64_t dropped(int i, enum drop d)
{
	return agent_drops(l.ag[i])->n[d];
}

static struct agent_binding_info binding(void)
{
	struct agent_binding_info b = { 0 };

	agent_binding_at(l.ag[HA], 0, &b);
	return b;
}

static struct agent_visitor_info visitor(void)
{
	struct agent_visitor_info v = { 0 };

	agent_visitor_at(fa(), 0, &v);
	return v;
}

static void behind(int i, uint16_t port)
{
	l.nat[i].addr = NAT_ADDR;
	l.nat[i].port = port;
}

static void start(void)
{
	lab_defaults(&l);
	behind(FA_A, NAT_PORT);
	lab_start(&l);
	lab_run(&l, 1);
	lab_settle(&l, FA_A);
}

/* What the node at agent i sends to a correspondent. */
static void sends(int i, uint32_t seq)
{
	struct instant now = lab_instant(&l);
	static uint8_t pkt[300]; /* the actions point to it */
	size_t n = lab_packet(pkt, sizeof(pkt), HOME, CN_ADDR, seq);

	agent_tun(l.ag[i], pkt, n, &now, &l.out);
}

static void asked(void)
{
	struct mip_request m;
	struct mip_exts x;

	for (int nat = AGENT_NAT_AUTO; nat <= AGENT_NAT_NO; nat++) {
		lab_defaults(&l);
		l.conf[FA_A].foreign_nat = (enum agent_nat)nat;
		lab_start(&l);
		lab_settle(&l, FA_A);
		CHECK_EQ(mip_request_decode(l.last_udp[FA_A], l.last_udp_len[FA_A], &m, &x),
			 DROP_NONE);
		CHECK_EQ(x.udp_request.present, nat != AGENT_NAT_NO);
		CHECK(!x.udp_request.before_mn_ha && !x.udp_request.force);
		CHECK_EQ(x.n_fa_ha, 1);
		CHECK_EQ(l.reply.code, 1); /* and declined: there is no NAT */
		CHECK(!visitor().udp && !binding().udp_port);
		CHECK_EQ(agent_behind_nat(fa()), nat == AGENT_NAT_YES);
		l.now += MSEC(1);
		lab_register(&l, 0, NULL, NULL);
		CHECK_EQ(mip_request_decode(l.last_udp[FA_A], l.last_udp_len[FA_A], &m, &x),
			 DROP_NONE);
		CHECK(!x.udp_request.present && !m.lifetime_s);
		lab_stop(&l);
	}
}

static uint16_t advertised(void)
{
	struct instant now = lab_instant(&l);
	const uint8_t solicitation[] = { 10, 0, 0xf5, 0xff, 0, 0, 0, 0 };
	struct advert ad = { 0 };
	struct ipv4 ip;

	agent_solicit(fa(), 0, &l.mac, HOME, solicitation, sizeof(solicitation), &now, &l.out);
	for (unsigned i = 0; i < l.out.n; i++)
		if (l.out.a[i].act == AGENT_SEND_LINK)
			CHECK(ipv4_decode(l.out.a[i].p, l.out.a[i].n, &ip) == DROP_NONE &&
			      advert_decode(ip.payload.p, ip.payload.left, &ad) == DROP_NONE);
	return ad.flags;
}

static void tunnelled(void)
{
	const struct agent_action *x = &l.out.a[0];
	unsigned adverts;

	lab_defaults(&l);
	behind(FA_A, NAT_PORT);
	lab_start(&l);
	lab_run(&l, 1);
	CHECK_EQ(advertised() & (ADVERT_U | ADVERT_R), 0);
	adverts = l.adverts;
	lab_settle(&l, FA_A);
	CHECK_EQ(l.reply.code, 1);
	CHECK_EQ(l.reply.lifetime_s, 60);
	CHECK(binding().udp_addr == NAT_ADDR && binding().udp_port == NAT_PORT);
	CHECK(!binding().co_located && binding().care_of == lab_addr[FA_A]);
	CHECK(visitor().udp);
	CHECK_EQ(l.adverts, adverts + 1); /* at once */
	CHECK_EQ(advertised() & ADVERT_U, ADVERT_U);
	lab_stream_start(&l);
	lab_run(&l, 1000);
	l.streaming = false;
	lab_run(&l, 50);
	CHECK(l.sent > 400 && l.received == l.sent && !l.reordered && !l.duplicated);
	sends(FA_A, 7);
	CHECK(l.out.n == 1 && x->act == AGENT_TUNNEL && x->src == lab_addr[FA_A]);
	CHECK(x->dst == HA_ADDR && x->sport == MIP_PORT && x->dport == MIP_PORT);
	lab_act(&l, FA_A);
	lab_run(&l, 20);
	CHECK_EQ(l.uplink, 1);
	CHECK_EQ(dropped(HA, DROP_OUTER_SOURCE), 0);
	lab_stop(&l);
}

/* MIP Tunnel Data to the agent; the packet in it, or what it is counted as. */
static void data(uint32_t src, uint16_t sport, const uint8_t *inner, size_t n)
{
	struct instant now = lab_instant(&l);
	uint8_t buf[400], *copy;

	mip_tunnel_header(buf);
	memcpy(buf + MIP_TUNNEL_LEN, inner, n);
	copy = unit_copy(buf, n + MIP_TUNNEL_LEN);
	agent_udp(fa(), src, sport, lab_addr[FA_A], copy, n + MIP_TUNNEL_LEN, &now, &l.out);
	free(copy);
}

static void believed(void)
{
	static const struct {
		uint32_t src;
		uint16_t sport;
		uint32_t dst;
		enum drop why;
	} rows[] = {
		{ HA_ADDR, MIP_PORT, HOME, DROP_NONE },
		{ HA_ADDR, MIP_PORT + 1, HOME, DROP_OUTER_SOURCE },
		{ HA_ADDR, 0, HOME, DROP_OUTER_SOURCE },
		{ HA_ADDR + 1, MIP_PORT, HOME, DROP_OUTER_SOURCE },
		{ NAT_ADDR, NAT_PORT, HOME, DROP_OUTER_SOURCE },
		{ CN_ADDR, MIP_PORT, HOME, DROP_OUTER_SOURCE },
		{ HA_ADDR, MIP_PORT, HOME + 1, DROP_NOT_VISITOR },
	};
	uint8_t pkt[300];
	size_t n;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		start();
		n = lab_packet(pkt, sizeof(pkt), CN_ADDR, rows[i].dst, 7);
		data(rows[i].src, rows[i].sport, pkt, n);
		CHECK_EQ(l.out.n, rows[i].why == DROP_NONE);
		for (enum drop d = DROP_NONE + 1; d < DROP_COUNT; d++)
			CHECK_EQ(dropped(FA_A, d), d == rows[i].why);
		lab_stop(&l);
	}
	/* without a NAT nothing of this was agreed upon */
	lab_init(&l);
	lab_settle(&l, FA_A);
	n = lab_packet(pkt, sizeof(pkt), CN_ADDR, HOME, 7);
	data(HA_ADDR, MIP_PORT, pkt, n);
	CHECK_EQ(dropped(FA_A, DROP_OUTER_SOURCE), 1);
	lab_register(&l, 600, NULL, NULL); /* nor while a Request waits */
	data(HA_ADDR, MIP_PORT, pkt, n);
	CHECK_EQ(dropped(FA_A, DROP_OUTER_SOURCE), 2);
	lab_stop(&l);
}

static void nonsense(void)
{
	static const struct {
		const char *hex;
		enum drop why;
	} rows[] = {
		{ "04", DROP_SHORT },
		{ "04 04 00", DROP_SHORT },
		{ "04 2f 0000 00000800 45", DROP_MALFORMED },
		{ "04 04 0000", DROP_IP_HEADER },
		{ "04 04 0000 45000014 00000000 40110000 0a630005 cb007109", DROP_IP_HEADER },
	};
	struct instant now;
	uint8_t buf[64], pkt[300], *copy;
	size_t n;

	start();
	now = lab_instant(&l);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t before = dropped(FA_A, rows[i].why);

		n = unit_hex(rows[i].hex, buf, sizeof(buf));
		copy = unit_copy(buf, n);
		agent_udp(fa(), HA_ADDR, MIP_PORT, lab_addr[FA_A], copy, n, &now, &l.out);
		CHECK_EQ(dropped(FA_A, rows[i].why), before + 1);
		CHECK_EQ(l.out.n, 0);
		free(copy);
	}
	n = lab_packet(pkt, sizeof(pkt), CN_ADDR, HOME, 7);
	ipv4_ttl_add(pkt, -60);
	data(HA_ADDR, MIP_PORT, pkt, n);
	CHECK_EQ(dropped(FA_A, DROP_TTL), 1);
	lab_stop(&l);
}

/* Sent when nothing else was, answered, and seen by nobody. */
static void keepalives(void)
{
	unsigned before;

	start();
	before = l.markers[FA_A]; /* what is no packet of the stream */
	lab_run(&l, 24900);
	CHECK_EQ(l.markers[FA_A], before);
	lab_run(&l, 200);
	CHECK_EQ(l.markers[FA_A], before + 1);
	CHECK_EQ(fa()->count.keepalives_sent, 1);
	CHECK_EQ(l.ag[HA]->count.keepalives, 1);
	CHECK_EQ(visitor().delivered, 0);
	lab_run(&l, 3000);
	CHECK_EQ(fa()->count.keepalives_sent, 1);
	for (unsigned i = 0; i < 30; i++) { /* what is sent all the while is as good */
		lab_stream_start(&l);
		lab_run(&l, 500);
		l.streaming = false;
		sends(FA_A, 1);
		lab_act(&l, FA_A);
		lab_run(&l, 500);
	}
	CHECK_EQ(fa()->count.keepalives_sent, 1);
	lab_stop(&l);
}

static mtime reboot_at;
static unsigned reboots;
static bool hears_reboot(const struct lab *x, const struct lab_event *e)
{
	struct advert ad;
	struct ipv4 ip;

	if (e->kind == LAB_CONTROL && ipv4_decode(e->p, e->n, &ip) == DROP_NONE &&
	    ip.protocol == PROTO_ICMP &&
	    advert_decode(ip.payload.p, ip.payload.left, &ad) == DROP_NONE && !ad.sequence) {
		reboot_at = x->now;
		reboots++;
	}
	return false;
}

/* The NAT's port changes: what comes from there is refused until somebody registers. */
static void another_port(void)
{
	uint32_t received;

	start();
	l.lose = hears_reboot;
	reboot_at = 0;
	behind(FA_A, NAT_PORT + 1);
	lab_stream_start(&l);
	sends(FA_A, 1);
	lab_act(&l, FA_A);
	lab_run(&l, 100);
	CHECK_EQ(dropped(HA, DROP_OUTER_SOURCE), 1);
	CHECK_EQ(l.received, 0);
	CHECK_EQ(l.uplink, 0);
	lab_run(&l, 24900);
	CHECK_EQ(reboot_at, 0);
	lab_run(&l, 4000); /* asked three times in vain: the visitors are told */
	CHECK(reboot_at > SEC(27) && reboot_at < SEC(29));
	CHECK_EQ(fa()->count.keepalives_sent, 3);
	lab_register(&l, 600, NULL, NULL);
	lab_run(&l, 30);
	CHECK_EQ(binding().udp_port, NAT_PORT + 1);
	received = l.received;
	lab_run(&l, 1000);
	CHECK(l.received >= received + 499);
	sends(FA_A, 2);
	lab_act(&l, FA_A);
	lab_run(&l, 20);
	CHECK_EQ(l.uplink, 1);
	CHECK(!l.reordered && !l.duplicated);
	lab_stop(&l);
}

static bool home_agent_gone(const struct lab *x, const struct lab_event *e)
{
	return hears_reboot(x, e) || e->agent == HA;
}

/* All visitors hear it, whoever their home agent is: once, and again when it has come back. */
static void silent_for_good(void)
{
	start();
	l.lose = home_agent_gone;
	reboots = 0;
	lab_run(&l, 59000);
	CHECK_EQ(fa()->count.keepalives_sent, 6);
	CHECK_EQ(reboots, 1);
	lab_stop(&l);
}

#define OTHER (HOME + 1)

static void other_registers(void)
{
	struct mip_request m = { .flags = MIP_T,
				 .lifetime_s = 600,
				 .home_addr = OTHER,
				 .home_agent = HA_ADDR,
				 .care_of = lab_addr[FA_A],
				 .id = lab_id(&l) };
	const struct mac mac = { { 2, 0, 0, 0, 9, 8 } };
	struct sa mn_ha = lab_mn_ha();
	struct instant now = lab_instant(&l);
	uint8_t msg[300], *copy;
	struct wbuf w = wb_init(msg, sizeof(msg));

	mip_request_encode(&w, &m);
	auth_append(&w, EXT_MN_HA, 0, &mn_ha);
	copy = unit_copy(msg, w.len);
	agent_link_udp(fa(), 0, &mac, OTHER, 5434, lab_link[FA_A], 255, copy, w.len, &now, &l.out);
	free(copy);
	lab_act(&l, FA_A);
	lab_run(&l, 30);
}

/* The last who came is bound elsewhere, and nobody has told: another one asks. */
static void gone_without_a_word(void)
{
	struct agent_node_conf nodes[2];

	lab_defaults(&l);
	behind(FA_A, NAT_PORT);
	nodes[0] = nodes[1] = l.node[HA];
	nodes[1].home_addr = OTHER;
	l.conf[HA].nodes = nodes;
	l.conf[HA].n_nodes = 2;
	lab_start(&l);
	lab_run(&l, 1);
	lab_settle(&l, FA_A);
	other_registers();
	CHECK(fa()->natted && fa()->natted->visitors->home == OTHER);
	CHECK(binding_find(l.ag[HA], OTHER));
	binding_delete(l.ag[HA], OTHER, 0);
	l.lose = hears_reboot;
	reboots = 0;
	lab_run(&l, 29000);
	CHECK_EQ(reboots, 0);
	CHECK_EQ(fa()->count.keepalives_sent, 2);
	CHECK_EQ(l.ag[HA]->count.keepalives, 1);
	lab_run(&l, 25000); /* and goes on */
	CHECK_EQ(fa()->count.keepalives_sent, 3);
	lab_stop(&l);
}

/* The agent goes on asking by those who are left, and ends with the last. */
static void last_leaves(void)
{
	start();
	CHECK(fa()->natted && HASH_COUNT(fa()->natted) == 1);
	lab_register(&l, 0, NULL, NULL);
	lab_run(&l, 30);
	CHECK_EQ(binding().care_of, 0);
	CHECK(!fa()->natted);
	CHECK_EQ(advertised() & ADVERT_U, ADVERT_U); /* the NAT is still there */
	lab_run(&l, 60000);
	CHECK_EQ(fa()->count.keepalives_sent, 0);
	lab_settle(&l, FA_A);
	CHECK(visitor().udp);
	lab_run(&l, 61000); /* and where it expires */
	CHECK(!fa()->natted);
	lab_stop(&l);
}

static void order_home(int at)
{
	struct order o = { .message = ORDER_REQUEST,
			   .action = ORDER_BUFFER,
			   .home_addr = HOME,
			   .first_agent = HA_ADDR,
			   .id = lab_id(&l) };
	struct ipv4_out h = { .src = HOME, .dst = HA_ADDR, .ttl = 63 };
	struct instant now = lab_instant(&l);
	struct sa sa = lab_mn_ha();
	static uint8_t pkt[400];
	uint8_t msg[ORDER_MAX];
	struct wbuf w = wb_init(msg, sizeof(msg));
	size_t n;

	order_encode(&w, &o);
	auth_append(&w, EXT_MN_HA, 0, &sa);
	n = udp_build(pkt, sizeof(pkt), &h, 5434, MIP_PORT, msg, w.len);
	agent_tun(l.ag[at], pkt, n, &now, &l.out);
	lab_act(&l, at);
}

static bool is_reply(const struct lab *x, const struct lab_event *e)
{
	(void)x;
	return e->kind == LAB_RADIO && e->n < 150;
}

static void walks(int from, int to)
{
	l.at = from;
	order_home(from);
	lab_run(&l, 40);
	l.at = NOWHERE;
	lab_run(&l, 90);
	l.at = to;
	lab_register(&l, 600, NULL, NULL);
	lab_run(&l, 1000);
}

/* The home agent keeps: there and back, another NAT, and nothing is lost. */
static void handoffs(void)
{
	lab_defaults(&l);
	l.lose = is_reply;
	behind(FA_A, NAT_PORT);
	behind(FA_C, NAT_PORT + 7);
	lab_start(&l);
	lab_run(&l, 1);
	lab_settle(&l, FA_B);
	lab_stream_start(&l);
	lab_run(&l, 300);
	walks(FA_B, FA_A);
	CHECK_EQ(binding().udp_port, NAT_PORT);
	walks(FA_A, FA_B);
	CHECK_EQ(binding().udp_port, 0);
	walks(FA_B, FA_A);
	walks(FA_A, FA_C);
	CHECK_EQ(binding().udp_port, NAT_PORT + 7);
	l.streaming = false;
	lab_run(&l, 100);
	CHECK(l.sent > 2000 && l.received == l.sent);
	CHECK(!l.duplicated && !l.reordered);
	CHECK(l.ag[FA_A]->count.markers_received); /* through the NAT */
	lab_stop(&l);
}

/* An agent outside cannot forward to a care-of address behind a NAT: it says so. */
static void forward_refused(void)
{
	lab_defaults(&l);
	behind(FA_B, NAT_PORT);
	lab_start(&l);
	lab_run(&l, 1);
	lab_settle(&l, FA_A);
	lab_handoff(&l, FA_A, FA_B);
	lab_run(&l, 500);
	CHECK_EQ(l.order.action, ORDER_CARE_OF_REFUSED);
	CHECK_EQ(dropped(FA_A, DROP_CARE_OF), 1);
	CHECK_EQ(binding().udp_port, NAT_PORT);
	CHECK_EQ(lab_buffer(&l, FA_A).state, BUF_BUFFERING);
	lab_stop(&l);

	/* one that is known as an agent is no other: its source is not its address */
	lab_defaults(&l);
	behind(FA_B, NAT_PORT);
	l.conf[FA_A].neighbours[l.conf[FA_A].n_neighbours++].care_of = lab_addr[FA_B];
	lab_start(&l);
	lab_run(&l, 1);
	lab_settle(&l, FA_A);
	lab_handoff(&l, FA_A, FA_B);
	lab_run(&l, 500);
	CHECK_EQ(l.order.action, ORDER_CARE_OF_REFUSED);
	CHECK_EQ(dropped(FA_A, DROP_CARE_OF), 1);
	lab_stop(&l);
}

/* ---- R: a node with an address of its own ---- */
#define OWN 0xcb007150u

/* With D by way of the agent, from its own address; the Request as it goes on. */
static bool through(uint32_t care_of, bool r_flag, uint16_t lifetime_s, struct mip_exts *x)
{
	struct mip_request m = { .flags = MIP_T | MIP_D,
				 .lifetime_s = lifetime_s,
				 .home_addr = HOME,
				 .home_agent = HA_ADDR,
				 .care_of = care_of,
				 .id = lab_id(&l) };
	struct sa mn_ha = lab_mn_ha(), mn_fa = lab_mn_fa(FA_A);
	uint8_t msg[300], *copy;
	struct wbuf w = wb_init(msg, sizeof(msg));
	struct instant now = lab_instant(&l);
	unsigned before = l.sent_udp[FA_A];

	mip_request_encode(&w, &m);
	if (r_flag)
		mip_udp_request_append(
		    &w, &(struct mip_udp_request){ .registration_required = true });
	auth_append(&w, EXT_MN_HA, 0, &mn_ha);
	auth_append(&w, EXT_MN_FA, 0, &mn_fa);
	copy = unit_copy(msg, w.len);
	agent_link_udp(fa(), 0, &l.mac, OWN, 5434, lab_link[FA_A], 255, copy, w.len, &now, &l.out);
	free(copy);
	lab_act(&l, FA_A);
	if (l.sent_udp[FA_A] == before)
		return false;
	return mip_request_decode(l.last_udp[FA_A], l.last_udp_len[FA_A], &m, x) == DROP_NONE;
}

/* What the node was told last, and whether by its own address. */
static int code;
static bool told_at;

static bool listens(const struct lab *x, const struct lab_event *e)
{
	struct mip_reply r;
	struct mip_exts exts;
	struct ipv4 ip;
	struct udp u;

	(void)x;
	if (e->kind != LAB_CONTROL || ipv4_decode(e->p, e->n, &ip) != DROP_NONE ||
	    udp_decode(&ip, true, &u) != DROP_NONE ||
	    mip_reply_decode(u.payload.p, u.payload.left, &r, &exts) != DROP_NONE)
		return false;
	told_at = ip.dst == OWN;
	code = r.code;
	return false;
}

static void required(bool natted)
{
	struct mip_exts x;

	lab_defaults(&l);
	l.lose = listens;
	if (natted)
		behind(FA_A, NAT_PORT);
	l.conf[FA_A].foreign_required = true;
	lab_start(&l);
	lab_run(&l, 1);
	CHECK_EQ(advertised() & ADVERT_R, ADVERT_R);
	lab_settle(&l, FA_A); /* a visitor, until it has an address of its own */
	CHECK_EQ(visitor().home_addr, HOME);
	l.now += MSEC(1);
	code = -1;
	CHECK(through(OWN, true, 600, &x));
	CHECK(x.udp_request.before_mn_ha && x.udp_request.registration_required);
	CHECK_EQ(x.n_fa_ha, 0);
	CHECK_EQ(x.n_mn_fa, 0);
	lab_run(&l, 30);
	CHECK(code == 1 && told_at);
	CHECK(binding().awaited && binding().co_located && binding().care_of == OWN);
	CHECK_EQ(visitor().home_addr, 0);
	if (!natted) { /* without a tunnel inside UDP it is the agent's word as ever */
		l.now += MSEC(1);
		CHECK(through(OWN, false, 600, &x));
		CHECK_EQ(x.n_fa_ha, 1);
		lab_run(&l, 30);
		CHECK(code == 1 && !binding().awaited && !binding().udp_port);
	}
	l.now += MSEC(1);
	CHECK(through(HOME, true, 0, &x));
	lab_run(&l, 30);
	CHECK(code == 1 && binding().care_of == 0);
	lab_stop(&l);
}

static void registration_required(void)
{
	required(false);
	required(true);
}

static void not_required(void)
{
	static const uint32_t wrong[] = { 0, 0xffffffff, 0xe0000001, HOME, HA_ADDR,
					  0xc6336407u, 0x0a010001u };
	struct mip_exts x;

	lab_defaults(&l);
	l.lose = listens;
	lab_start(&l);
	lab_run(&l, 1);
	CHECK(!through(OWN, true, 600, &x));
	CHECK(code == CODE_FA_PROHIBITED && told_at);
	lab_stop(&l);
	lab_defaults(&l);
	l.lose = listens;
	l.conf[FA_A].foreign_required = true;
	lab_start(&l);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		lab_run(&l, 1000); /* a denial a second */
		code = -1;
		CHECK(!through(wrong[i], true, 600, &x));
		CHECK_EQ(code, CODE_FA_CARE_OF);
	}
	lab_stop(&l);
}

UNIT_MAIN("natted", {"asked", asked}, {"tunnelled", tunnelled}, {"who is believed", believed},
	  {"nonsense", nonsense}, {"keepalives", keepalives}, {"another port", another_port},
	  {"silent for good", silent_for_good}, {"gone without a word", gone_without_a_word},
	  {"the last leaves", last_leaves}, {"handoffs", handoffs},
	  {"FORWARD is refused", forward_refused},
	  {"registration required", registration_required}, {"not required", not_required})
