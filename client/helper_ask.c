/* SPDX-License-Identifier: MIT */
#include "client/helper.h"

#include "client/daemon.h"
#include "common/log.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- requests ---- */

static int send_request(struct helper *h, const struct helper_request *r, const char *words,
			const char *input, size_t n, int out)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(out))];
	} c = { .head = { .cmsg_len = CMSG_LEN(sizeof(out)),
			  .cmsg_level = SOL_SOCKET,
			  .cmsg_type = SCM_RIGHTS } };
	struct iovec iov[3] = { { (void *)r, sizeof(*r) },
				{ (void *)words, r->words },
				{ (void *)input, n } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 3 };

	if (h->fd < 0)
		return -ESRCH;
	if (r->words + n > HELPER_BYTES_MAX)
		return -E2BIG;
	memcpy(CMSG_DATA(&c.head), &out, sizeof(out));
	if (out >= 0) {
		msg.msg_control = &c;
		msg.msg_controllen = sizeof(c);
	}
	return sendmsg(h->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int helper_hook(struct helper *h, unsigned task, const char *words, size_t n, const char *input,
		int out)
{
	struct helper_request r = { .what = HELPER_HOOK, .task = task, .words = n };

	return send_request(h, &r, words, input, strlen(input), out);
}

int helper_renew(struct helper *h, unsigned link, const char *ifname)
{
	struct helper_request r = { .what = HELPER_RENEW,
				    .task = HELPER_RENEW_TASK + link,
				    .words = strlen(ifname) + 1 };

	return send_request(h, &r, ifname, "", 0, -1);
}

int helper_lookup(struct helper *h, const char *name)
{
	struct helper_request r = { .what = HELPER_LOOKUP,
				    .task = HELPER_LOOKUP_TASK,
				    .words = strlen(name) + 1 };

	return send_request(h, &r, name, "", 0, -1);
}

void helper_kill(struct helper *h, unsigned task)
{
	struct helper_request r = { .what = HELPER_KILL, .task = task };
	int err = send_request(h, &r, "", "", 0, -1);

	if (err < 0)
		log_debug("helper: %s", strerror(-err));
}

/* ---- answers ---- */

static void give(struct daemon *d, const struct helper_answer *a)
{
	if (a->task == HELPER_LOOKUP_TASK)
		resolve_answered(d, a);
	else if (a->task >= HELPER_RENEW_TASK)
		renew_ended(&d->links[a->task - HELPER_RENEW_TASK], a);
	else
		hooks_ended(&d->hooks, a->task, a);
}

/* Killed, as by a kernel without memory: the node goes on without what it does. */
static void lost(struct helper *h)
{
	struct daemon *d = h->d;

	helper_close(h);
	if (d->stopping)
		return;
	log_error("the process that runs hooks and [Node] renew, and looks names up, has ended: "
		  "restart mipclientd");
	for (unsigned i = 0; i < HELPER_TASKS; i++)
		give(d, &(struct helper_answer){
				.task = i,
				.error = i == HELPER_LOOKUP_TASK ? EAI_FAIL : ESRCH });
}

static void on_answer(uv_poll_t *p, int status, int events)
{
	struct helper *h = p->data;
	struct helper_answer a;
	ssize_t n;

	(void)status;
	(void)events;
	while (h->fd >= 0) {
		n = recv(h->fd, &a, sizeof(a), MSG_DONTWAIT);
		if (n == sizeof(a) && a.task < HELPER_TASKS)
			give(h->d, &a);
		else if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		else
			lost(h);
	}
}

/* ---- its life ---- */

int helper_start(struct helper *h, struct daemon *d)
{
	int pair[2], err;

	h->d = d;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		log_error("socketpair: %s", strerror(errno));
		return -1;
	}
	switch (fork()) {
	case -1:
		log_error("fork: %s", strerror(errno));
		close(pair[0]);
		close(pair[1]);
		return -1;
	case 0:
		settings_free(&d->settings); /* its keys */
		helper_work(pair[1], d->settings.hooks, d->settings.renew);
	default:
		close(pair[1]);
	}
	err = uv_poll_init(&d->loop, &h->poll, pair[0]);
	if (err < 0) {
		log_error("helper: %s", uv_strerror(err));
		close(pair[0]);
		return -1;
	}
	h->fd = pair[0];
	h->poll.data = h;
	uv_poll_start(&h->poll, UV_READABLE, on_answer);
	return 0;
}

void helper_close(struct helper *h)
{
	if (h->fd < 0)
		return;
	if (!uv_is_closing((uv_handle_t *)&h->poll))
		uv_close((uv_handle_t *)&h->poll, NULL);
	close(h->fd);
	h->fd = -1;
}
