/* SPDX-License-Identifier: MIT */
/* Past handoffs in the state file: its bytes, what is believed of them, and how a restart goes on.
 * And the signal that a report keeps. */
#include "client/core.h"
#include "client/history.h"
#include "tests/unit/node_fixture.h"

static uint8_t file[HISTORY_FILE_MAX];
static size_t len;
static struct node n;

static struct report sample_report(unsigned number)
{
	struct report r = {.number = number,
			   .flow = FLOW_F1,
			   .ended = true,
			   .ok = true,
			   .trigger = "-71 dBm below -70",
			   .reason = "fine",
			   .from = {bssid_a, "lab", 3, -71, AGENT_A, CARE_OF_A},
			   .to = {bssid_b, "", 0, -50, AGENT_B, CARE_OF_B},
			   .started_ntp = 0xe900001400000000u,
			   .grant_packets = 2048,
			   .grant_kib = 4096,
			   .grant_lease_ms = 8000,
			   .has_last_packet = true,
			   .last_packet = 5000000 - 1500,
			   .has_lost = true,
			   .forwarded = 12,
			   .uplink_queued = 3,
			   .uplink_dropped = 1,
			   .buffer_sends = 1,
			   .requests = 2,
			   .leave_below_dbm = -70,
			   .dead_dbm = -82,
			   .n_samples = 2,
			   .sample = {{-100, -69, false}, {50, -51, true}}};

	r.has[STEP_TRIGGER] = r.has[STEP_LINK_UP] = true;
	r.at[STEP_TRIGGER] = 5000000;
	r.at[STEP_LINK_UP] = 5000000 + 40000;
	return r;
}

static void keep(unsigned from, unsigned to)
{
	for (unsigned i = from; i <= to; i++)
		n.m->history[(i - 1) % HISTORY_MAX] = sample_report(i);
	n.m->last_report = to;
	memset(file, 0xee, sizeof(file));
	len = history_encode(n.m, file, sizeof(file));
	CHECK(len > 0 && len + SEAL_SUM <= sizeof(file));
	CHECK_EQ(history_encode(n.m, file, len + SEAL_SUM - 1), 0);
	CHECK_EQ(history_encode(n.m, file, sizeof(file)), len);
	len = seal(file, len);
}

/* Of exactly len bytes, by a node that has just started. */
static enum history_fault restart(void)
{
	uint8_t *p = unit_copy(file, len);
	enum history_fault f;

	node_free(&n);
	node_init(&n);
	f = history_restore(n.m, p, len);
	free(p);
	return f;
}

static void reseal(void)
{
	seal(file, len - SEAL_SUM);
}

static void test_bytes(void)
{
	node_init(&n);
	keep(7, 7);
	CHECK_BYTES(
	    file, len - SEAL_SUM,
	    "4d495048414e4453 0001 0001"
	    "00000007 e900001400000000 07 02 4631"
	    "11 2d37312064426d2062656c6f77202d3730 04 66696e65"
	    "020000000000 ffb9 0a010001 c6336407 03 6c6162"
	    "020000000100 ffce 0a020001 c6336487 00"
	    "fffffffffffffa24 00000000 0000000c 00000003 00000001 00000001 00000002 00001f40"
	    "0800 1000 ffba ffae"
	    "02 07 74726967676572 0000000000000000 07 6c696e6b2d7570 0000000000009c40"
	    "02 ffffff9c ffbb 00 00000032 ffcd 01");
	node_free(&n);
}

static void test_round_trip(void)
{
	struct report r, want = sample_report(3);

	node_init(&n);
	keep(1, 3);
	CHECK_EQ(restart(), HISTORY_GOOD);
	CHECK_EQ(mobile_history_first(n.m), 1);
	CHECK_EQ(mobile_history_last(n.m), 3);
	CHECK(mobile_report(n.m, 3, &r));
	/* times are told from the trigger, whenever that was */
	CHECK_EQ(r.at[STEP_LINK_UP] - r.at[STEP_TRIGGER], 40000);
	CHECK_EQ(r.last_packet - r.at[STEP_TRIGGER], -1500);
	want.at[STEP_TRIGGER] = 0;
	want.at[STEP_LINK_UP] = 40000;
	want.last_packet = -1500;
	CHECK(memcmp(&r, &want, sizeof(r)) == 0);
	/* the next one goes on with the numbers */
	node_link_up(&n, &bssid_a);
	node_scan(&n);
	CHECK(mobile_handoff(n.m, &bssid_b, &(bool){false}, &n.now, &n.out) == NULL);
	node_see(&n);
	CHECK_EQ(mobile_history_last(n.m), 4);
	CHECK_EQ(mobile_history_first(n.m), 1);
	node_free(&n);
}

