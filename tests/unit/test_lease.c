/* SPDX-License-Identifier: MIT */
#include "tests/unit/own_address_fixture.h"

/* Addresses whose lease still runs where the node comes back to (RFC 4436), and who is told to ask
 * for another one. */
#define HOUR 3600
#define CABLE 1

static const struct mac bssid_c = { { 2, 0, 0, 0, 2, 0 } };
static const struct mac stranger = { { 2, 9, 9, 9, 9, 9 } };

static bool asks_from(uint32_t addr)
{
	struct mip_exts x;
	bool is = n.requests == 1 && n.messages == 1 && asked(&x).care_of == addr && n.from == addr;
	size_t len = n.request_len;

	node_forget(&n);
	n.request_len = len; /* it can be answered */
	return is;
}

static void up(unsigned link, const struct mac *bssid, const char *ssid)
{
	struct radio_bss bss = { .bssid = *bssid, .freq_mhz = 2412, .signal_dbm = -45 };

	bss.seen = n.now.t;
	bss.ssid_len = (uint8_t)strlen(ssid);
	memcpy(bss.ssid, ssid, bss.ssid_len);
	mobile_connected(n.m, link, &bss, &n.now, &n.out);
	node_see(&n);
}

static void down(void)
{
	mobile_disconnected(n.m, MOBILE_RADIO, &(struct mac){ { 0 } }, &n.now, &n.out);
	node_see(&n);
	node_until(&n, n.now.t + MSEC(100));
}

/* Without a moment for anything to happen there. */
static void walk(const struct mac *bssid)
{
	down();
	node_forget(&n);
	up(MOBILE_RADIO, bssid, "campus");
}

/* Was at A with a lease of so long, and is at B, registered from B's address. */
static void from_a_to_b(uint32_t valid_s)
{
	from_a(NULL);
	leased(ADDR_A, GATE_A, valid_s);
	walk(&bssid_b);
	leased(ADDR_B, GATE_B, HOUR);
	node_until(&n, n.now.t + PATIENCE);
	CHECK(asks_from(ADDR_B));
	home_says(1, NULL);
	node_until(&n, n.now.t + SEC(1));
}

/* Its gateway answers, and the shell says that the address is there now. */
static void lent_at_a(void)
{
	from_a_to_b(HOUR);
	walk(&bssid_a);
	gateway_answers(GATE_A);
	CHECK_EQ(n.lent.addr, ADDR_A);
	brought(ADDR_A, GATE_A, UINT32_MAX);
	CHECK(asks_from(ADDR_A));
	home_says(1, NULL);
	node_until(&n, n.now.t + SEC(1));
	node_forget(&n);
}

static void before_dhcp(void)
{
	mtime end;
	struct mac gate = mac_of(GATE_A);

	from_a(NULL);
	end = n.now.t + SEC(HOUR);
	leased(ADDR_A, GATE_A, HOUR);
	walk(&bssid_b);
	leased(ADDR_B, GATE_B, HOUR);
	node_until(&n, n.now.t + SEC(5));
	walk(&bssid_a);
	CHECK_EQ(n.renewals, 1); /* no question is waited for */
	CHECK(n.claims == 1 && n.claimed == ADDR_A);
	CHECK(n.question.src == ADDR_A && n.question.dst == GATE_A);
	CHECK(mac_equal(&n.question.mac, &gate));
	CHECK(n.probes == 1 && n.probed == GATE_B); /* it may be that one after all */
	CHECK_EQ(n.requests + n.lent.changes, 0);
	gateway_answers(GATE_A);
	CHECK(n.lent.addr == ADDR_A && n.lent.gateway == GATE_A && n.lent.changes == 1);
	CHECK_EQ(n.lent.until, end);
	CHECK_EQ(n.requests, 0); /* the kernel does not have it yet */
	brought(ADDR_A, GATE_A, UINT32_MAX);
	CHECK(asks_from(ADDR_A));
	CHECK_EQ(mobile_want(n.m)->care_of[MOBILE_RADIO], ADDR_A);
	node_until(&n, n.now.t + SEC(1));
	CHECK_EQ(n.probes + n.claims, 0);
	node_free(&n);
}

