/* SPDX-License-Identifier: MIT */
#include "client/check_run.h"
#include "client/past.h"
#include "client/replay_cli.h"
#include "client/show.h"
#include "client/show_explain.h"
#include "client/watch_live.h"
#include "common/cli.h"
#include "common/control.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *in, *cancel;

/* Milliseconds, as text; false: that is no time. */
static bool milliseconds(const char *s, char text[24])
{
	char *end;
	double n = strtod(s, &end);

	while (*end == ' ')
		end++;
	if (strcmp(end, "s") == 0)
		n *= 1000;
	else if (strcmp(end, "ms") != 0)
		return false;
	if (*s < '0' || *s > '9' || !(n <= 60000))
		return false;
	snprintf(text, 24, "%.0f", n);
	return true;
}

static int handoff(struct cli *c, const struct cli_command *cmd, int argc, char *argv[])
{
	struct cli_command other = *cmd;
	char ms[24], *args[2] = { ms, argc > 0 ? argv[0] : NULL };

	if (cancel != NULL) {
		if (argc > 0 || in != NULL) {
			cli_error("--cancel takes back whatever was announced: it stands alone");
			return EXIT_USAGE;
		}
		other.name = "withdraw";
		return cli_run(c, &other, 0, NULL);
	}
	if (in == NULL)
		return cli_run(c, cmd, argc, argv);
	if (!milliseconds(in, ms)) {
		cli_error("--in: \"%s\" is no time from 0s to 60s (expected for example 2s or "
			  "500ms)",
			  in);
		return EXIT_USAGE;
	}
	other.name = "announce";
	return cli_run(c, &other, argc + 1, args);
}

static const struct cli_command commands[] = {
    {.name = "status",
     .args = "",
     .help = "where the node is: link, agent, binding, buffering",
     .show = show_status},
    {.name = "watch",
     .args = "",
     .help = "what happens, as it happens; on a terminal the live view",
     .run = watch_run,
     .event = show_event},
    {.name = "check",
     .args = "",
     .help = "what is in the way of this machine being a mobile node, and how to mend it",
     .run = check_run},
    {.name = "agents",
     .args = "",
     .help = "known agents: heard, named by a neighbour, configured",
     .show = show_agents},
    {.name = "networks",
     .args = "",
     .help = "known access points: signal, agent, the last handoff there",
     .show = show_networks},
    {.name = "handoff",
     .args = "[BSSID|INTERFACE|preferred]",
     .help = "hand off now, to the best access point, this one, or another interface",
     .max_args = 1,
     .run = handoff,
     .event = show_event},
    {.name = "history", .args = "", .help = "past handoffs, one a line", .show = show_history},
    {.name = "report",
     .args = "[N]",
     .help = "the last handoff, or number N, step by step",
     .max_args = 1,
     .run = past_report,
     .show = show_report},
    {.name = "explain",
     .args = "",
     .help = "why it stays or moves: every access point, its score, the rule that decided",
     .show = show_explain},
    {.name = "replay",
     .args = "TRACE...",
     .help = "what the decision engine does with a recorded signal; no daemon is asked",
     .min_args = 1,
     .max_args = INT_MAX,
     .run = replay_command},
    {.name = "register", .args = "", .help = "register with the home agent now"},
    {.name = "deregister", .args = "", .help = "give up the binding until the next register"},
    {.name = "power",
     .args = "saving|normal",
     .help = "the screen is off, or on again",
     .min_args = 1,
     .max_args = 1},
    {.name = "reload", .args = "", .help = "read the configuration again"},
    {.name = "log-level",
     .args = "LEVEL",
     .help = "error, warning, info or debug",
     .min_args = 1,
     .max_args = 1},
};

static const struct cli_option options[] = {
    {.name = "in",
     .command = "handoff",
     .arg = "TIME",
     .help = "announce it: it will be in so long, as 2s or 500ms; 60s at most",
     .value = &in},
    {.name = "cancel",
     .command = "handoff",
     .help = "take back what was announced",
     .value = &cancel},
    {.name = "config",
     .command = "check",
     .arg = "FILE",
     .help = "the configuration (default /etc/mip/mipclient.conf)",
     .value = &check_config,
     .letter = 'c'},
    {.name = "html",
     .command = "report",
     .help = "a page with charts, in itself complete, on standard output",
     .value = &past_options.html},
    {.name = "from",
     .command = "report",
     .arg = "FILE",
     .help = "what --json has written there, - for standard input; no daemon is asked",
     .value = &past_options.from},
    {.name = "compare",
     .command = "replay",
     .help = "with wpa_supplicant's bgscan, iwd, and one who knows the trace",
     .value = &replay_compare},
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
	    .options = options,
	    .n_options = sizeof(options) / sizeof(options[0]),
	};

	return cli_main(&program, argc, argv);
}
