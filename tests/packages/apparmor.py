#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""apparmor.py RULES WITHOUT TRACE...: what of that a profile would have refused.  RULES is how `apparmor_parser -d` has
understood the profile; a TRACE is strace's of one process (-ff -y); what lies under the folder WITHOUT is the test's
own.  One line for each thing that is refused; fails when there is one, or when the traces show next to nothing."""
import re
import sys

ALWAYS = {"unix", "inet", "inet6", "netlink", "packet"}


def pattern(glob):
    """A regular expression for AppArmor's words: * ** ? [] {a,b}."""
    out, i, depth = "", 0, 0
    glob = re.sub("//+", "/", glob)
    while i < len(glob):
        c = glob[i]
        if glob.startswith("**", i):
            out += ".*"
            i += 1
        elif c == "*":
            out += "[^/]*"
        elif c == "?":
            out += "[^/]"
        elif c == "[":
            end = glob.index("]", i)
            out += glob[i:end + 1]
            i = end
        elif c == "{":
            out += "(?:"
            depth += 1
        elif c == "}":
            out += ")"
            depth -= 1
        elif c == "," and depth:
            out += "|"
        elif c == "\\":
            i += 1
            out += re.escape(glob[i])
        else:
            out += re.escape(c)
        i += 1
    return out


class Profile:
    def __init__(self, text):
        self.rules, self.network = [], {}
        for mode, name in re.findall(r"^Mode:\t(\S*?):\S*\tName:\t\((.*)\)$", text, re.M):
            self.rules.append((set(mode), re.compile(pattern(name))))
        for family, types in re.findall(r"(\w+) (?:\{ ([^}]*)\})?", re.search(r"^Network: (.*)$", text + "\nNetwork: ", re.M).group(1)):
            self.network[family] = set(types.split())  # none: all

    def allows(self, path, need):
        have = set()
        for mode, rule in self.rules:
            if rule.fullmatch(path):
                have |= mode
        return set(need) <= have

    def allows_socket(self, family, kind):
        return family in self.network and (not self.network[family] or kind in self.network[family])


OPEN = re.compile(r'openat\(\S+, "(.*?)", (\S+?)(?:, \d+)?\) += \d+<(.*)>$')
CHANGE = re.compile(r'(?:unlink|mkdir|rmdir|chmod|chown|rename|renameat2|linkat|mknod)\w*\((.*)\) += 0')
CHANGE_AT = re.compile(r'(?:unlinkat|mkdirat|fchmodat|fchownat)\(\d+<(.*?)>, "(.*?)"')
EXEC = re.compile(r'execve\("(.*?)", .*\) += 0')
SOCKET = re.compile(r'socket\(AF_(\w+), SOCK_(\w+?)[|,].* = \d')
ADDRESS = re.compile(r'(bind|connect|sendto|sendmsg)\(.*sun_path="(/.*?)".*\) += \d')


def asked(trace):
    """(path, need) and (family, type) of each line that succeeded."""
    with open(trace, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            line = line.rstrip()
            if "O_PATH" in line or "<pipe:" in line:  # neither is looked at
                continue
            if m := OPEN.match(line):
                path = m[3] + ("/" if "O_DIRECTORY" in m[2] and not m[3].endswith("/") else "")
                need = "rw" if "O_RDWR" in m[2] else "w" if "O_WRONLY" in m[2] else "r"
                yield path, need + ("w" if "O_CREAT" in m[2] else "")
            elif m := EXEC.match(line):
                yield m[1], "x"
            elif m := SOCKET.match(line):
                yield m[1].lower(), m[2].lower()
            elif m := ADDRESS.match(line):
                yield m[2], "w"
            elif m := CHANGE_AT.match(line):
                yield m[1] + "/" + m[2], "w"
            elif m := CHANGE.match(line):
                for path in re.findall('"(/.*?)"', m[1]):
                    yield path, "w"


def main(rules, without, *traces):
    with open(rules, encoding="utf-8") as f:
        profile = Profile(f.read())
    seen, refused = set(), set()
    for trace in traces:
        first = True
        for what, need in asked(trace):
            if first and need == "x":  # how the program itself begins: by somebody else
                first = False
                continue
            if what.startswith(without) or "(deleted)" in what:
                continue
            seen.add(what)
            if what.startswith("/"):
                if not profile.allows(what, need) and not profile.allows(what.rstrip("/") + "/", need):
                    refused.add(f"{what} {need}")
            elif not profile.allows_socket(what, need):
                refused.add(f"network {what} {need}")
    print(f"{len(traces)} processes, {len(seen)} things asked for")
    print("\n".join(sorted(refused)))
    return bool(refused) or len(seen) < 20 or not ALWAYS - {"inet6"} <= seen


sys.exit(main(*sys.argv[1:]))
