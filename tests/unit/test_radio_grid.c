/* SPDX-License-Identifier: MIT */
#include "client/radio.h"

#include "client/radio_rank.h"
#include "tests/unit/grid.h"

/* The grid of radio.c, cell by cell. */
enum row { DETACHED, AT_REST, WATCHING, SCANNING, LEAVING, N_ROWS };
enum event {
	ATTACHED, LOST, CALM, FALL, FALL_ALONE, BEACONS, BEACONS_ALONE, RESULTS, NO_RESULTS,
	SCAN_FAILS, HANDOFF_DONE, HANDOFF_FAILED, ASKED_AGAIN, TIME,
	N_EVENTS
};
static const char *const events[] = {
	[ATTACHED] = "attached elsewhere", [LOST] = "detached", [CALM] = "signal as it was",
	[FALL] = "signal falls", [FALL_ALONE] = "signal falls, nobody known",
	[BEACONS] = "beacons lost", [BEACONS_ALONE] = "beacons lost, nobody known",
	[RESULTS] = "scan finds", [NO_RESULTS] = "scan finds nobody",
	[SCAN_FAILS] = "scan fails", [HANDOFF_DONE] = "handoff done",
	[HANDOFF_FAILED] = "handoff failed", [ASKED_AGAIN] = "asked again", [TIME] = "time",
};

static const struct mac ap1 = { { 2, 0, 0, 0, 0, 0 } }, ap2 = { { 2, 0, 0, 0, 1, 0 } };
static struct radio r;
static struct radio_decision d;
static mtime now;
static struct grid_words words;

static struct radio_bss bss(const struct mac *m, uint16_t mhz, int dbm)
{
	return (struct radio_bss){ .bssid = *m, .freq_mhz = mhz, .signal_dbm = (int16_t)dbm,
				   .seen = now, .ssid = "campus", .ssid_len = 6 };
}

static void decide(void)
{
	radio_decide(&r, now, &d);
	if (d.act == RADIO_SCAN)
		grid_say(&words, "scan");
	if (d.act == RADIO_LEAVE)
		grid_say(&words, "leave");
}

static void scanned(int dbm2)
{
	struct radio_bss list[] = { bss(&ap1, 2412, -50), bss(&ap2, 2437, dbm2) };

	radio_scanned(&r, list, dbm2 ? 2 : 1, now);
	decide();
}

static void attach(const struct mac *m, int dbm)
{
	struct radio_bss b = bss(m, mac_equal(m, &ap1) ? 2412 : 2437, dbm);

	radio_attached(&r, &b, now);
	decide();
}

static void samples(int dbm)
{
	for (int i = 0; i < 3; i++) {
		now += MSEC(50);
		radio_signal(&r, dbm, now);
		decide();
	}
}

/* Nobody is known but the one that serves. */
static void nobody(void)
{
	r.n_bss = 0;
}

/* Somebody is known without a scan of ours. */
static void somebody(void)
{
	struct radio_bss b = bss(&ap2, 2437, -60);

	radio_rank_store(&r, &b, 1);
}

static void reach(int s)
{
	struct radio_conf c;

	now = SEC(100);
	radio_conf_default(&c);
	radio_init(&r, &c);
	switch ((enum row)s) {
	case DETACHED:
		decide();
		break;
	case AT_REST:
		attach(&ap1, -50);
		scanned(-60);
		now += SEC(2);
		decide();
		break;
	case WATCHING:
		attach(&ap1, -50);
		scanned(-60);
		break;
	case SCANNING:
		attach(&ap1, -50);
		samples(-78);
		break;
	case LEAVING:
		attach(&ap1, -50);
		scanned(-60);
		samples(-78);
		break;
	case N_ROWS:
		break;
	}
	memset(&words, 0, sizeof(words));
}

static int row(void)
{
	if (!r.attached)
		return DETACHED;
	if (r.leaving)
		return LEAVING;
	if (r.scanning)
		return SCANNING;
	return r.sampling ? WATCHING : AT_REST;
}

static void time_passes(void)
{
	int from = row();
	mtime start = now;

	while (row() == from && radio_deadline(&r) != MTIME_NEVER && now < start + SEC(60)) {
		now = radio_deadline(&r);
		decide();
	}
	if (row() != from)
		grid_say(&words, "%lldms", (long long)((now - start) / 1000));
}

static void happen(int e)
{
	switch ((enum event)e) {
	case ATTACHED:
		attach(&ap2, -60);
		return;
	case LOST:
		radio_detached(&r, now);
		break;
	case CALM:
		now += MSEC(50);
		radio_signal(&r, -50, now);
		break;
	case FALL:
		somebody();
		samples(-79);
		break;
	case FALL_ALONE:
		nobody();
		samples(-79);
		break;
	case BEACONS:
		somebody();
		radio_beacon_loss(&r, now);
		break;
	case BEACONS_ALONE:
		nobody();
		radio_beacon_loss(&r, now);
		break;
	case RESULTS:
		scanned(-60);
		return;
	case NO_RESULTS:
		nobody();
		scanned(0);
		return;
	case SCAN_FAILS:
		radio_scan_failed(&r, now);
		break;
	case HANDOFF_DONE:
		radio_handoff_done(&r, &ap2, true, now);
		break;
	case HANDOFF_FAILED:
		radio_handoff_done(&r, &ap2, false, now);
		break;
	case ASKED_AGAIN:
		break;
	case TIME:
		time_passes();
		return;
	case N_EVENTS:
		break;
	}
	decide();
}

