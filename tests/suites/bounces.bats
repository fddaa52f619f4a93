#!/usr/bin/env bats
# The bounces of other projects: RFC 3464 reports agree with their labels,
# ordinary and forwarded mail is never a bounce. The thresholds are what is
# reached: labels that are opinion, and reports without a recipient field, make
# the rest.
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
  [ "$(jq -r .kind "$BATS_TEST_TMPDIR/out" | sort -u)" = none ]
}

# share FILTER: how many reports are labelled, and for how many per cent of
# them FILTER holds, where $want is their label's recipients and $got our lines
share() {
  jq -rn --rawfile files "$BATS_TEST_TMPDIR/files" \
    --slurpfile out "$BATS_TEST_TMPDIR/out" '
    def set(f): map(f | strings | ascii_downcase) | unique;
    ($out | group_by(.src) | map({key: .[0].src, value: .}) |
      from_entries) as $of |
    ($files | split("\n")) as $reports |
    [inputs | select(.file | IN($reports[])) | $of[.file] as $got |
      .recipients as $want | '"$1"'] |
    "\(length) \((map(select(.)) | length) * 100 / length | floor)"
  ' expected.ndjson
}

@test "recipients, statuses and actions of reports agree with the labels" {
  read_all < <(chosen '.kind == "bounce"' |
    xargs -d '\n' grep -lai multipart/report |
    xargs -d '\n' grep -laiE 'message/(global-)?delivery-status')
  read -r n percent < <(share '($want | set(.address)) as $w |
    ($want | set(.alias)) as $alias | select($w != []) |
    ($got | set(.rcpt)) as $final | ($got | set(.orig_rcpt)) as $orig |
    ($final - $w - $alias == [] and $w - $final - $orig - $alias == []) or
    $orig == $w')
  echo "# recipients: $percent % of $n" >&3
  [ "$n" -gt 200 ] && [ "$percent" -ge 94 ]
  read -r n percent < <(share '($want | set(.status)) as $w |
    select($w != []) | ($got | set(.status)) == $w')
  echo "# statuses: $percent % of $n" >&3
  [ "$n" -gt 180 ] && [ "$percent" -ge 95 ]
  read -r n percent < <(share '($want | set(.action)) as $w |
    select($w != []) | ($got | set(.action)) == $w')
  echo "# actions: $percent % of $n" >&3
  [ "$n" -gt 180 ] && [ "$percent" -ge 94 ]
}
