/* SPDX-License-Identifier: MIT */
#ifndef MIP_BYTES_H
#define MIP_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The checked reader and writer, big-endian.  The error flag is sticky: a short
 * read yields zero and marks the cursor, so a decoder is straight-line code that
 * asks rb_ok() once.  Nothing else in the tree touches wire bytes by index.
 */
struct rbuf {
	const uint8_t *p;
	size_t left;
	bool bad;
};

struct wbuf {
	uint8_t *p;
	size_t len, cap;
	bool bad;
};

struct rbuf rb_init(const void *p, size_t n);
uint8_t rb_u8(struct rbuf *r);
uint16_t rb_u16(struct rbuf *r);
uint32_t rb_u32(struct rbuf *r);
uint64_t rb_u64(struct rbuf *r);
struct rbuf rb_take(struct rbuf *r, size_t n);	    /* a sub-cursor over the next n bytes */
void rb_bytes(struct rbuf *r, void *dst, size_t n); /* dst is zeroed when short */
void rb_skip(struct rbuf *r, size_t n);
bool rb_ok(const struct rbuf *r);  /* no short read so far */
bool rb_end(const struct rbuf *r); /* no short read, and nothing left */

struct wbuf wb_init(void *p, size_t cap);
void wb_u8(struct wbuf *w, uint8_t v);
void wb_u16(struct wbuf *w, uint16_t v);
void wb_u32(struct wbuf *w, uint32_t v);
void wb_u64(struct wbuf *w, uint64_t v);
void wb_bytes(struct wbuf *w, const void *src, size_t n);
void wb_zero(struct wbuf *w, size_t n);
void wb_patch16(struct wbuf *w, size_t off, uint16_t v); /* off + 2 <= len, else bad */
bool wb_ok(const struct wbuf *w);

#endif
