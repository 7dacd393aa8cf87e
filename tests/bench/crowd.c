/* SPDX-License-Identifier: MIT */
/*
 * Many nodes hand off within one second, from one real foreign agent to another, each with a
 * stream.  The nodes are mipclientd's core, one for each, on the links that two interfaces are;
 * the radio alone is made here: who is told to roam hears nothing for OUTAGE.
 *
 *   crowd NODES KEY HOME_AGENT IFACE1 IFACE2 CORRESPONDENT RATE [nobuffer]
 *
 * CORRESPONDENT, an address of this host, sends RATE numbered packets a second to each node.  A
 * number is lost when it has not come at the end, doubled when it comes again, and reordered when
 * a later one came before it.  Prints one line of JSON; fails when a node did not hand off.
 */
#include "client/mobile.h"
#include "common/clock.h"
#include "common/mip.h"
#include "tests/bench/nodes.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define OUTAGE MSEC(20)
#define AT_ONCE 100u	    /* nodes that register for the first time */
#define UPLINK (64u << 10) /* nobody sends anything */
#define STREAM_PORT 7000
#define STREAM_BYTES 100
#define NUMBERS 4096u /* of one stream: minutes */
#define FRAMES 4096u /* in one go */
#define PATIENCE SEC(60)
#define AFTERWARDS SEC(2)
#define SILENCE MSEC(500)

struct walker {
	struct mobile *mobile;
	unsigned index, at; /* interface */
	mtime up_at;	    /* on its way there until then; MTIME_NEVER: it is there */
	mtime deadline, begun, took; /* of the handoff; took -1: it is not over */
	int64_t left_at; /* the other one, by nodes_clock(); 0: not yet */
	bool tap, registered;
	uint64_t heard; /* packets on its link */
	uint32_t sent, newest, reordered, doubled;
	uint8_t seen[NUMBERS / 8];
};

static struct {
	unsigned n, registered, gone, arrived, failed;
	struct walker *w;
	int link[2], stream;
	mtime interval, next_packet, silent_since;
	unsigned long turn; /* of the stream: whose packet is next */
	bool streaming;
	struct mobile_out out;
} c;

static struct mac access_point(unsigned at)
{
	return (struct mac){ { 2, 1, 0, 0, 0, (uint8_t)(1 + at) } };
}

static struct radio_bss bss(unsigned at)
{
	return (struct radio_bss){ .bssid = access_point(at),
				   .freq_mhz = (uint16_t)(2412 + 25 * at),
				   .signal_dbm = -50,
				   .seen = instant_now().t,
				   .ssid = "campus",
				   .ssid_len = 6 };
}

static bool attached(const struct walker *w)
{
	return w->up_at == MTIME_NEVER;
}

/* ---- the streams ---- */

static void stream_send(struct walker *w)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(STREAM_PORT),
				  .sin_addr.s_addr = htonl(NODES_FIRST + w->index) };
	uint8_t payload[STREAM_BYTES - 28] = { 0 };

	if (w->sent == NUMBERS)
		return;
	memcpy(payload, &w->sent, sizeof(w->sent));
	while (sendto(c.stream, payload, sizeof(payload), 0, (struct sockaddr *)&to, sizeof(to)) <
	       0)
		if (errno != EAGAIN && errno != ENOBUFS)
			nodes_die("the stream");
	w->sent++;
}

static void stream_arrived(struct walker *w, const struct rbuf *payload)
{
	uint32_t number;
	uint8_t *byte, bit;

	if (payload->left < sizeof(number))
		return;
	memcpy(&number, payload->p, sizeof(number));
	if (number >= w->sent)
		nodes_die("a packet that nobody has sent");
	byte = &w->seen[number / 8];
	bit = (uint8_t)(1u << number % 8);
	if (*byte & bit)
		w->doubled++;
	else if (number < w->newest)
		w->reordered++;
	*byte |= bit;
	if (number > w->newest)
		w->newest = number;
	c.silent_since = instant_now().t;
}

static uint32_t lost(const struct walker *w)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < w->sent; i++)
		n += !(w->seen[i / 8] >> i % 8 & 1);
	return n;
}

/* ---- a node ---- */

static void carry(struct walker *w);

static void told(struct walker *w, enum event_kind what)
{
	if (what == TELL_REGISTERED && !w->registered) {
		w->registered = true;
		c.registered++;
	}
	if (what != TELL_HANDOVER_COMPLETE || !w->begun || w->took >= 0)
		return;
	w->took = instant_now().t - w->begun;
	c.arrived++;
}

static void scanned(struct walker *w)
{
	struct radio_bss list[] = { bss(0), bss(1) };
	struct instant now = instant_now();

	mobile_scanned(w->mobile, list, 2, &now, &c.out);
	carry(w);
}

static void no_backlog(struct walker *w)
{
	struct instant now = instant_now();

	mobile_backlog(w->mobile, 0, &now, &c.out);
	carry(w);
}

