/* SPDX-License-Identifier: MIT */
#include "tests/unit/colocated_fixture.h"

/* The home agent, foreign agents behind a NAT, and nodes that had to go through one: R. */
#define OTHER (HOME + 1)
#define AGENT 0xc0a80101u /* 192.168.1.1, an agent behind NAT_ADDR */

static struct agent_node_conf nodes[2];

static void start(void)
{
	lab_defaults(&l);
	nodes[0] = l.node[HA];
	nodes[1] = l.node[HA];
	nodes[1].home_addr = OTHER;
	l.conf[HA].nodes = nodes;
	l.conf[HA].n_nodes = 2;
	l.peer[HA][l.conf[HA].n_peers++] =
	    (struct agent_peer_conf){AGENT, lab_sa(3000, "between agents")};
	lab_start(&l);
}

static struct wish by_agent(uint32_t home, uint16_t port)
{
	return (struct wish){.how = AFTER | FA_AUTH,
			     .care_of = AGENT,
			     .src = NAT_ADDR,
			     .sport = port,
			     .lifetime_s = 600,
			     .home_addr = home};
}

static uint16_t port_of(uint32_t home)
{
	return binding_find(ha(), home)->to.port;
}

/* With one of its visitors all go where the agent is now, but nobody else. */
static void all_follow(void)
{
	struct wish node = behind(NAT_PORT + 9);

	start();
	moved(by_agent(HOME, NAT_PORT));
	moved(by_agent(OTHER, NAT_PORT));
	moved(by_agent(HOME, NAT_PORT + 1));
	CHECK_EQ(port_of(HOME), NAT_PORT + 1);
	CHECK_EQ(port_of(OTHER), NAT_PORT + 1);
	uplink((struct way){NAT_ADDR, NAT_PORT}, OTHER); /* what was under way */
	CHECK(delivered());
	uplink((struct way){NAT_ADDR, NAT_PORT + 1}, OTHER);
	CHECK(delivered());
	l.now += SEC(2);
	uplink((struct way){NAT_ADDR, NAT_PORT}, OTHER);
	CHECK_EQ(dropped(DROP_OUTER_SOURCE), 1);

	node.home_addr = OTHER; /* its own, behind the same NAT */
	node.care_of = AGENT;
	moved(node);
	moved(by_agent(HOME, NAT_PORT + 2));
	CHECK_EQ(port_of(OTHER), NAT_PORT + 9);

	moved(by_agent(OTHER, NAT_PORT + 5)); /* another agent, with the same private address */
	moved(by_agent(OTHER, NAT_PORT + 6));
	CHECK_EQ(port_of(HOME), NAT_PORT + 2);
	lab_stop(&l);

	lab_defaults(&l); /* nobody vouches: a visitor speaks for itself alone */
	nodes[0] = l.node[HA];
	nodes[1] = l.node[HA];
	nodes[1].home_addr = OTHER;
	l.conf[HA].nodes = nodes;
	l.conf[HA].n_nodes = 2;
	l.conf[HA].home_udp_any_agent = true;
	lab_start(&l);
	for (int i = 0; i < 3; i++) {
		struct wish x = by_agent(i == 1 ? OTHER : HOME, (uint16_t)(NAT_PORT + i / 2));

		x.how = AFTER;
		moved(x);
	}
	CHECK_EQ(port_of(HOME), NAT_PORT + 1);
	CHECK_EQ(port_of(OTHER), NAT_PORT);
	lab_stop(&l);
}

static struct wish through(void)
{
	return (struct wish){.how = DIRECT | BEFORE | THROUGH,
			     .care_of = CARE_OF,
			     .src = NAT_ADDR,
			     .sport = NAT_PORT,
			     .lifetime_s = 600};
}

static void echo(struct way from, uint32_t src, uint32_t dst)
{
	struct ipv4_out h = {.src = src, .dst = dst, .ttl = 64, .protocol = PROTO_ICMP};
	uint8_t icmp[] = {8, 0, 0xf7, 0xfe, 0, 0, 0, 1}, pkt[64];

	tunnel(from, pkt, ipv4_build(pkt, sizeof(pkt), &h, icmp, sizeof(icmp)));
}

/* From where the Request came or the care-of address, by any port, and in the node's name. */
static void told_by_a_keepalive(void)
{
	static const struct {
		struct way from;
		uint32_t src, dst;
		bool told;
	} rows[] = {
	    {{NAT_ADDR, NAT_PORT + 1}, HOME, HA_ADDR, true},
	    {{NAT_ADDR, NAT_PORT}, HOME, HA_ADDR, true},
	    {{CARE_OF, 434}, HOME, HA_ADDR, true}, /* no NAT, and yet inside UDP */
	    {{NAT_ADDR, 0}, HOME, HA_ADDR, false},
	    {{CARE_OF, 0}, HOME, HA_ADDR, false},
	    {{NAT_ADDR + 1, NAT_PORT}, HOME, HA_ADDR, false},
	    {{NAT_ADDR, NAT_PORT + 1}, OTHER, HA_ADDR, false},
	    {{NAT_ADDR, NAT_PORT + 1}, HOME, CN_ADDR, false},
	};
	struct way to;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		lab_init(&l);
		moved(through());
		CHECK(exts.udp_reply.present && exts.udp_reply.before_mn_ha);
		CHECK_EQ(reply.lifetime_s, 60);
		CHECK(binding().awaited && !binding().udp_port);
		packets(1);
		CHECK_EQ(sent(&to), 0);
		uplink((struct way){NAT_ADDR, NAT_PORT + 1}, HOME); /* data says nothing */
		CHECK_EQ(dropped(DROP_OUTER_SOURCE), 1);
		echo(rows[i].from, rows[i].src, rows[i].dst);
		CHECK_EQ(binding().awaited, !rows[i].told);
		packets(1);
		CHECK_EQ(sent(&to) + passes(MSEC(50), &to),
			 2 * rows[i].told); /* and what was kept */
		CHECK(!rows[i].told || way_equal(&to, &rows[i].from));
		CHECK_EQ(ha()->count.keepalives, rows[i].told);
		echo((struct way){NAT_ADDR, NAT_PORT + 8}, HOME, HA_ADDR); /* the first alone */
		CHECK(!rows[i].told || binding().udp_port == rows[i].from.port);
		lab_stop(&l);
	}
	lab_defaults(&l);
	l.conf[HA].buffers = false;
	lab_start(&l);
	moved(through());
	packets(1);
	CHECK_EQ(dropped(DROP_NO_TUNNEL), 1);
	lab_stop(&l);
}

