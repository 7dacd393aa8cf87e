/* SPDX-License-Identifier: MIT */
#include "tests/unit/foreign_fixture.h"

static void adverts(void)
{
	static const uint8_t icmp[8] = { 10, 0, 0xf5, 0xff };
	struct instant now;
	struct advert ad;
	struct ipv4 ip;
	mtime first;

	lab_init(&l);
	now = lab_instant(&l);
	CHECK_EQ(agent_deadline(l.ag[FA_A]), 0);
	agent_tick(l.ag[FA_A], &now, &l.out);
	CHECK_EQ(l.out.n, 1);
	CHECK_EQ(l.out.a[0].mac.b[0], 1);
	CHECK_EQ(ipv4_decode(l.out.a[0].p, l.out.a[0].n, &ip), DROP_NONE);
	CHECK(ip.ttl == 1 && ip.dst == ADDR_ALL_SYSTEMS && ip.src == A_LINK &&
	      ip.protocol == PROTO_ICMP);
	CHECK_EQ(advert_decode(ip.payload.p, ip.payload.left, &ad), DROP_NONE);
	CHECK(ad.sequence == 0 && ad.router == A_LINK && ad.n_care_of == 1 &&
	      ad.care_of[0] == A_ADDR);
	CHECK(ad.flags == (ADVERT_F | ADVERT_T) && ad.reg_lifetime_s == 1800);
	CHECK(ad.buffers && ad.buffer_kib == 4096 && ad.buffer_lease_ms == 8000);
	CHECK(ad.icmp_lifetime_s >= 60);
	first = agent_deadline(l.ag[FA_A]);
	CHECK(first >= SEC(18) && first <= SEC(22));
	for (unsigned i = 0; i < 12; i++) {
		agent_solicit(l.ag[FA_A], 0, &l.mac, 0, icmp, sizeof(icmp), &now, &l.out);
		CHECK_EQ(l.out.n, i < 10);
	}
	CHECK_EQ(dropped(DROP_RATE), 2);
	l.now = SEC(1);
	now = lab_instant(&l);
	agent_solicit(l.ag[FA_A], 0, &l.mac, HOME, icmp, sizeof(icmp), &now, &l.out);
	CHECK_EQ(ipv4_decode(l.out.a[0].p, l.out.a[0].n, &ip), DROP_NONE);
	CHECK_EQ(ip.dst, HOME);
	CHECK(mac_equal(&l.out.a[0].mac, &l.mac));
	CHECK_EQ(advert_decode(ip.payload.p, ip.payload.left, &ad), DROP_NONE);
	CHECK_EQ(ad.sequence, 11);
	agent_solicit(l.ag[FA_A], 1, &l.mac, HOME, icmp, sizeof(icmp), &now, &l.out);
	agent_solicit(l.ag[FA_A], 0, &l.mac, HOME, icmp, 7, &now, &l.out);
	CHECK_EQ(l.out.n, 0);
	lab_stop(&l);
}

/* Who is busy goes on advertising, and says so; a home agent alone is no foreign one. */
static void busy(void)
{
	struct instant now;
	struct advert ad;
	struct ipv4 ip;

	lab_defaults(&l);
	l.conf[FA_A].foreign_busy = true;
	l.conf[FA_A].foreign_reverse = false;
	l.conf[FA_A].buffers = false;
	lab_start(&l);
	now = lab_instant(&l);
	agent_tick(l.ag[FA_A], &now, &l.out);
	CHECK_EQ(l.out.n, 1);
	CHECK_EQ(ipv4_decode(l.out.a[0].p, l.out.a[0].n, &ip), DROP_NONE);
	CHECK_EQ(advert_decode(ip.payload.p, ip.payload.left, &ad), DROP_NONE);
	CHECK_EQ(ad.flags, ADVERT_F | ADVERT_B);
	CHECK(!ad.buffers && ad.n_care_of == 1);
	lab_stop(&l);
}

UNIT_MAIN("advertise", {"advertisements", adverts}, {"busy", busy})
