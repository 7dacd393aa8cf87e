# SPDX-License-Identifier: MIT
"""Planned handoffs under a stream of packets."""
import os

import capture
import lablog
from checks import NODE, ROUND_TRIP_MS, check, faultless, figures, flows, lost_of, spans

LEAVE_BELOW = -70
REPLY_TIME_MS = 300         # from the threshold to BUFFER on the air
GAP_MS = 2 * ROUND_TRIP_MS + 60


def buffered(folder):
    stream = lablog.stream(folder, "buffered")
    walks = spans(folder, "buffered")
    check("ten walks were walked", len(walks) == 10, f"{len(walks)}")
    for i, (begin, end, to) in enumerate(walks, 1):
        for which, direction in stream.items():
            c = direction.count(begin, end)
            check(f"walk {i} to access point {to}, {which}: nothing lost, doubled or out of order", faultless(c),
                  figures(c))
        found = lablog.reports(folder, begin, end)
        check(f"walk {i}: one handoff, flow F1", [r["flow"] for _, r in found] == ["F1"], flows(found))
        if found:
            check(f"walk {i}: the report says that nothing was lost", lost_of(found[0][1]) == 0,
                  f"{lost_of(found[0][1])}")
            outage(i, stream, found[0])
    gaps = [r["gap_ms"] for r in (lablog.load_json(folder, "history.json") or {}).get("reports", [])]
    check("each report says how long nothing came", len(gaps) >= len(walks) and None not in gaps, f"{gaps}")
    for which, direction in stream.items():
        c = direction.count()
        check(f"the whole stream, {which}: nothing lost, doubled or out of order", faultless(c), figures(c))
    in_time(folder, walks)


def outage(i, stream, found):
    """The gap that the stream saw, against layer 2's: from the last frame on the old link to the port being open."""
    zero, report = found
    steps = dict(lablog.steps(report))
    up = zero + int(steps["link-up"] * 1000)
    before = max(t for _, t in stream["downlink"].arrived if t < up)
    gaps = {which: max(b - a for (_, a), (_, b) in zip(d.arrived, d.arrived[1:])
                       if zero - 200000 <= a <= zero + int(max(steps.values()) * 1000)) / 1000
            for which, d in stream.items()}
    layer2 = (up - before) / 1000
    check(f"walk {i}: the longest gap is at most layer 2's outage and {GAP_MS} ms",
          max(gaps.values()) <= layer2 + GAP_MS,
          f"downlink {gaps['downlink']:.0f} ms, uplink {gaps['uplink']:.0f} ms, layer 2 {layer2:.0f} ms; "
          + ", ".join(f"{k} {v:.0f}" for k, v in lablog.steps(report)))


def orders_sent(folder):
    """When the node put a BUFFER on the air."""
    return sorted(o[0] for name in ("r1-wlan", "r2-wlan") for o in capture.orders(os.path.join(folder, name + ".pcap"))
                  if o[1] == NODE and o[3:] == (1, 1))


def in_time(folder, walks):
    sent, signal = orders_sent(folder), lablog.signal(folder)
    for i, (begin, end, to) in enumerate(walks, 1):
        side = 2 if to == "1" else 1
        cross = next((s[0] for s in signal if begin <= s[0] <= end and s[side] < LEAVE_BELOW), None)
        order = next((s for s in sent if begin <= s <= end), None)
        ok = cross and order and order - cross <= REPLY_TIME_MS * 1000
        check(f"walk {i}: BUFFER is on the air in time", ok,
              f"{(order - cross) / 1000:.0f} ms after the threshold" if cross and order else "no order seen")


def unbuffered(folder):
    stream = lablog.stream(folder, "unbuffered")
    for begin, end, to in spans(folder, "unbuffered"):
        c = lablog.total([d.count(begin, end) for d in stream.values()])
        check(f"without buffering, walk to access point {to}: packets are lost", c["lost"] > 0, figures(c))
    check("without buffering: two walks were walked", len(spans(folder, "unbuffered")) == 2)


def steps(folder):
    sent = orders_sent(folder)
    below = [t for t, text in lablog.marks(folder) if text == "step down"]
    check("two sudden steps of the signal", len(below) == 2)
    for t in below:
        ms = min((s - t for s in sent if s >= t), default=1 << 60) / 1000
        check(f"step down: BUFFER is on the air within {REPLY_TIME_MS} ms",
              ms <= REPLY_TIME_MS, f"after {ms:.0f} ms")
    # The link was good when it was left: nothing of the stream had to die.
    for which, direction in lablog.stream(folder, "steps").items():
        c = direction.count()
        check(f"steps, {which}: nothing lost, doubled or out of order", faultless(c), figures(c))
    found = lablog.reports(folder, *lablog.window(folder, "steps"))
    check("steps: the reports say that nothing was lost", [lost_of(r) for _, r in found] == [0, 0],
          f"{[lost_of(r) for _, r in found]}")
