/* SPDX-License-Identifier: MIT */
#include "client/core.h"
#include "common/packet.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct mac multicast_agents = { { 0x01, 0x00, 0x5e, 0x00, 0x00, 0x0b } };

struct mobile_action *core_add(struct mobile_out *out, enum mobile_act act)
{
	/* One call makes fewer than half of these; a bug must not write past the end. */
	struct mobile_action *a =
	    &out->a[out->n < MOBILE_ACTIONS_MAX - 1 ? out->n++ : MOBILE_ACTIONS_MAX - 1];

	a->act = act;
	a->link = out->link;
	a->text[0] = '\0';
	return a;
}

void core_note(struct mobile_out *out, const char *fmt, ...)
{
	struct mobile_action *a = core_add(out, MOBILE_NOTE);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(a->text, sizeof(a->text), fmt, ap);
	va_end(ap);
}

struct mobile_action *core_event(struct mobile_out *out, enum event_kind what)
{
	struct mobile_action *a = core_add(out, MOBILE_EVENT);

	a->event = what;
	return a;
}

void core_bytes(struct mobile_out *out, const struct mac *mac, size_t n)
{
	struct mobile_action *a = core_add(out, MOBILE_SEND);

	a->mac = *mac;
	a->p = out->bytes + out->used;
	a->n = n;
	out->used += n;
}

void core_udp_direct(struct mobile_out *out, uint32_t care_of, uint32_t dst, const uint8_t *p,
		     size_t n)
{
	struct mobile_action *a;

	if (n > sizeof(out->bytes) - out->used)
		return;
	a = core_add(out, MOBILE_UDP);
	a->src = care_of;
	a->dst = dst;
	a->p = memcpy(out->bytes + out->used, p, n);
	a->n = n;
	out->used += n;
}

void core_udp_from(struct mobile *m, struct mobile_out *out, const struct mac *mac, uint32_t src,
		   uint32_t dst, uint8_t ttl, const uint8_t *payload, size_t n)
{
	struct ipv4_out h = {
		.src = src, .dst = dst, .ttl = ttl, .protocol = PROTO_UDP, .id = m->ip_id++
	};
	size_t len = udp_build(out->bytes + out->used, sizeof(out->bytes) - out->used, &h, MIP_PORT,
			       MIP_PORT, payload, n);

	if (len)
		core_bytes(out, mac, len);
}

void core_udp(struct mobile *m, struct mobile_out *out, const struct mac *mac, uint32_t dst,
	      uint8_t ttl, const uint8_t *payload, size_t n, mtime now)
{
	struct ipv4_out h = {.src = m->conf.home_addr,
			     .dst = dst,
			     .ttl = ttl,
			     .protocol = PROTO_UDP,
			     .id = m->ip_id++};
	size_t len = udp_build(out->bytes + out->used, sizeof(out->bytes) - out->used, &h, MIP_PORT,
			       MIP_PORT, payload, n);

	if (!len)
		return;
	if (!mac_is_zero(mac)) {
		core_bytes(out, mac, len);
		return;
	}
	tunnelled_send(m, out, out->bytes + out->used, len, now);
	out->used += len;
}

void core_solicit(struct mobile *m, unsigned link, struct mobile_out *out)
{
	uint8_t icmp[16];
	struct wbuf w = wb_init(icmp, sizeof(icmp));
	struct ipv4_out h = { .src = m->conf.home_addr,
			      .dst = ADDR_ALL_AGENTS,
			      .ttl = 1, /* RFC 5944 2.2 */
			      .protocol = PROTO_ICMP,
			      .id = m->ip_id++ };
	size_t len;

	solicit_encode(&w);
	len = ipv4_build(out->bytes + out->used, sizeof(out->bytes) - out->used, &h, icmp, w.len);
	if (len) {
		core_bytes(out, &multicast_agents, len);
		out->a[out->n - 1].link = link;
	}
	m->counters.solicitations++;
}

void core_drop(struct mobile *m, enum drop why)
{
	m->drops.n[why]++;
}
