/* SPDX-License-Identifier: MIT */
#include "tests/unit/homelink_fixture.h"

/* ARP on the home link, RFC 5944 4.6: proxy entries and gratuitous ARP, and when. */
static const struct mac our_own;

/*
 * What was done, one letter each: U: entry and route come; m: the entry goes; D: both go; o, n:
 * announced at us, the node.
 */
static char done[32];
static unsigned n_done;

static void note(void)
{
	for (unsigned i = 0; i < l.out.n && n_done < sizeof(done) - 1; i++) {
		const struct agent_action *x = &l.out.a[i];

		if (x->act == AGENT_PROXY_UP)
			done[n_done++] = 'U';
		else if (x->act == AGENT_PROXY_MUTE)
			done[n_done++] = 'm';
		else if (x->act == AGENT_PROXY_DOWN)
			done[n_done++] = 'D';
		else if (x->act == AGENT_ANNOUNCE)
			done[n_done++] = mac_equal(&x->mac, &l.mac)    ? 'n'
					 : mac_equal(&x->mac, &our_own) ? 'o'
									: '?';
		if (x->act == AGENT_PROXY_UP || x->act == AGENT_PROXY_MUTE ||
		    x->act == AGENT_PROXY_DOWN || x->act == AGENT_ANNOUNCE)
			CHECK(x->home == HOME && x->link == LINK);
	}
	done[n_done] = '\0';
}

static void pass(mtime t)
{
	for (mtime end = l.now + t; l.now < end;) {
		struct instant now;

		l.now += mtime_min(MSEC(1), end - l.now);
		now = lab_instant(&l);
		do {
			agent_tick(ha(), &now, &l.out);
			note();
		} while (agent_deadline(ha()) <= l.now);
	}
}

static void begin(void)
{
	start();
	n_done = 0;
	done[0] = '\0';
}

static void forget(void)
{
	n_done = 0;
	done[0] = '\0';
}

#define CHECK_DONE(text)                                                                           \
	do {                                                                                       \
		if (strcmp(done, text))                                                            \
			printf("    done \"%s\", wanted \"%s\"\n", done, text);                    \
		CHECK(!strcmp(done, text));                                                        \
		forget();                                                                          \
	} while (0)

static int binds(int fa)
{
	int code = registered(fa);

	note();
	return code;
}

static int returns(const struct lab_order *f)
{
	int code = comes(LINK, f, SIGNED);

	note();
	return code;
}

/* With its first binding, once, and repeated twice. */
static void bound(void)
{
	begin();
	CHECK_EQ(binds(FA_A), 1);
	CHECK_DONE("Uo");
	pass(MSEC(9));
	CHECK_DONE("");
	pass(MSEC(1));
	CHECK_DONE("o");
	pass(MSEC(19));
	CHECK_DONE("");
	pass(MSEC(1));
	CHECK_DONE("o");
	CHECK_EQ(binds(FA_A), 1); /* renewed */
	CHECK_EQ(binds(FA_B), 1); /* moved */
	pass(SEC(1));
	CHECK_DONE("");
	lab_stop(&l);
}

/*
 * The entry is gone before all are told of the node's address, and what came meanwhile has passed;
 * the route when all have been told.
 */
static void home_again(void)
{
	begin();
	CHECK_EQ(binds(FA_A), 1);
	pass(SEC(1));
	forget();
	CHECK_EQ(returns(NULL), 1);
	CHECK_DONE("m");
	packet();
	CHECK_EQ(actions(AGENT_DELIVER), 1);
	pass(MSEC(1) - 1);
	CHECK_DONE("");
	pass(1);
	CHECK_DONE("n");
	pass(MSEC(29));
	CHECK_DONE("n");
	packet(); /* from one who has not heard */
	CHECK_EQ(actions(AGENT_DELIVER), 1);
	pass(MSEC(1));
	CHECK_DONE("nD");
	CHECK_EQ(returns(NULL), 1); /* once more: nothing new */
	pass(SEC(1));
	CHECK_DONE("");
	lab_stop(&l);
}

/* One of before our start may be remembered there. */
static void first_seen(void)
{
	begin();
	CHECK_EQ(returns(NULL), 1);
	CHECK_DONE("n");
	lab_stop(&l);
}

/* The word that is newer stops the repeats of the other. */
static void no_old_word(void)
{
	begin();
	CHECK_EQ(binds(FA_A), 1);
	CHECK_EQ(returns(NULL), 1);
	CHECK_DONE("Uom");
	pass(SEC(1));
	CHECK_DONE("nnnD");
	lab_stop(&l);
}

/* It leaves before all is said: nothing is taken down any more. */
static void off_again(void)
{
	begin();
	CHECK_EQ(binds(FA_A), 1);
	CHECK_EQ(returns(NULL), 1);
	CHECK_DONE("Uom");
	CHECK(ordered(ORDER_BUFFER));
	note();
	CHECK_DONE("Uo");
	CHECK(ordered(ORDER_RELEASE));
	pass(MSEC(5));
	CHECK_DONE("mn");
	CHECK(ordered(ORDER_BUFFER));
	note();
	CHECK_DONE("Uo");
	CHECK_EQ(binds(FA_B), 1);
	pass(SEC(1));
	CHECK_DONE("oo");
	CHECK_EQ(returns(NULL), 1);
	pass(MSEC(5));
	CHECK_DONE("mn");
	CHECK_EQ(binds(FA_B), 1);
	pass(SEC(1));
	CHECK_DONE("Uooo");
	lab_stop(&l);
}