static void test_full(void)
{
	struct report r;

	node_init(&n);
	for (unsigned i = 0; i < HISTORY_MAX; i++) {
		struct report *h = &n.m->history[i];

		*h = sample_report(i + 100);
		memset(h->trigger, 'x', sizeof(h->trigger) - 1);
		memset(h->reason, 'y', sizeof(h->reason) - 1);
		h->from.ssid_len = h->to.ssid_len = SSID_MAX;
		h->n_samples = REPORT_SAMPLES_MAX;
		memset(h->has, true, sizeof(h->has));
	}
	/* in the ring by their numbers */
	for (unsigned i = 0; i < HISTORY_MAX; i++)
		n.m->history[(i + 99) % HISTORY_MAX].number = i + 100;
	n.m->last_report = 163;
	len = history_encode(n.m, file, sizeof(file));
	CHECK(len > 0);
	len = seal(file, len);
	CHECK(len <= HISTORY_FILE_MAX);
	CHECK_EQ(restart(), HISTORY_GOOD);
	CHECK_EQ(mobile_history_first(n.m), 100);
	CHECK_EQ(mobile_history_last(n.m), 163);
	CHECK(mobile_report(n.m, 100, &r) && mobile_report(n.m, 163, &r));
	CHECK(!mobile_report(n.m, 99, &r) && !mobile_report(n.m, 164, &r));
	node_free(&n);
}

static void test_running(void)
{
	node_init(&n);
	keep(1, 2);
	n.m->history[2] = sample_report(3);
	n.m->history[2].ended = false;
	n.m->last_report = 3;
	len = seal(file, history_encode(n.m, file, sizeof(file)));
	CHECK_EQ(restart(), HISTORY_GOOD);
	CHECK_EQ(mobile_history_last(n.m), 2);
	node_free(&n);
}

static void test_cut(void)
{
	size_t whole;

	node_init(&n);
	keep(1, 2);
	whole = len;
	for (len = 0; len < whole; len++)
		CHECK_EQ(restart(), len < 8 ? HISTORY_FOREIGN : HISTORY_DAMAGED);
	for (len = HISTORY_HEADER + SEAL_SUM; len < whole; len++) { /* by one who counts */
		uint8_t saved[SEAL_SUM];

		memcpy(saved, file + len - SEAL_SUM, SEAL_SUM);
		reseal();
		CHECK_EQ(restart(), HISTORY_NONSENSE);
		CHECK_EQ(mobile_history_last(n.m), 0);
		memcpy(file + len - SEAL_SUM, saved, SEAL_SUM);
	}
	CHECK_EQ(restart(), HISTORY_GOOD);
	node_free(&n);
}

static void test_spoilt(void)
{
	node_init(&n);
	keep(1, 1);
	for (size_t i = 0; i < len; i++) {
		file[i] ^= 0x20;
		CHECK_EQ(restart(), i < 8    ? HISTORY_FOREIGN
				    : i < 10 ? HISTORY_VERSION_UNKNOWN
					     : HISTORY_DAMAGED);
		file[i] ^= 0x20;
	}
	for (enum history_fault f = HISTORY_GOOD; f <= HISTORY_NONSENSE; f++)
		CHECK(strcmp(history_fault_text(f), "unknown") != 0);
	node_free(&n);
}

/* Whatever stands in a file whose sum is right: nothing breaks, and what is told can be told. */
static void test_anything(void)
{
	struct report r;

	node_init(&n);
	keep(1, 1);
	for (size_t i = 10; i < len - SEAL_SUM; i++) {
		for (unsigned v = 0; v < 256; v += 15) { /* 0 and 255, too */
			uint8_t was = file[i];

			file[i] = (uint8_t)v;
			reseal();
			if (restart() == HISTORY_GOOD && mobile_report(n.m, 0, &r)) {
				CHECK(r.ended && r.n_samples <= REPORT_SAMPLES_MAX);
				CHECK(strlen(r.trigger) < sizeof(r.trigger));
				CHECK(r.from.ssid_len <= SSID_MAX && flow_name(r.flow) != NULL);
			}
			file[i] = was;
		}
	}
	node_free(&n);
}

static void test_numbers(void)
{
	size_t at = HISTORY_HEADER;

	node_init(&n);
	keep(1, 1);
	file[at + 3] = 0;
	reseal();
	CHECK_EQ(restart(), HISTORY_NONSENSE);
	keep(1, 2);
	file[at + 3] = 5; /* then 2 */
	reseal();
	CHECK_EQ(restart(), HISTORY_NONSENSE);
	keep(1, 1);
	file[11] = HISTORY_MAX + 1;
	reseal();
	CHECK_EQ(restart(), HISTORY_NONSENSE);
	node_free(&n);
}

static void test_later_version(void)
{
	struct report r;

	node_init(&n);
	keep(1, 3);
	/* "F1" of the first becomes "F0": left out, the others stay */
	CHECK(file[HISTORY_HEADER + 15] == '1');
	file[HISTORY_HEADER + 15] = '0';
	reseal();
	CHECK_EQ(restart(), HISTORY_GOOD);
	CHECK_EQ(mobile_history_first(n.m), 2);
	CHECK(!mobile_report(n.m, 1, &r) && mobile_report(n.m, 2, &r));
	node_free(&n);
}

