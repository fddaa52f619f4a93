#!/usr/bin/env bats
# msend --mx: the way to a domain's servers by MX, DANE and MTA-STS, all of it
# on loopback with master files as DNS.
# SPDX-License-Identifier: MIT
load ../lib/helper

# One port, a server at each of 127.0.0.2 (certificate of mx2), .3 (of mx3) and
# .4 (no TLS); at .9 nobody listens.
setup_file() {
  need openssl python3 jq || return
  d=$BATS_FILE_TMPDIR
  export d port
  cd "$d" || return
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
    -subj '/CN=Test authority' -keyout ca.key -out ca.pem 2>/dev/null
  certificate mx2 mx2.example.net
  certificate mx3 mx3.example.net
  certificate policy mta-sts.sts.example
  port=$(free_ports 1)
  serve 127.0.0.2 two --tls-cert mx2.pem --tls-key mx2.key
  serve 127.0.0.3 three --tls-cert mx3.pem --tls-key mx3.key
  serve 127.0.0.4 four
  zones
}

teardown_file() {
  [ -e "$d/pids" ] || return 0
  xargs kill <"$d/pids" 2>/dev/null || :
}

setup() {
  export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache
}

teardown() {
  [ ! -e "$BATS_TEST_TMPDIR/results" ] || schema msend <"$BATS_TEST_TMPDIR/results"
}

# certificate NAME HOST
certificate() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x \
    -keyout "$1.key" -out "$1.csr" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial \
    -days 30 -extfile <(echo "subjectAltName=DNS:$2") -out "$1.pem" 2>/dev/null
}

# serve ADDRESS MAILDIR OPTION...
serve() {
  local address=$1 box=$2
  shift 2
  mreceive --listen "$address:$port" --maildir "$box" --hostname mx.test "$@" \
    >"$box.out" 2>&1 3>&- &
  echo $! >>pids
  wait_for 10 eval "(: </dev/tcp/$address/$port)"
}

# The SHA-256 of NAME's public key.
spki() {
  openssl x509 -in "$1.pem" -pubkey -noout | openssl pkey -pubin -outform DER |
    sha256sum | cut -d' ' -f1
}

zones() {
  local good bad
  good="3 1 1 $(spki mx2)" bad="3 1 1 $(spki mx3)"
  cat >plain.zone <<Z
dead.example. MX 10 mx9.example.net.
dead.example. MX 20 mx2.example.net.
dead.example. MX 30 mx3.example.net.
null.example. MX 0 .
implicit.example. A 127.0.0.2
ghost.example. MX 10 nowhere.example.net.
ghost.example. MX 20 mx3.example.net.
ghosts.example. MX 10 nowhere.example.net.
later.example. MX 10 mx2.example.net.
;@ SERVFAIL later.example. MX
unsure.example. MX 10 unsure.example.net.
;@ TIMEOUT unsure.example.net.
two.example. MX 10 mx2.example.net.
three.example. MX 10 mx3.example.net.
four.example. MX 10 mx4.example.net.
many.example. MX 10 mx2.example.net.
many.example. MX 10 mx3.example.net.
xn--bcher-kva.example. MX 10 mx2.example.net.
mx2.example.net. A 127.0.0.2
mx3.example.net. A 127.0.0.3
mx4.example.net. A 127.0.0.4
mx9.example.net. A 127.0.0.9
; insecure: these records say nothing
lie.example. MX 10 lie.example.net.
lie.example.net. A 127.0.0.2
_$port._tcp.lie.example.net. TLSA $bad
; insecure addresses under secure MX records
half.example.net. A 127.0.0.2
sts.example. MX 10 mx2.example.net.
sts.example. MX 5 mx3.example.net.
_mta-sts.sts.example. TXT "v=STSv1; id=1"
mta-sts.sts.example. A 127.0.0.5
nosts.example. MX 10 mx2.example.net.
Z
  cat >secure.zone <<Z
;@ SECURE
good.test. MX 10 good.mx.test.
good.mx.test. A 127.0.0.2
_$port._tcp.good.mx.test. TLSA $good
bad.test. MX 10 bad.mx.test.
bad.mx.test. A 127.0.0.2
_$port._tcp.bad.mx.test. TLSA $bad
badgood.test. MX 10 bad.mx.test.
badgood.test. MX 20 good.mx.test.
fails.test. MX 10 fails.mx.test.
fails.mx.test. A 127.0.0.2
;@ SERVFAIL _$port._tcp.fails.mx.test.
slow.test. MX 10 slow.mx.test.
slow.mx.test. A 127.0.0.2
;@ TIMEOUT _$port._tcp.slow.mx.test.
failsgood.test. MX 10 fails.mx.test.
failsgood.test. MX 20 good.mx.test.
unusable.test. MX 10 unusable.mx.test.
unusable.mx.test. A 127.0.0.2
_$port._tcp.unusable.mx.test. TLSA 1 1 1 $(spki mx3)
stripped.test. MX 10 stripped.mx.test.
stripped.mx.test. A 127.0.0.4
_$port._tcp.stripped.mx.test. TLSA $good
absent.test. MX 10 absent.mx.test.
absent.mx.test. A 127.0.0.2
half.test. MX 10 half.example.net.
_$port._tcp.half.example.net. TLSA $bad
implicit.test. A 127.0.0.2
_$port._tcp.implicit.test. TLSA $good
Z
}

