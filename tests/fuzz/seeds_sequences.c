/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/seeds.h"

#include "common/mip.h"
#include "common/order.h"
#include "tests/fuzz/agent_ops.h"
#include "tests/fuzz/mobile_ops.h"

/*
 * Handoffs as they should be, in the words of fuzz_agent.c and fuzz_mobile.c: from here on the
 * input is changed.  Numbers of addresses, keys and agents are those of agents.h and phone.h.
 */
#define WAIT(ms) AGENT_OP_WAIT, ms
/* Six packets of 100 bytes from the correspondent, out of the home agent's TUN. */
#define STREAM AGENT_OP_DATA, 0, 0, 5, 8, 5, 0, 64, 0, 0, 100
#define NODE_AT(agent) agent, 0, 5 /* it speaks on that agent's link */
#define TO_A 1
#define TO_B 2
#define NOWHERE 11
/* action, flags, home, first agent, care-of, identification, extensions, MN-FA, key of A */
#define ORDER(action, flags, care_of) action, flags, 0, TO_A, care_of, 0, 0, 0, 1
/* T, 600 s; riders and key as they say; care-of address, identification */
#define REGISTER(riders, key, care_of) MIP_T, 2, 0x58, riders, key << 5, care_of, 0

static const uint8_t planned[] = {
    AGENT_WITH_VISITOR,
    STREAM,
    AGENT_OP_ORDER, ORDER(ORDER_BUFFER, ORDER_F_ELASTIC, NOWHERE), NODE_AT(1),
    STREAM, WAIT(20), STREAM, WAIT(50),
    AGENT_OP_REQUEST, REGISTER(16 | 64, 2, TO_B), ORDER(ORDER_FORWARD, ORDER_F_ASKED, TO_B),
    NODE_AT(2),
    WAIT(30), STREAM, WAIT(100), STREAM, WAIT(200),
};
static const uint8_t sudden[] = {
    AGENT_WITH_VISITOR,
    STREAM, WAIT(50),
    AGENT_OP_REQUEST, REGISTER(16 | 32 | 64, 2, TO_B), ORDER(ORDER_BUFFER, 0, NOWHERE),
    ORDER(ORDER_FORWARD, 0, TO_B), NODE_AT(2),
    WAIT(30), STREAM, WAIT(200), AGENT_OP_RESTART, STREAM, WAIT(100),
};
static const uint8_t released[] = {
    AGENT_WITH_VISITOR,
    AGENT_OP_ORDER, ORDER(ORDER_BUFFER, ORDER_F_RESERVE, NOWHERE), NODE_AT(1),
    STREAM, AGENT_OP_STATION, 1, 4, STREAM, WAIT(20),
    AGENT_OP_STATION, 1, 0,
    AGENT_OP_ORDER, ORDER(ORDER_RELEASE, 0, NOWHERE), NODE_AT(1), WAIT(100),
    AGENT_OP_ORDER, ORDER(ORDER_QUERY, 0, NOWHERE), NODE_AT(1), WAIT(100),
};
static const uint8_t early[] = {
    AGENT_WITH_VISITOR | AGENT_WITH_EARLY_FORWARD | AGENT_WITH_HOLD,
    AGENT_OP_ORDER, ORDER(ORDER_BUFFER, 0, NOWHERE), NODE_AT(1), STREAM, AGENT_OP_DELIVER,
    AGENT_OP_REQUEST, REGISTER(16 | 64, 2, TO_B),
    ORDER(ORDER_FORWARD, ORDER_F_ASKED | ORDER_F_EARLY, TO_B), NODE_AT(2),
    AGENT_OP_BAG, 1, 0, AGENT_OP_BAG, 0, 2, WAIT(20), AGENT_OP_DELIVER, STREAM, WAIT(200),
};
/* From an address of its own, behind a NAT; then it leaves that, and the home agent keeps. */
static const uint8_t own[] = {
    AGENT_WITH_HOME_LINK,
    AGENT_OP_REQUEST, MIP_T | MIP_D, 0, 60, 8, 0, 10, 0, 0, 1, 9,
    WAIT(20), STREAM,
    AGENT_OP_DATA, 0, 2, 3, 5, 8, 9, 64, 0, 0, 60,
    AGENT_OP_ORDER, ORDER_BUFFER, 0, 0, 0, NOWHERE, 0, 0, 2, 0, 0, 1, 9, STREAM, WAIT(50),
    AGENT_OP_RESTART,
    AGENT_OP_REQUEST, REGISTER(0, 1, TO_A), NODE_AT(1), WAIT(20), STREAM, WAIT(100),
};
/* Home again, then a node of the pool. */
static const uint8_t home[] = {
    AGENT_WITH_HOME_LINK | AGENT_WITH_VISITOR,
    STREAM, AGENT_OP_REQUEST, 0, 0, 0, 0, 0, 5, 0, 0, 0, 5, WAIT(20),
    AGENT_OP_REQUEST, MIP_T, 2, 0x58, 1 | 4, 1 << 5, NOWHERE, TO_A, 0, NODE_AT(1), WAIT(20),
    AGENT_OP_CONF, 2, 1, AGENT_OP_CONF, 4, 0, WAIT(20),
};

static void agents(void)
{
	seed("agent", planned, sizeof(planned));
	seed("agent", sudden, sizeof(sudden));
	seed("agent", released, sizeof(released));
	seed("agent", early, sizeof(early));
	seed("agent", own, sizeof(own));
	seed("agent", home, sizeof(home));
}

/* ---- the node ---- */

