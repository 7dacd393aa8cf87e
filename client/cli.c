/* SPDX-License-Identifier: MIT */
#include "client/show.h"
#include "common/cli.h"
#include "common/control.h"

#include <string.h>

static int watch(struct cli *c, const struct cli_command *cmd, int argc, char *argv[])
{
	json_t *answer;
	int code = cli_ask(c, cmd, argc, argv, &answer);

	json_decref(answer); /* there is none: it ends with the daemon, or with us */
	return code;
}

static const struct cli_command commands[] = {
    {.name = "status",
     .args = "",
     .help = "where the node is: link, agent, binding, buffering",
     .show = show_status},
    {.name = "watch",
     .args = "",
     .help = "what happens, as it happens",
     .run = watch,
     .event = show_event},
    {.name = "handoff",
     .args = "[BSSID|INTERFACE|preferred]",
     .help = "hand off now, to the best access point, this one, or another interface",
     .max_args = 1,
     .event = show_event},
    {.name = "history", .args = "", .help = "past handoffs, one a line", .show = show_history},
    {.name = "report",
     .args = "[N]",
     .help = "the last handoff, or number N, step by step",
     .max_args = 1,
     .show = show_report},
    {.name = "register", .args = "", .help = "register with the home agent now"},
    {.name = "deregister", .args = "", .help = "give up the binding until the next register"},
    {.name = "reload", .args = "", .help = "read the configuration again"},
    {.name = "log-level",
     .args = "LEVEL",
     .help = "error, warning, info or debug",
     .min_args = 1,
     .max_args = 1},
};

int main(int argc, char *argv[])
{
	static const struct cli_program program = {
	    .name = "mipclient",
	    .summary = "asks the mobile node's daemon",
	    .socket = "/run/mip/mipclientd.sock",
	    .daemon = "mipclientd",
	    .commands = commands,
	    .n_commands = sizeof(commands) / sizeof(commands[0]),
	};

	return cli_main(&program, argc, argv);
}
