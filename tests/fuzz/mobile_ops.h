/* SPDX-License-Identifier: MIT */
#ifndef MIP_FUZZ_MOBILE_OPS_H
#define MIP_FUZZ_MOBILE_OPS_H

/* What the input of fuzz_mobile is made of: two bytes of MOBILE_WITH_* and MOBILE_ALSO_*, then one
 * of these after the other, each with what fuzz_mobile.c reads for it. */
enum mobile_op {
	MOBILE_OP_WAIT,
	MOBILE_OP_CONNECTED,
	MOBILE_OP_DISCONNECTED,
	MOBILE_OP_RADIO,
	MOBILE_OP_SCANNED,
	MOBILE_OP_ADVERT,
	MOBILE_OP_REPLY,
	MOBILE_OP_ORDER_REPLY,
	MOBILE_OP_RAW,
	MOBILE_OP_ADDRESS,
	MOBILE_OP_TUNNELLED,
	MOBILE_OP_TUN,
	MOBILE_OP_COMMAND,
	MOBILE_OP_NEIGHBOURS,
	MOBILE_OP_CONF,
	MOBILE_OP_COUNT,
	MOBILE_OPS,
};

enum {
	MOBILE_WITH_AUTOMATIC = 1,
	MOBILE_WITH_EARLY_LEASE = 2,
	MOBILE_WITH_OWN_ADDRESS = 4,
	MOBILE_WITH_NAME = 8, /* and no home address */
	MOBILE_WITH_FORCED_UDP = 16,
	MOBILE_WITH_EARLY_FORWARD = 32,
	MOBILE_WITH_AGENT = 64,	  /* on the first access point, registered with its agent */
	MOBILE_WITH_TUNNEL = 128, /* the same from an address of its own, behind a NAT */
};
enum {
	MOBILE_ALSO_ASKS = 3,	/* enum ask */
	MOBILE_ALSO_AGENTS = 4, /* wants only agents */
	MOBILE_ALSO_NO_KEYS = 8,
	MOBILE_ALSO_ONE_LINK = 16,
	MOBILE_ALSO_SAVES = 32,
	MOBILE_ALSO_LOOKS_UP = 64, /* the home agent has a name */
	MOBILE_ALSO_NO_BUFFER = 128,
};

#endif
