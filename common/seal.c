/* SPDX-License-Identifier: MIT */
#include "common/seal.h"

#include "common/auth.h"

#include <string.h>

size_t seal(uint8_t *buf, size_t n)
{
	auth_sha256(buf, n, buf + n);
	return n + SEAL_SUM;
}

enum sealed seal_open(struct rbuf *r, const uint8_t *p, size_t n, const char name[SEAL_NAME],
		      uint16_t version, size_t header)
{
	uint8_t sum[SEAL_SUM];

	*r = rb_init(p, 0);
	if (n < SEAL_NAME || memcmp(p, name, SEAL_NAME) != 0)
		return SEALED_FOREIGN;
	if (n < header + SEAL_SUM)
		return SEALED_DAMAGED;
	*r = rb_init(p + SEAL_NAME, n - SEAL_SUM - SEAL_NAME);
	if (rb_u16(r) != version)
		return SEALED_VERSION;
	auth_sha256(p, n - SEAL_SUM, sum);
	return memcmp(sum, p + n - SEAL_SUM, SEAL_SUM) == 0 ? SEALED_GOOD : SEALED_DAMAGED;
}
