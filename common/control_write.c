/* SPDX-License-Identifier: MIT */
#include "common/control_server.h"

#include "common/log.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct pending {
	uv_write_t req;
	struct control_client *client;
	char data[];
};

void control_release(struct control *ctl)
{
	if (!--ctl->handles)
		free(ctl);
}

static void on_client_closed(uv_handle_t *h)
{
	struct control_client *c = h->data;

	control_release(c->ctl);
	free(c);
}

void control_client_close(struct control_client *c)
{
	if (c->closing)
		return;
	c->closing = true;
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		if (c->ctl->clients[i] == c)
			c->ctl->clients[i] = NULL;
	}
	uv_close((uv_handle_t *)&c->pipe, on_client_closed);
}

void control_client_leave(struct control_client *c)
{
	c->leaving = true;
	if (c->closing)
		return;
	uv_read_stop((uv_stream_t *)&c->pipe);
	if (!uv_stream_get_write_queue_size((uv_stream_t *)&c->pipe))
		control_client_close(c);
}

/* ---- writing ---- */

static void on_written(uv_write_t *req, int status)
{
	struct pending *p = req->data;
	struct control_client *c = p->client;

	free(p);
	if (status < 0 && status != UV_ECANCELED)
		control_client_close(c);
	else if (c->leaving && !uv_stream_get_write_queue_size((uv_stream_t *)&c->pipe))
		control_client_close(c);
}

/* One line longer than the limit may still wait alone: our own answers are bounded where they are
 * made. */
static void client_write(struct control_client *c, char *text, size_t len)
{
	uv_stream_t *stream = (uv_stream_t *)&c->pipe;
	uv_buf_t buf = uv_buf_init(text, (unsigned)len);
	size_t queued;
	struct pending *p;
	int n;

	if (c->closing)
		return;
	queued = uv_stream_get_write_queue_size(stream);
	if (!queued) {
		n = uv_try_write(stream, &buf, 1);
		if (n < 0 && n != UV_EAGAIN) {
			control_client_close(c);
			return;
		}
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
		if (!len)
			return;
	} else if (queued + len > CONTROL_BACKLOG_MAX) {
		log_warning("control: a client does not read what it asked for: cut off");
		control_client_close(c);
		return;
	}
	p = malloc(sizeof(*p) + len);
	if (!p)
		fatal("control: no memory");
	p->client = c;
	p->req.data = p;
	memcpy(p->data, text, len);
	buf = uv_buf_init(p->data, (unsigned)len);
	if (uv_write(&p->req, stream, &buf, 1, on_written)) {
		free(p);
		control_client_close(c);
	}
}

/* The object as a line, to be freed; steals obj. */
static char *dump_line(json_t *obj, size_t *len)
{
	char *text = json_dumps(obj, JSON_COMPACT | JSON_ENSURE_ASCII);

	json_decref(obj);
	if (!text)
		fatal("control: no memory");
	*len = strlen(text) + 1;
	text[*len - 1] = '\n'; /* where the zero was */
	return text;
}

void control_send(struct control_client *c, json_t *obj)
{
	size_t len;
	char *text;

	if (!obj || c->closing) {
		json_decref(obj);
		return;
	}
	text = dump_line(obj, &len);
	client_write(c, text, len);
	free(text);
}

void control_finish(struct control_client *c, json_t *obj)
{
	assert(c->busy);
	if (!obj)
		obj = json_pack("{s:b, s:s, s:i}", "ok", 0, "error",
				"the answer could not be written down", "exit", EXIT_FAILED);
	control_send(c, obj);
	c->busy = false;
	if (!c->dispatching && !c->closing && (c->fill || c->eof))
		uv_async_send(
		    &c->ctl->resume); /* not from here: the caller is in the middle of something */
}

void control_fail(struct control_client *c, int exit_code, const char *fmt, ...)
{
	char text[512];
	json_t *obj;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	obj = json_pack("{s:b, s:s, s:i}", "ok", 0, "error", text, "exit", exit_code);
	if (!obj) { /* not UTF-8: an SSID, or cut in the middle of a letter */
		for (char *p = text; *p; p++)
			*p = (unsigned char)*p < 0x80 ? *p : '?';
		obj = json_pack("{s:b, s:s, s:i}", "ok", 0, "error", text, "exit", exit_code);
	}
	control_finish(c, obj);
}

void control_subscribe(struct control_client *c)
{
	c->subscribed = true;
}

void control_broadcast(struct control *ctl, json_t *obj)
{
	size_t len;
	char *text;

	if (!obj || !control_has_subscribers(ctl)) {
		json_decref(obj);
		return;
	}
	text = dump_line(obj, &len);
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		if (ctl->clients[i] && ctl->clients[i]->subscribed)
			client_write(ctl->clients[i], text, len);
	}
	free(text);
}

bool control_has_subscribers(const struct control *ctl)
{
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		if (ctl->clients[i] && ctl->clients[i]->subscribed)
			return true;
	}
	return false;
}

uint64_t control_ref(const struct control_client *c)
{
	return c->ref;
}

struct control_client *control_deref(struct control *ctl, uint64_t ref)
{
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		if (ctl->clients[i] && ctl->clients[i]->ref == ref)
			return ctl->clients[i];
	}
	return NULL;
}
