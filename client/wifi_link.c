/* SPDX-License-Identifier: MIT */
#include "client/wifi_priv.h"
#include "common/link_priv.h"
#include "common/log.h"
#include "common/wpa_sockets.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static void on_link_closed(uv_handle_t *h)
{
	struct wifi_link *link = h->data;

	wpa_ctrl_close(link->ctrl);
	free(link);
}

void wifi_link_close(struct wifi_link **link)
{
	if (*link)
		uv_close((uv_handle_t *)&(*link)->poll, on_link_closed);
	*link = NULL;
}

void wifi_link_ignore(struct wifi_link *link)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, sizeof("<3>CTRL-EVENT-BSS-") - 1, 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, sizeof("<3>CTRL-EVENT-") - 1),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x4253532d /* "BSS-" */, 0, 2),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, sizeof("<3>CTRL-E") - 1),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x56454e54 /* "VENT" */, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	if (link_attach(wpa_ctrl_get_fd(link->ctrl), code, sizeof(code) / sizeof(*code)) < 0)
		log_debug("wpa_supplicant: all its words are heard");
}

struct wifi_link *wifi_link_open(struct wifi *w, uv_poll_cb cb)
{
	struct wpa_ctrl *ctrl = wpa_ctrl_open2(w->path, wpa_sockets_folder());
	struct wifi_link *link;
	int fd;

	if (!ctrl)
		return NULL;
	link = calloc(1, sizeof(*link));
	if (!link)
		fatal("no memory");
	fd = wpa_ctrl_get_fd(ctrl);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	link->ctrl = ctrl;
	link->w = w;
	link->poll.data = link;
	if (uv_poll_init(w->loop, &link->poll, fd)) {
		wpa_ctrl_close(ctrl);
		free(link);
		return NULL;
	}
	uv_poll_start(&link->poll, UV_READABLE, cb);
	return link;
}

int wifi_link_send(struct wifi_link *link, const char *text)
{
	size_t n = strlen(text);

	return send(wpa_ctrl_get_fd(link->ctrl), text, n, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)n
		   ? 0
		   : -1;
}

bool wifi_link_read(struct wifi_link *link, char *buf, size_t size)
{
	size_t n = size - 1;

	if (wpa_ctrl_recv(link->ctrl, buf, &n) < 0 || n > size - 1)
		return false;
	buf[n] = '\0';
	return true;
}