# mx STATUS OPTION... RECIPIENT...: the results are in $out
mx() {
  local status=$1
  shift
  exits "$status" msend --mx --port "$port" --zone "$d/plain.zone" \
    --zone "$d/secure.zone" --tls-ca "$d/ca.pem" --json --from a@example.org "$@" \
    <<<$'From: a@example.org\n\nhi'
  printf '%s\n' "$out" >>"$BATS_TEST_TMPDIR/results"
}

# got KEY...: those of the first result
got() { head -n 1 <<<"$out" | jq -r "[$1] | map(tostring) | join(\" \")"; }

@test "preference, and on to the next when nobody answers" {
  mx 0 b@dead.example
  [ "$(got '.mx, .ip, .outcome')" = "mx2.example.net:$port 127.0.0.2 sent" ]
  mx 0 b@ghost.example
  [ "$(got .mx)" = "mx3.example.net:$port" ]
  mx 0 b@implicit.example
  [ "$(got .mx)" = "implicit.example:$port" ]
  mx 0 b@bücher.example
  [ "$(got .ip)" = 127.0.0.2 ]
  mx 0 'b@[127.0.0.3]'
  [ "$(got .ip)" = 127.0.0.3 ]
}

@test "equal preferences are taken at random" {
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
    mx 0 b@many.example
    got .ip
  done >"$BATS_TEST_TMPDIR/ips"
  [ "$(sort -u "$BATS_TEST_TMPDIR/ips" | wc -l)" -eq 2 ]
}

@test "no way there: for good, or for now" {
  mx 67 b@null.example
  [ "$(got '.outcome, .enhanced, .stage')" = 'permanent 5.1.10 connect' ]
  mx 68 b@nobody.example
  [ "$(got '.outcome, .enhanced')" = 'permanent 5.1.2' ]
  mx 68 b@ghosts.example
  [ "$(got '.outcome, .enhanced')" = 'permanent 5.4.4' ]
  mx 75 b@later.example
  [ "$(got '.outcome, .enhanced')" = 'temporary 4.4.3' ]
  mx 75 b@unsure.example
  [ "$(got '.outcome, .enhanced')" = 'temporary 4.4.3' ]
}

