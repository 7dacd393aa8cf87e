/* SPDX-License-Identifier: MIT */
#include "agent/settings.h"

#include "common/log.h"
#include "common/statefile.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define AT(field) offsetof(struct settings, field)
#define NEAR(field) offsetof(struct settings_neighbour, field)
#define PEER(field) offsetof(struct settings_peer, field)

static const struct conf_section sections[] = {
	{ .name = "Home", .present_offset = AT(home) },
	{ .name = "Foreign", .present_offset = AT(foreign) },
	{ .name = "Buffer", .present_offset = SIZE_MAX },
	{ .name = "Daemon", .present_offset = SIZE_MAX },
	{ .name = "Node *",
	  .present_offset = SIZE_MAX,
	  .array_offset = AT(nodes),
	  .count_offset = AT(n_nodes),
	  .element_size = sizeof(struct settings_peer),
	  .addr_offset = PEER(addr),
	  .max = SETTINGS_NODES_MAX,
	  .named = true,
	  .name_offset = PEER(nai) },
	{ .name = "Agent *",
	  .present_offset = SIZE_MAX,
	  .array_offset = AT(peers),
	  .count_offset = AT(n_peers),
	  .element_size = sizeof(struct settings_peer),
	  .addr_offset = PEER(addr),
	  .max = SETTINGS_PEERS_MAX },
	{ .name = "Neighbour *",
	  .present_offset = SIZE_MAX,
	  .array_offset = AT(neighbours),
	  .count_offset = AT(n_neighbours),
	  .element_size = sizeof(struct settings_neighbour),
	  .addr_offset = NEAR(care_of),
	  .max = ADVERT_NEIGHBOURS_MAX },
};

#define UDP_TUNNELS "no|nat|forced"	/* in the order of enum agent_udp_tunnel */
#define UDP_AGENTS "keyed|any"		/* the second one is the core's bool */
#define NATS "auto|yes|no"		/* in the order of enum agent_nat */
#define ALGORITHMS "hmac-sha256|hmac-md5" /* in the order of enum auth_alg */

/* clang-format off: a table */
#define KEY(s, k, t, o) .section = s, .key = k, .type = CONF_##t, .offset = o

