/* SPDX-License-Identifier: MIT */
#include "tests/unit/own_address_fixture.h"

#include "client/core.h"

/* What saving changes: samples, scans, thresholds, what others scanned, keepalives. */

static const char *power(bool saving)
{
	const char *error = mobile_power(n.m, saving, &n.now, &n.out);

	node_see(&n);
	return error;
}

static void configure(enum power p)
{
	n.conf.power = p;
	CHECK(mobile_reconfigure(n.m, &n.conf, &n.now, &n.out));
	node_see(&n);
}

static void by_command(void)
{
	node_at_a(&n);
	CHECK(!mobile_saves(n.m));
	CHECK(power(true) == NULL);
	CHECK(mobile_saves(n.m));
	CHECK(power(true) == NULL);
	CHECK_EQ(n.events[TELL_POWER], 1); /* a change is told */
	CHECK(power(false) == NULL);
	CHECK(!mobile_saves(n.m));
	CHECK_EQ(n.events[TELL_POWER], 2);
	node_free(&n);
}

static void by_configuration(void)
{
	node_at_a(&n);
	configure(POWER_SAVING);
	CHECK(mobile_saves(n.m));
	CHECK(power(false) != NULL);
	CHECK(mobile_saves(n.m));
	configure(POWER_NORMAL);
	CHECK(!mobile_saves(n.m));
	CHECK(power(true) != NULL);
	CHECK(!mobile_saves(n.m));
	configure(POWER_AUTO); /* the last command holds */
	CHECK(mobile_saves(n.m));
	node_free(&n);
}

static unsigned thresholds(const struct radio *r)
{
	int32_t dbm[RADIO_THRESHOLDS_MAX];

	return radio_thresholds(r, dbm);
}

/* While the signal is good; near the threshold all is as ever. */
static void samples_and_thresholds(void)
{
	node_at_a(&n);
	configure(POWER_AUTO);
	mobile_signal(n.m, -40, &n.now, &n.out);
	node_see(&n);
	CHECK_EQ(radio_sample_interval(&n.m->radio), MSEC(50));
	CHECK_EQ(thresholds(&n.m->radio), 12);
	mobile_bgscan(n.m, true, &n.now, &n.out); /* each of ours would be a scan of all channels */
	node_see(&n);
	CHECK_EQ(thresholds(&n.m->radio), 6);
	mobile_bgscan(n.m, false, &n.now, &n.out);
	node_see(&n);
	power(true);
	CHECK_EQ(radio_sample_interval(&n.m->radio), MSEC(200));
	CHECK_EQ(thresholds(&n.m->radio), 6); /* -80 to -60 */
	for (int i = 0; i < 30; i++) {
		node_until(&n, n.now.t + MSEC(50));
		mobile_signal(n.m, -66, &n.now, &n.out);
		node_see(&n);
	}
	CHECK_EQ(radio_sample_interval(&n.m->radio), MSEC(50));
	node_free(&n);
}

/* The signal moves towards the threshold: with power, somebody is looked for ahead of need. */
static unsigned scans_ahead(bool saving)
{
	unsigned scans;

	node_at_a(&n);
	n.conf.automatic = true;
	configure(saving ? POWER_SAVING : POWER_NORMAL);
	node_until(&n, n.now.t + SEC(60));
	node_forget(&n);
	for (int i = 0; i < 12; i++) {
		node_until(&n, n.now.t + MSEC(50));
		mobile_signal(n.m, -66, &n.now, &n.out);
		node_see(&n);
	}
	scans = n.scans + n.orders;
	node_free(&n);
	return scans;
}

static void scans(void)
{
	CHECK(scans_ahead(false) > 0);
	CHECK_EQ(scans_ahead(true), 0);
}

static void looks_away(void)
{
	node_at_a(&n);
	n.conf.automatic = true;
	configure(POWER_AUTO);
	node_until(&n, n.now.t + SEC(5));
	CHECK(!mobile_looks_away(n.m));
	power(true);
	CHECK(mobile_looks_away(n.m));
	mobile_signal(n.m, -66, &n.now, &n.out); /* it moves */
	node_see(&n);
	CHECK(!mobile_looks_away(n.m));
	node_free(&n);
}

/* A keepalive that is due shortly before the renewal: the renewal goes in its place. */
static void joined(void)
{
	static const struct mip_udp_reply nat = { .present = true, .keepalive_s = 100 };
	mtime t;

	from_a(&nat); /* for 600 s: renewed after 300 */
	configure(POWER_SAVING);
	t = n.now.t;
	node_forget(&n);
	node_until(&n, t + SEC(100));
	CHECK_EQ(n.echoes, 0);
	CHECK_EQ(n.requests, 1);
	node_free(&n);
	from_a(&nat);
	t = n.now.t;
	node_forget(&n);
	node_until(&n, t + SEC(100));
	CHECK_EQ(n.echoes, 1);
	CHECK_EQ(n.requests, 0);
	node_free(&n);
}

/* Nothing is known of the link's words before a registration, nor while one is under way. */
static void what_is_known(void)
{
	struct advert_like known;

	node_at_a(&n);
	node_advert(&n, false, 7);
	mobile_known(n.m, MOBILE_RADIO, &known);
	CHECK_EQ(known.src, AGENT_A);
	CHECK_EQ(known.sequence, 7);
	reg_renew(&n.m->reg, n.now.t);
	mobile_known(n.m, MOBILE_RADIO, &known);
	CHECK_EQ(known.src, 0);
	mobile_tick(n.m, &n.now, &n.out); /* the Request goes out */
	node_see(&n);
	node_reply(&n, false, 0, 600, 0, -1);
	mobile_known(n.m, MOBILE_RADIO, &known);
	CHECK_EQ(known.src, 0); /* to be heard once more */
	node_advert(&n, false, 8);
	mobile_known(n.m, MOBILE_RADIO, &known);
	CHECK_EQ(known.sequence, 8);
	mobile_disconnected(n.m, MOBILE_RADIO, &bssid_a, &n.now, &n.out);
	node_see(&n);
	mobile_known(n.m, MOBILE_RADIO, &known);
	CHECK_EQ(known.src, 0);
	node_free(&n);
}

/* When no hook may be started. */
static void hurries(void)
{
	node_at_a(&n);
	CHECK(!mobile_hurries(n.m));
	node_ask(&n);
	CHECK(mobile_hurries(n.m)); /* for the answer to BUFFER */
	node_granted(&n);
	CHECK(mobile_hurries(n.m)); /* for silence */
	node_until(&n, n.now.t + MSEC(10));
	CHECK(!mobile_hurries(n.m)); /* the supplicant is at work */
	node_link_up(&n, &bssid_b);
	CHECK(mobile_hurries(n.m));
	node_advert(&n, true, 1);
	CHECK(mobile_hurries(n.m)); /* for the Reply */
	node_reply(&n, true, 0, 600, 0, -1);
	CHECK(!mobile_hurries(n.m));
	node_free(&n);
}

UNIT_MAIN("power", { "by command", by_command }, { "by configuration", by_configuration },
	  { "samples and thresholds", samples_and_thresholds }, { "scans", scans },
	  { "looks away", looks_away }, { "joined", joined }, { "what is known", what_is_known },
	  { "hurries", hurries })
