/* SPDX-License-Identifier: MIT */
#include "client/settings.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define AT(field) offsetof(struct settings, field)
#define AGENT(field) offsetof(struct settings_agent, field)
#define ALGORITHMS "hmac-sha256|hmac-md5" /* in the order of enum auth_alg */
#define KIB UINT64_C(1024)
#define SIZE_KIB_MAX 65535 /* 16 bits in the order's Size option */

static const struct conf_section sections[] = {
    {.name = "Node", .required = true, .present_offset = SIZE_MAX},
    {.name = "Radio", .present_offset = SIZE_MAX},
    {.name = "Interfaces", .present_offset = SIZE_MAX},
    {.name = "Supplicant", .present_offset = SIZE_MAX},
    {.name = "Buffer", .present_offset = SIZE_MAX},
    {.name = "Daemon", .present_offset = SIZE_MAX},
    {.name = "Agent *",
     .present_offset = SIZE_MAX,
     .array_offset = AT(agents),
     .count_offset = AT(n_agents),
     .element_size = sizeof(struct settings_agent),
     .addr_offset = AGENT(addr),
     .max = MOBILE_AGENTS_MAX},
};

static const struct conf_key keys[] = {
    {.section = "Node",
     .key = "home-address",
     .type = CONF_ADDR,
     .offset = AT(home_addr),
     .required = true,
     .help = "the address that stays the same everywhere"},
    {.section = "Node",
     .key = "home-agent",
     .type = CONF_HOST,
     .offset = AT(home_agent),
     .required = true,
     .help = "the home agent's address, or its name"},
    {.section = "Node",
     .key = "spi",
     .type = CONF_INT,
     .offset = AT(spi),
     .min = SPI_MIN,
     .max = INT32_MAX,
     .preset = "256",
     .help = "security parameter index shared with the home agent"},
    {.section = "Node",
     .key = "algorithm",
     .type = CONF_ENUM,
     .offset = AT(algorithm),
     .words = ALGORITHMS,
     .preset = "hmac-sha256",
     .help = "authenticator"},
    {.section = "Node",
     .key = "key-file",
     .type = CONF_KEYFILE,
     .offset = AT(key),
     .help = "file with the key shared with the home agent"},
    {.section = "Node",
     .key = "key",
     .type = CONF_KEY,
     .offset = AT(key_here),
     .help = "or that key itself: then nobody else may read this file"},
    {.section = "Node",
     .key = "lifetime",
     .type = CONF_DURATION,
     .offset = AT(lifetime),
     .min = SEC(10),
     .max = SEC(65534),
     .preset = "10 min",
     .help = "lifetime asked for"},
    {.section = "Node",
     .key = "reverse-tunnel",
     .type = CONF_BOOL,
     .offset = AT(reverse),
     .preset = "yes",
     .help = "send through the home agent, too"},

    {.section = "Node",
     .key = "care-of",
     .type = CONF_ENUM,
     .offset = AT(care_of),
     .words = "auto|agent|co-located", /* in the order of enum care_of_mode */
     .preset = "auto",
     .help = "an agent's care-of address, the network's own for this machine, or what there is"},
    {.section = "Node",
     .key = "udp-tunnel",
     .type = CONF_ENUM,
     .offset = AT(udp_tunnel),
     .words = "no|nat|forced", /* enum udp_tunnel */
     .preset = "nat",
     .help = "co-located: tunnel in UDP where a NAT is on the way, or always"},
    {.section = "Node",
     .key = "renew",
     .type = CONF_STRING,
     .offset = AT(renew),
     .help = "command that makes the DHCP client of IFNAME ask anew; default: none"},

    {.section = "Radio",
     .key = "interface",
     .type = CONF_IFNAME,
     .offset = AT(ifname),
     .help = "the Wi-Fi interface; default: the first one found"},
    {.section = "Radio",
     .key = "automatic",
     .type = CONF_BOOL,
     .offset = AT(automatic),
     .preset = "yes",
     .help = "hand off by itself; no: only on command"},
    {.section = "Radio",
     .key = "leave-below",
     .type = CONF_INT,
     .offset = AT(leave_below),
     .min = -95,
     .max = -30,
     .preset = "-70",
     .help = "dBm under which another access point is wanted"},
    {.section = "Radio",
     .key = "hysteresis",
     .type = CONF_INT,
     .offset = AT(hysteresis),
     .min = 0,
     .max = 20,
     .preset = "4",
     .help = "dB above leave-below before the signal is good again"},
    {.section = "Radio",
     .key = "margin",
     .type = CONF_INT,
     .offset = AT(margin),
     .min = 1,
     .max = 40,
     .preset = "8",
     .help = "dB by which a candidate must be better"},
    {.section = "Radio",
     .key = "dead",
     .type = CONF_INT,
     .offset = AT(dead),
     .min = -100,
     .max = -40,
     .preset = "-82",
     .help = "dBm where the link is useless"},
    {.section = "Radio",
     .key = "ahead",
     .type = CONF_DURATION,
     .offset = AT(ahead),
     .min = 0,
     .max = SEC(10),
     .preset = "1500 ms",
     .help = "leave when the signal will be dead within this time"},
    {.section = "Radio",
     .key = "hold-down",
     .type = CONF_DURATION,
     .offset = AT(hold_down),
     .min = 0,
     .max = SEC(300),
     .preset = "3 s",
     .help = "no other handoff so soon after one"},
    {.section = "Radio",
     .key = "sample",
     .type = CONF_DURATION,
     .offset = AT(sample),
     .min = MSEC(10),
     .max = SEC(1),
     .preset = "50 ms",
     .help = "between two samples while the signal is watched"},
    {.section = "Radio",
     .key = "scan-age",
     .type = CONF_DURATION,
     .offset = AT(scan_age),
     .min = SEC(1),
     .max = SEC(300),
     .preset = "10 s",
     .help = "older scan results are not compared with"},
    {.section = "Radio",
     .key = "scan-pause",
     .type = CONF_DURATION,
     .offset = AT(scan_pause),
     .min = MSEC(100),
     .max = SEC(300),
     .preset = "2 s",
     .help = "at least this between two scans"},
    {.section = "Radio",
     .key = "avoid",
     .type = CONF_DURATION,
     .offset = AT(avoid),
     .min = 0,
     .max = SEC(600),
     .preset = "10 s",
     .help = "an access point that failed is avoided this long"},

    {.section = "Interfaces",
     .key = "prefer",
     .type = CONF_IFNAMES,
     .offset = AT(prefer),
     .help = "other interfaces that serve, the best one first; the radio's, if not named, comes last"},
    {.section = "Interfaces",
     .key = "metered",
     .type = CONF_IFNAMES,
     .offset = AT(metered),
     .help = "those of them, or the radio's, that serve where no other does"},

    {.section = "Supplicant",
     .key = "control",
     .type = CONF_STRING,
     .offset = AT(control),
     .preset = "/run/wpa_supplicant",
     .help = "directory of wpa_supplicant's control sockets"},

    {.section = "Buffer",
     .key = "enabled",
     .type = CONF_BOOL,
     .offset = AT(buffer),
     .preset = "yes",
     .help = "ask agents to buffer"},
    {.section = "Buffer",
     .key = "size",
     .type = CONF_SIZE,
     .offset = AT(size),
     .min = 0,
     .max = SIZE_KIB_MAX * INT64_C(1024),
     .preset = "0 B",
     .help = "bytes asked for; 0: the agent's default"},
    {.section = "Buffer",
     .key = "packets",
     .type = CONF_INT,
     .offset = AT(packets),
     .min = 0,
     .max = 65535,
     .preset = "0",
     .help = "packets asked for; 0: the agent's default"},
    {.section = "Buffer",
     .key = "lease",
     .type = CONF_DURATION,
     .offset = AT(lease),
     .min = 0,
     .max = SEC(120),
     .preset = "0 s",
     .help = "lease asked for; 0: the agent's default"},
    {.section = "Buffer",
     .key = "elastic",
     .type = CONF_BOOL,
     .offset = AT(elastic),
     .preset = "yes",
     .help = "the buffer may grow past its grant while the agent has room"},
    {.section = "Buffer",
     .key = "early-lease",
     .type = CONF_BOOL,
     .offset = AT(early_lease),
     .preset = "yes",
     .help = "have room reserved that the access point can begin to use"},
    {.section = "Buffer",
     .key = "ask",
     .type = CONF_ENUM,
     .offset = AT(ask),
     .words = "self|agent|none", /* in the order of enum ask */
     .preset = "self",
     .help = "who asks for the buffer: the node itself, the second agent for it, or by itself"},
    {.section = "Buffer",
     .key = "forward",
     .type = CONF_ENUM,
     .offset = AT(forward),
     .words = "registered|early", .preset = "registered",
     .help = "the second agent has packets forwarded once registered, or early"},
    {.section = "Buffer",
     .key = "settle",
     .type = CONF_DURATION,
     .offset = AT(settle),
     .min = MSEC(1),
     .max = SEC(1),
     .preset = "10 ms",
     .help = "silence on the old link before leaving it"},
    {.section = "Buffer",
     .key = "settle-max",
     .type = CONF_DURATION,
     .offset = AT(settle_max),
     .min = MSEC(1),
     .max = SEC(1),
     .preset = "60 ms",
     .help = "longest wait for that silence"},
    {.section = "Buffer",
     .key = "uplink",
     .type = CONF_LIMITS,
     .offset = AT(uplink),
     .preset = "2048 packets, 4 MiB",
     .help = "own packets that wait while between links"},

    {.section = "Daemon",
     .key = "tun",
     .type = CONF_IFNAME,
     .offset = AT(tun),
     .preset = "mip0",
     .help = "name of the TUN device"},
    {.section = "Daemon",
     .key = "socket",
     .type = CONF_STRING,
     .offset = AT(socket),
     .preset = SETTINGS_SOCKET,
     .help = "control socket"},
    {.section = "Daemon",
     .key = "log-level",
     .type = CONF_ENUM,
     .offset = AT(log_level),
     .words = "error|warning|info|debug",
     .preset = "info",
     .help = "least important line logged"},

    {.section = "Agent *",
     .key = "spi",
     .type = CONF_INT,
     .offset = AGENT(spi),
     .min = SPI_MIN,
     .max = INT32_MAX,
     .preset = "256",
     .help = "security parameter index"},
    {.section = "Agent *",
     .key = "algorithm",
     .type = CONF_ENUM,
     .offset = AGENT(algorithm),
     .words = ALGORITHMS,
     .preset = "hmac-sha256",
     .help = "authenticator"},
    {.section = "Agent *",
     .key = "key-file",
     .type = CONF_KEYFILE,
     .offset = AGENT(key),
     .required = true,
     .help = "file with the key shared with this agent"},
};

