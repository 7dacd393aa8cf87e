/* SPDX-License-Identifier: MIT */
#include "client/replay_cli.h"

#include "client/replay.h"
#include "common/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX_SIZE (4 << 20) /* the longest trace that trace_parse() takes is smaller */

const char *replay_compare;

static struct trace trace;
static struct replay_result results[WHO_COUNT];
static struct radio_conf conf;

static bool load(const char *path)
{
	char why[TRACE_WHY_MAX], *text = malloc(FILE_MAX_SIZE);
	FILE *f = fopen(path, "re");
	bool ok = false;
	size_t n;

	if (text == NULL || f == NULL) {
		cli_error("%s: %s", path, strerror(errno));
	} else {
		n = fread(text, 1, FILE_MAX_SIZE, f);
		if (ferror(f))
			cli_error("%s: %s", path, strerror(errno));
		else if (n == FILE_MAX_SIZE)
			cli_error("%s: larger than %d bytes", path, FILE_MAX_SIZE);
		else if (!(ok = trace_parse(text, n, &trace, why)))
			cli_error("%s: %s", path, why);
	}
	if (f != NULL)
		fclose(f);
	free(text);
	return ok;
}

/* Of a path, without folder and ".trace". */
static const char *name_of(char buf[CLI_TEXT_MAX], const char *path)
{
	const char *base = strrchr(path, '/');
	size_t n;

	base = base != NULL ? base + 1 : path;
	n = strlen(base);
	if (n > 6 && strcmp(base + n - 6, ".trace") == 0)
		n -= 6;
	snprintf(buf, CLI_TEXT_MAX, "%.*s", (int)n, base);
	return buf;
}

static const char *bssid(char buf[MAC_STRLEN], unsigned ap)
{
	return mac_fmt(buf, &trace.ap[ap].bssid);
}

static const char *verdict(const struct replay_move *m)
{
	return m->late ? "late" : m->excuse != NULL ? m->excuse : "";
}

static double s_of(mtime t)
{
	return (double)t / SEC(1);
}

/* ---- one player ---- */

static json_t *move_json(const struct replay_move *m)
{
	char from[MAC_STRLEN], to[MAC_STRLEN];

	return json_pack("{sI ss ss si ss ss sb sb sb ss?}", "at_ms",
			 (json_int_t)(m->at / 1000), "from", bssid(from, m->from), "to",
			 bssid(to, m->to), "level_dbm", m->level_dbm, "rule", m->rule, "why",
			 m->why, "ok", m->ok, "back", m->back, "late", m->late, "excuse",
			 m->excuse);
}

static json_t *result_json(const struct replay_result *r)
{
	return json_pack("{si si si si si si si si sf sf sf so so}", "handoffs", (int)r->handoffs,
			 "failed", (int)r->failed, "ping_pongs", (int)r->back, "late",
			 (int)r->late, "excused", (int)r->excused, "scans", (int)r->scans,
			 "full_scans", (int)r->full_scans, "links_lost", (int)r->lost, "weak_s",
			 s_of(r->weak), "useless_s", s_of(r->useless), "away_s", s_of(r->away),
			 "reaction_ms",
			 r->reaction == MTIME_NEVER ? json_null()
						    : json_integer(r->reaction / 1000),
			 "worst_dbm", r->n_moves ? json_integer(r->worst_dbm) : json_null());
}

static void print_json(json_t *o)
{
	json_dumpf(o, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(10));
	putchar('\n');
	json_decref(o);
}

static void play_json(const char *name, const struct replay_result *r)
{
	json_t *o = json_pack("{ss so}", "trace", name, "summary", result_json(r));
	json_t *list = json_array();

	for (unsigned i = 0; i < r->n_moves; i++)
		json_array_append_new(list, move_json(&r->move[i]));
	json_object_set_new(o, "decisions", list);
	print_json(o);
}

static void play_text(const char *name, const struct replay_result *r)
{
	char from[MAC_STRLEN], to[MAC_STRLEN];

	printf("%s, %.1f s, %u access points\n", name, s_of(trace.n_rows * trace.step),
	       trace.n_aps);
	for (unsigned i = 0; i < r->n_moves; i++) {
		const struct replay_move *m = &r->move[i];

		printf("%9.2f s  %s -> %s  %4d dBm  %-10s %s%s%s%s%s\n", s_of(m->at),
		       bssid(from, m->from), bssid(to, m->to), m->level_dbm, m->rule, m->why,
		       m->ok ? "" : "; FAILED", m->back ? "; ping-pong" : "",
		       *verdict(m) ? "; " : "", verdict(m));
	}
	printf("  %u handoffs (%u failed, %u ping-pongs, %u late, %u excused), worst level %d dBm\n"
	       "  below -75 dBm %.1f s, without a usable link %.2f s, on other channels %.2f s, "
	       "%u scans (%u of all channels), %u links lost\n",
	       r->handoffs, r->failed, r->back, r->late, r->excused, r->worst_dbm, s_of(r->weak),
	       s_of(r->useless), s_of(r->away), r->scans, r->full_scans, r->lost);
	if (r->reaction != MTIME_NEVER)
		printf("  left %lld ms after the step\n", (long long)(r->reaction / 1000));
}

/* ---- all of them ---- */

