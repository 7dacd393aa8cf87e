/* SPDX-License-Identifier: MIT */
#include "tests/unit/foreign_fixture.h"

/* Visitors that know their name alone, RFC 2794: the Reply brings their home address. */
#define NAI "laptop@example.net"
#define OTHER "phone@example.net"
#define GIVEN (HOME + 20)
#define ID ((uint64_t)LAB_NTP << 32 | 77)

static struct mac mac_of_other = { { 2, 0, 0, 0, 0, 0x77 } };

static void put_request(const struct mip_request *m, const char *nai)
{
	struct sa ha = lab_mn_ha();
	struct wbuf w = wb_init(msg, sizeof(msg));

	mip_request_encode(&w, m);
	if (nai)
		mip_nai_append(&w, nai, strlen(nai));
	auth_append(&w, EXT_MN_HA, 0, &ha);
	assert(wb_ok(&w));
	msg_len = w.len;
}

/* From station mac and address src, without a home address. */
static void sends(const char *nai, const struct mac *mac, uint32_t src, uint16_t lifetime_s)
{
	struct mip_request m = good();
	struct instant now = lab_instant(&l);
	uint8_t *copy;

	m.home_addr = 0;
	m.id = ID;
	m.lifetime_s = lifetime_s;
	put_request(&m, nai);
	copy = unit_copy(msg, msg_len);
	agent_link_udp(l.ag[FA_A], 0, mac, src, 5434, A_LINK, 255, copy, msg_len, &now, &l.out);
	free(copy);
}

static int asks_as(const char *nai, uint32_t src, uint16_t lifetime_s)
{
	sends(nai, &l.mac, src, lifetime_s);
	return told();
}

static int asks(const char *nai)
{
	return asks_as(nai, 0, 600);
}

/* The home agent's word for the node of this name. */
static void says(const char *nai, uint8_t code, uint32_t home, uint64_t id, uint16_t lifetime_s)
{
	struct mip_reply r = { .code = code,
			       .lifetime_s = lifetime_s,
			       .home_addr = home,
			       .home_agent = HA_ADDR,
			       .id = id };
	struct sa ha = lab_mn_ha(), peer = lab_sa(3000, "between agents");
	struct instant now = lab_instant(&l);
	uint8_t buf[200];
	struct wbuf w = wb_init(buf, sizeof(buf));

	mip_reply_encode(&w, &r);
	if (nai)
		mip_nai_append(&w, nai, strlen(nai));
	auth_append(&w, EXT_MN_HA, 0, &ha);
	auth_append(&w, EXT_FA_HA, 0, &peer);
	agent_udp(l.ag[FA_A], HA_ADDR, 434, A_ADDR, buf, w.len, &now, &l.out);
}

/* Where the Reply went; 0: it did not. */
static uint32_t went_to(const struct mac *mac)
{
	const struct agent_action *x = find(AGENT_SEND_LINK);
	struct ipv4 ip;

	if (!x)
		return 0;
	CHECK_EQ(ipv4_decode(x->p, x->n, &ip), DROP_NONE);
	CHECK(mac_equal(&x->mac, mac));
	return ip.dst;
}

static unsigned visitors(void)
{
	struct agent_visitor_info v;
	unsigned n = 0;

	for (unsigned i = 0; agent_visitor_at(l.ag[FA_A], i, &v); i++)
		n += !v.pending;
	return n;
}

static unsigned waiting(void)
{
	return l.ag[FA_A]->n_pending;
}

