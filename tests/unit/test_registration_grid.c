/* SPDX-License-Identifier: MIT */
#include "client/registration.h"

#include "tests/unit/grid.h"

/* The grid of registration.c, cell by cell. */
#define HOME 0x0a630005u
#define HOME_AGENT 0xc0000201u
#define BEGIN SEC(100)
#define NTP 0xe9000000ull

enum event {
	START, STOP, DEREGISTER,
	ACCEPTED, FOR_ZERO, SHORTER, CLOCK, TWICE, DENIED, STRAY, FORGED,
	EARLY, DUE, THIRD, EXPIRED, ELSEWHERE,
	N_EVENTS
};
static const char *const events[] = {
	[START] = "start", [STOP] = "stop", [DEREGISTER] = "deregister",
	[ACCEPTED] = "accepted", [FOR_ZERO] = "accepted for no time", [SHORTER] = "69",
	[CLOCK] = "133", [TWICE] = "133 twice", [DENIED] = "denied", [STRAY] = "stray reply",
	[FORGED] = "forged reply", [EARLY] = "before the deadline", [DUE] = "deadline",
	[THIRD] = "third deadline", [EXPIRED] = "expires",
	[ELSEWHERE] = "other address of the home agent",
};

static struct reg_conf conf;
static struct registration r;
static mtime now;
static struct grid_words words;

static struct instant instant(void)
{
	return (struct instant){ now, (NTP + (uint64_t)(now / SEC(1))) << 32 };
}

static const struct known_agent agent = {
	.addr = 0x0a010001, .care_of = 0xc6336407, .flags = ADVERT_F | ADVERT_T,
	.reg_lifetime_s = 1800,
};

static struct sa key(uint32_t spi)
{
	struct sa sa = { .spi = spi, .alg = AUTH_HMAC_SHA256, .key = { .len = 32 } };

	memset(sa.key.b, (int)spi, 32);
	return sa;
}

/* What it wants sent now, and when it wants to be asked again. */
static void due(void)
{
	struct instant i = instant();
	struct mip_request m;
	struct mip_exts x;
	uint8_t buf[MIP_MSG_MAX];
	uint64_t before = r.last_id;
	size_t n = reg_due(&r, &conf, &i, buf, sizeof(buf));

	if (n == 0)
		return;
	CHECK_EQ(mip_request_decode(buf, n, &m, &x), DROP_NONE);
	CHECK(m.id == r.last_id && m.id > before);
	CHECK_EQ(m.care_of, m.lifetime_s ? agent.care_of : HOME);
	grid_say(&words, "asks %u", m.lifetime_s);
}

static void reply(uint8_t code, uint16_t lifetime_s, uint64_t id, bool forged)
{
	static const char *const what[] = {
		[REG_ACCEPTED] = "accepted", [REG_GONE] = "gone", [REG_REPAIRED] = "repaired",
		[REG_DENIED] = "denied", [REG_ARRIVED] = "arrived",
	};
	struct mip_reply m = { .code = code, .lifetime_s = lifetime_s, .home_addr = HOME,
			       .home_agent = HOME_AGENT, .id = id };
	struct sa fa = key(300);
	struct instant i = instant();
	uint8_t buf[200];
	struct wbuf w = wb_init(buf, sizeof(buf));
	enum reg_result result;
	enum drop why;

	mip_reply_encode(&w, &m);
	if (mip_code_from_home(code))
		auth_append(&w, EXT_MN_HA, 0, &conf.home_sa);
	auth_append(&w, EXT_MN_FA, 0, &fa);
	buf[w.len - 1] ^= forged;
	result = reg_reply(&r, &conf, buf, w.len, &i, &why);
	if (result == REG_IGNORED)
		grid_say(&words, "drop:%s", drop_name(why));
	else
		grid_say(&words, "%s", what[result]);
}

static void next_deadline(void)
{
	now = reg_deadline(&r) == MTIME_NEVER ? now + SEC(10) : reg_deadline(&r);
}

static void start(void)
{
	struct sa fa = key(300);

	reg_start(&r, &conf, &agent, &fa, NULL, now);
}

/* On the home link: what it asks the home agent for, and the answer. */
static void arrive(void)
{
	struct known_agent home = { .addr = HOME_AGENT, .care_of = HOME_AGENT, .home = true };
	struct sa fa = key(300);

	reg_start(&r, &conf, &home, &fa, NULL, now);
	due();
	CHECK(!strcmp(words.text, "asks 0"));
	reply(0, 0, r.last_id, false);
}

static void reach(int s)
{
	conf = (struct reg_conf){ HOME, HOME_AGENT, key(256), 600, .reverse = true };
	now = BEGIN;
	reg_init(&r);
	words.n = 0;
	switch ((enum reg_state)s) {
	case REG_NONE:
		break;
	case REG_HOME:
		arrive();
		break;
	case REG_REQUESTING:
	case REG_BOUND:
	case REG_RENEWING:
	case REG_DEREGISTERING:
		start();
		due();
		if (s == REG_REQUESTING)
			break;
		reply(0, 600, r.last_id, false);
		if (s == REG_RENEWING)
			next_deadline();
		if (s == REG_DEREGISTERING)
			reg_deregister(&r, now);
		due();
		break;
	}
	memset(&words, 0, sizeof(words));
}

