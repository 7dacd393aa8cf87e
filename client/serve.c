/* SPDX-License-Identifier: MIT */
#include "client/daemon.h"

#include "client/describe.h"
#include "client/status.h"
#include "common/log.h"

#include <stdlib.h>
#include <string.h>

#define HANDOFF_PATIENCE SEC(60)  /* longer than any handoff's own limits */
#define REGISTER_PATIENCE SEC(20) /* five transmissions with back-off */

static json_t *answer(void)
{
	return json_pack("{sb}", "ok", true);
}

static const char *word(json_t *args, size_t i)
{
	const char *s = json_string_value(json_array_get(args, i));

	return s != NULL ? s : "";
}

static struct waiter *free_waiter(struct daemon *d)
{
	for (unsigned i = 0; i < WAITERS_MAX; i++)
		if (d->waiters[i].what == WAIT_NOTHING)
			return &d->waiters[i];
	return NULL;
}

static void fail_later(struct daemon *d, struct waiter *w, const char *why)
{
	struct control_client *c = control_deref(d->control, w->ref);

	w->what = WAIT_NOTHING;
	if (c != NULL)
		control_fail(c, EXIT_FAILED, "%s", why);
}

static void finish_all(struct daemon *d, enum waiting what)
{
	for (unsigned i = 0; i < WAITERS_MAX; i++) {
		struct waiter *w = &d->waiters[i];
		struct control_client *c;

		if (w->what != what)
			continue;
		w->what = WAIT_NOTHING;
		c = control_deref(d->control, w->ref);
		if (c != NULL)
			control_finish(c, answer());
	}
}

/* ---- events ---- */

/* To those who watch, and to those who wait for this handoff. */
static void tell(struct daemon *d, json_t *event)
{
	for (unsigned i = 0; i < WAITERS_MAX; i++) {
		struct control_client *c;

		if (d->waiters[i].what != WAIT_HANDOFF)
			continue;
		c = control_deref(d->control, d->waiters[i].ref);
		if (c != NULL)
			control_send(c, json_incref(event));
	}
	control_broadcast(d->control, event);
}

static void tell_steps(struct daemon *d, const struct report *r)
{
	for (unsigned s = 0; s < STEP_COUNT; s++) {
		json_t *event;

		if (!r->has[s] || (d->told_steps & 1u << s) != 0)
			continue;
		d->told_steps |= 1u << s;
		event = describe_step(r, (enum report_step)s);
		json_object_set_new(event, "event", json_string("handoff-step"));
		json_object_set_new(event, "number", json_integer(r->number));
		tell(d, event);
	}
}

static void tell_started(struct daemon *d, const struct report *r)
{
	d->told_report = r->number;
	d->told_steps = 0;
	tell(d, json_pack("{ss sI ss ss so so}", "event", "handoff-started", "number",
			  (json_int_t)r->number, "flow", flow_name(r->flow), "trigger", r->trigger,
			  "from", describe_end(&r->from), "to", describe_end(&r->to)));
}

static void tell_done(struct daemon *d, const struct report *r)
{
	json_t *report = describe_report(r);

	tell(d, json_pack("{ss sI ss sO}", "event", "handoff-done", "number", (json_int_t)r->number,
			  "result", r->ok ? "done" : "failed", "report", report));
	for (unsigned i = 0; i < WAITERS_MAX; i++) {
		struct waiter *w = &d->waiters[i];
		struct control_client *c;

		if (w->what != WAIT_HANDOFF)
			continue;
		w->what = WAIT_NOTHING;
		c = control_deref(d->control, w->ref);
		if (c == NULL)
			continue;
		if (r->ok)
			control_finish(c, json_pack("{sb sO}", "ok", true, "report", report));
		else
			control_finish(c,
				       json_pack("{sb so si sO}", "ok", false, "error",
						 json_sprintf("the handoff failed: %s", r->reason),
						 "exit", EXIT_FAILED, "report", report));
	}
	json_decref(report);
}

static void handoff_event(struct daemon *d, bool done)
{
	struct report r;

	if (!mobile_report(d->mobile, 0, &r))
		return;
	if (r.number != d->told_report)
		tell_started(d, &r);
	tell_steps(d, &r);
	if (done)
		tell_done(d, &r);
}

