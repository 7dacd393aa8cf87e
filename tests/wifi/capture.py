# SPDX-License-Identifier: MIT
"""Reads the captures of a lab run: just enough of pcap, Ethernet, cooked frames, IPv4, UDP, TCP and 802.11."""
import struct

ETHERNET, COOKED, COOKED2, RADIOTAP = 1, 113, 276, 127
BUFFER_CONTROL = 255


def frames(path):
    """(time in microseconds, link type, frame) of a capture file; a file cut short ends early."""
    with open(path, "rb") as f:
        data = f.read()
    if len(data) < 24:
        return
    magic = data[:4]
    order = "<" if magic in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    link = struct.unpack(order + "I", data[20:24])[0] & 0xffff
    at = 24
    while at + 16 <= len(data):
        sec, usec, have, _ = struct.unpack(order + "IIII", data[at:at + 16])
        yield sec * 1000000 + usec, link, data[at + 16:at + 16 + have]
        at += 16 + have


def packets(path):
    """(time in microseconds, IPv4 packet) of a capture file."""
    for t, link, frame in frames(path):
        if link == ETHERNET:
            kind, ip = frame[12:14], frame[14:]
        elif link == COOKED:
            kind, ip = frame[14:16], frame[16:]
        elif link == COOKED2:
            kind, ip = frame[0:2], frame[20:]
        else:
            raise ValueError(f"{path}: link type {link}")
        if kind == b"\x08\x00" and len(ip) >= 20:
            yield t, ip


def on_air(path):
    """(time, 802.11 frame) of a capture on the radio's monitor."""
    for t, link, frame in frames(path):
        if link == RADIOTAP and len(frame) >= 4:
            wifi = frame[struct.unpack("<H", frame[2:4])[0]:]
            if len(wifi) >= 22:
                yield t, wifi


def authentications(path):
    """(time, station, BSSID) of each authentication frame that a station sent to an access point."""
    for t, wifi in on_air(path):
        if wifi[0] == 0xb0 and wifi[4:10] == wifi[16:22]:
            yield t, wifi[10:16].hex(":"), wifi[4:10].hex(":")


def key_frames(path):
    """(time, station, BSSID) of each data frame from a station; of a capture that has no others, its EAPOL frames."""
    for t, wifi in on_air(path):
        if wifi[0] & 0x0c == 0x08 and wifi[1] & 3 == 1:
            yield t, wifi[10:16].hex(":"), wifi[4:10].hex(":")


def address(b):
    return ".".join(map(str, b))


def orders(path):
    """(time, source, destination, message, action or code) of each Buffer Control datagram."""
    out = []
    for t, ip in packets(path):
        udp = ip[(ip[0] & 15) * 4:]
        if ip[9] == 17 and len(udp) > 11 and 434 in struct.unpack("!HH", udp[:4]) and udp[8] == BUFFER_CONTROL:
            out.append((t, address(ip[12:16]), address(ip[16:20]), udp[9], udp[10]))
    return out


def segments(path):
    """[(source, source port, sequence number, length)] of each TCP segment with data, in order."""
    out = []
    for _, ip in packets(path):
        head = (ip[0] & 15) * 4
        tcp = ip[head:]
        if ip[9] != 6 or len(tcp) < 20:
            continue
        size = struct.unpack("!H", ip[2:4])[0] - head - (tcp[12] >> 4) * 4
        if size > 0:
            port, _, seq = struct.unpack("!HHI", tcp[:8])
            out.append((address(ip[12:16]), port, seq, size))
    return out
