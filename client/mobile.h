/* SPDX-License-Identifier: MIT */
#ifndef MIP_MOBILE_H
#define MIP_MOBILE_H

#include "client/colocated.h"
#include "client/cross.h"
#include "client/event.h"
#include "client/radio.h"
#include "client/report.h"
#include "common/addr.h"
#include "common/advert.h"
#include "common/auth.h"
#include "common/drop.h"
#include "common/mip.h"
#include "common/mtime.h"
#include "common/order.h"
#include "common/pktq.h"

/*
 * The mobile node's pure core: radio decision, discovery, registration, handoff and
 * uplink queue put together.  The shell (client/daemon.c) brings events, frames and packets;
 * the core appends actions and keeps one value that says what the kernel should look like.
 *
 * The daemon's loop: event -> core -> kernel_want (install what is newly wanted) -> actions in
 * order -> remove what is no longer wanted -> arm the one timer at mobile_deadline().
 */
#define MOBILE_AGENTS_MAX 64

struct mobile_agent_conf { /* [Agent ADDR] */
	uint32_t addr;	   /* its link address or its care-of address */
	struct sa sa;	   /* MN-FA; also signs orders */
};

enum ask {
	ASK_SELF,  /* the node, before it leaves (F1); where it cannot, the second agent */
	ASK_AGENT, /* the second agent, with the node's order (F2) */
	ASK_NONE,  /* nobody is told to: the second agent sees that there is a handoff */
};

enum power {
	POWER_AUTO, /* as commands have it; normal, until one comes */
	POWER_NORMAL,
	POWER_SAVING,
};

struct mobile_link_conf { /* [Interface NAME] */
	uint8_t preference; /* the higher one first */
	bool metered;	    /* used where no other is there */
};

struct mobile_conf {
	uint32_t home_addr; /* 0: the home agent gives one, to who has the NAI */
	uint32_t home_agent;
	char nai[NAI_MAX + 1]; /* RFC 2794; empty: none */
	struct sa home_sa;     /* MN-HA */
	uint16_t lifetime_s;   /* asked for */
	bool reverse;	       /* T bit */
	enum care_of_mode care_of;
	bool udp_tunnel; /* ask for a UDP tunnel where a NAT is on the way: RFC 3519 */
	bool udp_forced; /* and where none is seen */
	bool fall_back;	 /* while the home agent is silent programs may use our own address */
	struct radio_conf radio;
	enum power power;
	bool automatic;	       /* hand off by itself; false: only on command */
	bool buffer;	       /* ask for buffering at all */
	uint16_t size_packets, size_kib; /* 0: the agent's default */
	uint32_t lease_ms;		 /* 0: the agent's default */
	bool early_lease; /* reserve a lease that the access point can begin */
	bool elastic; /* the buffer may grow past its grant while the agent has room */
	enum ask ask;	    /* who asks for the buffer when it leaves */
	bool forward_early; /* FORWARD need not wait for the home agent: F11 */
	mtime settle, settle_max;
	uint32_t uplink_packets;
	size_t uplink_bytes;   /* of the pool */
	struct mobile_agent_conf agents[MOBILE_AGENTS_MAX];
	unsigned n_agents;
	struct mobile_link_conf links[MOBILE_LINKS_MAX]; /* [MOBILE_RADIO]: the Wi-Fi one */
	unsigned n_links;
};
void mobile_conf_default(struct mobile_conf *c);

enum mobile_act {
	/* a whole IP packet p/n to mac on the radio (signalling, solicitations, queued uplink) */
	MOBILE_SEND,
	/* from a care-of address of our own: p/n is a message to dst's port 434 */
	MOBILE_UDP,
	/* p/n is a whole packet to dst in a tunnel from src: by UDP (on), else IP-in-IP */
	MOBILE_TUNNEL,
	MOBILE_DELIVER, /* p/n goes to the TUN: it came in the tunnel for our programs */
	/* ARP: ask for dst, in the name of src (0: of nobody, RFC 5227 2.1.1), at mac (zero:
	 * everywhere); who answers: mobile_gateway() */
	MOBILE_PROBE,
	/* put the address src on the interface, until the lease ends, with a way of its own by
	 * the gateway dst at mac; off: take it away.  What is there then: mobile_address() */
	MOBILE_ADDRESS,
	MOBILE_RENEW, /* a DHCP client is to ask anew; text: why */
	MOBILE_ANNOUNCE, /* gratuitous ARP on the radio: the home address is here */
	MOBILE_ROAM, /* wifi_roam(bss) */
	MOBILE_SCAN, /* wifi_scan(freqs, n_freqs, on) */
	/* read nl80211_station, answer with mobile_traffic() and mobile_signal() (last frame's) */
	MOBILE_SAMPLE,
	/* read nl80211_station's backlog, answer with
	 * mobile_backlog() (0 where the driver cannot say) */
	MOBILE_BACKLOG,
	MOBILE_THRESHOLDS, /* nl80211_thresholds(dbm, n_dbm) */
	/* watch (on) or do not watch the tap's fd; each readable: tap_drain + mobile_downlink() */
	MOBILE_TAP,
	MOBILE_NOTE,  /* an info line: text */
	/* event; _LINK_DETECTED: bss; _ANNOUNCEMENT_OVER: text says why; what else is told of it
	 * comes from the walkers below */
	MOBILE_EVENT,
};

