/* SPDX-License-Identifier: MIT */
#include "common/cli.h"

#include "agent/node.h"
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
	{ .name = "node",
	  .args = "add NAME | list | remove NAME",
	  .help = "the nodes of this home agent: their keys, their files",
	  .min_args = 1,
	  .max_args = 2,
	  .run = node_run },
	{ .name = "watch",
	  .args = "",
	  .help = "events as they happen, until interrupted",
	  .event = show_event },
};

static const struct cli_option options[] = {
	{ .name = "config",
	  .command = "node",
	  .arg = "FILE",
	  .help = "the home agent's configuration (default /etc/mip/mipagent.conf)",
	  .value = &node_options.configuration,
	  .letter = 'c' },
	{ .name = "address",
	  .command = "node",
	  .arg = "ADDRESS",
	  .help = "add with this home address (default: the next one that is free)",
	  .value = &node_options.address },
	{ .name = "nai",
	  .command = "node",
	  .arg = "USER@REALM",
	  .help = "add one that is known by this name (home address: of [Home] pool)",
	  .value = &node_options.nai },
	{ .name = "home-agent",
	  .command = "node",
	  .arg = "HOST",
	  .help = "add: what the node calls this host (default: [Home] address)",
	  .value = &node_options.home_agent },
	{ .name = "qr",
	  .command = "node",
	  .help = "show the node's file as a QR code too, on the terminal",
	  .value = &node_options.qr },
};

int main(int argc, char *argv[])
{
	static const struct cli_program program = {
		.name = "mipagent",
		.summary = "look into a mipagentd, add nodes to it",
		.socket = "/run/mip/mipagentd.sock",
		.daemon = "mipagentd",
		.commands = commands,
		.n_commands = sizeof(commands) / sizeof(commands[0]),
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
	};

	return cli_main(&program, argc, argv);
}
