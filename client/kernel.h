/* SPDX-License-Identifier: MIT */
#ifndef MIP_CLIENT_KERNEL_H
#define MIP_CLIENT_KERNEL_H

#include "client/mobile.h"
#include "common/conf.h"
#include "common/kernel.h"

/*
 * Shell: makes the kernel look like mobile_want() says, by difference, with the verbs of
 * common/kernel.h (kernel.c: addresses, routes, neighbours; kernel_rules.c: rules).  Two tables and
 * these rules, nobody else's are touched:
 *   432  from a care-of address of our own: lookup main, for what is tunnelled and signalled
 *   433  lookup main, its default route left out: what is on the link stays on the link
 *   434  from the home address: lookup 434, wherever it goes
 *   435  to an exception: go to 438
 *   436  to a destination, from here: lookup 434, by the TUN while between links, else by the agent
 *   437  to a destination, forwarded: lookup 435, always by the TUN
 *   438  nothing: what comes so far takes the rules behind, as if we were not there
 * and while the home agent's name is looked up, or nothing is to wait for the home agent (by_link):
 *   429  as 433
 *   430  from the home address, lookup 434: what a program has begun stays where it is
 *   431  lookup main: the rest may leave by the link, with the link's address; in the first case
 *        only a question to port 53
 * Without a home address there is none of these but 432.
 *
 * What is forwarded, for containers and hotspot clients, is masqueraded: with the address of the
 * interface that it leaves by, and for as long as it leaves by that one; when it changes the kernel
 * drops the packet and forgets the connection.  The TUN has the home address, and stays.
 *
 * On the home link the interface has the home address, too, and answers ARP for it; table 434
 * leads to that network's other addresses without the agent.
 */
#define NODE_TABLE 434
#define NODE_TABLE_FORWARD 435
#define NODE_RULE_LOOKUP 429 /* and the two after it */
#define NODE_RULE_CARE_OF 432
#define NODE_RULE_LINK 433
#define NODE_RULE_HOME 434
#define NODE_RULE_EXCEPT 435
#define NODE_RULE_TO 436
#define NODE_RULE_FORWARD 437
#define NODE_RULE_REST 438
#define NODE_TUN_MTU 1480
#define NODE_LINK_ADDR KERNEL_NO_ADDR /* on the radio */

/* Who passes by the home address: rules 429 to 431. */
enum kernel_aside { ASIDE_NOBODY, ASIDE_QUESTIONS, ASIDE_ALL };

struct node_kernel {
	struct kernel *k;
	char tun[16], ifname[MOBILE_LINKS_MAX][16];
	unsigned n_links;
	bool there[MOBILE_LINKS_MAX], up[MOBILE_LINKS_MAX];
	uint32_t home_addr; /* 0: none yet */
	enum kernel_aside aside;
	uint32_t aside_from; /* the home address then */
	bool looking_up;
	bool applied; /* `have` is in the kernel */
	struct mobile_want have;
	uint32_t old_agent; /* neighbour to be removed once the new state stands */
	unsigned old_link;
	/* the agent's neighbour entry holds its packets, see node_kernel_switched */
	bool switching;
	bool at_home;	 /* this interface has the home address: */
	unsigned home_link;
	uint8_t lan_len; /* of the route to the home link; 0: there is none */
	unsigned lan_link;
	unsigned forward_mtu;		 /* of table 435's route */
	struct conf_prefixes to, except; /* that have rules */
	bool want_known; /* these: */
	struct conf_prefixes want_to, want_except;
};

/* Purges what a killed daemon left, installs what stays as long as the daemon runs; nothing goes
 * that way before node_kernel_destinations().  home_addr 0: that comes with the first want that has
 * one.  0 or -errno, said. */
int node_kernel_start(struct node_kernel *n, const char *tun, uint32_t home_addr);
/* The next interface; it is not there yet.  At most MOBILE_LINKS_MAX. */
void node_kernel_add(struct node_kernel *n, const char *ifname);
/* Removes everything, restores the sysctls. */
void node_kernel_stop(struct node_kernel *n);

/* ---- kernel_rules.c ---- */
/* The rules that stay while there is a home address, in the place of the one that was; 0: none was,
 * and the destinations' come with it.  0 or -errno, said. */
int node_kernel_rules(struct node_kernel *n, uint32_t was);
/* All of them once more. */
void node_kernel_rules_again(struct node_kernel *n);
/* From now on these, and no others: mipclient.conf(5).  0 or -errno, said. */
int node_kernel_destinations(struct node_kernel *n, const struct conf_prefixes *to,
			     const struct conf_prefixes *except);
void node_kernel_care_of(struct node_kernel *n, bool add, uint32_t care_of); /* 0: nothing */
void node_kernel_lookup(struct node_kernel *n, bool on);
/* As want->by_link and node_kernel_lookup() have it. */
void node_kernel_let_pass(struct node_kernel *n);

/* ---- kernel.c ---- */
/* An interface is there (again) / is gone: what hangs on it is installed, or forgotten. */
void node_kernel_link(struct node_kernel *n, unsigned link, bool there);
/* It is attached somewhere (again): now it must hear.  Not before: a network manager that starts
 * finds an interface that is nobody's. */
void node_kernel_up(struct node_kernel *n, unsigned link);
/* Its own addresses may be taken away all at once: one that stands for none keeps its routes. */
void node_kernel_stand_in(struct node_kernel *n, unsigned link);
void node_kernel_down(struct node_kernel *n, unsigned link);
/* Somebody else removed something of ours: all that stands is there again, what hangs on the want
 * with the next install. */
void node_kernel_repair(struct node_kernel *n);
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