struct mobile_action {
	enum mobile_act act;
	enum event_kind event;
	unsigned handoff; /* of an event of one: its number */
	/* whose MOBILE_SEND, _UDP, _TUNNEL, _PROBE, _ADDRESS, _RENEW, _ANNOUNCE or _TAP it is */
	unsigned link;
	struct mac mac;
	struct radio_bss bss;
	uint16_t freqs[RADIO_FREQS_MAX];
	unsigned n_freqs;
	int32_t dbm[RADIO_THRESHOLDS_MAX];
	unsigned n_dbm;
	bool on;
	uint32_t src, dst;
	mtime until;
	const uint8_t *p; /* valid until the next call into the core */
	size_t n;
	char text[160];
};

#define MOBILE_ACTIONS_MAX 64
#define MOBILE_OUT_BYTES 65536

struct mobile_out {
	struct mobile_action a[MOBILE_ACTIONS_MAX];
	unsigned n, link; /* the node's */
	uint8_t bytes[MOBILE_OUT_BYTES];
	size_t used;
};

/* Desired kernel state.  The rules and the sysctls are constant once there is a home address. */
enum uplink_path {
	UPLINK_HELD,  /* default route into the TUN: packets wait in the core's queue */
	UPLINK_AGENT, /* default route on the radio, onlink via the agent */
	UPLINK_TUNNEL, /* default route into the TUN: we tunnel them ourselves */
};
struct mobile_want {
	uint32_t home_addr; /* on the TUN; 0: there is none yet, and nothing of ours in the way */
	enum uplink_path uplink;
	unsigned link; /* the interface of what follows */
	/* neighbour entry and gateway; also while HELD, when it is known already; 0: none */
	uint32_t agent_addr;
	struct mac agent_mac;
	unsigned mtu; /* of the path through the agent, or in the tunnel */
	bool at_home;	  /* the radio answers ARP for the home address, */
	uint8_t home_len; /* and sends directly to the home network's others; 32: to none */
	/* our own, of each interface: what is sent from it takes that link's routes; 0: none */
	uint32_t care_of[MOBILE_LINKS_MAX];
	bool by_link; /* and so does what has no address of ours yet */
};

struct mobile;

/* pool_mem: conf->uplink_bytes, aligned to 8, kept by the caller.  conf is copied. */
struct mobile *mobile_new(const struct mobile_conf *conf, void *pool_mem,
			  const struct instant *now);
size_t mobile_size(void); /* of what mobile_new() allocates: its keys are in there */
void mobile_free(struct mobile *m);
/* New configuration (same home address, NAI, interfaces and pool); false: they differ, nothing
 * changed. */
bool mobile_reconfigure(struct mobile *m, const struct mobile_conf *conf, const struct instant *now,
			struct mobile_out *out);

/* Every call below first empties *out. */
/* Where a name stands for the home agent (conf->home_agent was 0): its address, again and again.
 * Until it is known nothing is registered; with another one than before it is done anew. */
void mobile_home_agent(struct mobile *m, uint32_t addr, const struct instant *now,
		       struct mobile_out *out);
void mobile_start(struct mobile *m, const struct instant *now, struct mobile_out *out);

/* Layer 2, from wpa_supplicant (wifi.h) and nl80211.  link: an index of conf->links.  A cable's
 * access point is the interface itself: its own MAC and its name, and no frequency. */
void mobile_connected(struct mobile *m, unsigned link, const struct radio_bss *bss,
		      const struct instant *now, struct mobile_out *out);
void mobile_disconnected(struct mobile *m, unsigned link, const struct mac *bssid,
			 const struct instant *now, struct mobile_out *out);
/* The supplicant begins to authenticate or associate with it: on our order, or by itself. */
void mobile_roam_progress(struct mobile *m, const struct mac *bssid, const struct instant *now,
			  struct mobile_out *out);
void mobile_roam_failed(struct mobile *m, const char *why, const struct instant *now,
			struct mobile_out *out);
/* The kernel says that the signal, or what is sent, is not as it was. */
void mobile_threshold(struct mobile *m, const struct instant *now, struct mobile_out *out);
void mobile_signal(struct mobile *m, int dbm, const struct instant *now, struct mobile_out *out);
/* Packets that the radio still has to send to the access point. */
void mobile_backlog(struct mobile *m, uint32_t packets, const struct instant *now,
		    struct mobile_out *out);