#define M_WAIT(ms) MOBILE_OP_WAIT, ms
#define CONNECTED(which) MOBILE_OP_CONNECTED, 0, which, (uint8_t)-50, 0
#define HEARS(agent) MOBILE_OP_ADVERT, 0, agent, 1
#define ACCEPTED(key) MOBILE_OP_REPLY, 0, 2, 0x58, 0, key, 0
/* to the k-th last order: code, signed as it should be; a grant of 2048 packets, 4 MiB, 8 s */
#define ORDER_SAYS(k, code) MOBILE_OP_ORDER_REPLY, k, code, 0, 0, 3, 8, 0, 16, 0, 0, 0, 31, 64, 0
#define SENDS MOBILE_OP_TUN, 0, 5, 0, 100
/* Both access points, the second one better. */
#define SCANNED MOBILE_OP_SCANNED, 2, 0, (uint8_t)-72, 0, 1, (uint8_t)-48, 0

static const uint8_t walks[] = {
    MOBILE_WITH_AGENT, 0,
    ORDER_SAYS(0, 0), SCANNED, SENDS,
    MOBILE_OP_COMMAND, 0, 8 | 1, ORDER_SAYS(0, 0), M_WAIT(100), SENDS,
    MOBILE_OP_RADIO, 0, 1, 0, 0, 0, 0, CONNECTED(1), M_WAIT(20), HEARS(1), ACCEPTED(4),
    M_WAIT(20), ORDER_SAYS(0, 0), MOBILE_OP_COUNT, 5, 1, M_WAIT(100), SENDS,
};
static const uint8_t falls[] = {
    MOBILE_WITH_AGENT | MOBILE_WITH_AUTOMATIC | MOBILE_WITH_EARLY_LEASE | MOBILE_WITH_EARLY_FORWARD,
    0,
    ORDER_SAYS(0, 0), SCANNED,
    MOBILE_OP_RADIO, 15, 0, 0, 0xb8, 0, 0, M_WAIT(100),
    MOBILE_OP_RADIO, 15, 0, 0, 0xb4, 0, 0, M_WAIT(100),
    MOBILE_OP_RADIO, 5, 0, 0, 0, 0, 0, SCANNED, ORDER_SAYS(0, 0), M_WAIT(50),
    MOBILE_OP_DISCONNECTED, 0, 0, CONNECTED(1), HEARS(1), ACCEPTED(4), M_WAIT(50),
};
static const uint8_t behind_nat[] = {
    MOBILE_WITH_TUNNEL, 0,
    ORDER_SAYS(0, 0), SENDS, MOBILE_OP_TUNNELLED, 8, 5, 1, 6, 0, 100,
    M_WAIT(200), MOBILE_OP_WAIT, 255, 120, SCANNED,
    MOBILE_OP_COMMAND, 0, 8 | 1, ORDER_SAYS(0, 0), CONNECTED(1),
    MOBILE_OP_ADDRESS, 0, 0, 7, 9, 1, 0, MOBILE_OP_ADDRESS, 0, 1, 9, 9,
    MOBILE_OP_WAIT, 255, 4, MOBILE_OP_REPLY, 0, 2, 0x58, 16, 0, 0, 0, 110, 1, 7, M_WAIT(50),
};
/* A cable is plugged in, the node moves there, and back. */
static const uint8_t cable[] = {
    MOBILE_WITH_AGENT | MOBILE_WITH_AUTOMATIC, 0,
    MOBILE_OP_CONNECTED, 1, 1, 0, 0, MOBILE_OP_ADDRESS, 1, 0, 7, 9, 1, 0,
    MOBILE_OP_ADDRESS, 1, 1, 9, 9, MOBILE_OP_WAIT, 255, 3,
    ORDER_SAYS(0, 0), MOBILE_OP_REPLY, 0, 2, 0x58, 16, 0, 0, 0, 110, 1, 7, M_WAIT(100), SENDS,
    MOBILE_OP_DISCONNECTED, 1, 0, M_WAIT(100), MOBILE_OP_COMMAND, 1, 3, M_WAIT(100),
};
static const uint8_t named[] = {
    MOBILE_WITH_NAME, MOBILE_ALSO_LOOKS_UP,
    MOBILE_OP_COMMAND, 7, 1, CONNECTED(0), M_WAIT(20), HEARS(0),
    MOBILE_OP_REPLY, 0, 2, 0x58, 32, 2, 0, 7, 2, 0x58, 9, 0, M_WAIT(20),
    MOBILE_OP_ORDER_REPLY, 0, 0, 3, 0, 0, 0, MOBILE_OP_COMMAND, 2, 8 | 1, 0, 200, M_WAIT(100),
    MOBILE_OP_COMMAND, 3, 0, MOBILE_OP_COMMAND, 5, 0, M_WAIT(100), MOBILE_OP_COMMAND, 4, 0,
};
static const uint8_t at_home[] = {
    0, 0,
    CONNECTED(2), M_WAIT(20), HEARS(2), MOBILE_OP_REPLY, 0, 0, 0, 0, 6, 0, M_WAIT(100), SENDS,
    MOBILE_OP_NEIGHBOURS, 2, 0, 9, 0x6c, 255, 1, 9, 0x85, 0,
    MOBILE_OP_RADIO, 9 | 16, 0, 0, 100, 0, 0, SCANNED, M_WAIT(100),
    MOBILE_OP_CONF, 1, 32, MOBILE_OP_RAW, 3, 0, 0, 0, 4, 0x45, 0, 0, 4,
};

void seeds_sequences(void)
{
	agents();
	seed("mobile", walks, sizeof(walks));
	seed("mobile", falls, sizeof(falls));
	seed("mobile", behind_nat, sizeof(behind_nat));
	seed("mobile", cable, sizeof(cable));
	seed("mobile", named, sizeof(named));
	seed("mobile", at_home, sizeof(at_home));
}
