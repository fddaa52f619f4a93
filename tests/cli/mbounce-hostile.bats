#!/usr/bin/env bats
# mbounce-parse takes time by the size of what it reads, whatever that is.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() { cd "$BATS_TEST_TMPDIR" || return 1; }

# took FILE: milliseconds of CPU time, and at least one line
took() {
  local TIMEFORMAT=%U
  { time timeout 60 mbounce-parse --json "$1" >out 2>err; } 2>cpu || {
    echo "exit $?: $1" >&2
    return 1
  }
  [ -s out ]
  awk '{ printf "%d\n", $1 * 1000 }' cpu
}

# Four times the size may take ten times the time, and a fifth of a second.
@test "time grows with the size of many recipients, long lines and deep parts" {
  not_under_valgrind "time is another there"
  "$top_srcdir/tests/lib/hostile-mail" --list 0 >kinds
  while read -r kind; do
    "$top_srcdir/tests/lib/hostile-mail" "$kind" 0.5 >small
    "$top_srcdir/tests/lib/hostile-mail" "$kind" 2 >large
    small=$(took small)
    large=$(took large)
    [ "$large" -le $((10 * small + 200)) ] ||
      echo "$kind: $small ms, then $large ms"
  done <kinds >slow
  [ ! -s slow ] || { cat slow; false; }
  [ "$(wc -l <kinds)" -eq 13 ]
}

@test "20,000 recipients, in fields and in a text, are not all in memory" {
  for kind in recipients listed; do
    "$top_srcdir/tests/lib/hostile-mail" "$kind" 1 >large
    # python3 itself counts, before it becomes the tool
    fits mbounce-parse "$(rss mbounce-parse --json large)" 16384
    exits 0 mbounce-parse --tsv --fields rcpt large
    seq -f 'u%.0f@example.com' 0 19999 | cmp - <(echo "$out")
  done
}
