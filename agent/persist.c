/* SPDX-License-Identifier: MIT */
#include "agent/daemon.h"

#include "agent/state.h"
#include "common/log.h"

#include <stdlib.h>

#define FILE_NAME "mipagentd.state"
#define FILE_MAX (STATE_HEADER + SEAL_SUM + (size_t)SETTINGS_NODES_MAX * STATE_RECORD_MAX)

static void written(void *arg, bool ok)
{
	struct daemon *d = arg;

	if (ok)
		d->persist.kept = d->persist.going;
	if (!uv_is_closing((uv_handle_t *)&d->timer))
		daemon_settle(d);
}

static void restore(struct daemon *d, struct state_reader *s)
{
	struct instant now = instant_now();
	unsigned nodes = 0, strangers = 0;
	struct agent_kept k;

	while (state_next(s, &k)) {
		*(agent_restore(d->agent, &k, &now, &d->out) ? &nodes : &strangers) += 1;
		carry_out(d);
	}
	log_info("state file %s: %llu bindings, %u nodes", d->persist.file.path,
		 (unsigned long long)agent_counters(d->agent)->restored, nodes);
	if (strangers > 0)
		log_info("%u nodes of it are not in the configuration any more", strangers);
}

void persist_open(struct daemon *d)
{
	struct persist *p = &d->persist;
	struct instant now = instant_now();
	enum state_fault f;
	struct state_reader s;
	uint8_t *bytes;
	bool first;
	size_t n;

	p->file.anew = "nodes have to register anew";
	p->file.unkept = "bindings would not outlive a restart";
	p->file.written = written;
	p->file.arg = d;
	if (d->conf.home)
		statefile_open(&p->file, d->settings.state, FILE_NAME);
	if (!p->file.on)
		return;
	p->last = now.t - PERSIST_HEARD;
	bytes = statefile_read(&p->file, FILE_MAX, &n, &first);
	if (first)
		return;
	agent_resumed(d->agent);
	if (bytes != NULL) {
		f = state_open(&s, bytes, n, &d->conf, &now);
		if (f == STATE_GOOD)
			restore(d, &s);
		else
			statefile_set_aside(&p->file, state_fault_text(f));
		free(bytes);
	}
	p->kept = agent_changes(d->agent);
}

/* NULL: there is no memory for it now. */
static uint8_t *take_down(struct daemon *d, size_t *n)
{
	struct persist *p = &d->persist;
	struct instant now = instant_now();
	size_t room = state_room(d->agent, &d->conf);
	uint8_t *bytes = malloc(room);

	p->last = now.t;
	p->going = agent_changes(d->agent);
	*n = bytes == NULL ? 0 : state_encode(d->agent, &d->conf, &now, bytes, room);
	p->size = *n;
	if (*n > 0)
		return bytes;
	free(bytes);
	return NULL;
}

/* After the last time. */
static mtime pacing(const struct persist *p)
{
	mtime t = MSEC(p->size / PERSIST_RATE);

	return t < PERSIST_MOVED_MIN ? PERSIST_MOVED_MIN : t;
}

mtime persist_deadline(const struct daemon *d)
{
	const struct persist *p = &d->persist;
	struct agent_changes is;

	if (!p->file.on || p->file.busy)
		return MTIME_NEVER;
	is = agent_changes(d->agent);
	if (is.moved == p->kept.moved && is.heard == p->kept.heard)
		return MTIME_NEVER;
	if (p->file.failing)
		return p->last + PERSIST_AGAIN;
	return p->last + (is.moved != p->kept.moved ? pacing(p) : PERSIST_HEARD);
}

void persist_tick(struct daemon *d, mtime now)
{
	uint8_t *bytes;
	size_t n;

	if (now < persist_deadline(d))
		return;
	bytes = take_down(d, &n);
	statefile_write(&d->persist.file, &d->loop, bytes, n);
}

void persist_close(struct daemon *d)
{
	uint8_t *bytes;
	size_t n;

	if (!d->persist.file.on || persist_deadline(d) == MTIME_NEVER)
		return;
	bytes = take_down(d, &n);
	statefile_write_now(&d->persist.file, bytes, n);
}
