/* SPDX-License-Identifier: MIT */
#include "common/icmp.h"
#include "common/log.h"
#include "common/split.h"
#include "common/tun.h"
#include "common/tunnel.h"
#include "tests/netns/probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static uint8_t buf[TUN_HEAD + PACKET_MAX], icmp[576];
static struct tun tun = { .fd = -1 };

static int open_tunnel(struct tunnel *t)
{
	return tunnel_open(t, arg_addr("local", NULL), arg("dev"), arg_number("mark"));
}

static void to_tunnel(struct tunnel *t, uint32_t local, uint32_t remote)
{
	struct offload o;
	ssize_t got = tun_read(&tun, buf, sizeof(buf), &o);
	struct split s;
	unsigned mtu = 0;
	struct ipv4 ip;
	uint8_t *p;
	size_t n, len;

	if (got <= 0 || split_begin(&s, &o, buf + TUN_HEAD, (size_t)got) != DROP_NONE)
		return;
	while (split_next(&s, &p, &n)) {
		if (ipv4_decode(p, n, &ip) != DROP_NONE ||
		    tunnel_send(t, local, remote, p, n, false, &mtu) != -EMSGSIZE)
			continue;
		len = icmp_frag_needed_build(icmp, sizeof(icmp), ip.dst, p, n, (uint16_t)mtu);
		if (tun_write(&tun, icmp, len) + tun_flush(&tun))
			log_error("tun: %s", strerror(errno));
	}
}

static void to_tun(struct tunnel *t)
{
	struct tunnel_packet in;
	enum drop why;
	int got;

	while ((got = tunnel_recv(t, buf, sizeof(buf), &in, &why)) >= 0)
		if (got > 0 && tun_write(&tun, in.inner, in.n))
			log_error("tun: %s", strerror(errno));
	if (tun_flush(&tun))
		log_error("tun: %s", strerror(errno));
}

/* Carries packets between a TUN and one peer until it is killed. */
static int relay(void)
{
	uint32_t local = arg_addr("local", NULL), remote = arg_addr("remote", NULL);
	struct tunnel t;

	if (tun_open(&tun, arg("tun"), arg_number("mtu")) || open_tunnel(&t))
		return 1;
	puts("ready");
	for (;;) {
		struct pollfd p[] = { { .fd = tun.fd, .events = POLLIN },
				      { .fd = t.rx, .events = POLLIN } };

		if (poll(p, 2, -1) < 0)
			return 1;
		if (p[0].revents)
			to_tunnel(&t, local, remote);
		if (p[1].revents)
			to_tun(&t);
	}
}

static int open_only(void)
{
	struct tunnel t;
	int err;

	if (arg("tun") && tun_open(&tun, arg("tun"), 1480))
		return 1;
	err = open_tunnel(&t);
	if (!err)
		tunnel_close(&t);
	return err ? 1 : 0;
}

/* Sends count packets of this size, 5 ms apart; says how many were refused, and the last mtu. */
static int send_packets(void)
{
	const struct timespec pause = { .tv_nsec = 5000000 };
	struct ipv4_out h = { .src = 0x0a630001, .dst = 0x0a630101, .ttl = 9, .protocol = PROTO_UDP,
			      .tos = (uint8_t)arg_number("tos"), .df = arg("df") };
	unsigned refused = 0, mtu = 0, last = 0;
	static uint8_t zero[PACKET_MAX];
	struct tunnel t;
	size_t n;

	if (open_tunnel(&t))
		return 1;
	n = ipv4_build(buf, sizeof(buf), &h, zero, arg_number("size") - IPV4_HEADER_LEN);
	for (unsigned i = 0; i < arg_number("count"); i++) {
		int err = tunnel_send(&t, arg_addr("src", NULL), arg_addr("dst", NULL), buf, n,
				      arg("clear"), &mtu);

		refused += err != 0;
		last = err ? mtu : last;
		nanosleep(&pause, NULL);
	}
	printf("refused %u mtu %u\n", refused, last);
	tunnel_close(&t);
	return 0;
}

/* Shows the outer header of the next tunnelled packet. */
static int outer(void)
{
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_IPIP);
	char src[ADDR_STRLEN];
	struct ipv4 ip;
	ssize_t n;

	puts("ready");
	n = recv(fd, buf, sizeof(buf), 0);
	if (n < 0 || ipv4_decode(buf, (size_t)n, &ip) != DROP_NONE)
		return 1;
	printf("src %s tos %#x df %d ttl %u len %u\n", addr_fmt(src, ip.src), ip.tos, ip.df, ip.ttl,
	       ip.total_len);
	close(fd);
	return 0;
}

/* Asks for a device's GRO, after set=1 has turned it on and TSO off (veth merges only then). */
static int gro(void)
{
	struct ethtool_value v = { .cmd = ETHTOOL_SGRO, .data = 1 };
	struct ifreq r = { .ifr_data = (char *)&v };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), err = 0;

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", arg("dev"));
	if (arg("set"))
		err = ioctl(fd, SIOCETHTOOL, &r);
	v = (struct ethtool_value){ .cmd = ETHTOOL_STSO };
	if (arg("set") && !err)
		err = ioctl(fd, SIOCETHTOOL, &r);
	v = (struct ethtool_value){ .cmd = ETHTOOL_GGRO };
	if (!err)
		err = ioctl(fd, SIOCETHTOOL, &r);
	printf("gro %u\n", v.data);
	close(fd);
	return err ? 1 : 0;
}

int tunnel_main(const char *verb)
{
	if (!strcmp(verb, "relay"))
		return relay();
	if (!strcmp(verb, "open"))
		return open_only();
	if (!strcmp(verb, "send"))
		return send_packets();
	if (!strcmp(verb, "gro"))
		return gro();
	return strcmp(verb, "outer") ? -1 : outer();
}
