#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a terminal would show of a QR code in half blocks, as a picture (PGM): stdin to stdout."""
import re
import sys

SCALE = 6
HALVES = {" ": "00", "\u2580": "10", "\u2584": "01", "\u2588": "11"}
rows = []
for line in sys.stdin.buffer.read().decode().splitlines():
    drawn = re.match("\033\\[40;37;1m(.*)\033\\[0m$", line)
    if not drawn:
        continue
    for half in 0, 1:  # drawn is white, the rest black
        row = b"".join(bytes([255 * int(HALVES[c][half])]) * SCALE for c in drawn[1])
        rows += [row] * SCALE
sys.stdout.buffer.write(b"P5 %d %d 255\n" % (len(rows[0]), len(rows)) + b"".join(rows))
