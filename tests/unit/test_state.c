/* SPDX-License-Identifier: MIT */
#include "tests/unit/colocated_fixture.h"
#include "tests/unit/state_fixture.h"

#include <nettle/sha2.h>

/* The state file: its bytes, and what is believed of them. */
enum { AT_HOME = 32, AT_FLAGS = 36, AT_SPI = 184, AT_NAME = 204, AT_BINDING = 205, AT_PORT = 213,
       AT_LIFE = 215, AT_LEFT = 217, END = 221 };

/* 10.99.0.5 behind a NAT, bound for 60 s, 20 s ago. */
static void start(void)
{
	struct wish x = behind(NAT_PORT);

	lab_init(&l);
	x.id = (uint64_t)LAB_NTP << 32 | 0x12345678;
	CHECK_EQ(asked(&x), 1);
	l.now = SEC(20);
	keep();
}

static void reseal(void)
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, file_len - SEAL_SUM, file);
	sha256_digest(&ctx, SEAL_SUM, file + file_len - SEAL_SUM);
}

static void bytes(void)
{
	start();
	CHECK_EQ(file_len, END + SEAL_SUM);
	CHECK_BYTES(file, file_len,
		    "4d49505354415445 0002 18 00 c0000201 0a630000 e900001400000000 00000001"
		    "0a630005 07 01 003c e900000012345678 e900000012345678"
		    "0000000000000000 0000000000000000 0000000000000000 0000000000000000"
		    "0000000000000000 0000000000000000 0000000000000000 0000000000000000"
		    "0000000000000000 0000000000000000 0000000000000000 0000000000000000"
		    "0000000000000000 0000000000000000 0000000000000000 0000000000000000"
		    "00000000 00000000000000000000000000000000 00"
		    "c0a80117 cb007146 9cbb 003c 00009c40"
		    "66db19c5b770036cecc6edb52250628c82d69956bbebddbf3b2bd4d5e0bcc37a");
	state_stop();
}

static void cut(void)
{
	struct state_reader s;

	start();
	for (size_t n = 0; n < END + SEAL_SUM; n++) {
		uint8_t *whole = unit_copy(file, END + SEAL_SUM);

		file_set(whole, n);
		CHECK_EQ(opened(&s, 0), n < 8 ? STATE_FOREIGN : STATE_DAMAGED);
		if (n > STATE_HEADER + SEAL_SUM) {
			reseal(); /* cut by one who counts */
			CHECK_EQ(opened(&s, 0), STATE_NONSENSE);
		}
		CHECK(!state_next(&s, &(struct agent_kept){ 0 }));
		file_set(whole, END + SEAL_SUM);
		free(whole);
	}
	CHECK_EQ(opened(&s, 0), STATE_GOOD);
	state_stop();
}

static void spoilt(void)
{
	struct state_reader s;

	start();
	for (size_t i = 0; i < file_len; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			file[i] ^= (uint8_t)(1 << bit);
			CHECK_EQ(opened(&s, 0), i < 8	 ? STATE_FOREIGN
						: i < 10 ? STATE_VERSION_UNKNOWN
							 : STATE_DAMAGED);
			file[i] ^= (uint8_t)(1 << bit);
		}
	}
	CHECK_EQ(opened(&s, 0), STATE_GOOD);
	state_stop();
}

static const struct {
	size_t at;
	const char *bytes;
	enum state_fault fault;
} fields[] = {
	{ 8, "0000", STATE_VERSION_UNKNOWN },
	{ 8, "0001", STATE_VERSION_UNKNOWN },
	{ 10, "17", STATE_OTHER },
	{ 10, "21", STATE_NONSENSE },
	{ 11, "01", STATE_NONSENSE },
	{ 12, "c0000202", STATE_OTHER },
	{ 16, "0a640000", STATE_OTHER },
	{ 20, "e9000015", STATE_GOOD },   /* a second from now */
	{ 20, "e902a314", STATE_GOOD },   /* two days */
	{ 20, "e902a315", STATE_FUTURE }, /* and one second */
	{ 20, "80000000", STATE_GOOD },   /* old */
	{ 28, "00000000", STATE_NONSENSE },
	{ 28, "00000002", STATE_NONSENSE },
	{ 28, "ffffffff", STATE_NONSENSE },
	{ AT_HOME, "0a640005", STATE_NONSENSE }, /* outside of the network */
	{ AT_HOME, "c0000201", STATE_NONSENSE },
	{ AT_FLAGS, "17", STATE_NONSENSE },
	{ AT_FLAGS, "06", STATE_NONSENSE }, /* of what binding? */
	{ AT_FLAGS, "0f", STATE_NONSENSE }, /* there is no lease behind it */
	{ AT_FLAGS, "05", STATE_GOOD },	    /* inside UDP, by an agent */
	{ AT_SPI, "00000001", STATE_NONSENSE },
	{ AT_SPI, "000000ff", STATE_NONSENSE },
	{ AT_SPI, "00000100", STATE_GOOD },
	{ AT_NAME, "01", STATE_NONSENSE },
	{ AT_NAME, "49", STATE_NONSENSE },
	{ AT_BINDING, "00000000", STATE_NONSENSE },
	{ AT_BINDING, "e0000001", STATE_NONSENSE },
	{ AT_BINDING + 4, "ffffffff", STATE_NONSENSE },
	{ AT_PORT, "0000", STATE_NONSENSE }, /* IP-in-IP to a NAT */
	{ AT_LIFE, "0000", STATE_NONSENSE },
	{ AT_LIFE, "ffff", STATE_NONSENSE }, /* for ever, and 40 s are left */
	{ AT_LEFT, "0000ee48", STATE_NONSENSE }, /* 61 s of 60 */
	{ AT_LEFT, "ffffffff", STATE_NONSENSE },
	{ AT_LEFT, "00000000", STATE_GOOD },
};

