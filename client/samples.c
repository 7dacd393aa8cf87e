/* SPDX-License-Identifier: MIT */
#include "client/samples.h"

static const struct signal_sample *back(const struct samples *s, unsigned i)
{
	return &s->at[(s->n - i) % SAMPLES_MAX];
}

void samples_add(struct samples *s, const struct mac *bssid, int dbm, mtime now)
{
	if (dbm < -127 || dbm >= 0 || mac_is_zero(bssid))
		return;
	if (s->n && mac_equal(&back(s, 1)->bssid, bssid) && now - back(s, 1)->at < SAMPLES_EVERY)
		return;
	s->at[s->n++ % SAMPLES_MAX] = (struct signal_sample){now, *bssid, (int16_t)dbm};
}

void samples_into(const struct samples *s, struct report *r, mtime until)
{
	unsigned most = s->n < SAMPLES_MAX ? s->n : SAMPLES_MAX, n = 0;
	mtime zero = r->at[STEP_TRIGGER];

	while (n < most && n < REPORT_SAMPLES_MAX && back(s, n + 1)->at >= zero - SAMPLES_BEFORE)
		n++;
	r->n_samples = 0;
	for (; n > 0; n--) {
		const struct signal_sample *x = back(s, n);

		if (x->at <= until)
			r->sample[r->n_samples++] =
			    (struct report_sample){(int32_t)((x->at - zero) / MSEC(1)), x->dbm,
						   mac_equal(&x->bssid, &r->to.bssid)};
	}
}
