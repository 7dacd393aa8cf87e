/* SPDX-License-Identifier: MIT */
#include "client/event.h"

#define STRING(key) { key, FIELD_STRING, false }
#define STRING_OR_NULL(key) { key, FIELD_STRING, true }
#define INTEGER(key) { key, FIELD_INTEGER, false }
#define INTEGER_OR_NULL(key) { key, FIELD_INTEGER, true }
#define NUMBER(key) { key, FIELD_NUMBER, false }
#define NUMBER_OR_NULL(key) { key, FIELD_NUMBER, true }
#define BOOLEAN(key) { key, FIELD_BOOLEAN, false }
#define OBJECT(key) { key, FIELD_OBJECT, false }

/* Where the node is: how it is attached, and bound. */
#define WHERE                                                                                      \
	STRING("interface"), STRING("state"), BOOLEAN("attached"), STRING_OR_NULL("bssid"),        \
	    STRING_OR_NULL("ssid"), INTEGER_OR_NULL("frequency_mhz"),                              \
	    INTEGER_OR_NULL("signal_dbm"), STRING_OR_NULL("home_address"),                         \
	    STRING_OR_NULL("home_agent"), STRING_OR_NULL("agent"), STRING_OR_NULL("care_of"),      \
	    BOOLEAN("co_located"), INTEGER_OR_NULL("lifetime_s")

const struct event_spec event_specs[TELL_COUNT] = {
	[TELL_LINK_DETECTED] = { "Link_Detected",
				  true,
				  { STRING("bssid"), STRING_OR_NULL("ssid"),
				    INTEGER("frequency_mhz"), INTEGER("signal_dbm") } },
	[TELL_LINK_UP] = { "Link_Up", true, { WHERE } },
	[TELL_LINK_GOING_DOWN] = { "Link_Going_Down",
				    true,
				    { STRING("bssid"), STRING_OR_NULL("ssid"),
				      INTEGER("signal_dbm"), NUMBER_OR_NULL("time_left_ms"),
				      STRING("rule") } },
	[TELL_LINK_DOWN] = { "Link_Down", true, { WHERE } },
	[TELL_LINK_PARAMETERS] = { "Link_Parameters_Report",
				    false,
				    { INTEGER("dbm"), INTEGER("smoothed"),
				      NUMBER_OR_NULL("time_left_ms"), STRING("rule") } },
	[TELL_HANDOVER_ANNOUNCED] = { "handoff-announced",
				       true,
				       { INTEGER("in_ms"), STRING_OR_NULL("to") } },
	[TELL_ANNOUNCEMENT_OVER] = { "announcement-over", true, { STRING("reason") } },
	[TELL_HANDOVER_IMMINENT] = { "Link_Handover_Imminent",
				      true,
				      { INTEGER("number"), STRING("flow"), STRING("trigger"),
					OBJECT("from"), OBJECT("to") } },
	[TELL_HANDOVER_STEP] = { "handoff-step",
				  false,
				  { INTEGER("number"), STRING("step"), NUMBER("ms"),
				    NUMBER_OR_NULL("gap_ms") } },
	[TELL_BUFFER_GRANTED] = { "buffer-granted",
				   true,
				   { INTEGER("number"), INTEGER("packets"), INTEGER("kib"),
				     INTEGER("lease_ms") } },
	[TELL_HANDOVER_COMPLETE] = { "Link_Handover_Complete",
				      true,
				      { INTEGER("number"), STRING("result"), OBJECT("report") } },
	[TELL_REGISTERED] = { "registered", true, { WHERE } },
	[TELL_DEREGISTERED] = { "deregistered", true, { WHERE } },
	[TELL_POWER] = { "power", true, { STRING("power") } },
};
