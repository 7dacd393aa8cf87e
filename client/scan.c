/* SPDX-License-Identifier: MIT */
#include "client/handoff_steps.h"

#include <stdio.h>
#include <string.h>

#define SCAN_MAX SEC(2) /* one or two channels take a fifth of a second */

void scan_begin(struct mobile *m, const uint16_t *freqs, unsigned n, const struct instant *now,
		struct mobile_out *out)
{
	struct handoff *h = &m->ho;
	struct report *r = &m->scan_report;

	memset(r, 0, sizeof(*r));
	r->started_ntp = now->ntp;
	handoff_prepare(m, r, "", false, now, out);
	h->scan = true;
	h->n_freqs = n;
	memcpy(h->freqs, freqs, n * sizeof(freqs[0]));
	if (!handoff_can_order(m, &h->keeper) || !handoff_sign(m, ORDER_BUFFER, now)) {
		scan_go(m, now, out);
		return;
	}
	handoff_enter(h, HO_ASKING, keeper_patience(h, now->t));
	handoff_send_order(m, now, out);
}

void scan_go(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	struct handoff *h = &m->ho;
	struct mobile_action *a = core_add(out, MOBILE_SCAN);

	a->n_freqs = h->n_freqs;
	memcpy(a->freqs, h->freqs, sizeof(a->freqs));
	h->scan_done = false;
	if (h->state != HO_SCANNING)
		handoff_enter(h, HO_SCANNING, now->t + SCAN_MAX);
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
	core_event(out, "handoff-started");
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
