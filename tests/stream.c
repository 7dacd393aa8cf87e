/* SPDX-License-Identifier: MIT */
/*
 * The traffic that judges a handoff.
 *
 *   stream udp LOCAL:PORT PEER:PORT RATE SIZE LOG
 *   stream send LOCAL:PORT PEER:PORT BYTES_PER_S         stream recv LOCAL:PORT
 *   stream ping LOCAL:PORT PEER:PORT INTERVAL_MS         stream echo LOCAL:PORT
 *   stream clock
 *
 * udp sends and receives numbered packets at once; "s N US" and "r N US" in LOG are the number and
 * the monotonic time in microseconds of each: when it was sent, and when the kernel had it for
 * this program, which may have to wait for a processor.  An end whose LOCAL or PEER is 0.0.0.0
 * sends from where it is to where it last heard the peer, as a program does that knows of moves.
 * send/recv is a TCP transfer, ping/echo a session of short lines over one TCP connection.
 * SIGTERM ends the sender; each end then prints one JSON object.  Everything runs in one
 * machine, so there is one clock.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <linux/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_PACKETS 1000000 /* half an hour at 500 a second */
#define MAX_SIZE 1400
#define BURST 64
#define END UINT32_MAX
#define HELLO (UINT32_MAX - 1) /* sent until the peer is heard: what precedes it is not lost */
#define TAIL_US 500000     /* silence after which nothing can still be on its way */
#define PATIENCE_US 10000000 /* for a peer that is never heard again */
#define REPEAT_US 50000 /* HELLO and END */

/* On the wire, network order.  A packet numbered END says how many went before it. */
struct head {
	uint32_t seq;
	uint32_t count;
};

static volatile sig_atomic_t stopped;

static void on_term(int sig)
{
	(void)sig;
	stopped = 1;
}

