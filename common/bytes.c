/* SPDX-License-Identifier: MIT */
#include "common/bytes.h"

#include <string.h>

void rb_bytes(struct rbuf *r, void *dst, size_t n)
{
	struct rbuf s = rb_take(r, n);

	if (!n)
		return;
	if (s.bad)
		memset(dst, 0, n);
	else
		memcpy(dst, s.p, n);
}

struct wbuf wb_init(void *p, size_t cap)
{
	return (struct wbuf){.p = p, .cap = cap};
}

/* Room for n more bytes, or NULL; once bad, always bad. */
static uint8_t *room(struct wbuf *w, size_t n)
{
	uint8_t *at;

	if (w->bad || n > w->cap - w->len) {
		w->bad = true;
		return NULL;
	}
	at = w->p + w->len;
	w->len += n;
	return at;
}

static void put(struct wbuf *w, uint64_t v, size_t n)
{
	uint8_t *at = room(w, n);

	for (; at && n; n--, v >>= 8)
		at[n - 1] = (uint8_t)v;
}

void wb_u8(struct wbuf *w, uint8_t v)
{
	put(w, v, 1);
}

void wb_u16(struct wbuf *w, uint16_t v)
{
	put(w, v, 2);
}

void wb_u32(struct wbuf *w, uint32_t v)
{
	put(w, v, 4);
}

void wb_u64(struct wbuf *w, uint64_t v)
{
	put(w, v, 8);
}

void wb_bytes(struct wbuf *w, const void *src, size_t n)
{
	uint8_t *at;

	if (!n)
		return;
	at = room(w, n);
	if (at)
		memcpy(at, src, n);
}

void wb_zero(struct wbuf *w, size_t n)
{
	uint8_t *at;

	if (!n)
		return;
	at = room(w, n);
	if (at)
		memset(at, 0, n);
}

void wb_patch16(struct wbuf *w, size_t off, uint16_t v)
{
	if (w->bad || w->len < 2 || off > w->len - 2) {
		w->bad = true;
		return;
	}
	w->p[off] = (uint8_t)(v >> 8);
	w->p[off + 1] = (uint8_t)v;
}

bool wb_ok(const struct wbuf *w)
{
	return !w->bad;
}
