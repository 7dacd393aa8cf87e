/* SPDX-License-Identifier: MIT */
#include "common/drop.h"

#include <assert.h>

const char *drop_name(enum drop d)
{
	static const char *const names[] = {
#define X(name, str, text) [DROP_##name] = str,
	    DROP_LIST(X)
#undef X
	};

	assert((unsigned)d < DROP_COUNT);
	return names[d];
}

const char *drop_text(enum drop d)
{
	static const char *const texts[] = {
#define X(name, str, text) [DROP_##name] = text,
	    DROP_LIST(X)
#undef X
	};

	assert((unsigned)d < DROP_COUNT);
	return texts[d];
}
