#!/usr/bin/env bats
# Every rule of mcheckdns is reached from the zones of the tests: a line
# ";= DOMAIN ID ..." in one of them says which domain shows what.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() {
  zones=$top_srcdir/tests/fixtures/zones
  cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
  [ ! -f server.pid ] || kill "$(cat server.pid)" 2>/dev/null || :
}

# wanted ZONE...: "DOMAIN ID" a line
wanted() {
  sed -n 's/^;= //p' "$@" |
    awk '{ for (i = 2; i <= NF; i++) print $1, $i }' | sort -u
}

domains() { sed -n 's/^;= //p' "$@" | cut -d' ' -f1; }

# ids < NDJSON: "DOMAIN ID" a line
ids() { jq -r '.domain as $d | .findings[] | "\($d) \(.id)"' | sort -u; }

# found ZONE...: all of wanted is in the file got
found() {
  wanted "$@" >want
  [ -s want ]
  comm -13 got want >lost
  [ ! -s lost ] || { cat lost >&2; return 1; }
}

old() {
  domains "$zones/findings.zone" |
    mcheckdns --json --selectors s1 --zone "$zones/findings.zone" "$@" -
}

more() {
  domains "$zones/more.zone" "$zones/signed.zone" |
    mcheckdns --json --selectors s1 --zone "$zones/more.zone" \
      --zone "$zones/signed.zone" --parked --expect-ca ca.example \
      --expect-mx '*.fine.example,mx.*' --sts-policy "$zones/policies" -
}

late() {
  domains "$zones/late.zone" |
    mcheckdns --json --selectors s1,s2 --arc-selectors a1 \
      --expect-ns 'ns*.fine.example' --zone "$zones/late.zone" -
}

keys() {
  domains "$zones/dnssec.zone" |
    mcheckdns --json --now 2026-11-24T12:00:00Z --zone "$zones/dnssec.zone" -
}

# A client that greets with a word, with a name nobody has, and with another's.
helo() {
  cat >helo.zone <<'Z'
helo.example. MX 0 .
mx.helo.example. A 5.9.1.1
Z
  for name in mx gone.helo.example mx.helo.example '[5.9.1.2]'; do
    mcheckdns --json --checks ptr --zone helo.zone --helo "$name" \
      --ip 5.9.1.2 helo.example
  done
}

lists() {
  mcheckdns --json dnsbl --zone "$zones/lists.zone" --list good.list.example \
    --list dead.list.example --list all.list.example \
    --allow-list white.list.example 192.0.2.7 192.0.2.8 192.0.2.9 bad.example
}

# serve PORT: policies of several hosts over HTTPS, each wrong in its way
serve() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout key.pem -out cert.pem -subj /CN=policies -days 2 -addext \
    "subjectAltName=$(for d in good moved gone html large; do
      printf 'DNS:mta-sts.%s.example,' $d
    done)DNS:good.example,DNS:localhost" 2>/dev/null
  python3 - "$1" >server.log 2>&1 3>&- <<'PY' &
import http.server, ssl, sys
policy = b"version: STSv1\nmode: none\nmax_age: 86400\n"
logo = b"""<svg xmlns="http://www.w3.org/2000/svg" version="1.2"
 baseProfile="tiny-ps" viewBox="0 0 8 8"><title>Good</title></svg>"""
class Policies(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.headers["Host"].split(".")[1]
        status, kind, body = 200, "text/plain; charset=us-ascii", policy
        if self.path == "/logo.svg": body = logo
        if self.path == "/bad.svg": body = b"<svg><script/></svg>"
        if self.path == "/mark.pem": body = open("cert.pem", "rb").read()
        if name == "moved": status = 301
        if name == "gone": status = 404
        if name == "html": kind = "text/html"
        if name == "large": body = policy + b"x: y\n" * 40000
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Location", "https://localhost/")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Policies)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("cert.pem", "key.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
PY
  echo $! >server.pid
  wait_for 10 port_open "$1"
}

hosts() {
  local d
  for d in good moved gone html large cert; do
    printf '%s.example. MX 10 mx.%s.example.\n' $d $d
    printf 'mx.%s.example. A 127.0.0.1\n' $d
    printf 'mta-sts.%s.example. A 127.0.0.1\n' $d
    printf '_mta-sts.%s.example. TXT "v=STSv1; id=1"\n' $d
  done
}

