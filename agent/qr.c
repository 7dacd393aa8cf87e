/* SPDX-License-Identifier: MIT */
#include "agent/qr.h"

#include "common/cli.h"

#ifdef HAVE_QRENCODE
#include <errno.h>
#include <qrencode.h>
#include <string.h>

#define QUIET 2 /* modules around it; the standard's 4 make it too high for many a terminal */

/* Beyond the edge everything is light. */
static bool dark(const QRcode *q, int x, int y)
{
	return x >= 0 && y >= 0 && x < q->width && y < q->width &&
	       (q->data[y * q->width + x] & 1) != 0;
}

bool qr_can(void)
{
	return true;
}

/* Two modules a character.  The light ones are drawn, white on black whatever the colours of the
 * terminal are: phones do not read what is inverted. */
int qr_print(const char *text, FILE *to)
{
	static const char *const block[2][2] = { { " ", "\xe2\x96\x84" },
						 { "\xe2\x96\x80", "\xe2\x96\x88" } };
	/* The least correction, the fewest lines: it is read from a screen, not a worn label. */
	QRcode *q = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);

	if (q == NULL) {
		cli_error("no QR code: %s", strerror(errno));
		return -1;
	}
	for (int y = -QUIET; y < q->width + QUIET; y += 2) {
		fputs("\033[40;37;1m", to);
		for (int x = -QUIET; x < q->width + QUIET; x++)
			fputs(block[!dark(q, x, y)][!dark(q, x, y + 1)], to);
		fputs("\033[0m\n", to);
	}
	memset(q->data, 0, (size_t)(q->width * q->width));
	QRcode_free(q);
	return 0;
}
#else
bool qr_can(void)
{
	return false;
}

int qr_print(const char *text, FILE *to)
{
	(void)text;
	(void)to;
	return -1;
}
#endif
