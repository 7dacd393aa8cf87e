/* SPDX-License-Identifier: MIT */
#ifndef MIP_FLOW_CASES_H
#define MIP_FLOW_CASES_H

#include "tests/sim/scenario.h"

#define HOME_LINK 3 /* access point of `way` */

/* What failures.c makes fail. */
struct flow_case {
	const char *name;
	bool planned;
	enum ask ask;
	void (*conf)(struct world_conf *c);
	void (*go)(struct world *w); /* NULL: it walks */
	unsigned way[3]; /* where it is, where it went before it goes from there, and where to */
	unsigned has;	 /* so many of the messages */
	bool bare; /* B is plain RFC 5944: it drops what comes before the Registration Reply */
	bool crosses; /* to another interface */
};

#define CASES 21
extern const struct flow_case flow_cases[CASES];

#endif
