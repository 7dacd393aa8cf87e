/* SPDX-License-Identifier: MIT */
#ifndef MIP_MIP_H
#define MIP_MIP_H

#include "common/auth.h"
#include "common/bytes.h"
#include "common/dealt.h"
#include "common/drop.h"

/*
 * RFC 5944 control messages and the only walker of their extensions (space A).
 * Decoders write *out only on success; nothing here allocates.
 */
#define MIP_PORT 434
#define NAI_MAX 72	 /* RFC 7542's advice; longer ones are not configured */
#define MIP_MSG_MAX 1400 /* a control message longer than this is refused */

enum { /* message types */
	MIP_REQUEST = 1,
	MIP_REPLY = 3,
	MIP_TUNNEL = 4, /* RFC 3519: a packet of the node's, inside UDP */
	MIP_ORDER = 255, /* RFC 4064: Buffer Control, see order.h */
};

enum { /* Registration Request flags, RFC 5944 3.3 */
	MIP_S = 0x80,
	MIP_B = 0x40,
	MIP_D = 0x20,
	MIP_M = 0x10,
	MIP_G = 0x08,
	MIP_T = 0x02,
};

enum { /* extension types */
	EXT_PAD = 0,
	EXT_MN_HA = 32,
	EXT_MN_FA = 33,
	EXT_FA_HA = 34,
	EXT_GENERAL_AUTH = 36, /* subtype 2: FA-FA, used under the handoff key */
	EXT_UDP_REPLY = 44,    /* RFC 3519, Replies only */
	EXT_ENCAP_DELIVERY = 130,
	EXT_NAI = 131,
	EXT_UDP_REQUEST = 144, /* RFC 3519, Requests only */
	EXT_EXPERIMENTAL = 255, /* short layout: 255, Length, SubType, data */
};
#define GA_FA_FA 2

enum { /* SubTypes of EXT_EXPERIMENTAL, mip-buffer(7) */
	SUB_SIZE = 1,
	SUB_LEASE = 2,
	SUB_FILTER = 3,
	SUB_SEEN = 4,
	SUB_OVERFLOW = 5,
	SUB_MAX_AGE = 6,
	SUB_STATE = 7,
	SUB_RELAYED_ORDER = 8,
	SUB_RELAYED_REPLY = 9,
	SUB_AGENT_KEY = 10,
	SUB_NODE_NONCE = 11,
	SUB_COUNT = 12,
	SUB_HANDOFF_KEY = 13,
	/* packets(32) the first agent has sent to the node's link since it registered */
	SUB_DELIVERED = 14,
};

/* Registration Reply codes, RFC 5944 3.4 and RFC 3024 */
enum {
	CODE_ACCEPTED = 0,
	CODE_ACCEPTED_NO_SIMULTANEOUS = 1,
	CODE_FA_UNSPECIFIED = 64,
	CODE_FA_PROHIBITED = 65,
	CODE_FA_RESOURCES = 66,
	CODE_FA_MN_AUTH = 67,
	CODE_FA_HA_AUTH = 68,
	CODE_FA_LIFETIME = 69,
	CODE_FA_MALFORMED_REQUEST = 70,
	CODE_FA_MALFORMED_REPLY = 71,
	CODE_FA_ENCAPSULATION = 72,
	CODE_FA_REVERSE_UNAVAILABLE = 74,
	CODE_FA_REVERSE_MANDATORY = 75,
	CODE_FA_TOO_DISTANT = 76,
	CODE_FA_CARE_OF = 77,
	CODE_FA_TIMEOUT = 78,
	CODE_FA_DELIVERY_STYLE = 79,
	CODE_FA_HOME_NET = 80,
	CODE_FA_HA_HOST = 81,
	CODE_FA_HA_PORT = 82,
	CODE_FA_HA_OTHER = 88,
	CODE_FA_NONZERO_HOME = 96,
	CODE_HA_UNSPECIFIED = 128,
	CODE_HA_PROHIBITED = 129,
	CODE_HA_RESOURCES = 130,
	CODE_HA_MN_AUTH = 131,
	CODE_HA_FA_AUTH = 132,
	CODE_HA_ID = 133,
	CODE_HA_MALFORMED = 134,
	CODE_HA_TOO_MANY = 135,
	CODE_HA_UNKNOWN = 136,
	CODE_HA_REVERSE_UNAVAILABLE = 137,
	CODE_HA_REVERSE_MANDATORY = 138,
	CODE_HA_ENCAPSULATION = 139,
	CODE_HA_UDP_UNAVAILABLE = 142, /* RFC 3519 */
	CODE_INVALID_HA = 194,
};
#define LIFETIME_INFINITE 0xffff

const char *mip_code_text(uint8_t code); /* a short sentence for any of the 256 codes */
bool mip_code_accepted(uint8_t code);	 /* 0 or 1 */
bool mip_code_from_home(uint8_t code);	 /* must carry MN-HA: accepted, or 128..192 */

struct mip_request {
	uint8_t flags;
	uint16_t lifetime_s;
	uint32_t home_addr, home_agent, care_of;
	uint64_t id;
};
#define MIP_REQUEST_LEN 24

struct mip_reply {
	uint8_t code;
	uint16_t lifetime_s;
	uint32_t home_addr, home_agent;
	uint64_t id;
};
#define MIP_REPLY_LEN 20

/*
 * UDP tunnelling, RFC 3519.  The node's own extension stands before MN-HA, a foreign agent's after
 * it.  A Request whose Reserved3 is not zero counts as absent (3.1), so does another SubType.
 */
