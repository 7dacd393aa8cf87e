/* SPDX-License-Identifier: MIT */
#include "agent/daemon.h"

#include "common/capability.h"
#include "common/instance.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/notify.h"
#include "common/privilege.h"
#include "common/sandbox.h"
#include "common/start.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#define TICKS_MAX 64   /* paced packets in one go, then the sockets get their turn */
#define ARMED_NOT (-1)

/* ---- the loop: event, core, actions, timer ---- */

static void on_timer(uv_timer_t *timer)
{
	struct daemon *d = timer->data;
	mtime now = instant_now().t;

	d->armed = ARMED_NOT;
	if (now >= d->link_retry)
		links_check(d, now);
	links_queues_check(d);
	hostapd_tick(d->hostapd, now);
	persist_tick(d, now);
	daemon_settle(d);
}

static void arm(struct daemon *d)
{
	mtime due = mtime_min(agent_deadline(d->agent), mtime_min(d->queue_poll, d->link_retry));
	mtime now = instant_now().t;

	due = mtime_min(due, hostapd_deadline(d->hostapd));
	due = mtime_min(due, persist_deadline(d));
	due = mtime_min(due, giveback_check(&d->giveback, agent_pool(d->agent), now));
	due = mtime_min(due, notify_alive(now));
	if (due == d->armed)
		return;
	d->armed = due;
	if (due == MTIME_NEVER) {
		uv_timer_stop(&d->timer);
		return;
	}
	uv_update_time(&d->loop);
	uv_timer_start(&d->timer, on_timer, due <= now ? 0 : (uint64_t)((due - now + 999) / 1000),
		       0);
}

void daemon_settle(struct daemon *d)
{
	bool more = false;

	for (int i = 0; i < TICKS_MAX; i++) {
		struct instant now = instant_now();

		if (!more && now.t < agent_deadline(d->agent))
			break;
		if (!more) {
			input_read_tun(d);
			now = instant_now();
		}
		more = agent_tick(d->agent, &now, &d->out);
		carry_out(d);
	}
	arm(d);
}

void daemon_ready(const struct daemon *d)
{
	char line[NOTIFY_STATUS];

	snprintf(line, sizeof(line), "%s%s%s: nodes %u, agents %u",
		 d->conf.home ? "home agent" : "", d->conf.home && d->conf.foreign ? " and " : "",
		 d->conf.foreign ? "foreign agent" : "", d->settings.n_nodes, d->settings.n_peers);
	notify_status(line);
	notify_ready();
}

void daemon_fail(struct daemon *d, int exit_code)
{
	d->exit_code = exit_code;
	uv_stop(&d->loop);
}

static void on_signal(uv_signal_t *handle, int signum)
{
	struct daemon *d = handle->data;
	const char *why;
	bool restart;

	if (signum == SIGHUP) {
		why = d->agent != NULL ? daemon_reload(d, &restart) : NULL;
		if (why != NULL)
			log_warning("%s", why);
		return;
	}
	log_info("%s: cleaning up", signum == SIGTERM ? "SIGTERM" : "SIGINT");
	notify_stopping();
	uv_stop(&d->loop);
}

static void watch_signal(struct daemon *d, uv_signal_t *handle, int signum)
{
	uv_signal_init(&d->loop, handle);
	handle->data = d;
	uv_signal_start(handle, on_signal, signum);
}

/* ---- start ---- */

static int open_control(struct daemon *d)
{
	int rc = control_open(&d->control, &d->loop, d->settings.socket, &serve,
			       &d->groups, d);

	if (rc == -EADDRINUSE)
		log_error("another mipagentd answers on %s: stop it first", d->settings.socket);
	else if (rc < 0)
		log_error("control socket %s: %s", d->settings.socket, strerror(-rc));
	return rc;
}

/* Said here, in one sentence, and not by each thing that fails for the want of it. */
static int check_rights(void)
{
	char text[CAPABILITY_TEXT];

	if (capability_lacking(false, text)[0] == '\0')
		return 0;
	log_error("not allowed without %s: start mipagentd as root or by its systemd unit", text);
	return -1;
}

static void find_link_addr(struct daemon *d)
{
	struct agent_conf *c = &d->conf;

	for (unsigned i = 0; i < d->n_links; i++)
		c->link_mac[i] = d->links[i].link.mac;
	if (!c->foreign || c->link_addr != 0)
		return;
	if (kernel_first_addr(d->kernel, d->links[0].name, 0, &c->link_addr))
		return;
	log_warning("%s has no IPv4 address, using the care-of address there: give it one",
		    d->links[0].name);
	c->link_addr = c->care_of;
}

/* Those that were configured, and what others are made from.  What is dealt lives as long as a
 * binding, and there may be very many: systemd's MemorySwapMax has them, too. */
void daemon_lock_keys(const struct daemon *d)
{
	const struct settings *s = &d->settings;

	memory_lock(s->nodes, s->n_nodes * sizeof(s->nodes[0]));
	memory_lock(s->peers, s->n_peers * sizeof(s->peers[0]));
	memory_lock(d->conf.nodes, d->conf.n_nodes * sizeof(d->conf.nodes[0]));
	memory_lock(d->conf.peers, d->conf.n_peers * sizeof(d->conf.peers[0]));
	memory_lock(&d->conf, sizeof(d->conf));
	memory_lock(d->agent, agent_size());
}

