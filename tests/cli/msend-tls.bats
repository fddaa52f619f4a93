#!/usr/bin/env bats
# Whom msend believes: every kind of certificate against every level of --tls,
# pins, client certificates. The certificates are made here.
# SPDX-License-Identifier: MIT
load ../lib/helper

# Serves everything under one roof: NAME=port in $d/ports.
setup_file() {
  need openssl python3 jq || return
  d=$BATS_FILE_TMPDIR
  export d
  cd "$d" || return
  authority ca 'Test authority'
  authority other 'Another authority'
  middle
  leaf good ca DNS:localhost,IP:127.0.0.1
  leaf name ca DNS:mail.example.org
  leaf wild ca 'DNS:*.mx.localhost'
  leaf address ca IP:127.0.0.1
  leaf cn ca ''
  leaf foreign other DNS:localhost
  leaf chained inter DNS:localhost
  leaf weak ca DNS:localhost -newkey
  leaf oldhash ca DNS:localhost -sha1
  leaf over ca DNS:localhost '' 20200101000000Z 20200201000000Z
  leaf early ca DNS:localhost '' 20900101000000Z 20910101000000Z
  selfsigned self
  cat chained.pem inter.pem >whole.pem
  cp chained.key whole.key
  for c in good name wild address cn foreign chained whole weak oldhash over \
    early self; do serve "$c"; done
}

teardown_file() {
  [ -e "$d/pids" ] || return 0
  xargs kill <"$d/pids" 2>/dev/null || :
}

# authority NAME TITLE [OPENSSL-OPTION...]
authority() {
  local name=$1 title=$2
  shift 2
  [ $# -gt 0 ] || set -- -newkey ec -pkeyopt ec_paramgen_curve:P-256
  openssl req -x509 "$@" -nodes -days 30 -subj "/CN=$title" \
    -keyout "$name.key" -out "$name.pem" 2>/dev/null
}

# middle: inter.pem, an authority below ca
middle() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -subj '/CN=Intermediate' -keyout inter.key -out inter.csr 2>/dev/null
  printf 'basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign\n' >inter.ext
  openssl x509 -req -in inter.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
    -days 30 -extfile inter.ext -out inter.pem 2>/dev/null
}

# leaf NAME ISSUER SAN [OPTION] [START END]: localhost as common name
leaf() {
  local option=${4:-} key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256) hash=sha256
  case $option in
  -newkey) key=(-newkey rsa:1024) ;;
  -sha1) hash=sha1 ;;
  esac
  openssl req "${key[@]}" -nodes -subj /CN=localhost -keyout "$1.key" \
    -out "$1.csr" 2>/dev/null
  printf 'basicConstraints=CA:FALSE\n%s\n' "${3:+subjectAltName=$3}" >"$1.ext"
  : >"$1.index"
  serial=$((${serial:-4096} + 1))
  printf '%x\n' "$serial" >"$1.serial"
  openssl ca -batch -notext -in "$1.csr" -out "$1.pem" -md "$hash" \
    ${5:+-startdate "$5" -enddate "$6"} -days 30 -extfile "$1.ext" -config <(
      printf '%s\n' '[ca]' 'default_ca=d' '[d]' "database=$1.index" \
        "serial=$1.serial" 'new_certs_dir=.' "certificate=$2.pem" \
        "private_key=$2.key" 'default_md=sha256' 'policy=p' '[p]' \
        'commonName=supplied'
    ) 2>/dev/null
}

# selfsigned NAME
selfsigned() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
    -subj /CN=localhost -addext subjectAltName=DNS:localhost \
    -keyout "$1.key" -out "$1.pem" 2>/dev/null
}

# serve NAME: an SMTP server with that certificate
serve() {
  mreceive --maildir "$d/m" --print-port --hostname localhost \
    --tls-cert "$1.pem" --tls-key "$1.key" >"$1.port" 2>"$1.err" 3>&- &
  echo $! >>pids
  wait_for 10 test -s "$1.port"
}

# try STATUS SERVER OPTION...: a message to a server of ours by STARTTLS
try() {
  local status=$1 server=$2
  shift 2
  exits "$status" msend --server "smtp://${host:-localhost}:$(head -n 1 "$d/$server.port")" \
    --tls-ca "$d/ca.pem" --json --from a@example.org "$@" b@example.org \
    <<<$'From: a@example.org\n\nhi'
}

