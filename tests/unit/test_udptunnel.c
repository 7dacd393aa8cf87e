/* SPDX-License-Identifier: MIT */
#include "tests/unit/colocated_fixture.h"

/* Who has his packets inside UDP: the table of agent/udptunnel.c. */

/* What is said: a code, and whether extension 44 grants or declines. */
#define OK(x) {CODE_ACCEPTED_NO_SIMULTANEOUS, x}
#define NO(code) {code, ' '}

enum { ANYBODY = 64, KNOWN = 128 }; /* [Home] udp-agents = any; the agent has a key with us */

static const struct row {
	const char *name;
	unsigned how;
	struct {
		int code;
		char says; /* g(ranted), F (granted as forced), d(eclined), ' ' none */
	} open[3], nat[3]; /* by [Home] udp-tunnel: no, nat, forced */
} rows[] = {
    {"D, 144", DIRECT | BEFORE, {OK('d'), OK('d'), OK('d')}, {NO(129), OK('g'), OK('g')}},
    {"D, 144 with F", DIRECT | BEFORE | FORCE, {NO(129), NO(129), OK('F')},
     {NO(129), OK('g'), OK('F')}},
    {"D, 144 with R", DIRECT | BEFORE | THROUGH, {OK('d'), OK('d'), OK('d')},
     {OK('d'), OK('g'), OK('g')}},
    {"D, 144 with R and F", DIRECT | BEFORE | THROUGH | FORCE, {OK('d'), OK('d'), OK('d')},
     {OK('d'), OK('g'), OK('F')}},
    {"D, no 144", DIRECT, {OK(' '), OK(' '), OK(' ')}, {NO(142), NO(142), NO(142)}},
    {"D, 144 of an agent's", DIRECT | AFTER, {NO(134), NO(134), NO(134)},
     {NO(134), NO(134), NO(134)}},
    {"144 of the node's", BEFORE, {NO(134), NO(134), NO(134)}, {NO(134), NO(134), NO(134)}},
    {"144 of an agent's", AFTER, {OK('d'), OK('d'), OK('d')}, {NO(129), NO(129), NO(129)}},
    {"144 of an agent's with F", AFTER | FORCE, {NO(129), NO(129), NO(129)},
     {NO(129), NO(129), NO(129)}},
    {"144 of anybody's", AFTER | ANYBODY, {OK('d'), OK('d'), OK('d')},
     {NO(129), OK('g'), OK('g')}},
    {"144 of an agent's, vouched for", AFTER | FA_AUTH | KNOWN, {OK('d'), OK('d'), OK('d')},
     {NO(129), OK('g'), OK('g')}},
    {"the same with F", AFTER | FA_AUTH | KNOWN | FORCE, {NO(129), NO(129), OK('F')},
     {NO(129), OK('g'), OK('F')}},
    {"144 of an agent's, not vouched for", AFTER | KNOWN, {NO(132), NO(132), NO(132)},
     {NO(132), NO(132), NO(132)}},
    {"144 of a stranger's that vouches", AFTER | FA_AUTH, {NO(-1), NO(-1), NO(-1)},
     {NO(-1), NO(-1), NO(-1)}},
    {"none", 0, {OK(' '), OK(' '), OK(' ')}, {OK(' '), OK(' '), OK(' ')}},
};

static char says(void)
{
	const struct mip_udp_reply *u = &exts.udp_reply;

	if (!u->present)
		return ' ';
	if (u->code == MIP_UDP_DECLINED)
		return u->forced || u->keepalive_s ? '?' : 'd';
	return u->code != MIP_UDP_WILL || u->keepalive_s != 25 ? '?' : u->forced ? 'F' : 'g';
}

