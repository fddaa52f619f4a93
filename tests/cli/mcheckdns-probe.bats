#!/usr/bin/env bats
# mcheckdns --probe: MX hosts on loopback that are spoken to.
# SPDX-License-Identifier: MIT

load ../lib/helper

# One port, a server at each address: .2 with the certificate of good.example,
# .3 without TLS, .4 one that stays silent, .5 one whose TLS is none; at .9
# nobody listens.
setup() {
  need openssl python3 jq || return
  cd "$BATS_TEST_TMPDIR" || return 1
  port=$(free_ports 1)
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -days 30 -subj '/CN=Test authority' -keyout ca.key -out ca.pem 2>/dev/null
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x \
    -keyout leaf.key -out leaf.csr 2>/dev/null
  openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
    -days 30 -extfile <(echo 'subjectAltName=DNS:mx.good.example') \
    -out leaf.pem 2>/dev/null
  cat leaf.pem ca.pem >chain.pem
}

teardown() {
  [ ! -f pids ] || xargs kill <pids 2>/dev/null || :
}

# serve ADDRESS OPTION...
serve() {
  local address=$1
  shift
  mreceive --listen "$address:$port" --maildir box --hostname mx.test "$@" \
    >"$address.out" 2>&1 3>&- &
  echo $! >>pids
  wait_for 10 eval ": <>/dev/tcp/$address/$port"
}

# Greets nobody at .4; at .5 takes STARTTLS and then says what is no TLS.
odd() {
  python3 - "$port" >odd.out 2>&1 3>&- <<'PY' &
import socket, sys, threading
port = int(sys.argv[1])
def listen(address):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((address, port))
    s.listen(8)
    return s
silent, broken = listen("127.0.0.4"), listen("127.0.0.5")
def serve():
    while True:
        c, _ = broken.accept()
        try:
            c.sendall(b"220 hello\r\n")
            for reply in b"250-hello\r\n250 STARTTLS\r\n", b"220 go\r\n":
                if c.recv(1000):
                    c.sendall(reply)
            if c.recv(1000):
                c.sendall(b"this is no TLS at all\r\n")
        except OSError:
            pass
        c.close()
threading.Thread(target=serve, daemon=True).start()
kept = []
while True:
    kept.append(silent.accept())
PY
  echo $! >>pids
  wait_for 10 eval ": <>/dev/tcp/127.0.0.5/$port"
}

zone() {
  local d spki
  spki=$(openssl x509 -in leaf.pem -noout -pubkey |
    openssl pkey -pubin -outform DER | openssl dgst -sha256 -r |
    cut -d' ' -f1)
  for d in good:2 other:2 plain:3 silent:4 broken:5 dead:9; do
    printf '%s.example. MX 10 mx.%s.example.\n' "${d%:*}" "${d%:*}"
    printf 'mx.%s.example. A 127.0.0.%s\n' "${d%:*}" "${d#*:}"
    printf '_mta-sts.%s.example. TXT "v=STSv1; id=1"\n' "${d%:*}"
    mkdir -p policies
    printf 'version: STSv1\nmode: enforce\nmx: mx.%s.example\nmax_age: 1209600\n' \
      "${d%:*}" >"policies/${d%:*}.example"
  done
  # Other's certificate has another key, and plain has none.
  printf '_25._tcp.mx.%s.example. TLSA 3 1 1 %s\n' good "$spki" \
    other "${spki//[0-9]/0}" plain "$spki"
  echo ';@ SECURE'
}

@test "--probe: TLS, certificates, DANE and MTA-STS of the MX hosts" {
  serve 127.0.0.2 --tls-cert chain.pem --tls-key leaf.key
  serve 127.0.0.3
  odd
  zone >z
  mcheckdns --json --checks mx,sts,dane --probe --probe-port "$port" \
    --timeout "$(patient 3)s" --zone z --ca ca.pem --sts-policy policies \
    {good,other,plain,silent,broken,dead}.example >got || :
  schema mcheckdns <got
  jq -r '.domain as $d | .findings[] | select(.id |
    test("^(mx-(probe|no-start|tls)|sts-mx-cert|dane-mismatch)")) |
    "\($d) \(.id)"' got | sort >is
  cat >want <<'W'
broken.example mx-tls-failed
dead.example mx-probe-failed
other.example dane-mismatch
other.example sts-mx-cert
plain.example dane-mismatch
plain.example mx-no-starttls
plain.example sts-mx-cert
silent.example mx-probe-failed
W
  diff want is
  jq -se '.[0].probes[0] | .host == "mx.good.example" and .reached and
    (.tls | startswith("TLSv1.")) and (.until | test("^20..-..-..$"))' got
  jq -se '.[5].probes[0] | .host == "mx.dead.example" and (.reached | not) and
    (.problem | test("refused"))' got
  run mcheckdns --probe --probe-port "$port" --checks mx --zone z \
    good.example plain.example
  has "$output" '    TLSv1.'
  has "$output" '    no STARTTLS'
  # Nobody is spoken to who was not asked for.
  mcheckdns --json --checks mx --zone z plain.example >got || :
  hasnt "$(cat got)" '"probes"'
  # What it says nobody knows.
  exits 75 mcheckdns --checks mx --fail-on never --probe \
    --probe-port "$port" --timeout 1s --zone z dead.example
}
