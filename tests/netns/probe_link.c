/* SPDX-License-Identifier: MIT */
#include "common/link.h"
#include "common/log.h"
#include "tests/netns/probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static bool readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) > 0 && p.revents == POLLIN;
}

static void show(const struct link_frame *f)
{
	char src[ADDR_STRLEN], dst[ADDR_STRLEN], mac[MAC_STRLEN];
	struct udp u;

	printf("%s %s %s > %s %s check %d", mac_fmt(mac, &f->src),
	       f->broadcast ? "broadcast" : "unicast", addr_fmt(src, f->ip.src),
	       addr_fmt(dst, f->ip.dst), f->ip.protocol == PROTO_ICMP ? "icmp" : "udp",
	       f->check_ready);
	if (f->ip.protocol == PROTO_UDP) {
		if (udp_decode(&f->ip, f->check_ready, &u) == DROP_NONE)
			printf(" %u > %u", u.sport, u.dport);
		else
			printf(" bad");
	}
	printf("\n");
}

/* Prints frames until n have come or ms passed without any. */
static int listen_link(void)
{
	static uint8_t buf[2048];
	struct link_frame f;
	enum drop why;
	struct link l;
	int rc;

	if (link_open(&l, arg("dev")))
		return 1;
	puts("ready");
	for (unsigned n = arg_number("n"); n && readable(l.fd, (int)arg_number("ms"));) {
		while ((rc = link_recv(&l, buf, sizeof(buf), &f, &why)) >= 0) {
			n--;
			if (rc)
				show(&f);
			else
				printf("ignored %s\n", drop_name(why));
		}
		if (rc != -EAGAIN)
			return 1;
	}
	link_close(&l);
	return 0;
}

/* Options: the header of a packet grows by four no-operations. */
static size_t with_options(uint8_t *p, size_t n)
{
	memmove(p + 24, p + 20, n - 20);
	memset(p + 20, 1, 4);
	p[0] = 0x46;
	p[3] = (uint8_t)(n + 4);
	p[10] = p[11] = 0;
	n = inet_checksum(p, 24);
	p[10] = (uint8_t)(n >> 8);
	p[11] = (uint8_t)n;
	return (size_t)p[3];
}

static int send_link(void)
{
	struct ipv4_out h = {.src = arg_addr("src", NULL), .dst = arg_addr("dst", NULL), .ttl = 1};
	uint8_t buf[256], body[8] = { (uint8_t)arg_number("icmp") };
	struct mac to = arg_mac("mac");
	struct link l;
	size_t n;
	int err;

	if (link_open(&l, arg("dev")))
		return 1;
	if (arg("icmp")) {
		h.protocol = PROTO_ICMP;
		n = ipv4_build(buf, sizeof(buf), &h, body, sizeof(body));
	} else {
		n = udp_build(buf, sizeof(buf), &h, (uint16_t)arg_number("sport"),
			      (uint16_t)arg_number("dport"), body, sizeof(body));
	}
	if (arg("options"))
		n = with_options(buf, n);
	err = link_send(&l, &to, buf, n);
	for (unsigned i = 1; i < arg_number("count") && !err; i++)
		err = link_send(&l, &to, buf, n);
	link_close(&l);
	return err ? 1 : 0;
}

/* Obeys lines of stdin: count, drain, wait MS. */
static int tap(void)
{
	char line[32];
	struct tap t;
	int ms;

	if (tap_open(&t, arg("dev"), arg_addr("addr", NULL)))
		return 1;
	puts("ready");
	while (fgets(line, sizeof(line), stdin)) {
		if (!strcmp(line, "count\n"))
			printf("count %llu\n", (unsigned long long)tap_count(&t));
		else if (!strcmp(line, "drain\n"))
			printf("drain %d\n", tap_drain(&t));
		else if (sscanf(line, "wait %d", &ms) == 1)
			printf("wait %d\n", readable(t.fd, ms));
	}
	tap_close(&t);
	return 0;
}

static int sink(void)
{
	int fd = link_sink_open((uint16_t)arg_number("port"));

	if (fd < 0 || link_sink_at(fd, arg("dev")) < 0)
		return 1;
	puts("ready");
	pause();
	return 0;
}

static int udp_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), size = 8 << 20;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		fatal("socket: %s", strerror(errno));
	return fd;
}

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int flood(uint32_t dst, unsigned ms)
{
	struct sockaddr_in sa = {
	    .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(dst)};
	unsigned sent = 0, refused = 0;
	long end = now_ms() + (long)ms;
	int fd = udp_socket(), last = 0;

	while (now_ms() < end) {
		if (sendto(fd, "x", 1, 0, (struct sockaddr *)&sa, sizeof(sa)) == 1)
			sent++;
		else
			refused++, last = errno;
	}
	printf("sent %u refused %u%s%s\n", sent, refused, refused ? ": " : "",
	       refused ? strerror(last) : "");
	close(fd);
	return !sent || refused;
}

static int send_udp(void)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(7000),
				  .sin_addr.s_addr = htonl(arg_addr("dst", NULL)) };
	uint8_t body[1000] = { 0 };
	int fd = udp_socket();

	for (unsigned i = 0; i < arg_number("count"); i++) {
		memcpy(body, &i, sizeof(i));
		if (sendto(fd, body, sizeof(body), 0, (struct sockaddr *)&sa, sizeof(sa)) < 0)
			return 1;
	}
	puts("ready");
	getchar(); /* closing a socket would not take its packets back; stay all the same */
	return 0;
}

/* Counts numbered packets until none has come for ms. */
static int recv_udp(void)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(7000) };
	unsigned n = 0, disorder = 0, i, next = 0;
	int fd = udp_socket();
	uint8_t body[1000];

	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		return 1;
	puts("ready");
	while (n < arg_number("n") && readable(fd, (int)arg_number("ms"))) {
		if (recv(fd, body, sizeof(body), 0) < 4)
			break;
		memcpy(&i, body, sizeof(i));
		disorder += i != next;
		next = i + 1;
		n++;
	}
	printf("received %u disorder %u\n", n, disorder);
	return 0;
}

int link_main(const char *verb)
{
	static const struct {
		const char *name;
		int (*fn)(void);
	} verbs[] = {
		{ "link-recv", listen_link }, { "link-send", send_link }, { "tap", tap },
		{ "sink", sink }, { "udp-send", send_udp }, { "udp-recv", recv_udp },
	};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (!strcmp(verb, verbs[i].name))
			return verbs[i].fn();
	return -1;
}
