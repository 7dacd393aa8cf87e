/* SPDX-License-Identifier: MIT */
#ifndef MIP_DESCRIBE_H
#define MIP_DESCRIBE_H

#include "client/mobile.h"

#include <jansson.h>

/*
 * The core's values as JSON, mipclient(1).  Shell; new references; nothing is asked of anybody.
 * What is not known is null.
 */
json_t *describe_addr(uint32_t addr);			 /* 0: null */
json_t *describe_mac(const struct mac *mac);		 /* all zero: null */
json_t *describe_ssid(const uint8_t *ssid, uint8_t len); /* what is not UTF-8 is replaced by '?' */
json_t *describe_ms(mtime t);				 /* MTIME_NEVER: null */
json_t *describe_grant(const struct report *r);
json_t *describe_end(const struct report_end *e);
/* {"step": NAME, "ms": since the trigger} */
json_t *describe_step(const struct report *r, enum report_step s);
/* From the last packet on the old link to the first one on the new; null: not known. */
json_t *describe_gap(const struct report *r);
json_t *describe_report(const struct report *r);
json_t *describe_signal(const struct report *r); /* around it; null: nothing was measured */
json_t *describe_when(uint64_t ntp); /* RFC 3339, UTC, milliseconds; 0: null */

/* ---- describe_around.c: answers, whole ---- */
json_t *describe_agents(const struct mobile *m, mtime now);
json_t *describe_networks(const struct mobile *m, mtime now);

#endif
