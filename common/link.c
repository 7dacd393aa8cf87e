/* SPDX-License-Identifier: MIT */
#include "common/link.h"

#include "common/link_priv.h"
#include "common/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define RX_BUFFER (256 << 10) /* some hundred messages */
#define MIP_PORT 434

/*
 * SOCK_DGRAM: offsets count from the IP header.  Fragments are refused, since a message of
 * this size never needs them; so are frames that we sent ourselves or that are another host's.
 */
#define ACCEPT 30
#define REJECT 31
#define TO(from, to) ((to) - (from) - 1)

static uint32_t mac_word(const uint8_t *mac)
{
	return (uint32_t)mac[0] << 24 | (uint32_t)mac[1] << 16 | (uint32_t)mac[2] << 8 | mac[3];
}

static bool same(const struct advert_like *a, const struct advert_like *b)
{
	return a->src == b->src && mac_equal(&a->mac, &b->mac) && a->len == b->len &&
	       a->sequence == b->sequence && a->sequence_at == b->sequence_at && a->rest == b->rest;
}

int link_ignore(struct link *l, const struct advert_like *k)
{
	const uint8_t *mac = k->mac.b;
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, PACKET_MULTICAST, TO(1, REJECT), 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x3fff, TO(3, REJECT), 0),
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROTO_ICMP, TO(6, 10), 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROTO_UDP, 0, TO(7, REJECT)),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MIP_PORT, TO(9, ACCEPT), TO(9, REJECT)),
		BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ICMP_ADVERT, TO(11, k->src ? 13 : ACCEPT), 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ICMP_SOLICIT, TO(12, ACCEPT), TO(12, REJECT)),
		/* An agent's: the same sender, as long, the same but for its sequence, and later */
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k->src, 0, TO(14, ACCEPT)),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_LL_OFF + 6)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, mac_word(mac), 0, TO(16, ACCEPT)),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, (uint32_t)(SKF_LL_OFF + 10)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)mac[4] << 8 | mac[5], 0,
			 TO(18, ACCEPT)),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 2),
		BPF_STMT(BPF_ALU | BPF_SUB | BPF_X, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k->len, 0, TO(21, ACCEPT)),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, k->sequence_at),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, k->sequence, 0, TO(23, ACCEPT)),
		BPF_STMT(BPF_ST, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
		BPF_STMT(BPF_LDX | BPF_MEM, 0),
		BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
		BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 65535),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k->rest, TO(29, REJECT), 0),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	if (l->ignores && same(&l->known, k))
		return 0;
	l->ignores = true;
	l->known = *k;
	return link_attach(l->sock, code, sizeof(code) / sizeof(*code));
}

/* Solicitations and advertisements may come as link-layer multicast (RFC 5944 2.4). */
static void join(const struct link *l)
{
	static const uint8_t groups[][ETH_ALEN] = {
		{ 0x01, 0x00, 0x5e, 0x00, 0x00, 0x01 },
		{ 0x01, 0x00, 0x5e, 0x00, 0x00, 0x0b },
	};
	struct packet_mreq m = {
		.mr_ifindex = (int)l->ifindex, .mr_type = PACKET_MR_MULTICAST, .mr_alen = ETH_ALEN,
	};

	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++) {
		memcpy(m.mr_address, groups[i], ETH_ALEN);
		if (setsockopt(l->sock, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m, sizeof(m)) < 0)
			log_debug("link %s: no multicast: %s", l->name, strerror(errno));
	}
}

static int read_mac(struct link *l)
{
	struct ifreq r = { 0 };

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", l->name);
	if (ioctl(l->sock, SIOCGIFHWADDR, &r) < 0)
		return -errno;
	memcpy(l->mac.b, r.ifr_hwaddr.sa_data, sizeof(l->mac.b));
	return 0;
}

int link_refresh(struct link *l)
{
	unsigned ifindex = if_nametoindex(l->name);
	int err;

	if (!ifindex)
		return -ENODEV;
	if (ifindex != l->ifindex) {
		err = link_bind(l->sock, ifindex);
		if (err)
			return err;
		l->ifindex = ifindex;
		join(l);
	}
	return read_mac(l);
}

