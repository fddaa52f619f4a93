#!/usr/bin/env bats
# The RFC 7208 suite of others, from master files: every result and every
# explanation. tests/suites/departures holds what we read otherwise: suite,
# case, our result, why.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  suite=$(suite_of spf/cases.jsonl) || missing "no SPF suite"
}

# judge: one case a line, fields parted by US, to "ID RESULT" where it differs
judge() {
  local id zone ip helo from want why out
  while IFS=$'\x1f' read -r id zone ip helo from want why; do
    out=$(mcheckdns spf --json --zone "$suite/$zone" --ip "$ip" \
      --helo "$helo" --mailfrom "$from" </dev/null || :)
    jq -r --arg id "$id" --arg want "$want" --arg why "$why" '.spf |
      select(([.result] - ($want | split(","))) != [] or
        ($why != "" and (.explanation // "DEFAULT") != $why)) |
      "\($id) \(.result) \(.explanation)"' <<<"$out" ||
      echo "$id nothing"
    [ -n "$out" ] || echo "$id nothing"
  done
}

@test "every case of the SPF suite" {
  jq -r '[.id, .zone, .ip, .helo, .mailfrom, (.expect | join(",")),
    .explanation // ""] | join("\u001f")' "$suite/cases.jsonl" >cases.txt
  [ "$(wc -l <cases.txt)" -gt 100 ]
  judge <cases.txt >wrong
  while read -r id result _; do
    grep -q "^spf $id $result " "$top_srcdir/tests/suites/departures" ||
      echo "$id $result"
  done <wrong >lost
  [ ! -s lost ] || { cat wrong >&2; false; }
}
