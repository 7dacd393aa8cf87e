/* SPDX-License-Identifier: MIT */
#ifndef MIP_FUZZ_AGENT_OPS_H
#define MIP_FUZZ_AGENT_OPS_H

/* What the input of fuzz_agent is made of: a byte of AGENT_WITH_*, then one of these after the
 * other, each with what fuzz_agent.c reads for it. */
enum agent_op {
	AGENT_OP_WAIT,
	AGENT_OP_DELIVER,
	AGENT_OP_REQUEST,
	AGENT_OP_ORDER,
	AGENT_OP_SIGNED,
	AGENT_OP_DATA,
	AGENT_OP_RAW,
	AGENT_OP_BAG,
	AGENT_OP_REPLAY,
	AGENT_OP_STATION,
	AGENT_OP_QUEUE,
	AGENT_OP_UNREACHABLE,
	AGENT_OP_SOLICIT,
	AGENT_OP_RESTART,
	AGENT_OP_CONF,
	AGENT_OPS,
};

enum {
	AGENT_WITH_HOME_LINK = 1,
	AGENT_WITH_FORCED_UDP = 2,
	AGENT_WITH_EARLY_FORWARD = 4,
	AGENT_WITH_NAT = 8,
	AGENT_WITH_HOLD = 16, /* messages between agents wait for an order of the input's */
	AGENT_WITH_LOWEST = 32,
	AGENT_WITH_REQUIRED = 64,
	AGENT_WITH_VISITOR = 128, /* the node is registered by way of the first foreign agent */
};

#endif
