/* SPDX-License-Identifier: MIT */
#ifndef MIP_CONTROL_H
#define MIP_CONTROL_H

#include <jansson.h>
#include <stdbool.h>
#include <uv.h>

/*
 * Shell: the control socket.  A Unix stream socket, one JSON object a line.
 *   request   {"command": "handoff", "args": ["02:00:00:00:01:00"]}
 *   answer    zero or more {"event": NAME, ...}, then one {"ok": true, ...}
 *             or {"ok": false, "error": "one sentence with the remedy", "exit": N}
 * A client may ask again after an answer.  "watch" streams events until the client goes.
 * Limits: CONTROL_CLIENTS_MAX clients, a request line of CONTROL_LINE_MAX bytes,
 * CONTROL_BACKLOG_MAX unsent bytes a client; a client that does not read is cut off, nobody waits
 * for it.
 */
#define CONTROL_CLIENTS_MAX 32
#define CONTROL_LINE_MAX 4096
#define CONTROL_BACKLOG_MAX ((size_t)256 * 1024)

struct control;
struct control_client;

/* Called for each request; args is an array (maybe empty) of strings, borrowed.  The handler
 * answers, now or later, with control_finish exactly once (later: through control_ref, as the
 * client may leave before). */
typedef void control_fn(struct control_client *c, const char *command, json_t *args, void *arg);

/* Refuses (-EADDRINUSE) when a daemon answers on the path; takes over a dead one's socket.  Mode
 * 0660.  Ignores SIGPIPE from here on.  control_close before a uv_walk that closes the rest; the
 * memory goes in the next uv_run. */
int control_open(struct control **out, uv_loop_t *loop, const char *path, control_fn *fn,
		 void *arg);
void control_close(struct control *c); /* unlinks the path */

void control_send(struct control_client *c, json_t *obj);   /* an event line; steals obj */
void control_finish(struct control_client *c, json_t *obj); /* the answer; steals obj */
void control_fail(struct control_client *c, int exit_code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void control_subscribe(struct control_client *c); /* receives broadcasts until it goes */
void control_broadcast(struct control *ctl, json_t *obj); /* steals obj; to every subscriber */
bool control_has_subscribers(const struct control *ctl);
/* A weak handle for answers that come later: control_ref never
 * dangles, control_deref is NULL once the client left. */
uint64_t control_ref(const struct control_client *c);
struct control_client *control_deref(struct control *ctl, uint64_t ref);

/* ---- the CLI's side (blocking, no libuv) ---- */
/* on_event may be NULL; returns the final answer (new reference), or NULL with errno (ENOENT,
 * ECONNREFUSED: no daemon; EPERM/EACCES: not allowed; EPIPE: the daemon went away; EINTR: a signal
 * handler ran).  on_event returning false stops early: NULL, errno ECANCELED. */
json_t *control_call(const char *path, const char *command, int argc, char *const argv[],
		     bool (*on_event)(json_t *event, void *arg), void *arg);

/* Exit codes of both CLIs, mipclient(1) */
enum {
	EXIT_OK = 0,
	EXIT_FAILED = 1,     /* the daemon tried and it did not work */
	EXIT_USAGE = 2,      /* wrong words on the command line */
	EXIT_NO_DAEMON = 3,  /* nobody answers on the socket */
	EXIT_REFUSED = 4,    /* the daemon says that it cannot be done now */
	EXIT_NOT_FOUND = 5,  /* no such access point, agent, report ... */
	EXIT_PERMISSION = 6, /* the socket may not be opened */
};

#endif
