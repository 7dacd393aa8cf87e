# SPDX-License-Identifier: MIT
"""Networks without an agent: care-of addresses by DHCP, the home agent keeps what comes."""
import lablog
from checks import ROUND_TRIP_MS, check, faultless, figures, flows, spans


def ask_once(walk, report):
    """From the new address (or agent) being there: one Request, and nothing else is waited for."""
    steps = dict(lablog.steps(report))
    took = steps["registered"] - steps["agent-found"]
    check(f"{walk}: registered with one Request, within two round trips", report["sent"]["requests"] == 1
          and took <= 2 * ROUND_TRIP_MS, f"{report['sent']['requests']} in {took:.0f} ms")


SLACK_MS = 10  # a process costs as much here


def in_time(walk, report, stream, begin, end):
    """The gap: leaving, layer 2, the address, and two round trips.  Downwards leaving begins with the
    home agent's grant, upwards when programs' packets begin to wait."""
    steps = dict(lablog.steps(report))
    for which, since in (("downlink", "granted"), ("uplink", "trigger")):
        most = steps["agent-found"] - steps[since] + 2 * ROUND_TRIP_MS + SLACK_MS
        gap = stream[which].count(begin, end)["longest_gap_ms"]
        check(f"{walk}, {which}: no gap but layer 2, the address and two round trips", gap <= most, f"{gap:.0f} of {most:.0f} ms")


def walked(folder, name, wanted):
    """Each walk: its flow; F4 alone promises no order."""
    stream, walks = lablog.stream(folder, name), spans(folder, name)
    check(f"{name}: {len(wanted)} walks were walked", len(walks) == len(wanted), f"{len(walks)}")
    for i, ((begin, end, to), one_of) in enumerate(zip(walks, wanted), 1):
        found = lablog.reports(folder, begin, end)
        check(f"{name}, walk {i}: one handoff, flow {' or '.join(one_of)}", len(found) == 1
              and found[0][1]["flow"] in one_of and found[0][1]["result"] == "done", flows(found))
        flow = found[0][1]["flow"] if found else one_of[0]
        if found and flow != "F9":
            ask_once(f"{name}, walk {i}", found[0][1])
        if flow == "F7" and name == "colocated" and found:
            in_time(f"{name}, walk {i}", found[0][1], stream, begin, end)
        for which, direction in stream.items():
            c = direction.count(begin, end)
            good = faultless(c) or flow == "F4" and which == "downlink" and c["sent"] and c["lost"] == c["duplicated"] == 0
            what = "nothing lost or doubled" if flow == "F4" else "nothing lost, doubled or out of order"
            check(f"{name}, walk {i} to access point {to}, {which}: {what}", good, figures(c))


def colocated(folder):
    walked(folder, "colocated", [("F7",)] * 10)
    check("colocated: in a UDP tunnel", (lablog.load_json(folder, "colocated.json") or {}).get("udp_tunnel"))


def half_hidden(folder):
    walked(folder, "half_hidden", [("F7",)] * 2)
    check("half_hidden: at the end in IP-in-IP", (lablog.load_json(folder, "half_hidden.json") or {}).get("udp_tunnel") is False)


def modes(folder):
    # The third is F4 where other channels had to be looked at under the agent's buffer.
    walked(folder, "modes", [("F4",), ("F7",), ("F4", "F9"), ("F7",)])
