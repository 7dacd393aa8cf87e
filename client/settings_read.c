/* SPDX-License-Identifier: MIT */
#include "client/settings.h"

#include "common/statefile.h"

#include <string.h>

#define KIB UINT64_C(1024)

static const char *contradiction(const struct settings *s)
{
	if (s->nai[0] != '\0' && !conf_is_nai(s->nai))
		return "[Node] nai: a name like laptop@example.net is expected, of 72 letters at "
		       "most";
	if (s->home_addr == 0 && s->nai[0] == '\0')
		return "[Node] home-address: is missing (or nai: then the home agent gives one)";
	if (s->home_addr && !addr_is_unicast(s->home_addr))
		return "[Node] home-address: a unicast address is expected";
	if (s->home_agent.addr && !addr_is_unicast(s->home_agent.addr))
		return "[Node] home-agent: a unicast address is expected";
	if (s->home_addr && s->home_addr == s->home_agent.addr)
		return "[Node] home-agent: the home agent cannot have the home address";
	if (s->key.key.len == 0 && s->key_here.len == 0)
		return "[Node] key-file: is missing (or key: the key itself)";
	if (s->key.key.len > 0 && s->key_here.len > 0)
		return "[Node] key: there is a key-file too (take out one of them)";
	if (!settings_except_fits(s))
		return "[Node] except: each must be a part of one of the destinations, and not all "
		       "of it";
	if (s->dead >= s->leave_below)
		return "[Radio] dead: must be below leave-below, or there is no time left to leave";
	if (s->settle > s->settle_max)
		return "[Buffer] settle: may not be longer than settle-max";
	if (s->uplink.packets == 0 || s->uplink.bytes < 64 * KIB ||
	    s->uplink.bytes > 1024 * KIB * KIB)
		return "[Buffer] uplink: at least 1 packet and 64 KiB, at most 1024 MiB are "
		       "expected";
	if (strlen(s->socket) >= 108)
		return "[Daemon] socket: a path of at most 107 bytes is expected";
	if (!statefile_setting(s->state))
		return "[Daemon] state: a path that begins with /, auto or none is expected";
	return NULL;
}

int settings_read(const char *path, struct settings *out)
{
	const char *wrong;

	if (conf_read(&settings_spec, path, out) < 0)
		return -1;
	wrong = contradiction(out);
	if (wrong == NULL)
		return 0;
	conf_blame(path, wrong);
	settings_free(out);
	return -1;
}

void settings_print(const struct settings *s, FILE *to)
{
	conf_print(&settings_spec, s, to);
}

void settings_free(struct settings *s)
{
	conf_free(&settings_spec, s);
}
