/* SPDX-License-Identifier: MIT */
#include "common/burst.h"

#include <string.h>

static bool same_way(const struct burst_way *a, const struct burst_way *b)
{
	return a->fd == b->fd && a->dst == b->dst && a->port == b->port && a->tos == b->tos &&
	       a->df == b->df;
}

bool burst_add(struct burst *b, const struct burst_way *way, const uint8_t *head, size_t head_len,
	       const uint8_t *p, size_t n)
{
	size_t len = head_len + n;

	if (len > BURST_BYTES - b->used)
		return false;
	if (b->n && (b->n >= b->most || b->used != b->n * b->size || len > b->size ||
		     !same_way(way, &b->way)))
		return false;
	if (!b->n) {
		b->way = *way;
		b->size = len;
	}
	memcpy(b->bytes + b->used, head, head_len);
	memcpy(b->bytes + b->used + head_len, p, n);
	b->used += len;
	b->n++;
	return true;
}

const uint8_t *burst_at(const struct burst *b, unsigned i, size_t *n)
{
	size_t at = i * b->size;

	*n = b->used - at < b->size ? b->used - at : b->size;
	return b->bytes + at;
}
