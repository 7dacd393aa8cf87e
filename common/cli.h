/* SPDX-License-Identifier: MIT */
#ifndef MIP_CLI_H
#define MIP_CLI_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * What both command line programs share: options (-S SOCKET, --json, -h), a table of
 * commands, the call to the daemon and its errors, and printers for text.  Shell,
 * blocking, without libuv.  Exit codes are control.h's.
 */
struct cli {
	const char *program, *socket;
	bool json;
};

struct cli_command {
	const char *name;
	const char *args; /* synopsis of its arguments: "[BSSID]", or "" */
	const char *help; /* one line */
	int min_args, max_args;
	/* NULL: cli_run, that is ask the daemon for `name`, show the answer */
	int (*run)(struct cli *c, const struct cli_command *cmd, int argc, char *argv[]);
	void (*show)(const json_t *answer); /* text; NULL: nothing but the exit code */
	void (*event)(const json_t *event); /* text for one event; NULL: events are not shown */
};

/* An option of one command alone: --NAME, or --NAME VALUE. */
struct cli_option {
	const char *name, *command;
	const char *arg;   /* what stands for its value in the help; NULL: it has none */
	const char *help;  /* one line */
	const char **value; /* set to it; to "" where there is none */
	char letter;	   /* also -L; 0: none */
};
#define CLI_OPTIONS_MAX 8

struct cli_program {
	const char *name, *summary, *socket;
	const char *daemon; /* whose socket it is */
	const struct cli_command *commands;
	size_t n_commands;
	const struct cli_option *options;
	size_t n_options;
};

/* Parses the line, finds the command, runs it: the exit code. */
int cli_main(const struct cli_program *p, int argc, char *argv[]);

/* Asks the daemon; prints events (text or JSON lines) and errors.  The exit code, and on EXIT_OK a
 * new reference in *answer. */
int cli_ask(struct cli *c, const struct cli_command *cmd, int argc, char *argv[], json_t **answer);
/* cli_ask, then the answer as JSON or through cmd->show. */
int cli_run(struct cli *c, const struct cli_command *cmd, int argc, char *argv[]);

/* Prints one event, as JSON or through cmd->event. */
void cli_event(const struct cli *c, const struct cli_command *cmd, const json_t *event);
/* Its two ends: nobody answered (errno of control_begin() or control_next()); the answer says that
 * it is refused.  Both are said; the exit code. */
int cli_unanswered(const struct cli *c, int err);
int cli_outcome(const struct cli *c, const json_t *answer);
/* As JSON or through cmd->show; the exit code. */
int cli_answer(const struct cli *c, const struct cli_command *cmd, const json_t *answer);
/* What was printed is out: the exit code, and it was said why not. */
int cli_flush(void);

/* PROGRAM: sentence, on stderr. */
void cli_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Members of an object; what is absent or of another type is "", 0, false. */
const char *cli_str(const json_t *o, const char *key);
double cli_num(const json_t *o, const char *key);
long long cli_int(const json_t *o, const char *key);
bool cli_bool(const json_t *o, const char *key);
bool cli_has(const json_t *o, const char *key); /* present and not null */

#define CLI_TEXT_MAX 48
char *cli_duration(char buf[CLI_TEXT_MAX], double seconds); /* "4 min 12 s", "820 ms" */
char *cli_bytes(char buf[CLI_TEXT_MAX], double bytes);	    /* "4 MiB" */

/* One line of a screen: label in a fixed column, then the text. */
void cli_field(const char *label, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A table of an array of objects, columns as wide as their content needs. */
enum cli_format { CLI_STRING, CLI_NUMBER, CLI_SECONDS, CLI_BYTES, CLI_YESNO };
struct cli_column {
	const char *title, *key;
	enum cli_format format;
};
void cli_table(const json_t *rows, const struct cli_column *cols, size_t n_cols,
	       const char *when_empty);

#endif
