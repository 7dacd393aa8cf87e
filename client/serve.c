/* SPDX-License-Identifier: MIT */
#include "client/daemon.h"

#include "client/describe.h"
#include "client/explain.h"
#include "client/status.h"
#include "client/tell.h"
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

void serve_finish(struct daemon *d, enum waiting what, unsigned handoff, json_t *answer)
{
	for (unsigned i = 0; i < WAITERS_MAX; i++) {
		struct waiter *w = &d->waiters[i];
		struct control_client *c;

		if (w->what != what || w->handoff > handoff)
			continue;
		w->what = WAIT_NOTHING;
		c = control_deref(d->control, w->ref);
		if (c != NULL)
			control_finish(c, json_incref(answer));
	}
	json_decref(answer);
}

void serve_progress(struct daemon *d, json_t *event)
{
	json_int_t handoff = json_integer_value(json_object_get(event, "number"));

	for (unsigned i = 0; i < WAITERS_MAX; i++) {
		struct control_client *c;

		if (d->waiters[i].what != WAIT_HANDOFF || d->waiters[i].handoff > handoff)
			continue;
		c = control_deref(d->control, d->waiters[i].ref);
		if (c != NULL)
			control_send(c, json_incref(event));
	}
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
	if (station_signal(d, &dbm))
		tell_signal(d, dbm);
}

/* ---- commands ---- */

static void wait_for(struct daemon *d, struct control_client *c, struct waiter *w,
		     enum waiting what, mtime until)
{
	w->what = what;
	w->ref = control_ref(c);
	w->until = until;
	w->handoff = what == WAIT_HANDOFF ? mobile_history_last(d->mobile) : 0;
	loop_carry_out(d);
}

#define NO_PLACE                                                                                   \
	"\"%s\" is neither a BSSID (six pairs of hex digits, 02:00:00:00:01:00) nor an interface " \
	"that [Radio] or [Interfaces] names"

/* why: the core's word on a command that nobody waits for. */
static void finish_now(struct daemon *d, struct control_client *c, const char *why)
{
	if (why == NULL)
		control_finish(c, answer());
	else
		control_fail(c, EXIT_REFUSED, "%s", why);
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
	finish_now(d, c, why);
}

/* NULL: all are taken, which is said. */
static struct waiter *waiter_for(struct daemon *d, struct control_client *c)
{
	struct waiter *w = free_waiter(d);

	if (w == NULL)
		control_fail(c, EXIT_REFUSED,
			     "%d commands are waiting for their outcome already; try again later",
			     WAITERS_MAX);
	return w;
}

