#!/usr/bin/env bats
# The bounces and reports of other projects agree with their labels; ordinary
# and forwarded mail is never a bounce. The thresholds are a little under what
# is reached: labels that are opinion make the rest.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() {
  suite=$(suite_of bounces/expected.ndjson) || missing "no bounces suite"
  cd "$suite" || return 1
}

# chosen WHAT: the files of expected.ndjson that jq's WHAT chooses
chosen() { jq -r "select($1) | .file" expected.ndjson; }

# read_all < FILES: what mbounce-parse says of them is in $BATS_TEST_TMPDIR/out.
# Some of its runs find no report, which xargs tells as 123.
read_all() {
  local got=0
  cat >"$BATS_TEST_TMPDIR/files"
  xargs -d '\n' mbounce-parse --json <"$BATS_TEST_TMPDIR/files" \
    >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || got=$?
  [ "$got" -eq 0 ] || [ "$got" -eq 123 ]
  [ ! -s "$BATS_TEST_TMPDIR/err" ] || { cat "$BATS_TEST_TMPDIR/err"; false; }
}

@test "every message gives a line, by the schema" {
  read_all < <(chosen true)
  schema mbounce-parse <"$BATS_TEST_TMPDIR/out"
  jq -r .src "$BATS_TEST_TMPDIR/out" | sort -u >"$BATS_TEST_TMPDIR/read"
  sort -u "$BATS_TEST_TMPDIR/files" | diff - "$BATS_TEST_TMPDIR/read"
}

@test "ordinary and forwarded mail is no bounce" {
  read_all < <(chosen '.suite == "normal" or .suite == "fwd"')
  jq -r 'select(.kind | IN("bounce", "delay", "success")) |
    "bounces \(.src) \(.kind) "' "$BATS_TEST_TMPDIR/out" |
    while read -r line; do
      grep "^$line " "$top_srcdir/tests/suites/departures" ||
        echo "not so: $line"
    done >"$BATS_TEST_TMPDIR/told"
  ! grep "not so" "$BATS_TEST_TMPDIR/told" || false
}

# score: the figures of score-bounces, "who what: share % (n of m)"
score() {
  read_all < <(chosen true)
  "$top_srcdir/tests/suites/score-bounces" . <"$BATS_TEST_TMPDIR/out" \
    >"$BATS_TEST_TMPDIR/score"
}

# at_least SHARE WHAT: that figure is reached
at_least() {
  local share
  share=$(sed -n "s/^$2: \([0-9.]*\) %.*/\1/p" "$BATS_TEST_TMPDIR/score")
  echo "# $2: $share %" >&3
  awk -v have="$share" -v want="$1" 'BEGIN { exit !(have >= want) }'
}

@test "recipients, statuses and reasons agree with the labels" {
  score
  at_least 98.5 "foreign set"
  at_least 98.8 "foreign precision"
  at_least 98.5 "foreign recall"
  at_least 92 "foreign status"
  at_least 97.5 "foreign class"
  at_least 97.2 "sisimai set"
  at_least 97.6 "sisimai precision"
  at_least 99 "sisimai status"
  at_least 96 "sisimai class"
}

@test "kinds and counts of all other reports" {
  score
  at_least 92 "all other kind"
  at_least 100 "all json kind"
  at_least 100 "all report kind"
  at_least 100 "all report counts"
}

@test "cut at every line, each is read, and every line is valid" {
  chosen true >"$BATS_TEST_TMPDIR/files"
  "$top_srcdir/tests/suites/cut-bounces" <"$BATS_TEST_TMPDIR/files" \
    2>"$BATS_TEST_TMPDIR/count" >"$BATS_TEST_TMPDIR/box"
  timeout 120 mbounce-parse --json "$BATS_TEST_TMPDIR/box" \
    >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err"
  rm "$BATS_TEST_TMPDIR/box"
  [ "$(jq -r .msg "$BATS_TEST_TMPDIR/out" | uniq | wc -l)" -eq \
    "$(cat "$BATS_TEST_TMPDIR/count")" ]
  awk 'NR % 199 == 1' "$BATS_TEST_TMPDIR/out" | schema mbounce-parse
}
