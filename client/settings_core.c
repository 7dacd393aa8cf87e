/* SPDX-License-Identifier: MIT */
#include "client/settings.h"

#include <string.h>

_Static_assert(CONF_NAME_MAX == NAI_MAX + 1, "a name and a zero");

/* What the settings mean for the core. */
#define KIB UINT64_C(1024)

bool settings_except_fits(const struct settings *s)
{
	for (unsigned i = 0; i < s->except.n; i++) {
		const struct conf_prefix *e = &s->except.p[i];
		bool fits = s->destinations.n == 0;

		for (unsigned j = 0; j < s->destinations.n; j++)
			fits |= s->destinations.p[j].len < e->len &&
				conf_prefix_within(&s->destinations.p[j], e);
		if (!fits)
			return false;
	}
	return true;
}

static struct radio_conf radio_conf_of(const struct settings *s)
{
	return (struct radio_conf){
	    .leave_below_dbm = s->leave_below,
	    .hysteresis_db = s->hysteresis,
	    .margin_db = s->margin,
	    .ahead = s->ahead,
	    .dead_dbm = s->dead,
	    .hold_down = s->hold_down,
	    .sample = s->sample,
	    .scan_age = s->scan_age,
	    .scan_min = s->scan_pause,
	    .avoid = s->avoid,
	    .prefer_5ghz_db = s->prefer_5ghz,
	    .load_db = s->load,
	};
}

static struct sa sa_of(int spi, int algorithm, const struct secret *key)
{
	return (struct sa){.spi = (uint32_t)spi, .alg = (enum auth_alg)algorithm, .key = *key};
}

static bool names(const struct conf_ifnames *l, const char *ifname, unsigned *at)
{
	for (*at = 0; *at < l->n; ++*at)
		if (strcmp(l->name[*at], ifname) == 0)
			return true;
	return false;
}

struct mobile_link_conf settings_link(const struct settings *s, const char *ifname)
{
	struct mobile_link_conf c = { .preference = 0 };
	unsigned at;

	if (names(&s->prefer, ifname, &at))
		c.preference = (uint8_t)(s->prefer.n - at);
	c.metered = names(&s->metered, ifname, &at);
	return c;
}

bool settings_same_links(const struct settings *a, const struct settings *b)
{
	unsigned at;

	if (a->prefer.n != b->prefer.n)
		return false;
	for (unsigned i = 0; i < a->prefer.n; i++)
		if (!names(&b->prefer, a->prefer.name[i], &at))
			return false;
	return true;
}

void settings_mobile_conf(const struct settings *s, struct mobile_conf *c)
{
	mobile_conf_default(c);
	c->home_addr = s->home_addr;
	snprintf(c->nai, sizeof(c->nai), "%.*s", NAI_MAX, s->nai);
	c->home_agent = s->home_agent.addr; /* 0: resolve.c finds it */
	c->home_sa = sa_of(s->spi, s->algorithm, s->key_here.len > 0 ? &s->key_here : &s->key.key);
	c->lifetime_s = (uint16_t)(s->lifetime / SEC(1));
	c->reverse = s->reverse;
	c->care_of = (enum care_of_mode)s->care_of;
	c->udp_tunnel = s->udp_tunnel != UDP_TUNNEL_NO;
	c->udp_forced = s->udp_tunnel == UDP_TUNNEL_FORCED;
	c->fall_back = s->fall_back;
	c->radio = radio_conf_of(s);
	c->power = (enum power)s->power;
	c->automatic = s->automatic;
	c->buffer = s->buffer;
	c->size_packets = (uint16_t)s->packets;
	c->size_kib = (uint16_t)((s->size + KIB - 1) / KIB);
	c->lease_ms = (uint32_t)(s->lease / MSEC(1));
	c->elastic = s->elastic;
	c->early_lease = s->early_lease;
	c->ask = (enum ask)s->ask;
	c->forward_early = s->forward == 1;
	c->settle = s->settle;
	c->settle_max = s->settle_max;
	c->uplink_packets = s->uplink.packets;
	c->uplink_bytes = (size_t)(s->uplink.bytes & ~(uint64_t)7);
	c->n_agents = s->n_agents;
	for (unsigned i = 0; i < s->n_agents; i++)
		c->agents[i] = (struct mobile_agent_conf){
		    .addr = s->agents[i].addr,
		    .sa = sa_of(s->agents[i].spi, s->agents[i].algorithm, &s->agents[i].key.key),
		};
}