static void happen(int e)
{
	static const uint64_t clock = (uint64_t)0xeaaaaaaa << 32;

	switch ((enum event)e) {
	case START:
		start();
		break;
	case STOP:
		reg_stop(&r);
		break;
	case ELSEWHERE:
		reg_again(&r, now);
		break;
	case DEREGISTER:
		reg_deregister(&r, now);
		break;
	case ACCEPTED:
		reply(0, 600, r.last_id, false);
		break;
	case FOR_ZERO:
		reply(0, 0, r.last_id, false);
		break;
	case SHORTER:
		reply(CODE_FA_LIFETIME, 120, r.last_id, false);
		break;
	case TWICE:
		reply(CODE_HA_ID, 0, clock | (uint32_t)r.last_id, false);
		due();
		reply(CODE_HA_ID, 0, clock | (uint32_t)r.last_id, false);
		break;
	case CLOCK:
		reply(CODE_HA_ID, 0, clock | (uint32_t)r.last_id, false);
		break;
	case DENIED:
		reply(CODE_FA_RESOURCES, 600, r.last_id, false);
		break;
	case STRAY:
		reply(0, 600, r.last_id + 1, false);
		break;
	case FORGED:
		reply(0, 600, r.last_id, true);
		break;
	case EARLY:
		if (reg_deadline(&r) != MTIME_NEVER)
			now = reg_deadline(&r) - 1;
		break;
	case THIRD:
		next_deadline();
		due();
		next_deadline();
		due();
		memset(&words, 0, sizeof(words));
		next_deadline();
		break;
	case DUE:
		next_deadline();
		break;
	case EXPIRED:
		now = BEGIN + SEC(600);
		break;
	case N_EVENTS:
		break;
	}
	due();
}

static int state(void)
{
	return r.state;
}

static const char *did(void)
{
	mtime left = reg_deadline(&r) - now;

	if (reg_deadline(&r) == MTIME_NEVER)
		grid_say(&words, "rests");
	else
		grid_say(&words, "%lld%s", (long long)(left < SEC(1) ? left : left / SEC(1)),
			 left < SEC(1) ? "us" : "s");
	return words.text;
}

static void leave(void)
{
}

static const char *name(int s)
{
	return reg_state_name((enum reg_state)s);
}