static void proves_nothing(void)
{
	from_a_to_b(HOUR);
	walk(&bssid_a);
	answers_from(GATE_A, stranger);
	answers_from(GATE_A + 1, mac_of(GATE_A));
	node_until(&n, n.now.t + SEC(2));
	CHECK_EQ(n.lent.changes + n.requests, 0);
	CHECK_EQ(n.claims, 5);
	CHECK_EQ(n.renewals, 1);
	node_free(&n);
}

static bool is_asked_after(uint32_t valid_s, mtime pause, int64_t asleep_s)
{
	bool is;

	from_a_to_b(valid_s);
	node_until(&n, n.now.t + pause);
	n.now.ntp += (uint64_t)asleep_s << 32;
	walk(&bssid_a);
	is = n.claims == 1;
	gateway_answers(GATE_A);
	CHECK_EQ(n.lent.changes, is);
	node_free(&n);
	return is;
}

static void ends(void)
{
	CHECK(is_asked_after(60, SEC(40), 0));
	CHECK(!is_asked_after(60, SEC(50), 0)); /* no 10 s are left */
	CHECK(!is_asked_after(UINT32_MAX, 0, 0));
	CHECK(is_asked_after(HOUR, 0, HOUR / 2)); /* the machine slept */
	CHECK(!is_asked_after(HOUR, 0, HOUR));
	CHECK(!is_asked_after(60, SEC(50), -HOUR)); /* its clock was set */
}

static void renewed_lease(void)
{
	from_a(NULL);
	leased(ADDR_A, GATE_A, 60);
	node_until(&n, n.now.t + SEC(30));
	mobile_lease(n.m, MOBILE_RADIO, HOUR, &n.now);
	walk(&bssid_b);
	leased(ADDR_B, GATE_B, HOUR);
	node_until(&n, n.now.t + SEC(60));
	walk(&bssid_a);
	CHECK_EQ(n.claims, 1);
	node_free(&n);
}

static void somebody_elses(void)
{
	from_a_to_b(HOUR);
	walk(&bssid_a);
	answers_from(ADDR_A, stranger);
	gateway_answers(GATE_A);
	CHECK_EQ(n.lent.changes, 0);
	node_free(&n);

	lent_at_a();
	answers_from(ADDR_A, stranger); /* it was slow to say so */
	CHECK(n.lent.changes == 1 && !n.lent.addr);
	CHECK_EQ(mobile_want(n.m)->care_of[MOBILE_RADIO], ADDR_B); /* as before */
	node_until(&n, n.now.t + SEC(1));
	CHECK_EQ(n.messages, 0);
	walk(&bssid_b);
	walk(&bssid_a);
	CHECK_EQ(n.claims, 0); /* nor later */
	node_free(&n);
}

static void the_same_by_dhcp(void)
{
	lent_at_a();
	leased(ADDR_A, GATE_A, HOUR);
	CHECK(n.lent.changes == 1 && !n.lent.addr);
	node_until(&n, n.now.t + SEC(10));
	CHECK_EQ(n.requests, 0);
	CHECK_EQ(look().care_of, ADDR_A);
	CHECK_EQ(mobile_want(n.m)->care_of[MOBILE_RADIO], ADDR_A);
	node_free(&n);
}

static void another_by_dhcp(void)
{
	lent_at_a();
	leased(ADDR_A + 1, GATE_A, HOUR);
	CHECK(asks_from(ADDR_A + 1));
	home_says(1, NULL);
	CHECK_EQ(n.lent.addr, ADDR_A); /* packets to it are under way */
	tunnel_brings(HOME_AGENT, ADDR_A, false, HOME);
	CHECK_EQ(n.delivered, 1);
	node_until(&n, n.now.t + SEC(2) - 1);
	CHECK_EQ(n.lent.addr, ADDR_A);
	node_until(&n, n.now.t + 1);
	CHECK(n.lent.changes == 1 && !n.lent.addr);
	CHECK_EQ(look().care_of, ADDR_A + 1);
	walk(&bssid_b);
	walk(&bssid_a);
	CHECK(n.claims == 0); /* it is there still */
	walk(&bssid_b);
	leased(ADDR_B, GATE_B, HOUR);
	node_until(&n, n.now.t + SEC(1));
	walk(&bssid_a);
	CHECK(n.claims == 1 && n.claimed == ADDR_A + 1);
	node_free(&n);
}

