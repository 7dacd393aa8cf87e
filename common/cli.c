/* SPDX-License-Identifier: MIT */
#include "common/cli.h"

#include "common/control.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct cli_program *program;

void cli_error(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: ", program->name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

static void usage_option(FILE *to, const struct cli_option *o)
{
	char letter[] = { '-', o->letter, ',', ' ', '\0' };

	fprintf(to, "  %s--%s%s%s\n             of %s: %s\n", o->letter != '\0' ? letter : "",
		o->name, o->arg != NULL ? " " : "", o->arg != NULL ? o->arg : "", o->command,
		o->help);
}

static void usage(FILE *to)
{
	int width = 0;

	fprintf(to, "%s: %s\n\nusage: %s [-h] [-S socket] [--json] command [argument]\n\n",
		program->name, program->summary, program->name);
	for (size_t i = 0; i < program->n_commands; i++) {
		int n = (int)(strlen(program->commands[i].name) +
			      strlen(program->commands[i].args) + 1);

		if (n > width)
			width = n;
	}
	for (size_t i = 0; i < program->n_commands; i++) {
		const struct cli_command *c = &program->commands[i];

		fprintf(to, "  %s %-*s  %s\n", c->name, width - (int)strlen(c->name) - 1, c->args,
			c->help);
	}
	fprintf(to, "\n  -S SOCKET  the daemon's control socket (default %s)\n", program->socket);
	fprintf(to, "  --json     machine-readable output\n");
	fprintf(to, "  -h, -V     this help, the version\n");
	for (size_t i = 0; i < program->n_options; i++)
		usage_option(to, &program->options[i]);
	fprintf(to, "\nThe whole story: man %s\n", program->name);
}

static const struct cli_command *find(const char *word)
{
	for (size_t i = 0; i < program->n_commands; i++)
		if (strcmp(program->commands[i].name, word) == 0)
			return &program->commands[i];
	return NULL;
}

static int unknown(const char *word)
{
	fprintf(stderr, "%s: \"%s\" is no command; valid:", program->name, word);
	for (size_t i = 0; i < program->n_commands; i++)
		fprintf(stderr, " %s", program->commands[i].name);
	fputc('\n', stderr);
	return EXIT_USAGE;
}

int cli_unanswered(const struct cli *c, int err)
{
	switch (err) {
	case ENOENT:
	case ECONNREFUSED:
		cli_error("nobody answers on %s: start %s, or name its socket with -S", c->socket,
			  program->daemon);
		return EXIT_NO_DAEMON;
	case EPERM:
	case EACCES:
		cli_error("%s: not allowed: run as root, or join the group that owns the socket",
			  c->socket);
		return EXIT_PERMISSION;
	case EPIPE:
	case ECONNRESET:
		cli_error("%s went away before it answered", program->daemon);
		return EXIT_NO_DAEMON;
	case ECANCELED:
		return EXIT_OK;
	default:
		cli_error("%s: %s", c->socket, strerror(err));
		return EXIT_FAILED;
	}
}

struct asking {
	const struct cli *cli;
	const struct cli_command *cmd;
};

static void print_json(const json_t *o)
{
	json_dumpf(o, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(10));
	putchar('\n');
	fflush(stdout);
}

void cli_event(const struct cli *c, const struct cli_command *cmd, const json_t *event)
{
	if (c->json)
		print_json(event);
	else if (cmd->event != NULL)
		cmd->event(event);
	fflush(stdout);
}

static bool on_event(json_t *event, void *arg)
{
	const struct asking *a = arg;

	cli_event(a->cli, a->cmd, event);
	return !ferror(stdout);
}

int cli_outcome(const struct cli *c, const json_t *a)
{
	int code;

	if (cli_bool(a, "ok"))
		return EXIT_OK;
	code = cli_has(a, "exit") ? (int)cli_int(a, "exit") : EXIT_FAILED;
	if (c->json)
		print_json(a);
	cli_error("%s", cli_has(a, "error") ? cli_str(a, "error") : "the daemon gave no reason");
	return code == EXIT_OK ? EXIT_FAILED : code;
}

int cli_ask(struct cli *c, const struct cli_command *cmd, int argc, char *argv[], json_t **answer)
{
	struct asking asking = { c, cmd };
	json_t *a = control_call(c->socket, cmd->name, argc, argv, on_event, &asking);
	int code;

	*answer = NULL;
	if (a == NULL)
		return cli_unanswered(c, errno);
	code = cli_outcome(c, a);
	if (code == EXIT_OK)
		*answer = a;
	else
		json_decref(a);
	return code;
}

int cli_flush(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return EXIT_OK;
	cli_error("cannot write the answer: %s", strerror(errno));
	return EXIT_FAILED;
}

int cli_answer(const struct cli *c, const struct cli_command *cmd, const json_t *answer)
{
	if (c->json)
		print_json(answer);
	else if (cmd->show != NULL)
		cmd->show(answer);
	return cli_flush();
}

int cli_run(struct cli *c, const struct cli_command *cmd, int argc, char *argv[])
{
	json_t *answer;
	int code = cli_ask(c, cmd, argc, argv, &answer);

	if (code != EXIT_OK || answer == NULL)
		return code;
	code = cli_answer(c, cmd, answer);
	json_decref(answer);
	return code;
}

static const struct cli_option *misplaced(const char *command)
{
	for (size_t i = 0; i < program->n_options; i++)
		if (*program->options[i].value != NULL &&
		    strcmp(program->options[i].command, command) != 0)
			return &program->options[i];
	return NULL;
}

static int run_command(struct cli *c, int argc, char *argv[])
{
	const struct cli_command *cmd;
	const struct cli_option *wrong;

	if (argc == 0) {
		usage(stderr);
		return EXIT_USAGE;
	}
	cmd = find(argv[0]);
	if (cmd == NULL)
		return unknown(argv[0]);
	wrong = misplaced(cmd->name);
	if (wrong != NULL) {
		cli_error("--%s: is an option of %s, not of %s", wrong->name, wrong->command,
			  cmd->name);
		return EXIT_USAGE;
	}
	argc--;
	argv++;
	if (argc < cmd->min_args || argc > cmd->max_args) {
		cli_error("usage: %s %s%s%s", program->name, cmd->name,
			  cmd->args[0] != '\0' ? " " : "", cmd->args);
		return EXIT_USAGE;
	}
	return (cmd->run != NULL ? cmd->run : cli_run)(c, cmd, argc, argv);
}

#define OPTION_FIRST 256 /* of the program's own: beyond any letter */

static const struct option basic[] = {
	{ "socket", required_argument, NULL, 'S' },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
};
#define BASICS (sizeof(basic) / sizeof(basic[0]))

/* What getopt_long() is told: the options of all programs, and this one's own. */
static void option_tables(struct option all[BASICS + CLI_OPTIONS_MAX + 1], char *letters)
{
	memcpy(all, basic, sizeof(basic));
	letters += sprintf(letters, "S:jhV");
	for (size_t i = 0; i < program->n_options; i++) {
		const struct cli_option *o = &program->options[i];

		all[BASICS + i] = (struct option){
			o->name, o->arg != NULL ? required_argument : no_argument, NULL,
			OPTION_FIRST + (int)i
		};
		if (o->letter != '\0')
			letters += sprintf(letters, "%c%s", o->letter, o->arg != NULL ? ":" : "");
	}
	all[BASICS + program->n_options] = (struct option){ NULL, 0, NULL, 0 };
}

/* False: it is none of the program's own. */
static bool own_option(int opt)
{
	for (size_t i = 0; i < program->n_options; i++) {
		const struct cli_option *o = &program->options[i];

		if (opt != OPTION_FIRST + (int)i && (o->letter == '\0' || opt != o->letter))
			continue;
		*o->value = o->arg != NULL ? optarg : "";
		return true;
	}
	return false;
}

int cli_main(const struct cli_program *p, int argc, char *argv[])
{
	struct cli c = { .program = p->name, .socket = p->socket };
	struct option options[BASICS + CLI_OPTIONS_MAX + 1];
	char letters[8 + 2 * CLI_OPTIONS_MAX];
	int opt;

	program = p;
	option_tables(options, letters);
	while ((opt = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		switch (opt) {
		case 'S':
			c.socket = optarg;
			break;
		case 'j':
			c.json = true;
			break;
		case 'h':
			usage(stdout);
			return EXIT_OK;
		case 'V':
			printf("%s %s\n", p->name, VERSION);
			return EXIT_OK;
		default:
			if (own_option(opt))
				break;
			/* getopt has said it */
			fprintf(stderr, "Try %s -h.\n", p->name);
			return EXIT_USAGE;
		}
	}
	return run_command(&c, argc - optind, argv + optind);
}
