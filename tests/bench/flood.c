/* SPDX-License-Identifier: MIT */
/*
 * Small UDP packets, as many a second as are wanted.
 *
 *   flood send ADDR PORT SIZE RATE SECONDS [FROM]   prints how many were sent
 *   flood wrapped ADDR PORT SIZE RATE SECONDS FROM FROM-PORT INNER-FROM INNER-TO
 *                                              the same to INNER-TO's PORT, inside UDP, as a
 *                                              node has it in its tunnel (RFC 3519); needs root
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
#include <stdbool.h>
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
#define MIP_PORT 434
#define WRAP (8 + 4 + 20 + 8) /* UDP, RFC 3519 4.2's header, IPv4, UDP */
#define SOCKET_BUFFER (16 << 20)

static uint8_t bytes[BATCH][SIZE_MAX_BYTES];
static struct iovec iov[2 * BATCH];
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

static uint8_t wrap[BATCH][WRAP]; /* before the packet */
static size_t wrapped;		  /* how much of that: 0: nothing */
static uint32_t wrap_sum;	  /* of what is the same in all, for UDP's checksum */

static void prepare(size_t size)
{
	for (unsigned i = 0; i < BATCH; i++) {
		iov[2 * i] = (struct iovec){ wrap[i], wrapped };
		iov[2 * i + 1] = (struct iovec){ bytes[i], size };
		batch[i].msg_hdr.msg_iov = &iov[2 * i];
		batch[i].msg_hdr.msg_iovlen = 2;
	}
}

static uint16_t checksum(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~(sum + (sum >> 16));
}

static void wrap_all(uint16_t outer, const char *from, const char *to, uint16_t port, size_t size)
{
	uint16_t udp[4] = { htons(port), htons(port), htons((uint16_t)(8 + size)) };
	uint16_t around[4] = { htons(outer), htons(MIP_PORT), htons((uint16_t)(WRAP + size)) };
	uint16_t ip[10] = { htons(0x4500), htons((uint16_t)(28 + size)), 0, htons(0x4000),
			    htons(64 << 8 | IPPROTO_UDP) };
	uint32_t addr[2] = { inet_addr(from), inet_addr(to) }, sum = 0;
	uint8_t w[WRAP] = { [8] = 4, [9] = 4 }; /* type, next header */

	memcpy(ip + 6, addr, sizeof(addr));
	for (unsigned i = 0; i < 10; i++)
		sum += ip[i];
	ip[5] = checksum(sum);
	wrap_sum = htons(IPPROTO_UDP) + 2U * udp[2] + udp[0] + udp[1];
	for (unsigned i = 6; i < 10; i++)
		wrap_sum += ip[i];
	memcpy(w, around, sizeof(around));
	memcpy(w + 12, ip, sizeof(ip));
	memcpy(w + 32, udp, sizeof(udp));
	for (unsigned i = 0; i < BATCH; i++)
		memcpy(wrap[i], w, WRAP);
	wrapped = WRAP;
}

static void number(unsigned i, uint32_t n)
{
	uint16_t sum = checksum(wrap_sum + (n & 0xffff) + (n >> 16));

	memcpy(bytes[i], &n, sizeof(n));
	memcpy(wrap[i] + WRAP - sizeof(sum), &sum, sizeof(sum));
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
			number((unsigned)i, n);
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
	bool wraps = argc == 11 && !strcmp(argv[1], "wrapped");
	int fd = socket(AF_INET, wraps ? SOCK_RAW : SOCK_DGRAM, IPPROTO_UDP);

	if ((argc == 7 || argc == 8) && !strcmp(argv[1], "send"))
		return send_packets(fd, argc == 8 ? argv[7] : "0.0.0.0", argv[2], argv[3],
				    (size_t)atoi(argv[4]), atof(argv[5]), atof(argv[6]));
	if (wraps) {
		wrap_all((uint16_t)atoi(argv[8]), argv[9], argv[10], (uint16_t)atoi(argv[3]),
			 (size_t)atoi(argv[4]));
		return send_packets(fd, argv[7], argv[2], "434", (size_t)atoi(argv[4]),
				    atof(argv[5]), atof(argv[6]));
	}
	if (argc == 3 && !strcmp(argv[1], "receive"))
		return receive(fd, argv[2]);
	if (argc == 2 && !strcmp(argv[1], "call"))
		return call();
	fprintf(stderr, "usage: see the head of tests/bench/flood.c\n");
	return 2;
}
