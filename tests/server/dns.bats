#!/usr/bin/env bats
# mcheckdns against real servers: Knot, authoritative, and Unbound, resolving
# through it; the facts must be those of the same zone read from its file.
# SPDX-License-Identifier: MIT

load ../lib/helper

# free_port: a port nobody listens on, UDP and TCP
free_port() {
  python3 -c '
import socket
while True:
    u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    t = socket.socket()
    u.bind(("127.0.0.1", 0))
    try:
        t.bind(u.getsockname())
    except OSError:
        continue
    print(u.getsockname()[1])
    break'
}

make_zone() {
  local i
  cat <<'Z'
$ORIGIN dns.example.
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A 127.0.0.1
@ MX 10 mx
@ MX 20 alias
mx A 5.9.1.1
mx AAAA 2a01:4f8::1
alias CNAME mx
@ TXT "v=spf1 mx include:_spf.dns.example a:gone.dns.example -all"
_spf TXT "v=spf1 ip4:5.9.1.0/24 " "ip6:2a01:4f8::/32 ~all"
_dmarc TXT "v=DMARC1; p=reject; rua=mailto:r@dns.example"
s1._domainkey CNAME s1.provider
s1.provider TXT "v=DKIM1; p="
a.ent TXT "below an empty non-terminal"
*.wild MX 10 mx
big TXT "v=spf1 ip4:192.0.2.1 -all"
Z
  for ((i = 0; i < 40; i++)); do
    printf 'big TXT "number %d: %s"\n' "$i" "$(printf '%0200d' "$i")"
  done
}

