/* SPDX-License-Identifier: MIT */
#include "client/daemon.h"

#include "common/log.h"
#include "common/memory.h"
#include "common/notify.h"

#include <stdio.h>
#include <string.h>

/* The configuration while running. */

void daemon_core_conf(const struct daemon *d, const struct settings *s, struct mobile_conf *out)
{
	settings_mobile_conf(s, out);
	out->n_links = d->n_links;
	for (unsigned i = 0; i < d->n_links; i++)
		out->links[i] = settings_link(s, d->links[i].ifname);
}

void daemon_lock_keys(const struct daemon *d)
{
	memory_lock(&d->settings, sizeof(d->settings));
	memory_lock(d->settings.agents, d->settings.n_agents * sizeof(d->settings.agents[0]));
	memory_lock(d->mobile, mobile_size());
}

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
	if (strcmp(old->state, new->state) != 0)
		return "[Daemon] state changed: restart mipclientd; the running configuration was "
		       "kept";
	if (strcmp(old->act_group, new->act_group) != 0 ||
	    strcmp(old->look_group, new->look_group) != 0)
		return "[Daemon] act-group or look-group changed: restart mipclientd; the running "
		       "configuration was kept";
	if (strcmp(old->hooks, new->hooks) != 0 || strcmp(old->renew, new->renew) != 0)
		return "[Hooks] directory or [Node] renew changed: restart mipclientd; the running "
		       "configuration was kept";
	if (old->uplink.bytes != new->uplink.bytes)
		return "[Buffer] uplink: its size changed: restart mipclientd; the running "
		       "configuration was kept";
	return NULL;
}

static const char *read_again(struct daemon *d)
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
		daemon_core_conf(d, &new, &conf);
		if (conf.home_agent == 0)
			conf.home_agent = d->resolve.addr; /* until there is another */
		if (!mobile_reconfigure(d->mobile, &conf, &now, &d->out))
			why = "the new configuration needs a restart; the running one was kept";
		explicit_bzero(&conf, sizeof(conf));
	}
	if (why != NULL) {
		settings_free(&new);
		memory_wipe_stack();
		return why;
	}
	/* -S may have named it */
	snprintf(new.socket, sizeof(new.socket), "%s", d->settings.socket);
	settings_free(&d->settings);
	d->settings = new;
	explicit_bzero(&new, sizeof(new));
	memory_wipe_stack();
	daemon_lock_keys(d);
	node_kernel_destinations(&d->kernel, &d->settings.destinations,
				 &d->settings.except); /* it has said what */
	resolve_reload(d);
	hooks_forget(&d->hooks);
	log_set_level((enum log_level)d->settings.log_level);
	log_info("configuration read again");
	loop_carry_out(d);
	return NULL;
}

const char *daemon_reload(struct daemon *d)
{
	const char *why;

	notify_reloading(instant_now().t);
	why = read_again(d);
	notify_ready();
	return why;
}
