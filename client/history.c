/* SPDX-License-Identifier: MIT */
#include "client/history.h"

#include "client/core.h"

#include <string.h>

enum { DONE = 1, LAST_PACKET = 2, LOSS_KNOWN = 4, ALL = 7 };

static const char name[SEAL_NAME] = {'M', 'I', 'P', 'H', 'A', 'N', 'D', 'S'};

const char *history_fault_text(enum history_fault f)
{
	switch (f) {
	case HISTORY_GOOD:
		return "good";
	case HISTORY_FOREIGN:
		return "it is no state file";
	case HISTORY_VERSION_UNKNOWN:
		return "it is of another version of mipclientd";
	case HISTORY_DAMAGED:
		return "it is damaged or cut short";
	case HISTORY_NONSENSE:
		return "it says what no mipclientd would write";
	}
	return "unknown";
}

/* ---- writing ---- */

static void put_text(struct wbuf *w, const char *s)
{
	size_t n = strlen(s);

	wb_u8(w, (uint8_t)n);
	wb_bytes(w, s, n);
}

static void put_end(struct wbuf *w, const struct report_end *e)
{
	wb_bytes(w, e->bssid.b, sizeof(e->bssid.b));
	wb_u16(w, (uint16_t)e->signal_dbm);
	wb_u32(w, e->agent);
	wb_u32(w, e->care_of);
	wb_u8(w, e->ssid_len);
	wb_bytes(w, e->ssid, e->ssid_len);
}

static void put_steps(struct wbuf *w, const struct report *r)
{
	unsigned n = 0;

	for (unsigned s = 0; s < STEP_COUNT; s++)
		n += r->has[s];
	wb_u8(w, (uint8_t)n);
	for (unsigned s = 0; s < STEP_COUNT; s++) {
		if (!r->has[s])
			continue;
		put_text(w, report_step_name((enum report_step)s));
		wb_u64(w, (uint64_t)(r->at[s] - r->at[STEP_TRIGGER]));
	}
}

static void put(struct wbuf *w, const struct report *r)
{
	wb_u32(w, r->number);
	wb_u64(w, r->started_ntp);
	wb_u8(w, (uint8_t)((r->ok ? DONE : 0) | (r->has_last_packet ? LAST_PACKET : 0) |
			   (r->has_lost ? LOSS_KNOWN : 0)));
	put_text(w, flow_name(r->flow));
	put_text(w, r->trigger);
	put_text(w, r->reason);
	put_end(w, &r->from);
	put_end(w, &r->to);
	wb_u64(w, r->has_last_packet ? (uint64_t)(r->last_packet - r->at[STEP_TRIGGER]) : 0);
	wb_u32(w, r->lost);
	wb_u32(w, r->forwarded);
	wb_u32(w, r->uplink_queued);
	wb_u32(w, r->uplink_dropped);
	wb_u32(w, r->buffer_sends);
	wb_u32(w, r->requests);
	wb_u32(w, r->grant_lease_ms);
	wb_u16(w, r->grant_packets);
	wb_u16(w, r->grant_kib);
	wb_u16(w, (uint16_t)r->leave_below_dbm);
	wb_u16(w, (uint16_t)r->dead_dbm);
	put_steps(w, r);
	wb_u8(w, (uint8_t)r->n_samples);
	for (unsigned i = 0; i < r->n_samples; i++) {
		wb_u32(w, (uint32_t)r->sample[i].ms);
		wb_u16(w, (uint16_t)r->sample[i].dbm);
		wb_u8(w, r->sample[i].second);
	}
}

size_t history_encode(const struct mobile *m, uint8_t *buf, size_t cap)
{
	struct wbuf w = wb_init(buf, cap), head = wb_init(buf, HISTORY_HEADER);
	unsigned last = mobile_history_last(m), n = 0;

	wb_zero(&w, HISTORY_HEADER);
	for (unsigned i = mobile_history_first(m); i > 0 && i <= last; i++) {
		const struct report *r = &m->history[(i - 1) % HISTORY_MAX];

		if (!r->ended || r->number != i)
			continue;
		put(&w, r);
		n++;
	}
	if (!wb_ok(&w) || cap - w.len < SEAL_SUM)
		return 0;
	wb_bytes(&head, name, sizeof(name));
	wb_u16(&head, HISTORY_VERSION);
	wb_u16(&head, (uint16_t)n);
	return w.len;
}

/* ---- reading ---- */

/* Printable, whatever it says. */
static void take_text(struct rbuf *r, char *out, size_t cap)
{
	uint8_t n = rb_u8(r);

	memset(out, 0, cap);
	if (n >= cap) {
		r->bad = true;
		return;
	}
	rb_bytes(r, out, n);
	for (unsigned i = 0; i < n; i++)
		if (out[i] < 0x20 || out[i] > 0x7e)
			out[i] = '?';
}

