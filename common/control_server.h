/* SPDX-License-Identifier: MIT */
#ifndef MIP_CONTROL_SERVER_H
#define MIP_CONTROL_SERVER_H

#include "common/control.h"

/*
 * The inside of the control socket: control.c has the socket and the requests, control_who.c who
 * may ask, control_write.c the answers and how a client goes.  Nobody else includes this.
 */
struct control_client {
	struct control *ctl;
	uv_pipe_t pipe;
	uint64_t ref;
	enum control_may may;
	char line[CONTROL_LINE_MAX + 1]; /* and its line end */
	size_t fill;
	bool busy;	  /* a request waits for its answer */
	bool dispatching; /* its handler runs right now */
	bool subscribed;
	bool eof;     /* it sent all that it will; it may still read */
	bool leaving; /* goes once everything is written */
	bool closing;
};

struct control {
	uv_pipe_t listener;
	uv_async_t resume; /* takes up requests that came while another was being answered */
	const struct control_service *service;
	struct control_groups groups;
	void *arg;
	struct control_client *clients[CONTROL_CLIENTS_MAX];
	uint64_t last_ref;
	unsigned handles; /* not yet closed; the last one frees */
};

void control_client_close(struct control_client *c); /* at once; freed when libuv has let go */
void control_client_leave(struct control_client *c); /* once everything is written */
/* Nobody is named: the daemon's own group acts, and true: the socket's mode is enough. */
bool control_own_group(struct control_groups *g);
enum control_may control_who(int fd, const struct control_groups *g);
void control_release(struct control *ctl);	     /* a handle is closed; the last one frees */

#endif
