#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A stranger on the link and on the backbone, who hears everything and may borrow anybody's address
and, where a test says so, somebody's key.

    stranger.py record FILE           hears until it is killed: a line a datagram of port 434
    stranger.py does FOLDER           a line a command, WHAT...: sends what the function of that name
                                      below makes up

Prints how many it sent, and how many answers came back to it: "sent answers", a line a command.
FOLDER has record (of the former), node.key, link.key and peer.key, and macs: a line "name MAC".
"""
import hashlib
import hmac
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import time

HOME, HA, FA, LINK = "10.99.0.5", "192.0.2.1", "192.0.2.7", "10.1.0.1"
OURS = {"e0": "192.0.2.66", "e1": "10.1.0.66"}
ELSE = "203.0.113.9"
PORT, OWN_PORT = 434, 5434
NTP = 2208988800
QUIET = 0.15  # no answer takes longer here
MN_HA, MN_FA, FA_HA = 32, 33, 34
BUFFER, FORWARD, QUERY = 1, 2, 7


def ip(text):
    return socket.inet_aton(text)


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def now(off=0.0):
    t = time.time() + off
    return (int(t) + NTP) << 32 | int(t % 1 * 2**32)


def spoilt(message):
    return message[:-1] + bytes([message[-1] ^ 1])


def checksum(data):
    data += b"\0" * (len(data) % 2)
    s = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while s >> 16:
        s = (s & 0xFFFF) + (s >> 16)
    return ~s & 0xFFFF


def udp(src, dst, payload, sport=OWN_PORT, dport=PORT, wrong=0):
    n = 8 + len(payload)
    head = struct.pack("!HHHH", sport, dport, n, 0)
    c = checksum(ip(src) + ip(dst) + struct.pack("!HH", 17, n) + head + payload) or 0xFFFF
    return head[:6] + struct.pack("!H", c ^ wrong) + payload


def ipv4(src, dst, protocol, payload, ttl=255):
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0, ttl, protocol, 0)
    head += ip(src) + ip(dst)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


class Lab:
    def __init__(self, folder):
        self.folder = folder
        self.key = {k: bytes.fromhex(self.read(k + ".key")) for k in ("node", "link", "peer")}
        self.mac = {w[0]: mac(w[1]) for w in map(str.split, self.read("macs").splitlines())}
        self.sent = 0
        self.asking = None

    def read(self, name):
        with open(os.path.join(self.folder, name), encoding="ascii") as f:
            return f.read()

    # ---- messages ----

    def sign(self, message, kind, key, spi=256):
        message += bytes([kind, 36]) + struct.pack("!I", spi)
        return message + hmac.digest(self.key[key], message, hashlib.sha256)

    @staticmethod
    def request(when, home=HOME, lifetime=600):
        return struct.pack("!BBH", 1, 2, lifetime) + ip(home) + ip(HA) + ip(FA) + when.to_bytes(8, "big")

    @staticmethod
    def reply(when, home=HOME, code=1, lifetime=600):
        return struct.pack("!BBH", 3, code, lifetime) + ip(home) + ip(HA) + when.to_bytes(8, "big")

    @staticmethod
    def order(action, when, first=FA, care_of="0.0.0.0", message=1, home=HOME):
        return bytes([255, message, action, 0]) + ip(home) + ip(first) + ip(care_of) + when.to_bytes(8, "big")

    def heard(self, kind, src, dst):
        """The last such message that was recorded, and the whole frame."""
        found = None
        for line in self.read("record").splitlines():
            frame = bytes.fromhex(line)
            payload = frame[42:]
            if frame[26:30] != ip(src) or not payload or payload[0] != kind:
                continue
            if frame[30:34] == ip(dst):
                found = payload, frame
        if not found:
            sys.exit(f"stranger: never heard a message of type {kind} from {src}")
        return found

    # ---- sending ----

    def frame(self, iface, to, packet, src=None):
        return iface, self.mac[to] + (src or self.mac[iface]) + b"\x08\0" + packet

    def backbone(self, to, dst, payload, src=OURS["e0"], sport=OWN_PORT):
        return self.frame("e0", to, ipv4(src, dst, 17, udp(src, dst, payload, sport), 64))

    def link(self, payload, src=OURS["e1"], wrong=0):
        return self.frame("e1", "ln0", ipv4(src, LINK, 17, udp(src, LINK, payload, wrong=wrong)))

    def to_node(self, payload, dst=HOME, wrong=0):
        return self.frame("e1", "node", ipv4(LINK, dst, 17, udp(LINK, dst, payload, PORT, 434, wrong)))

    def tunnel(self, to, dst, inner, src=OURS["e0"]):
        return self.frame("e0", to, ipv4(src, dst, 4, inner, 64))

    def say(self, frames, gap=0.002, to=None):
        """How many answers there were: UDP from port 434 to our own MAC address, or to somebody's."""
        ears = {}
        for name in OURS:
            s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
            s.bind((name, 0))
            ears[name] = s
        sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)  # or the kernel answers with ICMP
        sink.bind(("", OWN_PORT))
        answers = 0

        def hear(seconds):
            nonlocal answers
            end = time.monotonic() + seconds
            while (left := end - time.monotonic()) > 0:
                for s in select.select(list(ears.values()), [], [], left)[0]:
                    data, where = s.recvfrom(4096)
                    theirs = data[:6] == self.mac[to or where[0]] and where[2] != socket.PACKET_OUTGOING
                    answers += theirs and data[23] == 17 and data[34:36] == PORT.to_bytes(2, "big")

        for iface, data in frames:
            ears[iface].send(data)
            self.sent += 1
            hear(gap)
        hear(QUIET)
        return answers


