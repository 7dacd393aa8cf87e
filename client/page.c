/* SPDX-License-Identifier: MIT */
#include "client/page.h"

#include "common/cli.h"

#include <string.h>

static void tile(FILE *to, const char *cls, const char *big, const char *small)
{
	fprintf(to, "<div class=\"tile %s\"><b>", cls);
	page_text(to, big);
	fputs("</b><span>", to);
	page_text(to, small);
	fputs("</span></div>\n", to);
}

static void tiles(const json_t *r, FILE *to)
{
	const json_t *down = json_object_get(r, "downlink"), *up = json_object_get(r, "uplink");
	bool done = strcmp(cli_str(r, "result"), "done") == 0;
	char text[CLI_TEXT_MAX];

	fputs("<div class=\"tiles\">", to);
	tile(to, done ? "ok" : "no", cli_str(r, "result"), cli_str(r, "flow"));
	if (cli_has(down, "lost")) {
		snprintf(text, sizeof(text), "%lld", cli_int(down, "lost"));
		tile(to, cli_int(down, "lost") ? "no" : "ok", text, "packets lost");
	}
	if (cli_has(r, "gap_ms")) {
		snprintf(text, sizeof(text), "%.0f ms", cli_num(r, "gap_ms"));
		tile(to, "", text, "gap in the downlink");
	}
	snprintf(text, sizeof(text), "%lld", cli_int(down, "forwarded"));
	tile(to, "", text, "kept and forwarded");
	snprintf(text, sizeof(text), "%lld", cli_int(up, "queued"));
	tile(to, "", text, "waited here, to be sent");
	fputs("</div>\n", to);
}

static void row(FILE *to, const char *name, const char *value)
{
	fputs("<tr><td>", to);
	page_text(to, name);
	fputs("</td><td>", to);
	page_text(to, value[0] != '\0' ? value : "not known");
	fputs("</td></tr>\n", to);
}

static void end_row(FILE *to, const char *name, const json_t *e)
{
	char text[256], signal[CLI_TEXT_MAX] = "";

	if (cli_has(e, "signal_dbm"))
		snprintf(signal, sizeof(signal), ", %lld dBm", cli_int(e, "signal_dbm"));
	snprintf(text, sizeof(text), "%s%s%s%s", cli_str(e, "ssid"), cli_has(e, "ssid") ? ", " : "",
		 cli_has(e, "bssid") ? cli_str(e, "bssid") : "nowhere", signal);
	row(to, name, text);
	if (cli_has(e, "agent")) {
		snprintf(text, sizeof(text), "%s, care-of address %s", cli_str(e, "agent"),
			 cli_str(e, "care_of"));
		row(to, "its agent", text);
	}
}

static void numbers(const json_t *r, FILE *to)
{
	const json_t *grant = json_object_get(r, "grant"), *up = json_object_get(r, "uplink");
	const json_t *sent = json_object_get(r, "sent");
	char text[160];

	fputs("<h2>In numbers</h2><div class=\"scroll\"><table><tbody>\n", to);
	end_row(to, "from", json_object_get(r, "from"));
	end_row(to, "to", json_object_get(r, "to"));
	if (json_is_object(grant)) {
		snprintf(text, sizeof(text), "%lld packets, %lld KiB, for %lld ms",
			 cli_int(grant, "packets"), cli_int(grant, "kib"),
			 cli_int(grant, "lease_ms"));
		row(to, "granted by the first agent", text);
	}
	snprintf(text, sizeof(text), "%lld queued, %lld dropped", cli_int(up, "queued"),
		 cli_int(up, "dropped"));
	row(to, "packets sent meanwhile", text);
	snprintf(text, sizeof(text), "%lld BUFFER, %lld Registration Request",
		 cli_int(sent, "buffer"), cli_int(sent, "requests"));
	row(to, "messages sent", text);
	fputs("</tbody></table></div>\n", to);
}

static void figure(FILE *to, const char *title)
{
	fprintf(to, "<figure><figcaption>%s</figcaption>", title);
}

static void key(FILE *to, const char *color, const char *name, const json_t *end)
{
	fprintf(to, "<span><i style=\"background:var(--%s)\"></i>%s ", color, name);
	page_text(to, cli_has(end, "bssid") ? cli_str(end, "bssid") : "");
	fputs("</span>", to);
}

static void signal_figure(const json_t *r, FILE *to)
{
	if (!json_is_object(json_object_get(r, "signal")))
		return;
	figure(to, "signal; shaded, the handoff");
	fputs("<div class=\"key\">", to);
	key(to, "one", "from", json_object_get(r, "from"));
	key(to, "two", "to", json_object_get(r, "to"));
	fputs("</div>\n", to);
	page_signal(r, to);
	fputs("</figure>\n", to);
}

static void charts(const json_t *r, FILE *to)
{
	fputs("<h2>What happened when</h2><div class=\"grid2\">\n", to);
	figure(to, "steps");
	page_steps(json_object_get(r, "steps"), to);
	fputs("</figure>", to);
	fputs("<div>", to);
	figure(to, "where packets waited");
	page_waits(r, to);
	fputs("</figure>\n", to);
	signal_figure(r, to);
	fputs("</div></div>\n", to);
}

static void lead(const json_t *r, FILE *to)
{
	fputs("<p class=\"lead\">", to);
	page_text(to, cli_has(r, "started") ? cli_str(r, "started") : "At a time not known");
	fputs(". Trigger: ", to);
	page_text(to, cli_str(r, "trigger"));
	fputs(".", to);
	if (cli_str(r, "reason")[0] != '\0') {
		fputs(" To know: ", to);
		page_text(to, cli_str(r, "reason"));
		fputs(".", to);
	}
	fputs("</p>\n", to);
}

void page_report(const json_t *r, FILE *to)
{
	fprintf(to,
		"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
		"<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
		"<title>Handoff %lld</title>\n<style>\n%s</style>\n<main>\n<h1>Handoff %lld</h1>\n",
		cli_int(r, "number"), page_style, cli_int(r, "number"));
	lead(r, to);
	tiles(r, to);
	charts(r, to);
	numbers(r, to);
	fputs("<p>Written by mipclient " VERSION "; flows and steps are explained in "
	      "mipclient(1).</p></main></html>\n",
	      to);
}
