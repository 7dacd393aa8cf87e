/* SPDX-License-Identifier: MIT */
#ifndef MIP_SEAL_H
#define MIP_SEAL_H

#include "common/bytes.h"

/*
 * What every state file begins and ends with: 8 bytes that name it, a version, and at the end the
 * SHA-256 of all before it.  Pure.  The sum tells damage, not forgery.
 */
#define SEAL_NAME 8
#define SEAL_SUM 32

/* Appends the sum, for which there is room behind the n bytes; how many there are then. */
size_t seal(uint8_t *buf, size_t n);

enum sealed {
	SEALED_GOOD,
	SEALED_FOREIGN, /* it does not begin like one */
	SEALED_VERSION, /* another one */
	SEALED_DAMAGED, /* the sum, or shorter than its header */
};
/* header: the least that stands before the sum.  SEALED_GOOD: *r is what stands between the version
 * and the sum. */
enum sealed seal_open(struct rbuf *r, const uint8_t *p, size_t n, const char name[SEAL_NAME],
		      uint16_t version, size_t header);

#endif
