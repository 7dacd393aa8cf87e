/* SPDX-License-Identifier: MIT */
#ifndef MIP_LOG_H
#define MIP_LOG_H

#include <stdnoreturn.h>

/*
 * Shell only.  error: we cannot do our job; warning: somebody misbehaved and we coped;
 * info: a state changed; debug: packets and decisions.  To stderr, with the level as a
 * systemd prefix (<3>) when stderr is the journal, else as a word.
 */
enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

void log_init(const char *program, enum log_level level);
void log_set_level(enum log_level level);
enum log_level log_get_level(void);
int log_level_parse(const char *s, enum log_level *out); /* 0, or -1 */

void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Our own bug, or no memory: says so and exits with 70. */
noreturn void fatal(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
