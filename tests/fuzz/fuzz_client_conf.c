/* SPDX-License-Identifier: MIT */
/* mipclient.conf(5) */
#include "client/settings.h"
#include "tests/fuzz/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mobile_conf core;
	struct settings s;

	if (!conf_input(data, size, &s))
		return 0;
	settings_mobile_conf(&s, &core);
	assert(core.n_agents <= MOBILE_AGENTS_MAX && core.home_sa.key.len);
	assert(settings_except_fits(&s) && settings_same_links(&s, &s));
	if (!s.key_here.len) /* it is not printed */
		conf_again(&s);
	settings_free(&s);
	return 0;
}
