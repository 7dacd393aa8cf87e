/* SPDX-License-Identifier: MIT */
/* The agents' core, by a sequence of what may happen to it. */
#include "tests/fuzz/agent_messages.h"
#include "tests/fuzz/agent_ops.h"

static uint8_t message[MIP_MSG_MAX];
static const struct mac macs[] = {{{2, 0, 0, 0, 9, 9}}, {{2, 0, 0, 0, 9, 8}}, {{0}}};

static const struct mac *any_mac(struct rbuf *in)
{
	return &macs[fuzz_choice(in, sizeof(macs) / sizeof(*macs))];
}

static void after(struct agents *g, unsigned i)
{
	agents_act(g, i);
	agents_tick(g, i);
	agents_look(g, i);
}

/* ---- between agents ---- */

static unsigned whose(const struct agents *g, const struct flight *f)
{
	for (unsigned i = 0; i < AGENTS; i++)
		if (agent_addr[i] == f->dst || (f->dst == NAT && i != HA && g->agent[i]))
			return i;
	return AGENTS;
}

static void arrive(struct agents *g, struct flight *f)
{
	unsigned i = whose(g, f);
	uint8_t *p;

	if (i == AGENTS)
		return;
	p = fuzz_copy(f->p, f->n);
	if (f->tunnel)
		agent_tunnel(g->agent[i], f->src, agent_addr[i], p, f->n, &g->now, &agents_out);
	else
		agent_udp(g->agent[i], f->src, f->sport, agent_addr[i], p, f->n, &g->now,
			  &agents_out);
	after(g, i);
	free(p);
}

static void take(struct agents *g, unsigned k, struct flight *f)
{
	*f = g->bag[k];
	memmove(&g->bag[k], &g->bag[k + 1], (--g->n_bag - k) * sizeof(*f));
}

static void deliver_all(struct agents *g)
{
	static struct flight f;

	for (unsigned k = 0; k < 64 && g->n_bag; k++) {
		take(g, 0, &f);
		arrive(g, &f);
	}
}

static void flip(uint8_t *p, size_t n, struct rbuf *in)
{
	size_t at = rb_u16(in);

	if (n)
		p[at % n] ^= (uint8_t)(1 << fuzz_choice(in, 8));
}

/* One of them: out of its turn, lost, twice, changed, or from somebody else. */
static void bag(struct agents *g, struct rbuf *in)
{
	static struct flight f;
	unsigned k = rb_u8(in), how = fuzz_choice(in, 5);

	if (!g->n_bag)
		return;
	take(g, k % g->n_bag, &f);
	if (how == 1)
		return;
	if (how == 3)
		flip(f.p, f.n, in);
	if (how == 4) {
		f.src = say_addr(in);
		f.sport ^= rb_u8(in);
	}
	arrive(g, &f);
	if (how == 2)
		arrive(g, &f);
}

/* ---- messages ---- */

static void say(struct agents *g, struct rbuf *in, const uint8_t *p, size_t n)
{
	unsigned i = fuzz_choice(in, AGENTS);
	uint8_t door = rb_u8(in);
	uint32_t src = say_addr(in);
	uint32_t dst = door & 8 ? say_addr(in) : i ? agent_link[i] : agent_addr[HA];
	uint16_t sport = door & 2 ? MIP_PORT : 40123;
	uint8_t *copy = fuzz_copy(p, n);

	if (door & 1)
		agent_udp(g->agent[i], src, sport, agent_addr[i], copy, n, &g->now, &agents_out);
	else
		agent_link_udp(g->agent[i], door >> 4 & 1, &macs[door >> 6 & 1],
			       door & 4 ? src : HOME, sport, dst, door & 32 ? 1 : 255, copy, n,
			       &g->now, &agents_out);
	after(g, i);
	free(copy);
}

static void replay(struct agents *g, struct rbuf *in)
{
	if (rb_u8(in) & 1)
		flip(g->heard, g->heard_n, in);
	say(g, in, g->heard, g->heard_n);
}

/* ---- packets ---- */

