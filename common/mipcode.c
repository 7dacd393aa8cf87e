/* SPDX-License-Identifier: MIT */
#include "common/mip.h"

#include <stddef.h>

/* RFC 5944 3.4 and the registry; what has no words of its own is told by its range (6.4). */
static const char *const texts[256] = {
    [CODE_ACCEPTED] = "registration accepted",
    [CODE_ACCEPTED_NO_SIMULTANEOUS] = "registration accepted, simultaneous bindings unsupported",
    [2] = "concurrent registration",
    [CODE_FA_UNSPECIFIED] = "foreign agent: reason unspecified",
    [CODE_FA_PROHIBITED] = "foreign agent: administratively prohibited",
    [CODE_FA_RESOURCES] = "foreign agent: insufficient resources",
    [CODE_FA_MN_AUTH] = "foreign agent: mobile node failed authentication",
    [CODE_FA_HA_AUTH] = "foreign agent: home agent failed authentication",
    [CODE_FA_LIFETIME] = "foreign agent: requested lifetime too long",
    [CODE_FA_MALFORMED_REQUEST] = "foreign agent: malformed request",
    [CODE_FA_MALFORMED_REPLY] = "foreign agent: malformed reply from the home agent",
    [CODE_FA_ENCAPSULATION] = "foreign agent: encapsulation unavailable",
    [CODE_FA_REVERSE_UNAVAILABLE] = "foreign agent: reverse tunnel unavailable",
    [CODE_FA_REVERSE_MANDATORY] = "foreign agent: reverse tunnel is mandatory",
    [CODE_FA_TOO_DISTANT] = "foreign agent: mobile node too distant",
    [CODE_FA_CARE_OF] = "foreign agent: invalid care-of address",
    [CODE_FA_TIMEOUT] = "foreign agent: registration timed out",
    [CODE_FA_DELIVERY_STYLE] = "foreign agent: delivery style not supported",
    [CODE_FA_HOME_NET] = "foreign agent: home network unreachable",
    [CODE_FA_HA_HOST] = "foreign agent: home agent host unreachable",
    [CODE_FA_HA_PORT] = "foreign agent: home agent port unreachable",
    [CODE_FA_HA_OTHER] = "foreign agent: home agent unreachable",
    [90] = "foreign agent: home agent address required",
    [CODE_FA_NONZERO_HOME] = "foreign agent: home address required",
    [97] = "foreign agent: network access identifier missing",
    [98] = "foreign agent: home agent missing",
    [99] = "foreign agent: home address missing",
    [104] = "foreign agent: unknown challenge",
    [105] = "foreign agent: challenge missing",
    [106] = "foreign agent: stale challenge",
    [127] = "foreign agent: experimental extension refused",
    [CODE_HA_UNSPECIFIED] = "home agent: reason unspecified",
    [CODE_HA_PROHIBITED] = "home agent: administratively prohibited",
    [CODE_HA_RESOURCES] = "home agent: insufficient resources",
    [CODE_HA_MN_AUTH] = "home agent: mobile node failed authentication",
    [CODE_HA_FA_AUTH] = "home agent: foreign agent failed authentication",
    [CODE_HA_ID] = "home agent: registration Identification mismatch",
    [CODE_HA_MALFORMED] = "home agent: malformed request",
    [CODE_HA_TOO_MANY] = "home agent: too many simultaneous bindings",
    [CODE_HA_UNKNOWN] = "home agent: unknown home agent address",
    [CODE_HA_REVERSE_UNAVAILABLE] = "home agent: reverse tunnel unavailable",
    [CODE_HA_REVERSE_MANDATORY] = "home agent: reverse tunnel is mandatory",
    [CODE_HA_ENCAPSULATION] = "home agent: encapsulation unavailable",
    [CODE_HA_UDP_UNAVAILABLE] = "home agent: UDP encapsulation unavailable",
    [143] = "home agent: redirected to another home agent",
    [192] = "home agent: experimental extension refused",
    [CODE_INVALID_HA] = "foreign agent: invalid home agent address",
};

const char *mip_code_text(uint8_t code)
{
	if (texts[code])
		return texts[code];
	if (code < 9)
		return "accepted with a code not known here";
	if (code >= 64 && code < 128)
		return "foreign agent: refused with a code not known here";
	if (code >= 128 && code <= 192)
		return "home agent: refused with a code not known here";
	return "code not assigned";
}

bool mip_code_accepted(uint8_t code)
{
	return code == CODE_ACCEPTED || code == CODE_ACCEPTED_NO_SIMULTANEOUS;
}

bool mip_code_from_home(uint8_t code)
{
	return mip_code_accepted(code) || (code >= 128 && code <= 192);
}
