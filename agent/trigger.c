/* SPDX-License-Identifier: MIT */
#include "agent/foreign.h"

#include <stdlib.h>
#include <string.h>

/*
 * The access point's own word.  A station that is gone has its early lease begun, so that nothing
 * more is lost on the way to nobody; one that joins hears at once which agent serves here.
 */

bool stations_index(struct agent *a)
{
	size_t n = 16;

	while (n < a->c.max_visitors)
		n *= 2;
	a->stations_mask = n - 1;
	a->stations = calloc(n, sizeof(struct node *));
	return a->stations;
}

static struct node **chain(const struct agent *a, const struct mac *mac)
{
	return &a->stations[(rate_mac(mac) * 0x9e3779b97f4a7c15u >> 32) & a->stations_mask];
}

void station_forget(struct agent *a, struct node *n)
{
	struct node **at = chain(a, &n->mac);

	if (!n->placed)
		return;
	while (*at != n)
		at = &(*at)->next_station;
	*at = n->next_station;
	n->placed = false;
}

void station_place(struct agent *a, struct node *n, const struct mac *mac)
{
	struct node **at = chain(a, mac);

	station_forget(a, n);
	n->mac = *mac;
	n->next_station = *at;
	n->placed = true;
	*at = n;
}

/* Orders of its own outlive this: only they, or a registration, say where it has gone. */
static void gone(struct agent *a, struct node *n)
{
	n->gone = true;
	if (n->mv && buffer_station_gone(a, &n->mv->buf))
		a->count.triggered++;
}

/* Perhaps by another link of ours.  What the access point alone has begun ends. */
static void joined(struct agent *a, struct node *n, unsigned link)
{
	n->gone = false;
	if (n->link != link) {
		n->link = link;
		out_kernel(a, AGENT_VISITOR_UP, n);
	}
	if (n->mv && n->mv->buf.by_station)
		buffer_release(a, &n->mv->buf, NULL);
}

void trigger_station(struct agent *a, unsigned link, const struct mac *mac,
		     enum station_event event)
{
	if (event == STATION_JOINED && rate_ok(a, RATE_SOLICIT, rate_mac(mac), 10))
		advertise_joined(a, link, mac);
	a->count.stations_gone += event == STATION_GONE;
	for (struct node *n = *chain(a, mac); n && out_room(a); n = n->next_station) {
		if (!n->up || !mac_equal(&n->mac, mac))
			continue;
		node_touch(a, n);
		if (event == STATION_GONE)
			gone(a, n);
		else
			joined(a, n, link);
	}
}

/* What was on its way when the station left has been read by then. */
#define HEARD_AFTER MSEC(20)

uint8_t trigger_reserve(struct agent *a, struct moving *mv, const struct from *f,
			const struct order *o)
{
	if (!f->on_link)
		return ORDER_PROHIBITED;
	if (mv->buf.by_station && a->now.t >= mv->buf.since + HEARD_AFTER) {
		mv->node->gone = false;
		buffer_release(a, &mv->buf, NULL);
	}
	return buffer_reserve(a, &mv->buf, o);
}

void trigger_ride(const struct agent *a, struct pending *p, const struct mip_exts *x)
{
	struct order o;

	for (unsigned i = 0; i < x->n_orders && !p->reserve_n; i++) {
		const struct rbuf *r = &x->orders[i];

		if (r->left > sizeof(p->reserve) || order_decode(r->p, r->left, &o) != DROP_NONE ||
		    o.message != ORDER_REQUEST || o.action != ORDER_BUFFER ||
		    !(o.flags & ORDER_F_RESERVE) || o.home_addr != p->home ||
		    o.first_agent != a->c.care_of || o.care_of != a->c.care_of)
			continue;
		memcpy(p->reserve, r->p, r->left);
		p->reserve_n = r->left;
	}
}

/* As if it had come by itself. */
void trigger_ridden(struct agent *a, const struct pending *p)
{
	if (p->reserve_n)
		orders_message(a, &p->from, p->reserve, p->reserve_n);
}
