/* SPDX-License-Identifier: MIT */
#include "agent/daemon.h"

#include "common/log.h"
#include "common/memory.h"
#include "common/notify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The configuration while running: [Node] and [Agent] sections are read anew, the rest at the start
 * only. */

/* All but the nodes and the agents, as text: what differs there needs a restart. */
static char *rest_of(const struct settings *s)
{
	struct settings rest = *s;
	char *text = NULL;
	size_t n;
	FILE *to = open_memstream(&text, &n);

	if (to == NULL)
		return NULL;
	rest.n_nodes = rest.n_peers = 0;
	settings_print(&rest, to);
	fclose(to);
	return text;
}

static bool rest_is_same(const struct settings *a, const struct settings *b)
{
	char *x = rest_of(a), *y = rest_of(b);
	bool same = x != NULL && y != NULL && strcmp(x, y) == 0;

	free(x);
	free(y);
	return same;
}

/* Swaps the nodes and agents; what was there is wiped. */
static void take(struct daemon *d, struct settings *new, struct agent_conf *conf)
{
	struct settings *s = &d->settings, old = *s;
	struct agent_conf was = d->conf;

	s->nodes = new->nodes;
	s->peers = new->peers;
	s->n_nodes = new->n_nodes;
	s->n_peers = new->n_peers;
	new->nodes = old.nodes;
	new->peers = old.peers;
	new->n_nodes = old.n_nodes;
	new->n_peers = old.n_peers;
	settings_free(new);

	d->conf.nodes = conf->nodes;
	d->conf.peers = conf->peers;
	d->conf.n_nodes = conf->n_nodes;
	d->conf.n_peers = conf->n_peers;
	settings_agent_conf_free(&was);
	explicit_bzero(&was, sizeof(was)); /* the seed */
	memory_wipe_stack();
	daemon_lock_keys(d);
}

static const char *read_again(struct daemon *d, bool *restart)
{
	struct instant now = instant_now();
	struct agent_conf conf;
	struct settings new;

	*restart = false;
	if (d->conf_path == NULL)
		return "the configuration came from a pipe: restart mipagentd with a file";
	if (settings_read(d->conf_path, &new) < 0)
		return "the configuration has errors, the running one was kept: mipagentd -n "
		       "names them";
	/* -S may have named it */
	snprintf(new.socket, sizeof(new.socket), "%s", d->settings.socket);
	*restart = !rest_is_same(&d->settings, &new);
	settings_agent_conf(&new, &conf);
	if (!agent_reconfigure(d->agent, &conf, &now, &d->out)) {
		settings_agent_conf_free(&conf);
		settings_free(&new);
		return "no memory for the new configuration, the running one was kept";
	}
	take(d, &new, &conf);
	log_info("configuration read again: nodes %u, agents %u%s", d->settings.n_nodes,
		 d->settings.n_peers,
		 *restart ? "; what else has changed needs a restart" : "");
	carry_out(d);
	daemon_settle(d);
	return NULL;
}

const char *daemon_reload(struct daemon *d, bool *restart)
{
	const char *why;

	notify_reloading(instant_now().t);
	why = read_again(d, restart);
	daemon_ready(d);
	return why;
}
