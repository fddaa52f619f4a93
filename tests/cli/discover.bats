#!/usr/bin/env bats
# --server auto: servers that a domain names, by SRV and by autoconfig, all of
# it on loopback with master files as DNS.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup_file() {
  need openssl python3 || return
  cd "$BATS_FILE_TMPDIR" || return
  printf 'me@localhost:secret\nme:secret\n' >logins && chmod 600 logins
  mreceive --print-port --maildir m --hostname localhost --tls starttls \
    --tls-self-signed --tls-cert-out ca.pem --auth logins --auth-required \
    >port 2>mreceive.err 3>&- &
  echo $! >pids
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
    -subj /CN=x -addext subjectAltName=DNS:autoconfig.localhost,DNS:localhost \
    -keyout web.key -out web.pem 2>/dev/null
  wait_for 10 test -s port
  port=$(head -n 1 port)
  printf '%s\n' 'From: me@localhost' 'To: bob@example.org' '' text >mail
  # a web server with two files
  mkdir -p web/mail web/.well-known/autoconfig/mail
  file localhost "$port" STARTTLS '%EMAILLOCALPART%' >web/mail/config-v1.1.xml
  file elsewhere.example 465 SSL '%EMAILADDRESS%' \
    >web/.well-known/autoconfig/mail/config-v1.1.xml
  python3 - >https 2>https.err 3>&- <<'END' &
import http.server, os, ssl
class H(http.server.SimpleHTTPRequestHandler):
    def __init__(self, *a): super().__init__(*a, directory="web")
    def do_GET(self):
        name = self.headers["Host"].split(":")[0]
        if self.path.startswith("/mail/") != name.startswith("autoconfig."):
            return self.send_error(404)
        super().do_GET()
s = http.server.ThreadingHTTPServer(("127.0.0.5", 0), H)
c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
c.load_cert_chain("web.pem", "web.key")
s.socket = c.wrap_socket(s.socket, server_side=True)
print(s.server_address[1], flush=True)
s.serve_forever()
END
  echo $! >>pids
  wait_for 10 test -s https
  https=$(head -n 1 https)
  export d=$PWD port https
}

teardown_file() {
  [ ! -e "$BATS_FILE_TMPDIR/pids" ] || xargs kill <"$BATS_FILE_TMPDIR/pids" || :
}

setup() {
  export HOME=$BATS_TEST_TMPDIR
  cd "$BATS_TEST_TMPDIR" || return
}

# file HOST PORT SOCKET USER
file() {
  cat <<END
<?xml version="1.0"?>
<clientConfig version="1.1"><emailProvider id="x"><outgoingServer type="smtp">
<hostname>$1</hostname><port>$2</port><socketType>$3</socketType>
<username>$4</username></outgoingServer>
<incomingServer type="imap"><hostname>$1</hostname><port>3</port>
<socketType>SSL</socketType><username>$4</username></incomingServer>
</emailProvider></clientConfig>
END
}

# send STATUS OPTION...: with the records on standard input; errors in $err
send() {
  local status=$1
  shift
  cat >zone
  exits "$status" msend -v --zone zone --tls-ca "$d/ca.pem" --helo me.test \
    --password-command 'echo secret' "$@" b@example.org <"$d/mail"
}

@test "SRV: the server is found, verified, logged in to" {
  send 0 --server auto <<<"_submission._tcp.localhost. SRV 0 1 $port localhost."
  has "$err" "found smtp+tls://localhost:$port for 'me@localhost' by SRV"
  has "$err" "sent to b@example.org by localhost:$port"
  # that of another address, of --from with --mail; the next one by priority
  send 0 --server auto:me@localhost --mail "$d/mail" <<END
_submissions._tcp.localhost. SRV 5 1 1 localhost.
_submission._tcp.localhost. SRV 9 1 $port localhost.
END
  send 64 --server auto --mail "$d/mail" <<<'x. A 127.0.0.1'
  has "$err" '--from ADDRESS'
}

@test "SRV: priority, then TLS from the first octet; dry run" {
  send 0 --server auto --dry-run <<END
_submission._tcp.localhost. SRV 1 1 587 b.localhost.
_submissions._tcp.localhost. SRV 1 1 465 c.localhost.
_submissions._tcp.localhost. SRV 0 1 465 a.localhost.
_submission._tcp.localhost. SRV 0 1 0 none.localhost.
END
  [ "$(sed -n 's/^server: \([^,]*\),.*/\1/p' <<<"$out" | xargs)" = \
    'a.localhost:465 c.localhost:465 b.localhost:587' ]
  has "$out" "login: as 'me@localhost'"
  # by weight: 0 hardly ever comes before 65535
  for i in 1 2 3 4 5 6; do
    send 0 --server auto --dry-run <<END
_submissions._tcp.localhost. SRV 0 0 465 light.localhost.
_submissions._tcp.localhost. SRV 0 65535 465 heavy.localhost.
END
    sed -n 's/^server: \([^,]*\),.*/\1/p' <<<"$out" | head -n 1 >>first
  done
  [ "$(grep -c heavy first)" -ge 5 ]
}

