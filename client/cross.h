/* SPDX-License-Identifier: MIT */
#ifndef MIP_CROSS_H
#define MIP_CROSS_H

#include "client/registration.h"
#include "common/pktq.h"

/*
 * Make before break: where the node has more than one interface, it registers through the better
 * one while the other still serves, and goes there when the home agent has accepted (CROSSING in
 * handoff.h).  Nothing is kept for it meanwhile, since nothing is cut.
 *
 * What the old path still carries then must not be overtaken: for a moment what the new one brings
 * waits here, as long as the old one speaks and no longer than the two differ (MERGE_GUARD); what
 * programs send waits as long.  By an agent of the new link packets come without this program:
 * there they are not held back.
 *
 * A better link: one that is not metered, then the one with the higher preference; where the one
 * that serves is gone or does not serve, any.
 */
#define MOBILE_LINKS_MAX 4 /* Wi-Fi, a cable, a modem, and one to spare */
#define MOBILE_RADIO 0	   /* the Wi-Fi interface, that the radio's events are about */
#define MOBILE_ANY_LINK MOBILE_LINKS_MAX

struct crossing {
	unsigned to;
	struct registration reg; /* through the new link; becomes the node's */
	bool moved;		 /* the old link leads elsewhere meanwhile */
	unsigned pinned;	 /* chosen by a user, until it is lost; MOBILE_ANY_LINK: none */
	mtime next;		 /* when another link may be ready */
	/* after it: */
	bool merging;
	uint32_t care_of; /* what comes to it waits; 0: nothing does */
	uint32_t left;	  /* what comes to this one goes first; 0: it is not seen here */
	struct pktq held;
	mtime quiet_at, until;
};

struct mobile;
struct mobile_out;
struct core_link;

void cross_init(struct crossing *x);
/* choice.c: it has been up for a moment, and there is an agent or an address to register with. */
bool cross_ready(const struct mobile *m, const struct core_link *l, mtime now);
/* Begins one, or takes the only link that is left; asks on links that do not serve. */
void cross_due(struct mobile *m, const struct instant *now, struct mobile_out *out);
/* CROSSING: its Request, its deadline. */
void cross_tick(struct mobile *m, const struct instant *now, struct mobile_out *out);
mtime cross_deadline(const struct mobile *m);
/* CROSSING's registration was accepted: it and its link are the node's now. */
void cross_accepted(struct mobile *m, const struct instant *now, struct mobile_out *out);
/* And what else follows from a registration was done. */
void cross_arrived(struct mobile *m, const struct instant *now, struct mobile_out *out);
/* No other link serves: nothing is lost by going to l at once, and registering through a. */
void cross_arrive(struct mobile *m, struct core_link *l, const struct known_agent *a,
		  const struct instant *now, struct mobile_out *out);
void cross_begin(struct mobile *m, struct core_link *l, const struct known_agent *a,
		 const char *why, const struct instant *now, struct mobile_out *out);
/* An event of a link that is being crossed to. */
void cross_failed(struct mobile *m, const char *why, const struct instant *now,
		  struct mobile_out *out);
/* The node's registration goes on from the Identifications that were used up. */
void cross_give_up(struct mobile *m);
bool cross_is_target(const struct mobile *m, const struct core_link *l);
/* The node's link is this one now. */
void cross_switch(struct mobile *m, struct core_link *l, struct mobile_out *out);
/* True: it waits.  Else it is to be delivered. */
bool cross_hold(struct mobile *m, uint32_t dst, const uint8_t *p, size_t n, mtime now);
/* What has waited, a batch of it; true: more is ready. */
bool cross_drain(struct mobile *m, const struct instant *now, struct mobile_out *out);
/* This link was lost: it is tried again later, the later the shorter it has served. */
void cross_lost(struct mobile *m, struct core_link *l, const struct instant *now,
		struct mobile_out *out);

#endif