setup_file() {
  export dir=$BATS_FILE_TMPDIR
  for c in knotd unbound; do
    command -v $c >/dev/null || [ -x /usr/sbin/$c ] || return 0
  done
  knot=$(free_port)
  unbound=$(free_port)
  dead=$(free_port)
  export knot unbound dead
  mkdir -p "$dir/zones" "$dir/run" "$dir/db" "$dir/ub"
  make_zone >"$dir/zones/dns.example.zone"
  # Zones of two name servers; the second one's come with its test.
  for z in fine split half; do
    printf '$ORIGIN %s.example.\n$TTL 300\n' $z
    printf '%s\n' '@ SOA ns1 hostmaster 7 3600 600 86400 60' '@ NS ns1' \
      '@ NS ns2' 'ns1 A 127.0.0.1' 'ns2 A 127.0.0.2' '@ MX 10 mx' \
      'mx A 5.9.1.1' '@ TXT "v=spf1 mx ~all"' '@ TXT "other"' 'www A 5.9.1.1'
    [ $z != split ] || printf '%s\n' '@ NS third' 'third A 127.0.0.3'
  done | awk '/^.ORIGIN/ { f = dir "/zones/" substr($2, 1, length($2) - 1) ".zone" }
    { print > f }' dir="$dir"
  # The world outside: nothing is there.
  printf '. 60 %s\n' 'SOA ns.dns.example. a. 1 60 60 60 60' \
    'NS ns.dns.example.' >"$dir/zones/root.zone"
  cat >"$dir/knot.conf" <<C
server:
    listen: 127.0.0.1@$knot
    rundir: $dir/run
    udp-max-payload: 1232
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: $dir/db
log:
  - target: stderr
    any: warning
template:
  - id: default
    storage: $dir/zones
    file: %s.zone
    zonefile-sync: -1
    journal-content: none
zone:
  - domain: dns.example
  - domain: fine.example
  - domain: split.example
  - domain: half.example
  - domain: .
    file: root.zone
C
  cat >"$dir/unbound.conf" <<C
server:
    directory: "$dir/ub"
    chroot: ""
    username: ""
    pidfile: ""
    interface: 127.0.0.1@$unbound
    access-control: 127.0.0.0/8 allow
    do-not-query-localhost: no
    do-ip6: no
    use-syslog: no
    logfile: ""
    num-threads: 1
    module-config: "iterator"
    local-zone: "example." nodefault
    local-zone: "broken.example." always_refuse
remote-control:
    control-enable: no
stub-zone:
    name: "dns.example"
    stub-addr: 127.0.0.1@$knot
stub-zone:
    name: "lame.example"
    stub-addr: 127.0.0.1@$dead
stub-zone:
    name: "."
    stub-addr: 127.0.0.1@$knot
C
  PATH=$PATH:/usr/sbin
  knotd -c "$dir/knot.conf" >"$dir/knot.log" 2>&1 3>&- &
  echo $! >"$dir/knot.pid"
  unbound -d -c "$dir/unbound.conf" >"$dir/unbound.log" 2>&1 3>&- &
  echo $! >"$dir/unbound.pid"
  if ! wait_for 10 port_open "$knot" || ! wait_for 10 port_open "$unbound"
  then
    cat "$dir"/*.log >&2
    return 1
  fi
}

teardown_file() {
  local f
  for f in "$BATS_FILE_TMPDIR"/*.pid; do
    [ -f "$f" ] && kill "$(cat "$f")" 2>/dev/null
  done
  return 0
}

setup() {
  need knotd unbound
  cd "$BATS_TEST_TMPDIR" || return 1
  zone=$dir/zones/dns.example.zone
}

audit() {
  mcheckdns --json --selectors s1 "$@" dns.example |
    jq -S 'del(.findings[] | select(.id == "dns-outside"))'
}

@test "the audit over the network is that of the zone file" {
  audit --zone "$zone" >file
  jq -e '.mx.state == "hosts" and (.findings | length) > 3' file
  audit --resolver "127.0.0.1:$knot" >authoritative
  # What lies outside (reverse DNS too), and whether a zone is signed, a file does not tell.
  inside='del(.counts, .dmarc.org) | .findings |= map(select(
    (.owner | endswith("dns.example")) and .id != "dnssec-unsigned" and
    .id != "x-bulk-sender"))'
  jq -S "$inside" authoritative >a
  jq -S "$inside" file >b
  jq -e '.findings | length > 3' b
  diff b a
}

# sent N FILE: an audit of N times the same domain; its datagrams
sent() {
  for ((i = 0; i < $1; i++)); do echo dns.example; done |
    ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=sendmmsg -o trace mcheckdns --json --jobs 8 \
      --resolver "127.0.0.1:$unbound" - >"$2" || :
  # The last word is how many datagrams a call sent.
  awk '/sendmmsg/ && $NF ~ /^[0-9]+$/ { n += $NF } END { print n + 0 }' trace
}

@test "through Unbound, many at a time: the same facts, each asked once" {
  need strace
  once=$(sent 1 one)
  [ "$once" -gt 5 ]
  [ "$(sent 24 many)" -eq "$once" ]
  [ "$(wc -l <many)" -eq 24 ]
  [ "$(cat one many | jq -cS . | sort -u | wc -l)" -eq 1 ]
  schema mcheckdns <many
  jq -e '.mx.hosts[0].addresses == ["5.9.1.1","2a01:4f8::1"]' one
}

@test "SPF over the network" {
  exits 0 mcheckdns spf --json --resolver "127.0.0.1:$unbound" \
    --ip 2a01:4f8::1 --mailfrom u@dns.example
  [ "$(jq -c '.spf | [.result, .term]' <<<"$out")" = '["pass","mx"]' ]
  exits 1 mcheckdns spf --json --resolver "127.0.0.1:$unbound" \
    --ip 192.0.2.1 --mailfrom u@dns.example
  [ "$(jq -c '.spf | [.result, .lookups, .voids]' <<<"$out")" = \
    '["fail",3,1]' ]
}

@test "spf --batch over the network: one thread, in order, each question once" {
  need strace
  local i j
  for ((i = 0; i < 40; i++)); do
    printf '%s\n' '2a01:4f8::1 u@dns.example' "192.0.2.$i u@big.dns.example" \
      "192.0.2.$i u@dns.example mx.dns.example" '192.0.2.1 - gone.dns.example' \
      '192.0.2.1 u@broken.example' '192.0.2.1 u@x.wild.dns.example'
  done >lines
  : >want
  while read -r ip from helo; do
    [ "$from" = - ] && from=
    mcheckdns --json spf --resolver "127.0.0.1:$unbound" --ip "$ip" \
      --mailfrom "$from" ${helo:+--helo "$helo"} >>want || :
  done < <(head -n 6 lines)
  for j in 1 7 512; do
    got=0
    ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=sendmmsg,clone,clone3 \
      -o trace mcheckdns --json spf --batch lines --jobs "$j" \
      --resolver "127.0.0.1:$unbound" >out || got=$?
    [ "$got" -eq 75 ]
    schema mcheckdns <out
    [ "$(jq -r .ip out | uniq | head -n 4 | tr '\n' ' ')" = \
      '2a01:4f8::1 192.0.2.0 192.0.2.1 2a01:4f8::1 ' ]
    [ "$(wc -l <out)" -eq 240 ]
    head -n 6 out | jq -c 'del(.ip)' >got
    jq -c . want >want.json
    diff want.json got
    tail -n 6 out | jq -c 'del(.ip)' | diff got -
    # shellcheck disable=SC2126
    [ "$(grep -c clone trace)" -eq 0 ]
    awk '/sendmmsg/ && $NF ~ /^[0-9]+$/ { n += $NF } END { print n + 0 }' \
      trace >>sent
  done
  [ "$(sort -u sent | wc -l)" -eq 1 ]
  exits 75 mcheckdns spf --batch lines --timeout 300ms \
    --resolver "127.0.0.1:$dead"
  [ "$(cut -f3 <<<"$out" | sort -u)" = temperror ]
}

@test "an answer too large for UDP comes over TCP" {
  for port in $knot $unbound; do
    exits 0 mcheckdns spf --json --resolver "127.0.0.1:$port" \
      --ip 192.0.2.1 --mailfrom u@big.dns.example
    [ "$(jq -r .spf.result <<<"$out")" = pass ]
  done
}

@test "NXDOMAIN is not NODATA, a wildcard is there" {
  exits 1 mcheckdns --json --fail-on error \
    --resolver "127.0.0.1:$unbound" gone.dns.example
  jq -e '[.findings[].id] | index("dns-nxdomain")' <<<"$out"
  mcheckdns --json --resolver "127.0.0.1:$unbound" ent.dns.example \
    x.wild.dns.example >got || :
  [ "$(jq -c '[.findings[].id] | [index("dns-nxdomain") == null,
    index("mx-missing") != null]' got | head -1)" = '[true,true]' ]
  [ "$(jq -r .mx.state got | tail -1)" = hosts ]
}

@test "a dead resolver, a refusing one, a lame server: 75, nothing missing" {
  exits 75 mcheckdns --json --timeout 500ms --resolver "127.0.0.1:$dead" \
    dns.example
  hasnt "$out" '-missing"'
  [ "$(jq -c '[.mx.state, .spf.state, .dmarc.state]' <<<"$out")" = \
    '["unknown","unknown","unknown"]' ]
  exits 75 mcheckdns --json --resolver "127.0.0.1:$unbound" broken.example
  jq -e '[.findings[].id] | index("dns-refused")' <<<"$out"
  exits 75 mcheckdns spf --timeout 500ms --resolver "127.0.0.1:$dead" \
    --ip 192.0.2.1 --mailfrom u@dns.example
  has "$out" temperror
}

@test "--record: the same run again, with nobody asked" {
  need strace
  for port in $unbound $dead; do
    set -- --json --timeout 500ms --selectors s1 dns.example \
      ent.dns.example gone.dns.example x.wild.dns.example big.dns.example
    mcheckdns --resolver "127.0.0.1:$port" --record tape "$@" >live || :
    [ "$(wc -l <live)" -eq 5 ]
    ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=socket,connect -o trace \
      mcheckdns --zone tape "$@" >again || :
    cmp live again
    hasnt "$(cat trace)" AF_INET
  done
  # What was not asked then is unknown now.
  exits 75 mcheckdns --json --zone tape other.example
  hasnt "$out" '-missing"'
  exits 64 mcheckdns --zone tape --record again dns.example
  exits 73 mcheckdns --record /nonexistent/tape \
    --resolver "127.0.0.1:$unbound" dns.example
  exits 74 mcheckdns --record /dev/full --resolver "127.0.0.1:$unbound" \
    dns.example
}

@test "--qps: not more questions a second than that" {
  before=$(date +%s%N)
  mcheckdns --json --qps 40 --checks mx,spf --resolver "127.0.0.1:$unbound" \
    dns.example >slow || :
  [ $((($(date +%s%N) - before) / 1000000)) -gt 200 ]
  mcheckdns --json --checks mx,spf --resolver "127.0.0.1:$unbound" \
    dns.example >fast || :
  cmp slow fast
}

@test "--qps with --all-ns: one rate for all domains of the run" {
  before=$(date +%s%N)
  for ((i = 0; i < 6; i++)); do echo fine.example; done |
    mcheckdns --json --qps 40 --checks mx --all-ns --ns-port "$knot" \
      --timeout 1s --resolver "127.0.0.1:$knot" - >slow || :
  [ "$(wc -l <slow)" -eq 6 ]
  # Each asks both servers for at least two things.
  [ $((($(date +%s%N) - before) / 1000000)) -gt 600 ]
}

# A second Knot on 127.0.0.2, with zones that are not those of the first.
second_knot() {
  mkdir -p "$dir/two/zones" "$dir/two/run" "$dir/two/db"
  sed -e "s/127.0.0.1@/127.0.0.2@/; s,$dir,$dir/two,; /domain: /d; /file: root/d" \
    "$dir/knot.conf" >"$dir/two/knot.conf"
  printf '  - domain: split.example\n  - domain: fine.example\n' \
    >>"$dir/two/knot.conf"
  cp "$dir/zones/fine.example.zone" "$dir/two/zones"
  sed 's/ 7 / 8 /; s/~all/-all/; s/10 mx/20 mx/; /third/d' \
    "$dir/zones/split.example.zone" >"$dir/two/zones/split.example.zone"
  PATH=$PATH:/usr/sbin knotd -c "$dir/two/knot.conf" >"$dir/two.log" 2>&1 \
    3>&- &
  echo $! >"$dir/two.pid"
  wait_for 10 eval "(: <'/dev/tcp/127.0.0.2/$knot')"
}

@test "--all-ns: each server of the zone is asked for itself" {
  second_knot
  each() {
    mcheckdns --json --checks mx,spf,dmarc --all-ns --ns-port "$knot" \
      --timeout 1s --resolver "127.0.0.1:$knot" "$@"
  }
  each fine.example www.fine.example >fine || :
  schema mcheckdns <fine
  [ "$(jq -c '[[.servers[] | [.name, .ip, .serial]], [.findings[] |
    select(.id | test("inconsistent|timeout|refused"))]]' fine | uniq)" = \
    '[[["ns1.fine.example","127.0.0.1",7],["ns2.fine.example","127.0.0.2",7]],[]]' ]
  each split.example >split.json || :
  schema mcheckdns <split.json
  jq -r '.findings[] | select(.id | endswith("-ns-inconsistent")) |
    "\(.id) \(.owner) \(.type): \(.detail)"' split.json | sort >got
  cat >want <<'W'
dns-ns-inconsistent split.example MX: 10 mx.split.example: ns1.split.example 127.0.0.1 (serial 7); 20 mx.split.example: ns2.split.example 127.0.0.2 (serial 8)
dns-ns-inconsistent split.example NS: ns1.split.example, ns2.split.example, third.split.example: ns1.split.example 127.0.0.1 (serial 7); ns1.split.example, ns2.split.example: ns2.split.example 127.0.0.2 (serial 8)
spf-ns-inconsistent split.example TXT: "v=spf1 mx ~all": ns1.split.example 127.0.0.1 (serial 7); "v=spf1 mx -all": ns2.split.example 127.0.0.2 (serial 8)
W
  diff want got
  # The third one does not answer: unknown, and no difference.
  [ "$(jq -c '[.findings[] | select(.id == "dns-timeout") | .owner]' split.json)" = \
    '["third.split.example"]' ]
  # The second has not the zone at all.
  each half.example >half || :
  [ "$(jq -r '.findings[] | select(.id == "dns-ns-inconsistent").detail' \
    half)" = 'ns2.half.example 127.0.0.2 has not the zone: refused' ]
  run mcheckdns --all-ns --ns-port "$knot" --checks mx \
    --resolver "127.0.0.1:$knot" --timeout 1s split.example
  has "$output" '  ns2.split.example 127.0.0.2: serial 8'
  has "$output" '  third.split.example 127.0.0.3: timeout'
  exits 64 mcheckdns --all-ns --zone "$zone" dns.example
  usage '--record keeps what resolvers say, nothing of --all-ns' mcheckdns \
    --record tape --all-ns --resolver "127.0.0.1:$knot" dns.example
  usage 'nothing of --probe' mcheckdns --record tape --probe \
    --resolver "127.0.0.1:$knot" dns.example
  [ ! -e tape ]
}

@test "port and address are told when they are wrong" {
  exits 64 mcheckdns --resolver 127.0.0.1:99999 dns.example
  one_line "$err"
}

@test "mverify over the network is mverify from the file" {
  local net zone
  need jq
  printf 'From: a@dns.example\r\nSubject: x\r\n\r\nbody\r\n' >letter
  zone=$(mverify --json --zone "$dir/zones/dns.example.zone" --ip 5.9.1.1 \
    --from a@dns.example --now 1790000000 letter | jq -S .)
  net=$(mverify --json --resolver "127.0.0.1:$unbound" --ip 5.9.1.1 \
    --from a@dns.example --now 1790000000 letter | jq -S .)
  [ "$(jq -r .spf.result <<<"$net")" = pass ]
  [ "$(jq -r .dmarc.result <<<"$net")" = pass ]
  [ "$(jq '[.spf, .dmarc.policy, .dmarc.record_at]' <<<"$net")" = \
    "$(jq '[.spf, .dmarc.policy, .dmarc.record_at]' <<<"$zone")" ]
  exits 75 mverify --resolver "127.0.0.1:$dead" --timeout 1s --ip 5.9.1.1 \
    --from a@dns.example letter
}
