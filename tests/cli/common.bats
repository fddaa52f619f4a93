#!/usr/bin/env bats
# What mailtoolkit(7) promises of every tool, held to all that are built.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  : "${TOOLS:=$(cd "$top_srcdir" && sed -n 's|^bin_PROGRAMS += ||p' tools/files.am)}"
  : "${top_builddir:=$top_srcdir}"
}

# each FUNCTION: calls it with every tool; all are tried, whatever fails.
each() {
  local tool bad=0
  for tool in $TOOLS; do
    tool=${tool##*/}
    "$1" "$tool" || { echo "failed: $1 of $tool" >&2; bad=1; }
  done
  [ "$bad" -eq 0 ]
}

version() {
  exits 0 "$1" --version &&
    has "$out" "$1 (mailtoolkit) [0-9]" && has "$out" 'gnutls [0-9]' &&
    has "$out" libzscanner && [ -z "$err" ]
}
@test "--version names the tool, its version and the libraries" {
  each version
}

help_fits() {
  exits 0 "$1" --help && has "$out" "usage: $1 " && [ -z "$err" ] || return
  [ "$(printf '%s\n' "$out" | awk 'length >= 80' | wc -l)" -eq 0 ] &&
    [ "$(printf '%s\n' "$out" | wc -l)" -le 24 ]
}
@test "--help fits a screen of 24 lines and 80 columns" {
  each help_fits
}

unknown() {
  exits 64 "$1" --no-such-option && one_line "$err" &&
    has "$err" "$1: unknown option '--no-such-option'" && [ -z "$out" ]
}
@test "an unknown option is 64 and named" {
  each unknown
}

ambiguous() {
  exits 64 "$1" --ver && one_line "$err" && has "$err" 'ambiguous' &&
    has "$err" '--verbose' && has "$err" '--version' &&
    exits 0 "$1" --vers
}
@test "an abbreviation is taken, an ambiguous one is 64 and says of what" {
  each ambiguous
}

valueless() {
  exits 64 "$1" --timeout && one_line "$err" && has "$err" "'--timeout'" &&
    exits 64 "$1" --timeout=soon && has "$err" "'soon'" &&
    exits 64 "$1" --color blue --help && has "$err" "'blue'" &&
    exits 64 "$1" --now yesterday && has "$err" "'yesterday'"
}
@test "a value that is missing or wrong is 64 and named" {
  each valueless
}

full() {
  local status=0
  err=$("$1" --help 2>&1 >/dev/full) || status=$?
  [ "$status" -eq 74 ] && one_line "$err" && has "$err" 'standard output'
}
@test "a full disk under standard output is 74 and one line" {
  each full
}

broken_pipe() {
  local status=0 gone
  exec {gone}> >(exit 0)
  wait $!
  err=$("$1" --help 2>&1 >&"$gone") || status=$?
  exec {gone}>&-
  [ "$status" -eq 74 ] && one_line "$err" && has "$err" 'standard output'
}
@test "a reader that went away is 74, not SIGPIPE" {
  each broken_pipe
}

closed() {
  local status=0
  err=$("$1" --version 2>&1 >&-) || status=$?
  [ "$status" -eq 74 ] && one_line "$err" || return
  "$1" --version <&- >"$BATS_TEST_TMPDIR/out" &&
    grep -q mailtoolkit "$BATS_TEST_TMPDIR/out" || return
  # It ends with 127 itself when it cannot write.
  [ -z "${MAILTOOLKIT_VALGRIND-}" ] || return 0
  status=0
  "$1" --no-such-option 2>&- || status=$?
  [ "$status" -eq 64 ]
}
@test "closed standard input, output or error does no harm" {
  each closed
}

completions() {
  exits 0 "$1" --completion bash && bash -n <<<"$out" &&
    has "$out" "complete -F _$1 $1" || return
  exits 0 "$1" --completion zsh && has "$out" "#compdef $1" || return
  if command -v zsh >/dev/null; then zsh -n <<<"$out" || return; fi
  exits 0 "$1" --completion fish && has "$out" "complete -c $1 " || return
  if command -v fish >/dev/null; then fish -n <<<"$out" || return; fi
  exits 64 "$1" --completion tcsh && has "$err" "'tcsh'"
}
@test "completion scripts are good for their shells" {
  each completions
}

completes() {
  (
    compopt() { :; }
    # shellcheck source=/dev/null
    source "$top_srcdir/completions/bash/$1"
    COMP_WORDS=("$1" --vers) COMP_CWORD=1
    "_$1"
    [ "${COMPREPLY[*]}" = --version ] || exit
    COMP_WORDS=("$1" --color "=" al) COMP_CWORD=3
    "_$1"
    [ "${COMPREPLY[*]}" = always ]
  )
}
@test "bash completes options and words" {
  each completes
}

accounts() {
  local file=$BATS_TEST_TMPDIR/accounts
  printf '[*]\nhots = x\n' >"$file"
  exits 78 "$1" --config "$file" && one_line "$err" &&
    has "$err" "$file:2: unknown key 'hots'" || return
  printf '[work]\npassword = x\n' >"$file"
  chmod 644 "$file"
  exits 78 "$1" --config "$file" && has "$err" 'chmod 600' || return
  chmod 600 "$file"
  exits 78 "$1" --config "$file" --account home &&
    has "$err" "no account 'home'" || return
  exits 78 "$1" --config "$file.none" && has "$err" "$file.none" || return
  exits 0 "$1" --config "$file.none" --help
}
@test "an accounts file that is wrong, open to others or not there is 78" {
  each accounts
}

masked() {
  exits 64 "$1" --$'x\e[31m\r\xff\xe2\x80\xae' && one_line "$err" &&
    has "$err" "'--x\\?[[]31m\\?\\?\\?'"
}
@test "control bytes do not reach the terminal" {
  each masked
}

# How the tools that read something from standard input are run.
readers() {
  printf '%s\n' mbounce-parse 'mverify --ip 192.0.2.1 --zone /dev/null' \
    'mdkimsign -d example.org -s x:key.pem' 'msend --print -t' \
    'mcheckdns --zone /dev/null -'
}

# reads STATUS FILE: each ends with that status and one line. mbounce-parse
# also tells on standard output that it found none.
reads() {
  local bad=0 command
  openssl genpkey -algorithm ed25519 -out key.pem 2>/dev/null
  while read -r command; do
    # shellcheck disable=SC2086
    if ! exits "$1" $command <"$2" || ! one_line "$err" ||
      [[ -n $out && $out != 'none - 1: binary data' ]]; then
      echo "failed: $command" >&2
      bad=1
    fi
  done < <(readers)
  [ "$bad" -eq 0 ]
}

@test "garbage is 65, a directory 66, with one line" {
  { printf '\0\1'; head -c 100000 /dev/urandom; } >binary
  reads 65 binary
  reads 66 /
}

@test "nothing is 66, with one line" {
  # No domain in a list is no question.
  eval "$(declare -f readers | sed '1s/.*/all ()/')"
  readers() { all | grep -v mcheckdns; }
  reads 66 /dev/null
}

@test "a line of 1 GiB is 65, named, and costs little memory" {
  not_under_valgrind 'the memory is its own'
  need python3
  openssl genpkey -algorithm ed25519 -out key.pem 2>/dev/null
  printf '#\n' >huge
  truncate -s 1G huge
  exits 65 mcheckdns --zone /dev/null - <huge
  one_line "$err"
  printf 'From: a@example.org\nSubject: x\n\n' >huge
  truncate -s 1G huge
  exits 65 mverify huge
  has "$err" "'huge', message 1: line 4"
  for command in 'mbounce-parse huge' 'mdkimsign -d a -s x:key.pem huge' \
    'mverify huge' 'msend --print -t' 'mcheckdns -'; do
    # KiB resident at most
    # shellcheck disable=SC2086
    python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdin=open("huge"), stderr=subprocess.DEVNULL)
sys.exit(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss > 65536)' $command
  done
}

@test "there are tools" {
  [ -n "$TOOLS" ]
}