@test "policies over HTTPS: one is read, five are wrong, one host is silent" {
  need openssl python3
  read -r port dead <<<"$(free_ports 2 | tr '\n' ' ')"
  serve "$port"
  hosts >sts.zone
  for d in good moved gone html large cert; do echo $d.example; done |
    mcheckdns --json --checks sts --zone sts.zone --fetch --ca cert.pem \
      --timeout "$(patient 5)" --https-port "$port" - >audit || :
  schema mcheckdns <audit
  ids <audit | grep -E ' sts-(c|f|h|mode|policy|redirect)' >got
  printf '%s\n' 'cert.example sts-cert' 'gone.example sts-http-status' \
    'good.example sts-mode-none' 'html.example sts-content-type' \
    'html.example sts-mode-none' 'large.example sts-policy-size' \
    'moved.example sts-redirect' >want
  diff got want
  exits 1 mcheckdns --json --checks sts --zone sts.zone --fetch \
    --https-port "$dead" good.example
  has "$out" sts-fetch-failed
  exits 1 mcheckdns --json --checks sts --zone sts.zone good.example
  hasnt "$out" sts-fetch-failed
}

@test "logos and mark certificates over HTTPS" {
  need openssl python3
  port=$(free_ports 1)
  serve "$port"
  hosts >bimi.zone
  for d in good:logo html:bad gone:logo; do
    printf 'default._bimi.%s.example. TXT "v=BIMI1; l=%s; a=%s"\n' "${d%:*}" \
      "https://mta-sts.${d%:*}.example/${d#*:}.svg" \
      https://mta-sts.good.example/mark.pem
  done >>bimi.zone
  mcheckdns --json --checks bimi --zone bimi.zone --fetch --ca cert.pem \
    --timeout "$(patient 5)" --https-port "$port" good.example html.example gone.example >audit || :
  schema mcheckdns <audit
  ids <audit | grep -E ' bimi-(svg|cert)' >got
  printf '%s\n' 'gone.example bimi-cert' 'gone.example bimi-svg' \
    'html.example bimi-cert' 'html.example bimi-svg' >want
  diff got want
  jq -r '.findings[] | select(.id == "bimi-svg").detail' audit >got
  grep -qx 'it has a script' got
  grep -qx 'it has no title' got
}

# drift [OPTION...]: good.example against a run with another DMARC record
drift() {
  mcheckdns --json --zone "$zones/findings.zone" good.example |
    sed 's/v=DMARC1; p=reject/v=DMARC1; p=none/' >before
  mcheckdns --json --zone "$zones/findings.zone" --baseline before "$@" \
    good.example
}

@test "--baseline: what has changed, and nothing else" {
  exits 1 drift --fail-on warn
  schema mcheckdns <<<"$out"
  [ "$(jq -c '.findings[] | select(.id == "x-drift") | .owner' <<<"$out")" = \
    '"_dmarc.good.example"' ]
  has "$out" 'dmarc record was'
  old >now || :
  old --baseline now >again || :
  cmp now again
  # What cannot be asked has not changed; who was not there is not compared.
  { cat "$zones/findings.zone"; echo ';@ TIMEOUT _dmarc.good.example'; } >late
  mcheckdns --json --zone late --baseline before good.example no.example >got || :
  [ "$(wc -l <got)" -eq 2 ]
  hasnt "$(cat got)" x-drift
  exits 66 mcheckdns --baseline nowhere --zone late good.example
  echo '{"other":1}' >bad
  exits 65 mcheckdns --baseline bad --zone late good.example
  has "$err" 'bad: line 1'
}

# later: the zone and the policies of before, and what was made of them since
later() {
  mkdir -p was is
  for d in same moved bumped; do
    printf '%s.example. MX 10 mx.%s.example.\nmx.%s.example. A 5.9.1.1\n' \
      $d $d $d
    printf '_mta-sts.%s.example. TXT "v=STSv1; id=1"\n' $d
    printf 'version: STSv1\nmode: testing\nmx: mx.%s.example\nmax_age: 604800\n' \
      $d | tee was/$d.example >is/$d.example
  done >was.zone
  sed -i s/testing/enforce/ is/moved.example is/bumped.example
  # flat is equal still, stale is not, part never was flattened whole.
  printf '%s.example. TXT "v=spf1 include:p.example -all"\n' flat stale part \
    >>was.zone
  printf 'p.example. TXT "v=spf1 ip4:5.9.1.0/25 ip4:5.9.1.128/25 -all"\n' \
    >>was.zone
  sed -e '/bumped/s/id=1/id=2/; s,^\(flat.*\)include:p.example,\1ip4:5.9.1.0/24,' \
    -e 's,^\(stale.*\)include:p.example,\1ip4:5.9.0.0/24,' \
    -e 's,^\(part.*\)include,\1ip4:5.9.3.0/24 include,' was.zone >is.zone
  echo {same,moved,bumped,flat,stale,part}.example | tr ' ' '\n' >names
  mcheckdns --json --zone was.zone --sts-policy was - <names >was.json || :
  mcheckdns --json --zone is.zone --sts-policy is --baseline was.json - <names
}

