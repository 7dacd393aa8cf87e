/* SPDX-License-Identifier: MIT */
/* What the node knows of agents and access points, for `mipclient agents` and `networks`. */
#include "client/around.h"
#include "tests/unit/node_fixture.h"

static struct agent_info agents[AROUND_AGENTS_MAX];
static struct network_info networks[AROUND_NETWORKS_MAX];

static const struct mac bssid_c = {{2, 0, 0, 0, 2, 0}}, mac_c = {{2, 0, 0, 0, 0, 0xc}};
#define AGENT_C 0x0a030001u
#define CARE_OF_C 0xc6336500u

/* A, which names C. */
static void advert_naming(struct node *n, const struct mac *bssid, uint32_t agent, uint32_t care_of)
{
	uint8_t buf[160];
	struct wbuf w = wb_init(buf, sizeof(buf));
	struct advert a = {.icmp_lifetime_s = 180,
			   .sequence = 1,
			   .reg_lifetime_s = 1800,
			   .flags = ADVERT_F | ADVERT_T,
			   .care_of = {CARE_OF_A},
			   .n_care_of = 1,
			   .buffers = true,
			   .buffer_kib = 4096,
			   .buffer_lease_ms = 8000,
			   .neighbours = {{.bssid = *bssid,
					   .agent_mac = mac_c,
					   .agent_addr = agent,
					   .care_of = care_of}},
			   .n_neighbours = 1};

	advert_encode(&w, &a);
	mobile_icmp(n->m, MOBILE_RADIO, &mac_a, AGENT_A, buf, w.len, &n->now, &n->out);
	node_see(n);
}

static void test_configured(void)
{
	struct node n;

	node_init(&n);
	CHECK_EQ(around_agents(n.m, agents), 2);
	CHECK_EQ(agents[0].source, AGENT_CONFIGURED);
	CHECK_EQ(agents[0].addr, AGENT_A);
	CHECK_EQ(agents[0].heard, 0);
	CHECK_EQ(agents[1].addr, CARE_OF_B);
	CHECK_EQ(around_networks(n.m, n.now.t, networks), 0);
	node_free(&n);
}

static void test_heard(void)
{
	struct node n;
	mtime heard;

	node_init(&n);
	node_link_up(&n, &bssid_a);
	advert_naming(&n, &bssid_c, AGENT_C, CARE_OF_C);
	heard = n.now.t;
	node_reply(&n, false, 0, 1800, 0, -1);
	node_until(&n, n.now.t + SEC(3));
	CHECK_EQ(around_agents(n.m, agents), 3);
	CHECK_EQ(agents[0].source, AGENT_HEARD);
	CHECK_EQ(agents[0].addr, AGENT_A);
	CHECK_EQ(agents[0].care_of, CARE_OF_A);
	CHECK_EQ(agents[0].heard, heard);
	CHECK(agents[0].serves && agents[0].buffers && mac_equal(&agents[0].bssid, &bssid_a));
	CHECK_EQ(agents[0].order_key, ORDER_KEY_CONFIGURED);
	CHECK_EQ(agents[1].source, AGENT_NEIGHBOUR);
	CHECK_EQ(agents[1].addr, AGENT_C);
	CHECK(!agents[1].serves && mac_equal(&agents[1].bssid, &bssid_c));
	CHECK_EQ(agents[1].order_key, ORDER_KEY_NONE);
	CHECK_EQ(agents[2].source, AGENT_CONFIGURED);
	CHECK_EQ(agents[2].addr, CARE_OF_B);
	node_free(&n);
}

static void test_neighbour_is_known(void)
{
	struct node n;

	node_init(&n);
	node_link_up(&n, &bssid_a);
	advert_naming(&n, &bssid_b, AGENT_A, CARE_OF_A); /* the same agent, another access point */
	CHECK_EQ(around_agents(n.m, agents), 2);
	CHECK_EQ(around_networks(n.m, n.now.t, networks), 2);
	CHECK(networks[0].serves && networks[0].agent == AGENT_A);
	CHECK(mac_equal(&networks[1].bss.bssid, &bssid_b) && networks[1].bss.seen == 0);
	CHECK_EQ(networks[1].agent, AGENT_A);
	CHECK_EQ(networks[1].source, AGENT_NEIGHBOUR);
	node_free(&n);
}

static void test_networks(void)
{
	struct node n;
	bool not_found;

	node_init(&n);
	node_link_up(&n, &bssid_a);
	node_advert(&n, false, 1);
	node_reply(&n, false, 0, 1800, 0, -1);
	node_scan(&n);
	mobile_signal(n.m, -61, &n.now, &n.out);
	node_see(&n);
	CHECK_EQ(around_networks(n.m, n.now.t, networks), 2);
	CHECK(networks[0].serves && networks[0].same && networks[0].bss.signal_dbm < -45);
	CHECK_EQ(networks[0].handoff, 0);
	CHECK(mac_equal(&networks[1].bss.bssid, &bssid_b) && networks[1].same);
	CHECK_EQ(networks[1].bss.signal_dbm, -50);
	CHECK_EQ(networks[1].avoided_until, 0);
	CHECK_EQ(networks[1].agent, 0);

	/* nobody takes it: avoided, and the handoff that failed is named */
	CHECK(mobile_handoff(n.m, &bssid_b, &not_found, &n.now, &n.out) == NULL);
	node_see(&n);
	node_until(&n, n.now.t + SEC(6));
	CHECK_EQ(around_networks(n.m, n.now.t, networks), 2);
	CHECK_EQ(networks[1].handoff, 1);
	CHECK(networks[1].avoided_until > n.now.t);
	node_until(&n, networks[1].avoided_until);
	CHECK_EQ(around_networks(n.m, n.now.t, networks), 2);
	CHECK_EQ(networks[1].avoided_until, 0);
	node_free(&n);
}

static void test_cable(void)
{
	struct radio_bss cable = {.bssid = {{2, 0, 0, 0, 9, 9}}, .ssid = "eth0", .ssid_len = 4};
	struct node n;

	node_init(&n);
	mobile_connected(n.m, 1, &cable, &n.now, &n.out);
	node_see(&n);
	node_until(&n, n.now.t + SEC(1));
	node_advert_by(&n, 1, AGENT_A, CARE_OF_A, &mac_a, 1);
	CHECK_EQ(around_agents(n.m, agents), 2);
	CHECK_EQ(agents[0].source, AGENT_HEARD);
	CHECK_EQ(around_networks(n.m, n.now.t, networks), 0);
	node_free(&n);
}

UNIT_MAIN("around", {"before anything was heard", test_configured}, {"agents", test_heard},
	  {"a neighbour's word adds nothing to one that was heard", test_neighbour_is_known},
	  {"access points", test_networks}, {"a cable is no access point", test_cable})