static const struct conf_spec spec = {
    .sections = sections,
    .n_sections = sizeof(sections) / sizeof(sections[0]),
    .keys = keys,
    .n_keys = sizeof(keys) / sizeof(keys[0]),
};

static const char *contradiction(const struct settings *s)
{
	if (!addr_is_unicast(s->home_addr))
		return "[Node] home-address: a unicast address is expected";
	if (s->home_agent.addr && !addr_is_unicast(s->home_agent.addr))
		return "[Node] home-agent: a unicast address is expected";
	if (s->home_addr == s->home_agent.addr)
		return "[Node] home-agent: the home agent cannot have the home address";
	if (s->key.key.len == 0 && s->key_here.len == 0)
		return "[Node] key-file: is missing (or key: the key itself)";
	if (s->key.key.len > 0 && s->key_here.len > 0)
		return "[Node] key: there is a key-file too (take out one of them)";
	if (s->dead >= s->leave_below)
		return "[Radio] dead: must be below leave-below, or there is no time left to leave";
	if (s->settle > s->settle_max)
		return "[Buffer] settle: may not be longer than settle-max";
	if (s->uplink.packets == 0 || s->uplink.bytes < 64 * KIB ||
	    s->uplink.bytes > 1024 * KIB * KIB)
		return "[Buffer] uplink: at least 1 packet and 64 KiB, at most 1024 MiB are "
		       "expected";
	if (strlen(s->socket) >= 108)
		return "[Daemon] socket: a path of at most 107 bytes is expected";
	return NULL;
}

int settings_read(const char *path, struct settings *out)
{
	const char *wrong;

	if (conf_read(&spec, path, out) < 0)
		return -1;
	wrong = contradiction(out);
	if (wrong == NULL)
		return 0;
	conf_blame(path, wrong);
	settings_free(out);
	return -1;
}

void settings_print(const struct settings *s, FILE *to)
{
	conf_print(&spec, s, to);
}

void settings_free(struct settings *s)
{
	conf_free(&spec, s);
}
