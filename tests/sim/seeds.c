/* SPDX-License-Identifier: MIT */
#include "tests/sim/seeds.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORKERS_MAX 8
#define AGAIN 64     /* every so many seeds one is run twice: it must be the same run */
#define SHOWN_MAX 50 /* failing seeds printed */

struct totals {
	unsigned long passed, failed, left_out;
};

static volatile unsigned long long running; /* for the handler */

/* An assertion of the cores, or worse: say in which seed. */
static void died(int sig)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "not ok seed %llu: signal %d\n", running, sig);

	if (write(STDOUT_FILENO, text, (size_t)n) < 0)
		_exit(3);
	_exit(2);
}

static bool one(uint64_t seed, bool replays, bool twice, char *why, size_t size)
{
	uint64_t hash, again;

	running = seed;
	if (!seed_run(seed, replays, NULL, why, size, &hash))
		return false;
	if (!twice)
		return true;
	if (!seed_run(seed, replays, NULL, why, size, &again) || again != hash) {
		snprintf(why, size, "the same seed gave another run");
		return false;
	}
	return true;
}

/* Every step-th seed from first; or random ones until `end`. */
static void work(uint64_t first, uint64_t n, unsigned step, time_t end, unsigned excluded,
		 struct totals *t)
{
	bool replays = !(excluded & SEED_NO_REPLAYS);
	char why[320];

	for (uint64_t i = 0; end ? time(NULL) < end && !t->failed : i < n; i++) {
		uint64_t seed = first + i * step;

		if (excluded >> seed_class(seed) & 1) {
			t->left_out++;
			continue;
		}
		if (one(seed, replays, i % AGAIN == 0, why, sizeof(why))) {
			t->passed++;
			continue;
		}
		if (t->failed++ < SHOWN_MAX)
			printf("not ok seed %llu: %s\n", (unsigned long long)seed, why);
		fflush(stdout);
	}
	if (end && t->failed)
		seed_run(running, replays, stdout, why, sizeof(why), &(uint64_t){ 0 });
}

static void worker(uint64_t first, uint64_t n, unsigned step, time_t end, unsigned excluded, int fd)
{
	struct totals t = { 0 };

	signal(SIGABRT, died);
	signal(SIGSEGV, died);
	signal(SIGFPE, died);
	work(first, n, step, end, excluded, &t);
	fflush(stdout);
	_exit(write(fd, &t, sizeof(t)) == sizeof(t) ? 0 : 3);
}

static int many(uint64_t first, uint64_t n, time_t end, unsigned excluded)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned workers = cpus < 1 ? 1 : cpus > WORKERS_MAX ? WORKERS_MAX : (unsigned)cpus;
	struct totals all = { 0 }, t;
	int fd[WORKERS_MAX][2];
	pid_t pid[WORKERS_MAX];
	int status;

	fflush(stdout);
	for (unsigned k = 0; k < workers; k++) {
		if (pipe(fd[k]) || (pid[k] = fork()) < 0)
			return 2;
		if (!pid[k])
			worker(first + k, (n + workers - 1 - k) / workers, workers, end, excluded,
			       fd[k][1]);
		close(fd[k][1]);
	}
	for (unsigned k = 0; k < workers; k++) {
		if (read(fd[k][0], &t, sizeof(t)) != sizeof(t))
			t = (struct totals){ .failed = 1 };
		waitpid(pid[k], &status, 0);
		all.passed += t.passed;
		all.failed += t.failed;
		all.left_out += t.left_out;
	}
	if (all.left_out)
		printf("%lu seeds left out by class\n", all.left_out);
	printf("%lu passed, %lu failed\n", all.passed, all.failed);
	return all.failed != 0;
}

int seeds_main(const char *mode, uint64_t a, uint64_t b, unsigned excluded, FILE *log)
{
	uint64_t hash;
	char why[320];
	bool ok;

	if (!strcmp(mode, "seeds"))
		return many(b, a, 0, excluded);
	if (!strcmp(mode, "soak")) {
		struct timespec now;

		clock_gettime(CLOCK_REALTIME, &now);
		return many((uint64_t)now.tv_sec << 30 ^ (uint64_t)now.tv_nsec, 0,
			    now.tv_sec + (time_t)a * 60, excluded);
	}
	ok = seed_run(a, !(excluded & SEED_NO_REPLAYS), log, why, sizeof(why), &hash);
	printf("%sok seed %llu%s%s\nfingerprint %016llx\n%d passed, %d failed\n", ok ? "" : "not ",
	       (unsigned long long)a, ok ? "" : ": ", ok ? "" : why, (unsigned long long)hash, ok,
	       !ok);
	return !ok;
}
