# The TAP of lints: sourced by tests/lint/*. The tree they look at is the
# source tree, or $LINT_TREE when a test feeds them a bad one.
# shellcheck shell=sh
# SPDX-License-Identifier: MIT

tree=${LINT_TREE:-${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}}
lint_temp=$(mktemp -d)
trap 'rm -rf "$lint_temp"' EXIT
trap 'exit 1' HUP INT TERM
: >"$lint_temp/tap"

# tell OK TEXT: one numbered line, which is kept, since this may run in a
# subshell at the end of a pipe.
tell() {
	echo "$1" >>"$lint_temp/tap"
	echo "$1 $(wc -l <"$lint_temp/tap") $2"
}

# report NAME: findings are on standard input, one a line; none is good.
report() {
	cat >"$lint_temp/findings"
	if [ -s "$lint_temp/findings" ]; then
		tell "not ok" "- $1"
		sed 's/^/# /' "$lint_temp/findings"
	else
		tell ok "- $1"
	fi
}

# skip REASON: one test that could not run; in strict mode it fails.
skip() {
	if [ "${MAILTOOLKIT_STRICT:-0}" = 1 ]; then
		tell "not ok" "- strict: $1"
	else
		tell ok "# SKIP $1"
	fi
}

# has PROGRAM: or skips.
has() {
	command -v "$1" >/dev/null && return
	skip "$1 is not installed"
	return 1
}

# sources FOLDER...: the C files below those that are there.
sources() {
	for lint_dir; do
		[ ! -d "$tree/$lint_dir" ] || find "$tree/$lint_dir" \
		    -name '*.[ch]' -type f
	done | sort
}

# shown: paths on standard input as they are called within the tree.
shown() {
	sed "s|^$tree/||"
}

# uncommented FILE: "FILE:LINE:text" of every line, comments and the insides of
# strings blanked.
uncommented() {
	awk -v file="${1#"$tree"/}" '
	{
		out = ""
		for (i = 1; i <= length($0); i++) {
			c = substr($0, i, 1)
			two = substr($0, i, 2)
			if (comment) {
				if (two == "*/") { comment = 0; i++ }
			} else if (quote != "") {
				if (c == "\\") i++
				else if (c == quote) { quote = ""; out = out c }
			} else if (two == "/*") {
				comment = 1; i++
			} else if (two == "//") {
				break
			} else {
				if (c == "\"" || c == "\047") quote = c
				out = out c
			}
		}
		print file ":" FNR ":" out
	}' "$1"
}

# finish: the plan, and the status of the script.
finish() {
	echo "1..$(wc -l <"$lint_temp/tap")"
	if grep -q not "$lint_temp/tap"; then
		exit 1
	fi
	exit 0
}
