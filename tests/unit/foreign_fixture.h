/* SPDX-License-Identifier: MIT */
#ifndef MIP_FOREIGN_FIXTURE_H
#define MIP_FOREIGN_FIXTURE_H

#include "agent/foreign.h"

#include "tests/unit/agent_lab.h"

/* Agent one as a foreign agent: what a node asks it, what the home agent answers, what it does. */
static struct lab l;
static uint8_t msg[1200];
static size_t msg_len;
static struct mip_reply reply;
static struct mip_exts exts;

#define A_ADDR 0xc6336407u
#define A_LINK 0x0a010001u

static inline struct mip_request good(void)
{
	return (struct mip_request){.flags = MIP_T,
				    .lifetime_s = 600,
				    .home_addr = HOME,
				    .home_agent = HA_ADDR,
				    .care_of = A_ADDR,
				    .id = lab_id(&l)};
}

static inline void sign(const struct mip_request *m)
{
	struct sa ha = lab_mn_ha(), fa = lab_mn_fa(FA_A);
	struct wbuf w = wb_init(msg, sizeof(msg));

	mip_request_encode(&w, m);
	auth_append(&w, EXT_MN_HA, 0, &ha);
	auth_append(&w, EXT_MN_FA, 0, &fa);
	assert(wb_ok(&w));
	msg_len = w.len;
}

static inline void say(uint8_t ttl)
{
	struct instant now = lab_instant(&l);
	uint8_t *copy = unit_copy(msg, msg_len);

	agent_link_udp(l.ag[FA_A], 0, &l.mac, HOME, 5434, A_LINK, ttl, copy, msg_len, &now, &l.out);
	free(copy);
}

static inline const struct agent_action *find(enum agent_act act)
{
	for (unsigned i = 0; i < l.out.n; i++)
		if (l.out.a[i].act == act)
			return &l.out.a[i];
	return NULL;
}

/* The code of what the node was told; -1: relayed, -2: nothing happened. */
static inline int told(void)
{
	const struct agent_action *x = find(AGENT_SEND_LINK);
	struct ipv4 ip;
	struct udp u;

	if (!x)
		return find(AGENT_SEND_UDP) ? -1 : -2;
	CHECK_EQ(ipv4_decode(x->p, x->n, &ip), DROP_NONE);
	CHECK_EQ(udp_decode(&ip, true, &u), DROP_NONE);
	CHECK(ip.src == A_LINK && u.sport == 434 && u.dport == 5434);
	CHECK(mac_equal(&x->mac, &l.mac));
	CHECK_EQ(mip_reply_decode(u.payload.p, u.payload.left, &reply, &exts), DROP_NONE);
	return reply.code;
}

static inline int ask(const struct mip_request *m)
{
	l.now += SEC(1); /* a denial a second */
	sign(m);
	say(255);
	return told();
}

static inline uint64_t dropped(enum drop d)
{
	return agent_drops(l.ag[FA_A])->n[d];
}

/* The home agent's answer as it would come; fa: with FA-HA. */
static inline int answered(const struct mip_request *m, uint8_t code, uint16_t lifetime_s,
			   uint32_t src, bool fa)
{
	struct mip_reply r = {.code = code,
			      .lifetime_s = lifetime_s,
			      .home_addr = HOME,
			      .home_agent = HA_ADDR,
			      .id = m->id};
	struct sa ha = lab_mn_ha(), peer = lab_sa(3000, "between agents");
	struct instant now = lab_instant(&l);
	uint8_t buf[200];
	struct wbuf w = wb_init(buf, sizeof(buf));

	mip_reply_encode(&w, &r);
	auth_append(&w, EXT_MN_HA, 0, &ha);
	if (fa)
		auth_append(&w, EXT_FA_HA, 0, &peer);
	agent_udp(l.ag[FA_A], src, 434, A_ADDR, buf, w.len, &now, &l.out);
	return told();
}

static inline bool visiting(void)
{
	struct agent_visitor_info v;

	return agent_visitor_at(l.ag[FA_A], 0, &v) && !v.pending;
}

#endif
