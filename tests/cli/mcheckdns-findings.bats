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
    mcheckdns --json --selectors s1 --zone "$zones/findings.zone" -
}

more() {
  domains "$zones/more.zone" "$zones/signed.zone" |
    mcheckdns --json --selectors s1 --zone "$zones/more.zone" \
      --zone "$zones/signed.zone" --parked --expect-ca ca.example \
      --expect-mx '*.fine.example,mx.*' --sts-policy "$zones/policies" -
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
    done)DNS:localhost" 2>/dev/null
  python3 - "$1" >server.log 2>&1 3>&- <<'PY' &
import http.server, ssl, sys
policy = b"version: STSv1\nmode: none\nmax_age: 86400\n"
class Policies(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.headers["Host"].split(".")[1]
        status, kind, body = 200, "text/plain; charset=us-ascii", policy
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
      --https-port "$port" - >audit || :
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
  lists >lists.json || :
  schema mcheckdns <lists.json
  ids <lists.json >>all
  {
    mcheckdns --json --zone "$zones/outside.zone" outside.example | ids
    mcheckdns --json --zone "$zones/findings.zone" good.example | ids
    mcheckdns --json --zone "$zones/more.zone" spoof.example | ids || :
    # Those of the test above.
    printf 'x sts-%s\n' cert fetch-failed http-status content-type redirect
  } >>all
  cut -d' ' -f2 all | sort -u >reached
  mcheckdns --list-findings | cut -d' ' -f1 | sort >rules
  comm -13 reached rules >lost
  [ ! -s lost ] || { echo 'never reached:' >&2; cat lost >&2; false; }
  [ "$(uniq -d <rules)" = "" ]
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

# Every name of the zones in turn times out, then fails: what was no error
# before is none now, and nothing is missing that was not.
@test "a fault at any name brings no new error" {
  severe() { jq -r '.domain as $d | .findings[] |
    select(.severity == "error" and .id != "dane-tlsa-servfail" or
      (.id | endswith("-missing"))) | "\($d) \(.id) \(.owner)"' | sort -u; }
  printf '%s\n' good.example >domains
  audit() {
    mcheckdns --json --selectors s1 --zone "$zones/findings.zone" "$@" - \
      <domains | severe
  }
  audit >before
  {
    sed -n '/^\$ORIGIN good.example/,/^;=/s/^\([a-z0-9_.-][^ ]*\) .*/\1.good.example/p' \
      "$zones/findings.zone"
    printf '%s\n' good.example example _25._tcp.mx.good.example \
      _domainkey.good.example _imap._tcp.good.example \
      _25._tcp.good.example _autodiscover._tcp.good.example
  } | sort -u >names
  [ "$(wc -l <names)" -gt 15 ]
  while read -r name; do
    for fault in TIMEOUT SERVFAIL; do
      printf ';@ %s %s\n' $fault "$name" >fault.zone
      audit --zone fault.zone >after
      comm -13 before after >fresh
      [ ! -s fresh ] || { echo "$fault $name:" >&2; cat fresh >&2; false; }
    done
  done <names
}
