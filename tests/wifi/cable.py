# SPDX-License-Identifier: MIT
"""Wi-Fi and a cable: make before break, and a cable that is pulled."""
import lablog
from checks import ROUND_TRIP_MS, check, faultless, figures, flows, spans

GAP_MS = ROUND_TRIP_MS + 20


def cable(folder):
    stream, walks = lablog.stream(folder, "cable"), spans(folder, "cable")
    check("cable: nine moves", len(walks) == 9, f"{len(walks)}")
    for i, (begin, end, to) in enumerate(walks, 1):
        found = lablog.reports(folder, begin, end)
        check(f"cable, move {i} to {to}: make before break", len(found) == 1 and found[0][1]["flow"] == "MBB"
              and found[0][1]["result"] == "done", flows(found))
        for which, direction in stream.items():
            c = direction.count(begin, end)
            check(f"cable, move {i} to {to}, {which}: nothing lost, doubled or out of order", faultless(c), figures(c))
            check(f"cable, move {i} to {to}, {which}: no gap of a round trip and 20 ms", c["longest_gap_ms"] < GAP_MS,
                  f"{c['longest_gap_ms']:.0f} ms")
    for begin, end, _ in spans(folder, "pulled"):
        for which, direction in lablog.stream(folder, "pulled").items():
            c = direction.count(begin, end)
            check(f"cable, pulled, {which}: goes on by Wi-Fi, nothing doubled or out of order",
                  c["sent"] > c["lost"] and c["duplicated"] == c["reordered"] == 0, figures(c))