/* It was there before the kernel had ours. */
static void dhcp_is_faster(void)
{
	from_a_to_b(HOUR);
	walk(&bssid_a);
	gateway_answers(GATE_A);
	leased(ADDR_A + 1, GATE_A, HOUR);
	CHECK(asks_from(ADDR_A + 1));
	node_until(&n, n.now.t + SEC(3));
	CHECK(n.lent.changes == 1 && !n.lent.addr);
	node_free(&n);
}

static void taken_away(void)
{
	lent_at_a();
	brought(0, 0, UINT32_MAX);
	CHECK(n.lent.changes == 1 && !n.lent.addr);
	walk(&bssid_b);
	walk(&bssid_a);
	CHECK_EQ(n.claims, 0); /* it may have been released */
	node_free(&n);
}

/* Its lease is over; what was there before is told of, and is still another network's. */
static void what_was_before(void)
{
	lent_at_a();
	brought(ADDR_B, GATE_B, HOUR);
	CHECK(n.lent.changes == 1 || n.lent.addr == ADDR_A);
	node_until(&n, n.now.t + SEC(5));
	CHECK(!n.lent.addr && n.requests == 0);
	CHECK_EQ(n.probes, 5);
	gateway_answers(GATE_B); /* it was not, after all */
	node_until(&n, n.now.t + 1);
	CHECK(asks_from(ADDR_B));
	node_free(&n);

	lent_at_a();
	walk(&bssid_c);
	brought(ADDR_B, GATE_B, HOUR);
	node_until(&n, n.now.t + SEC(5));
	CHECK(!n.lent.addr && n.requests == 0);
	node_free(&n);

	lent_at_a();
	walk(&bssid_b); /* there it was good */
	brought(ADDR_B, GATE_B, HOUR);
	CHECK(asks_from(ADDR_B));
	node_free(&n);
}

static void with_the_link(void)
{
	lent_at_a();
	down();
	CHECK(n.lent.changes == 1 && !n.lent.addr);
	up(MOBILE_RADIO, &bssid_a, "campus");
	CHECK(n.claims == 1 && n.requests == 0);
	gateway_answers(GATE_A);
	CHECK_EQ(n.lent.addr, ADDR_A);
	up(MOBILE_RADIO, &bssid_b, "campus"); /* by itself, no word of a lost link */
	CHECK(!n.lent.addr);
	node_free(&n);
}

static void not_wanted(void)
{
	from_a_to_b(HOUR);
	CHECK(mobile_deregister(n.m, &n.now, &n.out) == NULL);
	node_see(&n);
	walk(&bssid_a);
	gateway_answers(GATE_A);
	CHECK_EQ(n.claims + n.renewals + n.lent.changes, 0);
	node_free(&n);

	lent_at_a();
	n.conf.care_of = CARE_OF_AGENT;
	CHECK(mobile_reconfigure(n.m, &n.conf, &n.now, &n.out));
	node_see(&n);
	node_until(&n, n.now.t + 1);
	CHECK(!n.lent.addr);
	node_free(&n);
}

/* New, but of a name that is known: which of its networks is it? */
static void new_access_point(void)
{
	from_a_to_b(HOUR);
	walk(&bssid_c);
	CHECK(n.claims == 1 && n.claimed == ADDR_A); /* B's address it has */
	CHECK_EQ(n.renewals, 0);
	gateway_answers(GATE_A);
	CHECK_EQ(n.lent.addr, ADDR_A);
	node_free(&n);

	from_a_to_b(HOUR);
	down();
	node_forget(&n);
	up(MOBILE_RADIO, &bssid_c, "cafe");
	gateway_answers(GATE_A);
	CHECK_EQ(n.claims + n.lent.changes, 0);
	node_free(&n);
}