/* "asks N": a request for N seconds goes out; then when it wants to be called next. */
static const struct grid_cell cells[][N_EVENTS] = {
	[REG_NONE] = {
		[START] = { REG_REQUESTING, "asks 600 1s" }, [STOP] = { REG_NONE, "rests" },
		[DEREGISTER] = { REG_NONE, "rests" },
		[ACCEPTED] = { REG_NONE, "drop:unmatched rests" },
		[FOR_ZERO] = { REG_NONE, "drop:unmatched rests" },
		[SHORTER] = { REG_NONE, "drop:unmatched rests" },
		[CLOCK] = { REG_NONE, "drop:unmatched rests" },
		[TWICE] = { REG_NONE, "drop:unmatched drop:unmatched rests" },
		[DENIED] = { REG_NONE, "drop:unmatched rests" },
		[STRAY] = { REG_NONE, "drop:unmatched rests" },
		[FORGED] = { REG_NONE, "drop:unmatched rests" }, [EARLY] = { REG_NONE, "rests" },
		[DUE] = { REG_NONE, "rests" }, [THIRD] = { REG_NONE, "rests" },
		[EXPIRED] = { REG_NONE, "rests" },
		[ELSEWHERE] = { REG_NONE, "rests" },
	},
	[REG_HOME] = {
		[START] = { REG_REQUESTING, "asks 600 1s" }, [STOP] = { REG_NONE, "rests" },
		[DEREGISTER] = { REG_NONE, "rests" },
		[ACCEPTED] = { REG_HOME, "drop:unmatched rests" },
		[FOR_ZERO] = { REG_HOME, "drop:unmatched rests" },
		[SHORTER] = { REG_HOME, "drop:unmatched rests" },
		[CLOCK] = { REG_HOME, "drop:unmatched rests" },
		[TWICE] = { REG_HOME, "drop:unmatched drop:unmatched rests" },
		[DENIED] = { REG_HOME, "drop:unmatched rests" },
		[STRAY] = { REG_HOME, "drop:unmatched rests" },
		[FORGED] = { REG_HOME, "drop:unmatched rests" }, [EARLY] = { REG_HOME, "rests" },
		[DUE] = { REG_HOME, "rests" }, [THIRD] = { REG_HOME, "rests" },
		[EXPIRED] = { REG_HOME, "rests" },
		[ELSEWHERE] = { REG_HOME, "rests" },
	},
	[REG_REQUESTING] = {
		[START] = { REG_REQUESTING, "asks 600 1s" }, [STOP] = { REG_NONE, "rests" },
		[DEREGISTER] = { REG_DEREGISTERING, "asks 0 1s" },
		[ACCEPTED] = { REG_BOUND, "accepted 300s" },
		[FOR_ZERO] = { REG_NONE, "gone rests" },
		[SHORTER] = { REG_REQUESTING, "repaired asks 120 2s" },
		[CLOCK] = { REG_REQUESTING, "repaired asks 600 2s" },
		[TWICE] = { REG_REQUESTING, "repaired asks 600 denied 4s" },
		[DENIED] = { REG_REQUESTING, "denied 4s" },
		[STRAY] = { REG_REQUESTING, "drop:unmatched 1s" },
		[FORGED] = { REG_REQUESTING, "drop:bad-auth 1s" },
		[EARLY] = { REG_REQUESTING, "1us" }, [DUE] = { REG_REQUESTING, "asks 600 2s" },
		[THIRD] = { REG_REQUESTING, "asks 600 8s" },
		[EXPIRED] = { REG_REQUESTING, "asks 600 2s" },
		[ELSEWHERE] = { REG_REQUESTING, "asks 600 1s" },
	},
	[REG_BOUND] = {
		[START] = { REG_REQUESTING, "asks 600 1s" }, [STOP] = { REG_NONE, "rests" },
		[DEREGISTER] = { REG_DEREGISTERING, "asks 0 1s" },
		[ACCEPTED] = { REG_BOUND, "drop:unmatched 300s" },
		[FOR_ZERO] = { REG_BOUND, "drop:unmatched 300s" },
		[SHORTER] = { REG_BOUND, "drop:unmatched 300s" },
		[CLOCK] = { REG_BOUND, "drop:unmatched 300s" },
		[TWICE] = { REG_BOUND, "drop:unmatched drop:unmatched 300s" },
		[DENIED] = { REG_BOUND, "drop:unmatched 300s" },
		[STRAY] = { REG_BOUND, "drop:unmatched 300s" },
		[FORGED] = { REG_BOUND, "drop:unmatched 300s" }, [EARLY] = { REG_BOUND, "1us" },
		[DUE] = { REG_RENEWING, "asks 600 1s" }, [THIRD] = { REG_RENEWING, "asks 600 4s" },
		[EXPIRED] = { REG_RENEWING, "asks 600 1s" },
		[ELSEWHERE] = { REG_RENEWING, "asks 600 1s" },
	},
	[REG_RENEWING] = {
		[START] = { REG_REQUESTING, "asks 600 1s" }, [STOP] = { REG_NONE, "rests" },
		[DEREGISTER] = { REG_DEREGISTERING, "asks 0 1s" },
		[ACCEPTED] = { REG_BOUND, "accepted 300s" },
		[FOR_ZERO] = { REG_NONE, "gone rests" },
		[SHORTER] = { REG_RENEWING, "repaired asks 120 2s" },
		[CLOCK] = { REG_RENEWING, "repaired asks 600 2s" },
		[TWICE] = { REG_RENEWING, "repaired asks 600 denied 4s" },
		[DENIED] = { REG_RENEWING, "denied 4s" },
		[STRAY] = { REG_RENEWING, "drop:unmatched 1s" },
		[FORGED] = { REG_RENEWING, "drop:bad-auth 1s" }, [EARLY] = { REG_RENEWING, "1us" },
		[DUE] = { REG_RENEWING, "asks 600 2s" }, [THIRD] = { REG_RENEWING, "asks 600 8s" },
		[EXPIRED] = { REG_REQUESTING, "asks 600 1s" },
		[ELSEWHERE] = { REG_RENEWING, "asks 600 1s" },
	},
	[REG_DEREGISTERING] = {
		[START] = { REG_REQUESTING, "asks 600 1s" }, [STOP] = { REG_NONE, "rests" },
		[DEREGISTER] = { REG_DEREGISTERING, "asks 0 1s" },
		[ACCEPTED] = { REG_NONE, "gone rests" }, [FOR_ZERO] = { REG_NONE, "gone rests" },
		[SHORTER] = { REG_NONE, "denied rests" },
		[CLOCK] = { REG_DEREGISTERING, "repaired asks 0 2s" },
		[TWICE] = { REG_NONE, "repaired asks 0 denied rests" },
		[DENIED] = { REG_NONE, "denied rests" },
		[STRAY] = { REG_DEREGISTERING, "drop:unmatched 1s" },
		[FORGED] = { REG_DEREGISTERING, "drop:bad-auth 1s" },
		[EARLY] = { REG_DEREGISTERING, "1us" }, [DUE] = { REG_DEREGISTERING, "asks 0 2s" },
		[THIRD] = { REG_NONE, "rests" }, [EXPIRED] = { REG_DEREGISTERING, "asks 0 2s" },
		[ELSEWHERE] = { REG_DEREGISTERING, "1s" },
	},
};

static void grid(void)
{
	static const struct grid g = {
		.n_states = sizeof(cells) / sizeof(cells[0]), .n_events = N_EVENTS,
		.state = name, .event = events, .reach = reach, .happen = happen, .now = state,
		.did = did, .leave = leave,
	};

	grid_play(&g, cells[0]);
}

UNIT_MAIN("registration's grid", {"state x event", grid})
