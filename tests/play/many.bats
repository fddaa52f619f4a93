#!/usr/bin/env bats
# mfetch and mailboxes of very many messages, or of very large ones: its memory
# does not follow them. The bounds for many are generous and for a part of a
# million; bench/fetch-many has all.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() {
  not_under_valgrind "the memory is its own, and takes an hour"
  need python3
  export HOME=$BATS_TEST_TMPDIR
}

# many KIND COUNT STEP ARGUMENT...: mfetch into an mbox, its KiB in $out
many() {
  local kind=$1 count=$2 step=$3
  shift 3
  exits 0 timeout "$(patient 120)" "$top_srcdir/tests/lib/many" "$kind" "$count" "$step" \
    mfetch --tls off --password-command 'echo secret' --state "$HOME/state" \
    --to "mbox:$HOME/box" "$@" "$kind://alice@127.0.0.1:{PORT}"
}

# at_most KIB: under the sanitizers memory says nothing.
at_most() {
  fits mfetch "$out" "$1"
}

@test "IMAP with a hole after each UID: memory stays small, each comes once" {
  many imap 100000 3
  at_most 11264
  [ "$(grep -c '^From MAILER' "$HOME/box")" -eq 100000 ]
  many imap 100000 3
  at_most 10240
  # spread over all the UIDs there are
  rm "$HOME/box" "$HOME/state"*
  many imap 60000 70000
  at_most 20480
  [ "$(grep -c '^From MAILER' "$HOME/box")" -eq 60000 ]
}

@test "POP3: memory stays small, each comes once, and the state is packed" {
  many pop3 100000 1
  at_most 11264
  [ "$(grep -c '^From MAILER' "$HOME/box")" -eq 100000 ]
  [ "$(stat -c %s "$HOME/state")" -lt 5000000 ]
  many pop3 100000 1
  at_most 11264
  [ "$(grep -c '^From MAILER' "$HOME/box")" -eq 100000 ]
  # most of them are gone: so are their records, but no others
  many pop3 600 1
  [ "$(stat -c %s "$HOME/state")" -lt 40000 ]
  many pop3 601 1
  [ "$(grep -c '^From MAILER' "$HOME/box")" -eq 100001 ]
}

@test "a message of 24 MiB: less than 8 MiB of memory, whatever the target" {
  work=$HOME
  [ ! -w /dev/shm ] || work=$(mktemp -d /dev/shm/mtk-many.XXXXXX)
  echo "$work" >"$HOME/work"
  sock=$HOME/sock
  mreceive --lmtp --listen "$sock" --exec 'cat >/dev/null' --size 200M \
    >/dev/null 2>&1 3>&- &
  echo $! >"$HOME/pid"
  wait_for 10 test -S "$sock"
  for to in "maildir:$work/m" "mbox:$work/b" "eml:$work/e" - \
    'exec:cat >/dev/null' "lmtp:$sock"; do
    rcpt=()
    case $to in lmtp:*) rcpt=(--rcpt bob@example.org) ;; esac
    # shellcheck disable=SC2016
    OCTETS=$((24 << 20)) exits 0 timeout "$(patient 60)" \
      "$top_srcdir/tests/lib/many" imap 1 1 sh -c 'exec "$@" >/dev/null' sh \
      mfetch --tls off --password-command 'echo secret' --state "$HOME/large" \
      --to "$to" "${rcpt[@]}" 'imap://alice@127.0.0.1:{PORT}'
    echo "# $to: $out KiB" >&2
    at_most 8192
    # shellcheck disable=SC2012
    case $to in maildir:* | mbox:* | eml:*) [ "$(du -sm "$work" | cut -f 1)" -gt 19 ] ;; esac
    rm -rf "$work"/[mbe] "$HOME/large"
  done
}

teardown() {
  local pid
  pid=$(cat "$HOME/pid" 2>/dev/null) && kill "$pid" && wait_for 10 pid_gone "$pid"
  rm -rf "$(cat "$HOME/work" 2>/dev/null)" || :
}
