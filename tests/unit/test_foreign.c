/* SPDX-License-Identifier: MIT */
#include "tests/unit/foreign_fixture.h"

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
	m = good();
	m.flags |= 0x05; /* r and x are ignored */
	CHECK_EQ(ask(&m), -1);
	CHECK_EQ(l.ag[FA_A]->n_pending, 1);
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
	CHECK_EQ(x->n, 62 + 8 + 38);
	CHECK(!memcmp(x->p, msg, 62));
	CHECK_EQ(mip_request_decode(x->p, x->n, &m, &exts), DROP_NONE);
	CHECK_EQ(exts.n_mn_fa, 0);
	CHECK(exts.udp_request.present && !exts.udp_request.before_mn_ha);
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

	lab_init(&l);
	m = good();
	m.lifetime_s = 0; /* FA-HA does not go with a deregistration */
	CHECK_EQ(ask(&m), -1);
	x = find(AGENT_SEND_UDP);
	CHECK_EQ(x->n, 62);
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
	m = good();
	CHECK_EQ(ask(&m), -1);
	l.now += SEC(1);
	CHECK_EQ(answered(&m, CODE_FA_TIMEOUT, 0, HA_ADDR, true), CODE_FA_MALFORMED_REPLY);
	CHECK(!visiting());
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
	nodes[0] = (struct agent_node_conf){ .home_addr = HOME, .sa = lab_mn_ha() };
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

/* Stations that nobody knows, each with Requests of nobody: who comes among them is served. */
static void a_flood_of_strangers(void)
{
	struct mac own;
	struct mip_request m, stranger;

	lab_init(&l);
	own = l.mac;
	m = good();
	for (unsigned i = 0; i < 2 * l.ag[FA_A]->c.max_pending; i++) {
		stranger = good();
		stranger.home_addr += 100 + i;
		sign(&stranger);
		l.mac = (struct mac){ { 2, 7, 0, 0, (uint8_t)(i >> 8), (uint8_t)i } };
		say(255);
		CHECK_EQ(told(), -1);
	}
	CHECK_EQ(l.ag[FA_A]->n_pending, l.ag[FA_A]->c.max_pending);
	l.mac = own;
	CHECK_EQ(ask(&m), -1);
	CHECK_EQ(dropped(DROP_LIMIT), l.ag[FA_A]->c.max_pending + 1);
	CHECK_EQ(answered(&m, 0, 600, HA_ADDR, true), 0);
	CHECK(visiting());
	lab_stop(&l);
}

UNIT_MAIN("foreign", {"codes", codes}, {"policies", policies}, {"relayed", relayed},
	  {"cut short", cut_short}, {"timeout", timeout}, {"unreachable", unreachable},
	  {"rarer codes", rarer_codes}, {"both roles", both_roles},
	  {"a flood of strangers", a_flood_of_strangers})
