/* SPDX-License-Identifier: MIT */
#include "client/radio.h"
#include "client/radio_level.h"
#include "client/radio_rank.h"

const char *radio_term_name(enum radio_term t)
{
	static const char *const names[] = {
		[RADIO_TERM_SIGNAL] = "signal", [RADIO_TERM_AGE] = "age",
		[RADIO_TERM_LOAD] = "load", [RADIO_TERM_BAND] = "band",
		[RADIO_TERM_NEIGHBOUR] = "neighbour", [RADIO_TERM_MEMORY] = "memory",
	};

	return t < RADIO_TERMS ? names[t] : "?";
}

const char *radio_rule_words(enum radio_rule r)
{
	switch (r) {
	case RADIO_DETACHED: return "there is no link to decide about";
	case RADIO_GOOD: return "it stays: the signal is good";
	case RADIO_WATCHING: return "it stays, and watches: the signal moves, or is weak";
	case RADIO_HOLD_DOWN: return "it stays for the moment: a handoff has just been done";
	case RADIO_NEED_SCAN: return "it would leave, and looks for somebody to go to";
	case RADIO_NO_CANDIDATE: return "it would leave, but nobody is better by enough";
	case RADIO_BELOW: return "it leaves: the signal is below the threshold";
	case RADIO_PREDICTED: return "it leaves: the link will be useless soon";
	case RADIO_LOST: return "it leaves: beacons do not come any more";
	case RADIO_FAILING: return "it leaves: frames do not get through, whatever the signal";
	case RADIO_TRANSITION: return "it leaves: the access point asks for it";
	case RADIO_RULES: break;
	}
	return "?";
}

const char *radio_why(const struct radio *r)
{
	return r->why;
}

const char *radio_exclusion_name(enum radio_exclusion e)
{
	switch (e) {
	case RADIO_ELIGIBLE: return "eligible";
	case RADIO_EX_SERVING: return "serves";
	case RADIO_EX_NETWORK: return "another network";
	case RADIO_EX_OLD: return "measured too long ago";
	case RADIO_EX_WEAK: return "not better by enough";
	case RADIO_EX_BACK: return "we have just come from there";
	case RADIO_EX_AVOIDED: return "avoided: a handoff to it failed";
	case RADIO_EX_FORBIDDEN: return "excluded by the network";
	case RADIO_EX_UNASKED: return "not among those that the serving one asks for";
	}
	return "?";
}

bool radio_opinion(const struct radio *r, size_t i, mtime now, struct radio_opinion *out)
{
	*out = (struct radio_opinion){ 0 };
	if (!radio_bss_at(r, i, &out->bss))
		return false;
	/* The kernel tells when its signal changes; that of a scan is of then. */
	if (r->n_samples && mac_equal(&out->bss.bssid, &r->serving.bssid)) {
		out->bss.signal_dbm = (int16_t)radio_level_dbm(r);
		out->bss.seen = now;
	}
	out->score = radio_weigh(r, &out->bss, now, out->term);
	out->excluded = radio_excludes(r, &out->bss, &r->need, now);
	out->avoided_until = radio_rank_avoided(r, &out->bss.bssid, now);
	return true;
}
