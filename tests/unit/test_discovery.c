/* SPDX-License-Identifier: MIT */
#include "client/discovery.h"

#include "tests/unit/grid.h"

/* The grids of discovery.c, cell by cell: the search, and one agent. */
static struct discovery d;
static mtime now;
static struct grid_words words;

static const struct mac mac = { { 2, 0, 0, 0, 0, 0xa } }, bssid = { { 2, 0, 0, 0, 0, 0 } },
			other_mac = { { 2, 0, 0, 0, 0, 0xb } };
#define AGENT 0x0a010001u

static enum heard hear(uint16_t flags, uint32_t src, const struct mac *from, uint16_t sequence)
{
	struct advert a = { .flags = flags, .sequence = sequence, .care_of = { 0xc6336407u },
			    .n_care_of = 1, .reg_lifetime_s = 1800, .buffers = true };
	struct known_agent k;

	return discovery_heard(&d, &a, from, src, &bssid, now, &k);
}

static void begin(void)
{
	now = SEC(100);
	discovery_init(&d);
}

static void leave(void)
{
}

/* ---- the search ---- */

enum search { QUIET, ASKING, BACKING_OFF, N_SEARCH };
enum search_event { SEARCH, STOP, HEARD, EARLY, DUE, N_EVENTS };

static const char *search_name(int s)
{
	static const char *const names[] = { [QUIET] = "quiet", [ASKING] = "asking",
					     [BACKING_OFF] = "backing off" };

	return names[s];
}

static int search_state(void)
{
	return !d.searching ? QUIET : d.sent < 3 ? ASKING : BACKING_OFF;
}

static void due(void)
{
	if (discovery_due(&d, now))
		grid_say(&words, "solicits");
}

static void search_reach(int s)
{
	begin();
	if (s != QUIET) {
		discovery_search(&d, now);
		due();
	}
	for (int i = 0; s == BACKING_OFF && i < 2; i++) {
		now = discovery_deadline(&d);
		due();
	}
	memset(&words, 0, sizeof(words));
}

static void search_happen(int e)
{
	mtime at = discovery_deadline(&d);

	if (at == MTIME_NEVER)
		at = now + SEC(100);
	switch ((enum search_event)e) {
	case SEARCH:
		discovery_search(&d, now);
		break;
	case STOP:
		discovery_stop(&d);
		break;
	case HEARD:
		CHECK_EQ(hear(ADVERT_F, AGENT, &mac, 1), HEARD_NEW);
		break;
	case EARLY:
		now = at - 1;
		break;
	case DUE:
		now = at;
		break;
	case N_EVENTS:
		break;
	}
	due();
}

static const char *search_did(void)
{
	mtime at = discovery_deadline(&d);

	if (at == MTIME_NEVER)
		grid_say(&words, "rests");
	else if (at - now < SEC(1))
		grid_say(&words, "%lldus", (long long)(at - now));
	else
		grid_say(&words, "%llds", (long long)((at - now) / SEC(1)));
	return words.text;
}

static void search_grid(void)
{
	static const char *const events[] = {
		[SEARCH] = "search", [STOP] = "stop", [HEARD] = "advertisement",
		[EARLY] = "before the deadline", [DUE] = "deadline",
	};
	static const struct grid_cell cells[N_SEARCH][N_EVENTS] = {
		[QUIET] = {
			[SEARCH] = { ASKING, "solicits 1s" },
			[STOP] = { QUIET, "rests" },
			[HEARD] = { QUIET, "rests" },
			[EARLY] = { QUIET, "rests" },
			[DUE] = { QUIET, "rests" },
		},
		[ASKING] = {
			[SEARCH] = { ASKING, "solicits 1s" },
			[STOP] = { QUIET, "rests" },
			[HEARD] = { ASKING, "1s" },
			[EARLY] = { ASKING, "1us" },
			[DUE] = { ASKING, "solicits 1s" },
		},
		[BACKING_OFF] = {
			[SEARCH] = { ASKING, "solicits 1s" },
			[STOP] = { QUIET, "rests" },
			[HEARD] = { BACKING_OFF, "2s" },
			[EARLY] = { BACKING_OFF, "1us" },
			[DUE] = { BACKING_OFF, "solicits 4s" },
		},
	};
	static const struct grid g = {
		.n_states = N_SEARCH, .n_events = N_EVENTS, .state = search_name, .event = events,
		.reach = search_reach, .happen = search_happen, .now = search_state,
		.did = search_did, .leave = leave,
	};

	grid_play(&g, cells[0]);
}