static void take_end(struct rbuf *r, struct report_end *e)
{
	rb_bytes(r, e->bssid.b, sizeof(e->bssid.b));
	e->signal_dbm = (int16_t)rb_u16(r);
	e->agent = rb_u32(r);
	e->care_of = rb_u32(r);
	e->ssid_len = rb_u8(r);
	if (e->ssid_len > SSID_MAX) {
		r->bad = true;
		e->ssid_len = 0;
	}
	rb_bytes(r, e->ssid, e->ssid_len);
}

/* A step that took longer than a day is none. */
#define STEP_LIMIT SEC(86400)

static mtime take_time(struct rbuf *r)
{
	mtime t = (mtime)rb_u64(r);

	if (t < -STEP_LIMIT || t > STEP_LIMIT)
		r->bad = true;
	return r->bad ? 0 : t;
}

static void take_steps(struct rbuf *in, struct report *r)
{
	uint8_t n = rb_u8(in);
	char text[32];

	for (unsigned i = 0; i < n && rb_ok(in); i++) {
		mtime at;

		take_text(in, text, sizeof(text));
		at = take_time(in);
		for (unsigned s = 0; s < STEP_COUNT; s++) {
			if (strcmp(text, report_step_name((enum report_step)s)) != 0)
				continue;
			r->has[s] = true;
			r->at[s] = at;
		}
	}
	if (!r->has[STEP_TRIGGER] || r->at[STEP_TRIGGER])
		in->bad = true;
}

static void take_samples(struct rbuf *in, struct report *r)
{
	r->n_samples = rb_u8(in);
	if (r->n_samples > REPORT_SAMPLES_MAX) {
		in->bad = true;
		r->n_samples = 0;
	}
	for (unsigned i = 0; i < r->n_samples; i++) {
		r->sample[i].ms = (int32_t)rb_u32(in);
		r->sample[i].dbm = (int16_t)rb_u16(in);
		r->sample[i].second = rb_u8(in);
	}
}

static bool take_flow(struct rbuf *in, struct report *r)
{
	char text[16];

	take_text(in, text, sizeof(text));
	for (unsigned f = 0; f < FLOW_COUNT; f++) {
		if (strcmp(text, flow_name((enum flow)f)) != 0)
			continue;
		r->flow = (enum flow)f;
		return true;
	}
	return false;
}

/* *known: the flow has a name that we know. */
static bool take(struct rbuf *in, struct report *r, bool *known)
{
	uint8_t bits;

	memset(r, 0, sizeof(*r));
	r->number = rb_u32(in);
	r->started_ntp = rb_u64(in);
	bits = rb_u8(in);
	r->ended = true;
	r->ok = bits & DONE;
	r->has_last_packet = bits & LAST_PACKET;
	r->has_lost = bits & LOSS_KNOWN;
	*known = take_flow(in, r);
	take_text(in, r->trigger, sizeof(r->trigger));
	take_text(in, r->reason, sizeof(r->reason));
	take_end(in, &r->from);
	take_end(in, &r->to);
	r->last_packet = take_time(in);
	r->lost = rb_u32(in);
	r->forwarded = rb_u32(in);
	r->uplink_queued = rb_u32(in);
	r->uplink_dropped = rb_u32(in);
	r->buffer_sends = rb_u32(in);
	r->requests = rb_u32(in);
	r->grant_lease_ms = rb_u32(in);
	r->grant_packets = rb_u16(in);
	r->grant_kib = rb_u16(in);
	r->leave_below_dbm = (int16_t)rb_u16(in);
	r->dead_dbm = (int16_t)rb_u16(in);
	take_steps(in, r);
	take_samples(in, r);
	return rb_ok(in) && r->number && !(bits & ~ALL);
}

static bool all_sensible(struct rbuf in, unsigned n)
{
	struct report r;
	unsigned before = 0;
	bool known;

	if (n > HISTORY_MAX)
		return false;
	for (unsigned i = 0; i < n; i++) {
		if (!take(&in, &r, &known) || r.number <= before)
			return false;
		before = r.number;
	}
	return rb_end(&in) && before < UINT32_MAX - HISTORY_MAX;
}

enum history_fault history_restore(struct mobile *m, const uint8_t *p, size_t n)
{
	struct report r;
	unsigned records;
	struct rbuf in;
	bool known;

	switch (seal_open(&in, p, n, name, HISTORY_VERSION, HISTORY_HEADER)) {
	case SEALED_FOREIGN:
		return HISTORY_FOREIGN;
	case SEALED_VERSION:
		return HISTORY_VERSION_UNKNOWN;
	case SEALED_DAMAGED:
		return HISTORY_DAMAGED;
	case SEALED_GOOD:
		break;
	}
	records = rb_u16(&in);
	if (!all_sensible(in, records))
		return HISTORY_NONSENSE;
	for (unsigned i = 0; i < records && take(&in, &r, &known); i++) {
		m->last_report = m->restored = r.number;
		if (known)
			m->history[(r.number - 1) % HISTORY_MAX] = r;
	}
	return HISTORY_GOOD;
}
