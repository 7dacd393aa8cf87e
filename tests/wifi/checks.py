# SPDX-License-Identifier: MIT
"""What the judges of all scenarios share."""
import lablog

NODE, CN = "10.99.0.5", "203.0.113.9"
COA1, COA2 = "198.51.100.7", "198.51.100.135"
ROUND_TRIP_MS = 20          # between any two hosts of the backbone
RATE = 500                  # packets a second, each way

passed = failed = 0


def check(name, good, detail=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    print(f"{'ok' if good else 'not ok'} {passed + failed} {name}" + (f" ({detail})" if detail else ""))


def figures(c):
    return (f"{c['sent']} sent, {c['lost']} lost, {c['duplicated']} doubled, {c['reordered']} out of order, "
            f"longest gap {c['longest_gap_ms']:.0f} ms")


def faultless(c):
    return c["sent"] > 0 and c["lost"] == c["duplicated"] == c["reordered"] == 0


def spans(folder, name, what="walk"):
    """[(from, to, which access point)] of the walks under that name."""
    out, begin = [], None
    for t, text in lablog.marks(folder):
        words = text.split()
        if text.startswith(f"{name}: {what} to ") and words[-1] == "begins":
            begin = t
        elif text.startswith(f"{name}: {what} to ") and words[-1] == "ends" and begin:
            out.append((begin, t, words[3]))
            begin = None
    return out


def flows(found):
    return ", ".join(f"{r['flow']} {r['result']} {r.get('reason') or ''}".strip() for _, r in found) or "none"


def lost_of(report):
    """What the report says that the old link lost; None: it does not know."""
    return (report.get("downlink") or {}).get("lost")
