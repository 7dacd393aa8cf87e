/* SPDX-License-Identifier: MIT */
#include "agent/daemon.h"

#include "common/capability.h"
#include "common/instance.h"
#include "common/log.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define EXIT_CONFIG 78 /* sysexits(3): EX_CONFIG */
#define TICKS_MAX 64   /* paced packets in one go, then the sockets get their turn */
#define ARMED_NOT (-1)
#define NTP_EPOCH 2208988800u /* 1970 in seconds since 1900 */

struct instant instant_now(void)
{
	struct timespec ts;
	struct instant now;

	clock_gettime(CLOCK_REALTIME, &ts);
	now.t = (mtime)(uv_hrtime() / 1000);
	now.ntp =
	    ((uint64_t)ts.tv_sec + NTP_EPOCH) << 32 | ((uint64_t)ts.tv_nsec << 32) / 1000000000u;
	return now;
}

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
	daemon_settle(d);
}

static void arm(struct daemon *d)
{
	mtime due = mtime_min(agent_deadline(d->agent), mtime_min(d->queue_poll, d->link_retry));
	mtime now = instant_now().t;

	due = mtime_min(due, hostapd_deadline(d->hostapd));
	due = mtime_min(due, giveback_check(&d->giveback, agent_pool(d->agent), now));
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
		more = agent_tick(d->agent, &now, &d->out);
		carry_out(d);
	}
	arm(d);
}

void daemon_fail(struct daemon *d, int exit_code)
{
	d->exit_code = exit_code;
	uv_stop(&d->loop);
}

static void on_signal(uv_signal_t *handle, int signum)
{
	struct daemon *d = handle->data;

	if (signum == SIGHUP) {
		log_warning(
		    "SIGHUP: the configuration is read at start only; restart to apply a change");
		return;
	}
	log_info("%s: cleaning up", signum == SIGTERM ? "SIGTERM" : "SIGINT");
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
	int rc = control_open(&d->control, &d->loop, d->settings.socket, serve, d);

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

	if (capability_lacking(text)[0] == '\0')
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
	return 0;
}

static void init(struct daemon *d)
{
	if (uv_loop_init(&d->loop) < 0)
		fatal("no event loop");
	d->loop.data = d;
	d->tun = d->raw = d->monitor = d->tunnel.rx = d->tunnel.tx_df = d->tunnel.tx_clear = -1;
	d->queue_poll = d->link_retry = MTIME_NEVER;
	d->armed = ARMED_NOT;
	uv_timer_init(&d->loop, &d->timer);
	d->timer.data = d;
	watch_signal(d, &d->sig_term, SIGTERM);
	watch_signal(d, &d->sig_int, SIGINT);
	watch_signal(d, &d->sig_hup, SIGHUP);
	settings_agent_conf(&d->settings, &d->conf);
	if (getrandom(d->conf.seed, sizeof(d->conf.seed), 0) != sizeof(d->conf.seed))
		fatal("no randomness: %s", strerror(errno));
	d->n_links = d->conf.foreign ? d->settings.links.n : 0;
	for (unsigned i = 0; i < d->n_links; i++) {
		d->links[i].d = d;
		d->links[i].index = i;
		d->links[i].name = d->settings.links.name[i];
		d->links[i].sink = -1;
	}
	d->started = instant_now().t;
}

/* The lock comes first: nothing of a daemon that runs here already is touched.  Sockets bind before
 * the TUN gets our address: an address that no other interface has is refused. */
static int start(struct daemon *d)
{
	d->lock = instance_lock();
	if (d->lock < 0 || check_rights() < 0 || open_control(d) < 0)
		return -1;
	d->tun = tun_open(d->settings.tun, (unsigned)d->settings.mtu); /* says why not */
	if (d->tun < 0 || input_open(d) < 0 || carry_setup(d) < 0)
		return -1;
	if (links_open(d) < 0)
		return -1;
	find_link_addr(d);
	if (open_agent(d) < 0)
		return -1;
	access_open(d);
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
	uv_walk(&d->loop, close_handle, NULL);
	uv_run(&d->loop, UV_RUN_DEFAULT);
	uv_loop_close(&d->loop);
	input_close(d);
	carry_teardown(d);
	if (d->tun >= 0)
		close(d->tun);
	if (d->agent != NULL)
		agent_free(d->agent);
	if (d->pool != NULL)
		munmap(d->pool, d->conf.buffer_total);
	key_wipe(d->conf.seed, sizeof(d->conf.seed));
	settings_agent_conf_free(&d->conf);
}