static void comes(void)
{
	static const uint32_t from[] = { 0, 0xc0000008 };
	struct agent_visitor_info v;

	for (unsigned i = 0; i < 2; i++) {
		lab_init(&l);
		CHECK_EQ(asks_as(NAI, from[i], 600), -1);
		CHECK_EQ(waiting(), 1);
		says(NAI, 1, GIVEN, ID, 600);
		CHECK_EQ(went_to(&l.mac), from[i] ? GIVEN : ADDR_BROADCAST);
		CHECK_EQ(told(), 1);
		CHECK(exts.nai.left == strlen(NAI) && reply.home_addr == GIVEN);
		CHECK_EQ(find(AGENT_VISITOR_UP)->home, GIVEN);
		CHECK(visiting() && waiting() == 0);
		CHECK(agent_visitor_at(l.ag[FA_A], 0, &v) && v.home_addr == GIVEN);
		lab_stop(&l);
	}
}

static void not_its_reply(void)
{
	lab_init(&l);
	CHECK_EQ(asks(NAI), -1);
	says(OTHER, 1, GIVEN, ID, 600);
	says(NULL, 1, GIVEN, ID, 600);
	says("laptop@example.ne", 1, GIVEN, ID, 600);
	says(NAI, 1, GIVEN, ID + 1, 600);
	CHECK_EQ(dropped(DROP_UNMATCHED), 4);
	CHECK(visitors() == 0 && waiting() == 1);
	says(NAI, 1, GIVEN, ID, 600);
	CHECK_EQ(told(), 1);
	lab_stop(&l);
}

/* At the same instant, by clocks that agree. */
static void two_at_once(void)
{
	lab_init(&l);
	CHECK_EQ(asks(NAI), -1);
	sends(OTHER, &mac_of_other, 0, 600);
	CHECK(find(AGENT_SEND_UDP));
	says(OTHER, 1, GIVEN + 1, ID, 600);
	CHECK_EQ(went_to(&mac_of_other), ADDR_BROADCAST);
	says(NAI, 1, GIVEN, ID, 600);
	CHECK_EQ(went_to(&l.mac), ADDR_BROADCAST);
	CHECK_EQ(visitors(), 2);
	lab_stop(&l);
}

/* What nobody may have here; the right word may still come. */
static void no_home_address(void)
{
	static const uint32_t none[] = { 0, HA_ADDR, A_ADDR, A_LINK, ADDR_BROADCAST, 0xe0000001 };

	lab_init(&l);
	CHECK_EQ(asks(NAI), -1);
	for (unsigned i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		l.now += MSEC(1001);
		says(NAI, 1, none[i], ID, 600);
		CHECK_EQ(told(), CODE_FA_MALFORMED_REPLY);
		CHECK(visitors() == 0 && waiting() == 1);
	}
	says(NAI, 1, GIVEN, ID, 600);
	CHECK_EQ(told(), 1);
	lab_stop(&l);
}

/* A home agent gives away its own addresses, not those of another one's node that is here. */
static void another_ones(void)
{
	struct mip_request m;

	lab_init(&l);
	m = good();
	CHECK_EQ(ask(&m), -1);
	CHECK_EQ(answered(&m, 1, 600, HA_ADDR, true), 1);
	node_find(l.ag[FA_A], HOME)->home_agent = HA_ADDR + 1;
	nodes_settle(l.ag[FA_A]);
	sends(OTHER, &mac_of_other, 0, 600);
	CHECK(find(AGENT_SEND_UDP));
	says(OTHER, 1, HOME, ID, 600);
	CHECK_EQ(went_to(&mac_of_other), ADDR_BROADCAST);
	CHECK(mac_equal(&node_find(l.ag[FA_A], HOME)->mac, &l.mac));
	nodes_settle(l.ag[FA_A]);
	CHECK_EQ(visitors(), 1);
	lab_stop(&l);
}

