/* SPDX-License-Identifier: MIT */
/* nl80211's messages: events, and answers about stations. */
#include "common/nl80211_read.h"
#include "tests/fuzz/edge.h"

/* Of what begins with a header of netlink's and one of generic netlink's, the length becomes right;
 * libnl has looked at it before it hands a message out. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nl80211_station s = {.signal_dbm = 0};
	struct nl80211_word word;
	struct nlmsghdr *h;

	if (size < sizeof(*h))
		return 0;
	h = edge_copy(data, size);
	h->nlmsg_len = (uint32_t)size;
	assert(!nl80211_read_word(h, 1, &word));
	if (nl80211_read_word(h, 0, &word))
		assert(!word.has_dbm || word.dbm || !word.dbm);
	if (nl80211_read_station(h, &s) > 0)
		assert(!s.has_signal || (s.signal_dbm >= -128 && s.signal_dbm <= 127));
	return 0;
}
