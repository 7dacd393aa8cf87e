# SPDX-License-Identifier: MIT
"""The station moves, and it is not the client that says so."""
import os

import capture
import lablog
from checks import NODE, check, faultless, figures, flows, spans


def order_out(folder, to, begin, end):
    """Did a BUFFER leave through the access point that was left?"""
    left = "r2-wlan" if to == "1" else "r1-wlan"
    return any(begin <= o[0] <= end and o[1] == NODE and o[3:] == (1, 1)
               for o in capture.orders(os.path.join(folder, left + ".pcap")))


def moved(folder, name, must=()):
    """Nothing is lost where the order was granted in time, and little where it got out; `must`: the walks where it
    has to."""
    stream = lablog.stream(folder, name)
    for i, (begin, end, to) in enumerate(spans(folder, name), 1):
        found = lablog.reports(folder, begin, end)
        wanted = 0 if to == "nobody" else 1
        check(f"{name}, {i} to {to}: {wanted} handoff", len(found) == wanted, flows(found))
        out = order_out(folder, to, begin, end)
        if i in must:
            check(f"{name}, {i} to {to}: the order got out", out)
        for which, direction in stream.items():
            c = direction.count(begin, end)
            in_time = all(r["flow"] == "F1" for _, r in found)
            if in_time:
                check(f"{name}, {i} to {to}, {which}: nothing lost, doubled or out of order", faultless(c), figures(c))
                continue
            kept = found[0][1]["downlink"]["forwarded"]
            check(f"{name}, {i} to {to}, {which}: none doubled, none out of order",
                  c["sent"] and c["duplicated"] == c["reordered"] == 0, "not granted in time, " + figures(c))
            if out:
                check(f"{name}, {i} to {to}, {which}: more was kept than lost", kept > c["lost"],
                      f"{kept} forwarded, {c['lost']} lost")


def asked(folder):
    moved(folder, "asked")
    moved(folder, "asked2", must=(1,))
    report = any("RRM-NEIGHBOR-REP-RECEIVED " in x for x in lablog.lines(folder, "supplicant.log"))
    check("the client asked for a neighbor report, and the access point sent one", report)


def roamed(folder):
    moved(folder, "roamed")
