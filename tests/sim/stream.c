/* SPDX-License-Identifier: MIT */
#include "tests/sim/inside.h"

#include "common/packet.h"

#include <assert.h>

/* The correspondent's streams of numbered packets, to every node and from it. */

void stream_arrived(struct world *w, struct direction *d, const uint8_t *pkt, size_t n,
		    const char *where)
{
	unsigned seq;

	assert(n >= 32);
	seq = (unsigned)pkt[28] << 24 | (unsigned)pkt[29] << 16 | (unsigned)pkt[30] << 8 | pkt[31];
	if (seq >= d->sent) {
		world_violate(w, "%s: a packet that nobody sent", where);
		return;
	}
	assert(seq < WORLD_PACKETS_MAX);
	d->received++;
	if (d->got[seq]++) {
		d->duplicated++;
		world_log(w, "%s: %u AGAIN", where, seq);
	} else if (seq < d->highest) {
		d->reordered++;
		world_log(w, "%s: %u after %u", where, seq, d->highest);
	}
	if (seq > d->highest)
		d->highest = seq;
	if (d->last && w->now - d->last > d->gap)
		d->gap = w->now - d->last;
	d->last = w->now;
}

size_t stream_numbered(uint8_t *buf, uint32_t src, uint32_t dst, unsigned seq)
{
	uint8_t payload[PAYLOAD] = {(uint8_t)(seq >> 24), (uint8_t)(seq >> 16), (uint8_t)(seq >> 8),
				    (uint8_t)seq};
	struct ipv4_out h = { .src = src, .dst = dst, .ttl = 64, .protocol = PROTO_UDP };

	return udp_build(buf, FRAME_MAX, &h, 5000, 5001, payload, sizeof(payload));
}

static void node_streams(struct world *w, struct walker *by)
{
	struct instant now = world_node_instant(w);
	uint8_t pkt[FRAME_MAX];
	size_t n;

	n = stream_numbered(pkt, WORLD_CN, by->home, by->down.sent++);
	wire_backbone(w, w->c.n_foreign + 1,
		      wire_frame(FRAME_ROUTED, TO_AGENT, w->c.n_foreign, pkt, n));
	n = stream_numbered(pkt, by->home, WORLD_CN, by->up.sent++);
	if (mobile_want(by->mobile)->uplink == UPLINK_AGENT) {
		carry_frame(w, by, mobile_want(by->mobile)->link,
			    &mobile_want(by->mobile)->agent_mac, pkt, n);
	} else {
		mobile_tun(by->mobile, pkt, n, &now, &w->mout);
		carry_node(w, by);
	}
}

void stream_tick(struct world *w)
{
	struct event e = { .kind = EVENT_STREAM, .at = w->now + w->every };

	if (!w->streaming)
		return;
	for (unsigned k = 0; k < w->c.n_nodes; k++)
		node_streams(w, &w->walkers[k]);
	wire_push(w, e);
}

/* By its source: the correspondent counts each node's stream. */
void stream_cn_hears(struct world *w, const struct event *e)
{
	struct walker *from;
	struct ipv4 ip;

	if (ipv4_decode(e->p, e->n, &ip) != DROP_NONE)
		return;
	from = world_by_home(w, ip.src);
	if (from)
		stream_arrived(w, &from->up, e->p, e->n, "correspondent");
}