static void play(const struct row *row, enum agent_udp_tunnel c, bool nat)
{
	struct wish x = nat ? behind(NAT_PORT) : in_the_open();
	int code = nat ? row->nat[c].code : row->open[c].code;
	char want = nat ? row->nat[c].says : row->open[c].says;
	bool granted = want == 'g' || want == 'F';
	struct agent_binding_info b;

	lab_defaults(&l);
	l.conf[HA].home_udp = c;
	l.conf[HA].home_udp_any_agent = row->how & ANYBODY;
	if (row->how & KNOWN)
		l.peer[HA][l.conf[HA].n_peers++] =
		    (struct agent_peer_conf){x.care_of, lab_sa(3000, "between agents")};
	lab_start(&l);
	x.how = row->how;
	CHECK_EQ(asked(&x), code);
	if (code < 0) { /* RFC 5944 3.8.2.1 (d): silence */
		CHECK_EQ(dropped(DROP_NO_KEY), 1);
		CHECK_EQ(binding().care_of, 0);
		lab_stop(&l);
		return;
	}
	CHECK_EQ(says(), want);
	if (says() != want || reply.code != code)
		printf("\n    %s, %d, nat %d: %d '%c'", row->name, c, nat, reply.code, says());
	b = binding();
	CHECK_EQ(b.care_of, code == 1 ? x.care_of : 0);
	CHECK_EQ(b.co_located, code == 1 && x.how & DIRECT);
	CHECK_EQ(b.awaited, granted && x.how & THROUGH);
	CHECK_EQ(b.udp_addr, granted && !b.awaited ? x.src : 0);
	CHECK_EQ(b.udp_port, granted && !b.awaited ? x.sport : 0);
	CHECK_EQ(ha()->count.udp_granted, granted);
	CHECK_EQ(ha()->count.udp_declined, want == 'd');
	if (want != ' ')
		CHECK_EQ(exts.udp_reply.before_mn_ha, !!(x.how & BEFORE));
	if (code == 1)
		CHECK_EQ(reply.lifetime_s, granted ? 60 : 600);
	lab_stop(&l);
}

static void each_request(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (int c = UDP_TUNNEL_NO; c <= UDP_TUNNEL_FORCED; c++)
			for (int nat = 0; nat < 2; nat++)
				play(&rows[i], (enum agent_udp_tunnel)c, nat);
}

static void encapsulations(void)
{
	struct wish x = behind(NAT_PORT), y = in_the_open();

	lab_init(&l);
	for (unsigned e = 0; e < 256; e++) {
		l.now += MSEC(100); /* ten a second are one node's */
		x.encapsulation = y.encapsulation = (uint8_t)e;
		CHECK_EQ(asked(&x), e == 0 || e == 4 ? 1 : CODE_HA_UDP_UNAVAILABLE);
		l.now += MSEC(100);
		CHECK_EQ(asked(&y), 1); /* declined whatever it is */
	}
	lab_stop(&l);
}

/* Behind the NAT of an agent that we share a key with: it is no Request of that agent's. */
static void behind_an_agent(void)
{
	struct wish x = behind(NAT_PORT);

	lab_init(&l);
	x.src = lab_addr[FA_A];
	CHECK_EQ(asked(&x), 1);
	CHECK_EQ(says(), 'g');
	CHECK_EQ(exts.n_fa_ha, 0);
	l.now += MSEC(1);
	x.how = DIRECT; /* nothing says that it comes through no agent */
	CHECK_EQ(asked(&x), CODE_HA_FA_AUTH);
	l.now += MSEC(1);
	x.how = DIRECT | FA_AUTH; /* brought by that agent: the care-of address is not its own */
	CHECK_EQ(asked(&x), 1);
	CHECK_EQ(binding().udp_port, 0);
	CHECK(binding().co_located);
	l.now += MSEC(1);
	x.how = DIRECT | BEFORE | FA_AUTH; /* so there is no telling where a NAT is */
	CHECK_EQ(asked(&x), 1);
	CHECK_EQ(says(), 'd');
	CHECK_EQ(binding().udp_port, 0);
	lab_stop(&l);
}

static void lifetimes(void)
{
	struct wish x = behind(NAT_PORT);

	lab_defaults(&l);
	l.conf[HA].home_udp_lifetime_s = 90;
	l.conf[HA].home_keepalive_s = 0;
	lab_start(&l);
	CHECK_EQ(asked(&x), 1);
	CHECK_EQ(reply.lifetime_s, 90);
	CHECK_EQ(exts.udp_reply.keepalive_s, 0);
	CHECK_EQ(binding().expires, SEC(90));
	l.now += MSEC(1);
	x.lifetime_s = 30; /* no more than is asked for */
	CHECK_EQ(asked(&x), 1);
	CHECK_EQ(reply.lifetime_s, 30);
	l.now += MSEC(1);
	x.lifetime_s = 0;
	CHECK_EQ(asked(&x), 1);
	CHECK(!exts.udp_reply.present);
	CHECK_EQ(binding().care_of, 0);
	lab_stop(&l);
}