static const struct conf_key keys[] = {
	{ KEY("Home", "address", ADDR, AT(home_agent)), .required = true,
	  .help = "the home agent's own address" },
	{ KEY("Home", "network", PREFIX, AT(home_net)), .required = true,
	  .help = "the home addresses served" },
	{ KEY("Home", "interface", IFNAME, AT(home_ifname)),
	  .help = "the link that is the home network; default: it is none" },
	{ KEY("Home", "pool", RANGE, AT(pool)),
	  .help = "of them those for nodes that have none of their own" },
	{ KEY("Home", "lifetime", DURATION, AT(home_lifetime)), .min = SEC(10), .max = SEC(65534),
	  .preset = "30 min", .help = "longest lifetime granted" },
	{ KEY("Home", "reverse-mandatory", BOOL, AT(home_reverse_mandatory)), .preset = "no",
	  .help = "refuse registrations without reverse tunnel" },
	{ KEY("Home", "udp-tunnel", ENUM, AT(udp_tunnel)), .words = UDP_TUNNELS, .preset = "nat",
	  .help = "tunnels inside UDP: to no node, behind a NAT, or to whom asks for it too" },
	{ KEY("Home", "udp-agents", ENUM, AT(udp_agents)), .words = UDP_AGENTS, .preset = "keyed",
	  .help = "to which foreign agents behind a NAT" },
	{ KEY("Home", "udp-lifetime", DURATION, AT(udp_lifetime)), .min = SEC(10),
	  .max = SEC(65534), .preset = "60 s", .help = "longest lifetime granted with one" },
	{ KEY("Home", "keepalive", DURATION, AT(keepalive)), .min = 0, .max = SEC(65535),
	  .preset = "25 s", .help = "what such a node is told to send at least; 0: its own" },
	{ KEY("Home", "clock-tolerance", DURATION, AT(replay_tolerance)), .min = SEC(1),
	  .max = SEC(600), .preset = "7 s", .help = "how far a node's clock may be off" },
	{ KEY("Home", "deal-keys", BOOL, AT(deal_keys)), .preset = "yes",
	  .help = "deal keys for orders to nodes and the agents that they register through" },
	{ KEY("Home", "max-bindings", INT, AT(max_bindings)), .min = 1, .max = SETTINGS_NODES_MAX,
	  .preset = "4096", .help = "bindings at once" },
	{ KEY("Home", "state", STRING, AT(state)), .preset = STATEFILE_AUTO,
	  .help = "file that keeps bindings over a restart; auto: in $STATE_DIRECTORY; none" },
	{ KEY("Foreign", "care-of", ADDR, AT(care_of)), .required = true,
	  .help = "the care-of address offered" },
	{ KEY("Foreign", "interface", IFNAMES, AT(links)), .required = true,
	  .help = "the links where nodes are served" },
	{ KEY("Foreign", "address", ADDR, AT(link_addr)),
	  .help = "our address on the links; default: the first of the first interface" },
	{ KEY("Foreign", "hostapd", STRING, AT(hostapd)),
	  .help = "hostapd's control socket, or a folder of them; default: not asked" },
	{ KEY("Foreign", "lifetime", DURATION, AT(foreign_lifetime)), .min = SEC(10),
	  .max = SEC(65534), .preset = "30 min", .help = "longest lifetime advertised" },
	{ KEY("Foreign", "advertise-interval", DURATION, AT(advert_interval)), .min = MSEC(50),
	  .max = SEC(1800), .preset = "20 s", .help = "between periodic advertisements" },
	{ KEY("Foreign", "reverse-tunnel", BOOL, AT(foreign_reverse)), .preset = "yes",
	  .help = "offer reverse tunnels" },
	{ KEY("Foreign", "reverse-mandatory", BOOL, AT(foreign_reverse_mandatory)), .preset = "no",
	  .help = "refuse nodes without one" },
	{ KEY("Foreign", "busy", BOOL, AT(foreign_busy)), .preset = "no",
	  .help = "take no new visitors" },
	{ KEY("Foreign", "nat", ENUM, AT(nat)), .words = NATS, .preset = "auto",
	  .help = "a NAT is between us and home agents; auto: as they say" },
	{ KEY("Foreign", "registration-required", BOOL, AT(foreign_required)), .preset = "no",
	  .help = "nodes with an address of their own register through us, too" },
	{ KEY("Foreign", "max-visitors", INT, AT(max_visitors)), .min = 1,
	  .max = SETTINGS_VISITORS_MAX, .preset = "1024", .help = "visitors at once" },
	{ KEY("Buffer", "enabled", BOOL, AT(buffers)), .preset = "yes", .help = "grant buffers" },
	{ KEY("Buffer", "per-node", LIMITS, AT(per_node)), .preset = "2048 packets, 4 MiB",
	  .help = "most that one node gets" },
	{ KEY("Buffer", "total", SIZE, AT(buffer_total)), .min = 65536, .max = 2147483648,
	  .preset = "64 MiB", .help = "memory for all buffers" },
	{ KEY("Buffer", "handoffs", INT, AT(handoffs)), .min = 1, .max = SETTINGS_VISITORS_MAX,
	  .preset = "4096", .help = "nodes in a handoff at once" },
	{ KEY("Buffer", "lease", DURATION, AT(lease)), .min = MSEC(100), .max = SEC(120),
	  .preset = "8 s", .help = "longest lease granted" },
	{ KEY("Buffer", "overflow", ENUM, AT(overflow)), 
	  .words = "drop-oldest|drop-newest|drop-lowest", .preset = "drop-oldest",
	  .help = "what a full buffer does where the node does not say" },
	{ KEY("Buffer", "early-forward", BOOL, AT(early_forward)), .preset = "no",
	  .help = "deliver to a node that its home agent has not accepted yet, if the node asks" },
	{ KEY("Buffer", "early-time", DURATION, AT(early_time)), .min = MSEC(100), .max = SEC(7),
	  .preset = "2 s", .help = "for so long" },
	{ KEY("Buffer", "early-size", SIZE, AT(early_size)), .min = 65536, .max = 1073741824,
	  .preset = "1 MiB", .help = "so much to one node" },
	{ KEY("Buffer", "early-total", SIZE, AT(early_total)), .min = 65536, .max = 2147483648,
	  .preset = "16 MiB", .help = "and so much to all such nodes together" },
	{ KEY("Daemon", "tun", IFNAME, AT(tun)), .preset = "mip0",
	  .help = "name of the TUN device" },
	{ KEY("Daemon", "mtu", INT, AT(mtu)), .min = 576, .max = 65515, .preset = "1480",
	  .help = "its MTU: the path's less 20" },
	{ KEY("Daemon", "socket", STRING, AT(socket)), .preset = SETTINGS_SOCKET,
	  .help = "control socket" },
	{ KEY("Daemon", "act-group", STRING, AT(act_group)),
	  .help = "who may do all there; default: the daemon's own group" },
	{ KEY("Daemon", "look-group", STRING, AT(look_group)),
	  .help = "who may look; default: nobody else" },
	{ KEY("Daemon", "log-level", ENUM, AT(log_level)), .words = "error|warning|info|debug",
	  .preset = "info", .help = "least important line logged" },
	{ KEY("Node *", "address", ADDR, PEER(fixed)),
	  .help = "of a node with a name: its home address; default: one of the pool" },
	{ KEY("Node *", "spi", INT, PEER(spi)), .min = SPI_MIN, .max = INT32_MAX, .preset = "256",
	  .help = "its security parameter index" },
	{ KEY("Node *", "algorithm", ENUM, PEER(algorithm)), .words = ALGORITHMS,
	  .preset = "hmac-sha256", .help = "authenticator" },
	{ KEY("Node *", "key-file", KEYFILE, PEER(key)), .required = true,
	  .help = "file with the shared key" },
	{ KEY("Agent *", "spi", INT, PEER(spi)), .min = SPI_MIN, .max = INT32_MAX, .preset = "256",
	  .help = "its security parameter index" },
	{ KEY("Agent *", "algorithm", ENUM, PEER(algorithm)), .words = ALGORITHMS,
	  .preset = "hmac-sha256", .help = "authenticator" },
	{ KEY("Agent *", "key-file", KEYFILE, PEER(key)), .help = "file with the shared key" },
	{ KEY("Neighbour *", "address", ADDR, NEAR(addr)), .required = true,
	  .help = "its address on its own links" },
	{ KEY("Neighbour *", "mac", MACS, NEAR(mac)), .required = true,
	  .help = "its hardware address there" },
	{ KEY("Neighbour *", "bssid", MACS, NEAR(bssid)), .required = true,
	  .help = "the access points that lead to it" },
};
/* clang-format on */