/* Never rarer than once a minute. */
static void backs_off_to_a_minute(void)
{
	static const unsigned after_s[] = { 1, 1, 2, 4, 8, 16, 32, 60, 60, 60 };

	begin();
	discovery_search(&d, now);
	CHECK(discovery_due(&d, now));
	for (size_t i = 0; i < sizeof(after_s) / sizeof(after_s[0]); i++) {
		CHECK_EQ(discovery_deadline(&d), now + SEC(after_s[i]));
		now = discovery_deadline(&d);
		CHECK(discovery_due(&d, now));
		CHECK(!discovery_due(&d, now));
	}
}

/* ---- one agent ---- */

enum known { UNKNOWN, KNOWN, N_KNOWN };
enum agent_event { AD, AGAIN, REBOOT, WRAPPED, NO_AGENT, NOWHERE, MOVED, FORGET, N_AGENT_EVENTS };

static const char *agent_name(int s)
{
	return s == KNOWN ? "known" : "unknown";
}

static int agent_state(void)
{
	for (unsigned i = 0; i < d.n; i++)
		if (d.agent[i].addr == AGENT && mac_equal(&d.agent[i].mac, &mac))
			return KNOWN;
	return UNKNOWN;
}

static void agent_reach(int s)
{
	begin();
	if (s == KNOWN)
		hear(ADVERT_F, AGENT, &mac, 300);
	memset(&words, 0, sizeof(words));
}

static void heard(enum heard h)
{
	static const char *const what[] = { [HEARD_SAME] = "same", [HEARD_NEW] = "new",
					    [HEARD_REBOOTED] = "rebooted",
					    [HEARD_USELESS] = "useless" };

	grid_say(&words, "%s", what[h]);
}

static void agent_happen(int e)
{
	switch ((enum agent_event)e) {
	case AD:
		heard(hear(ADVERT_F, AGENT, &mac, 301));
		break;
	case AGAIN:
		heard(hear(ADVERT_F, AGENT, &mac, 300));
		break;
	case REBOOT:
		heard(hear(ADVERT_F, AGENT, &mac, 0));
		break;
	case WRAPPED: /* 0xffff is followed by 256: RFC 5944 2.3.2 */
		hear(ADVERT_F, AGENT, &mac, 0xffff);
		heard(hear(ADVERT_F, AGENT, &mac, 256));
		break;
	case NO_AGENT:
		heard(hear(ADVERT_H, AGENT, &mac, 301));
		break;
	case NOWHERE:
		heard(hear(ADVERT_F, 0, &mac, 301));
		break;
	case MOVED:
		heard(hear(ADVERT_F, AGENT, &other_mac, 0));
		break;
	case FORGET:
		discovery_forget_at(&d, &bssid);
		break;
	case N_AGENT_EVENTS:
		break;
	}
}

static const char *agent_did(void)
{
	return words.text;
}

static void agent_grid(void)
{
	static const char *const events[] = {
		[AD] = "advertisement", [AGAIN] = "the same again", [REBOOT] = "sequence 0",
		[WRAPPED] = "sequence 256 after 0xffff", [NO_AGENT] = "no foreign agent's",
		[NOWHERE] = "from no address", [MOVED] = "from another MAC", [FORGET] = "forget",
	};
	static const struct grid_cell cells[N_KNOWN][N_AGENT_EVENTS] = {
		[UNKNOWN] = {
			[AD] = { KNOWN, "new" },
			[AGAIN] = { KNOWN, "new" },
			[REBOOT] = { KNOWN, "new" },
			[WRAPPED] = { KNOWN, "same" },
			[NO_AGENT] = { UNKNOWN, "useless" },
			[NOWHERE] = { UNKNOWN, "useless" },
			[MOVED] = { UNKNOWN, "new" },
			[FORGET] = { UNKNOWN, "" },
		},
		[KNOWN] = {
			[AD] = { KNOWN, "same" },
			[AGAIN] = { KNOWN, "same" },
			[REBOOT] = { KNOWN, "rebooted" },
			[WRAPPED] = { KNOWN, "same" },
			[NO_AGENT] = { KNOWN, "useless" },
			[NOWHERE] = { KNOWN, "useless" },
			[MOVED] = { KNOWN, "new" },
			[FORGET] = { UNKNOWN, "" },
		},
	};
	static const struct grid g = {
		.n_states = N_KNOWN, .n_events = N_AGENT_EVENTS, .state = agent_name,
		.event = events, .reach = agent_reach, .happen = agent_happen, .now = agent_state,
		.did = agent_did, .leave = leave,
	};

	grid_play(&g, cells[0]);
}

