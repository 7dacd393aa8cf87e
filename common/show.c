/* SPDX-License-Identifier: MIT */
#include "common/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *cli_str(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s != NULL ? s : "";
}

double cli_num(const json_t *o, const char *key)
{
	return json_number_value(json_object_get(o, key));
}

long long cli_int(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_real(v) ? (long long)json_real_value(v) : (long long)json_integer_value(v);
}

bool cli_bool(const json_t *o, const char *key)
{
	return json_is_true(json_object_get(o, key));
}

bool cli_has(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return v != NULL && !json_is_null(v);
}

char *cli_duration(char buf[CLI_TEXT_MAX], double seconds)
{
	long long s = (long long)seconds;

	if (seconds < 0)
		snprintf(buf, CLI_TEXT_MAX, "over");
	else if (seconds < 1)
		snprintf(buf, CLI_TEXT_MAX, "%.0f ms", seconds * 1000);
	else if (seconds < 10 && seconds != (double)s)
		snprintf(buf, CLI_TEXT_MAX, "%.1f s", seconds);
	else if (s < 60)
		snprintf(buf, CLI_TEXT_MAX, "%lld s", s);
	else if (s < 3600)
		snprintf(buf, CLI_TEXT_MAX, s % 60 != 0 ? "%lld min %lld s" : "%lld min", s / 60,
			 s % 60);
	else if (s < 86400)
		snprintf(buf, CLI_TEXT_MAX, "%lld h %lld min", s / 3600, s / 60 % 60);
	else
		snprintf(buf, CLI_TEXT_MAX, "%lld d %lld h", s / 86400, s / 3600 % 24);
	return buf;
}

char *cli_bytes(char buf[CLI_TEXT_MAX], double bytes)
{
	static const char *const unit[] = { "B", "KiB", "MiB", "GiB" };
	unsigned u = 0;

	while (bytes >= 1024 && u < 3) {
		bytes /= 1024;
		u++;
	}
	snprintf(buf, CLI_TEXT_MAX,
		 u == 0 || bytes >= 100 || bytes == (double)(long long)bytes ? "%.0f %s"
									     : "%.1f %s",
		 bytes, unit[u]);
	return buf;
}

void cli_field(const char *label, const char *fmt, ...)
{
	va_list ap;

	printf("%-16s", label);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

static const char *cell(char buf[CLI_TEXT_MAX], const json_t *row, const struct cli_column *col)
{
	if (!cli_has(row, col->key))
		return "-";
	switch (col->format) {
	case CLI_STRING:
		return cli_str(row, col->key)[0] != '\0' ? cli_str(row, col->key) : "-";
	case CLI_NUMBER:
		snprintf(buf, CLI_TEXT_MAX, "%lld", cli_int(row, col->key));
		return buf;
	case CLI_SECONDS:
		return cli_duration(buf, cli_num(row, col->key));
	case CLI_BYTES:
		return cli_bytes(buf, cli_num(row, col->key));
	case CLI_YESNO:
		return cli_bool(row, col->key) ? "yes" : "no";
	}
	return "";
}

static void print_cell(const char *text, const struct cli_column *col, int width, bool last)
{
	if (col->format == CLI_NUMBER || col->format == CLI_BYTES)
		printf("%*s", width, text);
	else if (last)
		fputs(text, stdout);
	else
		printf("%-*s", width, text);
	fputs(last ? "\n" : "  ", stdout);
}

#define COLUMNS_MAX 16

void cli_table(const json_t *rows, const struct cli_column *cols, size_t n_cols,
	       const char *when_empty)
{
	int width[COLUMNS_MAX] = { 0 };
	char buf[CLI_TEXT_MAX];
	json_t *row;
	size_t i, k;

	if (n_cols > COLUMNS_MAX)
		n_cols = COLUMNS_MAX;
	if (json_array_size(rows) == 0) {
		puts(when_empty);
		return;
	}
	for (k = 0; k < n_cols; k++) {
		width[k] = (int)strlen(cols[k].title);
		json_array_foreach (rows, i, row) {
			int n = (int)strlen(cell(buf, row, &cols[k]));

			if (n > width[k])
				width[k] = n;
		}
	}
	for (k = 0; k < n_cols; k++)
		print_cell(cols[k].title, &cols[k], width[k], k + 1 == n_cols);
	json_array_foreach (rows, i, row) {
		for (k = 0; k < n_cols; k++)
			print_cell(cell(buf, row, &cols[k]), &cols[k], width[k], k + 1 == n_cols);
	}
}
