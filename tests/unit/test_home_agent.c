/* SPDX-License-Identifier: MIT */
#include "tests/unit/node_fixture.h"

/* The home agent is known by its name: its address comes from outside, later, or another one. */
#define ELSEWHERE 0xc0000263u

static void told(struct node *n, uint32_t addr)
{
	mobile_home_agent(n->m, addr, &n->now, &n->out);
	node_see(n);
}

static uint32_t asked(const struct node *n)
{
	struct mip_request r;
	struct mip_exts x;

	CHECK_EQ(mip_request_decode(n->request, n->request_len, &r, &x), DROP_NONE);
	return r.home_agent;
}

static void begin(struct node *n)
{
	node_init(n);
	n->conf.home_agent = 0;
	CHECK(mobile_reconfigure(n->m, &n->conf, &n->now, &n->out));
	node_link_up(n, &bssid_a);
	node_scan(n);
	node_advert(n, false, 1);
}

static void waits(void)
{
	struct node n;

	begin(&n);
	CHECK_EQ(n.requests, 0);
	CHECK_EQ(node_state(&n), MOBILE_REGISTERING);
	node_program_sends(&n, 1);
	node_until(&n, n.now.t + SEC(5)); /* it does not spin: node_until() would give up */
	CHECK_EQ(n.requests, 0);
	CHECK(!mobile_unheard(n.m));
	told(&n, HOME_AGENT);
	CHECK_EQ(n.requests, 1);
	CHECK_EQ(asked(&n), HOME_AGENT);
	node_reply(&n, false, 0, 600, 0, -1);
	CHECK_EQ(node_state(&n), MOBILE_REGISTERED);
	while (mobile_tick(n.m, &n.now, &n.out))
		node_see(&n);
	node_see(&n);
	CHECK_EQ(n.data, 1);
	node_free(&n);
}

static void before_the_link(void)
{
	struct node n;

	node_init(&n);
	n.conf.home_agent = 0;
	CHECK(mobile_reconfigure(n.m, &n.conf, &n.now, &n.out));
	told(&n, HOME_AGENT);
	CHECK_EQ(n.requests, 0);
	node_link_up(&n, &bssid_a);
	node_scan(&n);
	node_advert(&n, false, 1);
	CHECK_EQ(asked(&n), HOME_AGENT);
	node_free(&n);
}

static void another(void)
{
	struct node n;

	node_at_a(&n);
	told(&n, HOME_AGENT); /* what we know */
	CHECK_EQ(n.requests, 0);
	told(&n, ELSEWHERE);
	CHECK_EQ(n.requests, 1);
	CHECK_EQ(asked(&n), ELSEWHERE);
	CHECK_EQ(node_state(&n), MOBILE_REGISTERED); /* packets go on meanwhile */
	node_program_sends(&n, 1);
	node_reply(&n, false, 0, 600, 0, -1);
	CHECK_EQ(node_state(&n), MOBILE_REGISTERED);
	node_until(&n, n.now.t + SEC(300));
	CHECK_EQ(asked(&n), ELSEWHERE);
	node_free(&n);
}

static void silent(void)
{
	struct node n;

	node_at_a(&n);
	CHECK(!mobile_unheard(n.m));
	node_until(&n, n.now.t + SEC(300)); /* the renewal, */
	CHECK_EQ(n.requests, 1);
	CHECK(!mobile_unheard(n.m));
	node_until(&n, n.now.t + SEC(3)); /* and its repeats */
	CHECK_EQ(n.requests, 3);
	CHECK(mobile_unheard(n.m));
	node_forget(&n);
	told(&n, ELSEWHERE);
	CHECK_EQ(n.requests, 1);
	CHECK_EQ(asked(&n), ELSEWHERE);
	CHECK(!mobile_unheard(n.m));
	node_reply(&n, false, 0, 600, 0, -1);
	CHECK_EQ(node_state(&n), MOBILE_REGISTERED);
	node_free(&n);
}

/* The agent says so, and there is no need to wait. */
static void unreachable(void)
{
	struct node n;

	begin(&n);
	told(&n, HOME_AGENT);
	node_reply(&n, false, CODE_FA_HA_PORT, 0, 0, -1);
	CHECK(mobile_unheard(n.m));
	told(&n, ELSEWHERE);
	CHECK(!mobile_unheard(n.m));
	CHECK_EQ(asked(&n), ELSEWHERE);
	node_reply(&n, false, CODE_HA_PROHIBITED, 0, 0, -1); /* that is an answer */
	CHECK(!mobile_unheard(n.m));
	node_free(&n);
}

/* By command, while nobody knows whom to tell. */
static void deregistered(void)
{
	struct node n;

	begin(&n);
	CHECK(!mobile_deregister(n.m, &n.now, &n.out));
	node_see(&n);
	CHECK_EQ(node_state(&n), MOBILE_DEREGISTERED);
	told(&n, HOME_AGENT);
	node_until(&n, n.now.t + SEC(5));
	CHECK_EQ(n.requests, 0);
	CHECK(!mobile_register(n.m, &n.now, &n.out));
	node_see(&n);
	CHECK_EQ(n.requests, 1);
	node_free(&n);
}

/* By the configuration, read again. */
static void configured_anew(void)
{
	struct node n;

	node_init(&n);
	node_link_up(&n, &bssid_a);
	node_advert(&n, false, 1);
	node_reply(&n, false, 0, 600, 0, -1);
	CHECK_EQ(node_state(&n), MOBILE_REGISTERED);
	n.requests = 0;
	CHECK(mobile_reconfigure(n.m, &n.conf, &n.now, &n.out));
	node_see(&n);
	CHECK_EQ(n.requests, 0);
	n.conf.home_agent = ELSEWHERE;
	CHECK(mobile_reconfigure(n.m, &n.conf, &n.now, &n.out));
	node_see(&n);
	CHECK_EQ(n.requests, 1);
	CHECK_EQ(asked(&n), ELSEWHERE);
	node_free(&n);
}

UNIT_MAIN("the home agent by name", {"waits", waits}, {"before the link", before_the_link},
	  {"another address", another}, {"it is silent", silent}, {"unreachable", unreachable},
	  {"deregistered", deregistered}, {"configured anew", configured_anew})
