/* SPDX-License-Identifier: MIT */
#include "client/hooks.h"

#include "client/daemon.h"
#include "common/log.h"

#include <string.h>

#define RETRY MSEC(5) /* while a handoff has no time for it */

/* ---- events that wait ---- */

static void remove_at(struct hook_queue *q, unsigned i)
{
	json_decref(q->e[i].o);
	q->n--;
	memmove(&q->e[i], &q->e[i + 1], (q->n - i) * sizeof(q->e[0]));
}

/* In the place of one of its kind, or of the oldest, where there is no room. */
static void put(struct hooks *h, struct hook_queue *q, const struct hook_event *e)
{
	unsigned i = 0;

	if (q->n == HOOK_QUEUE_MAX) {
		while (i < q->n && q->e[i].what != e->what)
			i++;
		if (i < q->n)
			h->count.replaced++;
		else
			h->count.dropped++;
		remove_at(q, i < q->n ? i : 0);
	}
	q->e[q->n] = *e;
	json_incref(e->o);
	q->n++;
}

void hooks_empty(struct hooks *h, struct hook_queue *q)
{
	h->count.dropped += q->n;
	while (q->n > 0)
		remove_at(q, q->n - 1);
}

/* ---- one after the other ---- */

/* Who has waited longest; of one event, the first by name. */
static struct hook *next(struct hooks *h)
{
	struct hook *best = NULL;

	for (unsigned i = 0; i < HOOKS_MAX + HOOKS_AT_ONCE; i++) {
		struct hook *k = &h->hook[i];

		if (k->name[0] == '\0' || k->running || k->queue.n == 0)
			continue;
		if (best == NULL || k->queue.e[0].number < best->queue.e[0].number ||
		    (k->queue.e[0].number == best->queue.e[0].number &&
		     strcmp(k->name, best->name) < 0))
			best = k;
	}
	return best;
}

static void start_all(struct hooks *h)
{
	struct hook *k;

	for (unsigned i = 0; i < HOOKS_AT_ONCE; i++) {
		struct hook_run *r = &h->run[i];

		while (r->hook == NULL && (k = next(h)) != NULL) {
			if (hooks_may_run(h, h->d->settings.hooks, k->name)) {
				if (!hooks_start(h, k, r))
					h->count.failed++;
				remove_at(&k->queue, 0);
			} else {
				hooks_empty(h, &k->queue);
			}
		}
	}
	loop_arm(h->d);
}

static void give_out(struct hooks *h)
{
	const char *folder = h->d->settings.hooks;

	if (folder[0] != '\0' && h->intake.n > 0)
		hooks_list(h, folder);
	for (unsigned e = 0; e < h->intake.n; e++)
		for (unsigned i = 0; i < HOOKS_MAX + HOOKS_AT_ONCE; i++)
			if (h->hook[i].listed && folder[0] != '\0')
				put(h, &h->hook[i].queue, &h->intake.e[e]);
	while (h->intake.n > 0)
		remove_at(&h->intake, h->intake.n - 1);
}

/* To start a process takes a millisecond, which a handoff may not have. */
static void work(struct hooks *h, mtime now)
{
	h->retry_at = MTIME_NEVER;
	if (h->d->stopping)
		return;
	if (mobile_hurries(h->d->mobile)) {
		h->retry_at = now + RETRY;
		loop_arm(h->d);
		return;
	}
	give_out(h);
	start_all(h);
}

static void on_wake(uv_async_t *a)
{
	work(a->data, instant_now().t);
}

void hooks_tell(struct daemon *d, enum event_kind what, json_t *o)
{
	struct hooks *h = &d->hooks;
	struct hook_event e = { what, ++h->last, o };

	if (d->stopping || d->settings.hooks[0] == '\0')
		return;
	put(h, &h->intake, &e);
	uv_async_send(&h->wake);
}

/* ---- time ---- */

mtime hooks_deadline(const struct hooks *h)
{
	mtime t = h->retry_at;

	for (unsigned i = 0; i < HOOKS_AT_ONCE; i++)
		if (h->run[i].hook != NULL && !h->run[i].killed)
			t = mtime_min(t, h->run[i].kill_at);
	return t;
}

static void kill_run(struct hook_run *r)
{
	if (r->hook == NULL || r->killed)
		return;
	r->killed = true;
	helper_kill(&r->hooks->d->helper, (unsigned)(r - r->hooks->run));
}

void hooks_tick(struct daemon *d, mtime now)
{
	struct hooks *h = &d->hooks;

	for (unsigned i = 0; i < HOOKS_AT_ONCE; i++) {
		struct hook_run *r = &h->run[i];

		if (r->hook == NULL || r->killed || now < r->kill_at)
			continue;
		log_warning("hook %s: is killed, it takes too long", r->hook->name);
		h->count.killed++;
		kill_run(r);
	}
	if (now >= h->retry_at)
		work(h, now);
}

void hooks_open(struct hooks *h, struct daemon *d)
{
	h->d = d;
	h->retry_at = MTIME_NEVER;
	h->wake.data = h;
	uv_async_init(&d->loop, &h->wake, on_wake);
	uv_unref((uv_handle_t *)&h->wake);
}

void hooks_forget(struct hooks *h)
{
	h->n_said = 0;
}

void hooks_stop(struct hooks *h)
{
	for (unsigned i = 0; i < HOOKS_AT_ONCE; i++)
		kill_run(&h->run[i]);
	hooks_empty(h, &h->intake);
	for (unsigned i = 0; i < HOOKS_MAX + HOOKS_AT_ONCE; i++)
		hooks_empty(h, &h->hook[i].queue);
}

json_t *hooks_describe(const struct hooks *h)
{
	return json_pack("{sI sI sI sI sI sI}", "run", (json_int_t)h->count.run, "failed",
			 (json_int_t)h->count.failed, "killed", (json_int_t)h->count.killed,
			 "replaced", (json_int_t)h->count.replaced, "dropped",
			 (json_int_t)h->count.dropped, "refused", (json_int_t)h->count.refused);
}
