/* SPDX-License-Identifier: MIT */
#include "client/replay.h"

#include <stdio.h>

#define REACTION MSEC(300)

const struct player *const replay_players[WHO_COUNT] = {
	[WHO_ENGINE] = &player_engine,
	[WHO_SUPPLICANT] = &player_supplicant,
	[WHO_IWD] = &player_iwd,
};

void replay_add(struct replay_total *sum, const struct replay_result r[WHO_COUNT],
		const struct replay_oracle o[WANTS_COUNT])
{
	sum->traces++;
	for (unsigned i = 0; i < WANTS_COUNT; i++) {
		sum->oracle[i] += o[i].handoffs;
		sum->oracles_weak[i] += o[i].weak;
	}
	for (unsigned i = 0; i < WHO_COUNT; i++) {
		sum->handoffs[i] += r[i].handoffs;
		sum->back[i] += r[i].back;
		sum->late[i] += r[i].late;
		sum->scans[i] += r[i].scans;
		sum->full_scans[i] += r[i].full_scans;
		sum->weak[i] += r[i].weak;
		sum->useless[i] += r[i].useless;
		sum->away[i] += r[i].away;
		if (r[i].reaction != MTIME_NEVER && r[i].reaction > sum->reaction[i])
			sum->reaction[i] = r[i].reaction;
	}
}

static bool reaction(const struct replay_total *s, char text[PROMISE_TEXT])
{
	snprintf(text, PROMISE_TEXT,
		 "a step: left after %d ms at most, wanted: under %d; wpa_supplicant %d, iwd %d",
		 (int)(s->reaction[WHO_ENGINE] / 1000), (int)(REACTION / 1000),
		 (int)(s->reaction[WHO_SUPPLICANT] / 1000), (int)(s->reaction[WHO_IWD] / 1000));
	return s->reaction[WHO_ENGINE] < REACTION;
}

static bool level(const struct replay_total *s, char text[PROMISE_TEXT])
{
	unsigned late = s->late[WHO_ENGINE], all = s->handoffs[WHO_ENGINE];

	snprintf(text, PROMISE_TEXT,
		 "%u of %u handoffs later than -75 dBm without need, wanted: 1 %%; "
		 "wpa_supplicant %u of %u, iwd %u of %u",
		 late, all, s->late[WHO_SUPPLICANT], s->handoffs[WHO_SUPPLICANT],
		 s->late[WHO_IWD], s->handoffs[WHO_IWD]);
	return late * 100 <= all;
}

static bool ping_pong(const struct replay_total *s, char text[PROMISE_TEXT])
{
	unsigned theirs = s->back[WHO_SUPPLICANT] < s->back[WHO_IWD] ? s->back[WHO_SUPPLICANT]
								     : s->back[WHO_IWD];

	snprintf(text, PROMISE_TEXT, "%u ping-pongs, wanted: a tenth; wpa_supplicant %u, iwd %u",
		 s->back[WHO_ENGINE], s->back[WHO_SUPPLICANT], s->back[WHO_IWD]);
	return s->back[WHO_ENGINE] * 10 <= theirs;
}

static bool handoffs(const struct replay_total *s, char text[PROMISE_TEXT])
{
	snprintf(text, PROMISE_TEXT,
		 "%u handoffs, wanted: 1.05 times the %u of one who knows the trace (who is "
		 "content with -75 dBm needs %u)",
		 s->handoffs[WHO_ENGINE], s->oracle[WANTS_THRESHOLD], s->oracle[WANTS_LESS]);
	return s->handoffs[WHO_ENGINE] * 100 <= s->oracle[WANTS_THRESHOLD] * 105;
}

bool replay_promise(const struct replay_total *s, enum replay_promise p, char text[PROMISE_TEXT])
{
	switch (p) {
	case PROMISE_REACTION: return reaction(s, text);
	case PROMISE_LEVEL: return level(s, text);
	case PROMISE_PING_PONG: return ping_pong(s, text);
	case PROMISE_HANDOFFS: return handoffs(s, text);
	case PROMISES: break;
	}
	return false;
}
