/* SPDX-License-Identifier: MIT */
#ifndef MIP_FUZZ_PHONE_LINK_H
#define MIP_FUZZ_PHONE_LINK_H

#include "tests/fuzz/phone.h"

/* What links, the radio and whoever gives addresses tell the node. */
static inline struct radio_bss any_bss(struct phone *p, struct rbuf *in)
{
	uint8_t which = rb_u8(in), signal = rb_u8(in), age = rb_u8(in);
	struct radio_bss b = {.bssid = phone_mac(which & 7),
			      .freq_mhz = which & 8 ? 5180 : 2412,
			      .signal_dbm = (int8_t)signal,
			      .seen = p->now.t - MSEC(age),
			      .ssid_len = 6};

	memcpy(b.ssid, which & 16 ? "abroad" : "campus", 6);
	if (which & 32) {
		b.has_load = true;
		b.load_q8 = rb_u8(in);
	}
	if (which & 64)
		b.ssid_len = which & 128 ? 0 : SSID_MAX;
	return b;
}

static inline void connected(struct phone *p, struct rbuf *in)
{
	unsigned link = fuzz_choice(in, p->conf.n_links);
	struct radio_bss b = any_bss(p, in);

	if (link) {
		b.bssid = phone_mac(32 + link);
		b.freq_mhz = 0;
	}
	mobile_connected(p->m, link, &b, &p->now, &phone_out);
	phone_after(p);
}

static inline void radio(struct phone *p, struct rbuf *in)
{
	uint8_t what = rb_u8(in);
	struct mac bssid = phone_mac(rb_u8(in) & 7);
	uint16_t a = rb_u16(in), b = rb_u16(in);
	struct radio_traffic t = {a, b, b >> 8, a, true, b & 7};
	struct mobile_transition asked = {what & 16, what & 32, MSEC((mtime)a)};

	switch (what & 15) {
	case 0:
		mobile_roam_progress(p->m, &bssid, &p->now, &phone_out);
		break;
	case 1:
		mobile_roam_failed(p->m, "no answer", &p->now, &phone_out);
		break;
	case 2:
		mobile_threshold(p->m, &p->now, &phone_out);
		break;
	case 3:
		mobile_backlog(p->m, t.rate_kbit, &p->now, &phone_out);
		break;
	case 4:
		mobile_traffic(p->m, &t, &p->now, &phone_out);
		break;
	case 5:
		mobile_beacon_loss(p->m, &p->now, &phone_out);
		break;
	case 6:
		mobile_scan_failed(p->m, &p->now, &phone_out);
		break;
	case 7:
		mobile_scan_begun(p->m, &p->now, &phone_out);
		break;
	case 8:
		mobile_scan_over(p->m, &p->now, &phone_out);
		break;
	case 9:
		mobile_transition(p->m, &asked, &p->now, &phone_out);
		break;
	case 10:
		mobile_bgscan(p->m, what & 16, &p->now, &phone_out);
		break;
	default:
		mobile_signal(p->m, what & 64 ? (int32_t)(t.packets << 16) : (int8_t)t.packets,
			      &p->now, &phone_out);
	}
	phone_after(p);
}

static inline void scanned(struct phone *p, struct rbuf *in)
{
	struct radio_bss list[RADIO_BSS_MAX];
	size_t n = fuzz_choice(in, 9);

	for (size_t i = 0; i < n; i++)
		list[i] = any_bss(p, in);
	mobile_scanned(p->m, list, n, &p->now, &phone_out);
	phone_after(p);
}

static inline void neighbours(struct phone *p, struct rbuf *in)
{
	struct radio_neighbour list[8];
	size_t n = fuzz_choice(in, 9);

	for (size_t i = 0; i < n; i++) {
		list[i] = (struct radio_neighbour){.bssid = phone_mac(rb_u8(in) & 15)};
		list[i].freq_mhz = rb_u16(in);
		list[i].preference = rb_u8(in);
	}
	mobile_neighbours(p->m, list, n, &p->now, &phone_out);
	phone_after(p);
}

static inline void address(struct phone *p, struct rbuf *in)
{
	unsigned link = fuzz_choice(in, p->conf.n_links);
	uint8_t what = rb_u8(in);
	struct mac mac = phone_mac(48 + (what >> 4 & 1));
	uint32_t addr = say_addr(in), gateway = say_addr(in);

	switch (what & 3) {
	case 0:
		mobile_address(p->m, link, addr, gateway, &p->now, &phone_out);
		mobile_lease(p->m, link, what & 4 ? UINT32_MAX : rb_u16(in), &p->now);
		break;
	case 1:
		mobile_gateway(p->m, link, addr, &mac, &p->now, &phone_out);
		break;
	case 2:
		mobile_announced(p->m, &p->now, &phone_out);
		break;
	default:
		phone_out.n = 0;
		mobile_lease(p->m, link, rb_u32(in), &p->now);
	}
	phone_after(p);
}

#endif