void mobile_traffic(struct mobile *m, const struct radio_traffic *t, const struct instant *now,
		    struct mobile_out *out);
/* The supplicant looks for other access points by itself: when the signal falls below a threshold,
 * also one of ours. */
void mobile_bgscan(struct mobile *m, bool on, const struct instant *now, struct mobile_out *out);
void mobile_beacon_loss(struct mobile *m, const struct instant *now, struct mobile_out *out);
void mobile_scanned(struct mobile *m, const struct radio_bss *list, size_t n,
		    const struct instant *now, struct mobile_out *out);
void mobile_scan_failed(struct mobile *m, const struct instant *now, struct mobile_out *out);

/* A scan begins, perhaps somebody else's. */
void mobile_scan_begun(struct mobile *m, const struct instant *now, struct mobile_out *out);
/* A scan is over, perhaps somebody else's: the supplicant will choose among what it found. */
void mobile_scan_over(struct mobile *m, const struct instant *now, struct mobile_out *out);
/* Who the access point says is near by (802.11k). */
void mobile_neighbours(struct mobile *m, const struct radio_neighbour *list, size_t n,
		       const struct instant *now, struct mobile_out *out);
/* The access point wants us to go (802.11v). */
struct mobile_transition {
	bool listed;   /* to one of a list, which the supplicant is looking for already */
	bool imminent; /* it sends us away after `within` */
	mtime within;
};
void mobile_transition(struct mobile *m, const struct mobile_transition *asked,
		       const struct instant *now, struct mobile_out *out);

/* Layer 3.  A UDP datagram from port 434 on the radio; an ICMP router-discovery message. */
void mobile_udp(struct mobile *m, const struct mac *mac, uint32_t src, uint32_t dst,
		const uint8_t *p, size_t n, const struct instant *now, struct mobile_out *out);
void mobile_icmp(struct mobile *m, unsigned link, const struct mac *mac, uint32_t src,
		 const uint8_t *icmp, size_t n, const struct instant *now, struct mobile_out *out);
/* The address that the interface has, and the gateway there; 0: none.  Told when it changes, and
 * when it is brought anew (a lease was renewed). */
void mobile_address(struct mobile *m, unsigned link, uint32_t addr, uint32_t gateway,
		    const struct instant *now, struct mobile_out *out);
/* So long it may be used from now on, what remains of its lease; UINT32_MAX: no end is known.
 * Told after mobile_address(), and whenever it changes. */
void mobile_lease(struct mobile *m, unsigned link, uint32_t valid_s, const struct instant *now);
/* An ARP answer that came by the link, not our own: addr is at mac. */
void mobile_gateway(struct mobile *m, unsigned link, uint32_t addr, const struct mac *mac,
		    const struct instant *now, struct mobile_out *out);
/* Somebody, on the home link the home agent, has told all that the home address is at our MAC. */
void mobile_announced(struct mobile *m, const struct instant *now, struct mobile_out *out);
/* A packet in a tunnel to a care-of address of ours; udp: it came in a UDP tunnel, from the home
 * agent's port 434. */
void mobile_tunnelled(struct mobile *m, uint32_t src, uint32_t dst, bool udp, const uint8_t *inner,
		      size_t n, const struct instant *now, struct mobile_out *out);
/* An ICMP message to a care-of address of ours, with its IP header: of an error about a packet in
 * the tunnel programs are told, as RFC 2003 4 says. */
void mobile_tunnel_error(struct mobile *m, const uint8_t *p, size_t n, const struct instant *now,
			 struct mobile_out *out);
/* A packet for the home address came on the radio (only
 * while MOBILE_TAP is on); total = tap_count(). */
void mobile_downlink(struct mobile *m, uint64_t total, const struct instant *now,
		     struct mobile_out *out);
/* Count of downlink packets, told at any time; the shell calls it right before mobile_connected(),
 * mobile_icmp(), mobile_udp() and whenever it likes. */
void mobile_count(struct mobile *m, uint64_t total);
/* A packet of this machine's programs out of the TUN. */
void mobile_tun(struct mobile *m, const uint8_t *pkt, size_t n, const struct instant *now,
		struct mobile_out *out);
/* A frame or message that the shell's reader refused already. */
void mobile_dropped(struct mobile *m, enum drop why);

/* True: more is ready, call again at once (queued uplink in batches). */
bool mobile_tick(struct mobile *m, const struct instant *now, struct mobile_out *out);
mtime mobile_deadline(const struct mobile *m);
/* The uplink's pool: the shell gives its memory back while it is empty (common/giveback.h). */
struct pool *mobile_pool(struct mobile *m);
const struct mobile_want *mobile_want(const struct mobile *m);
/* What need not be heard on this link; may change with every call. */
void mobile_known(const struct mobile *m, unsigned link, struct advert_like *out);
/* Each millisecond counts, in a handoff. */
bool mobile_hurries(const struct mobile *m);
/* Several Requests in a row had no answer of the home agent's. */
bool mobile_unheard(const struct mobile *m);