# ---- what is sent; the name is the command, - for _ ----

def every(seconds, make):
    """One after the other."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield make()


def ha_forged(lab, seconds="0.1"):
    make = lambda: lab.backbone("ha", HA, spoilt(lab.sign(lab.request(now()), MN_HA, "node")))
    return lab.say(every(float(seconds), make), 0.01)


def ha_unknown_spi(lab):
    return lab.say([lab.backbone("ha", HA, lab.sign(lab.request(now()), MN_HA, "node", 999))] * 3)


def ha_unknown_node(lab):
    m = lab.sign(lab.request(now(), "10.99.0.77"), MN_HA, "node")
    return lab.say([lab.backbone("ha", HA, m)] * 3)


def ha_unsigned(lab):
    return lab.say([lab.backbone("ha", HA, lab.request(now()))] * 3)


def ha_bad_agent(lab):
    """The node's word, but not its agent's: as if the agent had brought it."""
    m = spoilt(lab.sign(lab.sign(lab.request(now()), MN_HA, "node"), FA_HA, "peer"))
    return lab.say([lab.backbone("ha", HA, m, FA)] * 3)


def ha_old(lab, off="-3600"):
    m = lab.sign(lab.request(now(float(off))), MN_HA, "node")
    return lab.say([lab.backbone("ha", HA, m)] * 20)


def ha_recorded(lab):
    # not the frame as it was: the kernel that sent it had left its checksum to the hardware
    return lab.say([lab.backbone("ha", HA, lab.heard(1, FA, HA)[0], FA, PORT)] * 5, 0.05)


def ha_cut(lab):
    m = lab.heard(1, FA, HA)[0]
    return lab.say([lab.backbone("ha", HA, m[:n]) for n in range(62)])


def ha_long(lab):
    m = lab.request(now()) + b"\x80\xfe" * 2 + b"\x80\xfd" + b"\0" * 253 + bytes(1200)
    return lab.say([lab.backbone("ha", HA, lab.sign(m, MN_HA, "node")[:1450])] * 3)


def ha_other_types(lab):
    return lab.say([lab.backbone("ha", HA, bytes([t]) + bytes(60)) for t in (0, 2, 3, 16, 254)])


def ha_tunnel(lab):
    inner = ipv4(HOME, ELSE, 17, udp(HOME, ELSE, b"hello", 5000, 5001))
    return lab.say([lab.tunnel("ha", HA, inner)] * 3)


def fa_forged(lab, seconds="0.1"):
    make = lambda: lab.link(spoilt(lab.sign(lab.sign(lab.request(now()), MN_HA, "node"), MN_FA, "link")))
    return lab.say(every(float(seconds), make), 0.1)


def fa_unknown_spi(lab):
    m = lab.sign(lab.sign(lab.request(now()), MN_HA, "node"), MN_FA, "link", 999)
    return lab.say([lab.link(m)] * 3)


def fa_unsigned(lab):
    return lab.say([lab.link(lab.sign(lab.request(now()), MN_HA, "node"))] * 3)


def fa_copied(lab):
    return lab.say([lab.link(lab.heard(1, HOME, LINK)[0], HOME)] * 3)


def fa_recorded(lab):
    """With the node's own MAC address: only the home agent can tell."""
    return lab.say([("e1", lab.heard(1, HOME, LINK)[1])] * 3, 0.1)


def fa_cut(lab):
    m = lab.heard(1, HOME, LINK)[0]
    return lab.say([lab.link(m[:n]) for n in [*range(24), *range(25, 62)]])


def fa_checksum(lab):
    return lab.say([lab.link(lab.heard(1, HOME, LINK)[0], HOME, 1)] * 3)


