#!/usr/bin/env bats
# mcheckdns, as a user sees it.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() {
  zones=$top_srcdir/tests/fixtures/zones
  z=$zones/findings.zone
  cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
  [ -z "${pid:-}" ] || kill "$pid" 2>/dev/null || :
}

@test "a good domain has no finding, and its facts are told" {
  exits 0 mcheckdns --json --fail-on info --selectors s1 --zone "$z" \
    good.example
  schema mcheckdns <<<"$out"
  [ "$(jq -c '[.mx.state, .mx.hosts[0].addresses, .spf.lookups,
    .dkim[0].kind, .dkim[0].bits, .dmarc.policy, .findings]' <<<"$out")" = \
    '["hosts",["5.9.1.1","2a01:4f8::1"],1,"rsa",2048,"reject",[]]' ]
  exits 0 mcheckdns --selectors s1 --zone "$z" good.example
  has "$out" '10 mx.good.example 5.9.1.1 2a01:4f8::1'
  has "$out" 's1: key, rsa 2048 bits'
  has "$out" '0 errors, 0 warnings'
  hasnt "$out" $'\033'
}

@test "colour is asked for, and never in a pipe by itself" {
  exits 1 mcheckdns --color always --zone "$z" open.example
  has "$out" $'\033[31merror\033[0m spf-all-pass'
}

@test "--fail-on and --min-severity" {
  exits 0 mcheckdns --zone "$z" --fail-on error weak.example
  exits 1 mcheckdns --zone "$z" --fail-on warn weak.example
  exits 0 mcheckdns --zone "$z" --fail-on never open.example
  exits 1 mcheckdns --zone "$z" --min-severity error open.example
  has "$out" spf-all-pass
  hasnt "$out" 'notice '
  exits 64 mcheckdns --zone "$z" --fail-on bad open.example
}

@test "--format: a page, JSON, a line each finding" {
  exits 1 mcheckdns --format tsv --min-severity warn --zone "$z" \
    open.example weak.example good.example
  # Each line has seven columns; the worst of a domain comes first.
  awk -F '\t' 'NF != 7 { exit 1 }' <<<"$out"
  [ "$(cut -f 1,2 <<<"$out" | uniq | head -1)" = $'open.example\terror' ]
  [ "$(grep -P '\tspf-all-pass\t' <<<"$out" | cut -f 4,5)" = \
    $'open.example\tTXT' ]
  [ "$(grep ^good <<<"$out")" = $'good.example\tgood\t\t\t\t\t' ]
  mcheckdns --zone "$z" --format json open.example >a || :
  mcheckdns --zone "$z" --json open.example >b || :
  cmp a b
  mcheckdns --zone "$z" --format text open.example >a || :
  mcheckdns --zone "$z" open.example >b || :
  cmp a b
  exits 1 mcheckdns lint --format tsv --record 'v=spf1 ip4:300.1.1.1 -all'
  [ "$(grep -P '\tspf-ip4-invalid\t' <<<"$out" | cut -f 6)" = 7-20 ]
  exits 64 mcheckdns --json --format tsv --zone "$z" open.example
  exits 64 mcheckdns --format xml --zone "$z" open.example
}

@test "what cannot be asked is unknown: 75, and nothing is missing" {
  for d in fails refuses; do
    exits 75 mcheckdns --json --selectors s1 --zone "$z" $d.example
    [ "$(jq -c '[.mx.state, .spf.state]' <<<"$out")" = \
      '["unknown","unknown"]' ]
    hasnt "$out" 'spf-missing'
    hasnt "$out" 'mx-missing'
  done
  exits 1 mcheckdns --zone "$z" fails.example open.example
}

@test "names outside the files are not missing" {
  exits 0 mcheckdns --json --zone "$zones/outside.zone" outside.example
  jq -e '[.findings[].id] | index("dns-outside")' <<<"$out"
  hasnt "$out" mx-target-nxdomain
  hasnt "$out" spf-include-no-record
}

