/* SPDX-License-Identifier: MIT */
#include "common/tunnel.h"

#include "common/arrival.h"
#include "common/ecn.h"
#include "common/icmp.h"
#include "common/log.h"
#include "common/mip.h"
#include "common/tunnel_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKET_BUFFER (4 << 20)
#define OUTER_TTL 64
#define USUAL_MTU 1500 /* smaller packets are not looked at twice */

static int set_int(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) < 0 ? -errno : 0;
}

/* An up tunl0 would decapsulate every packet a second time. */
static int refuse_tunl0(int fd)
{
	struct ifreq r = { .ifr_name = "tunl0" };

	if (ioctl(fd, SIOCGIFFLAGS, &r) < 0 || !(r.ifr_flags & IFF_UP))
		return 0;
	log_error("tunnel: the kernel's own tunl0 is up and would deliver every packet twice: "
		  "ip link set tunl0 down");
	return -EEXIST;
}

/*
 * IP_RECVERR stays off: an unconnected raw socket then learns the path MTU from ICMP 3/4 and
 * is never disturbed by 3/2 and 3/3, which a peer beside an idle tunl0 sends for every packet.
 */
static int outer_socket(int protocol, uint32_t local, const char *device, uint32_t mark)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(local) };
	int fd = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol), err = 0;

	if (fd < 0)
		return -errno;
	if (device && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device,
				 (socklen_t)strlen(device) + 1) < 0)
		err = -errno;
	if (!err && mark)
		err = set_int(fd, SOL_SOCKET, SO_MARK, (int)mark);
	if (!err && local && bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		err = -errno;
	if (!err)
		err = set_int(fd, IPPROTO_IP, IP_TTL, OUTER_TTL);
	if (!err)
		return fd;
	close(fd);
	return err;
}

static int receive_buffer(int fd)
{
	return set_int(fd, SOL_SOCKET, SO_RCVBUFFORCE, SOCKET_BUFFER)
		       ? set_int(fd, SOL_SOCKET, SO_RCVBUF, SOCKET_BUFFER)
		       : 0;
}

/* A released buffer goes out in one burst. */
static int send_buffer(int fd)
{
	return set_int(fd, SOL_SOCKET, SO_SNDBUFFORCE, SOCKET_BUFFER)
		       ? set_int(fd, SOL_SOCKET, SO_SNDBUF, SOCKET_BUFFER)
		       : 0;
}

static int filter(int fd, struct sock_filter *code, unsigned short n)
{
	struct sock_fprog prog = { .len = n, .filter = code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) < 0 ? -errno : 0;
}

/* Every raw socket is given a copy of what arrives: the senders throw theirs away. */
static int drop_all(int fd)
{
	struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, 0) };

	return filter(fd, code, 1);
}

/* Errors about IP-in-IP, and about UDP from or to port 434: nobody is woken by another's. */
static int errors_only(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0), /* type */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ICMP_UNREACHABLE, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ICMP_TIME, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ICMP_PARAMETER, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ICMP_QUENCH, 0, 12),
		BPF_STMT(BPF_LD | BPF_B | BPF_IND, 8 + 9), /* protocol of what is quoted */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_IPIP, 11, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 9),
		BPF_STMT(BPF_LD | BPF_B | BPF_IND, 8),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 15),
		BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 2),
		BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 8), /* ports */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MIP_PORT, 3, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 8 + 2),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MIP_PORT, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, PACKET_MAX),
	};

	return filter(fd, code, sizeof(code) / sizeof(*code));
}

static int error_socket(uint32_t local, const char *device, uint32_t mark)
{
	int fd = outer_socket(IPPROTO_ICMP, local, device, mark), err;

	if (fd < 0)
		return fd;
	err = errors_only(fd);
	if (!err)
		return fd;
	close(fd);
	return err;
}

static int tx_socket(uint32_t local, const char *device, uint32_t mark, int discover)
{
	int fd = outer_socket(IPPROTO_IPIP, local, device, mark), err;

	if (fd < 0)
		return fd;
	err = drop_all(fd);
	if (!err)
		err = set_int(fd, SOL_SOCKET, SO_RCVBUF, 1);
	if (!err)
		err = set_int(fd, IPPROTO_IP, IP_MTU_DISCOVER, discover);
	if (!err)
		err = send_buffer(fd);
	if (!err)
		return fd;
	close(fd);
	return err;
}

static int rx_options(int fd)
{
	int err = set_int(fd, IPPROTO_IP, IP_PKTINFO, 1);

	arrival_wanted(fd);
	if (!err)
		err = set_int(fd, IPPROTO_IP, IP_RECVFRAGSIZE, 1);
	return err ? err : receive_buffer(fd);
}

int tunnel_buffers(int fd)
{
	int err = receive_buffer(fd);

	return err ? err : send_buffer(fd);
}

int tunnel_open(struct tunnel *t, uint32_t local, const char *device, uint32_t mark)
{
	int err;

	*t = (struct tunnel){ .rx = -1, .tx_df = -1, .tx_clear = -1, .errors = -1 };
	t->rx = outer_socket(IPPROTO_IPIP, local, device, mark);
	err = t->rx < 0 ? t->rx : refuse_tunl0(t->rx);
	if (err == -EEXIST)
		goto fail;
	if (!err)
		err = rx_options(t->rx);
	if (!err) {
		t->tx_df = tx_socket(local, device, mark, IP_PMTUDISC_DO);
		err = t->tx_df < 0 ? t->tx_df : 0;
	}
	if (!err) {
		t->tx_clear = tx_socket(local, device, mark, IP_PMTUDISC_DONT);
		err = t->tx_clear < 0 ? t->tx_clear : 0;
	}
	if (!err) {
		t->errors = error_socket(local, device, mark);
		err = t->errors < 0 ? t->errors : 0;
	}
	if (!err) {
		tunnel_gro_off(t, device ? if_nametoindex(device) : tunnel_device_of(local));
		return 0;
	}
	log_error("tunnel: cannot open the outer sockets: %s", strerror(-err));
fail:
	tunnel_close(t);
	return err;
}

