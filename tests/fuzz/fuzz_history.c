/* SPDX-License-Identifier: MIT */
/* The node's past handoffs: what is believed of them is kept again, and the same. */
#include "client/history.h"
#include "tests/fuzz/fuzz.h"

static uint8_t pool[64 << 10] __attribute__((aligned(8)));
static const struct instant now = {SEC(100), 0xe8d4a51000000000u};

static struct mobile *begun(const uint8_t *p, size_t n)
{
	static struct mobile_conf c;
	struct mobile *m;

	mobile_conf_default(&c);
	c.home_addr = 0x0a630005;
	c.home_agent = 0xc0000201;
	c.uplink_bytes = sizeof(pool);
	m = mobile_new(&c, pool, &now);
	assert(m);
	if (history_restore(m, p, n) == HISTORY_GOOD)
		return m;
	mobile_free(m);
	return NULL;
}

static size_t kept(const struct mobile *m, uint8_t *buf)
{
	size_t n = history_encode(m, buf, HISTORY_FILE_MAX);

	assert(n && n + SEAL_SUM <= HISTORY_FILE_MAX);
	return seal(buf, n);
}

static void again(const struct mobile *m)
{
	static uint8_t first[HISTORY_FILE_MAX], second[HISTORY_FILE_MAX];
	size_t n = kept(m, first);
	struct mobile *b = begun(first, n);
	struct report r;

	assert(b && kept(b, second) == n && !memcmp(first, second, n));
	for (unsigned i = mobile_history_first(b); i && i <= mobile_history_last(b); i++)
		if (mobile_report(b, i, &r))
			assert(r.ended && r.n_samples <= REPORT_SAMPLES_MAX);
	mobile_free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *p = fuzz_copy(data, size);
	struct mobile *m;

	if (size >= HISTORY_HEADER + SEAL_SUM && !(data[size - 1] & 1))
		seal(p, size - SEAL_SUM);
	m = begun(p, size);
	if (m) {
		again(m);
		mobile_free(m);
	}
	free(p);
	return 0;
}