@test "findings carry the place in the record" {
  exits 1 mcheckdns --json --zone "$z" mechanism.example
  [ "$(jq -c '.findings[] | select(.id == "spf-unknown-mechanism") |
    [.owner, .type, .span]' <<<"$out")" = \
    '["mechanism.example","TXT",[7,19]]' ]
}

@test "domains come from standard input, in order, comments passed over" {
  exits 1 mcheckdns --json --zone "$z" --jobs 4 - <<<$'open.example\n\n# no\nsoft.example\r\ngood.example'
  [ "$(jq -r .domain <<<"$out" | tr '\n' ' ')" = \
    'open.example soft.example good.example ' ]
}

@test "a name that is no domain is 65 and the others are still told" {
  exits 65 mcheckdns --zone "$z" --json 'a..b' good.example
  one_line "$err"
  has "$err" "a..b"
  [ "$(jq -r .domain <<<"$out")" = good.example ]
}

@test "usage: no domain, no such finding, a resolver that is none" {
  exits 64 mcheckdns --zone "$z"
  has "$err" 'no domain given'
  exits 65 mcheckdns --zone /dev/null ''
  one_line "$err"
  exits 65 mcheckdns --zone /dev/null '#x'
  exits 64 mcheckdns explain no-such
  has "$err" no-such
  exits 64 mcheckdns --resolver nowhere good.example
  has "$err" "'nowhere'"
  exits 64 mcheckdns --resolver 127.0.0.1:0 good.example
}

@test "selectors: a list, those of a file, and those that many use" {
  cat >k.zone <<Z
k.example. MX 0 .
google._domainkey.k.example. TXT "v=DKIM1; p="
selector1-k-example._domainkey.k.example. TXT "v=DKIM1; p="
mine._domainkey.k.example. TXT "v=DKIM1; p="
*._domainkey.w.example. TXT "v=DKIM1; p="
x._domainkey.n.example. TXT "v=DKIM1; p="
Z
  printf 'mine\n# no\ngone\n' >list
  exits 0 mcheckdns --json --checks dkim --zone k.zone \
    --selectors auto,@list k.example
  schema mcheckdns <<<"$out"
  [ "$(jq -r '[.dkim[].selector] | sort | join(" ")' <<<"$out")" = \
    'gone google mine selector1-k-example' ]
  [ "$(jq -r '.findings[] | select(.id == "dkim-selector-missing").owner' \
    <<<"$out")" = gone._domainkey.k.example ]
  exits 0 mcheckdns --json --checks dkim --zone k.zone --selectors auto \
    w.example n.example
  [ "$(jq -rs '[.[] | .dkim | length] | join(" ")' <<<"$out")" = '0 0' ]
  hasnt "$out" dkim-selector-missing
  has "$out" dkim-unknown
  exits 66 mcheckdns --zone k.zone --selectors @nowhere k.example
}

# The recipe of the manual, word for word but for the name of the zone.
@test "a CI job over a zone file: published, stopped, or told the line" {
  need git
  git init -q . 2>/dev/null
  job() {
    now=$(git log -1 --format=%cI -- example.org.zone)
    mcheckdns --now "$now" --zone example.org.zone --fail-on warn \
      --selectors s1 --expect-ns 'ns*.example.org' example.org
  }
  commit() {
    git add example.org.zone
    git -c user.name=a -c user.email=a@example.org commit -qm zone
  }
  grep -qF 'now=$(git log -1 --format=%cI -- example.org.zone)' \
    "$top_srcdir/man/mcheckdns.1"
  sed -n '/^\$TTL/p;/^\$ORIGIN good.example/,/^;=/p' "$z" |
    sed 's/good\.example/example.org/g' >example.org.zone
  printf '$ORIGIN example.org.\n@ NS ns1\n@ NS ns2\n@ SOA ns1 h 1 1 1 1 1\n' \
    >>example.org.zone
  commit
  exits 0 job
  has "$out" 'example.org: good'
  echo '@ NS ns.elsewhere.example.' >>example.org.zone
  commit
  exits 1 job
  has "$out" dns-ns-unapproved
  echo '@ A 1.2.3' >>example.org.zone
  commit
  exits 65 job
  has "$err" example.org.zone:
}

@test "the page: what is good, what is wrong once, what to paste" {
  cat >p.zone <<'Z'
p.example. MX 10 mx1.p.example.
p.example. MX 20 mx2.p.example.
p.example. TXT "v=spf1 -all"
mx1.p.example. CNAME h.p.example.
mx2.p.example. CNAME h.p.example.
h.p.example. A 5.9.1.1
h.p.example. TXT "v=spf1 a -all"
h.p.example. AAAA 2a01:4f8::1
Z
  exits 1 mcheckdns --zone p.zone --checks mx,spf,dmarc,sts p.example
  has "$out" 'p.example: 2 errors'
  has "$out" $'\nSPF: good\n'
  [ "$(grep -c 'error mx-target-cname' <<<"$out")" -eq 1 ]
  has "$out" "p.example MX: 'mx2.p.example' is a CNAME of 'h.p.example'"
  has "$out" '"v=DMARC1; p=none; rua=mailto:dmarc-reports@p.example"'
  [ "$(awk 'length > 80' <<<"$out" | wc -l)" -eq 0 ]
  hasnt "$out" DOMAIN
}

@test "explain and --list-findings" {
  exits 0 mcheckdns explain spf-lookup-limit
  has "$out" 'RFC 7208, 4.6.4'
  has "$out" 'fix: '
  hasnt "$out" 'not checked'
  exits 0 mcheckdns explain dmarc-np-weaker
  has "$out" "RFC 9989, 4.7 (section from notes, not checked against the RFC's text)"
  exits 0 mcheckdns --json --list-findings
  schema mcheckdns <<<"$out"
  exits 0 mcheckdns --json explain mx-null
  schema mcheckdns <<<"$out"
}

@test "spf: result, term and place" {
  cat >a.zone <<'Z'
a.example. TXT "v=spf1 ip4:192.0.2.1 include:b.example -all exp=x.example"
b.example. TXT "v=spf1 a:h.example ~all"
h.example. A 192.0.2.2
x.example. TXT "%{i} may not"
Z
  exits 0 mcheckdns spf --json --zone a.zone --ip 192.0.2.2 \
    --mailfrom u@a.example
  schema mcheckdns <<<"$out"
  [ "$(jq -c '.spf | [.result, .term, .span, .at, .lookups, .voids,
    .explanation]' <<<"$out")" = \
    '["pass","include:b.example",[21,38],"a.example",2,0,null]' ]
  exits 1 mcheckdns spf --json --zone a.zone --ip 192.0.2.3 \
    --mailfrom u@a.example --helo h.example
  [ "$(jq -c '.spf | [.result, .term, .explanation]' <<<"$out")" = \
    '["fail","-all","192.0.2.3 may not"]' ]
  exits 0 mcheckdns spf --zone a.zone --ip ::ffff:192.0.2.1 --helo a.example
  has "$out" 'pass'
  has "$out" 'helo: a.example'
}

@test "spf: usage, temperror 75, permerror 1" {
  exits 64 mcheckdns spf --zone "$z" --helo a.example
  has "$err" '--ip'
  exits 64 mcheckdns spf --zone "$z" --ip 1.2.3 --helo a.example
  has "$err" "'1.2.3'"
  exits 75 mcheckdns spf --zone "$z" --ip 1.2.3.4 --helo fails.example
  exits 1 mcheckdns spf --zone "$z" --ip 1.2.3.4 --helo syntax.example
  has "$out" permerror
}

@test "a wrong zone file is 65 and names file and line" {
  printf 'a.example. A 1.2.3.4\nb.example. A 1.2.3\n' >bad.zone
  exits 65 mcheckdns --zone bad.zone a.example
  one_line "$err"
  has "$err" 'bad.zone:2: '
  printf '$INCLUDE other\n' >bad.zone
  exits 65 mcheckdns --zone bad.zone a.example
  has "$err" '$INCLUDE'
  printf ';@ SOMETHING a\n' >bad.zone
  exits 65 mcheckdns --zone bad.zone a.example
  has "$err" 'bad.zone:1: '
  head -c 4096 /dev/urandom >bad.zone
  exits 65 mcheckdns --zone bad.zone a.example
  one_line "$err"
}

@test "a zone file that is missing, a directory, or empty" {
  exits 66 mcheckdns --zone nowhere.zone a.example
  has "$err" "'nowhere.zone'"
  exits 66 mcheckdns --zone . a.example
  : >empty.zone
  exits 1 mcheckdns --json --fail-on error --zone empty.zone a.example
  jq -e '[.findings[].id] | index("dns-nxdomain")' <<<"$out"
}

@test "a full disk is 74, a closed input 66" {
  got=0
  mcheckdns --zone "$z" good.example >/dev/full 2>err || got=$?
  [ "$got" -eq 74 ]
  one_line "$(cat err)"
  mcheckdns --zone "$z" - <&- 2>err || got=$?
  [ "$got" -eq 66 ]
  one_line "$(cat err)"
}

@test "a line of a megabyte is no domain" {
  head -c 1000000 /dev/zero | tr '\0' a >long
  exits 65 mcheckdns --zone "$z" - <long
}

@test "with --zone no socket is opened" {
  need strace
  ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=socket,connect -o trace \
    mcheckdns --zone "$z" good.example >/dev/null
  [ "$(grep -cE 'socket|connect' trace)" -eq 0 ]
}

@test "a result does not wait for the next line of an input that stays open" {
  local what head
  mkfifo in
  lines() { [ "$(wc -l <out)" -eq "$1" ]; }
  for what in '--json -' 'spf --batch -'; do
    [ "$what" = '--json -' ] && head= || head='192.0.2.1 x@'
    exec 4<>in
    # shellcheck disable=SC2086
    mcheckdns --jobs 3 --zone "$z" $what <in >out 2>err 3>&- 4>&- &
    pid=$!
    printf '%sa%s.example\n' "$head" 1 "$head" 2 >&4
    wait_for 20 lines 2
    printf '%sa3.example\n%sa4' "$head" "$head" >&4
    wait_for 20 lines 3
    kill -0 "$pid"
    printf '.example' >&4
    exec 4>&-
    wait_for 20 pid_gone "$pid"
    lines 4
  done
}

@test "values that mean nothing, and what would be ignored, are usage errors" {
  local o audit=(mcheckdns --zone "$z" good.example)
  for o in selectors arc-selectors checks baseline record expect-mx helo; do
    usage "--$o: nothing is no value" "${audit[@]}" "--$o="
  done
  for o in selectors arc-selectors checks; do
    usage "--$o ', ' names none" "${audit[@]}" "--$o=, "
  done
  usage "--baseline '-'" "${audit[@]}" --baseline -
  usage '--qps' "${audit[@]}" --qps 0
  usage 'ptr takes no --record' mcheckdns --record f ptr 192.0.2.1
  usage 'dnsbl takes no --record' mcheckdns --record f dnsbl 192.0.2.1
  usage 'psl takes no --record' mcheckdns --record f psl example.org
  usage 'explain takes no --record' mcheckdns --record f explain spf-all-pass
  usage 'a client takes no --record' mcheckdns --record f --zone "$z" spf \
    --ip 192.0.2.1 --mailfrom a@good.example
  usage 'dmarc takes no --record' mcheckdns --record f --zone "$z" dmarc walk good.example
  usage 'dmarc takes no --record' mcheckdns --record f --zone "$z" dmarc --from a@good.example
  usage 'dane verify takes no --record' mcheckdns --record f dane verify
  [ ! -e f ]
  # the null sender is one
  exits 0 mcheckdns --zone "$z" spf --ip 5.9.1.1 --helo good.example --mailfrom ''
}
