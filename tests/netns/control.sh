#!/bin/bash
# SPDX-License-Identifier: MIT
# Who may look and who may act: each command of both programs, by people of each group, root, and nobody
# in particular; the same where no group is named.
#   node radio0 -- foreign agent 10.1.0.1 -- home agent 192.0.2.1
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
[ -n "${MIP_PRIVATE:-}" ] || exec env MIP_PRIVATE=1 unshare -m "$0" "$@"
. tests/netns/lib.sh
. tests/netns/users.sh

new_space HA FA NODE
cable $HA ha0 192.0.2.1/24 $FA fa0 192.0.2.7/24
cable $FA ln0 10.1.0.1/24 $NODE radio0
{ ha_conf; knows_agent 192.0.2.7; } >"$D/ha.conf"
{ fa_conf; knows_agent $HA_ADDR; } >"$D/fa.conf"
groups() { section Daemon "act-group = actors" "look-group = lookers"; }
{ node_conf; groups; } >"$D/node.conf"
groups >>"$D/ha.conf"
check "the home agent starts" launch $HA mipagentd ha; ha=$pid
check "the foreign agent starts, without groups" launch $FA mipagentd fa
radio 02:00:00:00:00:00
for_group
check "the node starts" launch $NODE mipclientd node; node=$pid
chown mip "$D"/*.key # for reload
registered() { node_is '.state == "registered"'; }
check "it registers" until_true registered

# What stands in the manuals, SECURITY; a command of the program that is in none of these fails.
looks="status agents networks history report explain watch" acts="handoff register deregister power reload log-level" local="check replay"
looks_a="status bindings visitors buffers drops watch" acts_a="reload" local_a="node"
commands() { "$B/$1" -h | awk '/^usage:/ {c = 1; next} c && /^  [a-z]/ {print $1}' | sort | xargs; } # PROGRAM
check "each command of mipclient is one of these" [ "$(commands mipclient)" = "$(xargs -n1 <<<"$looks $acts $local" | sort | xargs)" ]
check "each of mipagent, too" [ "$(commands mipagent)" = "$(xargs -n1 <<<"$looks_a $acts_a $local_a" | sort | xargs)" ]
words() { # COMMAND: what else has to stand there
	case $1 in power) echo saving ;; log-level) echo debug ;; esac
}
ask() { # USER PROGRAM SOCKET WORD...: as that user; sets $D/out; its exit code
	local user=$1 program=$2 socket=$3; shift 3
	# One that watches has been served when something comes; an agent says nothing by itself.
	# shellcheck disable=SC2086 # a list
	timeout 1 setpriv --reuid="$user" --regid="$user" --init-groups "$D/$program" -S "/run/mip/$socket.sock" "$@" >"$D/out" 2>&1
}
allowed() { # what a command ends with that was let in: done, did not work, not now, no report, still watching
	ask "$@"
	case $? in 0 | 1 | 4 | 5 | 124) return 0 ;; *) return 1 ;; esac
}
refused() { # USER PROGRAM SOCKET WORD...
	ask "$@"; [ $? = 6 ] && grep -q "not allowed" "$D/out"
}
may() { # NAME allowed|refused USER PROGRAM SOCKET COMMAND...: each of them
	local name=$1 how=$2 user=$3 program=$4 socket=$5 c bad=0; shift 5
	for c; do
		# shellcheck disable=SC2046 # a list
		$how "$user" "$program" "$socket" "$c" $(words "$c") || { bad=1; echo "# $c:"; complain; }
	done
	result $bad "$name"
}

echo "# the node's"
check "its socket is for everybody to ask" [ "$(stat -c '%U %a' /run/mip/node.sock)" = "mip 666" ]
# shellcheck disable=SC2086 # lists
{
	may "who is in the group that looks may look" allowed looker mipclient node $looks
	may "and do nothing" refused looker mipclient node $acts
	gives 6 "nor announce" ask looker mipclient node handoff --in 30s
	said "announce: not allowed, you may only look: run as root, or join group actors"
	gives 6 "nor take it back" ask looker mipclient node handoff --cancel
	check "nothing has happened" node_is '.power == "normal" and .state == "registered" and .announced_ms == null'
	may "who is in the group that acts may look" allowed actor mipclient node $looks
	may "and act" allowed actor mipclient node $acts
	check "that has happened" node_is '.power == "saving"'
	may "who is in both may act" allowed both mipclient node $acts
	may "who is in none may not even look" refused stranger mipclient node $looks $acts
	may "nor one of the daemon's group, where others are named" refused member mipclient node $looks $acts
	said "run as root, or join group actors (to act) or lookers (to look)"
	may "the daemon's own user may" allowed mip mipclient node $looks $acts
	may "root may" allowed root mipclient node $looks $acts
}
gives 6 "check says so, too" sh -c "setpriv --reuid=stranger --regid=stranger --init-groups '$D/mipclient' -S /run/mip/node.sock status"
check "and does not call that an error" sh -c "setpriv --reuid=stranger --regid=stranger --init-groups '$D/mipclient' -S /run/mip/node.sock check | grep -q '^not looked at  daemon'"
json() { ask looker mipclient node --json power normal; jq -e '.ok == false and .exit == 6' <(grep '^{' "$D/out"); }
check "as JSON" json

echo "# the home agent's"
# shellcheck disable=SC2086 # lists
{
	may "who looks may look" allowed looker mipagent ha $looks_a
	may "and do nothing" refused looker mipagent ha $acts_a
	may "who acts may do both" allowed actor mipagent ha $looks_a $acts_a
	may "others may do neither" refused stranger mipagent ha $looks_a $acts_a
	may "root may" allowed root mipagent ha $looks_a $acts_a
}

echo "# no groups"
check "the socket is the daemon's group's" [ "$(stat -c '%U %G %a' /run/mip/fa.sock)" = "mip mip 660" ]
# shellcheck disable=SC2086 # lists
{
	may "who is in it may do all" allowed member mipagent fa $looks_a $acts_a
	may "nobody else may do anything" refused actor mipagent fa $looks_a $acts_a
	may "whoever looks elsewhere" refused looker mipagent fa $looks_a
}

echo "# mistakes"
sed -i 's/^act-group = actors/act-group = nobodies/' "$D/node.conf"
gives 78 "a group that there is not" "$B/mipclientd" -n -c "$D/node.conf"
said "[Daemon] act-group: there is no group nobodies here"
gives 4 "another group needs a restart" node reload
said "[Daemon] act-group or look-group changed: restart mipclientd"
sed -i 's/^look-group = lookers/look-group = nobodies/' "$D/ha.conf"
gives 78 "an agent's, too" "$B/mipagentd" -n -c "$D/ha.conf"
sed -i 's/^look-group = .*/look-group = actors/' "$D/ha.conf"
check "the agent takes the rest" agent ha reload
said "restart mipagentd for the rest"
stop "$node"; stop "$ha"
ended
