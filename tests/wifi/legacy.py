# SPDX-License-Identifier: MIT
"""An agent that cannot buffer: the home agent keeps what comes while the node leaves it."""
import lablog
from checks import check, faultless, figures, flows, spans
from stations import verdicts


def walked(folder, name, wanted):
    """Each walk: its flow, and whether order is promised as well."""
    stream, walks = lablog.stream(folder, name), spans(folder, name)
    check(f"{name}: {len(wanted)} walks were walked", len(walks) == len(wanted), f"{len(walks)}")
    for i, ((begin, end, to), (flow, ordered)) in enumerate(zip(walks, wanted), 1):
        found = lablog.reports(folder, begin, end)
        check(f"{name}, walk {i}: one handoff, flow {flow}", [r["flow"] for _, r in found] == [flow], flows(found))
        for which, direction in stream.items():
            c = direction.count(begin, end)
            good = faultless(c) if ordered else c["sent"] and c["lost"] == c["duplicated"] == 0
            what = "nothing lost, doubled or out of order" if ordered else "nothing lost or doubled"
            check(f"{name}, walk {i} to access point {to}, {which}: {what}", good, figures(c))


def legacy(folder):
    verdicts(folder, "legacy")
    walked(folder, "legacy", [("F9", True), ("F4", False)])


def legacy_both(folder):
    walked(folder, "legacy_both", [("F9", True)] * 4)
