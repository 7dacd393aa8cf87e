/* SPDX-License-Identifier: MIT */
#ifndef MIP_UNIT_H
#define MIP_UNIT_H

/*
 * What every unit test needs on top of CUnit: UNIT_MAIN("suite", { "name", fn }, ...),
 * bytes from hexadecimal text, and heap copies of exact size so that ASan sees a read
 * one byte too far.
 */
#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit_test {
	const char *name;
	void (*fn)(void);
};

static inline int unit_run(const char *suite, const struct unit_test *tests, size_t n)
{
	unsigned failures;
	CU_pSuite s;

	if (CU_initialize_registry() != CUE_SUCCESS)
		return 2;
	s = CU_add_suite(suite, NULL, NULL);
	for (size_t i = 0; s && i < n; i++)
		if (!CU_add_test(s, tests[i].name, tests[i].fn))
			s = NULL;
	if (!s)
		return 2;
	CU_basic_set_mode(CU_BRM_NORMAL);
	CU_basic_run_tests();
	failures = CU_get_number_of_failures();
	CU_cleanup_registry();
	return failures ? 1 : 0;
}

#define UNIT_MAIN(suite, ...)                                                                      \
	int main(void)                                                                             \
	{                                                                                          \
		static const struct unit_test tests_[] = { __VA_ARGS__ };                          \
		return unit_run(suite, tests_, sizeof(tests_) / sizeof(tests_[0]));                \
	}

static inline int unit_digit(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Bytes of "01 02ab | ff": anything but a lower-case hexadecimal digit only separates. */
static inline size_t unit_hex(const char *s, uint8_t *out, size_t cap)
{
	size_t n = 0;

	for (; *s; s++) {
		int high = unit_digit(*s), low;

		if (high < 0)
			continue;
		low = unit_digit(*++s);
		assert(low >= 0 && n < cap);
		out[n++] = (uint8_t)(high << 4 | low);
	}
	return n;
}

/* A heap copy of exactly n bytes; the caller frees it. */
static inline uint8_t *unit_copy(const void *p, size_t n)
{
	uint8_t *copy = malloc(n);

	assert(copy || !n);
	if (n)
		memcpy(copy, p, n);
	return copy;
}

/* Megabytes, whose bytes nobody relies on: given back they wait for the next one who wants as many.
 * With the sanitizers a test would be busy with little else than to get them anew. */
static struct unit_spare {
	void *p;
	size_t n;
} unit_spare[4];

static inline void *unit_pool(size_t n)
{
	void *p = NULL;

	for (size_t i = 0; i < 4 && !p; i++) {
		if (unit_spare[i].n == n) {
			p = unit_spare[i].p;
			unit_spare[i] = (struct unit_spare){ .n = 0 };
		}
	}
	p = p ? p : malloc(n);
	assert(p);
	return p;
}

static inline void unit_pool_free(void *p, size_t n)
{
	for (size_t i = 0; i < 4; i++) {
		if (!unit_spare[i].p) {
			unit_spare[i] = (struct unit_spare){ p, n };
			return;
		}
	}
	free(p);
}

static inline bool unit_same(const void *got, size_t n, const char *hex)
{
	static uint8_t want[65536];
	size_t want_len = unit_hex(hex, want, sizeof(want));
	const uint8_t *p = got;

	if (n == want_len && (!n || !memcmp(got, want, n)))
		return true;
	printf("\n    wanted %s\n    got    ", hex);
	for (size_t i = 0; i < n; i++)
		printf("%02x", p[i]);
	printf("\n");
	return false;
}

#define CHECK(x)                                                                                   \
	do {                                                                                       \
		CU_assertImplementation((x) ? CU_TRUE : CU_FALSE, __LINE__, #x, __FILE__, "",      \
					CU_FALSE);                                                 \
	} while (0)
#define CHECK_EQ(got, want)                                                                        \
	do {                                                                                       \
		long long got_ = (long long)(got), want_ = (long long)(want);                      \
		if (got_ != want_)                                                                 \
			printf("\n    %s: wanted %lld, got %lld", #got, want_, got_);              \
		CU_ASSERT(got_ == want_);                                                          \
	} while (0)
#define CHECK_STR(got, want) CU_ASSERT_STRING_EQUAL(got, want)
#define CHECK_BYTES(got, n, hex) CU_ASSERT(unit_same(got, n, hex))

#endif
