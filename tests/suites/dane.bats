#!/usr/bin/env bats
# DANE vectors of others: a chain, its TLSA records, and what is to come of
# it. The authority that PKIX records lean on is the self-signed certificate
# at the end of a chain of the same suite.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  suite=$(suite_of dane/cases.jsonl) || missing "no DANE suite"
}

# roots: every self-signed certificate of the chains, once
roots() {
  local f one
  for f in "$suite"/cases/*.pem; do
    awk -v dir="$PWD" '/BEGIN/ { n++ } { print >(dir "/part." n) }' "$f"
    for one in part.*; do
      [ "$(openssl x509 -in "$one" -noout -subject | cut -d= -f2-)" != \
        "$(openssl x509 -in "$one" -noout -issuer | cut -d= -f2-)" ] ||
        cat "$one"
    done
    rm part.*
  done 2>/dev/null
}

# judge: one case a line, fields parted by TAB, to "ID result depth"
judge() {
  local id chain name tlsa r
  local -a args
  while IFS=$'\t' read -r id chain name tlsa; do
    args=()
    [ "$name" = - ] || args+=(--name "$name")
    while IFS= read -r -d '|' r; do args+=(--tlsa "$r"); done <<<"$tlsa"
    mcheckdns dane verify --json --ca roots.pem --chain "$suite/$chain" \
      "${args[@]}" </dev/null >out || :
    jq -r --arg id "$id" '.dane | "\($id) \(.result) \(.depth)"' out
  done
}

@test "every DANE vector: result and depth" {
  need openssl
  roots | awk '/BEGIN/ { c = "" } { c = c $0 "\n" }
    /END/ && !(c in seen) { seen[c]; printf "%s", c }' >roots.pem
  [ -s roots.pem ]
  jq -r '[.id, .chain, (if .namechecks then .name else "-" end),
    (.tlsa | map((map(tostring) | join(" ")) + "|") | join(""))] | @tsv' \
    "$suite/cases.jsonl" >cases
  [ "$(wc -l <cases)" -gt 20 ]
  judge <cases >got
  jq -r '.id + " " + ({"0": "verified", "65": "no-match", "62": "wrong-name",
    "20": "untrusted"}[.expect_error | tostring] // "untrusted") + " " +
    (if .expect_depth < 0 then "null" else "\(.expect_depth)" end)' \
    "$suite/cases.jsonl" >want
  diff want got
}
