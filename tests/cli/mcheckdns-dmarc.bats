#!/usr/bin/env bats
# mcheckdns dmarc, psl, ptr: one question each.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  cat >z <<'Z'
org.example. MX 10 mx.org.example.
there.org.example. A 192.0.2.1
_dmarc.org.example. TXT "v=DMARC1; p=quarantine; sp=reject; np=none; rua=mailto:a@org.example"
_dmarc.test.example. TXT "v=DMARC1; p=reject; t=y"
_dmarc.mid.org.co.uk. TXT "v=DMARC1; p=none; psd=n"
_dmarc.org.co.uk. TXT "v=DMARC1; p=reject"
7.2.0.192.in-addr.arpa. PTR mx.org.example.
8.2.0.192.in-addr.arpa. PTR other.org.example.
mx.org.example. A 192.0.2.7
;@ SERVFAIL 9.2.0.192.in-addr.arpa.
Z
}

@test "dmarc: what a message's results come to" {
  exits 0 mcheckdns --json dmarc --zone z --from a@org.example \
    --spf pass:org.example --dkim fail:org.example
  schema mcheckdns <<<"$out"
  [ "$(jq -c '.dmarc | [.result, .spf_aligned, .dkim_aligned]' <<<"$out")" = \
    '["pass",true,false]' ]
  exits 0 mcheckdns dmarc --zone z --from a@org.example \
    --dkim pass:other.example --dkim pass:sub.org.example:s1
  exits 1 mcheckdns --json dmarc --zone z --from a@there.org.example \
    --spf pass:other.example
  [ "$(jq -c '.dmarc | [.result, .policy, .tag, .disposition]' <<<"$out")" = \
    '["fail","reject","sp","reject"]' ]
  exits 1 mcheckdns --json dmarc --zone z --from gone.org.example
  [ "$(jq -c '.dmarc | [.policy, .tag]' <<<"$out")" = '["none","np"]' ]
  exits 1 mcheckdns --json dmarc --zone z --from test.example
  [ "$(jq -c '.dmarc | [.policy, .disposition]' <<<"$out")" = \
    '["reject","quarantine"]' ]
  exits 75 mcheckdns dmarc --zone z --from org.example \
    --spf temperror:org.example
  exits 64 mcheckdns dmarc --zone z --from org.example --spf pass
}

@test "dmarc --reader both: where the two RFCs differ" {
  exits 1 mcheckdns --json dmarc --zone z --reader both \
    --from a.mid.org.co.uk --dkim pass:org.co.uk
  schema mcheckdns <<<"$out"
  [ "$(jq -c '.dmarc | [.reader, .result, .org]' <<<"$out" | tr '\n' ' ')" = \
    '["9989","fail","mid.org.co.uk"] ["7489","pass","org.co.uk"] ' ]
  exits 1 mcheckdns --json --zone z dmarc mid.org.co.uk
  jq -e '[.findings[].id] | index("dmarc-psl-differs")' <<<"$out"
}

@test "dmarc walk: 13 labels are 8 questions" {
  exits 0 mcheckdns --json dmarc walk --zone z \
    a.b.c.d.e.f.g.h.i.j.mail.org.example
  schema mcheckdns <<<"$out"
  [ "$(jq -c '[.walk.queries, .walk.org, .walk.steps[1].name]' <<<"$out")" = \
    '[8,"org.example","g.h.i.j.mail.org.example"]' ]
  exits 0 mcheckdns dmarc walk --zone z there.org.example
  has "$out" 'policy: that of org.example'
}

@test "the policies in force: the domain, below it, and what is not there" {
  exits 0 mcheckdns --json --fail-on never dmarc org.example --zone z
  [ "$(jq -c '.dmarc.effective | [.domain, .subdomain, .nonexistent]' \
    <<<"$out")" = '["quarantine","reject","none"]' ]
  [ "$(jq -c '.dmarc.rfc7489 | [.domain, .subdomain, .nonexistent]' \
    <<<"$out")" = '["quarantine","reject","reject"]' ]
  exits 0 mcheckdns --json --fail-on never dmarc test.example --zone z
  [ "$(jq -c '.dmarc.effective.domain, .dmarc.rfc7489.domain' <<<"$out" |
    tr '\n' ' ')" = '"quarantine" "reject" ' ]
  [ "$(jq 'has("mx")' <<<"$out")" = false ]
}

@test "psl and ptr" {
  exits 0 mcheckdns --json psl a.b.co.uk co.uk
  schema mcheckdns <<<"$out"
  [ "$(jq -c '[.psl_org, .public_suffix]' <<<"$out" | tr '\n' ' ')" = \
    '["b.co.uk",false] ["co.uk",true] ' ]
  exits 0 mcheckdns --json ptr --zone z 192.0.2.7
  schema mcheckdns <<<"$out"
  [ "$(jq -c '.ptr | [.names, .fcrdns]' <<<"$out")" = \
    '[["mx.org.example"],true]' ]
  exits 1 mcheckdns ptr --zone z 192.0.2.8
  exits 75 mcheckdns ptr --zone z 192.0.2.9
  exits 64 mcheckdns ptr
}