static void data(struct agents *g, struct rbuf *in)
{
	unsigned i = fuzz_choice(in, AGENTS), door = rb_u8(in), n = 1 + fuzz_choice(in, 16);
	uint32_t src = say_addr(in), dst = say_addr(in), outer = say_addr(in);
	uint8_t ttl = rb_u8(in) | 1, tos = rb_u8(in);
	struct ipv4_out h = {.src = src, .dst = dst, .ttl = ttl, .tos = tos, .df = door & 8};
	uint8_t payload[1400] = {0};
	size_t len = rb_u16(in) % sizeof(payload);

	for (unsigned k = 0; k < n; k++) {
		uint8_t pkt[1500], tunnelled[1500], *copy;
		size_t m =
		    udp_build(pkt, sizeof(pkt), &h, 5000, door & 4 ? MIP_PORT : 5001, payload, len);

		payload[0] = (uint8_t)k;
		copy = fuzz_copy(pkt, m);
		mip_tunnel_header(tunnelled);
		memcpy(tunnelled + MIP_TUNNEL_LEN, pkt, m);
		if ((door & 3) == 0)
			agent_tun(g->agent[i], copy, m, &g->now, &agents_out);
		else if ((door & 3) == 1)
			agent_tunnel(g->agent[i], outer, agent_addr[i], copy, m, &g->now,
				     &agents_out);
		else
			agent_udp(g->agent[i], outer, door & 2 ? MIP_PORT : 40123, agent_addr[i],
				  tunnelled, m + MIP_TUNNEL_LEN, &g->now, &agents_out);
		after(g, i);
		free(copy);
	}
}

static void raw(struct agents *g, struct rbuf *in)
{
	unsigned i = fuzz_choice(in, AGENTS), door = rb_u8(in);
	uint32_t src = say_addr(in);
	struct rbuf piece = fuzz_piece(in);
	uint8_t *p = fuzz_copy(piece.p, piece.left);
	size_t n = piece.left, header = n ? (size_t)(p[0] & 15) * 4 : 0;

	if (door & 8)
		fuzz_mend_ip(p, n);
	if (door & 16 && n > header)
		fuzz_mend_sum(p + header, n - header, 2);
	switch (door & 7) {
	case 0:
		agent_tun(g->agent[i], p, n, &g->now, &agents_out);
		break;
	case 1:
		agent_tunnel(g->agent[i], src, agent_addr[i], p, n, &g->now, &agents_out);
		break;
	case 2:
		agent_icmp(g->agent[i], p, n, &g->now, &agents_out);
		break;
	case 3:
		agent_udp(g->agent[i], src, 40123, agent_addr[i], p, n, &g->now, &agents_out);
		break;
	default:
		agent_link_udp(g->agent[i], door >> 5 & 1, &macs[0], src, 5434, agent_link[i], 255,
			       p, n, &g->now, &agents_out);
	}
	after(g, i);
	free(p);
}

/* ---- the home agent starts anew, or is configured anew ---- */

static void restart(struct agents *g)
{
	size_t room = state_room(g->agent[HA], &g->conf[HA]), n;
	uint8_t *p = malloc(room);
	struct state_reader s;
	struct agent_kept k;

	assert(p);
	n = state_encode(g->agent[HA], &g->conf[HA], &g->now, p, room);
	assert(n);
	n = seal(p, n);
	agent_free(g->agent[HA]);
	g->agent[HA] = agent_new(&g->conf[HA], g->pool[HA], &g->now);
	assert(g->agent[HA]);
	agent_resumed(g->agent[HA]);
	agents_out.n = 0;
	assert(state_open(&s, p, n, &g->conf[HA], &g->now) == STATE_GOOD);
	while (state_next(&s, &k))
		assert(agent_restore(g->agent[HA], &k, &g->now, &agents_out));
	free(p);
	after(g, HA);
}

/* Without some of its nodes and peers, or with other keys. */
static void configure(struct agents *g, struct rbuf *in)
{
	static struct agent_node_conf nodes[2][NODES];
	static struct agent_peer_conf peers[2][AGENTS];
	static unsigned turn;
	struct agent_conf c = g->conf[HA];
	uint8_t what = rb_u8(in), which = rb_u8(in) % NODES;

	turn ^= 1;
	memcpy(nodes[turn], c.nodes, c.n_nodes * sizeof(*c.nodes));
	memcpy(peers[turn], c.peers, c.n_peers * sizeof(*c.peers));
	c.nodes = nodes[turn];
	c.peers = peers[turn];
	if (what & 1)
		c.n_nodes = which;
	if (what & 2)
		c.n_peers = which % AGENTS;
	if (what & 4 && which < c.n_nodes)
		c.nodes[which].sa.key.b[0] ^= 1;
	if (!agent_reconfigure(g->agent[HA], &c, &g->now, &agents_out))
		return;
	g->conf[HA] = c;
	after(g, HA);
}

/* ---- the input ---- */

