/* SPDX-License-Identifier: MIT */
#ifndef MIP_CLIENT_SETTINGS_H
#define MIP_CLIENT_SETTINGS_H

#include "client/mobile.h"
#include "common/conf.h"

#include <stdio.h>

/*
 * mipclient.conf(5): the table of its keys, and what they mean for the core.
 * Shell: reads the file and the key files that it names.
 */
#define SETTINGS_FILE "/etc/mip/mipclient.conf"
#define SETTINGS_SOCKET "/run/mip/mipclientd.sock"

enum udp_tunnel { UDP_TUNNEL_NO, UDP_TUNNEL_NAT, UDP_TUNNEL_FORCED };

struct settings_agent {
	uint32_t addr;
	int spi, algorithm;
	struct conf_keyfile key;
};

struct settings {
	uint32_t home_addr; /* 0: the home agent gives one, to who has this NAI */
	char nai[CONF_STRING_MAX];
	struct conf_host home_agent;
	int spi, algorithm;
	struct conf_keyfile key;
	struct secret key_here; /* one of the two */
	mtime lifetime;
	bool reverse;
	int care_of, udp_tunnel;
	bool fall_back;
	struct conf_prefixes destinations; /* none: all */
	struct conf_prefixes except;	   /* parts of these */
	char renew[CONF_STRING_MAX]; /* empty: none */

	char ifname[16]; /* empty: the first wireless interface */
	bool automatic;
	int leave_below, hysteresis, margin, dead, prefer_5ghz, load;
	mtime ahead, hold_down, sample, scan_age, scan_pause, avoid;
	int power; /* enum power */

	struct conf_ifnames prefer, metered;

	char control[CONF_STRING_MAX];

	bool buffer, elastic, early_lease;
	int forward, ask;
	uint64_t size;
	int packets;
	mtime lease, settle, settle_max;
	struct conf_limits uplink;

	char tun[16];
	char socket[CONF_STRING_MAX];
	char act_group[CONF_STRING_MAX], look_group[CONF_STRING_MAX]; /* empty: the default */
	char state[CONF_STRING_MAX]; /* statefile.h */
	int log_level;

	char hooks[CONF_STRING_MAX]; /* a folder; empty: none */
	mtime hook_time;

	struct settings_agent *agents;
	unsigned n_agents;
};

extern const struct conf_spec settings_spec; /* settings.c: the table */

/* 0, or -1: every error was said on stderr. */
int settings_read(const char *path, struct settings *out);
void settings_print(const struct settings *s, FILE *to);
void settings_free(struct settings *s);

/* Each exception is a part of a destination, and not all of it. */
bool settings_except_fits(const struct settings *s);

/* What the core is told. */
void settings_mobile_conf(const struct settings *s, struct mobile_conf *out);
/* [Interfaces] of one of them. */
struct mobile_link_conf settings_link(const struct settings *s, const char *ifname);
/* The same ones, in whatever order. */
bool settings_same_links(const struct settings *a, const struct settings *b);

#endif