def fa_reply_unasked(lab):
    m = lab.sign(lab.sign(lab.reply(now()), MN_HA, "node"), FA_HA, "peer")
    return lab.say([lab.backbone("fa", FA, m, HA, PORT)] * 3)


def fa_tunnel(lab):
    inner = ipv4(ELSE, HOME, 17, udp(ELSE, HOME, b"hello", 5000, 5001))
    return lab.say([lab.tunnel("fa", FA, inner)] * 3)


def fa_tunnel_unknown(lab):
    inner = ipv4(ELSE, "10.99.0.77", 17, udp(ELSE, "10.99.0.77", b"hello", 5000, 5001))
    return lab.say([lab.tunnel("fa", FA, inner, HA)] * 3)


def fa_marker(lab):
    """The home agent's, with its addresses, but not its key."""
    m = lab.sign(lab.order(0, now(), FA, ELSE, 3), FA_HA, "node")
    return lab.say([lab.tunnel("fa", FA, ipv4(HA, FA, 17, udp(HA, FA, m, PORT)), HA)] * 3)


def fa_marker_outside(lab):
    m = lab.sign(lab.order(0, now(), FA, ELSE, 3), FA_HA, "peer")
    return lab.say([lab.backbone("fa", FA, m, HA, PORT)] * 3)


def order_forged(lab, seconds="0.1"):
    make = lambda: lab.link(spoilt(lab.sign(lab.order(BUFFER, now()), MN_FA, "link")))
    return lab.say(every(float(seconds), make), 0.01)


def order_unknown_spi(lab):
    return lab.say([lab.link(lab.sign(lab.order(BUFFER, now()), MN_FA, "link", 999))] * 3)


def order_unsigned(lab):
    return lab.say([lab.link(lab.order(BUFFER, now()))] * 3)


def order_old(lab, off="-3600"):
    """After a newer one, which is only a question."""
    m = [lab.order(QUERY, now())] + [lab.order(BUFFER, now(float(off)))] * 20
    return lab.say(lab.link(lab.sign(o, MN_FA, "link")) for o in m)


def order_home_forged(lab):
    """To the home agent, which keeps packets where no other agent can."""
    m = spoilt(lab.sign(lab.order(BUFFER, now(), HA), MN_HA, "node"))
    return lab.say([lab.backbone("ha", HA, m)] * 20)


def order_recorded(lab):
    return lab.say([lab.link(lab.heard(255, HOME, LINK)[0], HOME)] * 20)


def order_cut(lab):
    m = lab.sign(lab.order(BUFFER, now()), MN_FA, "link")
    return lab.say([lab.link(m[:n]) for n in range(len(m))])


def order_long(lab):
    m = lab.order(BUFFER, now()) + b"\xff\xc9\x63" + bytes(200)
    return lab.say([lab.link(lab.sign(m, MN_FA, "link"))] * 3)


def order_not_mine(lab):
    return lab.say([lab.link(lab.sign(lab.order(BUFFER, now(), ELSE), MN_FA, "link"))])


def order_care_of(lab):
    """The node's own order, but not brought by whom it names: nobody's traffic goes to a third."""
    return lab.say([lab.link(lab.sign(lab.order(FORWARD, now(), FA, ELSE), MN_FA, "link"))])


def order_reply_unasked(lab):
    m = lab.sign(lab.order(0, now(), "192.0.2.66", FA, 2), MN_FA, "link")
    return lab.say([lab.backbone("fa", FA, m, sport=PORT)] * 3)


def node_unasked(lab):
    m = lab.sign(lab.sign(lab.reply(now()), MN_HA, "node"), MN_FA, "link")
    return lab.say([lab.to_node(m)] * 3)


def node_recorded(lab):
    return lab.say([("e1", lab.heard(3, LINK, HOME)[1])] * 3)


def node_not_mine(lab):
    m = lab.sign(lab.sign(lab.reply(now(), "10.99.0.77"), MN_HA, "node"), MN_FA, "link")
    return lab.say([lab.to_node(m), lab.to_node(m, "10.99.0.77")])


def node_cut(lab):
    m = lab.heard(3, LINK, HOME)[0]
    return lab.say([lab.to_node(m[:n]) for n in [*range(20), *range(21, 58)]])


def node_checksum(lab):
    return lab.say([lab.to_node(lab.heard(3, LINK, HOME)[0], wrong=1)] * 3)


def node_type(lab):
    return lab.say([lab.to_node(bytes([7]) + bytes(40))] * 3)


def node_order_forged(lab):
    return lab.say([lab.to_node(spoilt(lab.sign(lab.order(0, now(), message=2), MN_FA, "link")))] * 3)


def node_order_unsigned(lab):
    return lab.say([lab.to_node(lab.order(0, now(), message=2))] * 3)


