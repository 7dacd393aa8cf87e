/* SPDX-License-Identifier: MIT */
#ifndef MIP_FAKE_SUPPLICANT_H
#define MIP_FAKE_SUPPLICANT_H

#include "client/wifi.h"
#include "tests/unit/unit.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/*
 * A supplicant that does as the test says, in the test's own loop: answers each command with what
 * fake.answer() gives (NULL: nothing), counts them, and says events.  What the client makes of it
 * is counted, too.
 */
static struct fake {
	uv_loop_t loop;
	uv_poll_t poll;
	uv_timer_t limit;
	int fd;
	struct sockaddr_un attached;
	socklen_t attached_len; /* 0: nobody */
	const char *(*answer)(const char *command);
	unsigned commands, attaches, statuses, tables, pages, loads, reports, scans, aborts, roams;
	struct wifi *wifi;
	unsigned n[WIFI_TRANSITION + 1]; /* events, by their type */
	struct wifi_event last[WIFI_TRANSITION + 1];
	struct radio_bss list[RADIO_BSS_MAX];
	bool late;
} fake;

static char fake_dir[64];
#define FAKE_AP "02:00:00:00:01:00"
static const char fake_status[] =
    "id=3\nbssid=" FAKE_AP "\nfreq=2437\nssid=campus\nwpa_state=COMPLETED\n";

static bool fake_is(const char *command, const char *what)
{
	return !strncmp(command, what, strlen(what));
}

static void fake_count(const char *command)
{
	fake.commands++;
	fake.attaches += fake_is(command, "ATTACH");
	fake.statuses += fake_is(command, "STATUS");
	fake.tables += fake_is(command, "BSS RANGE=ALL ");
	fake.pages += fake_is(command, "BSS RANGE=");
	fake.loads += fake_is(command, "BSS 02:");
	fake.reports += fake_is(command, "NEIGHBOR_REP_REQUEST");
	fake.scans += fake_is(command, "SCAN");
	fake.aborts += fake_is(command, "ABORT_SCAN");
	fake.roams += fake_is(command, "ROAM ");
}

static void fake_on_command(uv_poll_t *p, int status, int events)
{
	char command[512];
	struct sockaddr_un from;
	socklen_t len = sizeof(from);
	ssize_t got = recvfrom(fake.fd, command, sizeof(command) - 1, MSG_DONTWAIT,
			       (struct sockaddr *)&from, &len);
	const char *answer;

	(void)p;
	(void)status;
	(void)events;
	if (got < 0)
		return;
	command[got] = '\0';
	fake_count(command);
	answer = fake_is(command, "ATTACH") ? "OK\n" : fake.answer(command);
	if (fake_is(command, "ATTACH")) {
		fake.attached = from;
		fake.attached_len = len;
	}
	if (answer)
		sendto(fake.fd, answer, strlen(answer), 0, (struct sockaddr *)&from, len);
}

/* Waits while the client is slower than that. */
static void fake_say(const char *event)
{
	char line[256];
	int n = snprintf(line, sizeof(line), "<3>%s", event);

	while (sendto(fake.fd, line, (size_t)n, MSG_DONTWAIT, (struct sockaddr *)&fake.attached,
		      fake.attached_len) < 0)
		uv_run(&fake.loop, UV_RUN_ONCE);
}

static void fake_on_event(const struct wifi_event *ev, void *arg)
{
	(void)arg;
	fake.n[ev->type]++;
	fake.last[ev->type] = *ev;
	if (ev->type == WIFI_SCAN_DONE)
		memcpy(fake.list, ev->list, ev->n * sizeof(*ev->list));
}

static void fake_on_limit(uv_timer_t *t)
{
	(void)t;
	fake.late = true;
}

/* Until it has happened so often in all; false: not within 20 s. */
static bool fake_until(enum wifi_event_type type, unsigned times)
{
	fake.late = false;
	uv_timer_start(&fake.limit, fake_on_limit, 20000, 0);
	while (!fake.late && fake.n[type] < times)
		uv_run(&fake.loop, UV_RUN_ONCE);
	uv_timer_stop(&fake.limit);
	return !fake.late;
}

/* In a folder that is there. */
static void fake_starts(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	snprintf(at.sun_path, sizeof(at.sun_path), "%s/wlan9", fake_dir);
	fake.fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert(fake.fd >= 0 && !bind(fake.fd, (struct sockaddr *)&at, sizeof(at)));
	uv_poll_init(&fake.loop, &fake.poll, fake.fd);
	uv_poll_start(&fake.poll, UV_READABLE, fake_on_command);
}

/* With its socket, and the folder. */
static void fake_ends(void)
{
	char path[96];

	uv_close((uv_handle_t *)&fake.poll, NULL);
	uv_run(&fake.loop, UV_RUN_NOWAIT);
	close(fake.fd);
	snprintf(path, sizeof(path), "%s/wlan9", fake_dir);
	unlink(path);
	rmdir(fake_dir);
}

static void fake_begin(const char *(*answer)(const char *))
{
	memset(&fake, 0, sizeof(fake));
	fake.answer = answer;
	snprintf(fake_dir, sizeof(fake_dir), "/tmp/mip-supplicant-XXXXXX");
	assert(mkdtemp(fake_dir));
	uv_loop_init(&fake.loop);
	uv_timer_init(&fake.loop, &fake.limit);
	fake_starts();
	fake.wifi = wifi_open(&fake.loop, fake_dir, "wlan9", fake_on_event, NULL);
}

static void fake_end(void)
{
	wifi_close(fake.wifi);
	fake_ends();
	uv_close((uv_handle_t *)&fake.limit, NULL);
	uv_run(&fake.loop, UV_RUN_DEFAULT);
	CHECK_EQ(uv_loop_close(&fake.loop), 0);
}

#endif