static int open_agent(struct daemon *d)
{
	struct instant now = instant_now();

	d->pool = mmap(NULL, d->conf.buffer_total, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (d->pool == MAP_FAILED) {
		d->pool = NULL;
		log_error("[Buffer] total: %zu bytes: %s", d->conf.buffer_total, strerror(errno));
		return -1;
	}
	d->agent = agent_new(&d->conf, d->pool, &now);
	if (d->agent == NULL)
		fatal("no memory");
	daemon_lock_keys(d);
	return 0;
}

static void init(struct daemon *d)
{
	if (uv_loop_init(&d->loop) < 0)
		fatal("no event loop");
	d->loop.data = d;
	d->tun.fd = d->raw = d->monitor = d->tunnel.rx = d->tunnel.tx_df = d->tunnel.tx_clear = -1;
	d->queue_poll = d->link_retry = MTIME_NEVER;
	d->armed = ARMED_NOT;
	uv_timer_init(&d->loop, &d->timer);
	d->timer.data = d;
	giveback_buffer(&d->giveback, d->burst.bytes, sizeof(d->burst.bytes));
	giveback_buffer(&d->giveback, d->tun.gather.bytes, sizeof(d->tun.gather.bytes));
	giveback_buffer(&d->giveback, d->buf, sizeof(d->buf));
	giveback_buffer(&d->giveback, d->ahead.bytes[0], sizeof(d->ahead.bytes));
	giveback_buffer(&d->giveback, d->piece, sizeof(d->piece));
	watch_signal(d, &d->sig_term, SIGTERM);
	watch_signal(d, &d->sig_int, SIGINT);
	watch_signal(d, &d->sig_hup, SIGHUP);
	settings_agent_conf(&d->settings, &d->conf);
	memory_wipe_stack();
	if (getrandom(d->conf.seed, sizeof(d->conf.seed), 0) != sizeof(d->conf.seed))
		fatal("no randomness: %s", strerror(errno));
	d->n_links = d->conf.n_links;
	for (unsigned i = 0; i < d->n_links; i++) {
		d->links[i].d = d;
		d->links[i].index = i;
		d->links[i].name = lan_is(d, i) ? d->settings.home_ifname
						: d->settings.links.name[i];
		d->links[i].sink = -1;
	}
	d->started = instant_now().t;
}

/* The lock comes first: nothing of a daemon that runs here already is touched.  Sockets bind before
 * the TUN gets our address: an address that no other interface has is refused. */
static int start(struct daemon *d)
{
	d->lock = instance_lock();
	if (d->lock < 0 || check_rights() < 0)
		return -1;
	if (tun_open(&d->tun, d->settings.tun, (unsigned)d->settings.mtu) < 0 || /* says why not */
	    input_ports(d) < 0 || links_ports(d) < 0 || privilege_drop() < 0)
		return -1;
	if (open_control(d) < 0 || input_open(d) < 0 || carry_setup(d) < 0)
		return -1;
	if (links_open(d) < 0)
		return -1;
	find_link_addr(d);
	if (open_agent(d) < 0)
		return -1;
	persist_open(d);
	access_open(d);
	sandbox_enter();
	log_info("mipagentd %s is up:%s%s%s", VERSION, d->conf.home ? " home agent" : "",
		 d->conf.home && d->conf.foreign ? " and" : "",
		 d->conf.foreign ? " foreign agent" : "");
	daemon_settle(d);
	return 0;
}

/* ---- stop ---- */

static void close_handle(uv_handle_t *h, void *arg)
{
	(void)arg;
	if (!uv_is_closing(h))
		uv_close(h, NULL);
}

static void stop(struct daemon *d)
{
	if (d->control != NULL)
		control_close(d->control);
	access_close(d);
	links_close(d);
	statefile_stop(&d->persist.file);
	uv_walk(&d->loop, close_handle, NULL);
	uv_run(&d->loop, UV_RUN_DEFAULT);
	uv_loop_close(&d->loop);
	input_close(d);
	carry_teardown(d);
	tun_close(&d->tun);
	if (d->agent != NULL) {
		persist_close(d);
		agent_free(d->agent);
	}
	if (d->pool != NULL)
		munmap(d->pool, d->conf.buffer_total);
	key_wipe(d->conf.seed, sizeof(d->conf.seed));
	settings_agent_conf_free(&d->conf);
}

/* ---- the program ---- */

static int run(struct daemon *d, bool foreground)
{
	int up = start_process(foreground);

	init(d);
	if (start(d) == 0) {
		daemon_ready(d);
		start_done(up);
		uv_run(&d->loop, UV_RUN_DEFAULT);
	} else {
		d->exit_code = EXIT_FAILED;
	}
	stop(d);
	return d->exit_code;
}

int main(int argc, char *argv[])
{
	static struct daemon d;
	struct start line = {
		.program = "mipagentd",
		.config = SETTINGS_FILE,
		.socket = SETTINGS_SOCKET,
	};
	int rc = start_line(&line, argc, argv);

	if (rc >= 0)
		return rc;
	start_secretly();
	notify_open();
	log_init("mipagentd", line.verbose && !line.check ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	if (!privilege_user(line.user))
		return EXIT_FAILED;
	if (settings_read(line.config, &d.settings) < 0 ||
	    !control_groups(d.settings.act_group, d.settings.look_group, &d.groups))
		return EXIT_CONFIG;
	if (line.check) {
		if (line.verbose)
			settings_print(&d.settings, stdout);
		settings_free(&d.settings);
		return EXIT_OK;
	}
	/* Reading it again must find it wherever we are by then. */
	d.conf_path = realpath(line.config, NULL);
	if (line.socket != NULL)
		snprintf(d.settings.socket, sizeof(d.settings.socket), "%s", line.socket);
	if (!line.verbose)
		log_set_level((enum log_level)d.settings.log_level);
	rc = run(&d, line.foreground);
	settings_free(&d.settings);
	free((void *)d.conf_path);
	return rc;
}