def node_order_no_key(lab):
    return lab.say([lab.to_node(lab.sign(lab.order(0, now(), ELSE, message=2), MN_FA, "link"))] * 3)


def node_order_unasked(lab):
    return lab.say([lab.to_node(lab.sign(lab.order(0, now(), message=2), MN_FA, "link"))] * 3)


# The home agent sleeps meanwhile: the stranger's word comes first, and answers what was asked.

def asked(lab, port="e1", by=HOME):
    """Has the node register; the Identification that it asks with, once it is heard there."""
    lab.asleep = int(lab.read("ha.pid"))
    os.kill(lab.asleep, signal.SIGSTOP)
    ear = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
    ear.bind((port, 0))
    ear.settimeout(10)
    lab.asking = subprocess.Popen(
        [os.path.join(os.environ.get("B", "build"), "mipclient"), "-S", os.path.join(lab.folder, "node.sock"), "register"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        data = ear.recv(4096)
        if data[26:30] == ip(by) and data[36:38] == PORT.to_bytes(2, "big") and data[42] == 1:
            return int.from_bytes(data[58:66], "big")


def node_forged(lab):
    r = lab.reply(asked(lab))
    return lab.say([lab.to_node(m) for m in (
        spoilt(lab.sign(lab.sign(r, MN_HA, "node"), MN_FA, "link")),
        lab.sign(spoilt(lab.sign(r, MN_HA, "node")), MN_FA, "link"),
        lab.sign(lab.sign(r, MN_HA, "node", 999), MN_FA, "link"),
        lab.sign(lab.sign(r, MN_HA, "node"), MN_FA, "link", 999))])


def node_unsigned(lab):
    r = lab.reply(asked(lab))
    return lab.say([lab.to_node(m) for m in (
        r, lab.sign(r, MN_HA, "node"), lab.sign(r, MN_FA, "link"))])


def fa_reply_forged(lab):
    m = spoilt(lab.sign(lab.sign(lab.reply(asked(lab)), MN_HA, "node"), FA_HA, "peer"))
    return lab.say([lab.backbone("fa", FA, m, HA, PORT)] * 10, to="node")


def fa_reply_unsigned(lab):
    m = lab.sign(lab.reply(asked(lab)), MN_HA, "node")
    return lab.say([lab.backbone("fa", FA, m, HA, PORT)] * 3, to="node")


def fa_reply_elsewhere(lab):
    """Right in everything, but not from the home agent's address."""
    m = lab.sign(lab.sign(lab.reply(asked(lab)), MN_HA, "node"), FA_HA, "peer")
    return lab.say([lab.backbone("fa", FA, m, sport=PORT)] * 3)


def arrival(lab):
    """While the foreign agent sleeps: a packet, the Registration Reply, three packets.  Prints those that
    the node gets, as they were numbered, in place of what was sent and answered."""
    m = lab.sign(lab.sign(lab.reply(asked(lab, "e0", FA)), MN_HA, "node"), FA_HA, "peer")
    packets = [lab.tunnel("fa", FA, ipv4(ELSE, HOME, 17, udp(ELSE, HOME, bytes([n]), 5000, 5001)), HA) for n in range(4)]
    agent = int(lab.read("fa.pid"))
    os.kill(agent, signal.SIGSTOP)
    ear = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
    ear.bind(("e1", 0))
    ear.settimeout(2)
    lab.say([packets[0], lab.backbone("fa", FA, m, HA, PORT), *packets[1:]])
    os.kill(agent, signal.SIGCONT)
    got = []
    try:
        while 3 not in got:
            data = ear.recv(4096)
            if data[:6] == lab.mac["node"] and data[36:38] == (5001).to_bytes(2, "big"):
                got.append(data[42])
    except TimeoutError:
        pass
    lab.sent = "got"
    return got


def record(path):
    ears = []
    for name in OURS:
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
        s.bind((name, 0))
        ears.append(s)
    with open(path, "w", encoding="ascii", buffering=1) as f:
        print("ready", flush=True)
        while True:
            for s in select.select(ears, [], [])[0]:
                data, where = s.recvfrom(4096)
                ports = data[34:38]
                if where[2] != socket.PACKET_OUTGOING and data[23] == 17 and b"\x01\xb2" in (ports[:2], ports[2:]):
                    f.write(data.hex() + "\n")


def main():
    if sys.argv[1] == "record":
        record(sys.argv[2])
    for line in sys.stdin:
        what, *words = line.split()
        stranger = Lab(sys.argv[2])
        heard = globals()[what.replace("-", "_")](stranger, *words)
        if stranger.asking:
            os.kill(stranger.asleep, signal.SIGCONT)
            stranger.asking.wait()
        print(stranger.sent, heard, flush=True)


if __name__ == "__main__":
    main()
