/* SPDX-License-Identifier: MIT */
/* mipagent.conf(5) and its folder */
#include "agent/settings.h"
#include "tests/fuzz/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct agent_conf core;
	struct settings s;

	if (!conf_input(data, size, &s))
		return 0;
	settings_agent_conf(&s, &core);
	assert(core.home || core.foreign);
	assert(core.n_neighbours <= ADVERT_NEIGHBOURS_MAX && core.n_links <= AGENT_LINKS_MAX);
	settings_agent_conf_free(&core);
	conf_again(&s);
	settings_free(&s);
	return 0;
}
