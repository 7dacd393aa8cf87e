/* SPDX-License-Identifier: MIT */
#include "tests/unit/home_fixture.h"

static void registered(void)
{
	struct mip_request m = good();

	lab_init(&l);
	m.id = ID(1);
	CHECK_EQ(ask(&m), CODE_ACCEPTED_NO_SIMULTANEOUS);
	CHECK_EQ(reply.lifetime_s, 600);
	CHECK_EQ(reply.id, ID(1));
	CHECK_EQ(exts.n_fa_ha, 1);
	CHECK_EQ(binding().care_of, lab_addr[FA_A]);
	CHECK_EQ(binding().expires, SEC(600));
	m.lifetime_s = 5000;
	m.flags |= MIP_S | 0x05; /* no second binding; r and x are ignored */
	m.id = ID(2);
	CHECK_EQ(ask(&m), 1);
	CHECK_EQ(reply.lifetime_s, 1800); /* capped */
	m.id++;
	m.care_of = lab_addr[FA_B];
	sign(&m, true);
	CHECK_EQ(ask_from(lab_addr[FA_B], HA_ADDR), CODE_ACCEPTED_NO_SIMULTANEOUS);
	CHECK_EQ(binding().care_of, lab_addr[FA_B]);
	CHECK(!agent_binding_at(l.ag[HA], 1, &(struct agent_binding_info){ 0 }));
	lab_stop(&l);
}

/* 10.99.0.5 by way of 198.51.100.7, no association with
 * the foreign agent: every byte of the answer. */
static void bytes(void)
{
	struct mip_request m = good();

	lab_defaults(&l);
	l.conf[HA].n_peers = 0;
	lab_start(&l);
	sign(&m, false);
	CHECK_BYTES(msg, 62,
		    "01 02 0258 0a630005 c0000201 c6336407 e900000012345678"
		    "20 24 000003e8"
		    "16f10bb6dee5207f2ba5f3f51b016e68a8e2686dcfc8a7da6f8c9d55a892c2ba");
	CHECK_EQ(ask_from(lab_addr[FA_A], HA_ADDR), 1);
	CHECK_BYTES(l.out.a[1].p, l.out.a[1].n,
		    "03 01 0258 0a630005 c0000201 e900000012345678 20 24 000003e8"
		    "2e1eb4112ce9212e9fbd289cf4dea27de290547cfee5181e1c80d86a6aee97b1");
	lab_stop(&l);
}

static void forged(void)
{
	struct mip_request m = good();

	lab_init(&l);
	for (size_t i = 0; i < 62; i++) {
		sign(&m, true);
		msg[i] ^= 1;
		ask_from(lab_addr[FA_A], HA_ADDR);
		CHECK_EQ(binding().care_of, 0);
	}
	sign(&m, true); /* authentic to the foreign agent only: it is told so */
	msg[40] ^= 1;
	msg_len = 62;
	struct wbuf w = { .p = msg, .len = 62, .cap = sizeof(msg) };
	struct sa peer = lab_sa(3000, "between agents");
	auth_append(&w, EXT_FA_HA, 0, &peer);
	msg_len = w.len;
	CHECK_EQ(ask_from(lab_addr[FA_A], HA_ADDR), CODE_HA_MN_AUTH);
	for (size_t n = 0; n < 62; n++) {
		sign(&m, false);
		msg_len = n;
		CHECK_EQ(ask_from(lab_addr[FA_A], HA_ADDR), -1);
	}
	CHECK_EQ(binding().care_of, 0);
	lab_stop(&l);
}

static void silent(void)
{
	struct mip_request m = good();

	lab_init(&l);
	m.home_addr = HOME + 1;
	CHECK_EQ(ask(&m), -1);
	CHECK_EQ(dropped(DROP_NO_KEY), 1);
	m = good();
	sign(&m, true);
	CHECK_EQ(ask_from(0xc6330001u, HA_ADDR), -1); /* FA-HA of somebody we do not know */
	CHECK_EQ(dropped(DROP_NO_KEY), 2);
	sign(&m, false);
	msg_len = MIP_REQUEST_LEN;
	CHECK_EQ(ask_from(lab_addr[FA_A], HA_ADDR), -1);
	CHECK_EQ(dropped(DROP_NO_AUTH), 1);
	lab_stop(&l);
}

static void identification(void)
{
	struct mip_request m = good();

	lab_init(&l);
	l.now = SEC(100);
	m.id = ID(92); /* 7 s are allowed */
	CHECK_EQ(ask(&m), CODE_HA_ID);
	CHECK_EQ(reply.id >> 32, LAB_NTP + 100);
	CHECK_EQ((uint32_t)reply.id, 0x12345678);
	CHECK_EQ(dropped(DROP_STALE), 1);
	m.id = ID(108);
	CHECK_EQ(ask(&m), CODE_HA_ID);
	m.id = ID(94);
	CHECK_EQ(ask(&m), 1);
	m.id = ID(93); /* inside the tolerance, but older */
	CHECK_EQ(ask(&m), CODE_HA_ID);
	CHECK_EQ(dropped(DROP_REPLAY), 1);
	lab_stop(&l);
}

static void repeated(void)
{
	struct mip_request m = good();

	lab_init(&l);
	CHECK_EQ(ask(&m), 1);
	l.now = SEC(5);
	CHECK_EQ(ask(&m), 1); /* the same answer, and no second more */
	CHECK_EQ(binding().expires, SEC(600));
	l.now = SEC(500);
	CHECK_EQ(ask(&m), CODE_HA_ID); /* somebody kept it */
	CHECK_EQ(binding().expires, SEC(600));
	lab_stop(&l);
}

