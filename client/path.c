/* SPDX-License-Identifier: MIT */
#include "client/daemon.h"

#include "common/cli.h"
#include "common/log.h"
#include "common/mss.h"

#include <errno.h>
#include <string.h>

static void refused(struct daemon *d, unsigned packets)
{
	while (packets--)
		mobile_dropped(d->mobile, DROP_SEND_FAILED);
}

void path_deliver(struct daemon *d, const uint8_t *p, size_t n)
{
	refused(d, tun_write(&d->tun, p, n));
}

void path_flush(struct daemon *d)
{
	d->giveback.loaded |= d->burst.n > 1 || d->tun.gather.packets > 1;
	outer_flush(d);
	refused(d, tun_flush(&d->tun));
}

bool path_may_wait(const struct daemon *d)
{
	const struct mobile_want *want = mobile_want(d->mobile), *have = &d->kernel.have;

	for (unsigned i = 0; i < d->out.n; i++)
		if (d->out.a[i].act != MOBILE_TUNNEL && d->out.a[i].act != MOBILE_DELIVER)
			return false;
	return d->kernel.applied && !d->kernel.switching && want->uplink == have->uplink &&
	       want->link == have->link && want->home_addr == have->home_addr &&
	       memcmp(want->care_of, have->care_of, sizeof(want->care_of)) == 0;
}

/* The device is not made anew here: that is root's to do. */
static void lost(struct daemon *d, int err)
{
	if (d->exit_code != EXIT_OK)
		return;
	log_error("%s: %s: somebody removed the TUN device", d->settings.tun, strerror(err));
	d->exit_code = EXIT_FAILED;
	uv_stop(&d->loop);
}

bool path_uplink(struct daemon *d)
{
	struct instant now;
	struct offload o;
	enum drop why;
	uint8_t *p;
	size_t n;

	while (!split_next(&d->uplink, &p, &n)) {
		ssize_t got = tun_read(&d->tun, d->large, sizeof(d->large), &o);

		if (got < 0 && got != -EAGAIN && got != -EINTR)
			lost(d, (int)-got);
		if (got <= 0)
			return false;
		why = split_begin(&d->uplink, &o, d->large + TUN_HEAD, (size_t)got);
		if (why != DROP_NONE)
			mobile_dropped(d->mobile, why);
		d->giveback.loaded |= o.kind != OFFLOAD_NONE;
	}
	/* Our own connections know by their route; those that we forward do not. */
	mss_clamp(p, n, mobile_want(d->mobile)->mtu);
	now = instant_now();
	mobile_tun(d->mobile, p, n, &now, &d->out);
	return true;
}
