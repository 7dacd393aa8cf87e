/* SPDX-License-Identifier: MIT */
/*
 * Pours the frames of a capture into an interface, as they are, one after the other and again from
 * the first, so many a second and no more.
 *
 *   pour FILE.pcap INTERFACE RATE SECONDS      prints "FRAMES BYTES MILLISECONDS"
 *
 * The bytes are those from the IP header on.  Each frame of the file is sent at least once,
 * whatever the time.  What is sent at once is at most what a millisecond has, and what could not be
 * sent in time is not made up for: a busy machine pours slower, and the third number says so.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FRAMES_MAX 65536
#define FRAME_MAX 1514
#define ETHER 14
#define BATCH 64
#define PCAP_MAGIC 0xa1b2c3d4u

static struct iovec frames[FRAMES_MAX];
static size_t n_frames;

static void die(const char *what)
{
	fprintf(stderr, "pour: %s: %s\n", what, errno ? strerror(errno) : "not a capture");
	exit(1);
}

static void load(const char *path)
{
	uint32_t head[6], record[4];
	FILE *f = fopen(path, "rb");

	if (!f || fread(head, sizeof(head), 1, f) != 1 || head[0] != PCAP_MAGIC)
		die(path);
	while (n_frames < FRAMES_MAX && fread(record, sizeof(record), 1, f) == 1) {
		struct iovec *frame = &frames[n_frames++];

		if (record[2] < ETHER || record[2] > FRAME_MAX)
			die(path);
		frame->iov_len = record[2];
		frame->iov_base = malloc(record[2]);
		if (!frame->iov_base || fread(frame->iov_base, record[2], 1, f) != 1)
			die(path);
	}
	fclose(f);
	if (!n_frames)
		die(path);
}

static int opened(const char *interface)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET };
	int fd = socket(AF_PACKET, SOCK_RAW, 0), one = 1; /* 0: hears nothing */

	at.sll_ifindex = (int)if_nametoindex(interface);
	if (fd < 0 || !at.sll_ifindex || bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		die(interface);
	setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one));
	return fd;
}

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static size_t send_some(int fd, size_t from, size_t n, uint64_t *bytes)
{
	struct mmsghdr batch[BATCH] = { 0 };
	int sent;

	if (n > BATCH)
		n = BATCH;
	for (size_t i = 0; i < n; i++) {
		batch[i].msg_hdr.msg_iov = &frames[(from + i) % n_frames];
		batch[i].msg_hdr.msg_iovlen = 1;
	}
	sent = sendmmsg(fd, batch, (unsigned)n, 0);
	if (sent < 0) {
		if (errno != ENOBUFS && errno != EAGAIN)
			die("send");
		return 0;
	}
	for (int i = 0; i < sent; i++)
		*bytes += batch[i].msg_len - ETHER;
	return (size_t)sent;
}

static void pour(int fd, double rate, double seconds)
{
	int64_t start = now_us(), last = start, now = start, end = start + (int64_t)(seconds * 1e6);
	size_t sent = 0;
	uint64_t bytes = 0;
	double due = 0;

	while ((now = now_us()) < end || sent < n_frames) {
		double most = rate / 1000 + 1;

		due += (double)(now - last) * rate / 1e6;
		last = now;
		if (due > most)
			due = most;
		if (due >= 1) {
			size_t n = send_some(fd, sent, (size_t)due, &bytes);

			sent += n;
			due -= (double)n;
		}
		nanosleep(&(struct timespec){ .tv_nsec = 500000 }, NULL);
	}
	printf("%zu %llu %lld\n", sent, (unsigned long long)bytes, (long long)(now - start) / 1000);
}

int main(int argc, char **argv)
{
	double rate = argc == 5 ? atof(argv[3]) : 0, seconds = argc == 5 ? atof(argv[4]) : 0;

	if (rate <= 0 || rate > 1e6 || seconds <= 0) {
		fprintf(stderr, "usage: pour FILE.pcap INTERFACE RATE SECONDS\n");
		return 2;
	}
	load(argv[1]);
	pour(opened(argv[2]), rate, seconds);
	return 0;
}