# Status for verify, and a word of why it is refused. Every other level does
# not ask who it is.
@test "each certificate at each level" {
  local name status why
  while read -r name status why; do
    try "$status" "$name" --tls=verify
    [ -z "$why" ] || has "$out" "$why"
    for level in may must; do
      try 0 "$name" --tls="$level"
      has "$out" '"version":"TLSv1.3"'
      has "$out" '"verified_by":null'
    done
  done <<'END'
good 0
name 76 is not for 'localhost' but for 'mail.example.org'
wild 76 is not for 'localhost' but for '*.mx.localhost'
address 76 is not for 'localhost' but for '127.0.0.1'
cn 76 names no host at all
foreign 76 comes from an unknown issuer 'CN=Another authority'
chained 76 comes from an unknown issuer 'CN=Intermediate'
whole 0
weak 76 is signed with a broken algorithm
oldhash 76 is signed with a broken algorithm
over 76 expired on 2020-02-01
early 76 is not valid yet
self 76 comes from an unknown issuer 'CN=localhost'
END
  try 0 self --tls=off
  has "$out" '"tls":null'
}

@test "a name is looked for in all its forms" {
  host=a.mx.localhost try 0 wild --tls=verify
  host=a.b.mx.localhost try 76 wild --tls=verify
  host=127.0.0.1 try 0 address --tls=verify
  host=127.0.0.1 try 76 cn --tls=verify
  host=LocalHost try 0 good --tls=verify
}

@test "certificates are judged at the time of --now" {
  try 0 over --tls=verify --now 2020-01-15T00:00:00Z
  try 76 over --tls=verify --now 2020-02-02T00:00:00Z
  has "$out" 'expired on 2020-02-01'
  try 76 good --tls=verify --now 2020-01-15T00:00:00Z
  has "$out" 'is not valid yet'
  try 0 early --tls=verify --now 2090-06-01T00:00:00Z
  # the one in between has its own dates
  try 76 whole --tls=verify --now 2090-06-01T00:00:00Z
  has "$out" expired
}

@test "a self-signed certificate as CA file, and the system's authorities" {
  exits 0 msend --server "smtp://localhost:$(head -n 1 "$d/self.port")" \
    --tls-ca "$d/self.pem" --from a@example.org b@example.org <<<$'From: a@b.example\n\nhi'
  # those of this machine know nobody of ours
  exits 76 msend --server "smtp://localhost:$(head -n 1 "$d/good.port")" \
    --from a@example.org b@example.org <<<$'From: a@b.example\n\nhi'
  has "$err" 'unknown issuer'
  exits 66 msend --server "smtp://localhost:$(head -n 1 "$d/good.port")" \
    --tls-ca /nonexistent --from a@example.org b@example.org <<<$'From: a@b.example\n\nhi'
  one_line "$err"
  exits 78 msend --server "smtp://localhost:$(head -n 1 "$d/good.port")" \
    --tls-ca "$d/good.key" --from a@example.org b@example.org <<<$'From: a@b.example\n\nhi'
  has "$err" 'no certificate in CA file'
}

@test "a pin is the server's key, whatever its certificate says" {
  hex=$(openssl x509 -in "$d/over.pem" -pubkey -noout |
    openssl pkey -pubin -outform DER | sha256sum | cut -d' ' -f1)
  b64=$(openssl x509 -in "$d/over.pem" -pubkey -noout |
    openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary | base64)
  try 0 over --tls-pin "spki:sha256:$hex"
  [ "$(jq -r .tls.verified_by <<<"$out")" = pin ]
  try 0 over --tls-pin "spki:sha256:$(tr 0 1 <<<"$hex")" --tls-pin "spki:sha256:$b64"
  try 76 good --tls-pin "spki:sha256:$hex"
  has "$out" 'has another key than the one pinned: spki:sha256:'
  try 64 good --tls-pin "sha256:$hex"
  try 64 good --tls-pin "spki:sha256:${hex:1}"
  try 64 good --tls-pin "spki:sha256:$hex" --tls=may
}

