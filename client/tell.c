/* SPDX-License-Identifier: MIT */
#include "client/tell.h"

#include "client/daemon.h"
#include "client/describe.h"
#include "client/status.h"
#include "common/log.h"

#include <string.h>

static bool has_type(const json_t *v, const struct event_field *f)
{
	if (json_is_null(v))
		return f->null;
	switch (f->type) {
	case FIELD_STRING:
		return json_is_string(v);
	case FIELD_INTEGER:
		return json_is_integer(v);
	case FIELD_NUMBER:
		return json_is_number(v);
	case FIELD_BOOLEAN:
		return json_is_boolean(v);
	case FIELD_OBJECT:
		return json_is_object(v);
	}
	return false;
}

/* The table is a promise: what breaks it is a bug that is said. */
static void hold_against(const struct event_spec *spec, const json_t *o)
{
	size_t n = 0;

	for (; n < EVENT_FIELDS_MAX && spec->fields[n].name != NULL; n++)
		if (!has_type(json_object_get(o, spec->fields[n].name), &spec->fields[n]))
			log_error("event %s: %s is not as documented, or there was no memory",
				  spec->name, spec->fields[n].name);
	if (json_object_size(o) != n + 2)
		log_error("event %s: it says more than is documented", spec->name);
}

/* Steals o. */
static void tell(struct daemon *d, enum event_kind what, json_t *o)
{
	const struct event_spec *spec = &event_specs[what];

	if (o == NULL) {
		log_error("event %s: no memory to tell it", spec->name);
		return;
	}
	json_object_set_new(o, "event", json_string(spec->name));
	json_object_set_new(o, "time", describe_when(instant_now().ntp));
	hold_against(spec, o);
	if (what == TELL_HANDOVER_IMMINENT || what == TELL_HANDOVER_STEP ||
	    what == TELL_HANDOVER_COMPLETE)
		serve_progress(d, o);
	if (spec->hooks)
		hooks_tell(d, what, o);
	control_broadcast(d->control, o);
}

/* ---- handoffs ---- */

static void tell_granted(struct daemon *d, const struct report *r)
{
	json_t *o = describe_grant(r);

	json_object_set_new(o, "number", json_integer(r->number));
	tell(d, TELL_BUFFER_GRANTED, o);
}

static void tell_steps(struct daemon *d, const struct report *r)
{
	for (unsigned s = 0; s < STEP_COUNT; s++) {
		json_t *o;

		if (!r->has[s] || (d->told_steps & 1u << s) != 0)
			continue;
		d->told_steps |= 1u << s;
		o = describe_step(r, (enum report_step)s);
		json_object_set_new(o, "number", json_integer(r->number));
		json_object_set_new(o, "gap_ms",
				    s == STEP_FIRST_PACKET ? describe_gap(r) : json_null());
		tell(d, TELL_HANDOVER_STEP, o);
		if (s == STEP_GRANTED)
			tell_granted(d, r);
	}
}

static void tell_imminent(struct daemon *d, const struct report *r)
{
	d->told_report = r->number;
	d->told_steps = 0;
	tell(d, TELL_HANDOVER_IMMINENT,
	     json_pack("{sI ss ss so so}", "number", (json_int_t)r->number, "flow",
		       flow_name(r->flow), "trigger", r->trigger, "from", describe_end(&r->from),
		       "to", describe_end(&r->to)));
}

static void tell_complete(struct daemon *d, const struct report *r)
{
	json_t *report = describe_report(r);

	tell(d, TELL_HANDOVER_COMPLETE,
	     json_pack("{sI ss sO}", "number", (json_int_t)r->number, "result",
		       r->ok ? "done" : "failed", "report", report));
	if (r->ok)
		serve_finish(d, WAIT_HANDOFF, r->number,
			     json_pack("{sb so}", "ok", true, "report", report));
	else
		serve_finish(d, WAIT_HANDOFF, r->number,
			     json_pack("{sb so si so}", "ok", false, "error",
				       json_sprintf("the handoff failed: %s", r->reason), "exit",
				       EXIT_FAILED, "report", report));
}

