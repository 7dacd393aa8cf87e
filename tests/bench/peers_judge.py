# SPDX-License-Identifier: MIT
"""What tests/bench/peers_guest must have measured, and where somebody else is better.  Pure: a dictionary in, verdicts out."""
import statistics

OURS = ("agents", "early", "colocated")
# Row: what it is called, the unit, whether less is better.
ROWS = {
    "lost": ("lost", "", True), "doubled": ("doubled", "", True), "reordered": ("out of order", "", True),
    "longest_gap_ms": ("longest gap", "ms", True), "after_layer2_ms": ("after layer 2", "ms", True),
    "late": ("late", "", True), "goodput_kbit_s": ("TCP goodput", "kbit/s", False),
}
PACKETS = tuple(ROWS)[:-1]


def mean_of(values):
    """The medians alone do not tell one packet lost in ten walks from none."""
    return statistics.median(values), statistics.mean(values)


def judge(figures):
    """[(what must be there, whether it is)]"""
    out = []
    for who, contender in figures["contenders"].items():
        for ms in figures["distances_ms"]:
            rows = contender["at"].get(str(ms))
            if rows is None:
                out.append((f"{contender['name']}, {ms} ms away: measured, or why not", bool(contender["absent"].get(str(ms)))))
                continue
            for row in ROWS:
                values = rows.get(row)
                if values is None:
                    out.append((f"{contender['name']}, {row}: measured, or why not", bool(contender["absent"].get(row))))
                else:
                    n = sum(v is not None for v in values)
                    out.append((f"{contender['name']}, {ms} ms away, {row}: {figures['walks']} walks, {n} found",
                                n == figures["walks"]))
    for who in ("iwd", "wpa_supplicant"):
        for row in ("trigger_ms", "layer2_ms"):
            values = [v for v in figures["alone"].get(who, {}).get(row, []) if v is not None]
            out.append((f"{who} alone, {row}: found {len(values)} times", bool(values)))
    out.append(("all contenders", set(figures["contenders"]) == {*OURS, "wireguard", "mobike", "mptcp", "dhcp"}))
    return out


def better(figures):
    """[{"row", "distance_ms", "peer", "peer_median", "than", "our_median"}]: each peer that beats one of ours."""
    out = []
    for row, (_, _, less) in ROWS.items():
        for ms in figures["distances_ms"]:
            for who, contender in figures["contenders"].items():
                if who in OURS:
                    continue
                # Whoever has no home agent is as near as ever.
                rows = contender["at"].get(str(ms)) or next(iter(contender["at"].values()), {})
                for one in OURS:
                    ours = figures["contenders"][one]["at"].get(str(ms), {})
                    a, b = ([v for v in x.get(row) or [] if v is not None] for x in (rows, ours))
                    if a and b and (mean_of(a) < mean_of(b) if less else mean_of(a) > mean_of(b)):
                        out.append({"row": row, "distance_ms": ms, "peer": who, "than": one,
                                    "peer_median": mean_of(a)[0], "our_median": mean_of(b)[0],
                                    "peer_mean": mean_of(a)[1], "our_mean": mean_of(b)[1]})
    return out
