# SPDX-License-Identifier: MIT
"""An agent that cannot buffer: the home agent keeps what comes while the node leaves it."""
import lablog
from checks import check, faultless, figures, flows, spans
from stations import verdicts


def walked(folder, name, wanted):
    """Each walk, by its flow."""
    stream, walks = lablog.stream(folder, name), spans(folder, name)
    check(f"{name}: {len(wanted)} walks were walked", len(walks) == len(wanted), f"{len(walks)}")
    for i, ((begin, end, to), flow) in enumerate(zip(walks, wanted), 1):
        found = lablog.reports(folder, begin, end)
        check(f"{name}, walk {i}: one handoff, flow {flow}", [r["flow"] for _, r in found] == [flow], flows(found))
        for which, direction in stream.items():
            c = direction.count(begin, end)
            check(f"{name}, walk {i} to access point {to}, {which}: nothing lost, doubled or out of order",
                  faultless(c), figures(c))


def legacy(folder):
    verdicts(folder, "legacy")
    walked(folder, "legacy", ["F9"] * 2)


def legacy_both(folder):
    walked(folder, "legacy_both", ["F9"] * 4)
