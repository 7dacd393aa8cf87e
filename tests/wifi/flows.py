# SPDX-License-Identifier: MIT
"""Handoffs by order: what each flow of mip-buffer(7) promises."""
import lablog
from checks import check, faultless, figures, flows, lost_of


def walked(folder, scenario, wanted):
    """The reports of the scenario's handoffs, when they are of these flows ("F1/F11": of one of them) and went
    well; and its stream."""
    found = lablog.reports(folder, *lablog.window(folder, scenario))
    check(f"{scenario}: {', '.join(wanted)}, done", len(found) == len(wanted) and
          all(r["flow"] in w.split("/") and r["result"] == "done" for (_, r), w in zip(found, wanted)), flows(found))
    return found, lablog.stream(folder, scenario)


def whole(scenario, stream):
    for which, direction in stream.items():
        c = direction.count()
        check(f"{scenario}, {which}: nothing lost, doubled or out of order", faultless(c), figures(c))


def forward_by_node(folder):
    _, stream = walked(folder, "forward_by_node", ["F4"])
    down, up = stream["downlink"].count(), stream["uplink"].count()
    check("forward_by_node, downlink: nothing lost or doubled; order is not promised",
          down["sent"] and down["lost"] == down["duplicated"] == 0, figures(down))
    check("forward_by_node, uplink: nothing lost, doubled or out of order", faultless(up), figures(up))


def wait(stream, found):
    """From layer 2 being up to the first packet on the new link, in ms: the shortest of these handoffs."""
    up = [t + int(dict(lablog.steps(r))["link-up"] * 1000) for t, r in found]
    return min(min(t for _, t in stream["downlink"].arrived if t >= u) - u for u in up) / 1000


def early(folder):
    # As near as the first agent, the home agent's word may come first: then nothing was early.
    found, stream = walked(folder, "early", ["F1/F11"] * 2 + ["F11"] * 2)
    whole("early", stream)
    near, far = wait(stream, found[:2]), wait(stream, found[2:])
    check("early: the wait after layer 2 is the same, the home agent 10 and 200 ms away",
          abs(far - near) <= 50, f"{near:.1f} and {far:.1f} ms") # of the 380 ms that a round trip more would be


def ping_pong(folder):
    found, stream = walked(folder, "ping_pong", ["F1"] * 4)
    whole("ping_pong", stream)
    if len(found) == 4:
        lasted = (found[3][0] - found[0][0]) / 1e6
        check("ping_pong: all within one lease of 8 s", lasted < 8, f"{lasted:.1f} s")
    for host in ("r1", "r2"):
        counters = (lablog.load_json(folder, f"ping_pong-{host}.json") or {}).get("counters", {})
        check(f"ping_pong: {host} forwarded", counters.get("packets-forwarded", 0) > 0,
              f"{counters.get('packets-forwarded')}")


def two_access_points(folder):
    found, stream = walked(folder, "two_access_points", ["F5", "F5"])
    whole("two_access_points", stream)
    check("two_access_points: the reports say that nothing was lost", [lost_of(r) for _, r in found] == [0, 0],
          f"{[lost_of(r) for _, r in found]}")
    counters = (lablog.load_json(folder, "two_access_points-r1.json") or {}).get("counters", {})
    check("two_access_points: packets were kept, and none forwarded",
          counters.get("packets-kept", 0) > 0 and counters.get("packets-forwarded", 1) == 0,
          f"{counters.get('packets-kept')} kept, {counters.get('packets-forwarded')} forwarded")
