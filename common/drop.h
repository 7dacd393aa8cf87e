/* SPDX-License-Identifier: MIT */
#ifndef MIP_DROP_H
#define MIP_DROP_H

#include <stdint.h>

/*
 * Every message or packet that is refused has exactly one reason, counted by its
 * owner and shown by `mipagent drops` and `mipclient status --json`.
 * X(NAME, "wire-name", "what it means"): the names are part of the interface.
 */
#define DROP_LIST(X)                                                                              \
	X(NONE, "none", "not dropped")                                                            \
	X(SHORT, "short", "message cut short")                                                    \
	X(MALFORMED, "malformed", "a field or length that cannot be")                             \
	X(UDP_CHECKSUM, "udp-checksum", "wrong UDP checksum")                                     \
	X(IP_HEADER, "ip-header", "not a valid IPv4 header")                                      \
	X(TYPE, "type", "message type not handled here")                                          \
	X(EXTENSION, "extension", "unknown non-skippable extension")                              \
	X(NO_AUTH, "no-auth", "mandatory authentication missing")                                 \
	X(NO_KEY, "no-key", "no key for this peer and SPI")                                       \
	X(BAD_AUTH, "bad-auth", "authenticator does not match")                                   \
	X(KEY_WRAP, "key-wrap", "dealt key that does not unwrap")                                 \
	X(REPLAY, "replay", "Identification not newer than the last")                             \
	X(STALE, "stale", "Identification outside the clock tolerance")                           \
	X(UNMATCHED, "unmatched", "reply to nothing that was asked")                              \
	X(NOT_MINE, "not-mine", "addressed to somebody else")                                     \
	X(NOT_VISITOR, "not-visitor", "home address not served here")                             \
	X(NO_BINDING, "no-binding", "home address not registered")                                \
	X(NO_TUNNEL, "no-tunnel", "its tunnel inside UDP has not begun")                          \
	X(CARE_OF, "care-of", "care-of address refused")                                          \
	X(OUTER_SOURCE, "outer-source", "tunnel packet from a stranger")                          \
	X(INNER_SOURCE, "inner-source", "inner source is not the node's")                         \
	X(LOOP, "loop", "would go back where it came from")                                       \
	X(TTL, "ttl", "time to live ran out")                                                     \
	X(ECN, "ecn", "marked as congested on the way, its sender knows no marks")                 \
	X(TOO_BIG, "too-big", "larger than the path allows, DF set")                              \
	X(RATE, "rate", "rate limit")                                                             \
	X(LIMIT, "limit", "table or queue full")                                                  \
	X(OVERFLOW, "overflow", "buffer full, policy dropped it")                                 \
	X(FILTERED, "filtered", "matched a filter of the order")                                  \
	X(AGE, "age", "waited longer than its class may")                                         \
	X(SEEN, "seen", "the node already has it")                                                \
	X(DELETED, "deleted", "the node had it deleted")                                          \
	X(LEASE_OVER, "lease-over", "lease ended with nowhere to go")                             \
	X(EARLY, "early", "forwarded early, over its allowance")                                   \
	X(NOT_ACCEPTED, "not-accepted", "forwarded early, the registration failed")                \
	X(UPLINK_FULL, "uplink-full", "uplink queue full")                                        \
	X(SEND_FAILED, "send-failed", "the kernel refused to send it")

enum drop {
#define X(name, str, text) DROP_##name,
	DROP_LIST(X)
#undef X
	DROP_COUNT
};

struct drops {
	uint64_t n[DROP_COUNT];
};

const char *drop_name(enum drop d); /* "bad-auth" */
const char *drop_text(enum drop d); /* "authenticator does not match" */

#endif