void serve_event(struct daemon *d, const char *name)
{
	if (strncmp(name, "handoff-", 8) == 0) {
		handoff_event(d, strcmp(name, "handoff-done") == 0);
		return;
	}
	if (control_has_subscribers(d->control))
		control_broadcast(d->control, status_event(d, instant_now().t, name));
	if (strcmp(name, "registered") == 0)
		finish_all(d, WAIT_REGISTER);
	else if (strcmp(name, "deregistered") == 0)
		finish_all(d, WAIT_DEREGISTER);
}

/* ---- time ---- */

mtime serve_deadline(struct daemon *d)
{
	mtime at = MTIME_NEVER;

	for (unsigned i = 0; i < WAITERS_MAX; i++)
		if (d->waiters[i].what != WAIT_NOTHING)
			at = mtime_min(at, d->waiters[i].until);
	if (d->links[MOBILE_RADIO].nl80211 != NULL && control_has_subscribers(d->control))
		at = mtime_min(at, d->watch_at);
	return at;
}

void serve_tick(struct daemon *d, mtime now)
{
	int dbm;

	for (unsigned i = 0; i < WAITERS_MAX; i++)
		if (d->waiters[i].what != WAIT_NOTHING && now >= d->waiters[i].until)
			fail_later(d, &d->waiters[i],
				   "no answer came in time; mipclient status shows more");
	if (now < d->watch_at || !control_has_subscribers(d->control))
		return;
	d->watch_at = now + WATCH_PERIOD;
	if (links_signal(d, &dbm))
		control_broadcast(d->control, status_signal(d, now, dbm));
}

/* ---- commands ---- */

static void wait_for(struct daemon *d, struct control_client *c, struct waiter *w,
		     enum waiting what, mtime until)
{
	w->what = what;
	w->ref = control_ref(c);
	w->until = until;
	loop_carry_out(d);
}

static bool link_named(const struct daemon *d, const char *name, unsigned *link)
{
	*link = MOBILE_ANY_LINK;
	if (strcmp(name, "preferred") == 0)
		return true;
	for (*link = 0; *link < d->n_links; ++*link)
		if (strcmp(name, d->links[*link].ifname) == 0)
			return true;
	return false;
}

/* To another interface: there is something to wait for only where a handoff has begun. */
static void do_cross(struct daemon *d, struct control_client *c, unsigned link, struct waiter *w)
{
	struct instant now = instant_now();
	unsigned before = mobile_history_last(d->mobile);
	const char *why = mobile_cross(d->mobile, link, &now, &d->out);

	if (why == NULL && mobile_history_last(d->mobile) != before) {
		wait_for(d, c, w, WAIT_HANDOFF, now.t + HANDOFF_PATIENCE);
		return;
	}
	if (why == NULL)
		control_finish(c, answer());
	else
		control_fail(c, EXIT_REFUSED, "%s", why);
	loop_carry_out(d);
}

static void do_handoff(struct daemon *d, struct control_client *c, json_t *args, struct waiter *w)
{
	struct instant now = instant_now();
	bool not_found = false, named = json_array_size(args) > 0;
	unsigned link;
	const char *why;
	struct mac bssid;

	if (named && link_named(d, word(args, 0), &link)) {
		do_cross(d, c, link, w);
		return;
	}
	if (named && !mac_parse(word(args, 0), &bssid)) {
		control_fail(
		    c, EXIT_USAGE,
		    "\"%s\" is neither a BSSID (six pairs of hex digits, 02:00:00:00:01:00) nor an "
		    "interface that [Radio] or [Interfaces] names",
		    word(args, 0));
		return;
	}
	why = mobile_handoff(d->mobile, named ? &bssid : NULL, &not_found, &now, &d->out);
	if (why == NULL) {
		wait_for(d, c, w, WAIT_HANDOFF, now.t + HANDOFF_PATIENCE);
		return;
	}
	control_fail(c, not_found ? EXIT_NOT_FOUND : EXIT_REFUSED, "%s", why);
	loop_carry_out(d);
}

