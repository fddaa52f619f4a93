#!/usr/bin/env bats
# mcheckdns and DNSSEC: signed zones served by Knot as they are, good and
# broken; validated by libunbound, and signatures whose time is over.
# SPDX-License-Identifier: MIT

load ../lib/helper

# sign ZONE END: adds ZONE.signed, and its keys to the anchors; END as
# dnssec-signzone has it
sign() {
  local f
  cat >"$1" <<Z
\$TTL 300
$1. SOA ns.$1. h.$1. 1 3600 600 86400 60
$1. NS ns.$1.
$1. MX 10 mx.$1.
$1. TXT "v=spf1 mx -all"
_dmarc.$1. TXT "v=DMARC1; p=reject"
ns.$1. A 127.0.0.1
mx.$1. A 5.9.1.1
_25._tcp.mx.$1. TLSA 3 1 1 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
Z
  if [ ! -f "$1.anchor" ]; then
    dnssec-keygen -q -a ECDSAP256SHA256 -f KSK "$1" >"$1.ksk"
    dnssec-keygen -q -a ECDSAP256SHA256 "$1" >/dev/null
    f=$(cat "$1.ksk")
    dnssec-dsfromkey -2 "$f.key" >"$1.anchor"
    cat "$1.anchor" >>anchors
  fi
  dnssec-signzone -q -S -P -O full -s 20200101000000 -e "$2" -o "$1" \
    -f "$1.signed" "$1" >/dev/null
}

# signature TYPE ZONE FILE: the signatures over that type at the top, or all
# lines but these with -v
signature() {
  grep ${4:+"$4"} -E "^$2\.[[:space:]].*RRSIG[[:space:]]+$1 " "$3"
}

setup_file() {
  export dir=$BATS_FILE_TMPDIR now=2026-11-25T00:00:00Z
  command -v knotd >/dev/null || [ -x /usr/sbin/knotd ] || return 0
  command -v dnssec-signzone >/dev/null || return 0
  cd "$dir" || return 1
  knot=$(free_ports 1)
  export knot
  mkdir run db
  # Its dates are those of the machine: libunbound asks no other clock.
  far=$(date -u -d '+60 days' +%Y%m%d%H%M%S)
  sign good.example "$far"
  sign forged.example "$far"
  sed -i '/[[:space:]]MX[[:space:]]*10/s/10/20/' forged.example.signed
  sign stale.example 20200201000000
  signature MX stale.example stale.example.signed >old
  sign stale.example "$far"
  signature MX stale.example stale.example.signed -v >new
  cat new old >stale.example.signed
  sign plain.example "$far"
  cp plain.example plain.example.signed
  sed -i '/^plain/d' anchors
  cat >knot.conf <<C
server:
    listen: 127.0.0.1@$knot
    rundir: $dir/run
database:
    storage: $dir/db
template:
  - id: default
    storage: $dir
    file: %s.signed
    zonefile-sync: -1
    journal-content: none
zone:
  - domain: good.example
  - domain: forged.example
  - domain: stale.example
  - domain: plain.example
C
  PATH=$PATH:/usr/sbin knotd -c knot.conf >knot.log 2>&1 3>&- &
  echo $! >knot.pid
  wait_for 10 port_open "$knot" || { cat knot.log >&2; return 1; }
}

teardown_file() {
  [ ! -f "$BATS_FILE_TMPDIR/knot.pid" ] ||
    kill "$(cat "$BATS_FILE_TMPDIR/knot.pid")" 2>/dev/null || :
}

setup() {
  need knotd dnssec-signzone jq
  cd "$BATS_TEST_TMPDIR" || return 1
}

# audit OPTION...: findings as "ID OWNER TYPE" in $BATS_TEST_TMPDIR/found
audit() {
  local got=0
  mcheckdns --json --timeout 3s --checks mx,spf,dane \
    --resolver "127.0.0.1:$knot" "$@" >report 2>err || got=$?
  [ ! -s err ] || { cat err >&2; return 1; }
  schema mcheckdns <report
  jq -r '.findings[] | "\(.id) \(.owner) \(.type)"' report | sort >found
  return "$got"
}

# lacks PATTERN: no finding is like that
lacks() { [ "$(grep -cE "$1" found)" -eq 0 ] || { cat found >&2; return 1; }; }

validated() {
  mcheckdns --version | grep -q ' libunbound ' || missing 'no libunbound'
  audit --trust-anchor "$dir/anchors" "$@"
}

