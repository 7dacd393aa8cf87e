/* SPDX-License-Identifier: MIT */
#include "client/describe.h"

#include <stdio.h>
#include <time.h>

#define NTP_UNIX 2208988800u /* seconds from 1900 to 1970 */

json_t *describe_addr(uint32_t addr)
{
	char text[ADDR_STRLEN];

	return addr == 0 ? json_null() : json_string(addr_fmt(text, addr));
}

json_t *describe_mac(const struct mac *mac)
{
	char text[MAC_STRLEN];

	return mac_is_zero(mac) ? json_null() : json_string(mac_fmt(text, mac));
}

json_t *describe_ssid(const uint8_t *ssid, uint8_t len)
{
	char text[SSID_MAX];
	json_t *s;

	if (len == 0 || len > SSID_MAX)
		return json_null();
	s = json_stringn((const char *)ssid, len);
	if (s != NULL)
		return s;
	for (unsigned i = 0; i < len; i++)
		text[i] = ssid[i] < 0x80 ? (char)ssid[i] : '?';
	return json_stringn(text, len);
}

/* Three decimals are microseconds: more digits would be noise. */
static json_t *real_ms(mtime t)
{
	return json_real((double)t / 1000.0);
}

json_t *describe_ms(mtime t)
{
	return t == MTIME_NEVER ? json_null() : real_ms(t);
}

json_t *describe_end(const struct report_end *e)
{
	json_t *signal = e->signal_dbm == 0 ? json_null() : json_integer(e->signal_dbm);

	return json_pack("{so so so so so}", "bssid", describe_mac(&e->bssid), "ssid",
			 describe_ssid(e->ssid, e->ssid_len), "signal_dbm", signal, "agent",
			 describe_addr(e->agent), "care_of", describe_addr(e->care_of));
}

json_t *describe_step(const struct report *r, enum report_step s)
{
	mtime t = r->at[s] - (r->has[STEP_TRIGGER] ? r->at[STEP_TRIGGER] : r->at[s]);

	return json_pack("{ss so}", "step", report_step_name(s), "ms", real_ms(t));
}

/* As they came; some are beside others. */
static json_t *steps(const struct report *r)
{
	json_t *list = json_array();
	unsigned in_order[STEP_COUNT] = { 0 }, n = 0;

	for (unsigned s = 0; s < STEP_COUNT; s++) {
		unsigned i = n;

		if (!r->has[s])
			continue;
		for (; i > 0 && r->at[in_order[i - 1]] > r->at[s]; i--)
			in_order[i] = in_order[i - 1];
		in_order[i] = s;
		n++;
	}
	for (unsigned i = 0; i < n; i++)
		json_array_append_new(list, describe_step(r, (enum report_step)in_order[i]));
	return list;
}

/* From the last frame that was heard on the old link to the port being open on the new one. */
static json_t *layer2(const struct report *r)
{
	mtime from;

	if (!r->has[STEP_LINK_UP] || !(r->has[STEP_ROAM] || r->has_last_packet))
		return json_null();
	from = r->has[STEP_ROAM] ? r->at[STEP_ROAM] : r->last_packet;
	if (r->flow != FLOW_F2 && r->has[STEP_GRANTED])
		from = r->at[STEP_GRANTED]; /* the Reply */
	else if (r->has_last_packet)
		from = r->last_packet;
	if (r->has_last_packet && r->last_packet > from)
		from = r->last_packet;
	return real_ms(r->at[STEP_LINK_UP] - from);
}

/* None may have come on the old link since we began to listen, at the trigger. */
json_t *describe_gap(const struct report *r)
{
	if (!r->has[STEP_FIRST_PACKET])
		return json_null();
	return real_ms(r->at[STEP_FIRST_PACKET] -
		       (r->has_last_packet ? r->last_packet : r->at[STEP_TRIGGER]));
}

json_t *describe_grant(const struct report *r)
{
	if (!r->has[STEP_GRANTED])
		return json_null();
	return json_pack("{si si sI}", "packets", (int)r->grant_packets, "kib", (int)r->grant_kib,
			 "lease_ms", (json_int_t)r->grant_lease_ms);
}

json_t *describe_when(uint64_t ntp)
{
	time_t s = (time_t)((ntp >> 32) - NTP_UNIX);
	unsigned ms = (unsigned)(((ntp & 0xffffffffu) * 1000) >> 32);
	char date[32], text[48];
	struct tm tm;

	if (ntp == 0 || gmtime_r(&s, &tm) == NULL)
		return json_null();
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, sizeof(text), "%s.%03uZ", date, ms);
	return json_string(text);
}

json_t *describe_signal(const struct report *r)
{
	json_t *list;

	if (r->n_samples == 0)
		return json_null();
	list = json_array();
	for (unsigned i = 0; i < r->n_samples; i++)
		json_array_append_new(list, json_pack("{si si ss}", "ms", (int)r->sample[i].ms,
						      "dbm", (int)r->sample[i].dbm, "of",
						      r->sample[i].second ? "to" : "from"));
	return json_pack("{si si so}", "leave_below_dbm", (int)r->leave_below_dbm, "dead_dbm",
			 (int)r->dead_dbm, "samples", list);
}

json_t *describe_report(const struct report *r)
{
	json_t *lost = r->has_lost ? json_integer(r->lost) : json_null();
	json_t *o =
	    json_pack("{sI ss ss ss ss so so so}", "number", (json_int_t)r->number, "flow",
		      flow_name(r->flow), "result",
		      !r->ended ? "running"
		      : r->ok	? "done"
				: "failed",
		      "reason", r->reason, "trigger", r->trigger, "from", describe_end(&r->from),
		      "to", describe_end(&r->to), "steps", steps(r));

	json_object_set_new(o, "layer2_ms", layer2(r));
	json_object_set_new(o, "gap_ms", describe_gap(r));
	json_object_set_new(o, "grant", describe_grant(r));
	json_object_set_new(
	    o, "downlink",
	    json_pack("{so sI}", "lost", lost, "forwarded", (json_int_t)r->forwarded));
	json_object_set_new(o, "uplink",
			    json_pack("{sI sI}", "queued", (json_int_t)r->uplink_queued, "dropped",
				      (json_int_t)r->uplink_dropped));
	json_object_set_new(o, "sent",
			    json_pack("{sI sI}", "buffer", (json_int_t)r->buffer_sends, "requests",
				      (json_int_t)r->requests));
	json_object_set_new(o, "started", describe_when(r->started_ntp));
	return o;
}