static const struct conf_spec spec = {
	.sections = sections,
	.n_sections = sizeof(sections) / sizeof(sections[0]),
	.keys = keys,
	.n_keys = sizeof(keys) / sizeof(keys[0]),
	.folder = true,
};

static bool in_prefix(uint32_t addr, const struct conf_prefix *p)
{
	uint32_t mask = p->len == 0 ? 0 : 0xffffffffu << (32 - p->len);

	return ((addr ^ p->net) & mask) == 0;
}

static int bad(const char *path, const char *what)
{
	conf_blame(path, what);
	return -1;
}

static bool in_range(uint32_t addr, const struct conf_range *r)
{
	return r->first && addr >= r->first && addr <= r->last;
}

static uint32_t address_of(const struct settings_peer *n)
{
	return n->addr ? n->addr : n->fixed;
}

/* The addresses of all nodes, in their order, to see which stands there twice. */
struct taken {
	uint32_t *addr;
	size_t n;
};

static int by_addr(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static struct taken all_taken(const struct settings *s)
{
	struct taken t = { .addr = calloc(s->n_nodes + 1, sizeof(*t.addr)), .n = s->n_nodes };

	if (!t.addr)
		fatal("no memory for %u nodes", s->n_nodes);
	for (unsigned i = 0; i < s->n_nodes; i++)
		t.addr[i] = address_of(&s->nodes[i]);
	qsort(t.addr, t.n, sizeof(*t.addr), by_addr);
	return t;
}

static bool twice(const struct taken *t, uint32_t addr)
{
	const uint32_t *at = bsearch(&addr, t->addr, t->n, sizeof(*t->addr), by_addr);

	return at && ((at > t->addr && at[-1] == addr) ||
		      (at + 1 < t->addr + t->n && at[1] == addr));
}

/* NULL: nothing is wrong with it. */
static const char *wrong_with(const struct settings *s, unsigned i, const struct taken *taken)
{
	const struct settings_peer *n = &s->nodes[i];
	uint32_t addr = address_of(n);

	if (n->addr && n->fixed)
		return "] address: it stands in the section's name already";
	if (!n->addr && !s->home)
		return "]: a node's name means something to its home agent alone ([Home] is "
		       "missing)";
	if (!addr)
		return s->pool.first ? NULL : "]: it needs an address, or [Home] a pool";
	/* A home agent alone serves its network and nobody else: an address outside of it is a slip
	 * of the pen. */
	if (s->home && (!s->foreign || n->fixed) && !in_prefix(addr, &s->home_net))
		return "]: the address is outside of [Home] network";
	if (s->home && in_range(addr, &s->pool))
		return "]: the address is one of [Home] pool";
	if (n->fixed && twice(taken, addr))
		return "] address: another node has it";
	return NULL;
}

static int check_nodes(const struct settings *s, const char *path)
{
	char addr[ADDR_STRLEN], what[CONF_NAME_MAX + 96];
	struct taken taken = all_taken(s);
	const char *wrong;
	int rc = 0;

	for (unsigned i = 0; i < s->n_nodes; i++) {
		wrong = wrong_with(s, i, &taken);
		if (wrong == NULL)
			continue;
		snprintf(what, sizeof(what), "[Node %s%s",
			 s->nodes[i].addr ? addr_fmt(addr, s->nodes[i].addr) : s->nodes[i].nai,
			 wrong);
		rc = bad(path, what);
	}
	free(taken.addr);
	return rc;
}

static int check_pool(const struct settings *s, const char *path)
{
	const struct conf_range *r = &s->pool;

	if (!r->first)
		return 0;
	if (!in_prefix(r->first, &s->home_net) || !in_prefix(r->last, &s->home_net))
		return bad(path, "[Home] pool: it must lie in [Home] network");
	if (in_range(s->home_agent, r))
		return bad(path, "[Home] pool: [Home] address may not be one of it");
	if (r->last - r->first >= SETTINGS_POOL_MAX)
		return bad(path, "[Home] pool: at most 65536 addresses are expected");
	return 0;
}

static int check_neighbours(const struct settings *s, const char *path)
{
	unsigned access_points = 0;

	for (unsigned i = 0; i < s->n_neighbours; i++) {
		access_points += s->neighbours[i].bssid.n;
		if (s->neighbours[i].mac.n != 1)
			return bad(path, "[Neighbour *] mac: one hardware address is expected");
	}
	if (access_points > ADVERT_NEIGHBOURS_MAX)
		return bad(path, "[Neighbour *] bssid: an advertisement holds 12 access points");
	return 0;
}

static int check_home_link(const struct settings *s, const char *path)
{
	if (!s->home || s->home_ifname[0] == '\0' || !s->foreign)
		return 0;
	for (unsigned i = 0; i < s->links.n; i++)
		if (strcmp(s->home_ifname, s->links.name[i]) == 0)
			return bad(path, "[Home] interface: nodes that are at home there cannot "
					 "visit it, too: [Foreign] interface has it");
	if (s->links.n == AGENT_LINKS_MAX)
		return bad(path, "[Home] interface: 8 with those of [Foreign] is the limit");
	return 0;
}

#define KEEPALIVE_MIN SEC(10) /* RFC 3519 4.9: no node sends them more often */

static int check(const struct settings *s, const char *path)
{
	if (!s->home && !s->foreign)
		return bad(
		    path,
		    "nothing to do: neither [Home] nor [Foreign] is there (see mipagent.conf(5))");
	if (s->home && !addr_is_unicast(s->home_agent))
		return bad(path, "[Home] address: a unicast address of this host is expected");
	if (s->home && s->keepalive && s->keepalive < KEEPALIVE_MIN)
		return bad(path, "[Home] keepalive: 0, or 10 s and more is expected");
	if (s->foreign && !addr_is_unicast(s->care_of))
		return bad(path, "[Foreign] care-of: a unicast address of this host is expected");
	if (s->foreign && s->links.n == 0)
		return bad(path, "[Foreign] interface: at least one interface is expected");
	if (s->foreign && s->hostapd[0] != '\0' && s->hostapd[0] != '/')
		return bad(path, "[Foreign] hostapd: a path that begins with / is expected");
	if (s->home && !statefile_setting(s->state))
		return bad(path, "[Home] state: a path that begins with /, auto or none is "
				 "expected");
	if (s->per_node.bytes > s->buffer_total)
		return bad(path, "[Buffer] per-node: one node may not have more than total");
	if (s->per_node.packets == 0 || s->per_node.bytes == 0)
		return bad(path, "[Buffer] per-node: 0 keeps nothing; write enabled = no instead");
	if (check_neighbours(s, path) < 0 || check_home_link(s, path) < 0 ||
	    (s->home && check_pool(s, path) < 0))
		return -1;
	return check_nodes(s, path);
}

int settings_read(const char *path, struct settings *out)
{
	if (conf_read(&spec, path, out) < 0)
		return -1;
	if (check(out, path) == 0)
		return 0;
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
