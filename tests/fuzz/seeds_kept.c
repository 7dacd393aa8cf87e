/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/seeds.h"

#include "client/core.h"
#include "client/history.h"
#include "tests/fuzz/agents.h"

/* Three nodes: one bound through an agent, one behind a NAT and kept for, one of the pool. */
static void agent(void)
{
	struct agents *g = agents_configured();
	struct agent_kept k[] = {
	    {.home_addr = HOME,
	     .reg_id = g->now.ntp - 1,
	     .bound = true,
	     .reverse = true,
	     .care_of = agent_addr[FA_A],
	     .to_addr = agent_addr[FA_A],
	     .lifetime_s = 600,
	     .left = SEC(500)},
	    {.home_addr = HOME + 1,
	     .reg_id = g->now.ntp - 1,
	     .bound = true,
	     .co_located = true,
	     .care_of = 0xc0a80117,
	     .to_addr = NAT,
	     .to_port = 40123,
	     .lifetime_s = 60,
	     .left = SEC(50),
	     .leased = true,
	     .lease = {.message = ORDER_REQUEST,
		       .action = ORDER_BUFFER,
		       .home_addr = HOME + 1,
		       .first_agent = agent_addr[HA],
		       .id = g->now.ntp - 1,
		       .has_size = true,
		       .has_lease = true,
		       .lease_ms = 8000}},
	    {.home_addr = HOME + 10, .nai = "a@example.net", .reg_id = g->now.ntp - 1}};
	uint8_t buf[4096];
	size_t n;

	agents_begin(g);
	for (size_t i = 0; i < sizeof(k) / sizeof(*k); i++)
		assert(agent_restore(g->agent[HA], &k[i], &g->now, &agents_out));
	n = state_encode(g->agent[HA], &g->conf[HA], &g->now, buf, sizeof(buf));
	assert(n);
	seed("agent_state", buf, seal(buf, n));
	agents_end(g);
}

static struct report past(unsigned number)
{
	struct report r = {.number = number,
			   .flow = FLOW_F1,
			   .ended = true,
			   .ok = number & 1,
			   .trigger = "-71 dBm below -70",
			   .from = {.ssid = "lab", .ssid_len = 3, .signal_dbm = -71},
			   .has_lost = true,
			   .n_samples = 2,
			   .sample = {{-100, -69, false}, {50, -51, true}}};

	r.has[STEP_TRIGGER] = r.has[STEP_LINK_UP] = true;
	r.at[STEP_LINK_UP] = 40000;
	return r;
}

static void node(void)
{
	static uint8_t buf[HISTORY_FILE_MAX], pool[64 << 10] __attribute__((aligned(8)));
	static struct mobile_conf c;
	struct mobile *m;

	mobile_conf_default(&c);
	c.uplink_bytes = sizeof(pool);
	m = mobile_new(&c, pool, &(struct instant){SEC(1), 1});
	assert(m);
	for (unsigned i = 1; i <= 3; i++) {
		m->history[i - 1] = past(i);
		m->last_report = i;
		seed("history", buf, seal(buf, history_encode(m, buf, sizeof(buf))));
	}
	mobile_free(m);
}

void seeds_kept(void)
{
	agent();
	node();
}
