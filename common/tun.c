/* SPDX-License-Identifier: MIT */
#include "common/tun.h"

#include "common/log.h"
#include "common/split.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define TUN_QUEUE_LEN 2048 /* packets that may wait while nobody reads: a handoff of uplink */
#ifndef TUN_F_USO4 /* Linux 6.2 */
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif
#ifndef VIRTIO_NET_HDR_GSO_UDP_L4
#define VIRTIO_NET_HDR_GSO_UDP_L4 5
#endif

/* The device carries IPv4 alone: without this the kernel sends router solicitations into it. */
static void disable_ipv6(const char *name)
{
	char path[80];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/disable_ipv6", name);
	f = fopen(path, "we");
	if (!f)
		return;
	fputs("1\n", f);
	fclose(f);
}

static int tun_configure(const char *name, unsigned mtu)
{
	struct ifreq r = { 0 };
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err = 0;

	if (s < 0)
		return -errno;
	disable_ipv6(name);
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	r.ifr_mtu = (int)mtu;
	if (ioctl(s, SIOCSIFMTU, &r) < 0)
		err = -errno;
	r.ifr_qlen = TUN_QUEUE_LEN;
	if (!err && ioctl(s, SIOCSIFTXQLEN, &r) < 0)
		err = -errno;
	if (!err && ioctl(s, SIOCGIFFLAGS, &r) < 0)
		err = -errno;
	r.ifr_flags |= IFF_UP;
	if (!err && ioctl(s, SIOCSIFFLAGS, &r) < 0)
		err = -errno;
	close(s);
	return err;
}

static const char *tun_remedy(int err)
{
	switch (err) {
	case ENOENT:
	case ENODEV:
		return "no /dev/net/tun: load the tun module (modprobe tun)";
	case EPERM:
	case EACCES:
		return "not permitted: start as root, where /dev/net/tun may be opened";
	case EBUSY:
		return "in use: stop the mipclientd or mipagentd that has it, or set [Daemon] tun";
	case EINVAL:
		return "an interface of that name is there and is no TUN device";
	}
	return strerror(err);
}

/* With what comes and goes as large packets, as far as this kernel has it. */
static int attach(struct tun *t, const char *name)
{
	struct ifreq r = { 0 };

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	r.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR;
	t->large = ioctl(t->fd, TUNSETIFF, &r) == 0;
	if (t->large) {
		/* USO of IPv6 is wanted with it, and never used. */
		t->udp = ioctl(t->fd, TUNSETOFFLOAD,
			       TUN_F_CSUM | TUN_F_TSO4 | TUN_F_USO4 | TUN_F_USO6) == 0;
		if (!t->udp)
			ioctl(t->fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4);
		return 0;
	}
	if (errno != EINVAL)
		return -errno;
	r.ifr_flags = IFF_TUN | IFF_NO_PI;
	return ioctl(t->fd, TUNSETIFF, &r) < 0 ? -errno : 0;
}

int tun_open(struct tun *t, const char *name, unsigned mtu)
{
	int err;

	if (strlen(name) >= IFNAMSIZ) {
		log_error("tun %s: name too long", name);
		return -ENAMETOOLONG;
	}
	t->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (t->fd < 0) {
		err = errno == ENODEV ? ENOENT : errno;
		log_error("tun %s: %s", name, tun_remedy(err));
		return -err;
	}
	err = attach(t, name);
	if (err) {
		log_error("tun %s: %s", name, tun_remedy(-err));
		tun_close(t);
		return err;
	}
	err = tun_configure(name, mtu);
	if (err) {
		log_error("tun %s: cannot set MTU %u and bring it up: %s", name, mtu,
			  strerror(-err));
		tun_close(t);
	}
	return err;
}

void tun_close(struct tun *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
}

static struct offload described(const struct virtio_net_hdr *h)
{
	struct offload o = { .unfinished = h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM,
			     .start = h->csum_start,
			     .field = h->csum_offset,
			     .header = h->hdr_len,
			     .size = h->gso_size };

	switch (h->gso_type & ~VIRTIO_NET_HDR_GSO_ECN) {
	case VIRTIO_NET_HDR_GSO_TCPV4:
		o.kind = OFFLOAD_TCP;
		break;
	case VIRTIO_NET_HDR_GSO_UDP_L4:
		o.kind = OFFLOAD_UDP;
		break;
	default:
		o.kind = OFFLOAD_NONE;
	}
	return o;
}

ssize_t tun_read(const struct tun *t, uint8_t *buf, size_t cap, struct offload *o)
{
	struct virtio_net_hdr h = { 0 };
	size_t head = t->large ? sizeof(h) : 0, skip = TUN_HEAD - head;
	ssize_t n = read(t->fd, buf + skip, cap - skip);

	if (n < 0)
		return -errno;
	if (n < (ssize_t)head)
		return 0;
	memcpy(&h, buf + skip, head);
	*o = described(&h);
	return n - (ssize_t)head;
}

static bool put(const struct tun *t, const void *p, size_t n, const struct offload *o)
{
	static const uint8_t type[] = { [OFFLOAD_NONE] = VIRTIO_NET_HDR_GSO_NONE,
					[OFFLOAD_TCP] = VIRTIO_NET_HDR_GSO_TCPV4,
					[OFFLOAD_UDP] = VIRTIO_NET_HDR_GSO_UDP_L4 };
	struct virtio_net_hdr h = { .flags = o->unfinished ? VIRTIO_NET_HDR_F_NEEDS_CSUM : 0,
				    .gso_type = type[o->kind],
				    .hdr_len = o->header,
				    .gso_size = o->size,
				    .csum_start = o->start,
				    .csum_offset = o->field };
	struct iovec iov[] = { { &h, sizeof(h) }, { (void *)p, n } };
	size_t skip = t->large ? 0 : 1;
	ssize_t all = (ssize_t)(t->large ? sizeof(h) + n : n);

	return writev(t->fd, iov + skip, (int)(2 - skip)) == all;
}

static const struct offload one = { .kind = OFFLOAD_NONE };

/* Some kernels said that they take gathered datagrams, and call them invalid (6.10, and a few of
 * what was 6.1 and 6.6 then). */
static unsigned one_by_one(struct tun *t, const struct offload *o)
{
	unsigned refused = 0;
	struct split s;
	uint8_t *p;
	size_t n;

	t->udp &= o->kind != OFFLOAD_UDP;
	split_begin(&s, o, t->gather.bytes, t->gather.n);
	while (split_next(&s, &p, &n))
		refused += !put(t, p, n, &one);
	return refused;
}

unsigned tun_flush(struct tun *t)
{
	unsigned packets = t->gather.packets;
	struct offload o;

	if (!packets)
		return 0;
	gather_end(&t->gather, &o);
	t->gather.packets = 0;
	if (put(t, t->gather.bytes, t->gather.n, &o))
		return 0;
	return packets > 1 && errno == EINVAL ? one_by_one(t, &o) : packets;
}

unsigned tun_write(struct tun *t, const void *p, size_t n)
{
	unsigned refused = 0;

	if (!t->large)
		return put(t, p, n, &one) ? 0 : 1;
	if (!gather_add(&t->gather, p, n, t->udp)) {
		refused = tun_flush(t);
		gather_add(&t->gather, p, n, t->udp);
	}
	return refused;
}