static void begin(struct agents *g, uint8_t with)
{
	struct mip_request m = {.flags = MIP_T,
				.lifetime_s = 600,
				.home_addr = HOME,
				.home_agent = agent_addr[HA],
				.care_of = agent_addr[FA_A],
				.id = g->now.ntp};
	struct wbuf w = wb_init(message, sizeof(message));

	g->conf[HA].home_on_link = with & AGENT_WITH_HOME_LINK;
	g->conf[HA].n_links = with & AGENT_WITH_HOME_LINK ? 1 : 0;
	g->conf[HA].home_udp = with & AGENT_WITH_FORCED_UDP ? UDP_TUNNEL_FORCED : UDP_TUNNEL_NAT;
	for (unsigned i = 0; i < AGENTS; i++) {
		g->conf[i].early_forward = with & AGENT_WITH_EARLY_FORWARD;
		g->conf[i].foreign_nat = with & AGENT_WITH_NAT ? AGENT_NAT_YES : AGENT_NAT_AUTO;
		g->conf[i].overflow = with & AGENT_WITH_LOWEST ? OVERFLOW_LOWEST : OVERFLOW_OLDEST;
		g->conf[i].foreign_required = with & AGENT_WITH_REQUIRED;
	}
	agents_begin(g);
	agents_wait(g, MSEC(100));
	if (!(with & AGENT_WITH_VISITOR))
		return;
	m.id = g->last_id = g->now.ntp;
	mip_request_encode(&w, &m);
	auth_append(&w, EXT_MN_HA, 0, &g->key[KEY_MN_HA]);
	auth_append(&w, EXT_MN_FA, 0, &g->key[KEY_MN_FA_A]);
	agent_link_udp(g->agent[FA_A], 0, &macs[0], HOME, 5434, agent_link[FA_A], 255, message,
		       w.len, &g->now, &agents_out);
	after(g, FA_A);
	deliver_all(g);
}

static void op(struct agents *g, struct rbuf *in, uint8_t with)
{
	unsigned i, how;
	size_t n;

	switch ((enum agent_op)fuzz_choice(in, AGENT_OPS)) {
	case AGENT_OP_WAIT:
		if (!(with & AGENT_WITH_HOLD))
			deliver_all(g);
		i = rb_u8(in);
		agents_wait(g, i < 224 ? MSEC(i) : SEC(rb_u8(in)));
		break;
	case AGENT_OP_DELIVER:
		deliver_all(g);
		break;
	case AGENT_OP_REQUEST:
		n = say_request(in, g, message, sizeof(message));
		say(g, in, message, n);
		break;
	case AGENT_OP_ORDER:
		n = say_order(in, g, message, sizeof(message));
		say(g, in, message, n);
		break;
	case AGENT_OP_SIGNED:
		n = say_signed(in, g, message, sizeof(message));
		say(g, in, message, n);
		break;
	case AGENT_OP_DATA:
		data(g, in);
		break;
	case AGENT_OP_RAW:
		raw(g, in);
		break;
	case AGENT_OP_BAG:
		bag(g, in);
		break;
	case AGENT_OP_REPLAY:
		replay(g, in);
		break;
	case AGENT_OP_STATION:
		i = fuzz_choice(in, AGENTS);
		how = rb_u8(in);
		agent_station(g->agent[i], how & 1, &macs[how >> 1 & 1],
			      how & 4 ? STATION_GONE : STATION_JOINED, &g->now, &agents_out);
		after(g, i);
		break;
	case AGENT_OP_QUEUE:
		i = fuzz_choice(in, AGENTS);
		agent_queue_empty(g->agent[i], any_mac(in), &g->now, &agents_out);
		after(g, i);
		break;
	case AGENT_OP_UNREACHABLE:
		i = fuzz_choice(in, AGENTS);
		how = rb_u8(in);
		agent_unreachable(g->agent[i], say_addr(in), how & 15, &g->now, &agents_out);
		after(g, i);
		break;
	case AGENT_OP_SOLICIT: {
		struct wbuf w = wb_init(message, sizeof(message));

		i = fuzz_choice(in, AGENTS);
		solicit_encode(&w);
		how = rb_u8(in);
		agent_solicit(g->agent[i], how & 1, &macs[how >> 1 & 1], say_addr(in), message,
			      w.len, &g->now, &agents_out);
		after(g, i);
		break;
	}
	case AGENT_OP_RESTART:
		restart(g);
		break;
	case AGENT_OP_CONF:
		configure(g, in);
		break;
	case AGENT_OPS:
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct rbuf in = rb_init(bytes, size);
	struct agents *g = agents_configured();
	uint8_t with = rb_u8(&in);

	begin(g, with);
	for (unsigned ops = 0; in.left && ops < 150; ops++)
		op(g, &in, with);
	agents_end(g);
	return 0;
}