@test "one message to several domains, each its own way" {
  n=$(find "$d/two/new" "$d/three/new" -type f 2>/dev/null | wc -l)
  mx 75 a@two.example b@three.example c@null.example d@later.example e@TWO.example
  [ "$(jq -r '[.rcpt[0:1], .outcome, .ip // "-"] | join(" ")' <<<"$out")" = \
    'a sent 127.0.0.2
b sent 127.0.0.3
c permanent -
d temporary -
e sent 127.0.0.2' ]
  [ "$(find "$d/two/new" "$d/three/new" -type f | wc -l)" -eq $((n + 2)) ]
}

@test "TLS where it is offered, whoever it is" {
  mx 0 b@two.example
  [ "$(got '.tls.version, .tls.verified_by')" = 'TLSv1.3 null' ]
  mx 0 b@four.example
  [ "$(got .tls)" = null ]
  mx 76 --tls=must b@four.example
  [ "$(got .tls_failure)" = starttls-not-supported ]
  mx 0 --tls=verify b@two.example
  [ "$(got .tls.verified_by)" = pkix ]
  mx 76 --tls=verify b@implicit.example
  [ "$(got .tls_failure)" = certificate-host-mismatch ]
  mx 0 --tls=off b@two.example
  [ "$(got .tls)" = null ]
}

@test "TLS that fails is left away where nobody demands it" {
  exits 0 play "$top_srcdir/tests/play/mx-opportunistic.play" -- \
    msend --mx --port '{PORT}' --zone <(echo 'o.example. A 127.0.0.1')
}

@test "by way of a proxy, and from an address of ours" {
  python3 - "$BATS_TEST_TMPDIR/seen" >"$BATS_TEST_TMPDIR/proxy" 3>&- <<'END' &
import base64, select, socket, struct, sys
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
s.settimeout(20)
for i in range(7):
    k, a = s.accept()
    k.settimeout(20)
    f = k.makefile("rb", buffering=0)
    first = f.read(1)
    who = ""
    if first == b"\5":
        if b"\2" in f.read(ord(f.read(1))):
            k.sendall(b"\5\2"); f.read(1)
            who = f.read(ord(f.read(1))).decode() + ":" + f.read(ord(f.read(1))).decode()
            k.sendall(b"\1" + bytes([who != "me:let in"]))
            if who != "me:let in": k.close(); continue
        else: k.sendall(b"\5\0")
        f.read(4)
        host = f.read(ord(f.read(1))).decode(); to = struct.unpack(">H", f.read(2))[0]
        yes = b"\5\0\0\1\0\0\0\0\0\0"
    else:
        head = b""
        while not head.endswith(b"\r\n\r\n"): head += f.read(1)
        for l in head.decode().split("\r\n"):
            if l.startswith("Proxy-Authorization: Basic "):
                who = base64.b64decode(l.split()[2]).decode()
        if who not in ("", "me:let in"):
            k.sendall(b"HTTP/1.1 407 who?\r\n\r\n"); k.close(); continue
        host, to = head.split()[1].decode().split(":"); yes = b"HTTP/1.1 200 ok\r\n\r\n"
    with open(sys.argv[1], "a") as log: print(a[0], host, who, file=log)
    if host == "nowhere.test":
        k.sendall(b"HTTP/1.1 502 no\r\n\r\n"); k.close(); continue
    o = socket.create_connection(("127.0.0.2", int(to)))
    k.sendall(yes)
    pair = {k: o, o: k}
    while pair:
        for r in select.select(list(pair), [], [], 20)[0]:
            got = r.recv(65536)
            if not got: pair = {}; break
            pair[r].sendall(got)
    k.close(); o.close()
END
  pid=$!
  wait_for 10 test -s "$BATS_TEST_TMPDIR/proxy"
  by=127.0.0.1:$(cat "$BATS_TEST_TMPDIR/proxy")
  through() {
    msend --server "smtp://$1:$port" --tls-ca "$d/ca.pem" --from a@example.org \
      "${@:2}" b@example.org <<<$'From: a@b.example\n\nhi'
  }
  exits 0 through mx2.example.net --proxy "socks5://$by" --source-ip 127.0.0.7
  exits 0 through mx2.example.net --proxy "http://$by"
  exits 75 through nowhere.test --proxy "http://$by"
  has "$err" 'does not connect'
  # a login there, in no argument and no trace
  exits 0 through mx2.example.net -vv --proxy "socks5://me@$by" \
    --proxy-password-command 'echo let in'
  hasnt "$err" 'let in'
  exits 0 through mx2.example.net --proxy "http://me@$by" \
    --proxy-password-command 'echo let in'
  for kind in socks5 http; do
    exits 77 through mx2.example.net --proxy "$kind://me@$by" \
      --proxy-password-command 'echo wrong'
    has "$err" "the proxy has refused the login of 'me'"
  done
  wait "$pid"
  [ "$(xargs <"$BATS_TEST_TMPDIR/seen")" = \
    "127.0.0.7 mx2.example.net 127.0.0.1 mx2.example.net 127.0.0.1 nowhere.test$(
      printf ' 127.0.0.1 mx2.example.net me:let in%.0s' 1 2)" ]
  exits 78 through mx2.example.net --proxy "http://me@$by" --proxy-password-command :
  usage '--proxy-password-command' through mx2.example.net --proxy "http://me:let@$by"
  hasnt "$err" let@
  usage '--proxy-password-command' through mx2.example.net --proxy-password-command :
  exits 64 through mx2.example.net --proxy ftp://x
  exits 64 through mx2.example.net --source-ip x
}

# RFC 7672
@test "DANE: the server with the key that DNSSEC vouches for" {
  mx 0 b@good.test
  [ "$(got '.tls.verified_by, .mx')" = "dane good.mx.test:$port" ]
  # no MX, securely
  exits 0 msend --mx --port "$port" --zone "$d/secure.zone" --tls=dane --json \
    --from a@example.org b@implicit.test <<<$'From: a@b.example\n\nhi'
  [ "$(got .tls.verified_by)" = dane ]
  mx 75 b@bad.test
  [ "$(got '.stage, .tls_failure')" = 'starttls validation-failure' ]
  has "$out" TLSA
  mx 0 b@badgood.test
  [ "$(got .mx)" = "good.mx.test:$port" ]
  mx 75 b@stripped.test
  [ "$(got .tls_failure)" = starttls-not-supported ]
}

@test "DANE: what cannot be asked, cannot be used, is not there, not secure" {
  mx 75 b@fails.test
  [ "$(got '.stage, .enhanced, .tls_failure')" = 'connect 4.7.5 dnssec-invalid' ]
  mx 75 b@slow.test
  [ "$(got '.stage, .enhanced, .tls_failure')" = \
    'connect 4.7.5 validation-failure' ]
  mx 0 b@failsgood.test
  [ "$(got .mx)" = "good.mx.test:$port" ]
  mx 0 b@unusable.test
  [ "$(got '.tls.version, .tls.verified_by, .tls_failure')" = \
    'TLSv1.3 null tlsa-invalid' ]
  for to in absent.test half.test lie.example; do
    mx 0 "b@$to"
    [ "$(got .tls.verified_by)" = null ]
    mx 75 --tls=dane "b@$to"
    [ "$(got '.enhanced, .tls_failure')" = '4.7.5 dane-required' ]
  done
}

@test "--tls-not-required: the field is put in, and no policy keeps the message" {
  mx 0 --tls-not-required b@bad.test
  [ "$(got '.tls.version, .tls.verified_by')" = 'TLSv1.3 null' ]
  mx 0 --tls-not-required b@stripped.test
  [ "$(got .tls)" = null ]
  mx 0 --tls-not-required b@fails.test
  [ "$(got .tls.verified_by)" = null ]
  exits 64 msend --mx --tls-not-required --tls=dane -f a@example.org b@bad.test \
    <<<$'From: a@example.org\n\nhi'
  exits 64 msend --mx --tls-not-required --require-tls -f a@example.org b@bad.test \
    <<<$'From: a@example.org\n\nhi'
  # in what is composed, in what is taken, and once
  exits 0 msend --print --tls-not-required --from a@example.org --to b@example.org \
    -s hi --text - <<<text
  [ "$(grep -c '^TLS-Required: No' <<<"$out")" = 1 ]
  exits 0 msend --print --tls-not-required -f a@example.org <<<$'From: a@example.org\n\nhi'
  [ "$(grep -c '^TLS-Required: No' <<<"$out")" = 1 ]
  exits 0 msend --print --tls-not-required -f a@example.org \
    <<<$'From: a@example.org\nTLS-Required: No\n\nhi'
  [ "$(grep -c '^TLS-Required: No' <<<"$out")" = 1 ]
}

@test "DANE for a server that is named" {
  for to in good bad absent; do
    want=76
    [ "$to" = good ] && want=0
    [ "$to" = absent ] && want=75
    [ "$to" = bad ] && want=75
    exits "$want" msend --server "smtp://$to.mx.test:$port" --tls=dane \
      --zone "$d/secure.zone" --from a@example.org b@example.org <<<$'From: a@b.example\n\nhi'
  done
  exits 64 msend --server "smtp://good.mx.test:$port" --tls=sts \
    --from a@example.org b@example.org <<<$'From: a@b.example\n\nhi'
}

# policy MODE MX...: what 127.0.0.5 serves over HTTPS, once or twice
policy() {
  {
    printf 'version: STSv1\nmode: %s\nmax_age: 86400\n' "$1"
    shift
    printf 'mx: %s\n' "$@"
  } >"$BATS_TEST_TMPDIR/policy"
  python3 - "$d" "$BATS_TEST_TMPDIR" >"$BATS_TEST_TMPDIR/https" 3>&- <<'END' &
import http.server, ssl, sys
text = open(sys.argv[2] + "/policy", "rb").read()
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        open(sys.argv[2] + "/asked", "a").write(self.path + "\n")
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
    def log_message(self, *a): pass
s = http.server.HTTPServer(("127.0.0.5", 0), H)
c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
c.load_cert_chain(sys.argv[1] + "/policy.pem", sys.argv[1] + "/policy.key")
s.socket = c.wrap_socket(s.socket, server_side=True)
print(s.server_address[1], flush=True)
s.timeout = 20
s.handle_request()
END
  https_pid=$!
  wait_for 10 test -s "$BATS_TEST_TMPDIR/https"
  https=$(cat "$BATS_TEST_TMPDIR/https")
}

# RFC 8461
@test "MTA-STS: enforce takes the hosts of the policy, verified, and is kept" {
  policy enforce 'mx2.example.net'
  mx 0 --https-port "$https" b@sts.example
  [ "$(got '.mx, .tls.verified_by')" = "mx2.example.net:$port sts" ]
  wait "$https_pid"
  # the server of policies is gone: it holds for a day, and no longer
  mx 0 --https-port "$https" b@sts.example
  [ "$(got '.mx, .tls.verified_by')" = "mx2.example.net:$port sts" ]
  [ "$(cat "$BATS_TEST_TMPDIR/asked")" = /.well-known/mta-sts.txt ]
  mx 0 --https-port "$https" --now "$(date -u -d '+2 days' +%FT%TZ)" b@sts.example
  [ "$(got '.mx, .tls.verified_by')" = "mx3.example.net:$port null" ]
}

@test "MTA-STS: no host of the policy, or a certificate of another" {
  policy enforce 'mx7.example.net'
  mx 75 --https-port "$https" b@sts.example
  [ "$(got '.stage, .enhanced, .tls_failure')" = 'connect 4.7.5 validation-failure' ]
  rm -rf "$XDG_CACHE_HOME" "$BATS_TEST_TMPDIR/https"
  sed 's/^mx2.example.net. A .*/mx2.example.net. A 127.0.0.3/' "$d/plain.zone" \
    >"$BATS_TEST_TMPDIR/wrong.zone"
  policy enforce 'mx2.example.net'
  exits 75 msend --mx --port "$port" --zone "$BATS_TEST_TMPDIR/wrong.zone" \
    --tls-ca "$d/ca.pem" --https-port "$https" --json --from a@example.org \
    b@sts.example <<<$'From: a@b.example\n\nhi'
  [ "$(got .tls_failure)" = certificate-host-mismatch ]
}

@test "MTA-STS: testing tells, and sends all the same; without a policy as ever" {
  policy testing 'mx2.example.net'
  mx 0 --https-port "$https" --now "$(date -u -d '+1 year' +%FT%TZ)" b@sts.example
  [ "$(got '.tls.version, .tls.verified_by, .tls_failure')" = \
    'TLSv1.3 null certificate-expired' ]
  # it is kept; a host it does not name
  mx 0 b@sts.example
  [ "$(got .mx,.tls_failure)" = "mx3.example.net:$port validation-failure" ]
  rm -rf "$XDG_CACHE_HOME"
  mx 0 --https-port 9 b@sts.example
  [ "$(got .tls_failure)" = sts-policy-fetch-error ]
  mx 75 --tls=sts b@nosts.example
  mx 0 b@nosts.example
}

@test "8-bit text to two domains, one of which takes none" {
  cd "$BATS_TEST_TMPDIR"
  python3 - >told 2>&1 3>&- <<'END' &
import socket, threading

def serve(listener, offers, name):
    c, _ = listener.accept()
    c.settimeout(30)
    f = c.makefile("rwb", buffering=0)
    f.write(b"220 hi\r\n")
    body = b""
    while (line := f.readline()) and not line.startswith(b"QUIT"):
        if line.startswith(b"EHLO"):
            f.write(offers)
            continue
        if line.startswith(b"BDAT"):
            n = int(line.split()[1])
            while len(body) < n:
                body += f.read(n - len(body))
        if line.startswith(b"DATA"):
            f.write(b"354 go\r\n")
            while (line := f.readline()) not in (b".\r\n", b""):
                body += line
        f.write(b"250 ok\r\n")
    open(name, "wb").write(body)

one = socket.create_server(("127.0.0.1", 0))
two = socket.create_server(("127.0.0.2", one.getsockname()[1]))
todo = [(one, b"250 hi\r\n", "seven"),
        (two, b"250-hi\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 8BITMIME\r\n", "eight")]
threads = [threading.Thread(target=serve, args=t, daemon=True) for t in todo]
for t in threads:
    t.start()
print(one.getsockname()[1], flush=True)
for t in threads:
    t.join(30)
END
  pid=$!
  wait_for 10 test -s told
  printf 'a.example. A 127.0.0.1\nb.example. A 127.0.0.2\n' >two.zone
  status=0
  msend --mx --port "$(cat told)" --zone two.zone --tls=off -f a@example.org \
    x@a.example x@b.example <<<$'From: a@example.org\n\ngreetings to you all: grüße' ||
    status=$?
  wait_for 10 pid_gone "$pid" || kill "$pid"
  [ "$status" = 0 ]
  grep -q 'gr=C3=BC=C3=9Fe' seven
  grep -q 'grüße' eight
}
