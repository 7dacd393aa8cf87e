/* SPDX-License-Identifier: MIT */
#ifndef MIP_CORE_H
#define MIP_CORE_H

#include "client/cross.h"
#include "client/discovery.h"
#include "client/early.h"
#include "client/handoff.h"
#include "client/keys.h"
#include "client/mobile.h"
#include "client/orders.h"
#include "client/registration.h"
#include "client/samples.h"
#include "client/through.h"
#include "client/tunnelled.h"
#include "client/uplink.h"

#define PATH_MTU 1480 /* IP-in-IP on Ethernet's 1500, for the way back through the agent */
#define UDP_TUNNEL_MTU 1468 /* RFC 3519: 32 bytes around each packet */

/*
 * Inside the node's core: the whole state, and what mobile.c, handoff.c and info.c share.
 * Nobody else includes this.
 */
struct mobile_counters {
	uint64_t requests, replies, adverts, solicitations, handoffs, handoffs_failed,
	    uplink_dropped, keepalives, errors_relayed;
};

/* What an agent said on a link that we are still on the way to. */
struct overheard {
	mtime at; /* 0: nothing */
	struct advert ad;
	struct mac mac;
	uint32_t src;
};

/* One of the node's interfaces. */
struct core_link {
	bool attached;
	struct radio_bss bss; /* the access point we are on, or were on last */
	struct colocated colo;
	bool colo_refused; /* an agent here insists on being registered with */
	struct insisting insisting;
	mtime at;	   /* since when we are on this link */
	mtime open_at;	   /* when to believe that the access point's port is open too */
	struct overheard overheard;
	/* that was heard here, perhaps by another interface since; .heard 0: none */
	struct known_agent agent;
	struct advert_like like; /* what it said */
	mtime not_before;  /* it did not serve: when to try it again; cross.c */
	unsigned failures;
};

struct handoff_announced {
	mtime at; /* MTIME_NEVER: there is none */
	bool named; /* to this access point; else to the best one, or to: */
	struct mac bssid;
	unsigned link;	 /* MOBILE_ANY_LINK: not to another interface */
	bool looked;	 /* at what is there */
	unsigned report; /* the last one before it */
};

struct mobile {
	struct mobile_conf conf;
	struct reg_conf reg_conf;
	struct order_conf order_conf;
	struct pool pool;
	struct radio radio;
	struct discovery disc;
	struct places places;
	struct core_link links[MOBILE_LINKS_MAX];
	struct core_link *link; /* the one that serves, or is to */
	struct crossing cross;
	struct nat_tunnel tun;
	bool assigned; /* the home address is what the home agent has given */
	struct registration reg;
	struct order_clock clock[MOBILE_AGENTS_MAX];
	unsigned n_clocks;
	struct order_clock home_clock; /* of orders to the home agent: keeper_clock() */
	enum home_keeps home_keeps;
	mtime home_rtt; /* of the last registration */
	struct node_keys keys; /* dealt by the home agent */
	struct exchange query; /* QUERY, to learn an agent's clock and count while there is time */
	struct early early;
	struct handoff_announced announced;
	bool falling; /* so much was told of the signal */
	struct handoff ho;
	struct uplink up;
	struct mobile_want want;
	mtime home_at;	 /* since when we answer ARP on the home link */
	bool home_told;	 /* all there know it */
	bool deregistered;	    /* by command */
	bool told_to_save;	    /* power: by command */
	bool restarted;		    /* the agent that we registered with, during a handoff */
	bool lost_binding_said;
	/* packets received, on the link and in the tunnel; the count when the agent's own began, if
	 * that is known */
	uint64_t native, tunnelled, downlink, base;
	uint32_t base_agent;
	bool base_known;
	mtime next_sample;
	int32_t thresholds[RADIO_THRESHOLDS_MAX];
	unsigned n_thresholds;
	bool thresholds_set;
	uint16_t ip_id;
	struct report history[HISTORY_MAX];
	/* not to be misled again before, by a scan; by the access point */
	mtime expect_scan_after, expect_asked_after;
	struct report scan_report; /* of a look around that has not become a handoff */
	unsigned last_report; /* number of the newest, 0: none */
	unsigned restored;    /* and of the newest of an earlier run */
	struct samples samples;
	struct drops drops;
	struct mobile_counters counters;
	bool inside; /* re-entry is a bug */
};

