/* SPDX-License-Identifier: MIT */
#include "agent/keys.h"

#include "agent/internal.h"

void deal_draw(struct agent *a, struct draw *d)
{
	uint32_t before = d->spi;

	do
		dealt_draw(a->c.seed, a->deals++, d->nonce, &d->spi);
	while (d->spi == before);
}

void deal_fill(const struct agent *a, const struct draw *d, const struct sa *mn_ha,
	       const struct sa *fa_ha, uint32_t home_addr, uint32_t care_of, uint32_t lifetime_s,
	       struct dealt_node *node, struct dealt_agent *agent)
{
	struct secret kek;
	struct sa key;

	*node = (struct dealt_node){.spi = d->spi, .lifetime_s = lifetime_s};
	*agent = (struct dealt_agent){.spi = d->spi, .lifetime_s = lifetime_s};
	memcpy(node->nonce, d->nonce, sizeof(node->nonce));
	dealt_order_key(&mn_ha->key, d->nonce, home_addr, care_of, d->spi, &key);
	dealt_kek(fa_ha, a->c.home_agent, care_of, &kek);
	if (!key.key.len || !dealt_wrap(&kek, key.key.b, agent->wrapped))
		node->spi = agent->spi = 0;
	secret_wipe(&key.key);
	secret_wipe(&kek);
}
