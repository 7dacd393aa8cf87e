#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What an attacker writes, with scapy, from nothing and from what the real daemons were heard to say.

    pen.py FOLDER [ATTACK...]

FOLDER has back.pcap and net1.pcap, what was heard on the backbone and on the Wi-Fi side, the keys
node.key, link.key and peer.key that are nobody's, and macs: a line "name MAC".  Writes ATTACK.pcap there, and
prints a line an attack: "ATTACK INTERFACE WHO REASONS", where WHO is the daemon that hears it, and REASONS are
those for which it must have dropped what was poured, all of it:
    a,b     each message for one of these reasons
    ~a,b    some: the kernel makes one packet out of several
    %a,b    all but those that are answered, ten times a second, as they were before
    -       nothing is counted: the kernel's own, or rate-limited
"""
import os
import random
import struct
import sys

from scapy.all import ARP, ICMP, IP, UDP, Ether, Raw, fragment, rdpcap, wrpcap

sys.path.append(os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "netns"))
from stranger import FA_HA, MN_FA, MN_HA, PORT, Lab, checksum, ip, now, spoilt  # noqa: E402

HA, FA, LINK, OURS, OUR_LINK = "192.0.2.1", "192.0.2.7", "10.1.0.1", "192.0.2.66", "10.1.0.66"
VICTIM, LINK_VICTIM, ELSE = "192.0.2.99", "10.1.0.99", "203.0.113.9"
STAYS, INSIDE, INSIDE_AT = "10.99.0.50", "10.99.0.70", "192.0.2.70"
WALKERS = [f"10.99.0.{n}" for n in range(51, 61)]
HOMES = [STAYS, *WALKERS]
ORDERS = {"buffer": 1, "forward": 2, "release": 3, "query": 7}
MANY = 2000
attacks = {}
random.seed(1)


def attack(interface, who, reasons):
    def put(make):
        attacks[make.__name__.replace("_", "-")] = (interface, who, reasons, make)
        return make
    return put


def addresses(n):
    """Sources, as many as that, that no one here has."""
    return [f"198.18.{i >> 8 & 255}.{i & 255}" for i in range(n)]


class Pen(Lab):
    def __init__(self, folder):
        super().__init__(folder)
        self.air = rdpcap(os.path.join(folder, "net1.pcap"))
        self.back = rdpcap(os.path.join(folder, "back.pcap"))

    def ether(self, interface, to):
        own = ":".join(f"{b:02x}" for b in self.mac[interface])
        return Ether(src=own, dst=":".join(f"{b:02x}" for b in self.mac[to]), type=0x0800)

    def said(self, heard, src, kind, dst=None):
        """The distinct messages of a kind, as they were heard, oldest first."""
        found = {}
        for p in heard:
            if IP in p and UDP in p and p[IP].src in src and PORT in (p[UDP].sport, p[UDP].dport):
                m = bytes(p[UDP].payload)
                if m and m[0] == kind and dst in (None, p[IP].dst):
                    found[m] = p[IP].src
        if not found:
            sys.exit(f"pen.py: never heard a message of type {kind} from {src}")
        return list(found.items())

    def to_ha(self, message, src=OURS, sport=5434):
        return self.ether("e0", "ha") / IP(src=src, dst=HA) / UDP(sport=sport, dport=PORT) / Raw(message)

    def to_fa(self, message, src=HA, sport=PORT):
        return self.ether("e0", "fa") / IP(src=src, dst=FA) / UDP(sport=sport, dport=PORT) / Raw(message)

    def to_link(self, message, src=OUR_LINK, sport=5434):
        return self.ether("e1", "ln1") / IP(src=src, dst=LINK, ttl=255) / UDP(sport=sport, dport=PORT) / Raw(message)

    def to_node(self, message, dst=STAYS, src=LINK):
        return self.ether("e1", "node") / IP(src=src, dst=dst, ttl=255) / UDP(sport=PORT, dport=434) / Raw(message)

    def tunnel(self, to, src, dst, inner):
        return self.ether("e0", to) / IP(src=src, dst=dst, proto=4) / inner


def hello(src, dst):
    return IP(src=src, dst=dst) / UDP(sport=5000, dport=5001) / Raw(b"hello" * 20)


# ---- Registration Requests, to the home agent ----

@attack("e0", "ha", "bad-auth")
def request_forged(pen):
    return [pen.to_ha(spoilt(pen.sign(pen.request(now(), random.choice(HOMES)), MN_HA, "node"))) for _ in range(MANY)]


@attack("e0", "ha", "bad-auth")
def request_from_spoofed_sources(pen):
    return [pen.to_ha(spoilt(pen.sign(pen.request(now(), random.choice(HOMES)), MN_HA, "node")), a)
            for a in addresses(MANY)]


@attack("e0", "ha", "no-key")
def request_for_thousands_of_homes(pen):
    return [pen.to_ha(pen.sign(pen.request(now(), f"10.99.{4 + (i >> 8)}.{i & 255}"), MN_HA, "node"), a)
            for i, a in enumerate(addresses(8 * MANY))]


@attack("e0", "ha", "bad-auth")
def request_of_any_lifetime(pen):
    return [pen.to_ha(pen.sign(pen.request(now(), home, lifetime), MN_HA, "node"))
            for home in HOMES for lifetime in (0, 1, 2, 599, 65534, 65535)]


@attack("e0", "ha", "replay")
def request_replayed(pen):
    return [pen.to_ha(m, FA, PORT) for m, _ in pen.said(pen.back, [FA], 1, HA)]


@attack("e0", "ha", "bad-auth,no-auth,malformed,short")
def request_for_another_home_agent(pen):
    spoiled = [m[:8] + bytes([198, 51, 100, 1]) + m[12:] for m, _ in pen.said(pen.back, [FA], 1, HA)]
    return [pen.to_ha(m, FA, PORT) for m in spoiled]


@attack("e0", "ha", "short,no-auth,malformed,bad-auth,type,extension,replay")
def request_cut_at_every_length(pen):
    m = pen.said(pen.back, [FA], 1, HA)[-1][0]
    return [pen.to_ha(m[:n], FA, PORT) for n in range(len(m))]


@attack("e0", "ha", "short,no-auth,malformed,bad-auth,type,extension,no-key,not-mine,unmatched,replay")
def request_spoilt_at_every_byte(pen):
    m = pen.said(pen.back, [FA], 1, HA)[-1][0]
    return [pen.to_ha(m[:n] + bytes([m[n] ^ random.randrange(1, 256)]) + m[n + 1:], FA, PORT) for n in range(len(m))]


# ---- Registration Requests on the link ----

@attack("e1", "fa1", "-")
def link_request_forged(pen):
    return [pen.to_link(spoilt(pen.sign(pen.request(now(), random.choice(HOMES)), MN_HA, "node"))) for _ in range(MANY)]


@attack("e1", "fa1", "-")
def link_request_for_thousands_of_homes(pen):
    return [pen.to_link(pen.sign(pen.request(now(), f"10.99.{4 + (i >> 8)}.{i & 255}"), MN_HA, "node"),
                        f"10.99.{4 + (i >> 8)}.{i & 255}") for i in range(4 * MANY)]


@attack("e1", "fa1", "-")
def link_request_of_thousands_of_stations(pen):
    frames = [pen.to_link(pen.sign(pen.request(now(), random.choice(HOMES)), MN_HA, "node")) for _ in range(4 * MANY)]
    for i, f in enumerate(frames):
        f[Ether].src = f"02:66:00:00:{i >> 8:02x}:{i & 255:02x}"
    return frames


@attack("e1", "fa1", "-")
def link_request_replayed_by_another_station(pen):
    return [pen.to_link(m, src) for m, src in pen.said(pen.air, HOMES, 1)]


@attack("e1", "fa1", "short,no-auth,malformed,bad-auth,type,extension,replay")
def link_request_cut_at_every_length(pen):
    m, src = pen.said(pen.air, HOMES, 1)[-1]
    return [pen.to_link(m[:n], src) for n in range(24)]


# ---- Registration Replies ----

@attack("e0", "fa1", "unmatched")
def reply_to_the_agent_unasked(pen):
    return [pen.to_fa(pen.sign(pen.sign(pen.reply(now(i / 1000), random.choice(HOMES)), MN_HA, "node"), FA_HA, "peer"))
            for i in range(MANY)]


@attack("e0", "fa1", "unmatched")
def reply_to_the_agent_replayed(pen):
    return [pen.to_fa(m) for m, _ in pen.said(pen.back, [HA], 3, FA)]


@attack("e0", "ha", "type")
def reply_to_the_home_agent(pen):
    return [pen.to_ha(m, FA, PORT) for m, _ in pen.said(pen.back, [HA], 3, FA)]


@attack("e1", "node", "unmatched")
def reply_to_a_node_unasked(pen):
    return [pen.to_node(pen.sign(pen.sign(pen.reply(now(i / 1000), STAYS, code), MN_HA, "node"), MN_FA, "link"))
            for i in range(MANY // 8) for code in (0, 1, 67, 80, 131, 133, 136, 255)]


@attack("e1", "node", "unmatched,not-mine")
def reply_to_a_node_replayed(pen):
    return [pen.to_node(m) for m, _ in pen.said(pen.air, [LINK], 3)]


@attack("e1", "node", "short,malformed,unmatched,no-auth,type,not-mine")
def reply_to_a_node_cut_at_every_length(pen):
    m = pen.said(pen.air, [LINK], 3)[-1][0]
    return [pen.to_node(m[:n]) for n in range(len(m))]


# ---- orders ----

@attack("e1", "fa1", "bad-auth,no-key")
def order_forged(pen):
    return [pen.to_link(spoilt(pen.sign(pen.order(action, now(), home=home), MN_FA, "link")), home)
            for home in HOMES for action in ORDERS.values()]


@attack("e0", "ha", "bad-auth,no-key,not-mine")
def order_to_the_home_agent_forged(pen):
    return [pen.to_ha(spoilt(pen.sign(pen.order(action, now(), HA, home=home), MN_HA, "node")), home)
            for home in HOMES for action in ORDERS.values()]


@attack("e1", "fa1", "%rate,replay,no-key,not-mine,stale,bad-auth,unmatched")
def order_replayed(pen):
    return [pen.to_link(m, src) for m, src in pen.said(pen.air, HOMES, 255, LINK)]


@attack("e1", "fa1", "%rate,replay,no-key,not-mine,stale,bad-auth,unmatched")
def order_reordered(pen):
    orders = [pen.to_link(m, src) for m, src in reversed(pen.said(pen.air, HOMES, 255, LINK))]
    return orders + random.sample(orders, len(orders))


@attack("e1", "fa1", "short,no-auth,malformed,type,bad-auth,no-key,extension,replay,rate")
def order_cut_at_every_length(pen):
    m, src = pen.said(pen.air, HOMES, 255, LINK)[-1]
    return [pen.to_link(m[:n], src) for n in range(len(m))]


@attack("e1", "node", "bad-auth,no-key,unmatched,no-auth")
def order_answer_to_a_node_forged(pen):
    return [pen.to_node(pen.sign(pen.order(a, now(), message=2, home=STAYS), MN_FA, "link")) for a in ORDERS.values()]


# ---- markers ----

@attack("e0", "fa1", "bad-auth,no-key")
def marker_forged(pen):
    return [pen.tunnel("fa", HA, FA, IP(src=HA, dst=FA) / UDP(sport=PORT, dport=PORT) / Raw(
        pen.sign(pen.order(0, now(), FA, ELSE, 3, home), FA_HA, "peer"))) for home in HOMES]


@attack("e0", "fa1", "type")
def marker_outside_of_the_tunnel(pen):
    return [pen.to_fa(pen.sign(pen.order(0, now(), FA, ELSE, 3, home), FA_HA, "peer")) for home in HOMES]


# ---- tunnels ----

@attack("e0", "ha", "outer-source")
def tunnel_from_elsewhere(pen):
    return [pen.tunnel("ha", a, HA, hello(random.choice(HOMES), ELSE)) for a in addresses(MANY)]


@attack("e0", "fa1", "outer-source")
def tunnel_to_the_agent_from_elsewhere(pen):
    return [pen.tunnel("fa", a, FA, hello(ELSE, random.choice(HOMES))) for a in addresses(MANY)]


@attack("e0", "ha", "inner-source,no-binding,outer-source")
def tunnel_with_a_spoofed_inner_source(pen):
    return [pen.tunnel("ha", FA, HA, hello(a, ELSE)) for a in [*addresses(200), HA, ELSE, INSIDE, "127.0.0.1"]]


@attack("e0", "fa1", "not-visitor")
def tunnel_to_nobody(pen):
    return [pen.tunnel("fa", HA, FA, hello(ELSE, a)) for a in [*addresses(200), "10.99.0.77", OURS]]


@attack("e0", "ha", "inner-source,no-binding,loop,outer-source")
def tunnel_in_tunnel_in_tunnel(pen):
    return [pen.tunnel("ha", FA, HA, IP(src=HA, dst=FA, proto=4) / IP(src=FA, dst=HA, proto=4) / hello(home, ELSE))
            for home in HOMES]


@attack("e0", "fa1", "not-visitor,outer-source,loop,type")
def tunnel_loop_at_the_agent(pen):
    return [pen.tunnel("fa", HA, FA, IP(src=HA, dst=FA, proto=4) / IP(src=HA, dst=FA, proto=4) / hello(ELSE, home))
            for home in HOMES]


@attack("e0", "ha", "-")
def tunnel_first_fragments(pen):
    return [pen.ether("e0", "ha") / fragment(IP(src=FA, dst=HA, id=i, proto=4) / hello(STAYS, ELSE), 48)[0]
            for i in range(MANY)]


@attack("e0", "ha", "~outer-source")
def tunnel_in_fragments_from_elsewhere(pen):
    return [pen.ether("e0", "ha") / f for i, a in enumerate(addresses(MANY // 4))
            for f in fragment(IP(src=a, dst=HA, id=i, proto=4) / hello(STAYS, ELSE), 64)]


@attack("e0", "ha", "outer-source,no-tunnel")
def udp_tunnel_from_wrong_ports(pen):
    return [pen.to_ha(b"\x04\x04\0\0" + bytes(hello(INSIDE, ELSE)), INSIDE_AT, 1024 + i) for i in range(MANY)]


@attack("e0", "ha", "outer-source,no-tunnel")
def udp_tunnel_keepalives_from_wrong_ports(pen):
    return [pen.to_ha(b"\x04\x04\0\0" + bytes(IP(src=home, dst=HA) / ICMP(id=1)), a, 1024 + i)
            for i, a in enumerate([INSIDE_AT, *addresses(MANY)]) for home in (INSIDE, STAYS)]


@attack("e0", "fa1", "outer-source,no-tunnel,type")
def udp_tunnel_to_an_agent_that_has_none(pen):
    return [pen.to_fa(b"\x04\x04\0\0" + bytes(hello(ELSE, home)), HA, 1024 + i) for i in range(200) for home in HOMES]


# ---- ICMP errors about tunnels, from a router that is none ----

def errors(pen, kind, code, mtu=0):
    return [pen.ether("e0", "ha") / IP(src=OURS, dst=HA) / ICMP(type=kind, code=code, nexthopmtu=mtu)
            / IP(src=HA, dst=FA, proto=4, len=200) / IP(src=ELSE, dst=home, len=180) / UDP(sport=5000, dport=5000)
            for home in HOMES]


@attack("e0", "ha", "-")
def icmp_host_unreachable(pen):
    return errors(pen, 3, 1)


@attack("e0", "ha", "-")
def icmp_port_unreachable(pen):
    return errors(pen, 3, 3)


@attack("e0", "ha", "-")
def icmp_fragmentation_needed_68(pen):
    return errors(pen, 3, 4, 68)


@attack("e0", "ha", "-")
def icmp_port_unreachable_of_a_udp_tunnel(pen):
    return [pen.ether("e0", "ha") / IP(src=INSIDE_AT, dst=HA) / ICMP(type=3, code=3)
            / IP(src=HA, dst=INSIDE_AT, len=200) / UDP(sport=434, dport=434, len=180)]


# ---- a lying host on the Wi-Fi side ----

def advertisement(pen, src, care_of, sequence, lifetime=600, flags=0xB0):
    """RFC 1256 and RFC 5944 2.1: R, H and F, minimal encapsulation none, reverse tunnels."""
    icmp = struct.pack("!BBHBBH4sI", 9, 16, 0, 1, 2, lifetime, ip(src), 0)
    icmp += struct.pack("!BBHHBB4s", 16, 10, sequence, lifetime, flags, 0, ip(care_of))
    icmp = icmp[:2] + struct.pack("!H", checksum(icmp)) + icmp[4:]
    e = Ether(src=pen.ether("e1", "ln1").src, dst="ff:ff:ff:ff:ff:ff")
    return e / IP(src=src, dst="224.0.0.1", ttl=1, proto=1) / Raw(icmp)


@attack("e1", "node", "-")
def advertisements_of_a_lying_host(pen):
    return [advertisement(pen, OUR_LINK, OURS, n, lifetime) for n in range(256) for lifetime in (600, 3)]


@attack("e1", "node", "-")
def advertisements_in_the_agents_name(pen):
    return [advertisement(pen, LINK, OURS, n) for n in range(0, 65536, 97)]


@attack("e1", "node", "-")
def advertisements_that_the_agent_is_gone(pen):
    return [advertisement(pen, LINK, FA, n, 0) for n in range(0, 65536, 97)]


@attack("e1", "node", "-")
def solicitations(pen):
    return [Ether(src=pen.ether("e1", "ln1").src, dst="01:00:5e:00:00:02") / IP(src=a, dst="224.0.0.2", ttl=1)
            / ICMP(type=10) for a in (LINK_VICTIM, OUR_LINK, "0.0.0.0", *HOMES)]


@attack("e1", "fa1", "-")
def arp_claims_of_the_agent(pen):
    own = pen.ether("e1", "ln1").src
    return [Ether(src=own, dst="ff:ff:ff:ff:ff:ff") / ARP(op=op, hwsrc=own, psrc=LINK, hwdst="ff:ff:ff:ff:ff:ff", pdst=LINK)
            for op in (1, 2)]


@attack("e1", "fa1", "-")
def arp_claims_of_the_nodes(pen):
    own = pen.ether("e1", "ln1").src
    return [Ether(src=own, dst="ff:ff:ff:ff:ff:ff") / ARP(op=op, hwsrc=own, psrc=home, hwdst="ff:ff:ff:ff:ff:ff", pdst=home)
            for op in (1, 2) for home in HOMES]


# ---- amplification: in the name of one who is to hear the answers ----

@attack("e0", "ha", "bad-auth,no-key")
def amplified_by_the_home_agent(pen):
    ask = [spoilt(pen.sign(pen.request(now(), home), MN_HA, "node")) for home in HOMES]
    ask += [spoilt(pen.sign(pen.order(1, now(), HA, home=home), MN_HA, "node")) for home in HOMES]
    return [pen.to_ha(m, VICTIM, PORT) for m in ask]


@attack("e1", "fa1", "-")
def amplified_by_the_agent(pen):
    ask = [pen.sign(pen.request(now(), home), MN_HA, "node") for home in HOMES]
    ask += [spoilt(pen.sign(pen.order(1, now(), home=home), MN_FA, "link")) for home in HOMES]
    return [pen.to_link(m, LINK_VICTIM) for m in ask]


def main(folder, *names):
    pen = Pen(folder)
    for name, (interface, who, reasons, make) in attacks.items():
        if not names or name in names:
            wrpcap(os.path.join(folder, name + ".pcap"), make(pen))
            print(name, interface, who, reasons, flush=True)


main(*sys.argv[1:])