@test "a pin may be that of the whole certificate" {
  fp=$(openssl x509 -in "$d/over.pem" -noout -fingerprint -sha256 | cut -d= -f2)
  b64=$(openssl x509 -in "$d/over.pem" -outform DER | openssl dgst -sha256 -binary | base64)
  for form in "$fp" "${fp//:/}" "${fp,,}" "$b64"; do
    try 0 over --tls-pin "cert:sha256:$form"
    [ "$(jq -r .tls.verified_by <<<"$out")" = pin ]
  done
  try 76 good --tls-pin "cert:sha256:$fp"
  own=$(openssl x509 -in "$d/good.pem" -outform DER | openssl dgst -sha256 -binary | base64)
  has "$out" "has another certificate than the one pinned: cert:sha256:$own"
  try 76 over --tls-pin "spki:sha256:$fp"
  for bad in "cert:sha256:${fp%:*}" "cert:sha256:${fp}0" "cert:sha256:${fp//:/-}" \
    "cert:sha1:$fp" "cert:$fp"; do
    try 64 over --tls-pin "$bad"
    has "$err" 'cert:sha256:'
  done
}

# revokes NAME ISSUER [LEAF [OPTION...]]: NAME.crl of ISSUER, with LEAF's
# certificate on it
revokes() {
  : >"$1.index"
  [ -z "${3-}" ] || printf 'R\t301231000000Z\t260101000000Z\t%s\tunknown\t/CN=localhost\n' \
    "$(openssl x509 -in "$3.pem" -serial -noout | cut -d= -f2)" >"$1.index"
  openssl ca -gencrl -crldays 2 "${@:4}" -out "$1.crl" -config <(
    printf '%s\n' '[ca]' 'default_ca=d' '[d]' "database=$1.index" \
      "certificate=$2.pem" "private_key=$2.key" 'default_md=sha256'
  ) 2>/dev/null
}

@test "a certificate on a list of revoked ones is refused" {
  cd "$d"
  revokes none ca
  revokes leaf ca good
  revokes below inter chained
  revokes middle ca inter
  try 0 good --tls=verify --tls-crl none.crl
  try 76 good --tls=verify --tls-crl leaf.crl
  has "$out" 'was revoked'
  # another one of that authority is as good as before
  host=127.0.0.1 try 0 address --tls=verify --tls-crl leaf.crl
  # a list is good past its date, too
  revokes past ca good -crl_lastupdate 20260101000000Z -crl_nextupdate 20260102000000Z
  try 76 good --tls=verify --tls-crl past.crl
  has "$out" 'was revoked'
  host=127.0.0.1 try 0 address --tls=verify --tls-crl past.crl
  # several lists in one file; the one in between, and what it has issued
  cat leaf.crl below.crl >both.crl
  try 76 whole --tls=verify --tls-crl both.crl
  try 76 good --tls=verify --tls-crl both.crl
  try 0 whole --tls=verify --tls-crl leaf.crl
  try 76 whole --tls=verify --tls-crl middle.crl
  has "$out" 'was revoked'
  # it says nothing where nobody asks who it is
  try 0 good --tls=must --tls-crl leaf.crl
  try 66 good --tls=verify --tls-crl /nonexistent
  has "$out" "cannot read CRL file '/nonexistent'"
  try 78 good --tls=verify --tls-crl ca.pem
  has "$out" 'no list of revoked certificates'
}

@test "--tls-min, and a server that can do TLS 1.0 only" {
  try 0 good --tls-min 1.3
  port=$(free_ports 1)
  openssl s_server -accept "127.0.0.1:$port" -cert "$d/good.pem" -key "$d/good.key" \
    -tls1_2 -quiet </dev/null >/dev/null 2>&1 3>&- &
  pid=$!
  wait_for 10 port_open "$port"
  exits 76 msend --server "smtps://localhost:$port" --tls-ca "$d/ca.pem" --tls-min 1.3 \
    --from a@example.org b@example.org <<<$'From: a@b.example\n\nhi'
  kill "$pid"
  port=$(free_ports 1)
  openssl s_server -accept "127.0.0.1:$port" -cert "$d/good.pem" -key "$d/good.key" \
    -tls1 -cipher 'ALL:@SECLEVEL=0' -quiet </dev/null >/dev/null 2>&1 3>&- &
  pid=$!
  wait_for 10 port_open "$port"
  for level in may must verify; do
    exits 76 msend --server "smtps://localhost:$port" --tls-ca "$d/ca.pem" \
      --tls="$level" --from a@example.org b@example.org <<<$'From: a@b.example\n\nhi'
    one_line "$err"
  done
  kill "$pid"
}

