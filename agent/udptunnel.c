/* SPDX-License-Identifier: MIT */
#include "agent/home.h"

/*
 * Who has his packets inside UDP: RFC 3519 4.6.  Whether a NAT is between us shows in the Request:
 * its IP source is not its care-of address.
 *
 *                       no NAT, F clear   no NAT, F        NAT
 * D, 144 of the node's  accepted, 64      forced: granted  nat, forced: granted
 *                                         else: 129        no: 129
 *   brought by an agent accepted, 64      accepted, 64     accepted, 64 (the source is an agent's)
 *   R in it             accepted, 64      accepted, 64     nat, forced: granted, as the first
 *                                                          keepalive says; no: accepted, 64
 * D, no 144             accepted          -                142, but brought by an agent
 * D, 144 of an agent's  134               134              134
 * 144 of the node's     134               134              134
 * 144 of an agent's     accepted, 64      forced: granted  nat, forced: granted to who vouches for
 *                                         else: 129        it, [Home] udp-agents; else 129
 *
 * 142 too where it would be granted and asks for another encapsulation than IPv4.  IP-in-IP to an
 * address behind a NAT would not arrive, so nothing that needs it is accepted.  Nobody signs an
 * agent's wish but the agent: whoever copies a node's Request could add one, and have the node's
 * packets, were it granted without a key.
 */
static bool own(const struct mip_request *r, const struct mip_exts *x)
{
	return (r->flags & MIP_D) && x->udp_request.present && x->udp_request.before_mn_ha;
}

bool udp_by_itself(const struct mip_request *r, const struct mip_exts *x)
{
	return own(r, x) && !x->udp_request.registration_required && !x->n_fa_ha;
}

bool udp_through(const struct mip_request *r, const struct mip_exts *x)
{
	return own(r, x) && x->udp_request.registration_required;
}

bool udp_of_agent(const struct mip_request *r, const struct mip_exts *x)
{
	return !(r->flags & MIP_D) && x->udp_request.present && !x->udp_request.before_mn_ha;
}

static uint8_t grant(const struct agent *a, const struct mip_udp_request *u, const struct way *from,
		     struct udp_answer *out)
{
	if (!addr_is_unicast(from->addr) || !from->port)
		return CODE_HA_MALFORMED; /* nobody could be answered there */
	if (u->encapsulation && u->encapsulation != MIP_TUNNEL_IPIP)
		return CODE_HA_UDP_UNAVAILABLE;
	out->granted = true;
	out->to = *from;
	out->reply.code = MIP_UDP_WILL;
	out->reply.forced = u->force && a->c.home_udp == UDP_TUNNEL_FORCED;
	out->reply.keepalive_s = a->c.home_keepalive_s;
	return CODE_ACCEPTED;
}

/* The port of its Request is the agent's, its own is not known yet; nor where a NAT is. */
static uint8_t through_agent(const struct agent *a, const struct mip_udp_request *u, bool elsewhere,
			     const struct way *from, struct udp_answer *out)
{
	uint8_t code;

	if (!elsewhere || a->c.home_udp == UDP_TUNNEL_NO)
		return CODE_ACCEPTED; /* declined */
	code = grant(a, u, from, out);
	out->awaited = out->granted;
	return code;
}

uint8_t udp_judge(const struct agent *a, const struct mip_request *r, const struct mip_exts *x,
		  const struct way *from, bool by_agent, struct udp_answer *out)
{
	const struct mip_udp_request *u = &x->udp_request;
	bool direct = r->flags & MIP_D, nat = from->addr != r->care_of;

	*out = (struct udp_answer){.to = {r->care_of, 0},
				   .reply = {.present = u->present,
					     .before_mn_ha = u->before_mn_ha,
					     .code = MIP_UDP_DECLINED}};
	if (!u->present)
		return direct && nat && !by_agent ? CODE_HA_UDP_UNAVAILABLE : CODE_ACCEPTED;
	if (direct != u->before_mn_ha)
		return CODE_HA_MALFORMED; /* RFC 3519 4.6.1 */
	if (udp_through(r, x))
		return through_agent(a, u, nat, from, out);
	if (direct && by_agent)
		return CODE_ACCEPTED; /* declined */
	if (!nat && !u->force)
		return CODE_ACCEPTED; /* declined */
	if (a->c.home_udp == UDP_TUNNEL_NO || (!nat && a->c.home_udp != UDP_TUNNEL_FORCED) ||
	    (!direct && !by_agent && !a->c.home_udp_any_agent))
		return CODE_HA_PROHIBITED;
	return grant(a, u, from, out);
}
