/* SPDX-License-Identifier: MIT */
#include "client/explain.h"

#include "client/daemon.h"
#include "client/describe.h"

static json_t *terms(const struct radio_opinion *o)
{
	json_t *t = json_object();

	for (unsigned i = 0; i < RADIO_TERMS; i++)
		json_object_set_new(t, radio_term_name((enum radio_term)i),
				    json_integer(o->term[i]));
	return t;
}

static json_t *candidate(const struct radio_opinion *o, mtime now)
{
	const struct radio_bss *b = &o->bss;
	mtime age = b->seen < now ? now - b->seen : 0;

	return json_pack("{so so si si sI si so sb ss so}", "bssid", describe_mac(&b->bssid),
			 "ssid", describe_ssid(b->ssid, b->ssid_len), "frequency_mhz",
			 (int)b->freq_mhz, "signal_dbm", (int)b->signal_dbm, "age_ms",
			 (json_int_t)(age / 1000), "score", o->score, "terms", terms(o), "eligible",
			 o->excluded == RADIO_ELIGIBLE, "verdict",
			 radio_exclusion_name(o->excluded), "avoided_ms",
			 describe_ms(o->avoided_until > now ? o->avoided_until - now
							    : MTIME_NEVER));
}

static json_t *memory(const struct radio_memory *m, mtime now)
{
	return json_pack("{so so sI si si sI}", "bssid", describe_mac(&m->bssid), "agent",
			 describe_addr(m->agent), "took_ms", (json_int_t)(m->took / 1000), "done",
			 (int)m->done, "failed", (int)m->failed, "age_ms",
			 (json_int_t)((now - m->at) / 1000));
}

json_t *explain(struct daemon *d, mtime now)
{
	const struct radio *r = mobile_radio(d->mobile);
	json_t *o, *list = json_array(), *past = json_array();
	struct radio_opinion opinion;
	struct radio_memory m;
	struct mobile_info i;

	mobile_info(d->mobile, now, &i);
	for (size_t k = 0; radio_opinion(r, k, now, &opinion); k++)
		json_array_append_new(list, candidate(&opinion, now));
	for (size_t k = 0; radio_memory_at(r, k, &m); k++)
		json_array_append_new(past, memory(&m, now));
	o = json_pack("{sb sb ss ss ss so so}", "ok", true, "automatic", d->settings.automatic,
		      "rule", radio_rule_name(i.radio.rule), "words",
		      radio_rule_words(i.radio.rule), "why", radio_why(r), "candidates", list,
		      "memory", past);
	json_object_set_new(o, "leave_below_dbm", json_integer(d->settings.leave_below));
	json_object_set_new(o, "attached", json_boolean(i.radio.attached));
	json_object_set_new(o, "bssid",
			    i.radio.attached ? describe_mac(&i.bss.bssid) : json_null());
	json_object_set_new(o, "signal_dbm", i.radio.attached && i.radio.last_dbm
						 ? json_integer(i.radio.signal_dbm)
						 : json_null());
	json_object_set_new(o, "slope_db_s", json_integer(i.radio.slope_db_s));
	json_object_set_new(o, "time_left_ms", describe_ms(i.radio.time_left));
	return o;
}
