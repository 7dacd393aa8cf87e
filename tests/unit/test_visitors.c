/* SPDX-License-Identifier: MIT */
#include "tests/unit/foreign_fixture.h"

/* Visitors: how they come and go, and what becomes of their packets. */

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

/* Replies change places on their way: the older one's ends nothing that is newer than it. */
static void deregistered_before(void)
{
	struct mip_request d, r;

	lab_init(&l);
	d = good();
	CHECK_EQ(ask(&d), -1);
	CHECK_EQ(answered(&d, 0, 600, HA_ADDR, true), 0);
	d = good();
	d.lifetime_s = 0;
	CHECK_EQ(ask(&d), -1);
	r = good();
	CHECK_EQ(ask(&r), -1);
	CHECK_EQ(answered(&r, 0, 600, HA_ADDR, true), 0);
	CHECK_EQ(answered(&d, 0, 0, HA_ADDR, true), 0); /* relayed all the same */
	CHECK(visiting());
	CHECK(!find(AGENT_VISITOR_DOWN));
	lab_stop(&l);
}

/* A Reply that came twice finds an older Request by its lower half, where there is one. */
static void never_back(void)
{
	struct mip_request older, newer;

	lab_init(&l);
	older = good();
	CHECK_EQ(ask(&older), -1);
	newer = older;
	newer.id += (uint64_t)1 << 32;
	CHECK_EQ(ask(&newer), -1);
	CHECK_EQ(answered(&newer, 0, 600, HA_ADDR, true), 0);
	CHECK(node_find(l.ag[FA_A], HOME)->reg_id == newer.id);
	CHECK_EQ(answered(&newer, 0, 600, HA_ADDR, true), 0);
	CHECK(node_find(l.ag[FA_A], HOME)->reg_id == newer.id);
	CHECK_EQ(answered(&newer, 0, 600, HA_ADDR, true), -2);
	lab_stop(&l);
}

/*
 * A stranger's copy with another upper half, at an agent that cannot check it: a Reply that comes
 * twice finds nothing else any more, and is no word about him.
 */
static void copied_and_changed_to(uint16_t lifetime_s)
{
	struct mip_request m, other;
	struct agent_visitor_info v;

	lab_defaults(&l);
	l.conf[FA_A].n_nodes = 0;
	lab_start(&l);
	m = good();
	CHECK_EQ(ask(&m), -1);
	other = m;
	other.id += (uint64_t)0x2100 << 32;
	other.lifetime_s = lifetime_s;
	l.mac.b[5] = 7;
	CHECK_EQ(ask(&other), -1);
	l.mac.b[5] = 9;
	CHECK_EQ(answered(&m, 0, 600, HA_ADDR, true), 0);
	l.mac.b[5] = 7; /* he may read it */
	CHECK_EQ(answered(&m, 0, 600, HA_ADDR, true), 0);
	CHECK(!find(AGENT_VISITOR_UP) && !find(AGENT_VISITOR_DOWN));
	CHECK(agent_visitor_at(l.ag[FA_A], 0, &v));
	CHECK_EQ(v.mac.b[5], 9);
	CHECK(node_find(l.ag[FA_A], HOME)->reg_id == m.id);
	lab_stop(&l);
}

static void copied_and_changed(void)
{
	copied_and_changed_to(600);
	copied_and_changed_to(0); /* as if the node took its leave */
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

/* The home agent's marker: what is said about the node here was for where it was. */
static void bound_elsewhere(void)
{
	lab_init(&l);
	lab_settle(&l, FA_A);
	l.at = FA_B;
	lab_register(&l, 600, NULL, NULL);
	lab_run(&l, 100);
	CHECK(visiting()); /* its orders may still come */
	lab_run(&l, 7800);
	CHECK_EQ(l.down[FA_A], 0);
	lab_run(&l, 200);
	CHECK(!visiting());
	CHECK_EQ(l.down[FA_A], 1);
	CHECK_EQ(l.down[FA_B], 0);
	lab_stop(&l);
}

static void back_in_time(void)
{
	lab_init(&l);
	lab_settle(&l, FA_A);
	l.at = FA_B;
	lab_register(&l, 600, NULL, NULL);
	lab_run(&l, 5000);
	lab_settle(&l, FA_A);
	lab_run(&l, 20000);
	CHECK(visiting());
	CHECK_EQ(l.down[FA_A], 0);
	CHECK_EQ(l.down[FA_B], 1);
	lab_stop(&l);
}

UNIT_MAIN("visitors", {"replies", replies}, {"another station", another_station},
	  {"copied", copied}, {"copied and changed", copied_and_changed},
	  {"deregistered before", deregistered_before},
	  {"the Identification never goes back", never_back}, {"packets", packets},
	  {"visitor expires", visitor_expires}, {"bound elsewhere", bound_elsewhere},
	  {"bound elsewhere, and back in time", back_in_time})
