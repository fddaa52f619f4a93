#!/usr/bin/env bats
# mcheckdns spf: records as sets of addresses, their cost, batches, the way to
# a verdict.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  cat >z <<'Z'
a.example. TXT "v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128/25 include:b.example a:h.example ~all"
b.example. TXT "v=spf1 -ip4:203.0.113.5 ip4:203.0.113.0/29 ip6:2001:db8::/33 -all"
h.example. A 5.9.1.1
h.example. AAAA 2a01::1
deep.example. TXT "v=spf1 include:c1.example include:c2.example include:c3.example exists:%{i}.x.example -all"
c1.example. TXT "v=spf1 a:h.example a:h.example a:h.example include:b.example -all"
c2.example. TXT "v=spf1 a:h.example a:h.example a:h.example -all"
c3.example. TXT "v=spf1 ip4:9.9.9.0/24 -all"
dyn.example. TXT "v=spf1 exists:%{i}.x.example ip4:9.9.9.9 -all"
;@ TIMEOUT slow.example.
wait.example. TXT "v=spf1 include:slow.example -all"
Z
}

@test "spf set: every address and its result" {
  exits 0 mcheckdns --json spf set a.example --zone z
  schema mcheckdns <<<"$out"
  [ "$(jq -c '.spf_set | [.pass.ip4, .pass.ip6, .fail.ip4]' <<<"$out")" = \
    '[["5.9.1.1/32","192.0.2.0/24","203.0.113.0/30","203.0.113.4/32","203.0.113.6/31"],["2001:db8::/33","2a01::1/128"],[]]' ]
  exits 0 mcheckdns spf set a.example --zone z
  has "$out" 'pass: 264 IPv4'
  exits 0 mcheckdns --json spf set dyn.example --zone z
  [ "$(jq -c .spf_set.dynamic <<<"$out")" = '["exists:%{i}.x.example"]' ]
  exits 1 mcheckdns spf set none.example --zone z
  exits 75 mcheckdns spf set wait.example --zone z
}

@test "spf: mx of a domain without mail matches nobody, and asks for no address" {
  printf '%s\n' 'null.example. MX 0 .' 'null.example. TXT "v=spf1 mx -all"' \
    ';@ TIMEOUT .' >>z
  exits 1 mcheckdns --json spf --ip 192.0.2.1 --mailfrom a@null.example --helo h.example --zone z
  [ "$(jq -r .spf.result <<<"$out")" = fail ]
}

@test "spf diff: addresses gained and lost" {
  exits 0 mcheckdns spf diff a.example --zone z \
    --record 'v=spf1 a:h.example ip4:192.0.2.0/24 include:b.example ~all'
  [ "$out" = equal ]
  exits 1 mcheckdns --json spf diff a.example b.example --zone z
  schema mcheckdns <<<"$out"
  [ "$(jq -c '.spf_diff[] | select(.result == "pass" and .family == "ip4") |
    [.gained, .lost]' <<<"$out")" = '[[],["5.9.1.1/32","192.0.2.0/24"]]' ]
  exits 64 mcheckdns spf diff a.example --zone z
  exits 65 mcheckdns spf diff a.example --record nonsense --zone z
}

@test "spf flatten: equal, or refused" {
  exits 0 mcheckdns spf flatten a.example --zone z
  flat=$out
  exits 0 mcheckdns spf diff a.example --record "$flat" --zone z
  hasnt "$flat" include
  exits 0 mcheckdns --json spf flatten a.example --zone z
  schema mcheckdns <<<"$out"
  exits 65 mcheckdns spf flatten dyn.example --zone z
  has "$err" 'exists:%{i}.x.example'
  exits 75 mcheckdns spf flatten wait.example --zone z
}

@test "spf cost: the fewest changes that get under ten" {
  exits 1 mcheckdns --json spf cost deep.example --zone z
  schema mcheckdns <<<"$out"
  [ "$(jq -c '[.lookups, [.spf_cost[] | [.term, .lookups, .static,
    .replace_by != null]]]' <<<"$out")" = \
    '[11,[["include:c1.example",5,true,true],["include:c2.example",4,true,false],["include:c3.example",1,true,false],["exists:%{i}.x.example",1,false,false]]]' ]
  exits 0 mcheckdns spf cost a.example --zone z
  has "$out" '2  of 10'
}

@test "spf why: each term on the way" {
  exits 0 mcheckdns --json spf why --ip 203.0.113.5 --mailfrom x@a.example \
    --zone z
  schema mcheckdns <<<"$out"
  [ "$(jq -c '[.spf.result, [.spf.steps[] | [.depth, .term, .said]]]' \
    <<<"$out")" = '["softfail",[[0,"ip4:192.0.2.0/25","no match"],[0,"ip4:192.0.2.128/25","no match"],[1,"-ip4:203.0.113.5","match"],[0,"include:b.example","no match"],[0,"a:h.example","no match"],[0,"~all","match"]]]' ]
  exits 0 mcheckdns spf why --ip 203.0.113.4 --mailfrom x@a.example --zone z
  has "$out" 'include:b.example -> b.example: match'
}

@test "spf --batch: a line each, in order" {
  printf '%s\n' '192.0.2.1 x@a.example mx.a.example' '# no' \
    $'5.9.1.1\t-\ta.example' '203.0.113.5 x@b.example' >lines.txt
  exits 0 mcheckdns --json spf --batch lines.txt --jobs 3 --zone z
  schema mcheckdns <<<"$out"
  [ "$(jq -c '[.ip, .spf.result, .spf.identity]' <<<"$out" | tr '\n' ' ')" = \
    '["192.0.2.1","pass","mailfrom"] ["5.9.1.1","pass","helo"] ["203.0.113.5","fail","mailfrom"] ' ]
  exits 75 mcheckdns spf --batch - --zone z <<<'1.2.3.4 x@wait.example'
  exits 65 mcheckdns spf --batch - --zone z <<<'nonsense'
  has "$err" "'nonsense'"
  exits 66 mcheckdns spf --batch missing --zone z
}

@test "spf lint: the findings of the record" {
  exits 1 mcheckdns --json spf lint deep.example --zone z
  schema mcheckdns <<<"$out"
  jq -e '[.findings[].id] | index("spf-lookup-limit")' <<<"$out"
  [ "$(jq 'has("mx")' <<<"$out")" = false ]
}

@test "spf: a name outside the zone files is not there for a check, unknown for a set" {
  cat >o <<'Z'
o.example. SOA ns.o.example. h.o.example. 1 1 1 1 1
o.example. TXT "v=spf1 ip4:5.9.1.1 include:elsewhere.example -all"
Z
  # the files are all the DNS there is
  exits 1 mcheckdns --json spf --ip 192.0.2.1 --mailfrom x@o.example --zone o
  [ "$(jq -r .spf.result <<<"$out")" = permerror ]
  exits 0 mcheckdns spf --ip 5.9.1.1 --mailfrom x@o.example --zone o
  exits 75 mcheckdns --json spf set --zone o o.example
  jq -e .spf_set.unknown <<<"$out"
  exits 75 mcheckdns spf flatten --zone o o.example
  exits 0 mcheckdns --fail-on error spf lint --zone o o.example
}

@test "spf: several records are told, in one order" {
  printf 'm.example. TXT "v=spf1 %s"\n' 'mx -all' -all '+all' >m
  exits 1 mcheckdns spf m.example --zone m
  has "$out" '3 records: "v=spf1 +all" and "v=spf1 -all" and "v=spf1 mx -all"'
  has "$out" '1 error, 0 warnings'
}
