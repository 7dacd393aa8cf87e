# SPDX-License-Identifier: MIT
"""The link was away for one reason or another: when it is there, all is there within 2 s."""
import lablog
from checks import check

LATE_MS = 200               # at most so late the guest's script sees that the link is there
WITHIN_MS = 2000 - LATE_MS


def recovery(folder):
    marks = [(t, text[len("back after "):]) for t, text in lablog.marks(folder) if text.startswith("back after ")]
    check("recovery: six losses of the link", len(marks) == 6, f"{len(marks)}")
    for t, what in marks:
        stream = lablog.stream(folder, "recovery_lease" if what == "the lease" else "recovery")
        for which, direction in stream.items():
            first = next((at for _, at in direction.arrived if at >= t), None)
            took = (first - t) / 1000 if first else None
            check(f"recovery from {what}, {which}: flows within 2 s of the link", took is not None and took <= WITHIN_MS,
                  f"{took:.0f} ms" if first else "never")
    said = list(lablog.lines(folder, "mn.log"))
    accused, there = (next((i for i, text in enumerate(said) if what in text), -1)
                      for what in ("somebody removed", "wlan2: is there"))
    check("recovery: that somebody removed what is ours is said of the flush, not of the interface", accused > there >= 0)
