/* SPDX-License-Identifier: MIT */
#include "client/past.h"

#include "client/page.h"
#include "common/control.h"

#include <errno.h>
#include <string.h>

struct past_options past_options;

#define FILE_WHAT "save one with \"mipclient --json report > FILE\""

/* What --json wrote, from the daemon's answer or the report alone; NULL: it was said why not. */
static json_t *load(const char *path)
{
	bool is_stdin = strcmp(path, "-") == 0;
	json_error_t error;
	json_t *o;

	errno = 0;
	o = is_stdin ? json_loadf(stdin, 0, &error) : json_load_file(path, 0, &error);
	if (o == NULL && errno != 0)
		cli_error("%s: %s: " FILE_WHAT, path, strerror(errno));
	else if (o == NULL)
		cli_error("%s:%d: is not JSON (%s): " FILE_WHAT, path, error.line, error.text);
	if (o == NULL)
		return NULL;
	if (json_is_object(json_object_get(o, "report")) ||
	    json_is_array(json_object_get(o, "steps")))
		return o;
	cli_error("%s: there is no report in it: " FILE_WHAT, path);
	json_decref(o);
	return NULL;
}

static int print(struct cli *c, const struct cli_command *cmd, const json_t *answer)
{
	if (past_options.html == NULL)
		return cli_answer(c, cmd, answer);
	page_report(json_object_get(answer, "report"), stdout);
	return cli_flush();
}

int past_report(struct cli *c, const struct cli_command *cmd, int argc, char *argv[])
{
	json_t *answer, *whole;
	int code = EXIT_OK;

	if (past_options.html != NULL && c->json) {
		cli_error("--html and --json: one of them is enough");
		return EXIT_USAGE;
	}
	if (past_options.from == NULL) {
		code = cli_ask(c, cmd, argc, argv, &answer);
	} else if (argc > 0) {
		cli_error("--from: there is one report in it, and no number is needed");
		return EXIT_USAGE;
	} else {
		answer = load(past_options.from);
		code = answer == NULL ? EXIT_FAILED : EXIT_OK;
	}
	if (code != EXIT_OK || answer == NULL)
		return code;
	whole = json_is_object(json_object_get(answer, "report"))
		    ? json_incref(answer)
		    : json_pack("{sb sO}", "ok", true, "report", answer);
	code = print(c, cmd, whole);
	json_decref(whole);
	json_decref(answer);
	return code;
}