int link_open(struct link *l, const char *ifname)
{
	int err = 0, on = 1, size = RX_BUFFER;

	*l = (struct link){ .fd = -1, .sock = -1 };
	if (strlen(ifname) >= sizeof(l->name))
		err = -ENAMETOOLONG;
	else
		snprintf(l->name, sizeof(l->name), "%s", ifname);
	if (!err) {
		l->sock = link_socket();
		err = l->sock < 0 ? l->sock : link_ignore(l, &(struct advert_like){ 0 });
	}
	if (!err && setsockopt(l->sock, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) < 0)
		err = -errno;
	if (!err && setsockopt(l->sock, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) < 0)
		err = -errno;
	if (!err)
		err = link_refresh(l);
	if (!err) {
		l->fd = link_shield(l->sock);
		err = l->fd < 0 ? l->fd : 0;
	}
	if (!err)
		return 0;
	if (err != -ENODEV) /* it is waited for, and the caller says so */
		log_error("link %s: cannot open: %s", ifname, strerror(-err));
	link_close(l);
	return err;
}

void link_close(struct link *l)
{
	if (l->fd >= 0)
		close(l->fd);
	if (l->sock >= 0)
		close(l->sock);
	l->fd = l->sock = -1;
}

static bool checksum_ready(struct msghdr *m)
{
	struct tpacket_auxdata aux;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		return !(aux.tp_status & TP_STATUS_CSUMNOTREADY);
	}
	return true;
}

int link_recv(struct link *l, void *buf, size_t cap, struct link_frame *f, enum drop *why)
{
	union {
		char buf[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
		struct cmsghdr align;
	} control;
	struct sockaddr_ll from = { 0 };
	struct iovec iov = { .iov_base = buf, .iov_len = cap };
	struct msghdr m = {.msg_name = &from,
			   .msg_namelen = sizeof(from),
			   .msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = &control,
			   .msg_controllen = sizeof(control.buf)};
	ssize_t n = recvmsg(l->sock, &m, 0);

	if (n < 0 && errno == ENETDOWN) /* told once when the interface goes down */
		n = recvmsg(l->sock, &m, 0);
	if (n < 0)
		return -errno;
	if (m.msg_flags & MSG_TRUNC)
		*why = DROP_SHORT;
	else
		*why = ipv4_decode(buf, (size_t)n, &f->ip);
	if (*why != DROP_NONE)
		return 0;
	if (from.sll_halen != sizeof(f->src.b)) {
		*why = DROP_MALFORMED;
		return 0;
	}
	memcpy(f->src.b, from.sll_addr, sizeof(f->src.b));
	f->broadcast = from.sll_pkttype != PACKET_HOST;
	f->check_ready = checksum_ready(&m);
	return 1;
}

int link_send(struct link *l, const struct mac *dst, const void *ip_packet, size_t n)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IP),
		.sll_ifindex = (int)l->ifindex,
		.sll_halen = sizeof(dst->b),
	};
	ssize_t sent;

	memcpy(to.sll_addr, dst->b, sizeof(dst->b));
	sent = sendto(l->sock, ip_packet, n, 0, (struct sockaddr *)&to, sizeof(to));
	if (sent < 0 && errno == ENETDOWN) /* may be an old one: see link_recv */
		sent = sendto(l->sock, ip_packet, n, 0, (struct sockaddr *)&to, sizeof(to));
	return sent < 0 ? -errno : 0;
}

static int to_device(int fd, const char *ifname)
{
	return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, ifname, (socklen_t)strlen(ifname) + 1) <
		       0
		   ? -errno
		   : 0;
}

int link_sink_open(uint16_t port)
{
	struct sock_filter none[] = { BPF_STMT(BPF_RET | BPF_K, 0) };
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1, err = 0;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		err = -errno;
	if (!err)
		err = to_device(fd, "lo");
	if (!err)
		err = link_attach(fd, none, 1);
	if (!err && bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		err = -errno;
	if (!err)
		return fd;
	close(fd);
	return err;
}

int link_sink_at(int fd, const char *ifname)
{
	int err = to_device(fd, ifname);

	if (err)
		log_error("link %s: cannot take its UDP port: %s", ifname, strerror(-err));
	return err;
}
