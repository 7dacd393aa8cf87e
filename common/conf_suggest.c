/* SPDX-License-Identifier: MIT */
#include "common/conf_value.h"

#include <ctype.h>
#include <string.h>

#define WORD_MAX 48

/* Levenshtein's distance, without regard to case: how many letters a typing error changed. */
static unsigned distance(const char *a, const char *b)
{
	size_t la = strnlen(a, WORD_MAX), lb = strnlen(b, WORD_MAX);
	unsigned row[WORD_MAX + 1];

	for (unsigned j = 0; j <= lb; j++)
		row[j] = j;
	for (unsigned i = 1; i <= la; i++) {
		unsigned diagonal = row[0];

		row[0] = i;
		for (unsigned j = 1; j <= lb; j++) {
			bool same =
			    tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 1]);
			unsigned best = diagonal + !same;

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[lb];
}

static bool near(const char *word, const char *valid)
{
	return distance(word, valid) <= 2 || (strlen(word) >= 3 && strstr(valid, word)) ||
	       strstr(word, valid);
}

void conf_suggest(const char *word, const char *const valid[], size_t n, char why[CONF_WHY_MAX])
{
	size_t used, n_near = 0, shown = 0;

	for (size_t i = 0; i < n; i++)
		n_near += near(word, valid[i]);
	used = (size_t)snprintf(why, CONF_WHY_MAX, "%s", n_near ? "did you mean " : "valid here: ");
	for (size_t i = 0; i < n && used < CONF_WHY_MAX; i++) {
		if (n_near && !near(word, valid[i]))
			continue;
		used += (size_t)snprintf(why + used, CONF_WHY_MAX - used, "%s%s",
					 !shown	  ? ""
					 : n_near ? " or "
						  : ", ",
					 valid[i]);
		shown++;
	}
	if (n_near && used < CONF_WHY_MAX - 1)
		memcpy(why + used, "?", 2);
}
