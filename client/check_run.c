/* SPDX-License-Identifier: MIT */
#include "client/check_run.h"

#include "client/check.h"
#include "client/settings.h"
#include "common/control.h"

#include <stdio.h>

const char *check_config;

static json_t *as_json(const struct finding *list, unsigned n, const unsigned count[])
{
	json_t *a = json_array();

	for (unsigned i = 0; i < n; i++)
		json_array_append_new(a, json_pack("{ss ss ss}", "verdict",
						   verdict_name(list[i].verdict), "what",
						   list[i].what, "text", list[i].text));
	return json_pack("{sb si si si so}", "ok", count[CHECK_ERROR] == 0, "errors",
			 (int)count[CHECK_ERROR], "warnings", (int)count[CHECK_WARNING],
			 "not_looked_at", (int)count[CHECK_NOT_LOOKED], "findings", a);
}

static void as_text(const struct finding *list, unsigned n, const unsigned count[])
{
	for (unsigned i = 0; i < n; i++)
		printf("%-14s %-17s %s\n", verdict_name(list[i].verdict), list[i].what,
		       list[i].text);
	printf("%u errors, %u warnings, %u not looked at\n", count[CHECK_ERROR],
	       count[CHECK_WARNING], count[CHECK_NOT_LOOKED]);
}

int check_run(struct cli *c, const struct cli_command *cmd, int argc, char *argv[])
{
	struct finding list[CHECK_FINDINGS_MAX];
	unsigned count[CHECK_NOT_LOOKED + 1] = {0}, n;
	struct check_facts facts;
	json_t *o;
	int code;

	(void)cmd;
	(void)argc;
	(void)argv;
	check_look(check_config != NULL ? check_config : SETTINGS_FILE, c->socket, &facts);
	n = check_judge(&facts, list);
	for (unsigned i = 0; i < n; i++)
		count[list[i].verdict]++;
	if (c->json) {
		o = as_json(list, n, count);
		code = cli_answer(c, cmd, o);
		json_decref(o);
	} else {
		as_text(list, n, count);
		code = cli_flush();
	}
	return code != EXIT_OK || count[CHECK_ERROR] == 0 ? code : EXIT_FAILED;
}