/* ---- the program ---- */

static const struct option options[] = {
	{ "config", required_argument, NULL, 'c' }, { "check", no_argument, NULL, 'n' },
	{ "verbose", no_argument, NULL, 'v' },	    { "foreground", no_argument, NULL, 'f' },
	{ "socket", required_argument, NULL, 'S' }, { "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },	    { NULL, 0, NULL, 0 },
};

struct line {
	const char *config, *socket;
	bool check, verbose, foreground;
};

static void usage(FILE *to)
{
	fputs("usage: mipagentd [-fhnvV] [-c file] [-S socket]\n"
	      "  -c FILE    configuration (default " SETTINGS_FILE ")\n"
	      "  -f         stay in the foreground\n"
	      "  -n         check the configuration and exit; with -v print what is in effect\n"
	      "  -S SOCKET  control socket (default " SETTINGS_SOCKET ")\n"
	      "  -v         log packets and decisions\n"
	      "  -h, -V     this help, the version\n"
	      "The whole story: man mipagentd\n",
	      to);
}

/* -1: go on; else the exit code. */
static int parse_line(int argc, char *argv[], struct line *line)
{
	int opt;

	while ((opt = getopt_long(argc, argv, "c:nvfS:hV", options, NULL)) != -1) {
		switch (opt) {
		case 'c':
			line->config = optarg;
			break;
		case 'n':
			line->check = true;
			break;
		case 'v':
			line->verbose = true;
			break;
		case 'f':
			line->foreground = true;
			break;
		case 'S':
			line->socket = optarg;
			break;
		case 'h':
			usage(stdout);
			return EXIT_OK;
		case 'V':
			puts("mipagentd " VERSION);
			return EXIT_OK;
		default:
			usage(stderr);
			return EXIT_USAGE;
		}
	}
	if (optind == argc)
		return -1;
	usage(stderr);
	return EXIT_USAGE;
}

/* Returns in the child.  The parent waits until the child is up, or has said why not. */
static int background(void)
{
	int up[2];
	char ok;

	if (pipe2(up, O_CLOEXEC) < 0)
		fatal("pipe: %s", strerror(errno));
	switch (fork()) {
	case -1:
		fatal("fork: %s", strerror(errno));
	case 0:
		close(up[0]);
		setsid();
		return up[1];
	default:
		close(up[1]);
		_exit(read(up[0], &ok, 1) == 1 ? EXIT_OK : EXIT_FAILED);
	}
}

static void detach(int up)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		/* A log that goes to a file or a pipe is wanted. */
		if (isatty(STDERR_FILENO))
			dup2(null, STDERR_FILENO);
		close(null);
	}
	if (chdir("/") < 0 || write(up, "", 1) < 0)
		log_debug("the starter has gone");
	close(up);
}

static int run(struct daemon *d, bool foreground)
{
	static const struct rlimit no_core = {
		1, 1
	}; /* 1, not 0: refused by a core_pattern that is a pipe, too */
	int up = foreground ? -1 : background();

	/* Keys never appear in core dumps. */
	setrlimit(RLIMIT_CORE, &no_core);
	signal(SIGPIPE, SIG_IGN);
	init(d);
	if (start(d) == 0) {
		if (!foreground)
			detach(up);
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
	struct line line = { .config = SETTINGS_FILE };
	int rc = parse_line(argc, argv, &line);

	if (rc >= 0)
		return rc;
	log_init("mipagentd", line.verbose && !line.check ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	if (settings_read(line.config, &d.settings) < 0)
		return EXIT_CONFIG;
	if (line.check) {
		if (line.verbose)
			settings_print(&d.settings, stdout);
		settings_free(&d.settings);
		return EXIT_OK;
	}
	if (line.socket != NULL)
		snprintf(d.settings.socket, sizeof(d.settings.socket), "%s", line.socket);
	if (!line.verbose)
		log_set_level((enum log_level)d.settings.log_level);
	rc = run(&d, line.foreground);
	settings_free(&d.settings);
	return rc;
}
