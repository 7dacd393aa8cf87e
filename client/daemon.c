/* SPDX-License-Identifier: MIT */
#include "client/daemon.h"

#include "client/interface.h"
#include "common/capability.h"
#include "common/instance.h"
#include "common/log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define RUN_DIR "/run/mip"
#define LAST_ROUNDS 4 /* a handle is closed in the next one, some close another then */

/* ---- configuration while running ---- */

static const char *needs_restart(const struct settings *old, const struct settings *new)
{
	if (old->home_addr != new->home_addr)
		return "[Node] home-address changed: restart mipclientd; the running configuration "
		       "was kept";
	if (strcmp(old->ifname, new->ifname) != 0)
		return "[Radio] interface changed: restart mipclientd; the running configuration "
		       "was kept";
	if (strcmp(old->control, new->control) != 0)
		return "[Supplicant] control changed: restart mipclientd; the running "
		       "configuration was kept";
	if (strcmp(old->tun, new->tun) != 0)
		return "[Daemon] tun changed: restart mipclientd; the running configuration was "
		       "kept";
	if (old->uplink.bytes != new->uplink.bytes)
		return "[Buffer] uplink: its size changed: restart mipclientd; the running "
		       "configuration was kept";
	return NULL;
}

const char *daemon_reload(struct daemon *d)
{
	struct instant now = instant_now();
	struct mobile_conf conf;
	struct settings new;
	const char *why;

	if (settings_read(d->conf_path, &new) < 0)
		return "the configuration has errors, the running one was kept: mipclientd -n "
		       "names them";
	why = needs_restart(&d->settings, &new);
	if (why == NULL) {
		settings_mobile_conf(&new, &conf);
		if (conf.home_agent == 0)
			conf.home_agent = d->resolve.addr; /* until there is another */
		if (!mobile_reconfigure(d->mobile, &conf, &now, &d->out))
			why = "the new configuration needs a restart; the running one was kept";
		explicit_bzero(&conf, sizeof(conf));
	}
	if (why != NULL) {
		settings_free(&new);
		return why;
	}
	/* -S may have named it */
	snprintf(new.socket, sizeof(new.socket), "%s", d->settings.socket);
	settings_free(&d->settings);
	d->settings = new;
	resolve_reload(d);
	log_set_level((enum log_level) new.log_level);
	log_info("configuration read again");
	loop_carry_out(d);
	return NULL;
}

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
	d->lock = d->tun.fd = d->radio.sink = d->addresses.monitor = -1;
	d->armed = d->radio.retry_at = MTIME_NEVER;
	d->started = instant_now().t;
	uv_timer_init(&d->loop, &d->timer);
	d->timer.data = d;
	giveback_buffer(&d->giveback, d->burst.bytes, sizeof(d->burst.bytes));
	giveback_buffer(&d->giveback, d->tun.gather.bytes, sizeof(d->tun.gather.bytes));
	giveback_buffer(&d->giveback, d->buf, sizeof(d->buf));
	giveback_buffer(&d->giveback, d->datagram, sizeof(d->datagram));
	giveback_buffer(&d->giveback, d->large, sizeof(d->large));
	watch_signal(d, &d->sig_term, SIGTERM);
	watch_signal(d, &d->sig_int, SIGINT);
	watch_signal(d, &d->sig_hup, SIGHUP);
}

#define FIRST_WIFI "wlan0" /* as the kernel will call it */

static void find_interface(struct daemon *d)
{
	if (d->settings.ifname[0] != '\0') {
		memcpy(d->ifname, d->settings.ifname, sizeof(d->ifname));
		return;
	}
	if (interface_find_wifi(d->ifname))
		return;
	log_warning("no Wi-Fi interface found, waiting for " FIRST_WIFI
		    ": load its driver, or name it with [Radio] interface");
	memcpy(d->ifname, FIRST_WIFI, sizeof(FIRST_WIFI));
}

static int lock_instance(struct daemon *d)
{
	d->lock = instance_lock();
	return d->lock < 0 ? -1 : 0;
}

static int open_control(struct daemon *d)
{
	int err = control_open(&d->control, &d->loop, d->settings.socket, serve, d);

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
		  capability_lacking(text));
	return -1;
}

static int open_core(struct daemon *d)
{
	struct instant now = instant_now();
	struct mobile_conf conf;

	settings_mobile_conf(&d->settings, &conf);
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
	if (d->mobile == NULL)
		fatal("no memory");
	return 0;
}

/* What tells that another daemon runs here comes first: nothing of its is touched. */
int daemon_start(struct daemon *d)
{
	struct instant now;
	char home[ADDR_STRLEN];

	find_interface(d);
	if (lock_instance(d) < 0 || check_rights() < 0 || open_control(d) < 0)
		return -1;
	if (tun_open(&d->tun, d->settings.tun, NODE_TUN_MTU) < 0 || /* says why not */
	    node_kernel_start(&d->kernel, d->settings.tun, d->ifname, d->settings.home_addr) < 0 ||
	    open_core(d) < 0)
		return -1;
	if (uv_poll_init(&d->loop, &d->tun_poll, d->tun.fd) < 0)
		return -1;
	d->tun_poll.data = d;
	uv_poll_start(&d->tun_poll, UV_READABLE, loop_on_tun);
	log_info("mipclientd %s is up: home address %s, interface %s", VERSION,
		 addr_fmt(home, d->settings.home_addr), d->ifname);
	d->wifi = wifi_open(&d->loop, d->settings.control, d->ifname, loop_on_wifi, d);
	if (addresses_open(d) < 0)
		return -1;
	now = instant_now();
	links_check(d, now.t);
	resolve_open(d);
	mobile_start(d->mobile, &now, &d->out);
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
	if (d->control != NULL)
		control_close(d->control);
	if (d->wifi != NULL)
		wifi_close(d->wifi);
	outer_want(d, 0);
	links_close(d);
	uv_walk(&d->loop, close_handle, NULL);
	/* A resolver that waits for an answer is not waited for: main() leaves without it. */
	if (d->resolve.asking)
		for (unsigned i = 0; i < LAST_ROUNDS; i++)
			uv_run(&d->loop, UV_RUN_NOWAIT);
	else
		uv_run(&d->loop, UV_RUN_DEFAULT);
	uv_loop_close(&d->loop);
	addresses_close(d);
	node_kernel_stop(&d->kernel);
	tun_close(&d->tun);
	if (d->mobile != NULL)
		mobile_free(d->mobile);
	if (d->pool != NULL)
		munmap(d->pool, d->pool_bytes);
	if (d->lock >= 0)
		close(d->lock);
}