static void die(const char *what)
{
	fprintf(stderr, "stream: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t clock_us(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t now_us(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

static long number(const char *s, long min, long max)
{
	char *end;
	long v = strtol(s, &end, 10);

	if (end == s || *end || v < min || v > max) {
		fprintf(stderr, "stream: \"%s\" is not a number from %ld to %ld\n", s, min, max);
		exit(2);
	}
	return v;
}

static struct sockaddr_in endpoint(const char *s)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	char host[64];
	const char *colon = strrchr(s, ':');

	if (!colon || (size_t)(colon - s) >= sizeof(host)) {
		fprintf(stderr, "stream: \"%s\" is not ADDRESS:PORT\n", s);
		exit(2);
	}
	snprintf(host, sizeof(host), "%.*s", (int)(colon - s), s);
	if (inet_pton(AF_INET, host, &a.sin_addr) != 1) {
		fprintf(stderr, "stream: \"%s\" is not an IPv4 address\n", host);
		exit(2);
	}
	a.sin_port = htons((uint16_t)number(colon + 1, 0, 65535));
	return a;
}

static int bound(int type, const char *local)
{
	struct sockaddr_in a = endpoint(local);
	int one = 1;
	int fd = socket(AF_INET, type, 0);

	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		die(local);
	return fd;
}

static int accepted(const char *local)
{
	int fd = bound(SOCK_STREAM, local), con;

	if (listen(fd, 1) < 0)
		die("listen");
	con = accept(fd, NULL, NULL);
	if (con < 0)
		die("accept");
	close(fd);
	return con;
}

static int connected(const char *local, const char *peer)
{
	struct sockaddr_in a = endpoint(peer);
	int fd = bound(SOCK_STREAM, local);

	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		die(peer);
	return fd;
}

struct udp {
	int fd;
	struct sockaddr_in peer;
	bool follows; /* not connected: either address may change */
	size_t size;
	int64_t interval_us, next_us;
	uint32_t sent;
	int64_t stop_us; /* when sending ended, 0 before */
	bool peer_ended;
	uint32_t peer_sent;
	int64_t last_rx_us; /* of anything from the peer */
	int64_t last_data_us;
	uint8_t *seen;
	uint32_t top; /* highest number seen, plus one */
	uint32_t received, unique, reordered;
	int64_t longest_gap_us;
	FILE *log;
};

static void udp_send(struct udp *u, uint32_t seq)
{
	char buf[MAX_SIZE] = { 0 };
	struct head h = { .seq = htonl(seq), .count = htonl(u->sent) };
	const struct sockaddr *to = u->follows ? (const struct sockaddr *)&u->peer : NULL;

	memcpy(buf, &h, sizeof(h));
	/* A refusal (ICMP unreachable, no route) is a packet
	 * lost: that is what is being measured. */
	(void)!sendto(u->fd, buf, seq >= HELLO ? sizeof(h) : u->size, MSG_DONTWAIT, to,
		      to ? sizeof(u->peer) : 0);
}

static void udp_transmit(struct udp *u, int64_t now)
{
	if (!u->stop_us && stopped) {
		u->stop_us = now;
		u->next_us = now + TAIL_US; /* the last packets must not be overtaken by this */
	}
	if (u->stop_us || !u->last_rx_us) {
		if (now >= u->next_us) {
			udp_send(u, u->stop_us ? END : HELLO);
			u->next_us = now + REPEAT_US;
		}
		return;
	}
	for (; now >= u->next_us && u->sent < MAX_PACKETS; u->next_us += u->interval_us) {
		fprintf(u->log, "s %u %lld\n", u->sent, (long long)now_us());
		udp_send(u, u->sent++);
	}
}

static void udp_packet(struct udp *u, const struct head *h, int64_t now)
{
	uint32_t seq = ntohl(h->seq);

	if (!u->last_rx_us)
		u->next_us = now;
	u->last_rx_us = now;
	if (seq == END) {
		u->peer_ended = true;
		u->peer_sent = ntohl(h->count);
		return;
	}
	if (seq >= MAX_PACKETS)
		return;
	fprintf(u->log, "r %u %lld\n", seq, (long long)now);
	u->received++;
	if (u->last_data_us && now - u->last_data_us > u->longest_gap_us)
		u->longest_gap_us = now - u->last_data_us;
	u->last_data_us = now;
	if (u->seen[seq])
		return;
	u->seen[seq] = 1;
	u->unique++;
	if (seq + 1 > u->top)
		u->top = seq + 1;
	else
		u->reordered++;
}

/* When the kernel had it, by this program's clock: it stamps with the wall clock. */
static int64_t stamped_us(struct msghdr *m)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	struct timespec t;

	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
		return now_us();
	memcpy(&t, CMSG_DATA(c), sizeof(t));
	return now_us() - (clock_us(CLOCK_REALTIME) - t.tv_sec * 1000000 - t.tv_nsec / 1000);
}

static void udp_receive(struct udp *u)
{
	char buf[MAX_SIZE] = { 0 };
	char stamp[CMSG_SPACE(sizeof(struct timespec))];
	struct sockaddr_in from = { 0 };
	struct head h;
	ssize_t n;

	for (int i = 0; i < BURST; i++) {
		struct iovec all = { buf, sizeof(buf) };
		struct msghdr m = { .msg_name = &from,
				    .msg_namelen = sizeof(from),
				    .msg_iov = &all,
				    .msg_iovlen = 1,
				    .msg_control = stamp,
				    .msg_controllen = sizeof(stamp) };

		n = recvmsg(u->fd, &m, MSG_DONTWAIT);
		if (n < (ssize_t)sizeof(h)) /* also ECONNREFUSED, once for each ICMP error */
			return;
		if (u->follows)
			u->peer = from;
		memcpy(&h, buf, sizeof(h));
		udp_packet(u, &h, stamped_us(&m));
	}
}