/* Byte for byte, and the same once more for the same Request. */
static void bytes(void)
{
	struct wish x = behind(NAT_PORT);
	uint8_t first[200];
	size_t n;

	lab_init(&l);
	x.id = (uint64_t)LAB_NTP << 32 | 1;
	l.now = MSEC(1);
	CHECK_EQ(asked(&x), 1);
	n = reply_len;
	memcpy(first, l.out.a[l.out.n - 1].p, n);
	CHECK_BYTES(first, 34,
		    "03 01 003c 0a630005 c0000201 e900000000000001 "
		    "2c 06 00 00 0000 0019 20 24 000003e8");
	CHECK_EQ(asked(&x), 1);
	CHECK(reply_len == n && !memcmp(first, l.out.a[l.out.n - 1].p, n));
	CHECK_EQ(ha()->count.udp_granted, 1);
	CHECK_EQ(dropped(DROP_REPLAY), 1);
	lab_stop(&l);
}

static void no_marker(void)
{
	for (unsigned i = 0; i < l.out.n; i++)
		CHECK(l.out.a[i].act != AGENT_TUNNEL); /* that agent has not lost it */
}

static void comes_home(void)
{
	struct wish x = {.care_of = HOME, .src = HOME, .sport = MIP_PORT};
	struct instant now;
	uint8_t buf[200];
	size_t n;

	l.now += MSEC(1);
	now = lab_instant(&l);
	n = request(&x, buf, sizeof(buf));
	agent_link_udp(ha(), 0, &l.mac, HOME, MIP_PORT, HA_ADDR, 1, buf, n, &now, &l.out);
	CHECK_EQ(binding().care_of, 0);
	no_marker();
	uplink((struct way){NAT_ADDR, NAT_PORT}, HOME); /* what was under way, for 2 s */
	CHECK(delivered());
	uplink((struct way){NAT_ADDR, NAT_PORT + 1}, HOME);
	CHECK(!delivered());
}

/* In another private network the node's address may be that of an agent that we know. */
static void named_like_an_agent(void)
{
	struct wish x = behind(NAT_PORT), y = in_the_open();

	x.care_of = lab_addr[FA_B];
	for (int home = 1; home >= 0; home--) {
		lab_defaults(&l);
		l.conf[HA].home_on_link = true;
		l.conf[HA].n_links = 1;
		lab_start(&l);
		CHECK_EQ(asked(&x), 1);
		CHECK_EQ(says(), 'g');
		if (home) {
			comes_home();
			lab_stop(&l);
			continue;
		}
		moved(behind(NAT_PORT + 1));
		no_marker();
	}
	l.now += MSEC(1);
	y.care_of = y.src = lab_addr[FA_B]; /* by the very address, it would be that agent's */
	CHECK_EQ(asked(&y), CODE_HA_FA_AUTH);
	lab_stop(&l);
}

/* A copy from elsewhere is answered there at most, and moves nothing. */
static void copied(void)
{
	struct wish x = behind(NAT_PORT);

	lab_init(&l);
	x.id = lab_id(&l);
	CHECK_EQ(asked(&x), 1);
	x.src = CN_ADDR;
	x.sport = 6666;
	asked(&x);
	CHECK_EQ(binding().udp_addr, NAT_ADDR);
	CHECK_EQ(binding().udp_port, NAT_PORT);
	lab_stop(&l);
}

static void senseless(void)
{
	struct wish x = behind(0);

	lab_init(&l);
	CHECK_EQ(asked(&x), CODE_HA_MALFORMED);
	l.now += MSEC(1);
	x = behind(NAT_PORT);
	x.src = 0xe0000001;
	CHECK_EQ(asked(&x), CODE_HA_MALFORMED);
	l.now += MSEC(1);
	x = in_the_open();
	x.how = DIRECT;
	x.care_of = x.src = HA_ADDR;
	CHECK_EQ(asked(&x), CODE_HA_MALFORMED);
	CHECK_EQ(binding().care_of, 0);
	lab_stop(&l);
}

UNIT_MAIN("udptunnel", {"each Request", each_request}, {"encapsulations", encapsulations},
	  {"behind an agent", behind_an_agent}, {"lifetimes", lifetimes},
	  {"named like an agent", named_like_an_agent},
	  {"byte for byte", bytes}, {"copied", copied}, {"without sense", senseless})
