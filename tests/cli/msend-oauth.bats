#!/usr/bin/env bats
# --oauth: tokens from the cache, refreshed, or by a person's consent, from a
# small server of tokens.
# SPDX-License-Identifier: MIT
load ../lib/helper

setup() {
  need openssl python3 jq || return
  cd "$BATS_TEST_TMPDIR" || return
  export HOME=$PWD XDG_STATE_HOME=$PWD/state
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
    -subj /CN=x -addext subjectAltName=DNS:login.example -keyout key.pem \
    -out cert.pem 2>/dev/null
  echo 'login.example. A 127.0.0.1' >zone
  : >asked
  python3 - >port 3>&- <<'END' &
import http.server, json, ssl, urllib.parse
class H(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        form = {k: v[0] for k, v in form.items()}
        with open("asked", "a") as f: print(self.path, json.dumps(form, sort_keys=True), file=f)
        status, answer = 200, None
        if self.path == "/device":
            answer = dict(device_code="dev 1", user_code="WDJB-MJHT", interval=1,
                verification_uri="https://login.example/device", expires_in="2")
        elif form["grant_type"] == "refresh_token":
            good = form["refresh_token"] == "r&1"
            answer = dict(access_token="tok2", expires_in=3600, token_type="Bearer") if good \
                else dict(error="invalid_grant")
        else:
            answer = json.load(open("device"))
            if answer.get("error") == "authorization_pending":
                json.dump(dict(access_token="tok2", refresh_token="r&1", expires_in=3600), open("device", "w"))
        if "error" in answer: status = 400
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *a): pass
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), H)
c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
c.load_cert_chain("cert.pem", "key.pem")
s.socket = c.wrap_socket(s.socket, server_side=True)
print(s.server_address[1], flush=True)
s.serve_forever()
END
  server=$!
  wait_for 10 test -s port
  profile "https://login.example:$(cat port)"
}

teardown() { kill "$server" 2>/dev/null || :; }

# profile URL
profile() {
  cat >accounts <<C
[oauth:work]
client-id = me & co
client-secret = s+1
token-url = $1/token
device-url = $1/device
scope = mail smtp
C
  chmod 600 accounts
}

# cache REFRESH_TOKEN: an access token that holds no more
cache() {
  mkdir -p state/mailtoolkit
  printf '{"access_token":"tok1","refresh_token":"%s","expires":1000}' "$1" \
    >state/mailtoolkit/oauth-work.json
  chmod 600 state/mailtoolkit/oauth-work.json
}

# send STATUS: over a server that wants tok2
send() {
  exits "$1" play "$top_srcdir/tests/play/oauth/token.play" -- msend --config accounts \
    --oauth work --zone zone --tls-ca cert.pem --server 'smtp://me@127.0.0.1:{PORT}'
}

# fail STATUS: it does not come to a connection
fail() {
  exits "$1" msend --config accounts --oauth "${2:-work}" --zone zone --tls-ca cert.pem \
    --server smtp://me@127.0.0.1:9 --from a@example.org b@example.org <<<$'From: a@b.example\n\nhi'
  one_line "$err"
}

@test "a token is refreshed once, kept, and used while it holds" {
  cache 'r&1'
  send 0
  [ "$(cat asked)" = '/token {"client_id": "me & co", "client_secret": "s+1", "grant_type": "refresh_token", "refresh_token": "r&1"}' ]
  [ "$(stat -c %a state/mailtoolkit/oauth-work.json)" = 600 ]
  [ "$(jq -r '.access_token, .refresh_token' state/mailtoolkit/oauth-work.json | xargs -d'\n')" = 'tok2 r&1' ]
  send 0
  [ "$(wc -l <asked)" -eq 1 ]
}

@test "of several at once, one asks" {
  cache 'r&1'
  pids=
  for _ in 1 2 3 4; do
    play "$top_srcdir/tests/play/oauth/token.play" -- msend --config accounts \
      --oauth work --zone zone --tls-ca cert.pem --server 'smtp://me@127.0.0.1:{PORT}' 3>&- &
    pids="$pids $!"
  done
  for p in $pids; do wait "$p"; done
  [ "$(wc -l <asked)" -eq 1 ]
}

# at_terminal: msend with a terminal as standard error; what it wrote in $out
at_terminal() {
  exits 0 python3 - <<'END'
import os, pty, sys
args = ["msend", "--config", "accounts", "--oauth", "work", "--zone", "zone", "--tls-ca",
    "cert.pem", "--server", "smtp://me@127.0.0.1:9", "--from", "a@example.org", "b@example.org"]
open("letter", "w").write("From: a@b.example\n\nhi")
pid, fd = pty.fork()
if pid == 0:
    os.dup2(os.open("letter", os.O_RDONLY), 0)
    os.execvp(args[0], args)
text = b""
while True:
    try: got = os.read(fd, 1000)
    except OSError: break
    if not got: break
    text += got
sys.stdout.write(text.decode())
END
}

@test "a person agrees elsewhere" {
  echo '{"error": "authorization_pending"}' >device
  at_terminal
  has "$out" 'to log in, open https://login.example/device and enter the code WDJB-MJHT'
  [ "$(cut -d' ' -f1 asked | xargs)" = '/device /token /token' ]
  has "$(cat asked)" '/device {"client_id": "me & co", "scope": "mail smtp"}'
  has "$(cat asked)" '"device_code": "dev 1", "grant_type": "urn:ietf:params:oauth:grant-type:device_code"'
  # and from now on nobody is needed
  send 0
  [ "$(wc -l <asked)" -eq 3 ]
}

@test "a person who does not agree, or not in time" {
  cache gone
  echo '{"error": "access_denied", "error_description": "no\u0007"}' >device
  at_terminal
  has "$out" "'work' refused: access_denied"
  : >asked
  echo '{"error": "slow_down"}' >device
  at_terminal
  has "$out" 'nobody agreed in time'
}

@test "what goes wrong: nobody there, no server, no profile, an open file" {
  cache gone
  fail 77
  has "$err" 'run this once at a terminal'
  profile https://login.example:9
  cache 'r&1'
  fail 75
  profile http://login.example:9
  fail 65
  fail 78 other
  has "$err" '[oauth:other]'
  fail 64 ../work
  chmod 644 accounts
  fail 78
  has "$err" 'chmod 600'
}
