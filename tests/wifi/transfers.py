# SPDX-License-Identifier: MIT
"""TCP through handoffs: a transfer each way, and a session of short lines."""
import collections
import os

import capture
import lablog
from checks import CN, NODE, check, flows


def conversation(folder, name, what):
    """Both transfers are whole and the session lives; gives what sender and receiver say of each way."""
    ways = {}
    for way in ("down", "up"):
        a, b = (lablog.load_json(folder, f"{name}-{way}-{end}.log") or {} for end in ("send", "recv"))
        check(f"TCP {way}link through {what}: no reset, every byte in its place",
              a.get("bytes", 0) > 500000 and a.get("bytes") == b.get("bytes") and b.get("intact")
              and not a.get("error") and not b.get("error"), f"{a.get('bytes')} bytes")
        ways[way] = a, b
    ping = lablog.load_json(folder, f"{name}-ssh-ping.log") or {}
    check(f"a session of short lines survives {what}", ping.get("survived") and ping.get("lines", 0) > 30,
          f"{ping.get('lines')} lines, the slowest answered after {ping.get('worst_ms')} ms")
    return ways


def nothing_lost(ways, what):
    for way, (a, b) in ways.items():
        check(f"TCP {way}link through {what}: every segment that one end sent, the other got",
              a and b and a["segments_out"] == b["segments_in"],
              f"{a.get('segments_out')} sent, {a.get('retransmitted')} of them again, {b.get('segments_in')} received, "
              f"{a.get('dsacks')} told to be spurious")
        check(f"TCP {way}link through {what}: what was sent again was told to be spurious",
              a and a["retransmitted"] <= a["dsacks"], f"{a.get('retransmitted')} again, {a.get('dsacks')} spurious")


def transfers(folder):
    nothing_lost(conversation(folder, "transfers", "ten walks"), "ten walks")
    ends = {}
    for end in ("cn", "mn"):
        ends[end] = capture.segments(os.path.join(folder, f"tcp-{end}.pcap"))
        with open(os.path.join(folder, f"tcp-{end}.tcpdump")) as f:
            check(f"the capture at {end} is whole", "\n0 packets dropped by kernel" in f.read())
    for source, sender, receiver in ((CN, "cn", "mn"), (NODE, "mn", "cn")):
        sent, got = ([x for x in ends[e] if x[0] == source] for e in (sender, receiver))
        lost = missing(sent, got)
        check(f"captures: no segment from {source} is lost on the way", sent and not lost,
              f"{sum(x[3] for x in sent)} bytes captured at the sender, {lost} of them not at the receiver")


def missing(sent, got):
    """Bytes seen more often among the one than among the other: what is in between may cut segments otherwise."""
    base, steps, lost = {}, collections.defaultdict(collections.Counter), 0
    for sign, segments in ((1, sent), (-1, got)):
        for _, port, seq, size in segments:
            at = ((seq - base.setdefault(port, seq) + 0x80000000) & 0xffffffff) - 0x80000000
            steps[port][at] += sign
            steps[port][at + size] -= sign
    for port in steps.values():
        level, before = 0, 0
        for at in sorted(port):
            lost += max(level, 0) * (at - before)
            level, before = level + port[at], at
    return lost


def counted(folder, name):
    """What a kernel counted: {"TcpExtTCPTimeouts": 3, ...}"""
    rows = list(lablog.lines(folder, f"{name}.netstat"))
    return {names.split(":")[0] + key: int(value) for names, values in zip(rows[::2], rows[1::2])
            for key, value in zip(names.split()[1:], values.split()[1:])}


def between(folder, name, end):
    before, after = (counted(folder, f"{name}-{when}-{end}") for when in ("before", "after"))
    return collections.Counter({k: v - before[k] for k, v in after.items()})


# An undone reduction of the window is counted once: found by its time stamps or by F-RTO while in loss, or by a
# duplicate's report.
UNDONE = ("TcpExtTCPLossUndo", "TcpExtTCPFullUndo", "TcpExtTCPPartialUndo", "TcpExtTCPDSACKUndo")


def late_agent(folder):
    what = "a slow second agent"
    nothing_lost(conversation(folder, "late_agent", what), what)
    found = lablog.reports(folder, *lablog.window(folder, "late_agent"))
    check("slow second agent: two handoffs, flow F1", [r["flow"] for _, r in found] == ["F1", "F1"], flows(found))
    for end in ("cn", "mn"):
        fired = {to: undone(folder, to, end) for to in ("2", "1")}
        # Whether the timer of a sender is shorter than the outage depends on how its window stands.
        check(f"slow second agent, sender {end}: time-outs fired", sum(fired.values()) > 0,
              ", ".join(f"{n} towards agent {to}" for to, n in fired.items()))


def undone(folder, to, end):
    """How many time-outs fired at that end; each must have been found spurious."""
    c = between(folder, f"late-{to}", end)
    where = f"slow agent {to}, sender {end}"
    fired = c["TcpExtTCPTimeouts"]
    told = UNDONE + ("TcpExtTCPTimeouts", "TcpExtTCPSpuriousRTOs", "TcpExtTCPLossProbes",
                     "TcpExtTCPLossProbeRecovery")
    check(f"{where}: each time-out is found spurious and undone", sum(c[k] for k in UNDONE) == fired,
          ", ".join(f"{k[6:]} {c[k]}" for k in told if c[k]) or "none")
    check(f"{where}: nothing is sent again but what the timers sent",
          c["TcpRetransSegs"] <= fired + c["TcpExtTCPLossProbes"], f"{c['TcpRetransSegs']} segments")
    return fired