# The status of a certificate, stapled: revoked or good.
@test "a certificate that its issuer has revoked" {
  for verdict in good revoked; do
    : >"$d/ocsp.index"
    serial=$(openssl x509 -in "$d/good.pem" -serial -noout | cut -d= -f2)
    if [ "$verdict" = revoked ]; then
      printf 'R\t301231000000Z\t260101000000Z\t%s\tunknown\t/CN=localhost\n' "$serial"
    else
      printf 'V\t301231000000Z\t\t%s\tunknown\t/CN=localhost\n' "$serial"
    fi >"$d/ocsp.index"
    openssl ocsp -index "$d/ocsp.index" -CA "$d/ca.pem" -rsigner "$d/ca.pem" \
      -rkey "$d/ca.key" -issuer "$d/ca.pem" -cert "$d/good.pem" -ndays 2 \
      -respout "$d/$verdict.ocsp" >/dev/null 2>&1
    port=$(free_ports 1)
    (printf '220 hi\r\n'; sleep 5) |
      openssl s_server -accept "127.0.0.1:$port" -cert "$d/good.pem" \
        -key "$d/good.key" -status_file "$d/$verdict.ocsp" -quiet \
        >/dev/null 2>&1 3>&- &
    pid=$!
    wait_for 10 port_open "$port"
    want=76
    [ "$verdict" = revoked ] || want=75
    exits "$want" msend --server "smtps://localhost:$port" --tls-ca "$d/ca.pem" \
      --timeout "$(patient 1)" --from a@example.org b@example.org <<<$'From: a@b.example\n\nhi'
    if [ "$verdict" = revoked ]; then has "$err" 'was revoked'; fi
    # it holds for two days of the clock that certificates are judged by
    exits 76 msend --server "smtps://localhost:$port" --tls-ca "$d/ca.pem" \
      --now "$(date -u -d '+5 days' +%FT%TZ)" --timeout "$(patient 1)" --from a@example.org \
      b@example.org <<<$'From: a@b.example\n\nhi'
    kill "$pid" 2>/dev/null || :
  done
}

@test "a client certificate is shown to a server that asks" {
  python3 - "$d" >"$d/asks.port" 3>&- <<'END' &
import socket, ssl, sys
d = sys.argv[1]
c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
c.load_cert_chain(d + "/good.pem", d + "/good.key")
c.verify_mode = ssl.CERT_REQUIRED
c.load_verify_locations(d + "/other.pem")
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
for i in range(5):
    k, _ = s.accept()
    try:
        k = c.wrap_socket(k, server_side=True)
        f = k.makefile("rwb")
        def say(t): f.write(t + b"\r\n"); f.flush()
        say(b"220 hi")
        while True:
            l = f.readline().strip().split(b" ")
            if l[0] == b"EHLO": say(b"250-mx\r\n250 AUTH PLAIN EXTERNAL")
            elif l[0] == b"AUTH": say(b"235 ok" if l[1:] == [b"EXTERNAL", b"bWU="] else b"535 no")
            elif l[0] == b"DATA":
                say(b"354 go")
                while f.readline() not in (b".\r\n", b""): pass
                say(b"250 ok")
            elif l[0] in (b"QUIT", b""): break
            else: say(b"250 ok")
    except OSError: pass
    k.close()
END
  pid=$!
  wait_for 10 test -s "$d/asks.port"
  port=$(cat "$d/asks.port")
  send() {
    msend --server "smtps://me@localhost:$port" --tls-ca "$d/ca.pem" --auth EXTERNAL \
      --from a@example.org "$@" b@example.org <<<$'From: a@b.example\n\nhi'
  }
  exits 0 send --tls-cert "$d/foreign.pem" --tls-key "$d/foreign.key"
  cat "$d/foreign.pem" "$d/foreign.key" >"$d/both.pem"
  exits 0 send --tls-cert "$d/both.pem"
  exits 78 send --tls-cert "$d/foreign.pem" --tls-key "$d/good.key"
  has "$err" 'does not belong to certificate'
  exits 66 send --tls-cert /nonexistent
  exits 64 send --tls-key "$d/good.key"
  run send --auth PLAIN --password-command 'echo x'
  [ "$status" -ne 0 ]
  wait "$pid"
}