static void carry(struct walker *w)
{
	bool queue = false, scan = false;
	struct mac from = nodes_mac(w->index), second = access_point(1);

	for (unsigned i = 0; i < c.out.n; i++) {
		const struct mobile_action *a = &c.out.a[i];

		if (a->act == MOBILE_SEND && attached(w)) {
			nodes_send(c.link[w->at], &from, &a->mac, a->p, a->n);
		} else if (a->act == MOBILE_ROAM) {
			w->at = mac_equal(&a->bss.bssid, &second);
			w->up_at = instant_now().t + OUTAGE;
			w->left_at = nodes_clock();
		} else if (a->act == MOBILE_TAP) {
			w->tap = a->on;
		} else if (a->act == MOBILE_EVENT) {
			told(w, a->event);
		}
		queue |= a->act == MOBILE_BACKLOG;
		scan |= a->act == MOBILE_SCAN;
	}
	w->deadline = mobile_deadline(w->mobile);
	if (scan)
		scanned(w);
	if (queue)
		no_backlog(w);
}

static void link_up(struct walker *w)
{
	struct instant now = instant_now();
	struct radio_bss to = bss(w->at);

	w->up_at = MTIME_NEVER;
	mobile_count(w->mobile, w->heard);
	mobile_connected(w->mobile, MOBILE_RADIO, &to, &now, &c.out);
	carry(w);
}

static void hand_off(struct walker *w)
{
	struct instant now = instant_now();
	struct mac to = access_point(1);
	const char *why;
	bool not_found;

	w->begun = now.t;
	why = mobile_handoff(w->mobile, &to, &not_found, &now, &c.out);
	if (why && !c.failed++)
		fprintf(stderr, "crowd: node %u: %s\n", w->index, why);
	carry(w);
}

static void hears(struct walker *w, const struct mac *from, const struct ipv4 *ip)
{
	struct instant now = instant_now();
	struct udp udp;

	if (ip->protocol == PROTO_ICMP) {
		mobile_count(w->mobile, w->heard);
		mobile_icmp(w->mobile, MOBILE_RADIO, from, ip->src, ip->payload.p,
			    ip->payload.left, &now, &c.out);
	} else if (ip->protocol != PROTO_UDP || udp_decode(ip, false, &udp) != DROP_NONE) {
		return;
	} else if (udp.dport == MIP_PORT) {
		mobile_count(w->mobile, w->heard);
		mobile_udp(w->mobile, from, ip->src, ip->dst, udp.payload.p, udp.payload.left,
			   &now, &c.out);
	} else {
		w->heard++;
		stream_arrived(w, &udp.payload);
		if (!w->tap)
			return;
		mobile_downlink(w->mobile, w->heard, &now, &c.out);
	}
	carry(w);
}

/* It came before the node left, and nobody has looked until now: the node had it. */
static void heard_before(struct walker *w, const struct ipv4 *ip)
{
	struct udp udp;

	if (ip->protocol == PROTO_UDP && udp_decode(ip, false, &udp) == DROP_NONE &&
	    udp.dport == STREAM_PORT)
		stream_arrived(w, &udp.payload);
}

static void frame(unsigned at, int64_t when, const uint8_t *p, size_t n)
{
	struct mac to, from;
	struct ipv4 ip;
	bool all = p[0] & 1;
	unsigned i = 0;

	memcpy(to.b, p, sizeof(to.b));
	memcpy(from.b, p + 6, sizeof(from.b));
	if (ipv4_decode(p + ETHER_LEN, n - ETHER_LEN, &ip) != DROP_NONE)
		return;
	if (!all)
		i = (unsigned)to.b[2] << 24 | to.b[3] << 16 | to.b[4] << 8 | to.b[5];
	for (; i < c.n; i = all ? i + 1 : c.n)
		if (c.w[i].at == at && attached(&c.w[i]))
			hears(&c.w[i], &from, &ip);
		else if (c.w[i].at != at && when < c.w[i].left_at)
			heard_before(&c.w[i], &ip);
}

/* ---- the world ---- */

static void make(unsigned i, const struct mobile_conf *conf)
{
	struct mobile_conf own = *conf;
	struct instant now = instant_now();
	struct walker *w = &c.w[i];

	own.home_addr = NODES_FIRST + i;
	w->index = i;
	w->took = -1;
	w->up_at = MTIME_NEVER;
	w->mobile = mobile_new(&own, aligned_alloc(64, UPLINK), &now);
	if (!w->mobile)
		nodes_die("no memory");
	mobile_start(w->mobile, &now, &c.out);
	carry(w);
}

static mtime streams(mtime now)
{
	if (!c.streaming)
		return MTIME_NEVER;
	for (; c.next_packet <= now; c.next_packet += c.interval)
		stream_send(&c.w[c.turn++ % c.n]);
	return c.next_packet;
}

