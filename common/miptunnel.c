/* SPDX-License-Identifier: MIT */
#include "common/mip.h"

#define UDP_EXT_LEN 6	 /* what the Length byte of either says: the SubType and what follows it */
#define UDP_SUBTYPE 0	 /* the only one there is, RFC 3519 3.1 and 3.2 */
#define UDP_FORCE 0x80	 /* in the flags of either */
#define UDP_THROUGH 0x40 /* R in a Request: a foreign agent's address is registered */

enum drop mip_udp_request_read(const struct mip_ext *e, struct mip_exts *x)
{
	struct mip_udp_request u = {.present = true, .before_mn_ha = !x->n_mn_ha};
	struct rbuf r = e->data;
	uint16_t reserved;
	uint8_t flags;

	if (e->subtype != UDP_SUBTYPE)
		return DROP_NONE;
	rb_skip(&r, 1);
	flags = rb_u8(&r);
	u.force = flags & UDP_FORCE;
	u.registration_required = flags & UDP_THROUGH;
	u.encapsulation = rb_u8(&r);
	reserved = rb_u16(&r);
	if (!rb_end(&r))
		return DROP_MALFORMED;
	if (reserved) /* RFC 3519 3.1: the extension is skipped, as one that came later than we */
		return DROP_NONE;
	if (x->udp_request.present || x->n_mn_fa || x->n_fa_ha)
		return DROP_MALFORMED;
	x->udp_request = u;
	return DROP_NONE;
}

enum drop mip_udp_reply_read(const struct mip_ext *e, struct mip_exts *x)
{
	struct mip_udp_reply u = {.present = true, .before_mn_ha = !x->n_mn_ha};
	struct rbuf r = e->data;

	if (e->subtype != UDP_SUBTYPE) /* may not be skipped, RFC 5944 1.8 */
		return DROP_EXTENSION;
	u.code = rb_u8(&r);
	u.forced = rb_u16(&r) >> 8 & UDP_FORCE;
	u.keepalive_s = rb_u16(&r);
	if (!rb_end(&r) || x->udp_reply.present || x->n_mn_fa || x->n_fa_ha)
		return DROP_MALFORMED;
	x->udp_reply = u;
	return DROP_NONE;
}

static void head(struct wbuf *w, uint8_t type, uint8_t code)
{
	wb_u8(w, type);
	wb_u8(w, UDP_EXT_LEN);
	wb_u8(w, UDP_SUBTYPE);
	wb_u8(w, code);
}

void mip_udp_request_append(struct wbuf *w, const struct mip_udp_request *u)
{
	head(w, EXT_UDP_REQUEST, 0);
	wb_u8(w, (uint8_t)((u->force ? UDP_FORCE : 0) |
			   (u->registration_required ? UDP_THROUGH : 0)));
	wb_u8(w, u->encapsulation);
	wb_u16(w, 0);
}

void mip_udp_reply_append(struct wbuf *w, const struct mip_udp_reply *u)
{
	head(w, EXT_UDP_REPLY, u->code);
	wb_u8(w, u->forced ? UDP_FORCE : 0);
	wb_u8(w, 0);
	wb_u16(w, u->keepalive_s);
}

void mip_tunnel_header(uint8_t buf[MIP_TUNNEL_LEN])
{
	struct wbuf w = wb_init(buf, MIP_TUNNEL_LEN);

	wb_u8(&w, MIP_TUNNEL);
	wb_u8(&w, MIP_TUNNEL_IPIP);
	wb_u16(&w, 0);
}

bool mip_tunnel_decode(const uint8_t *p, size_t n, struct rbuf *inner)
{
	struct rbuf r = rb_init(p, n);
	uint8_t type = rb_u8(&r), next = rb_u8(&r);

	rb_skip(&r, 2);
	if (!rb_ok(&r) || type != MIP_TUNNEL || next != MIP_TUNNEL_IPIP)
		return false;
	*inner = r;
	return true;
}