void tunnel_close(struct tunnel *t)
{
	int *fds[] = { &t->rx, &t->tx_df, &t->tx_clear, &t->errors };

	tunnel_gro_restore(t);
	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

/* IP_MTU wants a connected socket. */
unsigned tunnel_path_mtu(const struct tunnel *t, uint32_t src, uint32_t dst)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(src) };
	char device[IFNAMSIZ] = "";
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), mark = 0, mtu = 0;
	socklen_t n = sizeof(device);

	if (fd < 0)
		return 0;
	if (!getsockopt(t->tx_df, SOL_SOCKET, SO_BINDTODEVICE, device, &n) && n)
		setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, n);
	n = sizeof(mark);
	if (!getsockopt(t->tx_df, SOL_SOCKET, SO_MARK, &mark, &n) && mark)
		set_int(fd, SOL_SOCKET, SO_MARK, mark);
	set_int(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
	if (src && bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		goto out;
	sa.sin_addr.s_addr = htonl(dst);
	sa.sin_port = htons(9);
	n = sizeof(mtu);
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 ||
	    getsockopt(fd, IPPROTO_IP, IP_MTU, &mtu, &n) < 0)
		mtu = 0;
out:
	close(fd);
	return mtu > 0 ? (unsigned)mtu : 0;
}

static void cmsg_put(struct cmsghdr *c, int type, const void *data, size_t n)
{
	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(n);
	memcpy(CMSG_DATA(c), data, n);
}

int tunnel_send(struct tunnel *t, uint32_t src, uint32_t dst, const void *inner, size_t n,
		bool clear_df, unsigned *mtu)
{
	union {
		char buf[CMSG_SPACE(sizeof(struct in_pktinfo)) + CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(dst) };
	struct in_pktinfo info = { .ipi_spec_dst.s_addr = htonl(src) };
	struct iovec iov = { .iov_base = (void *)inner, .iov_len = n };
	struct msghdr m = {.msg_name = &sa,
			   .msg_namelen = sizeof(sa),
			   .msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = &control,
			   .msg_controllen = sizeof(control.buf)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	struct iphdr h;
	bool df;
	int tos, err;

	if (mtu)
		*mtu = 0;
	if (n < sizeof(h))
		return -EINVAL;
	memcpy(&h, inner, sizeof(h));
	tos = h.tos;
	df = (ntohs(h.frag_off) & IP_DF) && !clear_df;
	cmsg_put(c, IP_PKTINFO, &info, sizeof(info));
	cmsg_put(CMSG_NXTHDR(&m, c), IP_TOS, &tos, sizeof(tos));
	if (sendmsg(df ? t->tx_df : t->tx_clear, &m, 0) >= 0)
		return 0;
	err = -errno;
	if (err == -EMSGSIZE && mtu) {
		*mtu = tunnel_path_mtu(t, src, dst);
		*mtu -= *mtu > TUNNEL_OVERHEAD ? TUNNEL_OVERHEAD : *mtu;
	}
	return err;
}

/* Larger than its link carries, and yet not put together from fragments: GRO made it. */
static unsigned merged_on(int fd, struct msghdr *m, ssize_t n)
{
	struct in_pktinfo info = { 0 };
	struct ifreq r = { 0 };

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != IPPROTO_IP)
			continue;
		if (c->cmsg_type == IP_RECVFRAGSIZE)
			return 0;
		if (c->cmsg_type == IP_PKTINFO)
			memcpy(&info, CMSG_DATA(c), sizeof(info));
	}
	if (!if_indextoname((unsigned)info.ipi_ifindex, r.ifr_name) ||
	    ioctl(fd, SIOCGIFMTU, &r) < 0)
		return 0;
	return n > r.ifr_mtu ? (unsigned)info.ipi_ifindex : 0;
}

int tunnel_recv(struct tunnel *t, void *buf, size_t cap, struct tunnel_packet *out,
		enum drop *why)
{
	union {
		char buf[CMSG_SPACE(sizeof(struct in_pktinfo)) + CMSG_SPACE(sizeof(int)) +
			 ARRIVAL_SPACE];
		struct cmsghdr align;
	} control;
	struct iovec iov = { .iov_base = buf, .iov_len = cap };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
			    .msg_controllen = sizeof(control.buf) };
	ssize_t n = recvmsg(t->rx, &m, 0);
	unsigned ifindex;
	struct ipv4 ip;

	if (n < 0)
		return -errno;
	*why = DROP_IP_HEADER;
	if (ipv4_decode(buf, (size_t)n, &ip) != DROP_NONE || ip.protocol != PROTO_IPIP)
		return 0;
	ifindex = n > USUAL_MTU ? merged_on(t->rx, &m, n) : 0;
	if (ifindex) {
		tunnel_gro_off(t, ifindex);
		return 0;
	}
	*out = (struct tunnel_packet){ .src = ip.src,
				       .dst = ip.dst,
				       .inner = (uint8_t *)buf + ip.header_len,
				       .n = ip.payload.left,
				       .arrived = arrival_of(&m) };
	*why = ecn_leave(ip.tos, out->inner, out->n);
	return *why == DROP_NONE;
}

ssize_t tunnel_error(const struct tunnel *t, void *buf, size_t cap)
{
	ssize_t n = recv(t->errors, buf, cap, 0);

	return n < 0 ? -errno : n;
}
