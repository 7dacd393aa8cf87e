# SPDX-License-Identifier: MIT
"""An hour of walks: nothing is lost, and nothing grows."""
import lablog
from checks import check, faultless, figures, spans

GROWTH_KB = 256     # of memory, from the tenth walk on: the allocator's own
COLUMNS = ("kB resident", "descriptors", "routes", "rules", "addresses", "proxy ARP entries")


def long(folder):
    walks = spans(folder, "long")
    found = lablog.reports(folder, *lablog.window(folder, "long"))
    done = [r for _, r in found if r["result"] == "done"]
    check("a handoff a walk, at least", len(walks) >= 10 and len(done) >= len(walks),
          f"{len(walks)} walks, {len(found)} handoffs, {len(done)} done")
    for which, direction in lablog.stream(folder, "long").items():
        c = direction.count()
        check(f"{which}: nothing lost, doubled or out of order", faultless(c), figures(c))
    held = [line.split() for line in lablog.lines(folder, "held.txt")]
    for host in ("mn", "ha", "r1", "r2"):
        rows = [[int(v) for v in (row[0], *row[2:])] for row in held if row[1] == host]
        check(f"{host}: looked at", len(rows) > 0, f"{len(rows)} times")
        for i, what in enumerate(COLUMNS, 1):
            first, last = rows[0][i], rows[-1][i]
            check(f"{host}: no more {what} after walk {rows[-1][0]} than after walk {rows[0][0]}",
                  last - first <= (GROWTH_KB if i == 1 else 0), f"{first}, {last}, at most {max(r[i] for r in rows)}")
