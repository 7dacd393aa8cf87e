# SPDX-License-Identifier: MIT
"""Access point 1 loses its station, and its agent hears of it from hostapd, or does not (deaf)."""
import lablog
from checks import check, figures, flows, lost_of


def lost(folder, scenario, what):
    """How many packets of the downlink never came."""
    found = lablog.reports(folder, *lablog.window(folder, scenario))
    check(f"{what}: flow F2", found and found[0][1]["flow"] == "F2" and found[0][1]["result"] == "done", flows(found))
    stream = lablog.stream(folder, scenario)
    for which, direction in stream.items():
        c = direction.count()
        check(f"{what}, {which}: none doubled, none out of order",
              c["sent"] and c["duplicated"] == c["reordered"] == 0, figures(c))
    c = stream["downlink"].count()
    said = lost_of(found[0][1]) if found else None
    check(f"{what}: the report says how many were lost", said == c["lost"], f"{c['lost']}, it says {said}")
    return c["lost"]


def verdicts(folder, scenario):
    for text in lablog.lines(folder, "verdicts.txt"):
        name, result, what = text.split("\t")
        if name == scenario:
            check(what, result == "ok")


def kicked(folder):
    n = lost(folder, "kicked", "sent away")
    verdicts(folder, "kicked")
    check("sent away: next to nothing is lost", n <= 5, f"{n} lost")


def kicked_deaf(folder):
    n = lost(folder, "kicked_deaf", "sent away, and hostapd not asked")
    check("sent away, and hostapd not asked: that costs packets", n > 10, f"{n} lost")


def out_of_reach(folder):
    n = lost(folder, "out_of_reach", "out of reach")
    verdicts(folder, "out_of_reach")
    check("out of reach: lost is what was sent until hostapd knew", n < 900, f"{n} lost")


def out_of_reach_deaf(folder):
    n = lost(folder, "out_of_reach_deaf", "out of reach, and hostapd not asked")
    check("out of reach, and hostapd not asked: that costs packets", n > 1400, f"{n} lost")
