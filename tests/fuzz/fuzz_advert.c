/* SPDX-License-Identifier: MIT */
/* Advertisements and solicitations; what was understood is written and understood again. */
#include "common/advert.h"
#include "tests/fuzz/fuzz.h"

static void look(const uint8_t *icmp, size_t n)
{
	uint8_t buf[2048];
	struct wbuf w = wb_init(buf, sizeof(buf));
	struct advert a, again;

	solicit_decode(icmp, n);
	if (advert_decode(icmp, n, &a) != DROP_NONE)
		return;
	assert(a.n_care_of <= ADVERT_CARE_OF_MAX && a.n_neighbours <= ADVERT_NEIGHBOURS_MAX);
	assert(a.len == n && a.sequence_at + 2u <= n);
	advert_encode(&w, &a);
	assert(wb_ok(&w) && advert_decode(buf, w.len, &again) == DROP_NONE);
	assert(again.n_care_of == a.n_care_of && again.n_neighbours == a.n_neighbours);
	assert(again.sequence == a.sequence && again.flags == a.flags);
	assert(!memcmp(again.care_of, a.care_of, a.n_care_of * sizeof(a.care_of[0])));
	assert(again.buffers == a.buffers);
	assert(again.has_prefix == (a.has_prefix && a.router)); /* 0: there is none */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *mended = fuzz_copy(data, size);

	look(data, size);
	fuzz_mend_sum(mended, size, 2);
	look(mended, size);
	free(mended);
	return 0;
}
