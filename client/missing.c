/* SPDX-License-Identifier: MIT */
#include "client/missing.h"

#define LOSES "a planned handoff from here loses what arrives while the radio is away"

static const char *without_home(enum home_keeps k)
{
	switch (k) {
	case HOME_UNKNOWN:
		return "this agent does not buffer, and the home agent has not said whether it "
		       "does";
	case HOME_SILENT:
		return "neither this agent nor the home agent knows Buffer Control";
	case HOME_REFUSES:
		return "this agent does not buffer, and the home agent refuses to";
	case HOME_KEEPS:
		break;
	}
	return "";
}

static bool buffer_missing(const struct mobile_info *i, struct missing *m)
{
	bool agent = i->agent_buffers && i->order_key != ORDER_KEY_NONE;

	if (agent)
		return false;
	if (i->home_keeps == HOME_KEEPS) {
		m->what = i->agent_buffers ? "no key for this agent: the home agent buffers instead"
					   : "this agent does not buffer: the home "
					     "agent does instead";
		if (i->colocated)
			m->what = "no agent here: the home agent buffers";
		m->cost = "leaving takes a round trip to the home agent, and a link that dies "
			  "without warning keeps nothing";
		return true;
	}
	m->what = i->agent_buffers ? "no key for this agent: the home agent deals none, and there "
				     "is no [Agent] section for it"
				   : without_home(i->home_keeps);
	m->cost = LOSES;
	return true;
}

unsigned missing_list(const struct mobile_info *i, struct missing out[MISSING_MAX])
{
	unsigned n = 0;

	if (!i->agent)
		return 0;
	if (!i->buffering_enabled)
		out[n++] = (struct missing){ "buffering is switched off by [Buffer] enabled",
					     LOSES };
	else
		n += buffer_missing(i, &out[n]);
	if (i->reverse_wanted && !i->reverse)
		out[n++] = (struct missing){
		    "this agent offers no reverse tunnel",
		    "what is sent leaves a foreign network under the home address: a router that "
		    "checks sources drops it"};
	return n;
}