@test "validated here: signed, not signed, forged" {
  # Knot is no resolver and sets no AD: nobody knows of a chain.
  audit good.example || [ $? -eq 1 ]
  grep -q '^dane-tlsa-insecure ' found
  validated good.example
  lacks '^(dns-bogus|dnssec-(bogus|unsigned)|dane-.*(insecure|bogus|servfail))'
  jq -e '.spf.state == "record" and .mx.hosts[0].addresses == ["5.9.1.1"]' report
  validated plain.example || [ $? -eq 1 ]
  grep -q '^dnssec-unsigned plain.example MX' found
  grep -q '^dane-tlsa-insecure ' found
  lacks bogus
  validated forged.example && return 1
  [ $? -eq 1 ]
  grep -qx 'dnssec-bogus forged.example MX' found
  grep -qx 'dns-bogus forged.example MX' found
  # What is bogus is unknown, never missing.
  jq -e '.mx.state == "unknown"' report
  lacks '^mx-(missing|implicit)'
  # Many at a time, and SPF: a bogus record is a temperror.
  printf '%s.example\n' good plain good forged | mcheckdns --json \
    --checks dane --trust-anchor "$dir/anchors" \
    --resolver "127.0.0.1:$knot" - >many || :
  [ "$(jq -c '[.domain, ([.findings[].id] | index("dns-bogus") != null)]' \
    many | tr '\n' ' ')" = '["good.example",false] ["plain.example",false] ["good.example",false] ["forged.example",true] ' ]
  printf '5.9.1.1 a@%s.example\n' good forged plain >lines
  mcheckdns spf --batch lines --trust-anchor "$dir/anchors" \
    --resolver "127.0.0.1:$knot" >out || [ $? -eq 75 ]
  [ "$(cut -f2,3 out | tr '\t\n' '  ')" = \
    'good.example pass forged.example temperror plain.example pass ' ]
}

@test "a signature over one type alone that has expired" {
  audit stale.example || [ $? -eq 1 ]
  [ "$(grep '^dnssec-sig-' found)" = 'dnssec-sig-expired stale.example MX' ]
  audit good.example || [ $? -eq 1 ]
  lacks '^dnssec-sig-'
  # Validated, the records are bogus, and that is why.
  validated stale.example && return 1
  [ $? -eq 1 ]
  grep -qx 'dnssec-bogus stale.example MX' found
  grep -qx 'dnssec-sig-expired stale.example MX' found
  # A recording has the signatures, too; the files say the same.
  audit --record tape stale.example || [ $? -eq 1 ]
  cp report live
  mcheckdns --json --checks mx,spf,dane --zone tape stale.example \
    >report || [ $? -eq 1 ]
  cmp live report
  mcheckdns --json --checks dane --zone "$dir/stale.example.signed" \
    stale.example >report || [ $? -eq 1 ]
  jq -e '.findings | map(select(.id == "dnssec-sig-expired"))
    | length == 1 and .[0].type == "MX"' report
  # In fifty-eight days all others are about to.
  mcheckdns --json --checks mx,dane --now "$(date -u -d '+58 days' +%FT%TZ)" \
    --resolver "127.0.0.1:$knot" good.example >report || [ $? -eq 1 ]
  [ "$(jq -r '.findings[] | select(.id == "dnssec-sig-expiring") |
    "\(.owner) \(.type)"' report | sort | tr '\n' ' ')" = \
    '_25._tcp.mx.good.example TLSA _dmarc.good.example TXT good.example DNSKEY good.example MX good.example NS good.example SOA good.example TXT mx.good.example A ' ]
}

@test "--trust-anchor: keys that are none, and what it does not go with" {
  mcheckdns --version | grep -q ' libunbound ' || missing 'no libunbound'
  set -- --resolver "127.0.0.1:$knot" good.example
  echo 'good.example. A 192.0.2.1' >none
  exits 65 mcheckdns --trust-anchor none "$@"
  one_line "$err"
  has "$err" "'none' has no keys to trust"
  echo 'good.example. IN DS nonsense' >bad
  exits 65 mcheckdns --trust-anchor bad "$@"
  one_line "$err"
  exits 66 mcheckdns --trust-anchor missing "$@"
  one_line "$err"
  usage 'nothing to validate' mcheckdns --trust-anchor "$dir/anchors" \
    --zone "$dir/good.example" good.example
  usage 'no rate' mcheckdns --trust-anchor "$dir/anchors" --qps 5 "$@"
  # Nobody there: unknown, and it ends.
  exits 75 mcheckdns --json --checks mx --trust-anchor "$dir/anchors" \
    --timeout 1s --resolver 127.0.0.1:1 good.example
  [ "$(jq -r .mx.state <<<"$out")" = unknown ]
}
