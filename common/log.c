/* SPDX-License-Identifier: MIT */
#include "common/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024 /* longer lines are cut: a log line is one sentence */

static const struct {
	const char *word;
	const char *prefix; /* sd-daemon(3) */
} levels[] = {
	[LOG_LEVEL_ERROR] = { "error", "<3>" },
	[LOG_LEVEL_WARNING] = { "warning", "<4>" },
	[LOG_LEVEL_INFO] = { "info", "<6>" },
	[LOG_LEVEL_DEBUG] = { "debug", "<7>" },
};

static const char *program = "mip";
static enum log_level threshold = LOG_LEVEL_INFO;
static bool journal;

/* JOURNAL_STREAM is inherited by every child: it counts only while stderr is still that stream,
 * systemd.exec(5). */
static bool stderr_is_journal(void)
{
	const char *s = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	if (!s || sscanf(s, "%llu:%llu", &dev, &ino) != 2 || fstat(STDERR_FILENO, &st))
		return false;
	return st.st_dev == dev && st.st_ino == ino;
}

void log_init(const char *name, enum log_level level)
{
	program = name;
	threshold = level;
	journal = stderr_is_journal();
}

void log_set_level(enum log_level level)
{
	threshold = level;
}

enum log_level log_get_level(void)
{
	return threshold;
}

int log_level_parse(const char *s, enum log_level *out)
{
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (!strcmp(s, levels[i].word)) {
			*out = (enum log_level)i;
			return 0;
		}
	}
	return -1;
}

__attribute__((format(printf, 2, 0))) static void emit(enum log_level level, const char *fmt,
						       va_list ap)
{
	char line[LINE_MAX_BYTES];
	int saved = errno;
	size_t head, len;
	int n;

	if (journal)
		n = snprintf(line, sizeof(line), "%s", levels[level].prefix);
	else
		n = snprintf(line, sizeof(line), "%s: %s: ", program, levels[level].word);
	head = n < 0 ? 0 : (size_t)n < sizeof(line) / 2 ? (size_t)n : sizeof(line) / 2;
	n = vsnprintf(line + head, sizeof(line) - head, fmt, ap);
	len = n < 0 ? head : head + (size_t)n;
	if (len > sizeof(line) - 1)
		len = sizeof(line) - 1;
	/* An SSID or a peer's text must not write to somebody's terminal or forge a second line. */
	for (size_t i = head; i < len; i++) {
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = '?';
	}
	line[len++] = '\n';
	for (size_t done = 0; done < len;) {
		ssize_t w = write(STDERR_FILENO, line + done, len - done);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			break;
		done += (size_t)w;
	}
	errno = saved;
}

void log_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit(LOG_LEVEL_ERROR, fmt, ap);
	va_end(ap);
}

void log_warning(const char *fmt, ...)
{
	va_list ap;

	if (threshold < LOG_LEVEL_WARNING)
		return;
	va_start(ap, fmt);
	emit(LOG_LEVEL_WARNING, fmt, ap);
	va_end(ap);
}

void log_info(const char *fmt, ...)
{
	va_list ap;

	if (threshold < LOG_LEVEL_INFO)
		return;
	va_start(ap, fmt);
	emit(LOG_LEVEL_INFO, fmt, ap);
	va_end(ap);
}

void log_debug(const char *fmt, ...)
{
	va_list ap;

	if (threshold < LOG_LEVEL_DEBUG)
		return;
	va_start(ap, fmt);
	emit(LOG_LEVEL_DEBUG, fmt, ap);
	va_end(ap);
}

noreturn void fatal(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit(LOG_LEVEL_ERROR, fmt, ap);
	va_end(ap);
	exit(70);
}