static void do_handoff(struct control_client *c, json_t *args, void *arg)
{
	struct daemon *d = arg;
	struct waiter *w = waiter_for(d, c);
	struct instant now = instant_now();
	bool not_found = false, named = json_array_size(args) > 0;
	unsigned link;
	const char *why;
	struct mac bssid;

	if (w == NULL)
		return;
	if (named && link_named(d, word(args, 0), &link)) {
		do_cross(d, c, link, w);
		return;
	}
	if (named && !mac_parse(word(args, 0), &bssid)) {
		control_fail(c, EXIT_USAGE, NO_PLACE, word(args, 0));
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

/* ARGS: milliseconds, and where to. */
static void do_announce(struct control_client *c, json_t *args, void *arg)
{
	struct daemon *d = arg;
	struct instant now = instant_now();
	bool named = json_array_size(args) > 1;
	unsigned link = MOBILE_ANY_LINK;
	unsigned long ms;
	const char *why;
	struct mac bssid;
	char *end;

	ms = strtoul(word(args, 0), &end, 10);
	if (*word(args, 0) < '0' || *word(args, 0) > '9' || *end != '\0' ||
	    ms > ANNOUNCE_MAX / MSEC(1)) {
		control_fail(c, EXIT_USAGE, "a handoff is announced 0 ms to 60 s before it");
		return;
	}
	if (named && (!link_named(d, word(args, 1), &link) || link == MOBILE_ANY_LINK) &&
	    !mac_parse(word(args, 1), &bssid)) {
		control_fail(c, EXIT_USAGE, NO_PLACE, word(args, 1));
		return;
	}
	if (!named || link == d->n_links)
		link = MOBILE_ANY_LINK;
	why = mobile_announce(d->mobile, MSEC((mtime)ms),
			      named && link == MOBILE_ANY_LINK ? &bssid : NULL, link, &now,
			      &d->out);
	finish_now(d, c, why);
}

static void do_withdraw(struct control_client *c, json_t *args, void *arg)
{
	struct daemon *d = arg;
	struct instant now = instant_now();

	(void)args;
	finish_now(d, c, mobile_withdraw(d->mobile, &now, &d->out));
}

static void do_power(struct control_client *c, json_t *args, void *arg)
{
	struct daemon *d = arg;
	struct instant now = instant_now();
	bool saving = strcmp(word(args, 0), "saving") == 0;

	if (!saving && strcmp(word(args, 0), "normal") != 0) {
		control_fail(c, EXIT_USAGE, "\"%s\" is no power mode: normal, saving",
			     word(args, 0));
		return;
	}
	finish_now(d, c, mobile_power(d->mobile, saving, &now, &d->out));
}

static void register_or_not(struct daemon *d, struct control_client *c, bool on)
{
	struct waiter *w = waiter_for(d, c);
	struct instant now = instant_now();
	const char *why;

	if (w == NULL)
		return;
	why = on ? mobile_register(d->mobile, &now, &d->out)
		 : mobile_deregister(d->mobile, &now, &d->out);
	if (why == NULL) {
		wait_for(d, c, w, on ? WAIT_REGISTER : WAIT_DEREGISTER, now.t + REGISTER_PATIENCE);
		return;
	}
	control_fail(c, EXIT_REFUSED, "%s", why);
	loop_carry_out(d);
}

static void do_register(struct control_client *c, json_t *args, void *arg)
{
	(void)args;
	register_or_not(arg, c, true);
}

static void do_deregister(struct control_client *c, json_t *args, void *arg)
{
	(void)args;
	register_or_not(arg, c, false);
}

static void do_status(struct control_client *c, json_t *args, void *arg)
{
	json_t *o = answer();

	(void)args;
	status_fill(arg, instant_now().t, o);
	control_finish(c, o);
}

static void do_watch(struct control_client *c, json_t *args, void *arg)
{
	struct daemon *d = arg;
	json_t *o = json_pack("{ss}", "event", "status");
	mtime now = instant_now().t;

	(void)args;
	status_fill(d, now, o);
	control_send(c, o);
	control_subscribe(c);
	d->watch_at = now;
	loop_arm(d);
}

static void do_agents(struct control_client *c, json_t *args, void *arg)
{
	struct daemon *d = arg;

	(void)args;
	control_finish(c, describe_agents(d->mobile, instant_now().t));
}

static void do_networks(struct control_client *c, json_t *args, void *arg)
{
	struct daemon *d = arg;

	(void)args;
	control_finish(c, describe_networks(d->mobile, instant_now().t));
}

static void do_explain(struct control_client *c, json_t *args, void *arg)
{
	(void)args;
	control_finish(c, explain(arg, instant_now().t));
}

static void do_log_level(struct control_client *c, json_t *args, void *arg)
{
	enum log_level level;

	(void)arg;
	if (log_level_parse(word(args, 0), &level) < 0) {
		control_fail(c, EXIT_USAGE, "\"%s\" is no log level: error, warning, info, debug",
			     word(args, 0));
		return;
	}
	log_set_level(level);
	control_finish(c, answer());
}

static void do_reload(struct control_client *c, json_t *args, void *arg)
{
	const char *why = daemon_reload(arg);

	(void)args;
	if (why == NULL)
		control_finish(c, answer());
	else
		control_fail(c, EXIT_REFUSED, "%s", why);
}

/* What is told, and done, is of the interfaces that are there now. */
static const char *ready(void *arg)
{
	struct daemon *d = arg;

	links_verify(d, instant_now().t);
	wifi_verify(d->wifi);
	return NULL;
}

/* The manual has the same table: mipclientd(8), SECURITY. */
static const struct control_command commands[] = {
	{ "status", CONTROL_MAY_LOOK, do_status },
	{ "watch", CONTROL_MAY_LOOK, do_watch },
	{ "agents", CONTROL_MAY_LOOK, do_agents },
	{ "networks", CONTROL_MAY_LOOK, do_networks },
	{ "history", CONTROL_MAY_LOOK, serve_history },
	{ "report", CONTROL_MAY_LOOK, serve_report },
	{ "explain", CONTROL_MAY_LOOK, do_explain },
	{ "handoff", CONTROL_MAY_ACT, do_handoff },
	{ "announce", CONTROL_MAY_ACT, do_announce }, /* handoff --in */
	{ "withdraw", CONTROL_MAY_ACT, do_withdraw }, /* handoff --cancel */
	{ "register", CONTROL_MAY_ACT, do_register },
	{ "deregister", CONTROL_MAY_ACT, do_deregister },
	{ "power", CONTROL_MAY_ACT, do_power },
	{ "reload", CONTROL_MAY_ACT, do_reload },
	{ "log-level", CONTROL_MAY_ACT, do_log_level },
};

const struct control_service serve = { commands, sizeof(commands) / sizeof(commands[0]), ready };