@test "SRV: another domain's server needs DNSSEC, or a person" {
  send 78 --server auto --dry-run <<<'_submissions._tcp.localhost. SRV 0 1 465 mx.evil.example.'
  has "$err" "names smtps://mx.evil.example:465"
  send 0 --server auto --dry-run <<END
;@ SECURE
_submissions._tcp.localhost. SRV 0 1 465 mx.provider.example.
END
  has "$out" 'server: mx.provider.example:465'
  send 68 --server auto <<<'_submissions._tcp.localhost. SRV 0 0 0 .'
  has "$err" 'no such service'
  send 68 --server auto <<<'x.localhost. A 127.0.0.1'
  has "$err" 'does not tell its mail servers'
  send 75 --server auto <<END
;@ SERVFAIL _submission._tcp.localhost. SRV
x.localhost. A 127.0.0.1
END
  # less TLS is not to be had
  send 64 --server auto --tls=may --dry-run <<<'_submission._tcp.localhost. SRV 0 1 587 localhost.'
  send 64 --server auto:nobody <<<'x. A 127.0.0.1'
}

@test "autoconfig: at its own host, else at the domain's; its certificate counts" {
  cat "$d/ca.pem" "$d/web.pem" >both.pem
  send 0 --server auto --https-port "$https" --tls-ca both.pem <<<'autoconfig.localhost. A 127.0.0.5'
  has "$err" "found smtp+tls://localhost:$port for 'me@localhost' by https://autoconfig.localhost/mail/config-v1.1.xml"
  has "$err" 'sent to b@example.org'
  send 68 --server auto --https-port "$https" <<<'autoconfig.localhost. A 127.0.0.5'
  send 68 --server auto --https-port "$https" --tls-ca both.pem <<<'localhost. A 127.0.0.5'
  has "$err" "found smtps://elsewhere.example:465"
  has "$err" "elsewhere.example"
}

@test "mfetch finds IMAP and POP3" {
  cat >zone <<END
_imap._tcp.localhost. SRV 0 1 1 localhost.
_pop3s._tcp.localhost. SRV 0 1 2 localhost.
_imaps._tcp.localhost. SRV 9 1 3 localhost.
_pop3s._tcp.example.org. SRV 0 1 4 mx.evil.example.
END
  exits 75 mfetch -v --zone zone --password-command 'echo x' auto:me@localhost
  has "$err" 'found imap+tls://localhost:1 '
  has "$err" 'localhost:1'
  exits 75 mfetch -v --zone zone --password-command 'echo x' --user me@localhost auto
  exits 78 mfetch --zone zone --password-command 'echo x' auto:me@example.org
  has "$err" 'pop3s://mx.evil.example:4'
  exits 64 mfetch --zone zone auto
  one_line "$err"
}

# pop3s: a server with one message, its port in "served"
pop3s() {
  python3 - "$d" >served 2>pop3s.err 3>&- <<'END' &
import socket, ssl, sys
d = sys.argv[1]
c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
c.load_cert_chain(d + "/web.pem", d + "/web.key")
s = socket.create_server(("127.0.0.1", 0))
s.settimeout(60)
print(s.getsockname()[1], flush=True)
for n in range(3):
    try:
        a, _ = s.accept()
        a.settimeout(60)
        f = c.wrap_socket(a, server_side=True).makefile("rwb", buffering=0)
        f.write(b"+OK hi\r\n")
        while line := f.readline():
            word = line.split()[0].upper()
            f.write({b"STAT": b"+OK 1 20\r\n", b"LIST": b"+OK\r\n1 20\r\n.\r\n",
                     b"UIDL": b"+OK\r\n1 abc\r\n.\r\n", b"CAPA": b"-ERR\r\n",
                     b"RETR": b"+OK\r\nSubject: x\r\n\r\nhi\r\n.\r\n"}.get(word, b"+OK\r\n"))
            if word == b"QUIT":
                break
    except OSError:
        pass
END
  pid=$!
  echo "$pid" >>"$d/pids"
  wait_for 10 test -s served
}

@test "mfetch tries the servers in their order, and knows what came from any" {
  local url=auto:me@localhost fetch
  fetch=(mfetch --zone zone --tls-ca "$d/web.pem" --password-command 'echo x'
    --to "maildir:$PWD/m" "$url")
  pop3s
  cat >zone <<END
_pop3s._tcp.localhost. SRV 0 1 1 localhost.
_pop3s._tcp.localhost. SRV 1 1 $(cat served) localhost.
_pop3s._tcp.localhost. SRV 2 1 2 localhost.
_imaps._tcp.localhost. SRV 3 1 3 localhost.
END
  exits 0 "${fetch[@]}"
  has "$err" 'localhost:1'
  has "$err" 'the next server is tried'
  one_line "$err"
  [ "$(find m/new -type f | wc -l)" = 1 ]
  # now by the other road
  sed -i '/SRV 0/d' zone
  exits 0 "${fetch[@]}"
  [ -z "$err" ]
  [ "$(find m/new -type f | wc -l)" = 1 ]
  # none is left: the last one's error counts, no other protocol is tried
  kill "$pid"
  sed -i "s/ $(cat served) localhost/ 4 localhost/" zone
  exits 75 "${fetch[@]}"
  [ "$(grep -c 'the next server is tried' <<<"$err")" = 1 ]
  has "$(tail -n 1 <<<"$err")" 'localhost:2'
  hasnt "$err" 'localhost:3'
}

@test "mfetch: autoconfig, where SRV names nothing" {
  cat >zone <<'END'
localhost. A 127.0.0.1
autoconfig.localhost. A 127.0.0.5
END
  exits 75 mfetch -v --zone zone --tls-ca "$d/web.pem" --https-port "$https" \
    --password-command 'echo x' auto:me@localhost
  has "$err" 'found imaps://localhost:3 for '
  has "$err" 'by https://autoconfig.localhost'
}
