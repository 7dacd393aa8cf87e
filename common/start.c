/* SPDX-License-Identifier: MIT */
#include "common/start.h"

#include "common/control.h"
#include "common/log.h"
#include "common/privilege.h"
#include "common/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>
#include <uv.h>

#define IN_FOREGROUND (-1)

static struct {
	char *p;
	size_t n;
} words; /* what /proc/PID/cmdline shows */
static bool on_terminal;

static void usage(FILE *to, const struct start *s)
{
	fprintf(to,
		"usage: %s [-fhnvV] [-c file] [-S socket] [-u user]\n"
		"  -c FILE    configuration (default %s)\n"
		"  -f         stay in the foreground\n"
		"  -n         check the configuration and exit; with -v print what is in effect\n"
		"  -S SOCKET  control socket (default %s)\n"
		"  -u USER    go on as this user (default " PRIVILEGE_USER ", if there is one)\n"
		"  -v         log packets and decisions\n"
		"  -h, -V     this help, the version\n"
		"The whole story: man %s\n",
		s->program, s->config, s->socket, s->program);
}

int start_line(struct start *s, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' }, { "check", no_argument, NULL, 'n' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "foreground", no_argument, NULL, 'f' },
		{ "socket", required_argument, NULL, 'S' }, { "help", no_argument, NULL, 'h' },
		{ "user", required_argument, NULL, 'u' }, { "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	const struct start defaults = *s;
	int opt;

	words.p = argv[0];
	words.n = (size_t)(argv[argc - 1] - argv[0]) + strlen(argv[argc - 1]);
	s->socket = NULL;
	while ((opt = getopt_long(argc, argv, "c:nvfS:u:hV", options, NULL)) != -1) {
		switch (opt) {
		case 'c':
			s->config = optarg;
			break;
		case 'n':
			s->check = true;
			break;
		case 'v':
			s->verbose = true;
			break;
		case 'f':
			s->foreground = true;
			break;
		case 'S':
			s->socket = optarg;
			break;
		case 'u':
			s->user = optarg;
			break;
		case 'h':
			usage(stdout, &defaults);
			return EXIT_OK;
		case 'V':
			printf("%s %s\n", s->program, VERSION);
			return EXIT_OK;
		default:
			usage(stderr, &defaults);
			return EXIT_USAGE;
		}
	}
	if (optind == argc)
		return -1;
	usage(stderr, &defaults);
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

/* What is allocated is little and stays: no reserve, and what is large comes untouched. */
static void small_heap(void)
{
#ifdef __GLIBC__
	mallopt(M_MMAP_THRESHOLD, 16 << 10);
	mallopt(M_TOP_PAD, 0);
	mallopt(M_TRIM_THRESHOLD, 16 << 10);
#endif
}

/* libuv would abort(3) here and there, and not say why. */
static void *got(void *p)
{
	if (p == NULL)
		fatal("no memory");
	return p;
}

static void *uv_malloc(size_t n)
{
	return got(malloc(n));
}

static void *uv_calloc(size_t n, size_t each)
{
	return got(calloc(n, each));
}

static void *uv_realloc(void *p, size_t n)
{
	return got(realloc(p, n));
}

void start_secretly(void)
{
	/* 1, not 0: refused by a core_pattern that is a pipe, too */
	static const struct rlimit no_core = { 1, 1 };

	setrlimit(RLIMIT_CORE, &no_core);
	prctl(PR_SET_DUMPABLE, 0);
}

int start_process(bool foreground)
{
	int up = foreground ? IN_FOREGROUND : background();

	small_heap();
	uv_replace_allocator(uv_malloc, uv_realloc, uv_calloc, free);
	sandbox_prepare();
	on_terminal = isatty(STDERR_FILENO); /* which may not be asked any more later */
	signal(SIGPIPE, SIG_IGN);
	return up;
}

void start_name(const char *name)
{
	if (words.n > 0)
		snprintf(memset(words.p, 0, words.n), words.n + 1, "%s", name);
	prctl(PR_SET_NAME, name);
}

void start_done(int up)
{
	int null;

	if (up == IN_FOREGROUND)
		return;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		if (on_terminal) /* a log that goes to a file or a pipe is wanted */
			dup2(null, STDERR_FILENO);
		close(null);
	}
	if (chdir("/") < 0 || write(up, "", 1) < 0)
		log_debug("the starter has gone");
	close(up);
}