/* It serves while the node registers again, and its next keepalive may come from elsewhere. */
static void renewed(void)
{
	const struct way first = {NAT_ADDR, NAT_PORT + 1}, second = {NAT_ADDR, NAT_PORT + 2};
	struct way to;

	lab_init(&l);
	moved(through());
	echo(first, HOME, HA_ADDR);
	moved(through());
	CHECK(!binding().awaited);
	packets(1);
	CHECK(sent(&to) == 1 && way_equal(&to, &first));
	echo(second, HOME, HA_ADDR);
	packets(1);
	CHECK(sent(&to) == 1 && way_equal(&to, &second));
	uplink(first, HOME); /* was under way */
	CHECK(delivered());
	uplink(second, HOME);
	CHECK(delivered());
	moved(behind(NAT_PORT)); /* and by itself, where no agent insists */
	CHECK(goes(binding_find(ha(), HOME)->to, NAT_ADDR, NAT_PORT));
	CHECK_EQ(binding_find(ha(), HOME)->through, 0);
	lab_stop(&l);
}

/* What is kept waits until it is known where to. */
static void kept_until_told(void)
{
	struct order o = {.message = ORDER_REQUEST,
			  .action = ORDER_BUFFER,
			  .home_addr = HOME,
			  .first_agent = HA_ADDR};
	struct ipv4_out h = {.src = HOME, .dst = HA_ADDR, .ttl = 64};
	struct sa sa = lab_mn_ha();
	uint8_t msg[ORDER_MAX], pkt[300];
	struct wbuf w = wb_init(msg, sizeof(msg));
	struct way to;

	lab_init(&l);
	moved(in_the_open());
	l.now += MSEC(1);
	o.id = lab_id(&l);
	order_encode(&w, &o);
	auth_append(&w, EXT_MN_HA, 0, &sa);
	tunnel((struct way){OPEN, 0}, pkt,
	       udp_build(pkt, sizeof(pkt), &h, 5434, MIP_PORT, msg, w.len));
	packets(20);
	moved(through());
	CHECK_EQ(passes(MSEC(50), &to), 0);
	packets(20);
	echo((struct way){NAT_ADDR, NAT_PORT + 1}, HOME, HA_ADDR);
	CHECK_EQ(sent(&to) + passes(MSEC(500), &to), 40);
	CHECK(goes(to, NAT_ADDR, NAT_PORT + 1));
	CHECK_EQ(dropped(DROP_NO_TUNNEL), 0);
	lab_stop(&l);
}

/* The agent on the way may be one that we know, and has not signed what it is no part of. */
static void by_an_agent_that_we_know(void)
{
	struct wish x = through();

	lab_init(&l);
	x.src = lab_addr[FA_A];
	x.care_of = OPEN;
	moved(x);
	echo((struct way){OPEN, 5434}, HOME, HA_ADDR);
	CHECK(goes(binding_find(ha(), HOME)->to, OPEN, 5434));
	x.how |= FA_AUTH; /* or has */
	moved(x);
	CHECK_EQ(exts.n_fa_ha, 1);
	CHECK(goes(binding_find(ha(), HOME)->to, OPEN, 5434));
	lab_stop(&l);
}

static void restarts(void)
{
	struct instant now;
	struct agent_cursor at = {0};
	struct agent_kept k;

	lab_init(&l);
	moved(through());
	now = lab_instant(&l);
	CHECK(agent_kept_next(ha(), &now, &at, &k) && !k.bound);
	echo((struct way){NAT_ADDR, NAT_PORT + 1}, HOME, HA_ADDR);
	at = (struct agent_cursor){0};
	CHECK(agent_kept_next(ha(), &now, &at, &k) && k.bound && k.to_port == NAT_PORT + 1);
	lab_stop(&l);
	start();
	now = lab_instant(&l);
	CHECK(agent_restore(ha(), &k, &now, &l.out));
	moved(through());
	CHECK(goes(binding_find(ha(), HOME)->to, NAT_ADDR, NAT_PORT + 1));
	lab_stop(&l);
}

UNIT_MAIN("natted_home", {"all follow", all_follow}, {"told by a keepalive", told_by_a_keepalive},
	  {"renewed", renewed}, {"kept until told", kept_until_told},
	  {"by an agent that we know", by_an_agent_that_we_know}, {"restarts", restarts})
