/* SPDX-License-Identifier: MIT */
#include "client/handoff_steps.h"

#include <stdio.h>
#include <string.h>

#define SCAN_MAX SEC(2) /* one or two channels take a fifth of a second */

static void look_at(struct handoff *h, const uint16_t *freqs, unsigned n)
{
	h->n_freqs = n;
	memcpy(h->freqs, freqs, n * sizeof(freqs[0]));
}

static void prepare(struct mobile *m, const char *trigger, const struct instant *now,
		    struct mobile_out *out)
{
	struct report *r = &m->scan_report;

	memset(r, 0, sizeof(*r));
	r->started_ntp = now->ntp;
	handoff_prepare(m, r, trigger, false, now, out);
	m->ho.scan = true;
}

static void ask_first(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	struct handoff *h = &m->ho;

	if (!handoff_can_order(m, &h->keeper) || !handoff_sign(m, ORDER_BUFFER, now)) {
		scan_go(m, now, out);
		return;
	}
	handoff_enter(h, HO_ASKING, keeper_patience(h, now->t));
	handoff_send_order(m, now, out);
}

void scan_begin(struct mobile *m, const uint16_t *freqs, unsigned n, const struct instant *now,
		struct mobile_out *out)
{
	prepare(m, "", now, out);
	look_at(&m->ho, freqs, n);
	ask_first(m, now, out);
}

void scan_expect(struct mobile *m, const char *sign, mtime wait, const struct instant *now,
		 struct mobile_out *out)
{
	prepare(m, sign, now, out);
	m->ho.expected = true;
	m->ho.expect_until = now->t + wait;
	ask_first(m, now, out);
}

void scan_expect_longer(struct mobile *m, mtime until)
{
	if (m->ho.expect_longer)
		return;
	m->ho.expect_longer = true;
	m->ho.expect_until = until;
	if (m->ho.state == HO_SCANNING)
		handoff_enter(&m->ho, HO_SCANNING, until);
}

void scan_go(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	struct handoff *h = &m->ho;
	struct mobile_action *a;

	if (h->expected) {
		handoff_enter(h, HO_SCANNING, h->expect_until);
		return;
	}
	a = core_add(out, MOBILE_SCAN);
	a->on = radio_wants(&m->radio);
	a->n_freqs = h->n_freqs;
	memcpy(a->freqs, h->freqs, sizeof(a->freqs));
	h->scan_done = false;
	if (h->state != HO_SCANNING)
		handoff_enter(h, HO_SCANNING, now->t + SCAN_MAX);
}

void scan_instead(struct mobile *m, const uint16_t *freqs, unsigned n, const struct instant *now,
		  struct mobile_out *out)
{
	struct handoff *h = &m->ho;

	h->expected = false;
	look_at(h, freqs, n);
	handoff_enter(h, HO_SCANNING, now->t + SCAN_MAX);
	scan_go(m, now, out);
}

void scan_promote(struct mobile *m, const struct radio_bss *target, const char *trigger,
		  const struct instant *now, struct mobile_out *out)
{
	struct handoff *h = &m->ho;
	struct report *r = handoff_new_report(m, now);
	unsigned number = r->number;

	*r = m->scan_report;
	r->number = number;
	snprintf(r->trigger, sizeof(r->trigger), "%s", trigger);
	h->rep = r;
	h->scan = false;
	m->expect_scan_after = m->expect_asked_after = 0;
	core_event(out, TELL_HANDOVER_IMMINENT)->handoff = number;
	if (target)
		handoff_aim(m, target);
	if (h->state == HO_SCANNING)
		handoff_step(m, STEP_SCANNED, now->t, out);
	if (!handoff_can_order(m, &h->keeper) ||
	    (h->keeper.home && !h->granted && h->state != HO_ASKING)) {
		r->flow = FLOW_PLAIN;
		handoff_because(m, "nobody buffers: it was not asked, or cannot");
	} else if (h->keeper.home) {
		r->flow = keeper_flow(h);
	} else if (target && handoff_same_agent(h)) {
		r->flow = FLOW_F5;
	} else {
		r->flow = h->granted || h->state == HO_ASKING ? FLOW_F1 : FLOW_F2;
	}
}

void scan_end(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	m->ho.scan = false;
	handoff_release(m, now, out);
}