/* By one who has put the sum right. */
static void each_field(void)
{
	struct state_reader s;
	uint8_t was[8];

	start();
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		uint8_t *p = file + fields[i].at;
		enum state_fault f;

		memcpy(was, p, sizeof(was));
		unit_hex(fields[i].bytes, p, sizeof(was));
		reseal();
		f = opened(&s, 0);
		if (f != fields[i].fault)
			printf("\n    %s at %zu: %s", fields[i].bytes, fields[i].at,
			       state_fault_text(f));
		CHECK_EQ(f, fields[i].fault);
		memcpy(p, was, sizeof(was));
	}
	for (enum state_fault f = STATE_GOOD; f <= STATE_FUTURE; f++)
		CHECK(strcmp(state_fault_text(f), "unknown") != 0);
	state_stop();
}

/* Whatever is in a file whose sum is right: nothing breaks, and nothing but nodes of ours moves. */
static void anything(void)
{
	start();
	for (size_t i = STATE_HEADER; i < END; i++) {
		for (unsigned v = 0; v < 256; v += i < AT_NAME ? 15 : 1) {
			struct instant now = lab_instant(&l);
			struct state_reader s;
			struct agent_kept k;
			uint8_t was = file[i];

			file[i] = (uint8_t)v;
			reseal();
			agent_free(ha());
			l.ag[HA] = agent_new(&l.conf[HA], l.pool[HA], &now);
			if (opened(&s, 0) == STATE_GOOD)
				while (state_next(&s, &k))
					agent_restore(ha(), &k, &now, &l.out);
			packets(1);
			CHECK(!binding().home_addr || binding().home_addr == HOME);
			file[i] = was;
		}
	}
	state_stop();
}

#define MANY 1000
static struct agent_node_conf many[MANY];

/* All kinds, each by its own Request; then read, written again, and the same bytes. */
static void round_trip(void)
{
	size_t n;
	uint8_t *first;

	lab_defaults(&l);
	l.conf[HA].nodes = many;
	l.conf[HA].n_nodes = MANY;
	l.conf[HA].home_prefix_len = 16;
	for (unsigned i = 0; i < MANY; i++)
		many[i] = (struct agent_node_conf){HOME + i, lab_mn_ha(), NULL};
	lab_start(&l);
	for (unsigned i = 0; i < MANY; i++) {
		struct wish x = i % 3 == 0   ? behind((uint16_t)(NAT_PORT + i))
				: i % 3 == 1 ? in_the_open()
					     : at_agent(FA_A);

		x.home_addr = HOME + i;
		x.lifetime_s = i % 5 ? 600 : LIFETIME_INFINITE;
		CHECK_EQ(asked(&x), 1);
	}
	l.now = SEC(7);
	keep();
	n = file_len;
	first = unit_copy(file, n);
	CHECK_EQ(restart_at(0), MANY);
	CHECK_EQ(agent_counters(ha())->restored, MANY);
	keep();
	CHECK_EQ(file_len, n);
	CHECK(memcmp(first, file, n) == 0);
	free(first);
	CHECK(n < STATE_HEADER + SEAL_SUM + MANY * 200);
	state_stop();
}

static void clocks(void)
{
	static const struct {
		int64_t off_s;
		mtime left; /* -1: it is over */
	} rows[] = {
		{ 0, SEC(40) }, { 39, SEC(1) }, { 40, -1 }, { 86400, -1 },
		{ -1, SEC(40) }, { -86400, SEC(40) }, { -2 * 86400, SEC(40) },
	};

	start();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK_EQ(restart_at(rows[i].off_s), 1);
		CHECK_EQ(binding().home_addr ? binding().expires - l.now : -1, rows[i].left);
	}
	state_stop();
}

UNIT_MAIN("state", {"byte for byte", bytes}, {"cut at every byte", cut},
	  {"each bit spoilt", spoilt}, {"each field", each_field}, {"anything in it", anything},
	  {"round trip", round_trip}, {"clocks", clocks})
