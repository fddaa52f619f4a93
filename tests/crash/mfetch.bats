#!/usr/bin/env bats
# mfetch is killed before every step that changes the disk for good, and at
# random points; the run after that makes good: none lost, none doubled.
# SPDX-License-Identifier: MIT

load ../lib/helper
load ../server/dovecot

messages=600 # more than two groups

setup_file() {
  need dovecot openssl python3 || return
  d=$(dovecot_dir)
  export d killer=$BATS_FILE_TMPDIR/killer.so
  # Kills the process at the N-th call that changes the disk for good.
  ${CC:-cc} -shared -fPIC -O1 -o "$killer" -x c - <<'END' || return
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static long count;

static void
step(const char *name)
{
	const char *at = getenv("KILL_AT");
	long n = at ? atol(at) : 0;

	count++;
	if (n == 0)
		fprintf(stderr, "step %ld %s\n", count, name);
	else if (n == count)
		kill(getpid(), SIGKILL);
}

#define WRAP(name, params, args)                                  \
	int name params                                           \
	{                                                         \
		int (*real) params = (int (*) params)dlsym(       \
		    RTLD_NEXT, #name);                            \
		step(#name);                                      \
		return real args;                                 \
	}
WRAP(fsync, (int fd), (fd))
WRAP(fdatasync, (int fd), (fd))
WRAP(syncfs, (int fd), (fd))
WRAP(renameat, (int a, const char *b, int c, const char *d), (a, b, c, d))
WRAP(rename, (const char *a, const char *b), (a, b))
WRAP(ftruncate, (int fd, off_t n), (fd, n))
WRAP(ftruncate64, (int fd, off_t n), (fd, n))
END
  make_ca "$d"
  make_cert "$d" server 30 DNS:localhost
  start_dovecot "$d"
  make_mail "$d" alice 1 "$messages"
  make_mail "$d" bob 1 300
  export imaps_port pop3s_port
}

teardown_file() {
  stop_dovecot "$d"
  rm -rf "$d"
}

setup() {
  export HOME=$BATS_TEST_TMPDIR
  box=$BATS_TEST_TMPDIR/box
  more=()
}

fetch() {
  mfetch --tls-ca "$d/ca.pem" --password-command 'echo secret' \
    --state "$BATS_TEST_TMPDIR/state" --to "$to" "${more[@]}" "$url"
}

# killed_at N: a run that is killed at step N; true when it was.
killed_at() {
  local got=0
  ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0 \
    LD_PRELOAD=$killer KILL_AT=$1 fetch >"$BATS_TEST_TMPDIR/log" 2>&1 || got=$?
  [ "$got" -eq 137 ]
}

anew() {
  rm -rf "$box" "$BATS_TEST_TMPDIR/state" "$BATS_TEST_TMPDIR/state.old"
}

# steps: which there are, in $chosen. Of the renames, which are alike, some.
steps() {
  anew
  ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0 \
    LD_PRELOAD=$killer KILL_AT=0 fetch 2>"$BATS_TEST_TMPDIR/steps"
  mapfile -t chosen < <(awk '/^step/ && (!/renameat/ || $2 % 97 == 0) {
    print $2 }' "$BATS_TEST_TMPDIR/steps")
  [ "${#chosen[@]}" -gt 5 ]
}

same_mbox() {
  python3 - "$box" "$d/mail/$1/Maildir" <<'END'
import glob, re, sys
text = open(sys.argv[1], "rb").read()
got = re.split(rb"(?m)^From MAILER-DAEMON .*\n", text)[1:]
got = sorted(re.sub(rb"(?m)^>(>*From )", rb"\1", m)[:-1] for m in got)
want = sorted(open(f, "rb").read() for f in glob.glob(sys.argv[2] + "/[nc][eu][wr]/*"))
assert got == want, (len(got), len(want))
END
}

@test "IMAP into a Maildir: killed at each step" {
  to=maildir:$box url=imaps://alice@localhost:$imaps_port
  steps
  for at in "${chosen[@]}"; do
    anew
    killed_at "$at" || { echo "step $at was not reached" >&2; return 1; }
    fetch
    same_mail "$d/mail/alice/Maildir" "$box" "$messages" ||
      { echo "killed at step $at" >&2; return 1; }
  done
}

@test "POP3 into a Maildir: killed at each step" {
  to=maildir:$box url=pop3s://bob@localhost:$pop3s_port
  steps
  for at in "${chosen[@]}"; do
    anew
    killed_at "$at" || { echo "step $at was not reached" >&2; return 1; }
    fetch
    same_mail "$d/mail/bob/Maildir" "$box" 300 ||
      { echo "killed at step $at" >&2; return 1; }
  done
}

@test "IMAP into an mbox: killed at each step" {
  to=mbox:$box url=imaps://alice@localhost:$imaps_port
  steps
  for at in "${chosen[@]}"; do
    anew
    killed_at "$at" || { echo "step $at was not reached" >&2; return 1; }
    fetch
    same_mbox alice || { echo "killed at step $at" >&2; return 1; }
  done
}

# delete_fetch: takes off the server what is here
delete_fetch() {
  # shellcheck disable=SC2086 # in the background the shell is replaced by it
  ${EXEC-} mfetch --delete --tls-ca "$d/ca.pem" --password-command 'echo secret' \
    --state "$BATS_TEST_TMPDIR/state" --to "maildir:$box" \
    "imaps://carol@localhost:$imaps_port"
}

# carol has 300 messages, of which all are in $BATS_TEST_TMPDIR/all
refill() {
  rm -rf "$d/mail/carol" "$box" "$BATS_TEST_TMPDIR/state"*
  cp -a "$BATS_TEST_TMPDIR/all" "$d/mail/carol"
}

@test "IMAP with --delete: killed at each step, none lost, none doubled" {
  make_mail "$d" carol 1 300
  cp -a "$d/mail/carol" "$BATS_TEST_TMPDIR/all"
  ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0 \
    LD_PRELOAD=$killer KILL_AT=0 delete_fetch 2>"$BATS_TEST_TMPDIR/steps"
  mapfile -t chosen < <(awk '/^step/ && (!/renameat/ || $2 % 97 == 0) {
    print $2 }' "$BATS_TEST_TMPDIR/steps")
  [ "${#chosen[@]}" -gt 5 ]
  for at in "${chosen[@]}"; do
    refill
    got=0
    ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0 \
      LD_PRELOAD=$killer KILL_AT=$at delete_fetch >/dev/null 2>&1 || got=$?
    [ "$got" -eq 137 ]
    delete_fetch
    same_mail "$BATS_TEST_TMPDIR/all/Maildir" "$box" 300 ||
      { echo "killed at step $at" >&2; return 1; }
    [ -z "$(find "$d/mail/carol/Maildir/new" "$d/mail/carol/Maildir/cur" -type f)" ]
  done
}

@test "IMAP with --delete: killed at random points, a disk that fills" {
  make_mail "$d" carol 1 300
  cp -a "$d/mail/carol" "$BATS_TEST_TMPDIR/all"
  for round in 1 2 3; do
    refill
    for _ in 1 2 3; do
      EXEC='exec' delete_fetch >/dev/null 2>&1 3>&- &
      sleep "0.0$((RANDOM % 9))$((RANDOM % 10))"
      kill -9 $! || :
      wait $! || :
    done
    wait_for 10 delete_fetch
    same_mail "$BATS_TEST_TMPDIR/all/Maildir" "$box" 300 ||
      { echo "in round $round" >&2; return 1; }
  done
  refill
  got=0
  (ulimit -f 20; trap '' XFSZ; delete_fetch) >"$BATS_TEST_TMPDIR/log" 2>&1 || got=$?
  [ "$got" -eq 74 ]
  delete_fetch
  same_mail "$BATS_TEST_TMPDIR/all/Maildir" "$box" 300
}

@test "killed at random points, again and again" {
  to=maildir:$box url=imaps://alice@localhost:$imaps_port
  for round in 1 2 3 4 5 6; do
    anew
    for _ in 1 2 3; do
      mfetch --tls-ca "$d/ca.pem" --password-command 'echo secret' \
        --state "$BATS_TEST_TMPDIR/state" --to "$to" "$url" >/dev/null 2>&1 3>&- &
      sleep "0.0$((RANDOM % 9))$((RANDOM % 10))"
      kill -9 $! || :
      wait $! || :
    done
    fetch
    same_mail "$d/mail/alice/Maildir" "$box" "$messages" ||
      { echo "in round $round" >&2; return 1; }
  done
}

@test "a disk that fills: what came stays, the rest comes later" {
  to=maildir:$box url=imaps://alice@localhost:$imaps_port
  got=0
  (ulimit -f 20; trap '' XFSZ; fetch) >"$BATS_TEST_TMPDIR/log" 2>&1 || got=$?
  [ "$got" -eq 74 ]
  [ "$(wc -l <"$BATS_TEST_TMPDIR/log")" -eq 1 ]
  fetch
  same_mail "$d/mail/alice/Maildir" "$box" "$messages"
}

@test "POP3 with --delete: killed at each step, none is lost or doubled or left" {
  to=maildir:$box url=pop3s://bob@localhost:$pop3s_port more=(--delete)
  local there=$d/mail/bob/Maildir
  fresh() {
    rm -rf "$d/mail/bob"
    make_mail "$d" bob 1 40
  }
  fresh
  cp -a "$there" "$BATS_TEST_TMPDIR/original"
  steps
  for at in "${chosen[@]}"; do
    anew
    fresh
    killed_at "$at" || { echo "step $at was not reached" >&2; return 1; }
    fetch
    if ! same_mail "$BATS_TEST_TMPDIR/original" "$box" 40 ||
      [ "$(find "$there/new" "$there/cur" -type f | wc -l)" -gt 0 ]; then
      echo "killed at step $at" >&2
      return 1
    fi
  done
}
