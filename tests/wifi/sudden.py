# SPDX-License-Identifier: MIT
"""The radio of the access point dies without a warning."""
import os

import capture
import lablog
from checks import COA1, RATE, ROUND_TRIP_MS, check, figures, flows, lost_of
from transfers import conversation


def first_handoff(folder, scenario):
    """(when the radio died, the handoff's report or None)"""
    death = lablog.mark(folder, f"{scenario}: death")
    found = lablog.reports(folder, death, lablog.window(folder, scenario)[1])
    check(f"{scenario}: flow F2, done", found and (found[0][1]["flow"], found[0][1]["result"]) == ("F2", "done"),
          flows(found))
    return death, found[0][1] if found else None


def sudden(folder):
    death, report = first_handoff(folder, "sudden")
    end = lablog.window(folder, "sudden")[1]
    arrived = min((o[0] for o in capture.orders(os.path.join(folder, "backbone.pcap"))
                   if death <= o[0] <= end and o[2] == COA1 and o[3:] == (1, 1)), default=None)
    check("sudden death: BUFFER reaches agent 1", arrived)
    stream = lablog.stream(folder, "sudden")
    if arrived:
        for which, direction in stream.items():
            c = direction.count()
            # What was on its way at the death counts, and a packet either side of the two instants.
            limit = (arrived - death) * RATE // 1000000 + 2 * ROUND_TRIP_MS * RATE // 1000 + 2
            check(f"sudden death, {which}: lost at most what was sent until BUFFER arrived",
                  c["lost"] <= limit and c["duplicated"] == 0,
                  f"{figures(c)}; {limit} sent in {(arrived - death) / 1000:.0f} ms")
            check(f"sudden death, {which}: none out of order", c["sent"] and c["reordered"] == 0, figures(c))
    lost, said = stream["downlink"].count()["lost"], lost_of(report or {})
    check("sudden death: the report says how many were lost", lost > 0 and said == lost,
          f"{lost}, it says {said}")


def sudden_transfers(folder):
    first_handoff(folder, "sudden_transfers")
    conversation(folder, "sudden_transfers", "a sudden death")