static const char *did(void)
{
	grid_say(&words, "%s%s", radio_rule_name(d.rule),
		 radio_deadline(&r) == MTIME_NEVER ? " rests" : "");
	return words.text;
}

static void leave(void)
{
}

static const char *name(int s)
{
	static const char *const names[] = {
		[DETACHED] = "detached", [AT_REST] = "at rest", [WATCHING] = "watching",
		[SCANNING] = "scanning", [LEAVING] = "leaving",
	};

	return names[s];
}

/* What it wants done, by which rule, and whether it wants to be called again at all. */
static const struct grid_cell cells[][N_EVENTS] = {
	[DETACHED] = {
		[ATTACHED] = { WATCHING, "watching" }, [LOST] = { DETACHED, "detached rests" },
		[CALM] = { DETACHED, "detached rests" }, [FALL] = { DETACHED, "detached rests" },
		[FALL_ALONE] = { DETACHED, "detached rests" },
		[BEACONS] = { DETACHED, "detached rests" },
		[BEACONS_ALONE] = { DETACHED, "detached rests" },
		[RESULTS] = { DETACHED, "detached rests" },
		[NO_RESULTS] = { DETACHED, "detached rests" },
		[SCAN_FAILS] = { DETACHED, "detached rests" },
		[HANDOFF_DONE] = { DETACHED, "detached rests" },
		[HANDOFF_FAILED] = { DETACHED, "detached rests" },
		[ASKED_AGAIN] = { DETACHED, "detached rests" },
		[TIME] = { DETACHED, "detached rests" },
	},
	[AT_REST] = {
		[ATTACHED] = { WATCHING, "watching" }, [LOST] = { DETACHED, "detached rests" },
		[CALM] = { AT_REST, "good rests" }, [FALL] = { LEAVING, "leave below" },
		[FALL_ALONE] = { SCANNING, "scan need-scan" },
		[BEACONS] = { LEAVING, "leave lost" },
		[BEACONS_ALONE] = { SCANNING, "scan need-scan" },
		[RESULTS] = { AT_REST, "good rests" }, [NO_RESULTS] = { AT_REST, "good rests" },
		[SCAN_FAILS] = { AT_REST, "good rests" },
		[HANDOFF_DONE] = { AT_REST, "good rests" },
		[HANDOFF_FAILED] = { WATCHING, "watching" },
		[ASKED_AGAIN] = { AT_REST, "good rests" }, [TIME] = { AT_REST, "good rests" },
	},
	[WATCHING] = {
		[ATTACHED] = { WATCHING, "watching" }, [LOST] = { DETACHED, "detached rests" },
		[CALM] = { WATCHING, "watching" }, [FALL] = { LEAVING, "leave below" },
		[FALL_ALONE] = { SCANNING, "scan need-scan" },
		[BEACONS] = { LEAVING, "leave lost" },
		[BEACONS_ALONE] = { SCANNING, "scan need-scan" },
		[RESULTS] = { WATCHING, "watching" }, [NO_RESULTS] = { WATCHING, "watching" },
		[SCAN_FAILS] = { WATCHING, "watching" }, [HANDOFF_DONE] = { WATCHING, "watching" },
		[HANDOFF_FAILED] = { WATCHING, "watching" },
		[ASKED_AGAIN] = { WATCHING, "watching" }, [TIME] = { AT_REST, "1000ms good rests" },
	},
	[SCANNING] = {
		[ATTACHED] = { WATCHING, "watching" }, [LOST] = { DETACHED, "detached rests" },
		[CALM] = { SCANNING, "need-scan" }, [FALL] = { LEAVING, "leave below" },
		[FALL_ALONE] = { SCANNING, "need-scan" }, [BEACONS] = { LEAVING, "leave lost" },
		[BEACONS_ALONE] = { SCANNING, "need-scan" }, [RESULTS] = { LEAVING, "leave below" },
		[NO_RESULTS] = { WATCHING, "need-scan" }, [SCAN_FAILS] = { WATCHING, "need-scan" },
		[HANDOFF_DONE] = { SCANNING, "need-scan" },
		[HANDOFF_FAILED] = { SCANNING, "need-scan" },
		[ASKED_AGAIN] = { SCANNING, "need-scan" },
		[TIME] = { AT_REST, "8000ms need-scan" },
	},
	[LEAVING] = {
		[ATTACHED] = { WATCHING, "watching" }, [LOST] = { DETACHED, "detached rests" },
		[CALM] = { LEAVING, "below" }, [FALL] = { LEAVING, "below" },
		[FALL_ALONE] = { LEAVING, "below" }, [BEACONS] = { LEAVING, "below" },
		[BEACONS_ALONE] = { LEAVING, "below" }, [RESULTS] = { LEAVING, "below" },
		[NO_RESULTS] = { LEAVING, "below" }, [SCAN_FAILS] = { LEAVING, "below" },
		[HANDOFF_DONE] = { LEAVING, "leave below" },
		[HANDOFF_FAILED] = { SCANNING, "scan no-candidate" },
		[ASKED_AGAIN] = { LEAVING, "below" },
		[TIME] = { SCANNING, "scan 20000ms need-scan" },
	},
};

static void grid(void)
{
	static const struct grid g = {
		.n_states = N_ROWS, .n_events = N_EVENTS, .state = name, .event = events,
		.reach = reach, .happen = happen, .now = row, .did = did, .leave = leave,
	};

	grid_play(&g, cells[0]);
}

UNIT_MAIN("radio's grid", {"state x event", grid})
