/* SPDX-License-Identifier: MIT */
#ifndef MIP_FUZZ_H
#define MIP_FUZZ_H

#include "common/packet.h"
#include "common/seal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/*
 * What the harnesses share.  Each makes its choices by reading the input as it would read a
 * message, through the checked cursor: where the input is over all choices are 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A heap copy of exactly n bytes; the caller frees it. */
static inline uint8_t *fuzz_copy(const void *p, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);

	assert(copy);
	if (n)
		memcpy(copy, p, n);
	return copy;
}

/* The same with a zero behind it. */
static inline char *fuzz_text(const void *p, size_t n)
{
	char *text = malloc(n + 1);

	assert(text);
	if (n)
		memcpy(text, p, n);
	text[n] = '\0';
	return text;
}

/* Two bytes of length, and so much, or what is left. */
static inline struct rbuf fuzz_piece(struct rbuf *in)
{
	size_t n = rb_u16(in);

	return rb_take(in, n < in->left ? n : in->left);
}

/* One of them a statement: in which order a compiler takes arguments is its own business. */
static inline unsigned fuzz_choice(struct rbuf *in, unsigned of)
{
	return rb_u8(in) % of;
}

/* Each byte can be read. */
static inline void fuzz_touch(const void *p, size_t n)
{
	const uint8_t *b = p;
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += b[i];
	assert(sum <= n * 255);
}

static inline void fuzz_inside(struct rbuf r, const void *p, size_t n)
{
	const uint8_t *from = p;

	assert(!r.left || (r.p >= from && r.p + r.left <= from + n));
	fuzz_touch(r.p, r.left);
}

/* What a packet says of its own length and sum becomes right, so that what is behind that is
 * reached. */
static inline void fuzz_mend_ip(uint8_t *p, size_t n)
{
	struct wbuf w = {.p = p, .len = n, .cap = n};
	size_t header = n ? (size_t)(p[0] & 15) * 4 : 0;

	if (n < IPV4_HEADER_LEN || header > n)
		return;
	wb_patch16(&w, 2, (uint16_t)n);
	wb_patch16(&w, 10, 0);
	wb_patch16(&w, 10, inet_checksum(p, header));
}

/* The sum at `field` of what begins at p, as of an ICMP message. */
static inline void fuzz_mend_sum(uint8_t *p, size_t n, size_t field)
{
	struct wbuf w = {.p = p, .len = n, .cap = n};

	if (n < field + 2)
		return;
	wb_patch16(&w, field, 0);
	wb_patch16(&w, field, inet_checksum(p, n));
}

#endif
