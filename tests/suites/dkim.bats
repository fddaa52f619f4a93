#!/usr/bin/env bats
# The message suites of others, from master files: every DKIM signature against
# strict_expected, DMARC of whole messages and of identifiers. What we read
# otherwise stands in tests/suites/departures: kind, case, our result, why.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  suites=$(suite_of messages/rfc) || missing "no suites of messages"
}

# cases KIND: SUITE/CASE of every case of that kind
cases() {
  (cd "$suites" && grep -l "\"kind\": \"$1\"" ./*/*/expected.json) |
    sed 's|^\./||; s|/expected.json$||'
}

# settle KIND: lines "CASE GOT WANT" on standard input; fails when there is one
# that departures does not have, prints the figure
settle() {
  local case got want lost=0 known=0 good=0
  while read -r case got want; do
    if [[ $want == not-pass && $got != pass ]] || [ "$got" = "$want" ]; then
      good=$((good + 1))
    elif grep -q "^$1 $case $got " "$top_srcdir/tests/suites/departures"; then
      known=$((known + 1))
    else
      lost=$((lost + 1))
      echo "$case: $got, want $want" >&2
    fi
  done
  echo "# $1: $good as expected, $known departures, $lost lost" >&3
  [ "$lost" -eq 0 ] && [ $((good + known)) -gt 0 ]
}

# at CASE: the time to judge at
at() {
  local when
  when=$(sed -n 's/^ *"when": *\([0-9]*\).*/\1/p' "$suites/$1/expected.json")
  echo "${when:-2026-11-24T00:00:00Z}"
}

# judged CASE ARG...: one line {"case", "got", "expected"}
judged() {
  local c=$1 got
  shift
  got=$(mverify --json --zone "$suites/$c/zone" --at "$(at "$c")" "$@" \
    "$suites/$c/message.eml" </dev/null) || :
  printf '{"case":"%s","got":%s,"expected":%s}\n' "$c" "${got:-null}" \
    "$(<"$suites/$c/expected.json")"
}

# signatures POLICY KEY: all of them against that key of the expectation
signatures() {
  local c as
  cases dkim-verify | while read -r c; do
    as=()
    ! grep -q '"tlsrpt": true' "$suites/$c/expected.json" || as=(--tlsrpt)
    judged "$c" --dkim --policy "$1" "${as[@]}"
  done | jq -r --arg key "$2" '.case as $c | .got.dkim as $got |
    .expected.sigs | to_entries[] | select(.value[$key]) |
    "\($c)#\(.key) \($got[.key].result) \(.value[$key])"'
}

@test "every signature is judged as strict_expected says" {
  need jq
  signatures strict strict_expected >results
  settle dkim <results
}

@test "with --policy legacy, as the suites themselves say" {
  need jq
  signatures legacy expected >results
  settle legacy <results
}

@test "every ARC chain is judged as the suites say" {
  need jq
  cases arc-verify | while read -r c; do
    judged "$c" --arc
  done | jq -r '"\(.case) \(.got.arc.cv) \(.expected.arc.cv)"' >results
  settle arc <results
}

@test "every DKIM2 chain is judged as the suites say" {
  need jq
  cases dkim2-verify | while read -r c; do
    expected=$suites/$c/expected.json
    mapfile -t envelope < <(jq -r '(.envelope.mail_from // empty | "--from", .),
      (.envelope.rcpt_to[]? | "--rcpt", .)' "$expected")
    policy=strict
    grep -q '"strict": false' "$expected" && policy=legacy
    judged "$c" --dkim2 --policy "$policy" "${envelope[@]}"
  done | jq -r '"\(.case) \(.got.dkim2.result) \(.expected.overall)"' >results
  settle dkim2 <results
}

# tag NAME FIELD: the value of a tag, without white space
tag() {
  tr -d '\r\n\t ' <<<"$2" | tr ';' '\n' | sed -n "s/^$1=//p" | head -n 1
}

@test "ARC seals come out byte for byte" {
  need jq
  cases arc-sign | while read -r c; do
    expected=$suites/$c/expected.json
    cp "$suites/$c/key.pem" key
    chmod 600 key
    mdkimsign --force --seal "$(jq -r .srv_id "$expected")" \
      -d "$(jq -r .domain "$expected")" -s "$(jq -r .selector "$expected"):key" \
      -h "$(jq -r .sig_headers "$expected")" -t "$(at "$c")" \
      "$suites/$c/message.eml" </dev/null >out
    got=$(sed -n '1{/^ARC-Seal/!q};1,/^ARC-M/p' out)
    want=$(jq -r .want.AS "$expected")
    [ "$(tag b "$got")" = "$(tag b "$want")" ] && got=equal || got=other
    echo "$c $got equal"
  done >results
  settle seal <results
}

# whole POLICY: DMARC of whole messages
whole() {
  local c envelope
  cases dmarc-verify | while read -r c; do
    mapfile -t envelope < <(jq -r '.envelope |
      (if .IP then "--ip", .IP else empty end),
      (if .From then "--from", .From else empty end)' \
      "$suites/$c/expected.json")
    { mverify --json --zone "$suites/$c/zone" --at "$(at "$c")" \
      --policy "$1" "${envelope[@]}" "$suites/$c/message.eml" || :; } \
      >got </dev/null
    jq -r --arg c "$c" --slurpfile got got '$got[0].dmarc as $d |
      .dmarc.result as $want | "\($c) \($d.result)" +
      (if $d.result == "fail" then "/\($d.disposition)" else "" end) +
      " \($want)"' "$suites/$c/expected.json"
  done
}

@test "DMARC of whole messages" {
  need jq
  whole strict >results
  settle dmarc <results
}

@test "DMARC of whole messages with --policy legacy, as RFC 7489 had it" {
  need jq
  whole legacy >results
  settle dmarc-legacy <results
}

# identifiers CASE: message and zone in which exactly these identifiers pass:
# our own signatures and SPF records
identifiers() {
  local expected=$suites/$1/expected.json domain
  cp "$suites/$1/zone" zone
  cp "$suites/$1/message.eml" message
  for domain in $(jq -r '.identifiers.dkim_pass[]' "$expected"); do
    mdkimsign --record key -d "$domain" -s mtk >>zone
    mdkimsign -d "$domain" -s mtk:key --now 2026-01-01T00:00:00Z message >signed
    mv signed message
  done
  envelope=()
  for domain in $(jq -r '.identifiers.spf_pass[]' "$expected"); do
    printf '%s. TXT "v=spf1 ip4:192.0.2.1 -all"\n' "$domain" >>zone
    envelope=(--ip 192.0.2.1 --from "x@$domain")
  done
}

@test "DMARC of identifiers" {
  need jq
  mdkimsign --genkey ed25519 -o key
  cases dmarc-identifiers | while read -r c; do
    identifiers "$c" </dev/null
    { mverify --json --zone zone "${envelope[@]}" message || :; } \
      >got </dev/null
    jq -r --arg c "$c" --slurpfile got got '$got[0].dmarc as $d |
      .dmarc.expected | select(."status.result") |
      "\($c) \($d.result) \(."status.result")"' "$suites/$c/expected.json"
    jq -r --arg c "$c" --slurpfile got got '$got[0].dmarc as $d |
      select(.dmarc.expected.policy and $d.result == "fail") |
      "\($c) \($d.disposition) \(.dmarc.expected.policy)"' \
      "$suites/$c/expected.json"
  done >results
  settle dmarc <results
}