/* Commands.  NULL: begun; else one sentence: why not, with
 * the remedy. *not_found tells exit code 5 from 4. */
const char *mobile_handoff(struct mobile *m, const struct mac *bssid /* NULL: the best */,
			   bool *not_found, const struct instant *now, struct mobile_out *out);
/* Moves to another interface, and stays there until it is lost; MOBILE_ANY_LINK: as preferred. */
const char *mobile_cross(struct mobile *m, unsigned link, const struct instant *now,
			 struct mobile_out *out);
/*
 * The same, but in a while (at most ANNOUNCE_MAX): what is needed is found out before.  A second
 * announcement takes the first one's place; a handoff that begins meanwhile uses it up.  link:
 * MOBILE_ANY_LINK, or the interface to move to.
 */
#define ANNOUNCE_MAX SEC(60)
const char *mobile_announce(struct mobile *m, mtime in, const struct mac *bssid, unsigned link,
			    const struct instant *now, struct mobile_out *out);
const char *mobile_withdraw(struct mobile *m, const struct instant *now, struct mobile_out *out);
const char *mobile_register(struct mobile *m, const struct instant *now, struct mobile_out *out);
const char *mobile_deregister(struct mobile *m, const struct instant *now, struct mobile_out *out);

/* The screen goes off, or on. */
const char *mobile_power(struct mobile *m, bool saving, const struct instant *now,
			 struct mobile_out *out);
bool mobile_saves(const struct mobile *m);
/* What others have scanned is of no interest: it is asked for once it is. */
bool mobile_looks_away(const struct mobile *m);

/* ---- for status, history, report ---- */
enum mobile_state {
	MOBILE_DETACHED,     /* no link */
	MOBILE_SEARCHING,    /* link, no agent yet */
	MOBILE_REGISTERING,
	MOBILE_REGISTERED,
	MOBILE_AT_HOME, /* on its home link, and not bound */
	MOBILE_HANDING_OFF,
	MOBILE_DEREGISTERED, /* by command */
};
const char *mobile_state_name(enum mobile_state s); /* "registered" */

/* What the home agent does where the agent cannot buffer. */
enum home_keeps {
	HOME_UNKNOWN, /* not asked, or the answer is still to come */
	HOME_KEEPS,
	HOME_SILENT, /* it did not answer: it knows nothing of this */
	HOME_REFUSES,
};
const char *home_keeps_name(enum home_keeps k);

struct mobile_info {
	enum mobile_state state;
	bool attached;
	struct radio_bss bss;
	struct radio_view radio;
	uint32_t home_addr; /* 0: none was given yet */
	uint32_t home_agent;
	const char *nai; /* empty: none */
	uint32_t agent, care_of; /* 0: none */
	struct mac agent_mac;
	bool colocated;		 /* the care-of address is our own, or will be */
	bool udp_tunnel;
	unsigned link, n_links;	   /* the one in use; of conf->links */
	struct mobile_link_info {
		bool attached, ready, metered;
		uint8_t preference;
		uint32_t address, gateway; /* 0: none */
	} links[MOBILE_LINKS_MAX];
	bool agent_buffers;	 /* it announced the capability */
	enum order_key order_key; /* what would sign an order to it */
	enum home_keeps home_keeps;
	bool buffering_enabled;
	mtime announced_at; /* MTIME_NEVER: none is */
	bool saves; /* power */
	const char *early_lease; /* "off", "none", "asked", "granted", "refused" */
	bool by_link; /* the home agent is silent, programs use the network itself */
	uint16_t lifetime_s;
	mtime expires;		 /* of the binding */
	uint8_t last_code;	 /* of the last Registration Reply */
	bool has_last_code;
	bool reverse_wanted, reverse; /* the T bit: configured; and offered by the agent */
	enum uplink_path uplink;
	uint32_t uplink_queued;
	uint64_t uplink_dropped;
	uint64_t requests, replies, adverts, solicitations, handoffs, handoffs_failed, keepalives,
	    errors_relayed;
	struct drops drops;
};
/* Its decision engine, to be looked at: radio_view(), radio_opinion(). */
const struct radio *mobile_radio(const struct mobile *m);
void mobile_info(const struct mobile *m, mtime now, struct mobile_info *out);
/* The running or last handoff: number 0: newest; else that one.  False: not there. */
bool mobile_report(const struct mobile *m, unsigned number, struct report *out);
/* 0: none */
unsigned mobile_history_first(const struct mobile *m), mobile_history_last(const struct mobile *m);

#endif