/* One in the middle was left out: what is written then is believed as well, next time. */
static void test_gap(void)
{
	struct report r;

	node_init(&n);
	keep(1, 3);
	n.m->history[1].flow = FLOW_F2;
	len = history_encode(n.m, file, sizeof(file));
	for (size_t i = HISTORY_HEADER; i + 1 < len; i++)
		if (file[i] == 'F' && file[i + 1] == '2')
			file[i + 1] = '0';
	len = seal(file, len);
	CHECK_EQ(restart(), HISTORY_GOOD);
	CHECK(!mobile_report(n.m, 2, &r) && mobile_report(n.m, 1, &r));
	len = seal(file, history_encode(n.m, file, sizeof(file)));
	CHECK_EQ(restart(), HISTORY_GOOD);
	CHECK(!mobile_report(n.m, 2, &r) && mobile_report(n.m, 1, &r) &&
	      mobile_report(n.m, 3, &r));
	/* one that is older than what is kept takes nobody's place */
	n.m->history[0].number = 1;
	n.m->history[63] = sample_report(64 + HISTORY_MAX);
	n.m->history[1] = sample_report(2 + HISTORY_MAX);
	n.m->last_report = 64 + HISTORY_MAX;
	len = seal(file, history_encode(n.m, file, sizeof(file)));
	CHECK_EQ(restart(), HISTORY_GOOD);
	CHECK_EQ(mobile_history_first(n.m), 2 + HISTORY_MAX);
	CHECK_EQ(mobile_history_last(n.m), 64 + HISTORY_MAX);
	node_free(&n);
}

/* ---- the signal ---- */

static void test_samples(void)
{
	struct samples s = {.n = 0};
	struct report r = {.to = {.bssid = bssid_b}};

	r.at[STEP_TRIGGER] = SEC(100);
	for (mtime t = SEC(90); t < SEC(100); t += MSEC(50))
		samples_add(&s, &bssid_a, -60, t);
	samples_add(&s, &bssid_b, -50, SEC(100));
	samples_add(&s, &bssid_b, 0, SEC(101));	   /* nothing was measured */
	samples_add(&s, &bssid_b, -200, SEC(101)); /* nor this */
	samples_add(&s, &bssid_b, -51, SEC(103));
	samples_into(&s, &r, SEC(102));
	CHECK_EQ(r.n_samples, 51); /* five seconds, ten each, and the new one's first */
	CHECK_EQ(r.sample[0].ms, -5000);
	CHECK(!r.sample[0].second && r.sample[50].second);
	CHECK_EQ(r.sample[50].ms, 0);
	CHECK_EQ(r.sample[50].dbm, -50);
	for (mtime t = SEC(104); t < SEC(140); t += MSEC(100))
		samples_add(&s, &bssid_b, -52, t);
	samples_into(&s, &r, SEC(140));
	CHECK_EQ(r.n_samples, REPORT_SAMPLES_MAX);
	CHECK_EQ(r.sample[REPORT_SAMPLES_MAX - 1].ms, 39900);
}

/* The report has them; those of the seconds behind it, too, and no others. */
static void test_in_report(void)
{
	struct report r;

	node_init(&n);
	node_link_up(&n, &bssid_a);
	node_scan(&n);
	node_until(&n, n.now.t + SEC(1));
	mobile_signal(n.m, -71, &n.now, &n.out);
	node_see(&n);
	CHECK(mobile_handoff(n.m, &bssid_b, &(bool){false}, &n.now, &n.out) == NULL);
	node_see(&n);
	node_link_up(&n, &bssid_b);
	node_advert(&n, true, 1);
	node_reply(&n, true, 0, 1800, 0, -1);
	CHECK(mobile_report(n.m, 0, &r) && r.ended);
	CHECK_EQ(r.n_samples, 3); /* where it came from: joined and measured; the new one: joined */
	CHECK_EQ(r.sample[1].dbm, -71);
	CHECK(!r.sample[1].second && r.sample[2].second);
	CHECK_EQ(r.leave_below_dbm, -70);
	CHECK_EQ(r.dead_dbm, -82);
	node_until(&n, n.now.t + SEC(1));
	mobile_signal(n.m, -48, &n.now, &n.out);
	node_see(&n);
	node_until(&n, n.now.t + SEC(2));
	mobile_signal(n.m, -47, &n.now, &n.out);
	node_see(&n);
	CHECK(mobile_report(n.m, 0, &r));
	CHECK_EQ(r.n_samples, 4);
	CHECK(r.sample[3].second && r.sample[3].dbm == -48);
	node_free(&n);
}

UNIT_MAIN("history", {"byte for byte", test_bytes}, {"round trip, and on", test_round_trip},
	  {"full to the brim", test_full}, {"one that runs is not in it", test_running},
	  {"cut at every byte", test_cut}, {"each byte spoilt", test_spoilt},
	  {"anything in it", test_anything}, {"numbers", test_numbers},
	  {"flows of a later version", test_later_version}, {"a gap", test_gap},
	  {"samples of the signal", test_samples}, {"samples in the report", test_in_report})