/* It may be over, and the next one, which ended it, have begun: both are told of. */
static void tell_handoff(struct daemon *d, unsigned number, bool complete)
{
	struct report r;

	if (!mobile_report(d->mobile, number, &r))
		return;
	if (r.number != d->told_report)
		tell_imminent(d, &r);
	tell_steps(d, &r);
	if (complete)
		tell_complete(d, &r);
}

/* ---- the others ---- */

static json_t *detected(const struct radio_bss *b)
{
	return json_pack("{so so si si}", "bssid", describe_mac(&b->bssid), "ssid",
			 describe_ssid(b->ssid, b->ssid_len), "frequency_mhz", b->freq_mhz,
			 "signal_dbm", b->signal_dbm);
}

static json_t *falling(const struct mobile_info *i)
{
	return json_pack("{so so si so ss}", "bssid", describe_mac(&i->bss.bssid), "ssid",
			 describe_ssid(i->bss.ssid, i->bss.ssid_len), "signal_dbm",
			 i->radio.signal_dbm, "time_left_ms", describe_ms(i->radio.time_left),
			 "rule", radio_rule_name(i->radio.rule));
}

static json_t *announced(const struct mobile_action *a, mtime now)
{
	mtime in = a->until > now ? a->until - now : 0;

	return json_pack("{sI so}", "in_ms", (json_int_t)(in / MSEC(1)), "to",
			 describe_mac(&a->mac));
}

void tell_signal(struct daemon *d, int dbm)
{
	struct mobile_info i;

	mobile_info(d->mobile, instant_now().t, &i);
	tell(d, TELL_LINK_PARAMETERS,
	     json_pack("{si si so ss}", "dbm", dbm, "smoothed", i.radio.signal_dbm, "time_left_ms",
		       describe_ms(i.radio.time_left), "rule", radio_rule_name(i.radio.rule)));
}

static void tell_manager(struct daemon *d)
{
	char line[NOTIFY_STATUS];

	if (!notify_wanted())
		return;
	status_line(d, line);
	notify_status(line);
}

void tell_event(struct daemon *d, const struct mobile_action *a)
{
	mtime now = instant_now().t;
	struct mobile_info i;

	tell_manager(d);
	mobile_info(d->mobile, now, &i);
	switch (a->event) {
	case TELL_LINK_DETECTED:
		tell(d, a->event, detected(&a->bss));
		break;
	case TELL_LINK_GOING_DOWN:
		tell(d, a->event, falling(&i));
		break;
	case TELL_HANDOVER_ANNOUNCED:
		tell(d, a->event, announced(a, now));
		break;
	case TELL_ANNOUNCEMENT_OVER:
		tell(d, a->event, json_pack("{ss}", "reason", a->text));
		break;
	case TELL_HANDOVER_IMMINENT:
	case TELL_HANDOVER_STEP:
	case TELL_HANDOVER_COMPLETE:
		tell_handoff(d, a->handoff, a->event == TELL_HANDOVER_COMPLETE);
		break;
	case TELL_POWER:
		tell(d, a->event, json_pack("{ss}", "power", i.saves ? "saving" : "normal"));
		break;
	case TELL_LINK_UP:
	case TELL_LINK_DOWN:
	case TELL_REGISTERED:
	case TELL_DEREGISTERED:
		tell(d, a->event, status_where(d, now));
		break;
	case TELL_LINK_PARAMETERS:
	case TELL_BUFFER_GRANTED:
	case TELL_COUNT:
		break;
	}
	if (a->event == TELL_REGISTERED)
		serve_finish(d, WAIT_REGISTER, 0, json_pack("{sb}", "ok", true));
	else if (a->event == TELL_DEREGISTERED)
		serve_finish(d, WAIT_DEREGISTER, 0, json_pack("{sb}", "ok", true));
}
