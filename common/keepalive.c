/* SPDX-License-Identifier: MIT */
#include "common/keepalive.h"

#define ECHO_REQUEST 8
#define ECHO_REPLY 0
#define ECHO_LEN 8 /* without a payload; its identifier is 0 */
#define ECHO_WAIT SEC(1) /* for an answer, before it is asked again */
#define ECHO_TRIES 3

void keepalive_start(struct keepalive *k, unsigned suggested_s, mtime now)
{
	unsigned s = suggested_s ? suggested_s : KEEPALIVE_DEFAULT_S;

	*k = (struct keepalive){
		.every = SEC(s < KEEPALIVE_MIN_S ? KEEPALIVE_MIN_S : s), .sent = now, .heard = now
	};
}

void keepalive_heard(struct keepalive *k, mtime now)
{
	k->heard = now;
	k->asked = 0;
	k->asks = 0;
}

mtime keepalive_deadline(const struct keepalive *k)
{
	if (!k->every)
		return MTIME_NEVER;
	return k->asked ? k->asked + (mtime)k->asks * ECHO_WAIT
			: mtime_min(k->sent, k->heard) + k->every;
}

enum keepalive_due keepalive_due(struct keepalive *k, mtime now)
{
	if (now < keepalive_deadline(k))
		return KEEPALIVE_WAIT;
	if (k->asks == ECHO_TRIES) {
		keepalive_heard(k, now);
		k->sent = now;
		return KEEPALIVE_DEAD;
	}
	if (!k->asked)
		k->asked = now;
	k->asks++;
	k->sent = now;
	return KEEPALIVE_ASK;
}

size_t keepalive_build(const struct keepalive *k, uint32_t home, uint32_t home_agent,
		       uint16_t ip_id, uint8_t *buf, size_t cap)
{
	struct ipv4_out h = { .src = home,
			      .dst = home_agent,
			      .ttl = 64,
			      .protocol = PROTO_ICMP,
			      .id = ip_id };
	uint8_t icmp[ECHO_LEN];
	struct wbuf w = wb_init(icmp, sizeof(icmp));

	wb_u8(&w, ECHO_REQUEST);
	wb_zero(&w, ECHO_LEN - 2);
	wb_u8(&w, (uint8_t)k->asks);
	wb_patch16(&w, 2, inet_checksum(icmp, sizeof(icmp)));
	return ipv4_build(buf, cap, &h, icmp, sizeof(icmp));
}

bool keepalive_is_answer(const struct ipv4 *ip, uint32_t home_agent)
{
	struct rbuf r = ip->payload;
	uint8_t type = rb_u8(&r);

	if (ip->protocol != PROTO_ICMP || ip->src != home_agent || ip->payload.left != ECHO_LEN)
		return false;
	rb_skip(&r, 3);
	return type == ECHO_REPLY && !rb_u16(&r);
}