@test "--baseline: a policy under an old id, an SPF record that went stale" {
  later >is.json || :
  schema mcheckdns <is.json
  ids <is.json | grep -E 'sts-id|spf-flatten' >got
  printf '%s\n' 'moved.example sts-id-not-bumped' \
    'stale.example spf-flatten-stale' >want
  diff want got
  [ "$(jq -r 'select(.domain == "stale.example").findings[] |
    select(.id == "spf-flatten-stale").detail' is.json)" = \
    'made from "v=spf1 include:p.example -all"' ]
  # Who cannot be asked may publish anything.
  echo ';@ TIMEOUT p.example' >>is.zone
  mcheckdns --json --zone is.zone --sts-policy is --baseline was.json \
    stale.example >got || :
  hasnt "$(cat got)" spf-flatten-stale
}

@test "every finding is reached, at the domain that has it" {
  old >old.json || :
  schema mcheckdns <old.json
  ids <old.json >got
  cp got all
  found "$zones/findings.zone"
  more >more.json || :
  schema mcheckdns <more.json
  ids <more.json >got
  cat got >>all
  found "$zones/more.zone" "$zones/signed.zone"
  late >late.json || :
  schema mcheckdns <late.json
  ids <late.json >got
  cat got >>all
  found "$zones/late.zone"
  keys >keys.json || :
  schema mcheckdns <keys.json
  ids <keys.json >got
  cat got >>all
  found "$zones/dnssec.zone"
  lists >lists.json || :
  schema mcheckdns <lists.json
  ids <lists.json >>all
  helo >helo.json || :
  [ "$(jq -r '.findings[] | select(.id | startswith("helo")) |
    "\(.id) \(.owner)"' helo.json | tr '\n' ' ')" = 'helo-not-fqdn mx helo-no-address gone.helo.example helo-ip-mismatch mx.helo.example ' ]
  ids <helo.json >>all
  {
    mcheckdns --json --zone "$zones/outside.zone" outside.example | ids
    mcheckdns --json --zone "$zones/findings.zone" good.example | ids
    mcheckdns --json --zone "$zones/more.zone" spoof.example | ids || :
    mcheckdns --json --zone "$zones/claimed.zone" claimed.example | ids || :
    drift --min-severity warn | ids
    later | ids
    # Those of tests of their own.
    printf 'x sts-%s\n' cert fetch-failed http-status content-type redirect
    printf 'x dns-%s\n' edns-broken truncated-tcp tcp-failed
    printf 'x dane-%s\n' mismatch ta-name
    printf 'x %s-ns-inconsistent\n' dns spf
    printf 'x %s\n' mx-probe-failed mx-no-starttls mx-tls-failed sts-mx-cert
    printf 'x bimi-%s\n' svg cert
  } >>all
  cut -d' ' -f2 all | sort -u >reached
  mcheckdns --list-findings | cut -d' ' -f1 | sort >rules
  comm -13 reached rules >lost
  [ ! -s lost ] || { echo 'never reached:' >&2; cat lost >&2; false; }
  [ "$(uniq -d <rules)" = "" ]
}

@test "TLSA records of a zone against the chain that will be shown" {
  need openssl
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout ca.key -out ca.pem -subj /CN=ca -days 2 \
    -addext basicConstraints=critical,CA:TRUE 2>/dev/null
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout leaf.key -out leaf.csr -subj /CN=other.example \
    -addext subjectAltName=DNS:other.example 2>/dev/null
  openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -days 2 \
    -copy_extensions copy -out leaf.pem 2>/dev/null
  cat leaf.pem ca.pem >chain.pem
  digest() {
    openssl x509 -in "$1" -noout -pubkey | openssl pkey -pubin -outform DER |
      openssl dgst -sha256 -r | cut -d' ' -f1
  }
  for d in good:3:leaf name:2:ca bad:3:ca; do
    IFS=: read -r name usage file <<<"$d"
    printf '%s.example. MX 10 mx.%s.example.\nmx.%s.example. A 5.9.1.1\n' \
      "$name" "$name" "$name"
    printf '_25._tcp.mx.%s.example. TLSA %s 1 1 %s\n' "$name" "$usage" \
      "$(digest "$file.pem")"
  done >tlsa.zone
  echo ';@ SECURE' >>tlsa.zone
  mcheckdns --json --checks dane --zone tlsa.zone --chain chain.pem \
    good.example name.example bad.example >audit || :
  schema mcheckdns <audit
  ids <audit | grep -E 'dane-(mismatch|ta-name)' >got
  printf '%s\n' 'bad.example dane-mismatch' 'name.example dane-ta-name' >want
  diff got want
  exits 66 mcheckdns --zone tlsa.zone --chain nowhere.pem good.example
  exits 64 mcheckdns --zone tlsa.zone --ip 5.9 --helo x good.example
}

# A DNS server that cuts what it answers by UDP, with TCP or without, and one
# that knows no EDNS; the wire is RFC 1035's.
serve_dns() {
  python3 - "$1" >dns.log 2>&1 3>&- <<'PY' &
import socket, struct, sys, threading
port = int(sys.argv[1])
def name_of(q):
    labels, at = [], 12
    while q[at]:
        labels.append(q[at + 1:at + 1 + q[at]].decode().lower())
        at += q[at] + 1
    return labels, at + 5
def answer(q, tcp):
    labels, end = name_of(q)
    name, kind = ".".join(labels), struct.unpack(">H", q[end - 4:end - 2])[0]
    head = lambda flags, n: q[:2] + struct.pack(">HHHHH", flags, 1, n, 0, 0)
    if "old" in labels and q[10:12] != b"\0\0":
        return head(0x8181, 0) + q[12:end]
    if kind != 16 or not name.endswith(("cut.test", "deaf.test", "old.test")):
        return head(0x8180, 0) + q[12:end]
    if not tcp and "old" not in labels:
        return head(0x8380, 0) + q[12:end]
    text = b"v=spf1 -all"
    data = bytes([len(text)]) + text
    return head(0x8180, 1) + q[12:end] + b"\xc0\x0c" + struct.pack(
        ">HHIH", 16, 1, 60, len(data)) + data
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", port))
tcp = socket.socket()
tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
tcp.bind(("127.0.0.1", port))
tcp.listen(64)
def streams():
    while True:
        c = tcp.accept()[0]
        q = c.recv(600)[2:]
        if len(q) > 12 and "deaf" not in name_of(q)[0]:
            a = answer(q, True)
            c.sendall(struct.pack(">H", len(a)) + a)
        c.close()
threading.Thread(target=streams, daemon=True).start()
while True:
    q, peer = udp.recvfrom(4096)
    udp.sendto(answer(q, False), peer)
PY
  echo $! >server.pid
  wait_for 10 port_open "$1"
}

@test "answers that are cut, TCP that fails, servers without EDNS" {
  need python3
  port=$(free_ports 1)
  serve_dns "$port"
  printf '%s\n' cut.test deaf.test old.test |
    mcheckdns --json --checks spf --timeout 3 --resolver "127.0.0.1:$port" - \
      >audit || :
  schema mcheckdns <audit
  ids <audit | grep -E ' dns-|spf-missing' >got
  printf '%s\n' 'cut.test dns-truncated-tcp' 'deaf.test dns-tcp-failed' \
    'deaf.test dns-timeout' 'old.test dns-edns-broken' >want
  diff got want
}

@test "block lists: what they say, and whether they work" {
  lists >lists.json || :
  ids <lists.json >got
  for want in '192.0.2.7 dnsbl-listed' '192.0.2.7 dnswl-listed' \
    '192.0.2.7 dnsbl-dead' '192.0.2.7 dnsbl-lists-all' \
    '192.0.2.8 dnsbl-query-refused' '192.0.2.9 dnsbl-not-127' \
    'bad.example dnsbl-rhs-listed'; do
    grep -qxF "$want" got || { echo "no $want" >&2; false; }
  done
  exits 0 mcheckdns dnsbl --zone "$zones/lists.zone" \
    --list good.list.example 192.0.2.1
  exits 75 mcheckdns dnsbl --zone "$zones/lists.zone" \
    --list good.list.example 192.0.2.8
  exits 64 mcheckdns dnsbl 192.0.2.1
}
