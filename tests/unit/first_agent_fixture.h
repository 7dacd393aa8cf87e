/* SPDX-License-Identifier: MIT */
#ifndef MIP_FIRST_AGENT_FIXTURE_H
#define MIP_FIRST_AGENT_FIXTURE_H

#include "agent/foreign.h"

#include "tests/unit/agent_lab.h"

/* Agent one alone, with a visitor: what leaves it is looked at, nothing arrives. */
static struct lab l;

#define A_ADDR 0xc6336407u
#define B_ADDR 0xc6336487u

static inline bool swallow(const struct lab *x, const struct lab_event *e)
{
	(void)x;
	return e->kind != LAB_RADIO && e->kind != LAB_CONTROL;
}

static inline void start(void)
{
	lab_init(&l);
	lab_settle(&l, FA_A);
	l.lose = swallow;
	l.mute = true;
}

static inline struct agent *a(void)
{
	return l.ag[FA_A];
}

static inline uint64_t drops(enum drop why)
{
	return agent_drops(a())->n[why];
}

#endif