static void refused(void)
{
	char longer[NAI_MAX + 2];
	struct instant now;

	lab_init(&l);
	now = lab_instant(&l);
	agent_tick(l.ag[FA_A], &now, &l.out); /* it advertises */
	CHECK_EQ(asks(NULL), CODE_FA_MALFORMED_REQUEST);
	memset(longer, 'a', sizeof(longer));
	longer[1] = '@';
	longer[NAI_MAX + 1] = '\0';
	l.now += SEC(1);
	CHECK_EQ(asks(longer), CODE_FA_NONZERO_HOME);
	longer[NAI_MAX] = '\0';
	CHECK_EQ(asks(longer), -1);
	says(longer, CODE_HA_RESOURCES, 0, ID, 600);
	CHECK_EQ(told(), CODE_HA_RESOURCES);
	CHECK(visitors() == 0 && waiting() == 0);
	CHECK_EQ(asks(NAI), -1);
	l.now += PENDING_AGE;
	now = lab_instant(&l);
	agent_tick(l.ag[FA_A], &now, &l.out);
	CHECK_EQ(told(), CODE_FA_TIMEOUT);
	CHECK_EQ(went_to(&l.mac), ADDR_BROADCAST);
	CHECK_EQ(waiting(), 0);
	lab_stop(&l);
}

/* Each hears a denial a second: without an address they are told apart by their stations. */
static void denied_each(void)
{
	lab_init(&l);
	l.now += SEC(1);
	CHECK_EQ(asks(NULL), CODE_FA_MALFORMED_REQUEST);
	CHECK_EQ(asks(NULL), -2);
	sends(NULL, &mac_of_other, 0, 600);
	CHECK_EQ(went_to(&mac_of_other), ADDR_BROADCAST);
	CHECK_EQ(dropped(DROP_RATE), 1);
	lab_stop(&l);
}

/* It never read the Reply, and leaves. */
static void leaves(void)
{
	struct mip_request m;

	lab_init(&l);
	m = good();
	m.id = ID - 1;
	sign(&m);
	say(255);
	CHECK_EQ(answered(&m, 1, 600, HA_ADDR, true), 1);
	CHECK_EQ(asks_as(NAI, 0, 0), -1);
	says(NAI, 1, HOME, ID, 0);
	CHECK_EQ(told(), 1);
	CHECK(visitors() == 0 && waiting() == 0);
	lab_stop(&l);
}

/* A repeat is one, and not another node. */
static void repeated(void)
{
	lab_init(&l);
	CHECK_EQ(asks(NAI), -1);
	CHECK_EQ(asks(NAI), -1);
	CHECK_EQ(waiting(), 1);
	says(NAI, 1, GIVEN, ID, 600);
	CHECK_EQ(visitors(), 1);
	lab_stop(&l);
}

/* Home and foreign agent in one. */
static void both(void)
{
	static struct agent_node_conf nodes[1];
	struct agent_conf *c = &l.conf[FA_A];
	struct mip_request m;

	lab_defaults(&l);
	nodes[0] = (struct agent_node_conf){ .sa = lab_mn_ha(), .nai = NAI };
	c->home = true;
	c->home_agent = A_ADDR;
	c->home_net = HOME & ~0xffu;
	c->home_prefix_len = 24;
	c->pool_first = c->pool_last = GIVEN;
	c->nodes = nodes;
	c->n_nodes = 1;
	lab_start(&l);
	for (unsigned i = 0; i < 2; i++) { /* by its name, and then it wishes the same */
		m = good();
		m.home_addr = i ? GIVEN : 0;
		m.home_agent = A_ADDR;
		l.now += SEC(1);
		m.id = lab_id(&l);
		put_request(&m, NAI);
		say(255);
		CHECK_EQ(told(), 1);
		CHECK_EQ(reply.home_addr, GIVEN);
		CHECK_EQ(visitors(), 1);
	}
	m.home_addr = 0;
	put_request(&m, OTHER);
	say(255);
	CHECK_EQ(told(), CODE_INVALID_HA);
	lab_stop(&l);
}

UNIT_MAIN("visitors by name", {"comes", comes}, {"not its Reply", not_its_reply},
	  {"two at once", two_at_once}, {"no home address", no_home_address},
	  {"another one's", another_ones}, {"refused", refused}, {"denied, each", denied_each},
	  {"leaves", leaves}, {"repeated", repeated}, {"both", both})
