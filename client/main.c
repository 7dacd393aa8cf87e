/* SPDX-License-Identifier: MIT */
#include "client/daemon.h"

#include "common/log.h"
#include "common/notify.h"
#include "common/privilege.h"
#include "common/start.h"

#include <stdio.h>
#include <stdlib.h>

static int run(struct daemon *d, bool foreground)
{
	int up = start_process(foreground);

	daemon_init(d);
	if (daemon_start(d) == 0) {
		notify_ready();
		start_done(up);
		uv_run(&d->loop, UV_RUN_DEFAULT);
	} else {
		d->exit_code = EXIT_FAILED;
	}
	daemon_stop(d);
	return d->exit_code;
}

int main(int argc, char *argv[])
{
	static struct daemon d;
	struct start line = {
		.program = "mipclientd",
		.config = SETTINGS_FILE,
		.socket = SETTINGS_SOCKET,
	};
	int code = start_line(&line, argc, argv);

	if (code >= 0)
		return code;
	start_secretly();
	notify_open();
	log_init("mipclientd", line.verbose && !line.check ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	if (!privilege_user(line.user))
		return EXIT_FAILED;
	if (settings_read(line.config, &d.settings) < 0 ||
	    !control_groups(d.settings.act_group, d.settings.look_group, &d.groups))
		return EXIT_CONFIG;
	if (line.check) {
		if (line.verbose)
			settings_print(&d.settings, stdout);
		settings_free(&d.settings);
		return EXIT_OK;
	}
	/* Reading it again must find it wherever we are by then. */
	d.conf_path = realpath(line.config, NULL);
	if (line.socket != NULL)
		snprintf(d.settings.socket, sizeof(d.settings.socket), "%s", line.socket);
	if (!line.verbose)
		log_set_level((enum log_level)d.settings.log_level);
	code = run(&d, line.foreground);
	settings_free(&d.settings);
	free((void *)d.conf_path);
	return code;
}
