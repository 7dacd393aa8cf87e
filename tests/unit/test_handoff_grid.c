/* SPDX-License-Identifier: MIT */
#include "tests/unit/handoff_fixture.h"

#include "tests/unit/handoff_cells.h"

/* The grid of handoff.h, cell by cell, through the node's front door. */
static struct grid_words words;
static struct drops dropped; /* before the event, as is this: */
static enum uplink_state uplink;

/* The cable, which is preferred, has been up for long enough; and so has the radio. */
static void better_ready(void)
{
	struct radio_bss bss = { .bssid = { { 2, 0, 0, 0, 9, 9 } } };

	mobile_connected(n.m, 1, &bss, &n.now, &n.out);
	mobile_address(n.m, 1, 0x0a090005, 0x0a090001, &n.now, &n.out);
	n.m->links[1].at = n.m->link->at = n.now.t - SEC(1);
	n.m->links[1].open_at = MTIME_NEVER;
	mobile_tick(n.m, &n.now, &n.out);
	node_see(&n);
}

static void better_lost(void)
{
	mobile_disconnected(n.m, 1, &(struct mac){ { 0 } }, &n.now, &n.out);
	node_see(&n);
}

static void reach(int s)
{
	node_at_a(&n);
	switch ((enum row)s) {
	case IDLE:
		break;
	case ASKING:
		node_ask(&n);
		break;
	case SETTLING:
		reach_settling();
		break;
	case LOOK_ASKING:
		falls();
		break;
	case LOOK_SETTLING:
		falls();
		grant();
		break;
	case SCANNING:
		reach_scanning();
		break;
	case ROAMING:
		reach_roaming();
		break;
	case FINDING:
		reach_finding();
		break;
	case REGISTERING:
		reach_registering();
		break;
	case FORWARDING:
		reach_registering();
		home_agent_says(0);
		break;
	case RELEASING:
		reach_roaming();
		mobile_roam_failed(n.m, "refused", &n.now, &n.out);
		node_see(&n);
		break;
	case LOOK_RELEASING:
		reach_scanning();
		node_scan_b(&n, -80);
		break;
	case CROSSING:
		better_ready();
		break;
	case N_ROWS:
		break;
	}
	node_forget(&n);
	dropped = n.m->drops;
	uplink = n.m->up.state;
	memset(&words, 0, sizeof(words));
}

static int row(void)
{
	const struct handoff *h = &n.m->ho;
	bool look = h->state != HO_IDLE && h->rep->number == 0;

	switch (h->state) {
	case HO_IDLE: return IDLE;
	case HO_ASKING: return look ? LOOK_ASKING : ASKING;
	case HO_SETTLING: return look ? LOOK_SETTLING : SETTLING;
	case HO_SCANNING: return SCANNING;
	case HO_ROAMING: return ROAMING;
	case HO_FINDING: return FINDING;
	case HO_REGISTERING: return REGISTERING;
	case HO_FORWARDING: return FORWARDING;
	case HO_RELEASING: return look ? LOOK_RELEASING : RELEASING;
	case HO_CROSSING: return CROSSING;
	}
	return -1;
}

/* Until the state changes; nothing else happens. */
static void time_passes(void)
{
	int from = row();
	mtime start = n.now.t;

	while (row() == from && n.now.t < start + SEC(20))
		node_until(&n, n.now.t + MSEC(1));
	if (row() != from)
		grid_say(&words, "%lldms:", (long long)((n.now.t - start) / 1000));
	else
		node_forget(&n); /* what is sent meanwhile is another machine's */
}

static void command(const struct mac *to)
{
	bool not_found;

	if (mobile_handoff(n.m, to, &not_found, &n.now, &n.out))
		grid_say(&words, "refused");
	node_see(&n);
}

static void lose_beacons(void)
{
	n.conf.automatic = true;
	CHECK(mobile_reconfigure(n.m, &n.conf, &n.now, &n.out));
	node_see(&n);
	mobile_beacon_loss(n.m, &n.now, &n.out);
	node_see(&n);
}

/* The access point behind which an agent is remembered. */
static void link_up_to(uint32_t agent, uint32_t care_of, const struct mac *mac)
{
	struct advert a = { .reg_lifetime_s = 1800, .flags = ADVERT_F, .care_of = { care_of },
			    .n_care_of = 1, .buffers = true };
	struct known_agent k;

	discovery_heard(&n.m->disc, &a, mac, agent, &bssid_c, n.now.t, &k);
	node_link_up(&n, &bssid_c);
}

static void disconnect(void)
{
	mobile_disconnected(n.m, MOBILE_RADIO, &n.m->link->bss.bssid, &n.now, &n.out);
	node_see(&n);
}

static void moves_itself(void)
{
	mobile_roam_progress(n.m, &bssid_c, &n.now, &n.out);
	node_see(&n);
}

static void roam_fails(void)
{
	mobile_roam_failed(n.m, "refused", &n.now, &n.out);
	node_see(&n);
}

static void link_new(void)
{
	node_link_up(&n, &bssid_c);
}

static void link_known(void)
{
	link_up_to(AGENT_C, CARE_OF_C, &mac_c);
}

static void link_first(void)
{
	link_up_to(AGENT_A, CARE_OF_A, &mac_a);
}

static void link_same(void)
{
	struct radio_bss bss = n.m->link->bss;

	mobile_connected(n.m, MOBILE_RADIO, &bss, &n.now, &n.out);
	node_see(&n);
}

static void roam_fails_away(void)
{
	n.m->link->attached = false;
	roam_fails();
}

static void hear_first(void)
{
	node_advert(&n, false, 2);
}

static void hear_other(void)
{
	node_advert_from(&n, AGENT_C, CARE_OF_C, &mac_c, 1);
}