@test "the second connection to a server is a short one" {
  python3 - "$d" >"$BATS_TEST_TMPDIR/told" 2>&1 3>&- <<'END' &
import socket, ssl, sys
d = sys.argv[1]
c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
c.load_cert_chain(d + "/good.pem", d + "/good.key")
s = socket.create_server(("127.0.0.1", 0))
s.settimeout(30)
print(s.getsockname()[1], flush=True)
for n in range(3):
    a, _ = s.accept()
    a.settimeout(30)
    t = c.wrap_socket(a, server_side=True)
    print("resumed" if t.session_reused else "whole", flush=True)
    f = t.makefile("rwb", buffering=0)
    f.write(b"220 hi\r\n")
    while (line := f.readline()) and not line.startswith(b"QUIT"):
        if line.startswith(b"DATA"):
            f.write(b"354 go\r\n")
            while f.readline() not in (b".\r\n", b""):
                pass
        f.write(b"250 ok\r\n")
    t.close()
END
  pid=$!
  echo "$pid" >>"$d/pids"
  wait_for 10 test -s "$BATS_TEST_TMPDIR/told"
  printf 'From a@example.org Tue Nov 24 00:00:00 2026\nFrom: a@example.org\n\nhi\n\n%.0s' \
    1 2 3 >"$BATS_TEST_TMPDIR/box"
  exits 0 msend --server "smtps://localhost:$(head -n 1 "$BATS_TEST_TMPDIR/told")" \
    --tls-ca "$d/ca.pem" --mail "$BATS_TEST_TMPDIR/box" --per-connection 1 -v \
    -f a@example.org b@example.org
  kill "$pid" 2>/dev/null || :
  [ "$(sed 1d "$BATS_TEST_TMPDIR/told" | xargs)" = 'whole resumed resumed' ]
  [ "$(grep -c 'verified, resumed' <<<"$err")" = 2 ]
}

@test "a login is bound to the certificate where TLS 1.2 has no better tie" {
  python3 - "$d" >"$BATS_TEST_TMPDIR/told" 2>&1 3>&- <<'END' &
import base64, hashlib, hmac, socket, ssl, sys
d = sys.argv[1]
c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
c.maximum_version = ssl.TLSVersion.TLSv1_2
c.options |= 1  # SSL_OP_NO_EXTENDED_MASTER_SECRET
c.load_cert_chain(d + "/good.pem", d + "/good.key")
der = ssl.PEM_cert_to_DER_cert(open(d + "/good.pem").read())
s = socket.create_server(("127.0.0.1", 0))
s.settimeout(30)
print(s.getsockname()[1], flush=True)
a, _ = s.accept()
a.settimeout(30)
f = c.wrap_socket(a, server_side=True).makefile("rwb", buffering=0)

def say(text):
    f.write(text.encode() + b"\r\n")

def challenge(text):
    say("334 " + base64.b64encode(text).decode())
    return base64.b64decode(f.readline())

say("220 hi")
f.readline()
say("250-hi")
say("250 AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN")
word, mechanism, first = f.readline().split()
print(mechanism.decode(), flush=True)
first = base64.b64decode(first)
flag, bare = first.split(b",,", 1)
print(flag.decode(), flush=True)
nonce = bare.split(b",r=")[1] + b"server"
second = b"r=" + nonce + b",s=" + base64.b64encode(b"salt") + b",i=4096"
final = challenge(second)
head, proof = final.rsplit(b",p=", 1)
tie = base64.b64decode(head.split(b",")[0][2:])
print("tied" if tie == flag + b",," + hashlib.sha256(der).digest() else "loose", flush=True)
salted = hashlib.pbkdf2_hmac("sha256", b"secret", b"salt", 4096)
mac = lambda k, m: hmac.new(k, m, "sha256").digest()
key = mac(salted, b"Client Key")
all_ = bare + b"," + second + b"," + head
want = bytes(x ^ y for x, y in zip(key, mac(hashlib.sha256(key).digest(), all_)))
print("right" if base64.b64decode(proof) == want else "wrong", flush=True)
signature = mac(mac(salted, b"Server Key"), all_)
challenge(b"v=" + base64.b64encode(signature))
say("235 in")
f.readline()
say("550 enough")
END
  pid=$!
  echo "$pid" >>"$d/pids"
  wait_for 10 test -s "$BATS_TEST_TMPDIR/told"
  exits 69 msend --server "smtps://localhost:$(head -n 1 "$BATS_TEST_TMPDIR/told")" \
    --tls-ca "$d/ca.pem" --user me --password-command 'echo secret' \
    -f a@example.org b@example.org <<<$'From: a@example.org\n\nhi'
  kill "$pid" 2>/dev/null || :
  [ "$(sed 1d "$BATS_TEST_TMPDIR/told" | xargs)" = \
    'SCRAM-SHA-256-PLUS p=tls-server-end-point tied right' ]
}
