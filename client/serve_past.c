/* SPDX-License-Identifier: MIT */
#include "client/daemon.h"
#include "client/describe.h"

#include <stdlib.h>

void serve_history(struct control_client *c, json_t *args, void *arg)
{
	struct daemon *d = arg;
	unsigned last = mobile_history_last(d->mobile);
	json_t *list = json_array();
	struct report r;

	(void)args;
	for (unsigned n = mobile_history_first(d->mobile); n > 0 && n <= last; n++)
		if (mobile_report(d->mobile, n, &r))
			json_array_append_new(list, describe_report(&r));
	control_finish(c, json_pack("{sb so}", "ok", true, "reports", list));
}

/* With the signal, which is more than all the rest. */
static json_t *whole(const struct report *r)
{
	json_t *report = describe_report(r);

	json_object_set_new(report, "signal", describe_signal(r));
	return json_pack("{sb so}", "ok", true, "report", report);
}

void serve_report(struct control_client *c, json_t *args, void *arg)
{
	struct daemon *d = arg;
	unsigned first = mobile_history_first(d->mobile), last = mobile_history_last(d->mobile);
	const char *text = json_string_value(json_array_get(args, 0));
	bool named = text != NULL;
	unsigned long number = 0;
	struct report r;
	char *end = NULL;

	if (named) {
		number = strtoul(text, &end, 10);
		if (*text < '0' || *text > '9' || *end != '\0') {
			control_fail(c, EXIT_USAGE,
				     "\"%s\" is no report number: 1, 2, ... are expected", text);
			return;
		}
	}
	if (last == 0)
		control_fail(c, EXIT_NOT_FOUND, "there has been no handoff yet");
	else if ((named && (number < first || number > last)) ||
		 !mobile_report(d->mobile, (unsigned)number, &r))
		control_fail(c, EXIT_NOT_FOUND, "there is no report %lu: %u to %u are kept", number,
			     first, last);
	else
		control_finish(c, whole(&r));
}
