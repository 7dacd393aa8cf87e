/* SPDX-License-Identifier: MIT */
#include "client/daemon.h"

#include "common/log.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define EXIT_CONFIG 78 /* sysexits(3): EX_CONFIG */

struct line {
	const char *config, *socket;
	bool check, verbose, foreground;
};

static void usage(FILE *to)
{
	fputs("usage: mipclientd [-fhnvV] [-c file] [-S socket]\n"
	      "  -c FILE    configuration (default " SETTINGS_FILE ")\n"
	      "  -f         stay in the foreground\n"
	      "  -n         check the configuration and exit; with -v print what is in effect\n"
	      "  -S SOCKET  control socket (default " SETTINGS_SOCKET ")\n"
	      "  -v         log packets and decisions\n"
	      "  -h, -V     this help, the version\n"
	      "The whole story: man mipclientd\n",
	      to);
}

/* -1: go on; else the exit code. */
static int parse_line(int argc, char *argv[], struct line *line)
{
	static const struct option options[] = {
	    {"config", required_argument, NULL, 'c'}, {"check", no_argument, NULL, 'n'},
	    {"verbose", no_argument, NULL, 'v'},      {"foreground", no_argument, NULL, 'f'},
	    {"socket", required_argument, NULL, 'S'}, {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'},      {NULL, 0, NULL, 0},
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "c:nvfS:hV", options, NULL)) != -1) {
		switch (opt) {
		case 'c':
			line->config = optarg;
			break;
		case 'n':
			line->check = true;
			break;
		case 'v':
			line->verbose = true;
			break;
		case 'f':
			line->foreground = true;
			break;
		case 'S':
			line->socket = optarg;
			break;
		case 'h':
			usage(stdout);
			return EXIT_OK;
		case 'V':
			puts("mipclientd " VERSION);
			return EXIT_OK;
		default:
			usage(stderr);
			return EXIT_USAGE;
		}
	}
	if (optind == argc)
		return -1;
	usage(stderr);
	return EXIT_USAGE;
}

/* Returns in the child.  The parent waits until the child is up, or has said why not. */
static int background(void)
{
	int up[2];
	char ok;

	if (pipe2(up, O_CLOEXEC) < 0)
		fatal("pipe: %s", strerror(errno));
	switch (fork()) {
	case -1:
		fatal("fork: %s", strerror(errno));
	case 0:
		close(up[0]);
		setsid();
		return up[1];
	default:
		close(up[1]);
		_exit(read(up[0], &ok, 1) == 1 ? EXIT_OK : EXIT_FAILED);
	}
}

static void detach(int up)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		if (isatty(STDERR_FILENO)) /* a log that goes to a file or a pipe is wanted */
			dup2(null, STDERR_FILENO);
		close(null);
	}
	if (chdir("/") < 0 || write(up, "", 1) < 0)
		log_debug("the starter has gone");
	close(up);
}

static int run(struct daemon *d, bool foreground)
{
	/* 1, not 0: refused by a core_pattern that is a pipe, too */
	static const struct rlimit no_core = {1, 1};
	int up = foreground ? -1 : background();
	int code = EXIT_OK;

	setrlimit(RLIMIT_CORE, &no_core); /* keys never appear in core dumps */
	signal(SIGPIPE, SIG_IGN);
	daemon_init(d);
	if (daemon_start(d) == 0) {
		if (!foreground)
			detach(up);
		uv_run(&d->loop, UV_RUN_DEFAULT);
	} else {
		code = EXIT_FAILED;
	}
	daemon_stop(d);
	return code;
}

int main(int argc, char *argv[])
{
	static struct daemon d;
	struct line line = {.config = SETTINGS_FILE};
	int code = parse_line(argc, argv, &line);

	if (code >= 0)
		return code;
	log_init("mipclientd", line.verbose && !line.check ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	if (settings_read(line.config, &d.settings) < 0)
		return EXIT_CONFIG;
	if (line.check) {
		if (line.verbose)
			settings_print(&d.settings, stdout);
		settings_free(&d.settings);
		return EXIT_OK;
	}
	/* Reading it again must find it wherever we are by then. */
	d.conf_path = realpath(line.config, NULL);
	if (line.socket != NULL)
		snprintf(d.settings.socket, sizeof(d.settings.socket), "%s", line.socket);
	if (!line.verbose)
		log_set_level((enum log_level)d.settings.log_level);
	code = run(&d, line.foreground);
	settings_free(&d.settings);
	free((void *)d.conf_path);
	return code;
}
