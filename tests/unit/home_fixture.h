/* SPDX-License-Identifier: MIT */
#ifndef MIP_HOME_FIXTURE_H
#define MIP_HOME_FIXTURE_H

/* Requests to the home agent, and what it says. */
#include "agent/home.h"
#include "tests/unit/agent_lab.h"

#define ID(s) ((uint64_t)(LAB_NTP + (s)) << 32 | 0x12345678)

static struct lab l;
static uint8_t msg[600];
static size_t msg_len;
static struct mip_reply reply;
static struct mip_exts exts;

static inline struct mip_request good(void)
{
	return (struct mip_request){.flags = MIP_T,
				    .lifetime_s = 600,
				    .home_addr = HOME,
				    .home_agent = HA_ADDR,
				    .care_of = lab_addr[FA_A],
				    .id = ID(0)};
}

static inline void sign(const struct mip_request *m, bool fa)
{
	struct sa mn = lab_mn_ha(), peer = lab_sa(3000, "between agents");
	struct wbuf w = wb_init(msg, sizeof(msg));

	mip_request_encode(&w, m);
	auth_append(&w, EXT_MN_HA, 0, &mn);
	if (fa)
		auth_append(&w, EXT_FA_HA, 0, &peer);
	assert(wb_ok(&w));
	msg_len = w.len;
}

/* What the home agent says to msg from src; -1: nothing.  Every answer must carry a valid MN-HA. */
static inline int ask_from(uint32_t src, uint32_t dst)
{
	struct instant now = lab_instant(&l);
	struct sa mn = lab_mn_ha();
	uint8_t *copy = unit_copy(msg, msg_len);
	const struct agent_action *x = NULL;

	agent_udp(l.ag[HA], src, 5434, dst, copy, msg_len, &now, &l.out);
	free(copy);
	for (unsigned i = 0; i < l.out.n; i++)
		if (l.out.a[i].act == AGENT_SEND_UDP)
			x = &l.out.a[i];
	if (!x)
		return -1;
	CHECK_EQ(x->dst, src);
	CHECK_EQ(x->dport, 5434);
	CHECK_EQ(x->sport, 434);
	CHECK_EQ(x->src, HA_ADDR);
	CHECK_EQ(mip_reply_decode(x->p, x->n, &reply, &exts), DROP_NONE);
	CHECK(exts.n_mn_ha == 1 && auth_check(x->p, x->n, &exts.mn_ha, &mn));
	return reply.code;
}

static inline int ask(const struct mip_request *m)
{
	sign(m, true);
	return ask_from(lab_addr[FA_A], HA_ADDR);
}

static inline uint64_t dropped(enum drop d)
{
	return agent_drops(l.ag[HA])->n[d];
}

static inline struct agent_binding_info binding(void)
{
	struct agent_binding_info b = { 0 };

	agent_binding_at(l.ag[HA], 0, &b);
	return b;
}

#endif