/* What is due; the next deadline. */
static mtime due(void)
{
	struct instant now = instant_now();
	mtime next = streams(now.t);

	for (unsigned i = 0; i < c.n; i++) {
		struct walker *w = &c.w[i];

		if (w->up_at <= now.t)
			link_up(w);
		for (bool more = w->deadline <= now.t; more;) {
			more = mobile_tick(w->mobile, &now, &c.out);
			carry(w);
		}
		next = mtime_min(next, mtime_min(w->deadline, w->up_at));
	}
	return next;
}

/* All that is there, the first link's first: what a node left behind came before. */
static void hear(void)
{
	uint8_t buf[FRAME_MAX];
	int64_t when;
	size_t n;

	for (unsigned at = 0; at < 2; at++)
		for (unsigned k = 0; k < FRAMES && (n = nodes_receive(c.link[at], buf, &when)); k++)
			frame(at, when, buf, n);
}

static void turn(void)
{
	struct pollfd p[] = { { .fd = c.link[0], .events = POLLIN },
			      { .fd = c.link[1], .events = POLLIN } };
	mtime next = due(), now = instant_now().t;

	poll(p, 2, next <= now ? 0 : next - now > MSEC(50) ? 50 : (int)((next - now + 999) / 1000));
	hear();
}

/* A few at a time: what a foreign agent has in hand at once is limited. */
static void all_register(void)
{
	mtime until = instant_now().t + PATIENCE;
	unsigned begun = 0;

	while (c.registered < c.n && instant_now().t < until) {
		for (; begun < c.n && begun < c.registered + AT_ONCE; begun++) {
			link_up(&c.w[begun]);
			scanned(&c.w[begun]);
		}
		turn();
	}
	if (c.registered < c.n) {
		fprintf(stderr, "crowd: %u of %u are registered\n", c.registered, c.n);
		exit(1);
	}
}

static void for_a_while(mtime t)
{
	for (mtime until = instant_now().t + t; instant_now().t < until;)
		turn();
}

static mtime all_hand_off(void)
{
	mtime begin = instant_now().t;

	while (c.arrived + c.failed < c.n && instant_now().t < begin + PATIENCE) {
		for (; c.gone < c.n && begin + SEC(1) * c.gone / c.n <= instant_now().t; c.gone++)
			hand_off(&c.w[c.gone]);
		turn();
	}
	return instant_now().t - begin;
}

static int by_time(const void *a, const void *b)
{
	mtime x = *(const mtime *)a, y = *(const mtime *)b;

	return (x > y) - (x < y);
}

static void print(mtime all)
{
	unsigned long sent = 0, gone = 0, twice = 0, late = 0;
	mtime *took = calloc(c.n, sizeof(*took));
	unsigned n = 0;

	for (unsigned i = 0; i < c.n; i++) {
		const struct walker *w = &c.w[i];

		sent += w->sent;
		gone += lost(w);
		twice += w->doubled;
		late += w->reordered;
		if (w->took >= 0)
			took[n++] = w->took;
	}
	qsort(took, n, sizeof(*took), by_time);
	printf("{\"nodes\": %u, \"handed_off\": %u, \"all_ms\": %.0f, \"median_ms\": %.0f, "
	       "\"longest_ms\": %.0f, \"sent\": %lu, \"lost\": %lu, \"doubled\": %lu, "
	       "\"reordered\": %lu}\n",
	       c.n, n, (double)all / 1e3, n ? (double)took[n / 2] / 1e3 : 0,
	       n ? (double)took[n - 1] / 1e3 : 0, sent, gone, twice, late);
	free(took);
}

int main(int argc, char **argv)
{
	struct mobile_conf conf;
	mtime all;

	c.n = argc > 7 ? (unsigned)atoi(argv[1]) : 0;
	if (c.n < 1 || c.n > NODES_MAX || atoi(argv[7]) < 1) {
		fprintf(stderr, "usage: see the head of tests/bench/crowd.c\n");
		return 2;
	}
	mobile_conf_default(&conf);
	conf.home_sa = nodes_key(argv[2]);
	conf.home_agent = nodes_addr(argv[3]);
	conf.automatic = false;
	conf.uplink_bytes = UPLINK;
	conf.buffer = argc < 9 || strcmp(argv[8], "nobuffer") != 0;
	c.link[0] = nodes_link(argv[4]);
	c.link[1] = nodes_link(argv[5]);
	c.stream = nodes_udp(argv[6], 0);
	c.interval = SEC(1) / atoi(argv[7]) / c.n;
	c.w = calloc(c.n, sizeof(*c.w));
	if (!c.w || !c.interval)
		nodes_die("so many nodes");
	for (unsigned i = 0; i < c.n; i++)
		make(i, &conf);
	all_register();
	c.streaming = true;
	c.next_packet = instant_now().t;
	for_a_while(AFTERWARDS);
	all = all_hand_off();
	for_a_while(AFTERWARDS);
	c.streaming = false;
	c.silent_since = instant_now().t;
	while (instant_now().t - c.silent_since < SILENCE)
		turn();
	print(all);
	return c.arrived != c.n;
}