/* Before it has left; the registration changes nothing then. */
static void leaving(void)
{
	begin();
	CHECK_EQ(returns(NULL), 1);
	pass(SEC(1));
	forget();
	CHECK(ordered(ORDER_BUFFER));
	CHECK_EQ(actions(AGENT_SEND_LINK), 0); /* the fence: the Reply comes behind this */
	note();
	CHECK_DONE("Uo");
	pass(MSEC(50));
	forget();
	CHECK_EQ(binds(FA_B), 1);
	pass(SEC(1));
	CHECK_DONE("");
	CHECK_EQ(returns(NULL), 1);
	pass(MSEC(1));
	CHECK_DONE("mn");
	lab_stop(&l);
}

/* It stays after all: not before what was kept is out, and nothing came for 1 ms. */
static void stays(void)
{
	begin();
	CHECK_EQ(returns(NULL), 1);
	pass(SEC(1));
	CHECK(ordered(ORDER_BUFFER));
	packet();
	packet();
	pass(MSEC(100));
	forget();
	CHECK(ordered(ORDER_RELEASE));
	note();
	CHECK_DONE("");
	pass(MSEC(1)); /* both are out */
	packet();
	CHECK_EQ(actions(AGENT_DELIVER), 1);
	note();
	pass(MSEC(1) / 2);
	packet();
	pass(MSEC(1) / 2);
	CHECK_DONE("m");
	pass(MSEC(1) / 2);
	CHECK_DONE("n");
	lab_stop(&l);
}

/* A stream that is never silent is not waited for. */
static void never_silent(void)
{
	begin();
	CHECK_EQ(returns(NULL), 1);
	pass(SEC(1));
	CHECK(ordered(ORDER_BUFFER));
	pass(MSEC(100));
	forget();
	CHECK(ordered(ORDER_RELEASE));
	for (unsigned i = 0; i < 1999; i++) {
		packet();
		note();
		pass(MSEC(1) / 2);
	}
	CHECK_DONE("m");
	packet();
	pass(MSEC(20));
	CHECK_DONE("nn");
	lab_stop(&l);
}

/* Not before what the agent that it left had kept is out: its End Marker, or silence. */
static void merging(void)
{
	struct lab_order f;

	begin();
	CHECK_EQ(binds(FA_A), 1);
	pass(SEC(1));
	forget();
	f = lab_order(&l, ORDER_FORWARD, ORDER_F_ASKED, FA_A, HA);
	CHECK_EQ(returns(&f), 1);
	forwarded(lab_addr[FA_A]);
	pass(MSEC(40));
	packet(); /* by us, since the neighbours know no better */
	CHECK_EQ(actions(AGENT_DELIVER), 0);
	pass(MSEC(40));
	CHECK_DONE("");
	pass(SEC(3)); /* the marker was lost */
	CHECK_DONE("mnnnD");
	lab_stop(&l);
}

/* Nobody is away any more, and nobody is there. */
static void ends(void)
{
	begin();
	CHECK_EQ(binds(FA_A), 1);
	pass(SEC(1));
	forget();
	pass(SEC(600));
	CHECK_DONE("D");
	CHECK_EQ(dropped(DROP_NO_BINDING), 0);
	lab_stop(&l);
}

/* A home agent's own link may be the way to everybody else, too. */
static void from_elsewhere(void)
{
	struct mip_request m = {.home_addr = HOME, .home_agent = HA_ADDR, .care_of = HOME};
	struct sa mn = lab_mn_ha();
	struct instant now;
	uint8_t buf[200];
	struct wbuf w = wb_init(buf, sizeof(buf));

	begin();
	CHECK_EQ(binds(FA_A), 1);
	l.now += MSEC(1);
	now = lab_instant(&l);
	m.id = lab_id(&l);
	mip_request_encode(&w, &m);
	auth_append(&w, EXT_MN_HA, 0, &mn);
	forget();
	agent_link_udp(ha(), LINK, &l.mac, 0x0a010105, 434, HA_ADDR, 60, buf, w.len, &now, &l.out);
	CHECK(!node() || !node()->up);
	note();
	CHECK_DONE("D");
	lab_stop(&l);
}

/* A virtual network has no neighbours. */
static void nowhere(void)
{
	begin();
	ha()->c.home_on_link = false;
	CHECK_EQ(binds(FA_A), 1);
	pass(SEC(601));
	CHECK_DONE("");
	lab_stop(&l);
}

static void told(void)
{
	struct agent_cursor c = {0};
	struct agent_home_info h;

	begin();
	CHECK(!agent_home_next(ha(), &c, &h));
	CHECK_EQ(binds(FA_A), 1);
	memset(&c, 0, sizeof(c));
	CHECK(agent_home_next(ha(), &c, &h));
	CHECK(h.home_addr == HOME && h.proxied && !h.here);
	CHECK(!agent_home_next(ha(), &c, &h));
	CHECK_EQ(returns(NULL), 1);
	memset(&c, 0, sizeof(c));
	CHECK(agent_home_next(ha(), &c, &h));
	CHECK(h.home_addr == HOME && !h.proxied && h.here && mac_equal(&h.mac, &l.mac));
	CHECK(!agent_home_next(ha(), &c, &h));
	lab_stop(&l);
}

UNIT_MAIN("proxy", {"bound", bound}, {"home again", home_again}, {"first seen", first_seen},
	  {"no old word", no_old_word}, {"off again", off_again}, {"leaving", leaving},
	  {"stays", stays}, {"never silent", never_silent}, {"merging", merging}, {"ends", ends},
	  {"from elsewhere", from_elsewhere}, {"nowhere", nowhere}, {"told", told})