/* A full table forgets whom it heard longest ago. */
static void the_oldest_goes(void)
{
	struct known_agent k;

	begin();
	for (unsigned i = 0; i < AGENTS_KNOWN_MAX + 1; i++, now++) {
		hear(ADVERT_F, AGENT + i, &mac, 1);
		if (i == 0)
			CHECK(discovery_by_bssid(&d, &bssid, &k) && k.addr == AGENT);
	}
	CHECK_EQ(d.n, AGENTS_KNOWN_MAX);
	CHECK_EQ(agent_state(), UNKNOWN);
	CHECK(discovery_by_bssid(&d, &bssid, &k) && k.addr == AGENT + AGENTS_KNOWN_MAX);
	CHECK_EQ(hear(ADVERT_F, AGENT + 1, &mac, 2), HEARD_SAME);
}

#define NEIGHBOUR 0x0a020001u
static const struct mac over_there = { { 2, 0, 0, 0, 1, 0 } };

static void names(uint32_t addr, uint32_t care_of, const struct mac *agent_mac)
{
	struct advert a = { .flags = ADVERT_F | ADVERT_T, .sequence = 1, .care_of = { 0xc6336407u },
			    .n_care_of = 1, .reg_lifetime_s = 300, .buffers = true,
			    .n_neighbours = 1,
			    .neighbours = { { over_there, *agent_mac, addr, care_of } } };
	struct known_agent k;

	discovery_heard(&d, &a, &mac, AGENT, &bssid, now++, &k);
}

/* Taken at its neighbour's word until it is heard itself; what cannot be an agent is not taken. */
static void a_neighbours_word(void)
{
	static const struct mac everybody = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
	struct known_agent k;

	begin();
	names(ADDR_BROADCAST, 0xc6336487u, &other_mac);
	names(NEIGHBOUR, 0, &other_mac);
	names(NEIGHBOUR, 0xc6336487u, &everybody);
	CHECK(!discovery_by_bssid(&d, &over_there, &k));
	names(NEIGHBOUR, 0xc6336487u, &other_mac);
	CHECK(discovery_by_bssid(&d, &over_there, &k));
	CHECK(k.hinted && k.buffers && k.addr == NEIGHBOUR && k.care_of == 0xc6336487u);
	CHECK_EQ(k.reg_lifetime_s, 300);
	CHECK(mac_equal(&k.mac, &other_mac));
	names(NEIGHBOUR + 1, 0xc6336487u, &other_mac); /* told anew */
	CHECK(discovery_by_bssid(&d, &over_there, &k) && k.addr == NEIGHBOUR + 1);
	CHECK_EQ(d.n_hints, 1);
	CHECK(discovery_by_bssid(&d, &bssid, &k) && !k.hinted); /* heard itself */
}

static void the_oldest_word_goes(void)
{
	struct known_agent k;

	begin();
	for (unsigned i = 0; i < HINTS_MAX + 1; i++) {
		struct mac b = { { 2, 1, 0, 0, 0, (uint8_t)i } };
		struct advert a = { .flags = ADVERT_F, .sequence = 1, .care_of = { 0xc6336407u },
				    .n_care_of = 1, .n_neighbours = 1,
				    .neighbours = { { b, other_mac, NEIGHBOUR, 0xc6336487u } } };

		discovery_heard(&d, &a, &mac, AGENT, &bssid, now++, &k);
	}
	CHECK_EQ(d.n_hints, HINTS_MAX);
	CHECK(!discovery_by_bssid(&d, &(struct mac){ { 2, 1, 0, 0, 0, 0 } }, &k));
	CHECK(discovery_by_bssid(&d, &(struct mac){ { 2, 1, 0, 0, 0, 1 } }, &k));
}

/* RFC 3519: whoever is behind a NAT cannot be forwarded to, whatever it says. */
static void behind_a_nat(void)
{
	struct advert a = { .flags = ADVERT_F, .care_of = { 0xc6336407u }, .n_care_of = 1,
			    .reg_lifetime_s = 1800, .buffers = true };
	struct known_agent k;

	begin();
	discovery_heard(&d, &a, &mac, AGENT, &bssid, now, &k);
	CHECK(k.buffers);
	a.sequence++;
	a.flags |= ADVERT_U;
	discovery_heard(&d, &a, &mac, AGENT, &bssid, now, &k);
	CHECK(!k.buffers);
}

UNIT_MAIN("discovery", {"behind a NAT", behind_a_nat},
	  {"state x event: the search", search_grid},
	  {"backs off to a minute", backs_off_to_a_minute},
	  {"state x event: one agent", agent_grid}, {"the oldest goes", the_oldest_goes},
	  {"a neighbour's word", a_neighbours_word}, {"the oldest word goes", the_oldest_word_goes})
