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

static inline struct rbuf rb_init(const void *p, size_t n)
{
	return (struct rbuf){ .p = p, .left = n };
}

/* A sub-cursor over the next n bytes.  In the header, since every packet goes through these. */
static inline struct rbuf rb_take(struct rbuf *r, size_t n)
{
	struct rbuf sub = { .p = r->p };

	if (r->bad || n > r->left) {
		r->bad = sub.bad = true;
		r->left = 0;
		return sub;
	}
	sub.left = n;
	if (n) {
		r->p += n;
		r->left -= n;
	}
	return sub;
}

static inline uint64_t rb_number(struct rbuf *r, size_t n)
{
	struct rbuf s = rb_take(r, n);
	uint64_t v = 0;

	for (size_t i = 0; i < s.left; i++)
		v = v << 8 | s.p[i];
	return v;
}

static inline uint8_t rb_u8(struct rbuf *r)
{
	return (uint8_t)rb_number(r, 1);
}

static inline uint16_t rb_u16(struct rbuf *r)
{
	return (uint16_t)rb_number(r, 2);
}

static inline uint32_t rb_u32(struct rbuf *r)
{
	return (uint32_t)rb_number(r, 4);
}

static inline uint64_t rb_u64(struct rbuf *r)
{
	return rb_number(r, 8);
}

void rb_bytes(struct rbuf *r, void *dst, size_t n); /* dst is zeroed when short */

static inline void rb_skip(struct rbuf *r, size_t n)
{
	(void)rb_take(r, n);
}

/* No short read so far. */
static inline bool rb_ok(const struct rbuf *r)
{
	return !r->bad;
}

/* No short read, and nothing left. */
static inline bool rb_end(const struct rbuf *r)
{
	return !r->bad && !r->left;
}

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
