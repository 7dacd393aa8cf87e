# SPDX-License-Identifier: MIT
"""What the figures of tests/bench/radio_guest must be.  Pure: a dictionary in, verdicts out."""

ORDER_MS = 300      # from a step of the signal to the order on the air
RSS_OVER_KB = 2048  # more than iwd's
PRIVATE_KB = 512
WAKES = 1           # a minute


def judge(figures):
    """[(promise, whether it is kept)] of the parts that were measured; what is missing there is not kept."""
    out = []
    if "step" in figures:
        took = figures["step"].get("ours", [])
        out.append((f"each of {len(took)} orders within {ORDER_MS} ms of the step",
                    bool(took) and all(x["order_ms"] is not None and x["order_ms"] < ORDER_MS for x in took)))
    if "idle" in figures:
        ours, iwd = (figures["idle"]["programs"].get(n) for n in ("mipclientd", "iwd"))
        both = ours and iwd
        out += [(f"resident at most {RSS_OVER_KB} kB more than iwd", both and ours["rss_kb"] <= iwd["rss_kb"] + RSS_OVER_KB),
                (f"private memory under {PRIVATE_KB} kB", ours and ours["private_kb"] < PRIVATE_KB),
                (f"at most {WAKES} wake-up a minute", ours and ours["wakes_a_minute"] <= WAKES)]
    return [(what, bool(kept)) for what, kept in out]


def walked(asked, left, goal):
    """(when it left, how often it went back) of a walk from one access point to another.

    asked: [(time, BSSID)] of the authentication frames, in order; repeats of one count once.  It left when it
    first asked another one; each change after the one that is needed is a ping-pong.  None: it stayed."""
    at, changes, when = left, 0, None
    for t, bssid in asked:
        if bssid != at:
            changes += 1
            at = bssid
            when = t if when is None else when
    return when, max(0, changes - (at == goal))