/* VRRP's is everywhere the same: it proves something at the same access point alone. */
static void virtual_gateway(void)
{
	const struct mac vrrp = { { 0, 0, 0x5e, 0, 1, 1 } };

	from_a(NULL);
	brought(ADDR_A, GATE_A, HOUR);
	answers_from(GATE_A, vrrp);
	walk(&bssid_b);
	leased(ADDR_B, GATE_B, HOUR);
	node_until(&n, n.now.t + SEC(1));
	walk(&bssid_c);
	CHECK_EQ(n.claims, 0);
	walk(&bssid_a);
	CHECK_EQ(n.claims, 1);
	node_free(&n);
}

/* What is leased in a network is so at all of its access points. */
static void one_network(void)
{
	from_a_to_b(HOUR);
	walk(&bssid_c); /* A's network, too */
	leased(ADDR_A + 7, GATE_A, HOUR);
	node_until(&n, n.now.t + SEC(1));
	walk(&bssid_b);
	leased(ADDR_B, GATE_B, HOUR);
	node_until(&n, n.now.t + SEC(1));
	walk(&bssid_a);
	CHECK(n.claims == 1 && n.claimed == ADDR_A + 7);
	node_free(&n);
}

/* ---- who is told to ask ---- */

static void told_at_once(void)
{
	from_a_to_b(UINT32_MAX);
	walk(&bssid_a);
	CHECK_EQ(n.renewals, 1);
	node_until(&n, n.now.t + SEC(5));
	CHECK_EQ(n.renewals, 1);
	CHECK_EQ(n.requests, 0); /* not by B's */
	leased(ADDR_A, GATE_A, UINT32_MAX);
	CHECK(asks_from(ADDR_A));
	node_free(&n);
}

/* The address is the same, and the network is not. */
static void same_address(void)
{
	from_a_to_b(HOUR);
	leased(ADDR_A, GATE_B, HOUR);
	walk(&bssid_a);
	CHECK_EQ(n.renewals, 1);
	node_until(&n, n.now.t + SEC(1));
	CHECK_EQ(n.requests, 0);
	node_free(&n);
}

/* A name that is not told is no network's. */
static void no_name(void)
{
	from_a(NULL);
	down();
	up(MOBILE_RADIO, &bssid_b, "");
	leased(ADDR_B, GATE_B, HOUR);
	node_until(&n, n.now.t + PATIENCE);
	CHECK_EQ(n.from, ADDR_B);
	brought(0, 0, UINT32_MAX);
	down();
	node_forget(&n);
	up(MOBILE_RADIO, &bssid_c, "");
	CHECK_EQ(n.renewals + n.claims, 0);
	node_free(&n);
}

static void told_where_none_is(void)
{
	from_a_to_b(HOUR);
	brought(0, 0, UINT32_MAX);
	walk(&bssid_c);
	CHECK_EQ(n.renewals, 1);
	node_free(&n);

	node_init(&n); /* of this one nothing is known */
	node_link_up(&n, &bssid_a);
	node_until(&n, n.now.t + SEC(5));
	CHECK_EQ(n.renewals, 0);
	node_free(&n);
}

static void told_by_the_gateway(void)
{
	from_a(NULL);
	walk(&bssid_b);
	CHECK_EQ(n.renewals, 0);
	answers_from(GATE_A, stranger);
	CHECK_EQ(n.renewals, 1);
	node_until(&n, n.now.t + SEC(1));
	CHECK_EQ(n.renewals, 1);
	CHECK_EQ(n.requests, 0);
	node_free(&n);

	from_a(NULL);
	walk(&bssid_b);
	node_until(&n, n.now.t + MSEC(310) - 1);
	CHECK_EQ(n.renewals, 0);
	node_until(&n, n.now.t + 1);
	CHECK_EQ(n.renewals, 1);
	node_free(&n);

	from_a(NULL);
	walk(&bssid_b);
	gateway_answers(GATE_A);
	node_until(&n, n.now.t + SEC(1));
	CHECK_EQ(n.renewals, 0);
	node_free(&n);
}

