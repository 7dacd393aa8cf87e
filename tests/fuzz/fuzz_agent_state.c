/* SPDX-License-Identifier: MIT */
/* The home agent's state file: what is believed of it is kept again, and the same. */
#include "agent/state.h"
#include "tests/fuzz/agents.h"

/* A home agent that begins with the file; true: it did. */
static struct agent *begun(const struct agents *g, const uint8_t *p, size_t n, void *pool)
{
	struct agent *a = agent_new(&g->conf[HA], pool, &g->now);
	struct state_reader s;
	static struct agent_out out;
	struct agent_kept k;

	assert(a);
	agent_resumed(a);
	if (state_open(&s, p, n, &g->conf[HA], &g->now) != STATE_GOOD) {
		agent_free(a);
		return NULL;
	}
	while (state_next(&s, &k))
		agent_restore(a, &k, &g->now, &out);
	assert(s.left == 0);
	return a;
}

static uint8_t *kept(const struct agents *g, const struct agent *a, size_t *n)
{
	size_t room = state_room(a, &g->conf[HA]);
	uint8_t *p = malloc(room);

	assert(p);
	*n = state_encode(a, &g->conf[HA], &g->now, p, room);
	assert(*n && *n + SEAL_SUM <= room);
	*n = seal(p, *n);
	return p;
}

/* The fields that decide whether it is ours become so, and the sum right. */
static void mend(const struct agents *g, uint8_t *p, size_t n)
{
	struct wbuf w = wb_init(p, n);

	wb_bytes(&w, "MIPSTATE", 8);
	wb_u16(&w, STATE_VERSION);
	wb_u8(&w, g->conf[HA].home_prefix_len);
	wb_u8(&w, 0);
	wb_u32(&w, g->conf[HA].home_agent);
	wb_u32(&w, g->conf[HA].home_net);
	seal(p, n - SEAL_SUM);
}

static void again(const struct agents *g, struct agent *a)
{
	static uint8_t pool[AGENTS_POOL] __attribute__((aligned(8)));
	uint8_t *p, *q;
	struct agent *b;
	size_t n, m;

	p = kept(g, a, &n);
	b = begun(g, p, n, pool);
	assert(b);
	q = kept(g, b, &m);
	assert(n == m && !memcmp(p, q, n));
	agent_free(b);
	free(p);
	free(q);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct agents *g = agents_configured();
	uint8_t *p = fuzz_copy(data, size);
	struct agent *a;

	if (size >= STATE_HEADER + SEAL_SUM && !(data[size - 1] & 1))
		mend(g, p, size);
	a = begun(g, p, size, g->pool[HA]);
	if (a) {
		again(g, a);
		g->agent[HA] = a;
		agents_end(g); /* after some hours nothing is left */
	}
	free(p);
	return 0;
}
