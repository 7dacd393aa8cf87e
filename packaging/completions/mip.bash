# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# bash completion for mipclient(1) and mipagent(1).  Commands and options are those that the program lists
# itself (-h), so that none is missing here.

_mip_commands() { "$1" -h 2>/dev/null | sed -nE '/^usage:/,$ s/^  ([a-z][a-z-]*) .*/\1/p'; } # PROGRAM
_mip_options() { # PROGRAM COMMAND
	"$1" -h 2>/dev/null | awk -v command="$2:" '
		/^  (-., )?--/ { option = $1 ~ /^--/ ? $1 : $2 }
		$1 == "of" && $2 == command { print option }'
}
_mip_words() { # PROGRAM COMMAND HOW-MANY-BEFORE SOCKET...: what may stand behind the command
	case $1:$2:$3 in
	mipclient:handoff:0)
		echo preferred
		"$1" "${@:4}" networks 2>/dev/null | grep -oE '([0-9a-f]{2}:){5}[0-9a-f]{2}' ;;
	mipclient:report:0) "$1" "${@:4}" history 2>/dev/null | awk '$1 ~ /^[0-9]+$/ { print $1 }' ;;
	mipclient:log-level:0) printf '%s\n' error warning info debug ;;
	mipclient:power:0) printf '%s\n' saving normal ;;
	mipagent:node:0) printf '%s\n' add list remove ;;
	esac
}
_mip() {
	local cur prev words cword program command='' before=0 socket=() i
	_get_comp_words_by_ref -n : cur prev words cword
	program=${words[0]##*/}
	case $prev in
	-S | --socket | -c | --config | --from) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
	esac
	for ((i = 1; i < cword; i++)); do
		case ${words[i]} in
		-S | --socket) socket=(-S "${words[i + 1]}"); ((i++)) ;;
		-c | --config | --from | --address | --nai | --home-agent | --in) ((i++)) ;;
		-*) ;;
		*) if [ -z "$command" ]; then command=${words[i]}; else before=$((before + 1)); fi ;;
		esac
	done
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "-S --socket --json -h --help -V --version
			$(_mip_options "$program" "$command")" -- "$cur")
	elif [ -z "$command" ]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_mip_commands "$program")" -- "$cur")
	else
		mapfile -t COMPREPLY < <(compgen -W "$(_mip_words "$program" "$command" "$before" "${socket[@]}")" -- "$cur")
	fi
	__ltrim_colon_completions "$cur"
}
complete -F _mip mipclient mipagent
