/* SPDX-License-Identifier: MIT */
#include "common/cli.h"

#include "agent/show.h"
#include "common/control.h"

static const struct cli_command commands[] = {
	{ .name = "status",
	  .args = "",
	  .help = "what this agent is and does",
	  .show = show_status },
	{ .name = "bindings",
	  .args = "",
	  .help = "nodes registered with this home agent",
	  .show = show_bindings },
	{ .name = "visitors",
	  .args = "",
	  .help = "nodes served by this foreign agent",
	  .show = show_visitors },
	{ .name = "buffers",
	  .args = "",
	  .help = "handoff buffers, granted and in use",
	  .show = show_buffers },
	{ .name = "drops", .args = "", .help = "what was refused, and why", .show = show_drops },
	{ .name = "reload",
	  .args = "",
	  .help = "read nodes and agents again from the configuration",
	  .show = show_reload },
	{ .name = "watch",
	  .args = "",
	  .help = "events as they happen, until interrupted",
	  .event = show_event },
};

int main(int argc, char *argv[])
{
	static const struct cli_program program = {
		.name = "mipagent",
		.summary = "look into a mipagentd",
		.socket = "/run/mip/mipagentd.sock",
		.daemon = "mipagentd",
		.commands = commands,
		.n_commands = sizeof(commands) / sizeof(commands[0]),
	};

	return cli_main(&program, argc, argv);
}
