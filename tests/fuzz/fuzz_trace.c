/* SPDX-License-Identifier: MIT */
/* Traces of signals; what was read is played. */
#include "client/replay.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct replay_result r[WHO_COUNT];
	static struct replay_total sum;
	struct replay_oracle o[WANTS_COUNT];
	struct radio_conf conf;
	static struct trace t;
	char why[TRACE_WHY_MAX], *text = (char *)fuzz_copy(data, size);
	bool good = trace_parse(text, size, &t, why);

	free(text);
	if (!good) {
		assert(memchr(why, 0, sizeof(why)));
		return 0;
	}
	assert(t.n_aps && t.n_aps <= TRACE_APS_MAX && t.n_rows <= TRACE_ROWS_MAX);
	radio_conf_default(&conf);
	memset(&sum, 0, sizeof(sum));
	for (unsigned i = 0; i < WHO_COUNT; i++)
		replay_run(&t, replay_players[i], &conf, &r[i]);
	replay_oracle(&t, conf.leave_below_dbm, &o[WANTS_THRESHOLD]);
	replay_oracle(&t, REPLAY_WEAK_DBM, &o[WANTS_LESS]);
	replay_add(&sum, r, o);
	for (unsigned i = 0; i < PROMISES; i++)
		replay_promise(&sum, (enum replay_promise)i, (char[PROMISE_TEXT]){0});
	return 0;
}
