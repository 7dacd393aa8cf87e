/* SPDX-License-Identifier: MIT */
#include "client/watch.h"

#include "common/cli.h"

#include <stdio.h>
#include <string.h>

void watch_init(struct watch *w)
{
	memset(w, 0, sizeof(*w));
}

void watch_free(struct watch *w)
{
	json_decref(w->status);
	json_decref(w->report);
	watch_init(w);
}

static void set_report(struct watch *w, json_t *report)
{
	json_decref(w->report);
	w->report = report;
}

void watch_status(struct watch *w, json_t *status)
{
	json_t *last = json_object_get(status, "last_handoff");

	json_decref(w->status);
	w->status = status;
	if (!w->running && json_is_object(last))
		set_report(w, json_incref(last));
}

static void take_signal(struct watch *w, const json_t *e, double now)
{
	static const char *const same[] = {"time_left_ms", "rule"};

	w->sample[w->n_samples++ % WATCH_SAMPLES_MAX] =
	    (struct watch_sample){now, (int)cli_int(e, "dbm")};
	if (w->status == NULL)
		return;
	json_object_set(w->status, "signal_dbm", json_object_get(e, "smoothed"));
	for (unsigned i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		json_object_set(w->status, same[i], json_object_get(e, same[i]));
}

static void take_step(struct watch *w, const json_t *e)
{
	json_t *steps = json_object_get(w->report, "steps");

	/* One that was begun before we watched: the status has its report, as it was then. */
	if (steps == NULL || cli_int(w->report, "number") != cli_int(e, "number"))
		return;
	json_array_append_new(
	    steps, json_pack("{ss sf}", "step", cli_str(e, "step"), "ms", cli_num(e, "ms")));
	if (cli_has(e, "gap_ms")) /* it may come after the handoff's end */
		json_object_set(w->report, "gap_ms", json_object_get(e, "gap_ms"));
}

static void take_handoff(struct watch *w, const json_t *e, const char *name, double now)
{
	if (strcmp(name, "Link_Handover_Imminent") == 0) {
		json_t *r = json_deep_copy(e);

		json_object_set_new(r, "steps", json_array());
		set_report(w, r);
		w->running = true;
	} else if (strcmp(name, "handoff-step") == 0) {
		take_step(w, e);
		if (strcmp(cli_str(e, "step"), "link-up") == 0)
			w->mark[w->n_marks++ % WATCH_MARKS_MAX] = now;
	} else if (strcmp(name, "Link_Handover_Complete") == 0) {
		set_report(w, json_incref(json_object_get(e, "report")));
		w->running = false;
	}
}

static enum ink ink_of(const json_t *e, const char *name)
{
	if (strcmp(name, "Link_Handover_Complete") == 0)
		return strcmp(cli_str(e, "result"), "done") == 0 ? INK_GOOD : INK_BAD;
	if (strcmp(name, "Link_Handover_Imminent") == 0)
		return INK_TITLE;
	if (strcmp(name, "Link_Down") == 0 || strcmp(name, "deregistered") == 0)
		return INK_WARN;
	return INK_PLAIN;
}

bool watch_event(struct watch *w, const json_t *e, double now, const char *clock)
{
	const char *name = cli_str(e, "event");
	struct watch_log *log;

	if (strcmp(name, "Link_Parameters_Report") == 0) {
		take_signal(w, e, now);
		return false;
	}
	if (strcmp(name, "status") == 0) {
		watch_status(w, json_deep_copy(e));
		return true;
	}
	take_handoff(w, e, name, now);
	if (strcmp(name, "handoff-step") == 0)
		return true; /* it stands with the others of its handoff */
	log = &w->log[w->n_log++ % WATCH_LOG_MAX];
	snprintf(log->clock, sizeof(log->clock), "%s", clock);
	event_text(e, log->text);
	log->ink = ink_of(e, name);
	return true;
}

double watch_patience(const struct watch *w)
{
	const json_t *up = json_object_get(w->status, "uplink");

	return w->running || strcmp(cli_str(up, "path"), "held") == 0 ? 0.2 : 1;
}