static inline unsigned core_link_index(const struct mobile *m, const struct core_link *l)
{
	return (unsigned)(l - m->links);
}

static inline bool core_on_radio(const struct mobile *m)
{
	return m->link == &m->links[MOBILE_RADIO];
}

/* RFC 5944 2.1.1: where only our own address is wanted, an agent that insists is obeyed. */
static inline bool core_obeys(const struct mobile *m, const struct known_agent *a)
{
	return m->conf.care_of != CARE_OF_COLOCATED || a->home || (a->flags & ADVERT_R);
}

/* identity.c: who we are */
/* Of m->conf, what depends on it. */
void identity_derive(struct mobile *m);
/* conf is of the same node.  Its home address, if one was given, stays. */
bool identity_same(const struct mobile *m, const struct mobile_conf *conf);
/* The home agent has accepted us with this home address. */
void identity_take(struct mobile *m, uint32_t home_addr, struct mobile_out *out);

struct mobile_action *core_add(struct mobile_out *out, enum mobile_act act);
void core_note(struct mobile_out *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
struct mobile_action *core_event(struct mobile_out *out, enum event_kind what);
/* A UDP datagram from the home address, port 434 to 434: to an agent on the link, or (mac zero) in
 * the tunnel that we are registered with. */
void core_udp(struct mobile *m, struct mobile_out *out, const struct mac *mac, uint32_t dst,
	      uint8_t ttl, const uint8_t *payload, size_t n, mtime now);

/* A message of ours that came to the home address or our care-of address. */
void core_message(struct mobile *m, const uint8_t *p, size_t n, const struct instant *now,
		  struct mobile_out *out);
/* p/n to dst's port 434, from the care-of address itself. */
void core_udp_from(struct mobile *m, struct mobile_out *out, const struct mac *mac, uint32_t src,
		   uint32_t dst, uint8_t ttl, const uint8_t *payload, size_t n);
void core_udp_direct(struct mobile_out *out, uint32_t care_of, uint32_t dst, const uint8_t *p,
		     size_t n);
/* One packet of this machine's programs, on its way. */
void core_uplink(struct mobile *m, struct mobile_out *out, const uint8_t *p, size_t n, mtime now);

/* The n bytes at out->bytes + out->used become a packet to mac. */
void core_bytes(struct mobile_out *out, const struct mac *mac, size_t n);
void core_solicit(struct mobile *m, unsigned link, struct mobile_out *out);

/* Around every event: empty the actions; then decide, send what is due, ask for samples. */
void core_begin(struct mobile *m, struct mobile_out *out);
void core_finish(struct mobile *m, const struct instant *now, struct mobile_out *out);
/* A link where no handoff is running: find an agent and register. */
void core_fresh_link(struct mobile *m, const struct instant *now);

/* The configured association with an agent, by link address or care-of address; NULL: none. */
const struct sa *core_agent_sa(const struct mobile *m, const struct known_agent *a);
struct order_clock *core_clock(struct mobile *m, uint32_t care_of);
/* keys.c: what signs orders to an agent, and the Identifications under it. */
struct order_signer {
	const struct sa *sa;
	struct order_clock *clock;
};
bool core_signer(struct mobile *m, const struct known_agent *a, struct order_signer *out);
/* What an order that this SPI answers was signed with. */
bool core_signer_of(struct mobile *m, const struct known_agent *a, uint32_t spi,
		    struct order_signer *out);
/* A 133 told what this clock's owner would accept; false: it is an old one sent again. */
bool core_clock_told(struct mobile *m, struct order_clock *c, uint64_t id,
		     const struct instant *now);
enum order_key core_order_key(const struct mobile *m, const struct known_agent *a);
/* order_sign() with it; 0: no key. */
size_t core_sign(struct mobile *m, const struct known_agent *a, uint8_t action, uint8_t flags,
		 uint32_t care_of, uint64_t ntp, uint8_t *buf, uint64_t *id);
/* keeper.c: the home agent, where the agent cannot buffer */
struct order_clock *keeper_clock(struct mobile *m);
struct known_agent keeper_by_way_of(const struct mobile *m, const struct known_agent *a);
/* Who keeps what comes while the node leaves this agent: itself, else the home agent. */
struct known_agent keeper_of(struct mobile *m, const struct known_agent *first, bool sudden);
/* The same, once the target is known. */
void keeper_for_target(struct mobile *m);
enum flow keeper_flow(const struct handoff *h);
mtime keeper_patience(const struct handoff *h, mtime now); /* with an unanswered BUFFER */
void keeper_why_none(struct mobile *m);
mtime keeper_interval(const struct mobile *m);
void keeper_ask(struct mobile *m, const struct instant *now);
void keeper_answered(struct mobile *m, uint8_t code, struct mobile_out *out);
void keeper_silent(struct mobile *m, struct mobile_out *out);

/* fallback.c */
/*
 * The home agent does not answer through this network, which may be one that wants to see its user
 * first (a captive portal): what begins now leaves from our own address, until it answers or the
 * link ends.  What has begun from the home address waits.
 */
void fallback_due(struct mobile *m, mtime now, struct mobile_out *out);
mtime fallback_deadline(const struct mobile *m);

/* power.c: what need not wake us */
void power_decide(struct mobile *m); /* after the configuration or the command has changed */
/* Two things that may wait for each other: the NAT's way is kept open by a renewal, too. */
bool power_joins(const struct mobile *m, mtime now);
struct advert_like power_said(const struct advert *ad, const struct mac *mac, uint32_t src);

/* A command, whoever gives it: mobile_handoff(), mobile_cross(). */
#define BY_USER "asked for by a user"
const char *core_hand_off(struct mobile *m, const struct mac *bssid, const char *why,
			  bool *not_found, const struct instant *now, struct mobile_out *out);
const char *core_cross(struct mobile *m, unsigned link, const char *why, const struct instant *now,
		       struct mobile_out *out);

/* announce.c: a handoff that a user has announced; and what the link foretells itself */
void announce_due(struct mobile *m, const struct instant *now, struct mobile_out *out);
mtime announce_deadline(const struct mobile *m);
void announce_falling(struct mobile *m, enum radio_rule rule, struct mobile_out *out);
void announce_detected(struct mobile *m, const struct radio_bss *list, size_t n,
		       struct mobile_out *out);

/* athome.c: what others on the home link are to know of us */
void athome_due(struct mobile *m, mtime now, struct mobile_out *out);
mtime athome_deadline(const struct mobile *m);
bool core_may_register(const struct mobile *m);

/* Where packets go from now on: by this agent.  carries: it was asked for what another keeps. */
void core_head_for(struct mobile *m, const struct known_agent *a, bool carries, mtime now);
/* The association that Requests through it are signed with, too; NULL: none. */
const struct sa *core_registration_sa(const struct mobile *m, const struct known_agent *a);
/* Register through this agent now. */
void core_register(struct mobile *m, const struct known_agent *a, const struct reg_riders *riders,
		   const struct instant *now);
void core_search(struct mobile *m, const struct instant *now);
/* m->conf has another address of the home agent than before, which knows nothing of us: it is asked
 * at once. */
void core_other_home_agent(struct mobile *m, mtime now);
/* On the new link: what was overheard on the way to it. */
void core_overheard(struct mobile *m, const struct instant *now, struct mobile_out *out);
/* A handoff is over, and the agent that we are with was restarted meanwhile: registers again. */
void core_restarted(struct mobile *m, const struct instant *now, struct mobile_out *out);
void core_drop(struct mobile *m, enum drop why);
/* The next batch of the queued uplink; true: more is ready. */
bool core_drain(struct mobile *m, const struct instant *now, struct mobile_out *out);

#endif
