/* SPDX-License-Identifier: MIT */
#ifndef MIP_HOMELINK_FIXTURE_H
#define MIP_HOMELINK_FIXTURE_H

#include "agent/away.h"

#include "tests/unit/agent_lab.h"

/* A home agent with a home link, and the one node that comes and goes. */
#define LINK 0
static struct lab l;
static struct mip_reply reply;
static struct mip_exts exts;
static bool replied;

static bool swallow(const struct lab *x, const struct lab_event *e)
{
	(void)x;
	(void)e;
	return true;
}

static inline struct agent *ha(void)
{
	return l.ag[HA];
}

static inline struct node *node(void)
{
	return node_as(ha(), ROLE_HOME, HOME);
}

static inline uint64_t dropped(enum drop d)
{
	return agent_drops(ha())->n[d];
}

static inline unsigned actions(enum agent_act act)
{
	unsigned n = 0;

	for (unsigned i = 0; i < l.out.n; i++)
		n += l.out.a[i].act == act;
	return n;
}

static inline const struct agent_action *action(enum agent_act act)
{
	for (unsigned i = 0; i < l.out.n; i++)
		if (l.out.a[i].act == act)
			return &l.out.a[i];
	return NULL;
}

static inline void start(void)
{
	lab_defaults(&l);
	l.conf[HA].home_on_link = true;
	l.conf[HA].home_link = LINK;
	l.conf[HA].n_links = 1;
	lab_start(&l);
	l.lose = swallow;
	l.now = SEC(2);
}

enum sign { UNSIGNED, SIGNED, SPOILT };

/* Deregisters on link `link`, with this FORWARD (NULL: none); the Reply's code, -1: none. */
static inline int comes(unsigned link, const struct lab_order *f, enum sign how)
{
	struct mip_request m = {.home_addr = HOME,
				.home_agent = HA_ADDR,
				.care_of = HOME,
				.id = lab_id(&l)};
	struct sa mn = lab_mn_ha();
	struct instant now = lab_instant(&l);
	const struct agent_action *x;
	uint8_t buf[700];
	struct wbuf w = wb_init(buf, sizeof(buf));
	struct ipv4 ip;
	struct udp u;

	mip_request_encode(&w, &m);
	auth_append(&w, EXT_MN_HA, 0, &mn);
	if (f) {
		mip_ext_append(&w, SUB_RELAYED_ORDER, f->bytes, f->n);
		mip_ext_append(&w, SUB_HANDOFF_KEY, f->kh.key.b, f->kh.key.len);
	}
	if (how != UNSIGNED)
		auth_append(&w, EXT_MN_FA, 0, &mn);
	buf[w.len - 1] ^= how == SPOILT;
	agent_link_udp(ha(), link, &l.mac, HOME, 434, HA_ADDR, 1, buf, w.len, &now, &l.out);
	x = action(AGENT_SEND_LINK);
	replied = x && ipv4_decode(x->p, x->n, &ip) == DROP_NONE &&
		  udp_decode(&ip, true, &u) == DROP_NONE &&
		  mip_reply_decode(u.payload.p, u.payload.left, &reply, &exts) == DROP_NONE;
	if (replied && exts.n_mn_fa)
		CHECK(auth_check(u.payload.p, u.payload.left, &exts.mn_fa, &mn));
	return replied ? reply.code : -1;
}

static inline int registered(int fa)
{
	struct mip_request m = {.flags = MIP_T,
				.lifetime_s = 600,
				.home_addr = HOME,
				.home_agent = HA_ADDR,
				.care_of = lab_addr[fa],
				.id = lab_id(&l)};
	struct sa mn = lab_mn_ha(), peer = lab_sa(3000, "between agents");
	struct instant now = lab_instant(&l);
	const struct agent_action *x;
	struct mip_reply r;
	uint8_t buf[200];
	struct wbuf w = wb_init(buf, sizeof(buf));

	mip_request_encode(&w, &m);
	auth_append(&w, EXT_MN_HA, 0, &mn);
	auth_append(&w, EXT_FA_HA, 0, &peer);
	agent_udp(ha(), lab_addr[fa], 434, HA_ADDR, buf, w.len, &now, &l.out);
	x = action(AGENT_SEND_UDP);
	return x && mip_reply_decode(x->p, x->n, &r, &exts) == DROP_NONE ? r.code : -1;
}

static inline void packet(void)
{
	struct instant now = lab_instant(&l);
	static uint8_t pkt[300];
	size_t n = lab_packet(pkt, sizeof(pkt), CN_ADDR, HOME, l.sent++);

	agent_tun(ha(), pkt, n, &now, &l.out);
}

/* What agent one had kept, in its tunnel. */
static inline void forwarded(uint32_t from)
{
	struct instant now = lab_instant(&l);
	static uint8_t pkt[300];
	size_t n = lab_packet(pkt, sizeof(pkt), CN_ADDR, HOME, l.sent++);

	agent_tunnel(ha(), from, HA_ADDR, pkt, n, &now, &l.out);
}

/* Of what came out, by number; 0xffff: another one. */
static unsigned seen[64], n_seen;

static inline void delivered(void)
{
	for (unsigned i = 0; i < l.out.n; i++)
		if (l.out.a[i].act == AGENT_DELIVER)
			seen[n_seen++] = lab_seq(l.out.a[i].p, l.out.a[i].n);
}

static inline void wait_for(mtime t)
{
	for (mtime end = l.now + t; l.now < end; l.now += MSEC(1)) {
		struct instant now = lab_instant(&l);

		do {
			agent_tick(ha(), &now, &l.out);
			delivered();
		} while (agent_deadline(ha()) <= l.now);
	}
}

static inline bool ordered(uint8_t action)
{
	struct order o = {.message = ORDER_REQUEST,
			  .action = action,
			  .home_addr = HOME,
			  .first_agent = HA_ADDR,
			  .id = lab_id(&l)};
	struct sa mn = lab_mn_ha();
	struct instant now = lab_instant(&l);
	uint8_t buf[200];
	struct wbuf w = wb_init(buf, sizeof(buf));
	uint64_t granted = ha()->count.orders_granted;

	order_encode(&w, &o);
	auth_append(&w, EXT_MN_HA, 0, &mn);
	agent_link_udp(ha(), LINK, &l.mac, HOME, 434, HA_ADDR, 255, buf, w.len, &now, &l.out);
	return ha()->count.orders_granted > granted;
}

#endif
