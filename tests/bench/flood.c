/* SPDX-License-Identifier: MIT */
/*
 * Small UDP packets, as many a second as are wanted.
 *
 *   flood send ADDR PORT SIZE RATE SECONDS [FROM]   prints how many were sent
 *   flood receive PORT                         until SIGTERM, and then what is there already;
 *                                              prints "RECEIVED MISORDERED REFUSED": for these
 *                                              its socket had no room
 *
 *   flood call                                 prints how many nanoseconds a system call takes that
 *                                              does nothing
 *
 * The packets are numbered; one that is not newer than the newest is misordered (or doubled).  Each
 * is a packet of its own: none is made by the kernel out of a larger one.  What is sent at once is
 * at most what a millisecond has.
 */
#include <arpa/inet.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define BATCH 32
#define SIZE_MAX_BYTES 1472
#define SOCKET_BUFFER (16 << 20)

static uint8_t bytes[BATCH][SIZE_MAX_BYTES];
static struct iovec iov[BATCH];
static struct mmsghdr batch[BATCH];
static volatile sig_atomic_t stopped;

static void on_term(int sig)
{
	(void)sig;
	stopped = 1;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void prepare(size_t size)
{
	for (unsigned i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ bytes[i], size };
		batch[i].msg_hdr.msg_iov = &iov[i];
		batch[i].msg_hdr.msg_iovlen = 1;
	}
}

static int send_packets(int fd, const char *from, const char *addr, const char *port, size_t size,
			double rate, double lasts)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)atoi(port)),
				  .sin_addr.s_addr = inet_addr(addr) };
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_addr.s_addr = inet_addr(from) };
	double begin = seconds(), now = begin;
	int burst = rate >= BATCH * 1000 ? BATCH : rate < 1000 ? 1 : (int)(rate / 1000);
	uint32_t n = 0;

	if (size < sizeof(n) || size > SIZE_MAX_BYTES ||
	    bind(fd, (struct sockaddr *)&own, sizeof(own)) < 0 ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		return 2;
	prepare(size);
	for (; now - begin < lasts; now = seconds()) {
		struct timespec pause = { .tv_nsec = 100000 };

		if (n > (now - begin) * rate) {
			nanosleep(&pause, NULL);
			continue;
		}
		for (int i = 0; i < burst; i++, n++)
			memcpy(bytes[i], &n, sizeof(n));
		for (int done = 0, some; done < burst; done += some > 0 ? some : 1)
			some = sendmmsg(fd, batch + done, (unsigned)(burst - done), 0);
	}
	printf("%u\n", n);
	return 0;
}

static uint32_t refused(int fd)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t n = sizeof(info);

	getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &n);
	return info[SK_MEMINFO_DROPS];
}

static int receive(int fd, const char *port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };
	struct sigaction act = { .sa_handler = on_term };
	unsigned long received = 0, misordered = 0;
	uint32_t newest = 0;
	struct timeval look = { .tv_usec = 100000 }; /* for a signal that came just before */
	int size = SOCKET_BUFFER;

	sigaction(SIGTERM, &act, NULL);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &look, sizeof(look));
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		return 2;
	prepare(SIZE_MAX_BYTES);
	for (;;) {
		int how = stopped ? MSG_DONTWAIT : MSG_WAITFORONE;
		int some = recvmmsg(fd, batch, BATCH, how, NULL);

		if (some <= 0 && stopped)
			break;
		if (some <= 0)
			continue;
		for (int i = 0; i < some; i++, received++) {
			uint32_t n;

			memcpy(&n, bytes[i], sizeof(n));
			misordered += received && n <= newest;
			newest = n;
		}
	}
	printf("%lu %lu %u\n", received, misordered, refused(fd));
	return 0;
}

static int call(void)
{
	const int n = 1000000;
	double begin = seconds();

	for (int i = 0; i < n; i++)
		syscall(SYS_getppid);
	printf("%.0f\n", (seconds() - begin) / n * 1e9);
	return 0;
}

int main(int argc, char *argv[])
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if ((argc == 7 || argc == 8) && !strcmp(argv[1], "send"))
		return send_packets(fd, argc == 8 ? argv[7] : "0.0.0.0", argv[2], argv[3],
				    (size_t)atoi(argv[4]), atof(argv[5]), atof(argv[6]));
	if (argc == 3 && !strcmp(argv[1], "receive"))
		return receive(fd, argv[2]);
	if (argc == 2 && !strcmp(argv[1], "call"))
		return call();
	fprintf(stderr, "usage: see the head of tests/bench/flood.c\n");
	return 2;
}