/* The one that it is registered with: its sequence begins anew. */
static void hear_restarted(void)
{
	const struct known_agent a = n.m->reg.agent;

	node_advert_from(&n, a.addr, a.care_of, &a.mac, 0);
}

static void refuse(void)
{
	first_agent_says(ORDER_NO_ROOM, n.m->ho.order.id);
}

static void tell_clock(void)
{
	first_agent_says(ORDER_ID_ORDER, (uint64_t)0xe8d4b000 << 32);
}

static void forwards(void)
{
	first_agent_says(ORDER_GRANTED, n.m->ho.forward_id);
}

static void stray(void)
{
	first_agent_says(ORDER_GRANTED, 1);
}

static void registered(void)
{
	home_agent_says(0);
}

static void denied(void)
{
	home_agent_says(CODE_HA_PROHIBITED);
}

static void downlink(void)
{
	mobile_downlink(n.m, 100, &n.now, &n.out);
	node_see(&n);
}

static void silence(void)
{
	node_until(&n, n.now.t + MSEC(10));
}

/* Packets for the access point are still in the radio's queue. */
static void backlog(void)
{
	mobile_backlog(n.m, 3, &n.now, &n.out);
	node_see(&n);
	n.backlog = 3;
	silence();
}

static void scan_finds(void)
{
	for (int i = 0; i < 4; i++) /* it has fallen on meanwhile */
		mobile_signal(n.m, -85, &n.now, &n.out);
	node_see(&n);
	node_scan(&n);
}

static void scan_nobody(void)
{
	node_scan_b(&n, -80);
}

static void scan_fails(void)
{
	mobile_scan_failed(n.m, &n.now, &n.out);
	node_see(&n);
}

static void user_moves(void)
{
	command(mac_equal(&n.m->link->bss.bssid, &bssid_b) ? &bssid_a : &bssid_b);
}

static void user_deregisters(void)
{
	if (mobile_deregister(n.m, &n.now, &n.out))
		grid_say(&words, "refused");
	node_see(&n);
}

static void user_registers(void)
{
	if (mobile_register(n.m, &n.now, &n.out))
		grid_say(&words, "refused");
	node_see(&n);
}

static void happen(int e)
{
	static void (*const what[N_EVENTS])(void) = {
		[USER_MOVES] = user_moves, [BEACONS_LOST] = lose_beacons, [LINK_NEW] = link_new,
		[LINK_KNOWN] = link_known, [LINK_FIRST] = link_first, [LINK_SAME] = link_same,
		[LINK_LOST] = disconnect, [MOVES_ITSELF] = moves_itself, [ROAM_FAILS] = roam_fails,
		[ROAM_FAILS_AWAY] = roam_fails_away, [AD_FIRST] = hear_first,
		[AD_OTHER] = hear_other, [AD_RESTARTED] = hear_restarted,
		[GRANTED] = grant, [REFUSED] = refuse, [CLOCK] = tell_clock,
		[FORWARDS] = forwards, [STRAY] = stray,
		[REGISTERED] = registered, [DENIED] = denied, [DOWNLINK] = downlink,
		[SILENCE] = silence, [BACKLOG] = backlog, [SCAN_FINDS] = scan_finds,
		[SCAN_NOBODY] = scan_nobody, [SCAN_FAILS] = scan_fails,
		[USER_DEREGISTERS] = user_deregisters, [USER_REGISTERS] = user_registers,
		[BETTER_READY] = better_ready, [BETTER_LOST] = better_lost,
		[TIME] = time_passes,
	};

	if (what[e])
		what[e]();
	else
		grid_say(&words, "no such event");
}

static void say_orders(void)
{
	struct mip_request req;
	struct mip_exts x;
	struct order o;

	if (n.orders) {
		CHECK_EQ(order_decode(n.order, n.order_len, &o), DROP_NONE);
		grid_say(&words, "%s", order_action_name(o.action));
	}
	if (!n.requests)
		return;
	CHECK_EQ(mip_request_decode(n.request, n.request_len, &req, &x), DROP_NONE);
	grid_say(&words, "request");
	for (unsigned i = 0; i < x.n_orders; i++) {
		CHECK_EQ(order_decode(x.orders[i].p, x.orders[i].left, &o), DROP_NONE);
		grid_say(&words, "+%s", order_action_name(o.action));
	}
}

/* All that left the node, what was refused, whether programs' packets wait or go. */
static const char *did(void)
{
	struct report r;

	say_orders();
	if (n.roams)
		grid_say(&words, "roam");
	if (n.scans)
		grid_say(&words, "scan");
	if (n.solicitations)
		grid_say(&words, "solicit");
	for (int d = 1; d < DROP_COUNT; d++)
		if (n.m->drops.n[d] != dropped.n[d])
			grid_say(&words, "drop:%s", drop_name((enum drop)d));
	if (uplink == UP_HELD && n.m->up.state != UP_HELD)
		grid_say(&words, "release");
	if (uplink != UP_HELD && n.m->up.state == UP_HELD)
		grid_say(&words, "hold");
	if (n.handoff_done && mobile_report(n.m, 0, &r) &&
	    (r.ended || mobile_report(n.m, r.number - 1, &r)))
		grid_say(&words, r.ok ? "done" : "failed");
	return words.text;
}

static void leave(void)
{
	node_free(&n);
}

static const char *name(int s)
{
	return s >= 0 && s < N_ROWS ? row_names[s] : "?";
}

static void grid(void)
{
	static const struct grid g = {
		.n_states = N_ROWS, .n_events = N_EVENTS, .state = name, .event = events,
		.reach = reach, .happen = happen, .now = row, .did = did, .leave = leave,
	};

	grid_play(&g, cells[0]);
}

UNIT_MAIN("handoff's grid", {"state x event", grid})
