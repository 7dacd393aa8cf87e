/* SPDX-License-Identifier: MIT */
#include "client/renew.h"

#include "client/daemon.h"
#include "common/log.h"

#include <signal.h>
#include <string.h>

#define RENEW_MAX SEC(5) /* it has to tell a client, not to wait for a lease */
#define WORDS_MAX 16

static void on_closed(uv_handle_t *h)
{
	struct node_link *l = h->data;

	l->renewal.running = false;
}

static void on_exit_of(uv_process_t *p, int64_t status, int signum)
{
	struct node_link *l = p->data;

	if (signum)
		log_warning("%s: [Node] renew: killed by signal %d", l->ifname, signum);
	else if (status)
		log_warning("%s: [Node] renew: it failed, exit status %d", l->ifname, (int)status);
	l->renewal.kill_at = MTIME_NEVER;
	if (!uv_is_closing((uv_handle_t *)p))
		uv_close((uv_handle_t *)p, on_closed);
}

/* text is cut into words; IFNAME stands for the interface. */
static unsigned split(char *text, char *ifname, char *argv[WORDS_MAX + 1])
{
	unsigned n = 0;
	char *rest;

	for (char *w = strtok_r(text, " \t", &rest); w && n < WORDS_MAX;
	     w = strtok_r(NULL, " \t", &rest))
		argv[n++] = strcmp(w, "IFNAME") == 0 ? ifname : w;
	argv[n] = NULL;
	return n;
}

void renew_run(struct node_link *l, const char *why)
{
	struct renewal *r = &l->renewal;
	char text[CONF_STRING_MAX], *argv[WORDS_MAX + 1];
	uv_stdio_container_t closed[3] = { { .flags = UV_IGNORE }, { .flags = UV_IGNORE },
					   { .flags = UV_IGNORE } };
	/* a group of its own, for what it starts to end with it */
	uv_process_options_t o = { .exit_cb = on_exit_of,
				   .args = argv,
				   .flags = UV_PROCESS_DETACHED,
				   .stdio_count = 3,
				   .stdio = closed };
	int err;

	memcpy(text, l->d->settings.renew, sizeof(text));
	if (split(text, l->ifname, argv) == 0) {
		log_info("%s: %s: waiting for a DHCP client", l->ifname, why);
		return;
	}
	if (r->running) {
		log_info("%s: %s: [Node] renew is running already", l->ifname, why);
		return;
	}
	o.file = argv[0];
	r->process.data = l;
	r->running = true;
	r->kill_at = MTIME_NEVER;
	log_info("%s: %s: %s", l->ifname, why, l->d->settings.renew);
	err = uv_spawn(&l->d->loop, &r->process, &o);
	if (err == 0) {
		r->kill_at = instant_now().t + RENEW_MAX;
		return;
	}
	log_warning("%s: [Node] renew: %s: %s", l->ifname, argv[0], uv_strerror(err));
	uv_close((uv_handle_t *)&r->process, on_closed);
}

void renew_stop(struct node_link *l)
{
	if (l->renewal.running && l->renewal.kill_at != MTIME_NEVER)
		kill(-l->renewal.process.pid, SIGKILL);
	l->renewal.kill_at = MTIME_NEVER;
}

mtime renew_deadline(const struct daemon *d)
{
	mtime t = MTIME_NEVER;

	for (unsigned i = 0; i < d->n_links; i++)
		if (d->links[i].renewal.running)
			t = mtime_min(t, d->links[i].renewal.kill_at);
	return t;
}

void renew_tick(struct daemon *d, mtime now)
{
	for (unsigned i = 0; i < d->n_links; i++)
		if (d->links[i].renewal.running && now >= d->links[i].renewal.kill_at)
			renew_stop(&d->links[i]);
}
