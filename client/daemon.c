/* SPDX-License-Identifier: MIT */
#include "client/daemon.h"

#include "client/interface.h"
#include "common/capability.h"
#include "common/instance.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/notify.h"
#include "common/privilege.h"
#include "common/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define RUN_DIR "/run/mip"
#define NICE (-15)

static void on_signal(uv_signal_t *handle, int signum)
{
	struct daemon *d = handle->data;
	const char *why;

	if (signum == SIGHUP) {
		why = daemon_reload(d);
		if (why != NULL)
			log_warning("%s", why);
		return;
	}
	log_info("%s: cleaning up", signum == SIGTERM ? "SIGTERM" : "SIGINT");
	notify_stopping();
	uv_stop(&d->loop);
}

/* ---- start ---- */

static void watch_signal(struct daemon *d, uv_signal_t *handle, int signum)
{
	uv_signal_init(&d->loop, handle);
	handle->data = d;
	uv_signal_start(handle, on_signal, signum);
}

void daemon_init(struct daemon *d)
{
	if (uv_loop_init(&d->loop) < 0)
		fatal("no event loop");
	d->lock = d->tun.fd = d->addresses.monitor = d->helper.fd = -1;
	d->armed = MTIME_NEVER;
	repair_init(&d->repair);
	for (unsigned i = 0; i < MOBILE_LINKS_MAX; i++) {
		d->links[i].d = d;
		d->links[i].index = i;
		d->links[i].sink = -1;
		d->links[i].retry_at = MTIME_NEVER;
	}
	d->started = instant_now().t;
	uv_timer_init(&d->loop, &d->timer);
	d->timer.data = d;
	hooks_open(&d->hooks, d);
	giveback_buffer(&d->giveback, d->burst.bytes, sizeof(d->burst.bytes));
	giveback_buffer(&d->giveback, d->tun.gather.bytes, sizeof(d->tun.gather.bytes));
	giveback_buffer(&d->giveback, d->buf, sizeof(d->buf));
	giveback_buffer(&d->giveback, d->ahead.bytes[0], sizeof(d->ahead.bytes));
	giveback_buffer(&d->giveback, d->large, sizeof(d->large));
	watch_signal(d, &d->sig_term, SIGTERM);
	watch_signal(d, &d->sig_int, SIGINT);
	watch_signal(d, &d->sig_hup, SIGHUP);
}

#define FIRST_WIFI "wlan0" /* as the kernel will call it */

static void find_radio(struct daemon *d)
{
	char *ifname = d->links[MOBILE_RADIO].ifname;

	d->n_links = 1;
	if (d->settings.ifname[0] != '\0') {
		memcpy(ifname, d->settings.ifname, sizeof(d->settings.ifname));
		return;
	}
	if (interface_find_wifi(ifname))
		return;
	log_warning("no Wi-Fi interface found, waiting for " FIRST_WIFI
		    ": load its driver, or name it with [Radio] interface");
	memcpy(ifname, FIRST_WIFI, sizeof(FIRST_WIFI));
}

static int find_interfaces(struct daemon *d)
{
	find_radio(d);
	for (unsigned i = 0; i < d->settings.prefer.n; i++) {
		const char *ifname = d->settings.prefer.name[i];

		if (strcmp(ifname, d->links[MOBILE_RADIO].ifname) == 0)
			continue;
		if (d->n_links == MOBILE_LINKS_MAX) {
			log_error("[Interfaces] prefer: at most %d beside the radio's",
				  MOBILE_LINKS_MAX - 1);
			return -1;
		}
		memcpy(d->links[d->n_links++].ifname, ifname, sizeof(d->settings.prefer.name[0]));
	}
	return 0;
}

static int lock_instance(struct daemon *d)
{
	d->lock = instance_lock();
	return d->lock < 0 ? -1 : 0;
}

static int open_control(struct daemon *d)
{
	int err = control_open(&d->control, &d->loop, d->settings.socket, &serve,
			       &d->groups, d);

	if (err == -EADDRINUSE)
		log_error("another mipclientd answers on %s: stop it first", d->settings.socket);
	else if (err < 0)
		log_error("control socket %s: %s", d->settings.socket, strerror(-err));
	return err;
}

/* Without CAP_NET_ADMIN there is no device and no route; without the others there is a link to wait
 * for, which says so. */
static int check_rights(void)
{
	char text[CAPABILITY_TEXT];

	if (capability_has_admin())
		return 0;
	log_error("not allowed without %s: start mipclientd as root or by its systemd unit",
		  capability_lacking(false, text));
	return -1;
}

