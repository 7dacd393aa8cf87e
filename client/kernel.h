/* SPDX-License-Identifier: MIT */
#ifndef MIP_CLIENT_KERNEL_H
#define MIP_CLIENT_KERNEL_H

#include "client/mobile.h"
#include "common/kernel.h"

/*
 * Shell: makes the kernel look like mobile_want() says, by difference, with the verbs of
 * common/kernel.h.  One table and three rules, nobody else's are touched:
 *   432  from a care-of address of our own: lookup main, for what is tunnelled and signalled
 *   433  lookup main, its default route left out: what is on the link stays on the link
 *   434  lookup 434: everything else, by the TUN while between links, else by the agent
 * and while the home agent's name is looked up, or nothing is to wait for the home agent (by_link):
 *   429  as 433
 *   430  from the home address, lookup 434: what a program has begun stays where it is
 *   431  lookup main: the rest may leave by the link, with the link's address; in the first case
 *        only a question to port 53
 * Without a home address there is none of these but 432.
 * On the home link the radio has the home address, too, and answers ARP for it; table 434 leads to
 * that network's other addresses without the agent.
 */
#define NODE_TABLE 434
#define NODE_RULE_CARE_OF 432
#define NODE_RULE_LINK 433
#define NODE_RULE_LOOKUP 429 /* and the two after it */
#define NODE_RULE_HOME 434
#define NODE_TUN_MTU 1480
#define NODE_LINK_ADDR 0xc0000008u /* 192.0.0.8, RFC 7600: stands for "no address" on the radio */

/* Who passes by the home address: rules 429 to 431. */
enum kernel_aside { ASIDE_NOBODY, ASIDE_QUESTIONS, ASIDE_ALL };

struct node_kernel {
	struct kernel *k;
	char tun[16], radio[16];
	uint32_t home_addr; /* 0: none yet */
	enum kernel_aside aside;
	uint32_t aside_from; /* the home address then */
	bool looking_up;
	bool has_radio;
	bool applied; /* `have` is in the kernel */
	struct mobile_want have;
	uint32_t old_agent; /* neighbour to be removed once the new state stands */
	/* the agent's neighbour entry holds its packets, see node_kernel_switched */
	bool switching;
	bool at_home;	 /* the radio has the home address */
	uint8_t lan_len; /* of the route to the home link; 0: there is none */
};

/* Purges what a killed daemon left, installs what stays as
 * long as the daemon runs.  home_addr 0: that comes with the first want that has one.
 * 0 or -errno, said. */
int node_kernel_start(struct node_kernel *n, const char *tun, const char *radio,
		      uint32_t home_addr);
void node_kernel_lookup(struct node_kernel *n, bool on);
/* Removes everything, restores the sysctls. */
void node_kernel_stop(struct node_kernel *n);

/* The radio is there (again) / is gone: what hangs on it is installed, or forgotten. */
void node_kernel_radio(struct node_kernel *n, bool there);
/* Something outside may have flushed routes (the interface
 * went down): the next install does all again. */
void node_kernel_forget(struct node_kernel *n);

/*
 * Installs what is newly wanted.  When the uplink goes from the TUN to the agent, packets that take
 * the new route wait in the agent's neighbour entry: n->switching is set, the caller sends
 * everything that is still in the TUN and then calls node_kernel_switched(), which lets them go. No
 * packet overtakes another.
 */
void node_kernel_install(struct node_kernel *n, const struct mobile_want *want);
void node_kernel_switched(struct node_kernel *n);
/* Removes what is no longer wanted. */
void node_kernel_remove(struct node_kernel *n);

#endif
