/* SPDX-License-Identifier: MIT */
#ifndef MIP_CONTROL_H
#define MIP_CONTROL_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>
#include <uv.h>

/*
 * Shell: the control socket.  A Unix stream socket, one JSON object a line.
 *   request   {"command": "handoff", "args": ["02:00:00:00:01:00"]}
 *   answer    zero or more {"event": NAME, ...}, then one {"ok": true, ...}
 *             or {"ok": false, "error": "one sentence with the remedy", "exit": N}
 * A client may ask again after an answer.  "watch" streams events until the client goes.  Who it
 * is the kernel says, and each command says what it needs.
 * Limits: CONTROL_CLIENTS_MAX clients, a request line of CONTROL_LINE_MAX bytes,
 * CONTROL_BACKLOG_MAX unsent bytes a client; a client that does not read is cut off, nobody waits
 * for it.
 */
#define CONTROL_CLIENTS_MAX 32
#define CONTROL_LOOKERS_MAX 24 /* of these, who may only look: the others can always act */
#define CONTROL_LINE_MAX 4096
#define CONTROL_BACKLOG_MAX ((size_t)256 * 1024)

struct control;
struct control_client;

/* Root and the daemon's own user may act, and a group; another one may look. */
enum control_may { CONTROL_MAY_NOTHING, CONTROL_MAY_LOOK, CONTROL_MAY_ACT };

struct control_command {
	const char *name;
	enum control_may needs;
	/* args is an array (maybe empty) of strings, borrowed.  It answers, now or later, with
	 * control_finish exactly once (later: through control_ref, as the client may leave
	 * before). */
	void (*fn)(struct control_client *c, json_t *args, void *arg);
};

struct control_service {
	const struct control_command *commands;
	size_t n_commands;
	/* before each; NULL: go on; a sentence: why it cannot be served now */
	const char *(*ready)(void *arg);
};

#define CONTROL_NO_GROUP ((gid_t)-1)
struct control_groups {
	struct control_group {
		char name[33];
		gid_t gid;
	} act, look;
};
/* By their names, "" for none: of act the daemon's own group then, of look nobody.  False: there is
 * no such group; said. */
bool control_groups(const char *act, const char *look, struct control_groups *out);

/* Refuses (-EADDRINUSE) when a daemon answers on the path; takes over a dead one's socket.  Mode
 * 0660; with groups that were named 0666, since the kernel knows one group alone: then everybody
 * may connect, and is told if that is all.  Ignores SIGPIPE from here on.  control_close before a
 * uv_walk that closes the rest; the memory goes in the next uv_run. */
int control_open(struct control **out, uv_loop_t *loop, const char *path,
		 const struct control_service *service, const struct control_groups *groups,
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

/* The same, piece by piece, for who has more to wait for.  NULL: errno, as above. */
struct control_call *control_begin(const char *path, const char *command, int argc,
				   char *const argv[]);
int control_fd(const struct control_call *c);
/* The next event, or the answer, which has "ok"; a new reference.  NULL: errno; EAGAIN where it is
 * not there yet and `wait` is false. */
json_t *control_next(struct control_call *c, bool wait);
void control_end(struct control_call *c); /* NULL: nothing */

/* Exit codes of both CLIs, mipclient(1) */
enum {
	EXIT_OK = 0,
	EXIT_FAILED = 1,     /* the daemon tried and it did not work */
	EXIT_USAGE = 2,      /* wrong words on the command line */
	EXIT_NO_DAEMON = 3,  /* nobody answers on the socket */
	EXIT_REFUSED = 4,    /* the daemon says that it cannot be done now */
	EXIT_NOT_FOUND = 5,  /* no such access point, agent, report ... */
	EXIT_PERMISSION = 6, /* not allowed: to open the socket, or to do that */
};

#endif
