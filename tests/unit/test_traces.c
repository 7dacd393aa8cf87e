/* SPDX-License-Identifier: MIT */
#include "client/replay.h"
#include "tests/unit/unit.h"

#include <glob.h>

/*
 * What the decision engine promises, on the traces of tests/traces, beside models of wpa_supplicant
 * and iwd and one who knows the trace: a change that makes it worse fails here.
 */
static struct trace t;
static struct replay_result r[WHO_COUNT];
static struct replay_total sum;
static struct radio_conf conf;

static bool load(const char *path)
{
	static char text[1 << 20];
	char why[TRACE_WHY_MAX];
	FILE *f = fopen(path, "r");
	size_t n;

	if (!f)
		return false;
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	return n < sizeof(text) && trace_parse(text, n, &t, why);
}

static const char *name_of(const char *path)
{
	return strrchr(path, '/') + 1;
}

/* Of one trace: what holds on each, whatever the sum. */
static void one(const char *path)
{
	struct replay_oracle o[WANTS_COUNT];

	CHECK(load(path));
	for (unsigned i = 0; i < WHO_COUNT; i++)
		replay_run(&t, replay_players[i], &conf, &r[i]);
	replay_oracle(&t, conf.leave_below_dbm, &o[WANTS_THRESHOLD]);
	replay_oracle(&t, REPLAY_WEAK_DBM, &o[WANTS_LESS]);
	replay_add(&sum, r, o);
	/* no full scan while the stream flows, unless the link is dying */
	CHECK_EQ(r[WHO_ENGINE].full_scans, 0);
	/* nobody has more of a usable link, or not by much; one handoff may fail in the lift */
	if (r[WHO_ENGINE].useless > r[WHO_SUPPLICANT].useless + SEC(1) ||
	    r[WHO_ENGINE].useless > r[WHO_IWD].useless + SEC(1))
		printf("\n    %s: no link for %lld ms", name_of(path),
		       (long long)(r[WHO_ENGINE].useless / 1000));
	CHECK(r[WHO_ENGINE].useless <= r[WHO_SUPPLICANT].useless + SEC(1));
	CHECK(r[WHO_ENGINE].useless <= r[WHO_IWD].useless + SEC(1));
}

static void promises(void)
{
	glob_t g;

	radio_conf_default(&conf);
	CHECK_EQ(glob("tests/traces/*.trace", 0, NULL, &g), 0);
	CHECK(g.gl_pathc >= 12);
	for (size_t i = 0; i < g.gl_pathc; i++)
		one(g.gl_pathv[i]);
	globfree(&g);
	for (int p = 0; p < PROMISES; p++) {
		char text[PROMISE_TEXT];
		bool kept = replay_promise(&sum, (enum replay_promise)p, text);

		if (!kept)
			printf("\n    not kept: %s", text);
		CHECK(kept);
	}
	/* the others are as they are known to be: seconds, and late */
	CHECK(sum.reaction[WHO_SUPPLICANT] > SEC(2));
	CHECK(sum.reaction[WHO_IWD] > SEC(5));
	CHECK(sum.weak[WHO_SUPPLICANT] > sum.weak[WHO_ENGINE]);
	CHECK(sum.weak[WHO_IWD] > sum.weak[WHO_ENGINE]);
}

/* The same trace twice: the same decisions. */
static void is_repeatable(void)
{
	static struct replay_result again;

	radio_conf_default(&conf);
	CHECK(load("tests/traces/crowded.trace"));
	replay_run(&t, &player_engine, &conf, &r[0]);
	replay_run(&t, &player_engine, &conf, &again);
	CHECK_EQ(memcmp(&again, &r[0], sizeof(again)), 0);
}

/* An engine that reacts later breaks a promise: the test sees it. */
static void a_worse_one_is_seen(void)
{
	char text[PROMISE_TEXT];

	memset(&sum, 0, sizeof(sum));
	radio_conf_default(&conf);
	conf.leave_below_dbm = -79;
	CHECK(load("tests/traces/step.trace"));
	for (unsigned i = 0; i < WHO_COUNT; i++)
		replay_run(&t, replay_players[i], &conf, &r[i]);
	replay_add(&sum, r, (struct replay_oracle[WANTS_COUNT]){ { 0 } });
	CHECK(!replay_promise(&sum, PROMISE_REACTION, text));
}

UNIT_MAIN("traces", { "promises", promises }, { "is repeatable", is_repeatable },
	  { "a worse one is seen", a_worse_one_is_seen })
