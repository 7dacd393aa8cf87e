/* SPDX-License-Identifier: MIT */
#include "client/hooks.h"

#include "client/daemon.h"
#include "common/log.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OUTPUT_MAX (64 << 10) /* what it may write */

/* ---- the environment: NAME=VALUE, each with its zero ---- */

static void add(FILE *to, const char *prefix, const char *key, const char *value)
{
	fputs("MIP_", to);
	for (const char *p = prefix; *p != '\0'; p++)
		fputc(toupper((unsigned char)*p), to);
	for (const char *p = key; *p != '\0'; p++)
		fputc(toupper((unsigned char)*p), to);
	fprintf(to, "=%s", value);
	fputc('\0', to);
}

/* The members of an object, and of those in it: "to": {"bssid": ...} is MIP_TO_BSSID. */
static void add_members(FILE *to, const char *prefix, const json_t *o)
{
	const char *key;
	json_t *v;

	json_object_foreach ((json_t *)o, key, v) {
		char text[64];

		if (json_is_string(v)) {
			add(to, prefix, key, json_string_value(v));
		} else if (json_is_integer(v)) {
			snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(v));
			add(to, prefix, key, text);
		} else if (json_is_real(v)) {
			snprintf(text, sizeof(text), "%.3f", json_real_value(v));
			add(to, prefix, key, text);
		} else if (json_is_boolean(v)) {
			add(to, prefix, key, json_is_true(v) ? "true" : "false");
		} else if (json_is_object(v) && prefix[0] == '\0') {
			snprintf(text, sizeof(text), "%s_", key);
			add_members(to, text, v);
		}
	}
}

/* ---- its end ---- */

static void one_less(struct hook_run *r)
{
	struct hooks *h = r->hooks;

	if (--r->waits > 0)
		return;
	r->hook->running = false;
	if (!r->hook->listed)
		r->hook->name[0] = '\0';
	r->hook = NULL;
	if (!h->d->stopping)
		uv_async_send(&h->wake); /* whoever waits */
}

static void on_closed(uv_handle_t *p)
{
	one_less(p->data);
}

static void close_once(uv_handle_t *p)
{
	if (!uv_is_closing(p))
		uv_close(p, on_closed);
}

/* ---- what it writes ---- */

static void take(struct hook_run *r, const char *p, size_t n)
{
	if (r->written < HOOK_LOGGED_MAX) {
		size_t room = HOOK_LOGGED_MAX - r->written;

		memcpy(r->text + r->written, p, n < room ? n : room);
	}
	r->written += n;
}

static void on_room(uv_handle_t *p, size_t suggested, uv_buf_t *buf)
{
	static char room[4096]; /* taken from before anything else is read */

	(void)p;
	(void)suggested;
	*buf = uv_buf_init(room, sizeof(room));
}

static void on_output(uv_stream_t *s, ssize_t n, const uv_buf_t *buf)
{
	struct hook_run *r = s->data;

	if (n > 0)
		take(r, buf->base, (size_t)n);
	if (n < 0 || r->written > OUTPUT_MAX) /* who goes on writing is ended by SIGPIPE */
		close_once((uv_handle_t *)s);
}

static void log_output(struct hook_run *r)
{
	size_t n = r->written < HOOK_LOGGED_MAX ? r->written : HOOK_LOGGED_MAX;
	char *rest = NULL;

	r->text[n] = '\0';
	for (char *s = strtok_r(r->text, "\n", &rest); s != NULL; s = strtok_r(NULL, "\n", &rest))
		log_info("hook %s: %s", r->hook->name, s);
	if (r->written > OUTPUT_MAX)
		log_warning("hook %s: writes more than %d KiB", r->hook->name, OUTPUT_MAX >> 10);
	else if (r->written > n)
		log_info("hook %s: and more, %zu bytes in all", r->hook->name, r->written);
}

/* What has not been read yet. */
static void last_words(struct hook_run *r)
{
	char buf[1024];
	uv_os_fd_t fd;
	ssize_t n;

	if (uv_is_closing((uv_handle_t *)&r->out) ||
	    uv_fileno((const uv_handle_t *)&r->out, &fd) < 0)
		return;
	while (r->written <= OUTPUT_MAX && (n = read(fd, buf, sizeof(buf))) > 0)
		take(r, buf, (size_t)n);
}

void hooks_ended(struct hooks *h, unsigned run, const struct helper_answer *a)
{
	struct hook_run *r = &h->run[run];
	bool bad = a->error != 0 || a->signum != 0 || a->status != 0;

	if (r->hook == NULL)
		return;
	last_words(r);
	log_output(r);
	if (a->error != 0)
		log_warning("hook %s: cannot be run: %s", r->hook->name, strerror(a->error));
	else if (a->signum && !r->killed)
		log_warning("hook %s: ended by signal %d", r->hook->name, a->signum);
	else if (a->status && !r->killed)
		log_warning("hook %s: failed, exit status %d", r->hook->name, a->status);
	if (bad && !r->killed)
		h->count.failed++;
	r->killed = true; /* there is nothing to be killed any more */
	close_once((uv_handle_t *)&r->out);
	one_less(r);
}

/* ---- its beginning ---- */

static void begin(struct hook_run *r, struct hooks *h, struct hook *k, int from)
{
	r->hooks = h;
	r->hook = k;
	r->out.data = r;
	r->killed = false;
	r->waits = 2;
	r->written = 0;
	r->kill_at = instant_now().t + h->d->settings.hook_time;
	k->running = true;
	h->count.run++;
	uv_pipe_init(&h->d->loop, &r->out, 0);
	uv_pipe_open(&r->out, from);
	uv_read_start((uv_stream_t *)&r->out, on_room, on_output);
}

/* What the helper is told; -errno. */
static int ask(struct hooks *h, unsigned run, const char *name, const json_t *o, int out)
{
	char *line = json_dumps(o, JSON_COMPACT | JSON_ENSURE_ASCII), *input = NULL, *words = NULL;
	int err = -ENOMEM;
	size_t n = 0;
	FILE *to = open_memstream(&words, &n);

	if (to != NULL) {
		fputs(name, to);
		fputc('\0', to);
		add_members(to, "", o);
		fclose(to);
	}
	if (words != NULL && line != NULL && asprintf(&input, "%s\n", line) > 0)
		err = helper_hook(&h->d->helper, run, words, n, input, out);
	free(input);
	free(words);
	free(line);
	return err;
}

bool hooks_start(struct hooks *h, struct hook *k, struct hook_run *r)
{
	int out[2], err = pipe2(out, O_CLOEXEC) < 0 ? -errno : 0;

	if (err == 0) {
		err = ask(h, (unsigned)(r - h->run), k->name, k->queue.e[0].o, out[1]);
		close(out[1]);
		if (err == 0)
			begin(r, h, k, out[0]);
		else
			close(out[0]);
	}
	if (err < 0)
		log_warning("hook %s: cannot be run: %s", k->name, strerror(-err));
	return err == 0;
}
