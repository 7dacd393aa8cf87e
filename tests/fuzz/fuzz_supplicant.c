/* SPDX-License-Identifier: MIT */
/* What wpa_supplicant says: each parser by itself, and the state behind them, which asks on. */
#include "client/wifi_priv.h"
#include "tests/fuzz/fuzz.h"

#include <stdarg.h>
#include <stdio.h>

/* In wifi.c's place: nobody is asked, and each answer may come at any time. */
static mtime clock_now;
static unsigned asked;

mtime wifi_now(void)
{
	return clock_now += MSEC(50);
}

void wifi_emit(struct wifi *w, const struct wifi_event *ev)
{
	(void)w;
	assert(ev->n <= RADIO_BSS_MAX && ev->bss.ssid_len <= SSID_MAX);
	for (size_t i = 0; i < ev->n; i++)
		assert(ev->list[i].ssid_len <= SSID_MAX);
	fuzz_touch(ev->list, ev->n * sizeof(*ev->list));
	if (ev->text)
		fuzz_touch(ev->text, strlen(ev->text));
}

int wifi_ask(struct wifi *w, enum wifi_request kind, const char *fmt, ...)
{
	char text[WIFI_COMMAND_MAX];
	va_list ap;
	int n;

	(void)w;
	(void)kind;
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	assert(n > 0 && n < (int)sizeof(text) && !strpbrk(text, "\n\r"));
	return ++asked % 13 ? 0 : -1;
}

int wifi_ask_once(struct wifi *w, enum wifi_request kind, const char *text)
{
	return wifi_ask(w, kind, "%s", text);
}

void wifi_ask_table(struct wifi *w)
{
	wifi_ask(w, WIFI_REQ_TABLE, "BSS");
}

bool wifi_table_waits(const struct wifi *w)
{
	(void)w;
	return asked % 7 == 0;
}

/* The input: one thing said after another, each behind a byte that says what it is. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum wifi_request kinds[] = {
	    WIFI_REQ_STATUS,	 WIFI_REQ_SCAN,	      WIFI_REQ_TABLE, WIFI_REQ_PAGE,
	    WIFI_REQ_LOAD,	 WIFI_REQ_NEIGHBOURS, WIFI_REQ_ROAM,  WIFI_REQ_BGSCAN,
	    WIFI_REQ_BGSCAN_ALL, WIFI_REQ_ABORT};
	struct wifi *w = calloc(1, sizeof(*w));
	const uint8_t *end = data + size;

	assert(w);
	w->state = WIFI_ATTACHED;
	w->rescan_at = w->roam_limit = MTIME_NEVER;
	asked = 0;
	while (data < end) {
		uint8_t what = *data++;
		const uint8_t *stop = memchr(data, 0, (size_t)(end - data));
		char *text = fuzz_text(data, (size_t)((stop ? stop : end) - data));
		struct radio_bss bss = {.freq_mhz = 2412};

		data = stop ? stop + 1 : end;
		if (what == 'R' && wifi_parse_ssid(text, &bss))
			wifi_roam(w, w->table.n ? &w->table.list[0] : &bss);
		else if (what >= '0' && what < '0' + sizeof(kinds) / sizeof(*kinds))
			wifi_on_reply(w, kinds[what - '0'], text);
		else
			wifi_on_event(w, text);
		assert(w->table.n <= RADIO_BSS_MAX && w->load_at <= RADIO_BSS_MAX);
		free(text);
	}
	free(w);
	return 0;
}
