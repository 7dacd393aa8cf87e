# SPDX-License-Identifier: MIT
"""Reads what a run of the Wi-Fi lab left behind.  All times are microseconds of the guest's wall clock."""
import datetime
import json
import os


def lines(folder, name):
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return
    with open(path, errors="replace") as f:
        for line in f:
            if line.endswith("\n"):
                yield line.rstrip("\n")


def marks(folder):
    """[(time, text)]: what the script said it was doing."""
    return [(int(t), text) for t, _, text in (x.partition(" ") for x in lines(folder, "marks.txt"))]


def mark(folder, text):
    return next(t for t, what in marks(folder) if what == text)


def window(folder, scenario):
    """(from, to) of a scenario; one that broke off has no end."""
    begin = mark(folder, f"scenario {scenario} begins")
    return begin, next((t for t, what in marks(folder) if what == f"scenario {scenario} ends"), 1 << 62)


def signal(folder):
    """[(time, dBm of access point 1, dBm of access point 2)]: the scripted signal."""
    return [tuple(map(int, x.split())) for x in lines(folder, "signal.txt")]


def events(folder, name):
    """The client's events of one name."""
    out = []
    for text in lines(folder, "watch.jsonl"):
        try:
            event = json.loads(text)
        except ValueError:
            continue
        if event.get("event") == name:
            out.append(event)
    return out


def load_json(folder, name):
    try:
        with open(os.path.join(folder, name)) as f:
            return json.load(f)
    except (OSError, ValueError):
        return None


class Direction:
    """One direction of a stream: sent {number: time}, arrived [(number, time)] in order of arrival."""

    def __init__(self):
        self.sent = {}
        self.arrived = []

    def count(self, since=0, until=1 << 62):
        """What became of the packets sent in that time."""
        sent = {n for n, t in self.sent.items() if since <= t < until}
        seen, top, duplicated, reordered = set(), -1, 0, 0
        gap, last = 0, None
        for n, t in self.arrived:
            if n in sent:
                if n in seen:
                    duplicated += 1
                elif n < top:
                    reordered += 1
                seen.add(n)
                if last is not None:
                    gap = max(gap, t - last)
                last = t
            top = max(top, n)
        return {"sent": len(sent), "received": len(seen), "lost": len(sent - seen), "duplicated": duplicated,
                "reordered": reordered, "longest_gap_ms": round(gap / 1000, 1)}

    def lost(self):
        """[(number, time sent)] of what never arrived."""
        seen = {n for n, _ in self.arrived}
        return [(n, t) for n, t in sorted(self.sent.items()) if n not in seen]


def stream(folder, name):
    """{"downlink": Direction, "uplink": Direction} of the stream of that name."""
    clock = load_json(folder, "clock.json")
    offset = clock["realtime_us"] - clock["monotonic_us"]
    down, up = Direction(), Direction()
    for end, out, back in (("cn", down, up), ("mn", up, down)):
        for line in lines(folder, f"{name}-{end}.txt"):
            kind, n, t = line.split()
            if kind == "s":
                out.sent[int(n)] = int(t) + offset
            else:
                back.arrived.append((int(n), int(t) + offset))
    return {"downlink": down, "uplink": up}


def total(counts):
    """Several counts as one."""
    keys = ("sent", "received", "lost", "duplicated", "reordered")
    out = {k: sum(c[k] for c in counts) for k in keys}
    out["longest_gap_ms"] = max(c["longest_gap_ms"] for c in counts)
    return out


def started(report):
    """When a handoff's trigger was."""
    t = datetime.datetime.strptime(report["started"], "%Y-%m-%dT%H:%M:%S.%fZ")
    return int(t.replace(tzinfo=datetime.timezone.utc).timestamp() * 1e6)


def reports(folder, since=0, until=1 << 62):
    """[(time of the trigger, report)] of the handoffs that began in that time and ended."""
    all_of_them = [e["report"] for e in events(folder, "Link_Handover_Complete") if e.get("report")]
    return [(started(r), r) for r in all_of_them if since <= started(r) < until]


def steps(report):
    """[(name, milliseconds since the trigger)], in order of time."""
    return sorted(((s["step"], s["ms"]) for s in report.get("steps", [])), key=lambda x: x[1])
