/* SPDX-License-Identifier: MIT */
#ifndef MIP_SETTINGS_H
#define MIP_SETTINGS_H

#include "agent/agent.h"
#include "common/conf.h"

#include <stdio.h>

/*
 * mipagent.conf(5): the table of its keys, and what they mean for the core.
 * Shell: reads the file and the key files that it names.
 */
#define SETTINGS_FILE "/etc/mip/mipagent.conf"
#define SETTINGS_SOCKET "/run/mip/mipagentd.sock"
#define SETTINGS_NODES_MAX 131072 /* [Node] sections: a home agent's users; 700 bytes each */
#define SETTINGS_VISITORS_MAX 131072 /* at 400 bytes each; keys that are dealt need no section */
#define SETTINGS_POOL_MAX 65536
#define SETTINGS_PEERS_MAX 256	/* agents that we share a key with */

struct settings_peer {
	uint32_t addr;
	char nai[CONF_NAME_MAX]; /* [Node user@realm]: addr is 0, and the fixed one here: */
	uint32_t fixed;
	int spi; /* 0: none */
	int algorithm;
	struct conf_keyfile key;
};

/* [Neighbour ADDR]: an agent nearby, by its care-of address. */
struct settings_neighbour {
	uint32_t care_of, addr;
	struct conf_macs mac, bssid;
};

struct settings {
	bool home;
	uint32_t home_agent;
	struct conf_prefix home_net;
	char home_ifname[16]; /* empty: a virtual network */
	struct conf_range pool;
	mtime home_lifetime, replay_tolerance;
	bool home_reverse_mandatory, deal_keys;
	int udp_tunnel, udp_agents;
	mtime udp_lifetime, keepalive;
	int max_bindings;
	char state[CONF_STRING_MAX]; /* a path, PERSIST_AUTO or PERSIST_NONE */

	bool foreign;
	uint32_t care_of, link_addr;
	struct conf_ifnames links;
	char hostapd[CONF_STRING_MAX];
	mtime foreign_lifetime, advert_interval;
	bool foreign_reverse, foreign_reverse_mandatory, foreign_busy, foreign_required;
	int nat;
	int max_visitors;

	bool buffers;
	struct conf_limits per_node;
	uint64_t buffer_total;
	mtime lease;
	int overflow, handoffs;
	bool early_forward;
	mtime early_time;
	uint64_t early_size, early_total;

	char tun[16];
	int mtu;
	char socket[CONF_STRING_MAX];
	char act_group[CONF_STRING_MAX], look_group[CONF_STRING_MAX]; /* empty: the default */
	int log_level;

	struct settings_peer *nodes, *peers;
	struct settings_neighbour *neighbours;
	unsigned n_nodes, n_peers, n_neighbours;
};

/* 0, or -1: every error was said on stderr. */
int settings_read(const char *path, struct settings *out);
void settings_print(const struct settings *s, FILE *to);
void settings_free(struct settings *s);

/* What the core is told.  Allocates out->nodes and out->peers. */
void settings_agent_conf(const struct settings *s, struct agent_conf *out);
void settings_agent_conf_free(struct agent_conf *c);

#endif
