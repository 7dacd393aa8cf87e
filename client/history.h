/* SPDX-License-Identifier: MIT */
#ifndef MIP_HISTORY_H
#define MIP_HISTORY_H

#include "client/mobile.h"
#include "common/seal.h"

/*
 * The bytes of the node's state file, big-endian: its past handoffs, oldest first.  Pure; persist.c
 * writes and reads it.
 *
 *   8  "MIPHANDS"          then one record a handoff; TEXT: 1 its length, then so many bytes
 *   2  version, 1             4  number, more than that of the record before
 *   2  records                8  when it began, NTP
 *                             1  1: done (else failed), 2: last packet, 4: loss known
 *                                TEXT flow, trigger, reason
 *   32 SHA-256 of all      twice, from and to:
 *      before it, at the      6  BSSID, 2 signal (dBm), 4 agent, 4 care-of address, TEXT SSID
 *      end                    8  last packet on the old link, us from the trigger
 *                             4  each: lost, forwarded, queued and dropped uplink, BUFFER and
 *                                Registration Requests sent, lease (ms)
 *                             2  each: packets and KiB granted, dBm of leave-below, of dead
 *                             1  steps, each: TEXT its name, 8 us from the trigger
 *                             1  samples of the signal, each: 4 ms from the trigger, 2 dBm,
 *                                1 (1: of the new access point)
 *
 * Flows and steps have names here: one that is not known, of a later version, is left out.
 */
#define HISTORY_VERSION 1
#define HISTORY_HEADER 12
#define HISTORY_RECORD_MAX                                                                         \
	(4 + 8 + 1 + 3 * 128 + 2 * (16 + 1 + SSID_MAX) + 8 + 7 * 4 + 4 * 2 + 1 +                   \
	 STEP_COUNT * (1 + 16 + 8) + 1 + REPORT_SAMPLES_MAX * 7)
#define HISTORY_FILE_MAX (HISTORY_HEADER + HISTORY_MAX * HISTORY_RECORD_MAX + SEAL_SUM)

/* All but the sum, for which HISTORY_FILE_MAX has room; 0: cap is too small.  A handoff that has
 * not ended yet is not in it. */
size_t history_encode(const struct mobile *m, uint8_t *buf, size_t cap);

enum history_fault {
	HISTORY_GOOD,
	HISTORY_FOREIGN, /* it does not begin like one */
	HISTORY_VERSION_UNKNOWN,
	HISTORY_DAMAGED,  /* the sum, or a length */
	HISTORY_NONSENSE, /* whole, but nothing that we would have written */
};
const char *history_fault_text(enum history_fault f);
/* Looks at all of it first, then tells the core, which has had no handoff yet. */
enum history_fault history_restore(struct mobile *m, const uint8_t *p, size_t n);

#endif
