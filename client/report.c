/* SPDX-License-Identifier: MIT */
#include "client/report.h"

const char *flow_name(enum flow f)
{
	static const char *const name[FLOW_COUNT] = {
		[FLOW_F1] = "F1",
		[FLOW_F2] = "F2",
		[FLOW_F4] = "F4",
		[FLOW_F5] = "F5",
		[FLOW_F7] = "F7",
		[FLOW_F8] = "F8",
		[FLOW_F9] = "F9",
		[FLOW_F11] = "F11",
		[FLOW_F12] = "F12",
		[FLOW_MBB] = "MBB",
		[FLOW_PLAIN] = "plain",
	};

	return name[f];
}

const char *report_step_name(enum report_step s)
{
	static const char *const name[STEP_COUNT] = {
		[STEP_TRIGGER] = "trigger",
		[STEP_BUFFER_SENT] = "buffer-sent",
		[STEP_GRANTED] = "granted",
		[STEP_SETTLED] = "settled",
		[STEP_SCANNED] = "scanned",
		[STEP_ROAM] = "roam",
		[STEP_LINK_UP] = "link-up",
		[STEP_AGENT_FOUND] = "agent-found",
		[STEP_REQUEST_SENT] = "request-sent",
		[STEP_REGISTERED] = "registered",
		[STEP_FORWARDING] = "forwarding",
		[STEP_FIRST_PACKET] = "first-packet",
		[STEP_DONE] = "done",
	};

	return name[s];
}