/* Its MAC was not learnt where the address came from: what is said elsewhere proves nothing. */
static void learnt_elsewhere(void)
{
	node_init(&n);
	up(MOBILE_RADIO, &bssid_a, "campus");
	brought(ADDR_A, GATE_A, UINT32_MAX);
	walk(&bssid_b);
	gateway_answers(GATE_A);
	node_until(&n, n.now.t + SEC(1));
	CHECK_EQ(n.messages, 0);
	CHECK_EQ(n.renewals, 1);
	node_free(&n);
}

/* ---- how long an agent is waited for ---- */

static void network_without_agents(void)
{
	from_a_to_b(HOUR);
	walk(&bssid_c);
	leased(ADDR_A + 7, GATE_A + 7, HOUR);
	CHECK_EQ(n.solicitations, 1); /* there may be one after all */
	CHECK(asks_from(ADDR_A + 7));
	node_free(&n);
}

static void network_with_one(void)
{
	from_a_to_b(HOUR);
	walk(&bssid_c);
	node_advert(&n, false, 1);
	node_reply(&n, false, 0, 600, 0, -1);
	walk(&(const struct mac){ { 2, 0, 0, 0, 3, 0 } });
	leased(ADDR_A + 7, GATE_A + 7, HOUR);
	CHECK_EQ(n.requests, 0);
	node_until(&n, n.now.t + PATIENCE);
	CHECK(asks_from(ADDR_A + 7));
	node_free(&n);
}

static void network_that_has_one_now(void)
{
	from_a_to_b(HOUR);
	node_advert(&n, true, 1); /* late, B's own address serves */
	walk(&bssid_c);
	leased(ADDR_A + 7, GATE_A + 7, HOUR);
	CHECK_EQ(n.requests, 0);
	node_until(&n, n.now.t + PATIENCE);
	CHECK(asks_from(ADDR_A + 7));
	node_free(&n);
}

/* Nothing tells where it leads. */
static void cable(void)
{
	const struct mac itself = { { 2, 0, 0, 0, 9, 9 } };

	from_a_to_b(HOUR);
	up(CABLE, &itself, "");
	mobile_address(n.m, CABLE, ADDR_A, GATE_A, &n.now, &n.out);
	node_see(&n);
	mobile_disconnected(n.m, CABLE, &(struct mac){ { 0 } }, &n.now, &n.out);
	node_see(&n);
	node_forget(&n);
	up(CABLE, &itself, "");
	CHECK(n.claims == 0 && n.probes == 1 && n.renewals == 0);
	node_free(&n);
}

UNIT_MAIN("lease", { "used before DHCP brings it", before_dhcp },
	  { "what proves nothing", proves_nothing },
	  { "no longer than it runs, by either clock", ends },
	  { "a lease that was renewed", renewed_lease },
	  { "somebody else has the address", somebody_elses },
	  { "DHCP brings the same", the_same_by_dhcp },
	  { "DHCP brings another", another_by_dhcp },
	  { "DHCP is faster", dhcp_is_faster },
	  { "taken away", taken_away },
	  { "what was there before, is there again", what_was_before },
	  { "goes with the link", with_the_link },
	  { "not wanted", not_wanted },
	  { "an access point that is new", new_access_point },
	  { "a gateway of VRRP", virtual_gateway },
	  { "one network, several access points", one_network },
	  { "asked for where another subnet is known, at once", told_at_once },
	  { "another subnet with the same address", same_address },
	  { "a network without a name", no_name },
	  { "asked for where there is none, and others gave one", told_where_none_is },
	  { "asked for where the gateway is another's, or silent", told_by_the_gateway },
	  { "a gateway that was never asked", learnt_elsewhere },
	  { "a network without agents: nobody is waited for", network_without_agents },
	  { "a network with one: 50 ms", network_with_one },
	  { "a network that has one now: 50 ms", network_that_has_one_now },
	  { "a cable", cable })
