/* SPDX-License-Identifier: MIT */
#include "tests/sim/inside.h"

#include "common/mip.h"
#include "common/order.h"

/* What agents answer: how long, and how often to what proves nothing, or was recorded. */

/* Of many nodes the first few are looked at; ASKERS_MAX: another. */
static unsigned looked_at(unsigned peer)
{
	unsigned router, at;

	if (peer < STRANGER)
		return peer < ASKERS_NODES ? peer : ASKERS_MAX;
	if (peer < AT_ROUTERS)
		return ASKERS_NODES + peer - STRANGER;
	router = (peer - AT_ROUTERS) / AT_ROUTER;
	at = (peer - AT_ROUTERS) % AT_ROUTER;
	return at < ASKERS_ROUTER ? ASKERS_LINK + router * ASKERS_ROUTER + at : ASKERS_MAX;
}

static struct asker *asker(struct world *w, unsigned i, uint32_t home, unsigned peer)
{
	const struct walker *n = world_by_home(w, home);
	unsigned k = looked_at(peer);

	return n && n->index < ASKERS_NODES && k < ASKERS_MAX ? &w->host[i].askers[n->index][k]
							       : NULL;
}

/* Now, and so long ago before that; 0: never. */
static bool within(struct world *w, mtime *last, mtime time)
{
	bool soon = *last && w->now - *last < time;

	*last = w->now + !w->now;
	return soon;
}

/* A second of the agent's has ten of them: any second has parts of two. */
static bool too_often(struct world *w, struct asker *a)
{
	return within(w, &a->at[a->n++ % (2 * REPEATS_A_SECOND)], SEC(1));
}

static bool repeated(struct asker *a, uint64_t id)
{
	for (unsigned k = 0; k < REPEATS_A_SECOND; k++)
		if (a->id[k] == id)
			return true;
	a->id[a->n_id++ % REPEATS_A_SECOND] = id;
	return false;
}

/* What is answered once more, or changes nothing, so that it may come again and again. */
static bool recorded(struct asker *a, const struct order *o)
{
	return repeated(a, o->id) || o->action == ORDER_ID_ORDER || o->action == ORDER_NOT_ME ||
	       (o->flags & ORDER_F_BEHALF && (o->action == ORDER_NOT_SERVED ||
					      o->action == ORDER_CARE_OF_REFUSED));
}

/* A Reply grows by so much at most. */
static void order_reply(struct world *w, unsigned i, unsigned peer, const struct order *o, size_t n)
{
	const struct walker *node = world_by_home(w, o->home_addr);
	struct asker *a = asker(w, i, o->home_addr, peer);
	size_t most = 0;

	for (unsigned k = 0; node && k < SIGNED_MAX && k < node->n_orders; k++)
		if (node->orders[k].id == o->id || o->action == ORDER_ID_ORDER)
			most = node->orders[k].n > most ? node->orders[k].n : most;
	if (most && n > most + ORDER_REPLY_GROW)
		world_violate(w, "agent %u: a Reply of %zu bytes to %zu", i, n, most);
	if (o->action == ORDER_AUTH_FAILED && within(w, &w->host[i].no_auth_at[peer], SEC(1)))
		world_violate(w, "agent %u: two 131 within a second", i);
	if (a && recorded(a, o) && too_often(w, a))
		world_violate(w, "agent %u: code %u again and again", i, o->action);
}

/* A foreign agent denies once a second a node; the home agent tells somebody who has no key with it
 * as seldom what is wrong. */
static void registration_reply(struct world *w, unsigned i, unsigned peer,
			       const struct mip_reply *m)
{
	bool wrong = m->code == CODE_HA_MN_AUTH || m->code == CODE_HA_ID;
	bool home = i == w->c.n_foreign;
	struct asker *a = asker(w, i, m->home_addr, home ? peer : AFAR);

	if (!a)
		return;
	if (!home && !mip_code_accepted(m->code) && !mip_code_from_home(m->code) &&
	    within(w, &a->denied, SEC(1)))
		world_violate(w, "agent %u: two denials within a second", i);
	if (home && (peer == AFAR || peer >= AT_ROUTERS) && wrong &&
	    within(w, &a->denied, SEC(1)))
		world_violate(w, "the home agent answers a stranger twice within a second");
}

void check_reply(struct world *w, unsigned i, unsigned peer, const uint8_t *p, size_t n)
{
	struct mip_reply m;
	struct mip_exts x;
	struct order o;

	if (n > MIP_MSG_MAX)
		world_violate(w, "agent %u: a message of %zu bytes", i, n);
	if (n && p[0] == MIP_ORDER && order_decode(p, n, &o) == DROP_NONE &&
	    o.message == ORDER_REPLY)
		order_reply(w, i, peer, &o, n);
	else if (n && p[0] == MIP_REPLY && mip_reply_decode(p, n, &m, &x) == DROP_NONE)
		registration_reply(w, i, peer, &m);
}

/* Across the backbone: an agent, a node at a router, or a stranger. */
void check_reply_afar(struct world *w, unsigned i, uint32_t to, const uint8_t *p, size_t n)
{
	unsigned at = router_peer(w, to);

	check_reply(w, i, at ? at : AFAR + 1 + (unsigned)kernel_host(w, to), p, n);
}
