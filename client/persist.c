/* SPDX-License-Identifier: MIT */
#include "client/daemon.h"

#include "client/history.h"
#include "common/log.h"

#include <stdlib.h>
#include <string.h>

#define FILE_NAME "mipclientd.state"

static void written(void *arg, bool ok)
{
	struct daemon *d = arg;
	struct persist *p = &d->persist;

	if (!ok && !p->changed) {
		p->changed = true;
		p->due = instant_now().t + PERSIST_AGAIN;
	}
	if (!d->stopping)
		loop_arm(d);
}

void persist_open(struct daemon *d)
{
	struct persist *p = &d->persist;
	enum history_fault f;
	uint8_t *bytes;
	bool first;
	size_t n;

	p->file.anew = "past handoffs are forgotten";
	p->file.unkept = "past handoffs would not outlive a restart";
	p->file.written = written;
	p->file.arg = d;
	statefile_open(&p->file, d->settings.state, FILE_NAME);
	if (!p->file.on)
		return;
	bytes = statefile_read(&p->file, HISTORY_FILE_MAX, &n, &first);
	if (bytes == NULL)
		return;
	f = history_restore(d->mobile, bytes, n);
	if (f != HISTORY_GOOD)
		statefile_set_aside(&p->file, history_fault_text(f));
	free(bytes);
}

void persist_event(struct daemon *d, enum event_kind what)
{
	struct persist *p = &d->persist;

	if (!p->file.on || (what != TELL_HANDOVER_IMMINENT && what != TELL_HANDOVER_STEP &&
			     what != TELL_HANDOVER_COMPLETE))
		return;
	p->changed = true;
	p->due = instant_now().t + PERSIST_AFTER;
}

/* NULL: there is no memory for it now. */
static uint8_t *take_down(struct daemon *d, size_t *n)
{
	uint8_t *bytes = malloc(HISTORY_FILE_MAX);

	d->persist.changed = false;
	*n = bytes == NULL ? 0 : history_encode(d->mobile, bytes, HISTORY_FILE_MAX);
	if (*n > 0)
		return bytes;
	free(bytes);
	return NULL;
}

mtime persist_deadline(const struct daemon *d)
{
	const struct persist *p = &d->persist;

	return p->changed && !p->file.busy ? p->due : MTIME_NEVER;
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

	/* busy: the loop was left with a resolver that hangs, and the disk as well */
	if (!d->persist.changed || d->persist.file.busy)
		return;
	bytes = take_down(d, &n);
	statefile_write_now(&d->persist.file, bytes, n);
}
