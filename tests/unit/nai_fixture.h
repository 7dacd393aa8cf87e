/* SPDX-License-Identifier: MIT */
#ifndef MIP_NAI_FIXTURE_H
#define MIP_NAI_FIXTURE_H

#include "tests/unit/home_fixture.h"

/* Nodes that the home agent knows by their names: RFC 2794. */
#define POOL (HOME + 10)
#define FIXED (HOME + 1)

static struct agent_node_conf nodes[8];
static const char *const names[] = { "a@example.net", "b@example.net", "c@example.net",
				     "d@example.net" };

static inline struct agent_node_conf node_of(uint32_t addr, const char *nai)
{
	return (struct agent_node_conf){ .home_addr = addr, .sa = lab_mn_ha(), .nai = nai };
}

/* One with a fixed address, three of the pool, which has two. */
static inline void begin(void)
{
	lab_defaults(&l);
	nodes[0] = node_of(FIXED, names[0]);
	for (unsigned i = 1; i < 4; i++)
		nodes[i] = node_of(0, names[i]);
	nodes[4] = node_of(HOME, NULL);
	l.conf[HA].nodes = nodes;
	l.conf[HA].n_nodes = 5;
	l.conf[HA].pool_first = POOL;
	l.conf[HA].pool_last = POOL + 1;
	lab_start(&l);
}

static inline size_t put(const struct mip_request *m, const char *nai, const struct sa *sa)
{
	struct sa peer = lab_sa(3000, "between agents");
	struct wbuf w = wb_init(msg, sizeof(msg));

	mip_request_encode(&w, m);
	if (nai)
		mip_nai_append(&w, nai, strlen(nai));
	auth_append(&w, EXT_MN_HA, 0, sa);
	auth_append(&w, EXT_FA_HA, 0, &peer);
	assert(wb_ok(&w));
	return w.len;
}

/* The code; -1: no answer.  It names the node as it was asked, and by the address that it has. */
static inline int named(const char *nai, uint32_t home, uint16_t lifetime_s, int id)
{
	struct mip_request m = good();
	struct sa sa = lab_mn_ha();
	int code;

	m.home_addr = home;
	m.lifetime_s = lifetime_s;
	m.id = ID(id);
	msg_len = put(&m, nai, &sa);
	code = ask_from(lab_addr[FA_A], HA_ADDR);
	if (code >= 0 && nai) {
		CHECK_EQ(exts.nai.left, strlen(nai));
		CHECK(!memcmp(exts.nai.p, nai, strlen(nai)));
	}
	return code;
}

static inline bool bound(uint32_t home)
{
	return binding_find(l.ag[HA], home);
}

#endif