struct mip_udp_request {
	bool present, before_mn_ha;
	bool force;		    /* F: also where there is no NAT */
	bool registration_required; /* R: co-located, and through a foreign agent all the same */
	uint8_t encapsulation;	    /* 0 (as M and G say), 4 IP, 47 GRE, 55 minimal */
};
struct mip_udp_reply {
	bool present, before_mn_ha;
	bool forced;	      /* F was granted */
	uint8_t code;	      /* MIP_UDP_WILL, or 64 to 255: declined */
	uint16_t keepalive_s; /* 0: the node's own default */
};
enum { /* Reply codes of RFC 3519 3.2; below 64: granted */
	MIP_UDP_WILL = 0,
	MIP_UDP_DECLINED = 64,
};

/* MIP Tunnel Data, RFC 3519 3.3: this header, then an IPv4 packet, in UDP to or from port 434. */
#define MIP_TUNNEL_LEN 4
#define MIP_TUNNEL_IPIP 4      /* Next Header, and Encapsulation in a Request: an IPv4 packet */
#define MIP_TUNNEL_OVERHEAD 32 /* IPv4 20, UDP 8, MIP_TUNNEL_LEN */

#define MIP_ORDERS_MAX 2

/* What the walker found.  Byte ranges point into the message, which must outlive this. */
struct mip_exts {
	struct auth_ext mn_ha, mn_fa, fa_ha;
	/* how many of each: exactly one is wanted where one is */
	unsigned n_mn_ha, n_mn_fa, n_fa_ha;
	/* first byte after MN-HA: what a foreign agent may not touch ends here; 0: none */
	size_t home_end;
	bool encap_delivery;
	struct rbuf nai; /* EXT_NAI, before MN-HA: user@realm, RFC 2794; .left == 0: none */
	/* SUB_RELAYED_ORDER after MN-HA: a whole signed Request each */
	struct rbuf orders[MIP_ORDERS_MAX];
	unsigned n_orders;
	struct rbuf replies[MIP_ORDERS_MAX]; /* SUB_RELAYED_REPLY after MN-HA */
	unsigned n_replies;
	struct rbuf handoff_key; /* SUB_HANDOFF_KEY after MN-HA, 32 bytes; .left == 0: none */
	/* Replies only: SUB_NODE_NONCE before MN-HA, SUB_AGENT_KEY after it; spi 0: none */
	struct dealt_node node_nonce;
	struct dealt_agent agent_key;
	struct mip_udp_request udp_request; /* Requests only */
	struct mip_udp_reply udp_reply;	    /* Replies only */
};

/* Decode a whole UDP payload.  DROP_NONE, or why not.  Extensions that stand on the wrong side of
 * MN-HA, a third order, a second key or nonce, or one of a wrong length, with a reserved SPI or
 * without a lifetime, are DROP_MALFORMED. */
enum drop mip_request_decode(const uint8_t *msg, size_t len, struct mip_request *out,
			     struct mip_exts *exts);
enum drop mip_reply_decode(const uint8_t *msg, size_t len, struct mip_reply *out,
			   struct mip_exts *exts);

/* Append the fixed part; extensions are appended after it by the caller. */
void mip_request_encode(struct wbuf *w, const struct mip_request *m);
void mip_reply_encode(struct wbuf *w, const struct mip_reply *m);
/* Append one EXT_EXPERIMENTAL extension (data <= 254 bytes, else w is bad). */
void mip_ext_append(struct wbuf *w, uint8_t subtype, const void *data, size_t n);
void mip_node_nonce_append(struct wbuf *w, const struct dealt_node *d);
void mip_agent_key_append(struct wbuf *w, const struct dealt_agent *d);
void mip_nai_append(struct wbuf *w, const void *nai, size_t n); /* before MN-HA */
/* RFC 3519; where they stand, the caller says by when it appends MN-HA. */
void mip_udp_request_append(struct wbuf *w, const struct mip_udp_request *u);
void mip_udp_reply_append(struct wbuf *w, const struct mip_udp_reply *u);

void mip_tunnel_header(uint8_t buf[MIP_TUNNEL_LEN]);
/* A whole UDP payload.  false: short, of another type, or with a Next Header other than IPv4. */
bool mip_tunnel_decode(const uint8_t *p, size_t n, struct rbuf *inner);

/*
 * The walker itself: RFC 5944 1.8 to 1.11.  One extension a call.
 * WALK_EXT: *e is filled.  WALK_END: clean end.  Otherwise *why says what was wrong.
 * Padding is skipped.  Unknown types >= 128 are returned; the caller ignores what it does not know.
 */
struct mip_ext {
	uint8_t type;
	uint8_t subtype; /* of the long (36) and the short (255) layout, else 0 */
	struct rbuf data;
	size_t off, end; /* from the start of the message */
};
enum mip_walk { WALK_EXT, WALK_END, WALK_BAD };
struct mip_walker {
	const uint8_t *msg;
	size_t len, off;
};
enum mip_walk mip_walk_next(struct mip_walker *w, struct mip_ext *e, enum drop *why);
/* Fills *out from an authentication extension (32, 33,
 * 34, 36); false when its body is too short. */
bool mip_auth_ext_read(const struct mip_ext *e, struct auth_ext *out);
/* EXT_UDP_REQUEST and EXT_UDP_REPLY into *x, which knows what has stood before them. */
enum drop mip_udp_request_read(const struct mip_ext *e, struct mip_exts *x);
enum drop mip_udp_reply_read(const struct mip_ext *e, struct mip_exts *x);

#endif
