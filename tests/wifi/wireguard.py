# SPDX-License-Identifier: MIT
"""WireGuard above the home address: what is inside is whole, and its peer notices nothing."""
import lablog
from checks import NODE, check, faultless, figures, flows, spans


def wireguard(folder):
    stream, walks = lablog.stream(folder, "wireguard"), spans(folder, "wireguard")
    check("wireguard: four walks were walked", len(walks) == 4, f"{len(walks)}")
    for i, (begin, end, to) in enumerate(walks, 1):
        found = lablog.reports(folder, begin, end)
        check(f"wireguard, walk {i} to access point {to}: one handoff, flow F1",
              [(r["flow"], r["result"]) for _, r in found] == [("F1", "done")], flows(found))
    for which, direction in stream.items():
        c = direction.count()
        check(f"wireguard, {which}: nothing inside lost, doubled or out of order", faultless(c), figures(c))
    heard = [x.split() for x in lablog.lines(folder, "wireguard.txt")]
    check("wireguard: the peer was asked before and behind each walk", len(heard) == 5, f"{len(heard)} times")
    check("wireguard: the node's end is its home address, always", {end for end, _ in heard} == {f"{NODE}:51820"},
          ", ".join(sorted({end for end, _ in heard})))
    times = {t for _, t in heard}
    check("wireguard: no handshake but the first", len(times) == 1 and times != {"0"}, ", ".join(sorted(times)))
