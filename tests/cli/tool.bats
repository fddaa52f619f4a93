#!/usr/bin/env bats
# tools/tool by way of a tool that does nothing else (tests/lib/mexample.c).
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() {
  need mexample
  file=$BATS_TEST_TMPDIR/accounts
}

@test "-v tells decisions, -vv the wire, masked and with the tool's name" {
  exits 0 mexample --now 5
  [ -z "$err" ]
  exits 0 mexample -v --now 5
  [ "$err" = 'mexample: now 5, password no' ]
  exits 0 mexample -vv --now 5
  [ "$err" = 'mexample: now 5, password no
mexample: > EHLO ?[2J
mexample: < 250 fine' ]
}

@test "--now takes seconds and RFC 3339" {
  exits 0 mexample -v --now 2026-11-24T01:02:03+01:00
  has "$err" 'now 1795478523,'
  exits 0 mexample -v --now 2026-02-28T00:00:00.5Z
  has "$err" 'now 1772236800,'
  local bad
  for bad in '' today 2026-02-30T00:00:00Z 2026-13-01T00:00:00Z -1 1x; do
    exits 64 mexample --now "$bad"
    one_line "$err"
    has "$err" "'$bad' is not a time"
  done
}

@test "text of others is masked, lines and tabs stay; JSON is UTF-8" {
  exits 0 mexample -t $'a\tb\nc\e[31m\r\x7f\xff\xe2\x80\xae\xc2\x85\xe2\x82\xac'
  [ "$out" = $'a\tb\nc?[31m?????\xe2\x82\xac' ]
  exits 0 mexample --json -t $'a\e\xff'
  [ "$out" = $'{"text":"a\\u001B\xef\xbf\xbd"}' ]
}

@test "what is written in blocks fails once, at the end or before" {
  exits 0 mexample -o 200k
  [ "${#out}" -eq 204800 ]
  local size status
  for size in 1 200k; do
    status=0
    err=$(mexample -o "$size" 2>&1 >/dev/full) || status=$?
    [ "$status" -eq 74 ]
    [ "$err" = "mexample: cannot write to 'standard output': No space left on device" ]
  done
}

@test "a closed descriptor is not taken by a file" {
  local status=0
  err=$(mexample -t x 2>&1 >&-) || status=$?
  [ "$status" -eq 74 ]
  has "$err" 'Bad file descriptor'
  mexample -t x >"$BATS_TEST_TMPDIR/out" 2>&- <&-
  [ "$(cat "$BATS_TEST_TMPDIR/out")" = x ]
}

@test "lines reach a pipe at once; SIGTERM and SIGINT ask to stop" {
  local sig pid
  for sig in TERM INT; do
    mkfifo "$BATS_TEST_TMPDIR/$sig"
    # A job in the background has SIGINT ignored, unless it is a bash's own,
    # and what a whole run had ignored from the start only env(1) brings back.
    (
      set -m
      env --default-signal=INT,TERM mexample -w >"$BATS_TEST_TMPDIR/$sig" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
      echo $! >"$BATS_TEST_TMPDIR/pid"
      status=0
      wait $! || status=$?
      echo "$status" >"$BATS_TEST_TMPDIR/status"
    ) 3>&- &
    { read -r line; [ "$line" = waiting ]; } <"$BATS_TEST_TMPDIR/$sig"
    pid=$(cat "$BATS_TEST_TMPDIR/pid")
    sleep 0.1
    kill "-$sig" "$pid"
    wait_for 5 pid_gone "$pid"
    wait
    [ "$(cat "$BATS_TEST_TMPDIR/status")" -eq 0 ]
    [ "$(cat "$BATS_TEST_TMPDIR/err")" = 'mexample: warning: stopped' ]
  done
}

@test "colours and progress: asked for, or on a terminal" {
  exits 0 mexample
  [ -z "$out" ]
  exits 0 mexample --color always --progress=always
  [ "$out" = 'color 1 progress 1' ]
  exits 0 env NO_COLOR=1 mexample --color always
  [ "$out" = 'color 1 progress 0' ]
  need script
  TERM=xterm run script -qec 'mexample' /dev/null
  has "$output" 'color 1 progress 1'
  TERM=xterm NO_COLOR=1 run script -qec 'mexample' /dev/null
  has "$output" 'color 0 progress 1'
  TERM=xterm run script -qec 'mexample --color=never --progress=never' /dev/null
  [ -z "$output" ]
  TERM=dumb run script -qec 'mexample' /dev/null
  [ -z "$output" ]
}

@test "accounts: [*], then [default] or the one named, then the command line" {
  export XDG_CONFIG_HOME=$BATS_TEST_TMPDIR
  mkdir "$XDG_CONFIG_HOME/mailtoolkit"
  cat >"$XDG_CONFIG_HOME/mailtoolkit/accounts" <<'END'
[*]
port = 1
text = all
host = passed over
[default]
text = default
[work]
text = work
mexample.text = mine
mother.text = not mine
password = hush
END
  chmod 600 "$XDG_CONFIG_HOME/mailtoolkit/accounts"
  exits 0 mexample -v
  [ "$out" = $'default\nport 1' ]
  has "$err" 'password no'
  exits 0 mexample -v --account work --port 2
  [ "$out" = $'mine\nport 2' ]
  has "$err" 'password yes'
  hasnt "$err" hush
  exits 0 mexample --account work -t x --port=0
  [ "$out" = x ]
}

@test "accounts: the place, and files that are refused" {
  printf '[default]\ntext = home\n' >"$file"
  mkdir -p "$BATS_TEST_TMPDIR/home/.config/mailtoolkit"
  cp "$file" "$BATS_TEST_TMPDIR/home/.config/mailtoolkit"
  exits 0 env -u XDG_CONFIG_HOME HOME="$BATS_TEST_TMPDIR/home" mexample
  [ "$out" = home ]
  exits 0 env -u XDG_CONFIG_HOME -u HOME mexample
  [ -z "$out" ]
  exits 78 env -u XDG_CONFIG_HOME -u HOME mexample --account x
  one_line "$err"
  chmod 666 "$file"
  exits 78 mexample --config "$file"
  has "$err" "others can write to '$file': chmod go-w '$file'"
  exits 78 mexample --config "$BATS_TEST_TMPDIR"
  one_line "$err"
  head -c 300000 /dev/zero >"$file"
  chmod 600 "$file"
  exits 78 mexample --config "$file"
  one_line "$err"
  exits 64 mexample --password x
  has "$err" 'key of the accounts file'
  hasnt "$err" "'x'"
}