static void row_text(const char *name, const char *who, const struct replay_result *r)
{
	char reaction[CLI_TEXT_MAX] = "-", worst[CLI_TEXT_MAX] = "-";

	if (r->reaction != MTIME_NEVER)
		snprintf(reaction, sizeof(reaction), "%lld", (long long)(r->reaction / 1000));
	if (r->n_moves)
		snprintf(worst, sizeof(worst), "%d", r->worst_dbm);
	printf("%-11s %-14s %8u %6u %9u %5u %7u %6s %7.1f %8.2f %6.2f %9s\n", name, who,
	       r->handoffs, r->failed, r->back, r->late, r->excused, worst, s_of(r->weak),
	       s_of(r->useless), s_of(r->away), reaction);
}

static int wanted_dbm(unsigned i)
{
	return i == WANTS_THRESHOLD ? conf.leave_below_dbm : REPLAY_WEAK_DBM;
}

static void oracle_text(unsigned handoffs, mtime weak, unsigned i)
{
	printf("%-11s %-14s %8u %42s below %d dBm %.1f s\n", "",
	       i == WANTS_THRESHOLD ? "oracle" : "  content", handoffs, "", wanted_dbm(i),
	       s_of(weak));
}

static void compare_text(const char *name, const struct replay_oracle *o)
{
	for (unsigned i = 0; i < WHO_COUNT; i++)
		row_text(i == 0 ? name : "", replay_players[i]->name, &results[i]);
	for (unsigned i = 0; i < WANTS_COUNT; i++)
		oracle_text(o[i].handoffs, o[i].weak, i);
}

static json_t *compare_json(const char *name, const struct replay_oracle *o)
{
	json_t *all = json_pack("{ss}", "trace", name);

	for (unsigned i = 0; i < WHO_COUNT; i++)
		json_object_set_new(all, replay_players[i]->name, result_json(&results[i]));
	for (unsigned i = 0; i < WANTS_COUNT; i++)
		json_object_set_new(all, i == WANTS_THRESHOLD ? "oracle" : "content",
				    json_pack("{si sf si}", "handoffs", (int)o[i].handoffs,
					      "below_s", s_of(o[i].weak), "dbm",
					      wanted_dbm(i)));
	return all;
}

static void head(void)
{
	printf("%-11s %-14s %8s %6s %9s %5s %7s %6s %7s %8s %6s %9s\n", "trace", "", "handoffs",
	       "failed", "ping-pong", "late", "excused", "worst", "<-75 s", "no link", "away",
	       "react ms");
}

static void totals_text(const struct replay_total *sum)
{
	for (unsigned i = 0; i < WHO_COUNT; i++)
		printf("%-11s %-14s %8u %6s %9u %5u %7s %6s %7.1f %8.2f %6.2f\n",
		       i == 0 ? "all" : "", replay_players[i]->name, sum->handoffs[i], "",
		       sum->back[i], sum->late[i], "", "", s_of(sum->weak[i]),
		       s_of(sum->useless[i]), s_of(sum->away[i]));
	for (unsigned i = 0; i < WANTS_COUNT; i++)
		oracle_text(sum->oracle[i], sum->oracles_weak[i], i);
	putchar('\n');
}

static bool promises(struct cli *c, const struct replay_total *sum)
{
	json_t *list = json_array();
	char text[PROMISE_TEXT];
	bool all = true;

	for (unsigned p = 0; p < PROMISES; p++) {
		bool kept = replay_promise(sum, (enum replay_promise)p, text);

		all &= kept;
		if (!c->json)
			printf("%s %s\n", kept ? "kept    " : "NOT KEPT", text);
		json_array_append_new(list, json_pack("{sb ss}", "kept", kept, "found", text));
	}
	if (c->json)
		print_json(json_pack("{sO}", "promises", list));
	json_decref(list);
	return all;
}

static int compare(struct cli *c, int n, char *paths[])
{
	static struct replay_total sum;
	struct replay_oracle oracle[WANTS_COUNT];
	char name[CLI_TEXT_MAX];

	if (!c->json)
		head();
	for (int k = 0; k < n; k++) {
		if (!load(paths[k]))
			return EXIT_FAILED;
		for (unsigned i = 0; i < WHO_COUNT; i++)
			replay_run(&trace, replay_players[i], &conf, &results[i]);
		for (unsigned i = 0; i < WANTS_COUNT; i++)
			replay_oracle(&trace, wanted_dbm(i), &oracle[i]);
		replay_add(&sum, results, oracle);
		if (c->json)
			print_json(compare_json(name_of(name, paths[k]), oracle));
		else
			compare_text(name_of(name, paths[k]), oracle);
	}
	if (!c->json)
		totals_text(&sum);
	return promises(c, &sum) ? EXIT_OK : EXIT_FAILED;
}

int replay_command(struct cli *c, const struct cli_command *cmd, int argc, char *argv[])
{
	char name[CLI_TEXT_MAX];

	(void)cmd;
	radio_conf_default(&conf);
	if (replay_compare != NULL)
		return compare(c, argc, argv);
	for (int k = 0; k < argc; k++) {
		if (!load(argv[k]))
			return EXIT_FAILED;
		replay_run(&trace, &player_engine, &conf, &results[0]);
		(c->json ? play_json : play_text)(name_of(name, argv[k]), &results[0]);
	}
	return EXIT_OK;
}
