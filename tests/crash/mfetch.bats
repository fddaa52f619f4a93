#!/usr/bin/env bats
# mfetch is killed before every step that changes the disk for good, and at
# random points; the run after that makes good: none lost, none doubled. (soak
# does so as often as one likes.)
# SPDX-License-Identifier: MIT

load ../lib/helper
load ../server/dovecot

setup_file() {
  need dovecot openssl python3 || return
  d=$(dovecot_dir)
  # in memory where there is some: what is synced there costs nothing
  work=$(TMPDIR=$([ ! -w /dev/shm ] || echo /dev/shm) mktemp -d)
  export d work
  ${CC:-cc} -shared -fPIC -O1 -o "$work/killer.so" \
    "$BATS_TEST_DIRNAME/killer.c" -ldl || return
  make_ca "$d"
  make_cert "$d" server 30 DNS:localhost
  start_dovecot "$d"
  make_mail "$d" alice 1 300 # more than a group
  make_mail "$d" bob 1 40
  make_mail "$d" carol 1 520 # as many records as are packed
  export imaps_port pop3s_port
}

teardown_file() {
  stop_dovecot "$d"
  rm -rf "$d" "$work"
}

setup() {
  export HOME=$BATS_TEST_TMPDIR
  box=$work/box
}

# killed USER TARGET HOW... -- ARGUMENT... PROTOCOL
killed() {
  local user=$1 to=$2 how=() url=${*: -1}
  shift 2
  set -- "${@:1:$#-1}"
  case $url in
  imaps) url=imaps://$user@localhost:$imaps_port ;;
  pop3s) url=pop3s://$user@localhost:$pop3s_port ;;
  esac
  while [ "$1" != -- ]; do how+=("$1"); shift; done
  shift
  exits 0 "$BATS_TEST_DIRNAME/kill-mfetch" --killer "$work/killer.so" \
    --mail "$d/mail/$user/Maildir" --to "$to:$box" --state "$work/state" \
    "${how[@]}" -- mfetch --tls-ca "$d/ca.pem" --password-command 'echo secret' \
    "$@" "$url"
  has "$out" '0 lost, 0 doubled'
}

fetch() {
  mfetch --tls-ca "$d/ca.pem" --password-command 'echo secret' \
    --state "$work/state" --to "maildir:$box" "$@"
}

@test "IMAP into a Maildir: killed at each step" {
  killed alice maildir --steps -- imaps
}

@test "IMAP into an mbox: killed at each step" {
  killed bob mbox --steps -- imaps
}

@test "POP3 into a Maildir: killed at each step" {
  killed bob maildir --steps -- pop3s
}

@test "POP3 whose state is packed at the end: killed at each step" {
  killed carol maildir --steps -- pop3s
}

@test "IMAP with --delete: killed at each step" {
  killed bob maildir --steps -- --delete imaps
}

@test "POP3 with --delete: killed at each step" {
  killed bob maildir --steps -- --delete pop3s
}

@test "killed at random points: IMAP and POP3, keeping and deleting" {
  for protocol in imaps pop3s; do
    killed alice maildir --points 4 -- "$protocol"
    killed bob maildir --points 4 -- --delete "$protocol"
  done
}

@test "a disk that fills: nothing is deleted there that is not durable here" {
  cp -a "$d/mail/alice/Maildir" "$BATS_TEST_TMPDIR/all"
  for after in --keep --delete; do
    rm -rf "$work/state"* "$box"
    got=0
    (ulimit -f 20; trap '' XFSZ; fetch "$after" "imaps://alice@localhost:$imaps_port") \
      >"$BATS_TEST_TMPDIR/log" 2>&1 || got=$?
    [ "$got" -eq 74 ]
    [ "$(wc -l <"$BATS_TEST_TMPDIR/log")" -eq 1 ]
    fetch "$after" "imaps://alice@localhost:$imaps_port"
    same_mail "$BATS_TEST_TMPDIR/all" "$box" 300
  done
}
