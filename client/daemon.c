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
	if (old->home_addr != new->home_addr || strcmp(old->nai, new->nai) != 0)
		return "[Node] home-address or nai changed: restart mipclientd; the running "
		       "configuration was kept";
	if (strcmp(old->ifname, new->ifname) != 0)
		return "[Radio] interface changed: restart mipclientd; the running configuration "
		       "was kept";
	if (!settings_same_links(old, new))
		return "[Interfaces] prefer names others than before: restart mipclientd; the "
		       "running configuration was kept";
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

/* What the core is told; links are in the order of d->links. */
static void core_conf(const struct daemon *d, const struct settings *s, struct mobile_conf *out)
{
	settings_mobile_conf(s, out);
	out->n_links = d->n_links;
	for (unsigned i = 0; i < d->n_links; i++)
		out->links[i] = settings_link(s, d->links[i].ifname);
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
		core_conf(d, &new, &conf);
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
	node_kernel_destinations(&d->kernel, &new.destinations, &new.except); /* it has said what */
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
	d->lock = d->tun.fd = d->addresses.monitor = -1;
	d->armed = MTIME_NEVER;
	for (unsigned i = 0; i < MOBILE_LINKS_MAX; i++) {
		d->links[i].d = d;
		d->links[i].index = i;
		d->links[i].sink = -1;
		d->links[i].retry_at = MTIME_NEVER;
	}
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

	core_conf(d, &d->settings, &conf);
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

	if (find_interfaces(d) < 0 || lock_instance(d) < 0 || check_rights() < 0 ||
	    open_control(d) < 0)
		return -1;
	if (tun_open(&d->tun, d->settings.tun, NODE_TUN_MTU) < 0) /* says why not */
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
	uv_poll_start(&d->tun_poll, UV_READABLE, loop_on_tun);
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