/* What may be root's alone, where there is more than the two capabilities. */
static int open_as_root(struct daemon *d)
{
	int err;

	if (tun_open(&d->tun, d->settings.tun, NODE_TUN_MTU) < 0) /* says why not */
		return -1;
	err = links_ports(d);
	if (err < 0 && err != -EACCES) /* that one is said where a link is opened */
		log_error("UDP port 434: %s", strerror(-err));
	if ((err < 0 && err != -EACCES) || privilege_drop() < 0)
		return -1;
	return helper_start(&d->helper, d);
}

static int open_core(struct daemon *d)
{
	struct instant now = instant_now();
	struct mobile_conf conf;

	daemon_core_conf(d, &d->settings, &conf);
	d->pool_bytes = conf.uplink_bytes;
	d->pool = mmap(NULL, d->pool_bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (d->pool == MAP_FAILED) {
		d->pool = NULL;
		log_error("[Buffer] uplink: %zu bytes: %s", d->pool_bytes, strerror(errno));
		return -1;
	}
	d->mobile = mobile_new(&conf, d->pool, &now);
	explicit_bzero(&conf, sizeof(conf));
	memory_wipe_stack();
	if (d->mobile == NULL)
		fatal("no memory");
	daemon_lock_keys(d);
	return 0;
}

/*
 * When the supplicant says that it goes elsewhere, the order must be out before it has told the
 * kernel: we come first, also on a machine that is busy, or has one processor.  What we start does
 * not.
 */
static void come_first(void)
{
	const struct sched_param none = { 0 };

	if (sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, &none) < 0 ||
	    setpriority(PRIO_PROCESS, 0, NICE) < 0)
		log_debug("priority: %s", strerror(errno));
}

/* What tells that another daemon runs here comes first: nothing of its is touched. */
int daemon_start(struct daemon *d)
{
	struct instant now;
	char home[ADDR_STRLEN];

	come_first(); /* while it may */
	if (find_interfaces(d) < 0 || lock_instance(d) < 0 || check_rights() < 0 ||
	    open_as_root(d) < 0 || open_control(d) < 0)
		return -1;
	if (node_kernel_start(&d->kernel, d->settings.tun, d->settings.home_addr) < 0 ||
	    node_kernel_destinations(&d->kernel, &d->settings.destinations, &d->settings.except) <
		0 ||
	    open_core(d) < 0)
		return -1;
	for (unsigned i = 0; i < d->n_links; i++)
		node_kernel_add(&d->kernel, d->links[i].ifname);
	if (uv_poll_init(&d->loop, &d->tun_poll, d->tun.fd) < 0)
		return -1;
	d->tun_poll.data = d;
	persist_open(d);
	uv_poll_start(&d->tun_poll, UV_READABLE, loop_on_tun);
	sandbox_enter();
	log_info("mipclientd %s is up: %s %s, interface %s", VERSION,
		 d->settings.home_addr ? "home address" : "nai",
		 d->settings.home_addr ? addr_fmt(home, d->settings.home_addr) : d->settings.nai,
		 d->links[MOBILE_RADIO].ifname);
	d->wifi = wifi_open(&d->loop, d->settings.control, d->links[MOBILE_RADIO].ifname,
			    loop_on_wifi, d);
	if (addresses_open(d) < 0)
		return -1;
	now = instant_now();
	links_check(d, now.t);
	resolve_open(d);
	mobile_start(d->mobile, &now, &d->out);
	d->giveback.loaded = true; /* by the start itself */
	loop_carry_out(d);
	return 0;
}

/* ---- stop ---- */

static void say_goodbye(struct daemon *d)
{
	struct instant now = instant_now();

	mobile_deregister(d->mobile, &now, &d->out); /* one message; nobody waits for the Reply */
	loop_carry_out(d);
}

static void close_handle(uv_handle_t *h, void *arg)
{
	(void)arg;
	if (!uv_is_closing(h))
		uv_close(h, NULL);
}

void daemon_stop(struct daemon *d)
{
	if (d->mobile != NULL && d->wifi != NULL)
		say_goodbye(d);
	d->stopping = true;
	hooks_stop(&d->hooks);
	if (d->control != NULL)
		control_close(d->control);
	if (d->wifi != NULL)
		wifi_close(d->wifi);
	links_close(d);
	helper_close(&d->helper);
	statefile_stop(&d->persist.file);
	uv_walk(&d->loop, close_handle, NULL);
	uv_run(&d->loop, UV_RUN_DEFAULT);
	uv_loop_close(&d->loop);
	addresses_close(d);
	node_kernel_stop(&d->kernel);
	tun_close(&d->tun);
	if (d->mobile != NULL) {
		persist_close(d);
		mobile_free(d->mobile);
	}
	if (d->pool != NULL)
		munmap(d->pool, d->pool_bytes);
	if (d->lock >= 0)
		close(d->lock);
}
