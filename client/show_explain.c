/* SPDX-License-Identifier: MIT */
#include "client/show_explain.h"

#include "common/cli.h"

#include <stdio.h>
#include <string.h>

/* "-61 -2 age +3 band": what is nothing is left out. */
static void terms_text(char *buf, size_t size, const json_t *terms)
{
	const char *name;
	size_t n = 0;
	json_t *v;

	buf[0] = '\0';
	json_object_foreach ((json_t *)terms, name, v) {
		if ((n > 0 && json_integer_value(v) == 0) || n >= size - 1)
			continue;
		n += (size_t)snprintf(buf + n, size - n, n > 0 ? " %+lld %s" : "%lld %s",
				      (long long)json_integer_value(v), name);
	}
}

static void show_candidate(const json_t *c)
{
	char terms[96], avoided[CLI_TEXT_MAX], left[2 * CLI_TEXT_MAX] = "";

	terms_text(terms, sizeof(terms), json_object_get(c, "terms"));
	if (cli_has(c, "avoided_ms"))
		snprintf(left, sizeof(left), ", for %s",
			 cli_duration(avoided, cli_num(c, "avoided_ms") / 1000));
	printf("%-17s %5lld MHz %6.1f s %5lld  %-28s %s%s\n", cli_str(c, "bssid"),
	       cli_int(c, "frequency_mhz"), cli_num(c, "age_ms") / 1000, cli_int(c, "score"),
	       terms, cli_str(c, "verdict"), left);
}

static void show_memory(const json_t *list)
{
	size_t i;
	json_t *m;

	if (json_array_size(list) == 0)
		return;
	printf("\n%-17s %-15s %6s %6s %9s\n", "remembered", "agent", "done", "failed", "took ms");
	json_array_foreach (list, i, m) {
		printf("%-17s %-15s %6lld %6lld %9lld\n", cli_str(m, "bssid"),
		       cli_has(m, "agent") ? cli_str(m, "agent") : "-", cli_int(m, "done"),
		       cli_int(m, "failed"), cli_int(m, "took_ms"));
	}
}

void show_explain(const json_t *answer)
{
	const json_t *list = json_object_get(answer, "candidates");
	size_t i;
	json_t *c;

	cli_field("decision", "%s (%s)%s", cli_str(answer, "words"), cli_str(answer, "rule"),
		  cli_bool(answer, "automatic") ? "" : "; but [Radio] automatic is off");
	if (cli_str(answer, "why")[0] != '\0')
		cli_field("because", "%s", cli_str(answer, "why"));
	if (cli_has(answer, "signal_dbm"))
		cli_field("signal", "%lld dBm, %+lld dB/s; the threshold is %lld dBm",
			  cli_int(answer, "signal_dbm"), cli_int(answer, "slope_db_s"),
			  cli_int(answer, "leave_below_dbm"));
	if (cli_has(answer, "bssid"))
		cli_field("serves", "%s", cli_str(answer, "bssid"));
	if (json_array_size(list) == 0)
		puts("\nno access point is known yet");
	else
		printf("\n%-17s %9s %8s %5s  %-28s %s\n", "access point", "", "age", "score",
		       "of", "verdict");
	json_array_foreach (list, i, c) {
		show_candidate(c);
	}
	show_memory(json_object_get(answer, "memory"));
}
