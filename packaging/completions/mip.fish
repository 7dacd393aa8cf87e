# SPDX-License-Identifier: MIT
# fish completion for mipclient(1) and mipagent(1).  Commands and options are those that the program lists
# itself (-h), so that none is missing here.

function __mip_program
	string split -r -m1 / -- (commandline -opc)[1] | tail -n 1
end
function __mip_socket # as it was given on the line
	set -l words (commandline -opc)
	for i in (seq 2 (count $words))
		contains -- $words[$i] -S --socket; and test $i -lt (count $words); and printf '%s\n' -S $words[(math $i + 1)]
	end
end
function __mip_commands
	set -l program (__mip_program)
	$program -h 2>/dev/null | sed -nE '/^usage:/,$ s/^  ([a-z][a-z-]*)( [^ ]+)*  +(.*)/\1\t\3/p'
end
function __mip_words # what stands on the line: the command, and what is behind it
	set -l skip no
	for word in (commandline -opc)[2..]
		if test $skip = yes
			set skip no
		else if contains -- $word -S --socket -c --config --from --address --nai --home-agent --in
			set skip yes
		else if not string match -q -- '-*' $word
			echo $word
		end
	end
end
function __mip_options
	set -l program (__mip_program)
	set -l words (__mip_words)
	$program -h 2>/dev/null | awk -v command="$words[1]:" '
		/^  (-., )?--/ { option = $1 ~ /^--/ ? $1 : $2 }
		$1 == "of" && $2 == command { sub(/^ *of [^:]*: /, ""); print option "\t" $0 }'
end
function __mip_arguments
	set -l program (__mip_program)
	set -l words (__mip_words)
	test (count $words) -eq 1; or return
	switch $program:$words[1]
		case mipclient:handoff
			echo preferred
			$program (__mip_socket) networks 2>/dev/null | grep -oE '([0-9a-f]{2}:){5}[0-9a-f]{2}'
		case mipclient:report
			$program (__mip_socket) history 2>/dev/null | awk '$1 ~ /^[0-9]+$/ { print $1 }'
		case mipclient:log-level
			printf '%s\n' error warning info debug
		case mipclient:power
			printf '%s\n' saving normal
		case mipagent:node
			printf '%s\n' add list remove
	end
end
for program in mipclient mipagent
	complete -c $program -f
	complete -c $program -n 'test (count (__mip_words)) -eq 0' -a '(__mip_commands)'
	complete -c $program -n 'test (count (__mip_words)) -gt 0' -a '(__mip_arguments)'
	complete -c $program -n 'string match -q -- "-*" (commandline -ct)' -a '(__mip_options)'
	complete -c $program -s S -l socket -r -F -d 'control socket'
	complete -c $program -l json -d 'machine-readable output'
	complete -c $program -s h -l help -d 'help'
	complete -c $program -s V -l version -d 'version'
end