static void do_register(struct daemon *d, struct control_client *c, bool on, struct waiter *w)
{
	struct instant now = instant_now();
	const char *why = on ? mobile_register(d->mobile, &now, &d->out)
			     : mobile_deregister(d->mobile, &now, &d->out);

	if (why == NULL) {
		wait_for(d, c, w, on ? WAIT_REGISTER : WAIT_DEREGISTER, now.t + REGISTER_PATIENCE);
		return;
	}
	control_fail(c, EXIT_REFUSED, "%s", why);
	loop_carry_out(d);
}

static void do_status(struct daemon *d, struct control_client *c)
{
	json_t *o = answer();

	status_fill(d, instant_now().t, o);
	control_finish(c, o);
}

static void do_watch(struct daemon *d, struct control_client *c)
{
	json_t *o = json_pack("{ss}", "event", "status");
	mtime now = instant_now().t;

	status_fill(d, now, o);
	control_send(c, o);
	control_subscribe(c);
	d->watch_at = now;
	loop_arm(d);
}

static void do_history(struct daemon *d, struct control_client *c)
{
	unsigned last = mobile_history_last(d->mobile);
	json_t *list = json_array();
	struct report r;

	for (unsigned n = mobile_history_first(d->mobile); n > 0 && n <= last; n++)
		if (mobile_report(d->mobile, n, &r))
			json_array_append_new(list, describe_report(&r));
	control_finish(c, json_pack("{sb so}", "ok", true, "reports", list));
}

static void do_report(struct daemon *d, struct control_client *c, json_t *args)
{
	unsigned first = mobile_history_first(d->mobile), last = mobile_history_last(d->mobile);
	bool named = json_array_size(args) > 0;
	unsigned long number = 0;
	struct report r;
	char *end = NULL;

	if (named) {
		number = strtoul(word(args, 0), &end, 10);
		if (*word(args, 0) < '0' || *word(args, 0) > '9' || *end != '\0') {
			control_fail(c, EXIT_USAGE,
				     "\"%s\" is no report number: 1, 2, ... are expected",
				     word(args, 0));
			return;
		}
	}
	if (last == 0)
		control_fail(c, EXIT_NOT_FOUND, "there has been no handoff yet");
	else if ((named && (number < first || number > last)) ||
		 !mobile_report(d->mobile, (unsigned)number, &r))
		control_fail(c, EXIT_NOT_FOUND, "there is no report %lu: %u to %u are kept", number,
			     first, last);
	else
		control_finish(c, json_pack("{sb so}", "ok", true, "report", describe_report(&r)));
}

static void do_log_level(struct control_client *c, json_t *args)
{
	enum log_level level;

	if (log_level_parse(word(args, 0), &level) < 0) {
		control_fail(c, EXIT_USAGE, "\"%s\" is no log level: error, warning, info, debug",
			     word(args, 0));
		return;
	}
	log_set_level(level);
	control_finish(c, answer());
}

static void do_reload(struct daemon *d, struct control_client *c)
{
	const char *why = daemon_reload(d);

	if (why == NULL)
		control_finish(c, answer());
	else
		control_fail(c, EXIT_REFUSED, "%s", why);
}

void serve(struct control_client *c, const char *command, json_t *args, void *arg)
{
	struct daemon *d = arg;
	struct waiter *w = free_waiter(d);
	bool waits = strcmp(command, "handoff") == 0 || strcmp(command, "register") == 0 ||
		     strcmp(command, "deregister") == 0;

	links_verify(d, instant_now().t);
	if (waits && w == NULL)
		control_fail(c, EXIT_REFUSED,
			     "%d commands are waiting for their outcome already; try again later",
			     WAITERS_MAX);
	else if (strcmp(command, "handoff") == 0)
		do_handoff(d, c, args, w);
	else if (waits)
		do_register(d, c, strcmp(command, "register") == 0, w);
	else if (strcmp(command, "status") == 0)
		do_status(d, c);
	else if (strcmp(command, "watch") == 0)
		do_watch(d, c);
	else if (strcmp(command, "history") == 0)
		do_history(d, c);
	else if (strcmp(command, "report") == 0)
		do_report(d, c, args);
	else if (strcmp(command, "log-level") == 0)
		do_log_level(c, args);
	else if (strcmp(command, "reload") == 0)
		do_reload(d, c);
	else
		control_fail(c, EXIT_USAGE, "\"%s\" is not known here", command);
}
