/* SPDX-License-Identifier: MIT */
#ifndef MIP_STATE_FIXTURE_H
#define MIP_STATE_FIXTURE_H

/* A home agent that ends and starts again, with what it has kept of itself.  The lab is the
 * including file's other fixture's. */
#include "agent/state.h"

static uint8_t *file; /* exactly file_len bytes */
static size_t file_len;

static inline void file_set(const uint8_t *p, size_t n)
{
	free(file);
	file = unit_copy(p, n);
	file_len = n;
}

/* What a shell would write now. */
static inline void keep(void)
{
	struct instant now = lab_instant(&l);
	size_t room = state_room(ha(), &l.conf[HA]), n;
	uint8_t *p = malloc(room);

	n = state_encode(ha(), &l.conf[HA], &now, p, room);
	CHECK(n > 0 && n + SEAL_SUM <= room);
	CHECK_EQ(state_encode(ha(), &l.conf[HA], &now, p, n + SEAL_SUM - 1), 0);
	CHECK_EQ(state_encode(ha(), &l.conf[HA], &now, p, room), n);
	file_set(p, seal(p, n));
	free(p);
}

static inline enum state_fault opened(struct state_reader *s, int64_t clock_off_s)
{
	struct instant now = lab_instant(&l);

	now.ntp += (uint64_t)clock_off_s << 32;
	return state_open(s, file, file_len, &l.conf[HA], &now);
}

/* The home agent ends without a word, and starts again later; how many nodes it knows again. */
static inline unsigned restart_at(int64_t clock_off_s)
{
	struct instant now = lab_instant(&l);
	struct state_reader s;
	struct agent_kept k;
	unsigned n = 0;

	now.ntp += (uint64_t)clock_off_s << 32;
	agent_free(ha());
	l.ag[HA] = agent_new(&l.conf[HA], l.pool[HA], &now);
	assert(l.ag[HA]);
	agent_resumed(ha());
	CHECK_EQ(opened(&s, clock_off_s), STATE_GOOD);
	while (state_next(&s, &k))
		n += agent_restore(ha(), &k, &now, &l.out);
	CHECK_EQ(s.left, 0);
	return n;
}

static inline void state_stop(void)
{
	lab_stop(&l);
	free(file);
	file = NULL;
}

#endif
