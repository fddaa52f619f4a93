#!/usr/bin/env bats
# mcheckdns with records that are not published yet: --overlay, lint.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  cat >z <<'Z'
a.example. MX 10 mx.a.example.
mx.a.example. A 5.9.1.1
a.example. TXT "v=spf1 +all"
a.example. TXT "other"
b.example. TXT "v=spf1 include:a.example -all"
Z
}

@test "--overlay: an RRset takes the place of what is there" {
  cat >new <<'Z'
a.example. TXT "v=spf1 mx -all"
_dmarc.a.example. TXT "v=DMARC1; p=reject"
alias.a.example. CNAME mx.a.example.
Z
  exits 1 mcheckdns --json spf a.example --zone z
  has "$out" spf-all-pass
  exits 0 mcheckdns --json --checks mx,spf,dmarc --zone z --overlay new \
    a.example
  schema mcheckdns <<<"$out"
  hasnt "$out" spf-all-pass
  [ "$(jq -c '[.spf.record, .dmarc.policy, .mx.hosts[0].name]' <<<"$out")" = \
    '["v=spf1 mx -all","reject","mx.a.example"]' ]
  exits 0 mcheckdns --json spf --ip 5.9.1.1 --mailfrom x@b.example --zone z \
    --overlay new
  [ "$(jq -r .spf.result <<<"$out")" = pass ]
  exits 65 mcheckdns --zone z --overlay <(echo 'a.example. NONSENSE x') \
    a.example
}

@test "lint: a record by itself, with nobody asked" {
  need strace
  exits 1 strace -f -o trace -e trace=socket,connect mcheckdns --json lint \
    --type spf --record 'v=spf1 include:b.example ip4:300.1.1.1 -all'
  schema mcheckdns <<<"$out"
  [ "$(jq -c '[.findings[] | select(.severity == "error") | [.id, .span]]' \
    <<<"$out")" = '[["spf-ip4-invalid",[25,38]]]' ]
  run ! grep -E 'AF_INET' trace
  exits 1 mcheckdns --json lint --type dmarc --record 'v=DMARC1; p=no'
  has "$out" dmarc-p-invalid
  exits 1 mcheckdns --json lint --type dkim --record 'v=DKIM1; p=%%'
  has "$out" dkim-key-base64
  exits 1 mcheckdns --json lint --type sts --record 'v=STSv1; id=a-b'
  has "$out" sts-id-invalid
  exits 1 mcheckdns --json lint --type tlsrpt --record 'v=TLSRPTv1; rua=x'
  has "$out" tlsrpt-rua-uri
  exits 1 mcheckdns --json lint --type bimi --record 'v=BIMI1; l=http://x'
  has "$out" bimi-l-not-https
  exits 1 mcheckdns --json lint --type mx --record '10 192.0.2.1.'
  has "$out" mx-target-ip-literal
  exits 0 mcheckdns --json lint --type spf --record 'v=spf1 -all'
}

@test "lint: as if a domain had it" {
  exits 1 mcheckdns --json lint b.example --zone z \
    --record 'v=spf1 include:a.example -all'
  has "$out" spf-include-all-pass
  exits 64 mcheckdns lint b.example
  exits 64 mcheckdns lint --type nonsense --record x
  exits 65 mcheckdns lint --type mx --record nonsense
}