/* Both have said how much they sent, and what was on its way has had time to arrive. */
static bool udp_finished(const struct udp *u, int64_t now)
{
	if (!u->stop_us)
		return false;
	if (now - u->stop_us > PATIENCE_US)
		return true;
	return u->peer_ended && now - u->stop_us > 2 * TAIL_US && now - u->last_data_us > TAIL_US;
}

static void udp_run(struct udp *u)
{
	struct pollfd p = { .fd = u->fd, .events = POLLIN };
	int64_t now = now_us(), wait;
	struct timespec t;

	for (u->next_us = now; !udp_finished(u, now); now = now_us()) {
		udp_transmit(u, now);
		wait = u->next_us - now_us();
		if (wait < 0)
			wait = 0;
		t = (struct timespec){ .tv_sec = wait / 1000000, .tv_nsec = wait % 1000000 * 1000 };
		if (ppoll(&p, 1, &t, NULL) > 0)
			udp_receive(u);
	}
	/* The peer may still be waiting for the number. */
	for (int i = 0; i < 3; i++)
		udp_send(u, END);
}

static int udp_main(char **a)
{
	struct udp u = { .fd = bound(SOCK_DGRAM, a[0]), .peer = endpoint(a[1]) };
	int size = 4 << 20, on = 1;

	u.follows = !u.peer.sin_addr.s_addr || !endpoint(a[0]).sin_addr.s_addr;

	u.interval_us = 1000000 / number(a[2], 1, 100000);
	u.size = (size_t)number(a[3], sizeof(struct head), MAX_SIZE);
	u.seen = calloc(MAX_PACKETS, 1);
	u.log = fopen(a[4], "w");
	if (!u.seen || !u.log)
		die(a[4]);
	setvbuf(u.log, NULL, _IOFBF, 1 << 18);
	setsockopt(u.fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
	/* What waits here while this process waits for a processor is not the network's loss. */
	setsockopt(u.fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(u.fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	if (!u.follows && connect(u.fd, (struct sockaddr *)&u.peer, sizeof(u.peer)) < 0)
		die(a[1]);
	udp_run(&u);
	printf(
	    "{\"sent\": %u, \"peer_sent\": %u, \"received\": %u, \"lost\": %u, \"duplicated\": %u, "
	    "\"reordered\": %u, \"longest_gap_ms\": %.1f, \"complete\": %s}\n",
	    u.sent, u.peer_sent, u.received, u.peer_ended ? u.peer_sent - u.unique : 0,
	    u.received - u.unique, u.reordered, (double)u.longest_gap_us / 1000,
	    u.peer_ended ? "true" : "false");
	free(u.seen);
	return fclose(u.log) || !u.peer_ended;
}

/* Byte i of a transfer: a prime period, so that a hole or a repetition shows. */
static uint8_t pattern(uint64_t i)
{
	return (uint8_t)(i % 251);
}

static void tcp_print(int fd, uint64_t bytes, int error, bool intact)
{
	struct tcp_info t = { 0 };
	socklen_t len = sizeof(t);

	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &t, &len);
	printf("{\"bytes\": %llu, \"error\": \"%s\", \"intact\": %s, \"segments_out\": %u, "
	       "\"segments_in\": %u, \"retransmitted\": %u, \"out_of_order_in\": %u, \"dsacks\": "
	       "%u}\n",
	       (unsigned long long)bytes, error ? strerror(error) : "", intact ? "true" : "false",
	       t.tcpi_data_segs_out, t.tcpi_data_segs_in, t.tcpi_total_retrans, t.tcpi_rcv_ooopack,
	       t.tcpi_dsack_dups);
}

static int send_main(char **a)
{
	int fd = connected(a[0], a[1]), error = 0;
	unsigned int pace = (unsigned int)number(a[2], 1000, 1000000000);
	uint64_t bytes = 0;
	uint8_t buf[4096];
	ssize_t n;

	/* Below the radio's rate: its queues drop to signal
	 * congestion, which is not our subject. */
	setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &pace, sizeof(pace));
	while (!stopped) {
		for (size_t i = 0; i < sizeof(buf); i++)
			buf[i] = pattern(bytes + i);
		n = send(fd, buf, sizeof(buf), MSG_NOSIGNAL);
		if (n < 0 && errno != EINTR) {
			error = errno;
			break;
		}
		if (n > 0)
			bytes += (uint64_t)n;
	}
	shutdown(fd, SHUT_WR);
	/* The receiver closes once it has everything. */
	while (!error && (n = recv(fd, buf, sizeof(buf), 0)) != 0)
		if (n < 0 && errno != EINTR)
			error = errno;
	tcp_print(fd, bytes, error, true);
	close(fd);
	return error != 0;
}

static int recv_main(char **a)
{
	int fd = accepted(a[0]), error = 0;
	uint64_t bytes = 0;
	bool intact = true;
	uint8_t buf[65536];
	ssize_t n;

	while ((n = recv(fd, buf, sizeof(buf), 0)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			error = errno;
			break;
		}
		for (ssize_t i = 0; i < n; i++)
			intact = intact && buf[i] == pattern(bytes + (uint64_t)i);
		bytes += (uint64_t)n;
	}
	tcp_print(fd, bytes, error, intact);
	close(fd);
	return error != 0 || !intact;
}

static bool line_read(int fd, char *buf, size_t size)
{
	size_t have = 0;
	ssize_t n;

	while (have < size) {
		n = recv(fd, buf + have, size - have, 0);
		if (n == 0 || (n < 0 && errno != EINTR))
			return false;
		if (n > 0)
			have += (size_t)n;
	}
	return true;
}

static int ping_main(char **a)
{
	int fd = connected(a[0], a[1]);
	int64_t interval = number(a[2], 1, 10000) * 1000, due = now_us(), sent, rtt, worst = 0;
	struct timespec t;
	char out[64] = "", in[64];
	unsigned int count = 0;
	bool alive = true;

	for (; !stopped; due += interval) {
		t = (struct timespec){ .tv_sec = due / 1000000, .tv_nsec = due % 1000000 * 1000 };
		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR &&
		       !stopped)
			;
		snprintf(out, sizeof(out), "line %u", count);
		sent = now_us();
		alive = send(fd, out, sizeof(out), MSG_NOSIGNAL) == sizeof(out) &&
			line_read(fd, in, sizeof(in)) && memcmp(in, out, sizeof(in)) == 0;
		if (!alive)
			break;
		rtt = now_us() - sent;
		worst = rtt > worst ? rtt : worst;
		count++;
	}
	printf("{\"lines\": %u, \"worst_ms\": %.1f, \"survived\": %s}\n", count,
	       (double)worst / 1000, alive ? "true" : "false");
	close(fd);
	return !alive;
}

static int echo_main(char **a)
{
	int fd = accepted(a[0]);
	char buf[64];

	while (line_read(fd, buf, sizeof(buf)))
		if (send(fd, buf, sizeof(buf), MSG_NOSIGNAL) != sizeof(buf))
			return 1;
	return 0;
}

static int clock_main(char **a)
{
	(void)a;
	printf("{\"monotonic_us\": %lld, \"realtime_us\": %lld}\n", (long long)now_us(),
	       (long long)clock_us(CLOCK_REALTIME));
	return 0;
}

static const struct mode {
	const char *name;
	int args;
	int (*run)(char **args);
} modes[] = {
	{ "udp", 5, udp_main }, { "send", 3, send_main }, { "recv", 1, recv_main },
	{ "ping", 3, ping_main }, { "echo", 1, echo_main }, { "clock", 0, clock_main },
};

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = on_term };

	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (argc == modes[i].args + 2 && !strcmp(argv[1], modes[i].name))
			return modes[i].run(argv + 2);
	fprintf(stderr,
		"usage: stream udp|send|recv|ping|echo|clock ...  (see the top of stream.c)\n");
	return 2;
}