static void codes(void)
{
	struct mip_request m = good();

	lab_defaults(&l);
	l.conf[HA].home_reverse_mandatory = true;
	lab_start(&l);
	sign(&m, false);
	CHECK_EQ(ask_from(lab_addr[FA_A], HA_ADDR), CODE_HA_FA_AUTH);
	m.id++;
	m.home_agent = HA_ADDR + 1;
	CHECK_EQ(ask(&m), CODE_HA_UNKNOWN);
	CHECK_EQ(reply.home_agent, HA_ADDR);
	m = good();
	m.id += 2;
	m.flags = 0;
	CHECK_EQ(ask(&m), CODE_HA_REVERSE_MANDATORY);
	m.id++;
	m.flags = MIP_T | MIP_G;
	CHECK_EQ(ask(&m), CODE_HA_ENCAPSULATION);
	m.id++;
	m.flags = MIP_T | MIP_B; /* broadcasts: ignored, not refused */
	m.care_of = HOME;
	CHECK_EQ(ask(&m), CODE_HA_MALFORMED);
	m.id++;
	m.care_of = HA_ADDR;
	CHECK_EQ(ask(&m), CODE_HA_MALFORMED);
	CHECK_EQ(binding().care_of, 0);
	m.id++;
	m.care_of = lab_addr[FA_A];
	CHECK_EQ(ask(&m), 1);
	lab_stop(&l);
	lab_defaults(&l);
	l.conf[HA].home_net = 0x0a640000u;
	lab_start(&l);
	m = good();
	CHECK_EQ(ask(&m), CODE_HA_PROHIBITED);
	lab_stop(&l);
	lab_defaults(&l);
	l.conf[HA].max_bindings = 0;
	lab_start(&l);
	CHECK_EQ(ask(&m), CODE_HA_RESOURCES);
	lab_stop(&l);
}

static void deregistered(void)
{
	struct mip_request m = good();

	lab_init(&l);
	CHECK_EQ(ask(&m), 1);
	m.id++;
	m.lifetime_s = 0;
	m.care_of = lab_addr[FA_B]; /* another care-of address: nothing of ours */
	CHECK_EQ(ask(&m), 1);
	CHECK_EQ(binding().care_of, lab_addr[FA_A]);
	m.id++;
	m.care_of = lab_addr[FA_A];
	sign(&m, false); /* FA-HA is not asked for: RFC 5944 1.8 */
	CHECK_EQ(ask_from(lab_addr[FA_A], HA_ADDR), 1);
	CHECK_EQ(reply.lifetime_s, 0);
	CHECK_EQ(binding().care_of, 0);
	m = good();
	m.id += 3;
	CHECK_EQ(ask(&m), 1);
	m.id++;
	m.lifetime_s = 0;
	m.care_of = HOME; /* all of them */
	CHECK_EQ(ask(&m), 1);
	CHECK_EQ(binding().care_of, 0);
	lab_stop(&l);
}

static void expires(void)
{
	struct mip_request m = good();
	struct instant now;

	lab_init(&l);
	CHECK_EQ(ask(&m), 1);
	CHECK_EQ(agent_deadline(l.ag[HA]), SEC(600));
	l.now = SEC(600) - 1;
	now = lab_instant(&l);
	agent_tick(l.ag[HA], &now, &l.out);
	CHECK_EQ(binding().care_of, lab_addr[FA_A]);
	l.now = SEC(600);
	now = lab_instant(&l);
	agent_tick(l.ag[HA], &now, &l.out);
	CHECK_EQ(binding().care_of, 0);
	lab_stop(&l);
}

/* Refused for being ahead of the clock, kept, and sent again when its time has come. */
static void early(void)
{
	struct mip_request m = good(), now = good();

	lab_init(&l);
	m.id = ID(9);
	CHECK_EQ(ask(&m), CODE_HA_ID);
	CHECK_EQ(ask(&now), CODE_ACCEPTED_NO_SIMULTANEOUS);
	l.now = SEC(5);
	CHECK_EQ(ask(&m), CODE_HA_ID);
	now.id = ID(5);
	CHECK_EQ(ask(&now), CODE_ACCEPTED_NO_SIMULTANEOUS); /* the node is heard as before */
	lab_stop(&l);
}

/* All of them: a node whose clock is wrong asks at 0, 1, 3 and 7 s, and hears nothing. */
static void early_often(void)
{
	struct mip_request m = good(), now = good();

	lab_init(&l);
	for (unsigned i = 0; i < 8; i++) {
		m.id = ID(9) + i;
		CHECK_EQ(ask(&m), CODE_HA_ID);
	}
	CHECK_EQ(ask(&now), CODE_ACCEPTED_NO_SIMULTANEOUS);
	l.now = SEC(5);
	for (unsigned i = 0; i < 8; i++) {
		m.id = ID(9) + i;
		l.now += SEC(1) / 8;
		CHECK_EQ(ask(&m), CODE_HA_ID);
	}
	lab_stop(&l);
}

/* Signed by the node for an agent that we share a key with, but not brought by that agent. */
static void not_brought_by_the_agent(void)
{
	struct mip_request m = good();

	lab_init(&l);
	sign(&m, false);
	CHECK_EQ(ask_from(CN_ADDR, HA_ADDR), CODE_HA_FA_AUTH);
	CHECK_EQ(ask(&m), CODE_ACCEPTED_NO_SIMULTANEOUS);
	lab_stop(&l);
}

UNIT_MAIN("home", {"registered", registered},
	  {"not brought by the agent", not_brought_by_the_agent}, {"early", early},
	  {"early, eight times", early_often},
	  {"bytes", bytes}, {"forged or cut short", forged}, {"not answered", silent},
	  {"Identification", identification}, {"repeated", repeated}, {"codes", codes},
	  {"deregistered", deregistered}, {"expires", expires})
