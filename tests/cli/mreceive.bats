#!/usr/bin/env bats
# mreceive: sessions over --inetd and over the loopback address.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  pids=()
}

teardown() {
  local p
  for p in "${pids[@]}"; do kill "$p" 2>/dev/null && wait "$p"; done
  [ ! -d small ] || umount small 2>/dev/null
  return 0
}

# says LINE...: the lines with CRLF
says() { printf '%s\r\n' "$@"; }

# session ARG... < WIRE: one session over --inetd into m/; the codes of the
# replies are in $codes.
session() {
  exits 0 mreceive --inetd --maildir m --hostname mx.example.org "$@"
  replies
}

replies() {
  codes=$(printf '%s\n' "$out" | sed -n 's/^\([0-9]\{3\}\) .*/\1/p' | xargs)
}

# kept N: so many messages are in new, and nothing is left in tmp
kept() {
  [ "$(find m/new -type f | wc -l)" -eq "$1" ] &&
    [ "$(find m/tmp -type f | wc -l)" -eq 0 ]
}

# serve ARG...: a server in the background; $port, $pid, and its standard
# output in served
serve() {
  mreceive --print-port --hostname mx.example.org "$@" >served 2>served.err 3>&- &
  pid=$!
  pids+=("$pid")
  wait_for 10 test -s served
  port=$(head -n 1 served)
}

# client PYTHON: smtplib of Python talks to the server
client() {
  python3 -c "
import smtplib, ssl, sys
port = $port
body = b'Subject: hi\r\n\r\nbody\r\n'
def tls():
    return ssl.create_default_context(cafile='ca.pem')
$1"
}

@test "a message ends up in new, with its path on top and LF inside" {
  session < <(says 'EHLO client.example' 'MAIL FROM:<a@example.org>' \
    'RCPT TO:<b@example.net>' DATA 'Subject: hi' '' '..dot' '.' QUIT)
  [ "$codes" = '220 250 250 250 354 250 221' ]
  kept 1
  hasnt "$(cat m/new/*)" $'\r'
  has "$(sed -n 1p m/new/*)" 'Return-Path: <a@example.org>'
  has "$(sed -n 2p m/new/*)" 'Received: from client.example'
  has "$(sed -n 3p m/new/*)" 'by mx.example.org (mailtoolkit) with ESMTP'
  has "$(sed -n 4p m/new/*)" 'for <b@example.net>;'
  [ "$(sed -n '6,$p' m/new/*)" = $'Subject: hi\n\n.dot' ]
}

@test "several recipients are not told of each other" {
  session < <(says 'EHLO c' 'MAIL FROM:<>' 'RCPT TO:<b@example.net>' \
    'RCPT TO:<c@example.net>' DATA x . QUIT)
  hasnt "$(cat m/new/*)" example.net
  has "$(cat m/new/*)" 'Return-Path: <>'
}

@test "what it can do is announced, TLS and logins where they are" {
  local word
  session < <(says 'EHLO c' QUIT)
  for word in PIPELINING 'SIZE 52428800' 8BITMIME SMTPUTF8 ENHANCEDSTATUSCODES \
    CHUNKING BINARYMIME; do
    has "$out" "250?$word"
  done
  hasnt "$out" STARTTLS
  hasnt "$out" AUTH
  hasnt "$out" DSN
  session --tls-self-signed --size 1k < <(says 'EHLO c' QUIT)
  has "$out" 250-STARTTLS
  has "$out" 'SIZE 1024'
}

@test "BDAT: a message in chunks, dots as they are" {
  session < <(says 'EHLO c' 'MAIL FROM:<a@b>' 'RCPT TO:<c@d>' 'BDAT 16'
    printf 'Subject: hi\r\n\r\n.'
    says 'BDAT 5 LAST'
    printf '\r\nx\r\n'
    says QUIT)
  [ "$codes" = '220 250 250 250 250 250 221' ]
  kept 1
  [ "$(sed '1,/^Subject/d' m/new/*)" = $'\n.\nx' ]
}

@test "BINARYMIME: every octet as it came, and it must be BDAT" {
  printf 'Content-Transfer-Encoding: binary\r\n\r\n\n\0\r.\n' >body
  session < <(says 'EHLO c' 'MAIL FROM:<a@b> BODY=BINARYMIME' 'RCPT TO:<c@d>' \
    DATA "BDAT $(wc -c <body) LAST"
    cat body
    says QUIT)
  [ "$codes" = '220 250 250 250 503 250 221' ]
  kept 1
  tail -c "$(wc -c <body)" m/new/* | cmp - body
  grep -q $'^Return-Path: <a@b>\r$' m/new/*
}

@test "--dsn: what the sender wants to be told is checked and handed on" {
  # shellcheck disable=SC2016
  exits 0 mreceive --inetd --dsn --exec \
    'printf "%s|" "$DSN_ENVID" "$DSN_RET" "$DSN_NOTIFY" "$DSN_ORCPT" >env
     cat >body' < <(says 'EHLO c' 'MAIL FROM:<a@b> RET=hdrs ENVID=q+2B1' \
    'RCPT TO:<c@d> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;x+40y' \
    'RCPT TO:<n@d> NOTIFY=NEVER,DELAY' 'RCPT TO:<e@d>' DATA x . QUIT)
  replies
  [ "$codes" = '220 250 250 250 501 250 354 250 221' ]
  has "$out" 250-DSN
  [ "$(cat env)" = $'q+1|HDRS|SUCCESS,DELAY\n|rfc822;x@y\n|' ]
  serve --maildir m --dsn --json --once 1
  client '
s = smtplib.SMTP("127.0.0.1", port)
s.sendmail("a@example.org", ["b@example.org"], body,
    ["BODY=8BITMIME", "ENVID=q1"], ["NOTIFY=NEVER", "ORCPT=rfc822;o@example.org"])
s.quit()'
  wait_for 10 pid_gone "$pid"
  tail -n 1 served | schema mreceive
  [ "$(tail -n 1 served | jq -c '[.body, .dsn]')" = \
    '["8BITMIME",{"envid":"q1","ret":null,"recipients":[{"notify":"NEVER","orcpt":"rfc822;o@example.org"}]}]' ]
  grep -q '^Original-Recipient: rfc822;o@example.org$' m/new/*
  session < <(says 'EHLO c' 'MAIL FROM:<a@b> RET=HDRS' QUIT)
  [ "$codes" = '220 250 555 221' ]
}

@test "refused recipients, domains and relaying" {
  session --refuse nobody@example.org --refuse 'x@example.org=452 4.2.2 full' \
    --refuse '@bad.example=550 5.7.1 not that one' \
    --accept example.org --accept bad.example < <(says 'EHLO c' 'MAIL FROM:<a@b>' \
    'RCPT TO:<nobody@example.org>' 'RCPT TO:<NOBODY@Example.Org>' 'RCPT TO:<x@example.org>' \
    'RCPT TO:<any@bad.example>' 'RCPT TO:<a@elsewhere.example>' \
    'RCPT TO:<fine@example.org>' 'RCPT TO:<postmaster>' QUIT)
  [ "$codes" = '220 250 250 550 550 452 550 550 250 250 221' ]
  has "$out" '550 5.1.1 no such recipient here'
  has "$out" '452 4.2.2 full'
  has "$out" '550 5.7.1 not that one'
  has "$out" '550 5.7.1 this server does not relay'
}

@test "LMTP answers for each recipient" {
  session --lmtp --refuse no@d < <(says 'LHLO c' 'MAIL FROM:<a@b>' 'RCPT TO:<x@d>' \
    'RCPT TO:<no@d>' 'RCPT TO:<y@d>' DATA x . QUIT)
  [ "$codes" = '220 250 250 250 550 250 354 250 250 221' ]
  kept 1
  has "$(cat m/new/*)" 'with LMTP'
}

@test "smuggling: no bare CR or LF ends a message or passes one" {
  local end n=0
  # shellcheck disable=SC2059
  for end in '\n.\n' '\n.\r\n' '\r\n.\n' '\r.\r' '\r.\r\n' '\r\n.\r' '\n\n.\n' \
    '\r\n.\r\r\n' '\r\n\x00.\r\n\n' '\r\r\n.\r\n\n'; do
    rm -rf m
    session < <(says 'EHLO c' 'MAIL FROM:<a@b>' 'RCPT TO:<c@d>' DATA
      printf "x$end"
      says 'MAIL FROM:<evil@b>' 'RCPT TO:<c@d>' DATA evil . QUIT)
    [[ $codes = '220 250 250 250 354 550' ]] ||
      { echo "$n: $end: $codes" >&2; return 1; }
    has "$out" '550 5.6.0 bare'
    kept 0
    n=$((n + 1))
  done
  session < <(printf 'EHLO c\r\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\r\n')
  [ "$codes" = '220 250 521' ]
}

@test "a message over --size is refused, and the session goes on" {
  session --size 100 < <(says 'EHLO c' 'MAIL FROM:<a@b> SIZE=101' 'MAIL FROM:<a@b>' \
    'RCPT TO:<c@d>' DATA "$(printf '%0200d' 0)" . 'MAIL FROM:<a@b>' \
    'RCPT TO:<c@d>' DATA small . QUIT)
  [ "$codes" = '220 250 552 250 250 354 552 250 250 354 250 221' ]
  kept 1
}

@test "a connection that ends within a message leaves nothing, and says so" {
  says 'EHLO c' 'MAIL FROM:<a@b>' 'RCPT TO:<c@d>' DATA half >wire
  exits 75 mreceive --inetd --maildir m -v <wire
  kept 0
  has "$err" 'connection closed within a message'
}

@test "--exec: the exit status is the answer" {
  local row
  for row in 0:250 67:550 75:451 1:554 127:451; do
    exits 0 mreceive --inetd --exec "cat >got; exit ${row%:*}" < <(says 'EHLO c' \
      'MAIL FROM:<a@b>' 'RCPT TO:<c@d>' 'RCPT TO:<e@f>' DATA 'Subject: x' '' body . QUIT)
    replies
    [ "$codes" = "220 250 250 250 250 354 ${row#*:} 221" ]
    has "$(cat got)" $'Subject: x\n\nbody'
  done
  # One that does not read, and one that is killed.
  exits 0 mreceive --inetd --exec 'true' < <(says 'EHLO c' 'MAIL FROM:<a@b>' \
    'RCPT TO:<c@d>' DATA "$(printf '%070000d' 0)" . QUIT)
  has "$out" '250 2.0.0 message accepted'
  # shellcheck disable=SC2016
  exits 0 mreceive --inetd --exec 'kill -9 $$' < <(says 'EHLO c' 'MAIL FROM:<a@b>' \
    'RCPT TO:<c@d>' DATA x . QUIT)
  has "$out" '451 4.3.0'
}

@test "--exec: the command knows the envelope, the session not its output" {
  not_under_valgrind 'it does not know pidfd_open and says so among the output'
  # shellcheck disable=SC2016
  exits 0 mreceive --inetd --exec 'echo "250 evil"; echo "$SENDER"; echo "$RECIPIENTS"' < <(says \
    'EHLO c' 'MAIL FROM:<a@b>' 'RCPT TO:<c@d>' 'RCPT TO:<e@f>' DATA x . QUIT)
  hasnt "$out" evil
  [ "$err" = $'250 evil\na@b\nc@d\ne@f' ]
}

@test "STARTTLS, verified by another implementation" {
  need python3
  serve --maildir m --tls-self-signed --tls-cert-out ca.pem --json --once 1
  client "
s = smtplib.SMTP('localhost', port)
s.starttls(context=tls())
assert s.sendmail('a@example.org', ['b@example.net'], body) == {}
s.quit()"
  wait "$pid"
  kept 1
  has "$(cat m/new/*)" 'with ESMTPS'
  has "$(cat m/new/*)" TLSv1.3
  tail -n +2 served >json
  schema mreceive <json
  has "$(cat json)" '"tls":"TLSv1.3"'
  has "$(cat json)" "\"path\":\"$(echo m/new/*)\""
}

@test "implicit TLS and AUTH: wrong passwords, right ones, and the order" {
  need python3
  printf 'alice:se:cret\n' >users
  chmod 600 users
  serve --maildir m --tls-self-signed --tls-cert-out ca.pem --tls implicit \
    --auth users --auth-required --once 1 --json -vv
  client "
s = smtplib.SMTP_SSL('localhost', port, context=tls())
s.ehlo()
assert s.esmtp_features['auth'].split() == ['PLAIN', 'LOGIN'], s.esmtp_features
assert s.docmd('MAIL FROM:<a@b>')[0] == 530
for user, password in ('alice', 'wrong'), ('bob', 'se:cret'), ('alice', 'se'):
    try:
        s.login(user, password)
        sys.exit('let in: ' + user)
    except smtplib.SMTPAuthenticationError as e:
        assert e.smtp_code == 535, e
s.quit()
s = smtplib.SMTP_SSL('localhost', port, context=tls())
s.user, s.password = 'alice', 'se:cret'
s.ehlo()
assert s.auth('LOGIN', s.auth_login)[0] == 235
s.sendmail('a@example.org', ['b@example.net'], body)
s.quit()"
  wait "$pid"
  has "$(cat m/new/*)" 'with ESMTPSA'
  tail -n +2 served | schema mreceive
  has "$(cat served)" '"user":"alice"'
  # neither passwords nor what they are sent as are told with -vv
  hasnt "$(cat served.err)" cret
  hasnt "$(cat served.err)" "$(printf '\0alice\0se:cret' | base64)"
  hasnt "$(cat served.err)" "$(printf 'se:cret' | base64)"
}

@test "no login in the clear, no mail without one" {
  printf 'alice:secret\n' >users
  chmod 600 users
  session --tls-self-signed --auth users --auth-required < <(says 'EHLO c' \
    "AUTH PLAIN $(printf '\0alice\0secret' | base64)" 'MAIL FROM:<a@b>' QUIT)
  [ "$codes" = '220 250 538 530 221' ]
  hasnt "$out" AUTH
  chmod 644 users
  exits 78 mreceive --inetd --maildir m --tls-self-signed --auth users </dev/null
  one_line "$err"
  has "$err" 'chmod 600'
}

@test "what comes behind STARTTLS before its answer is refused" {
  session --tls-self-signed < <(says 'EHLO c' STARTTLS 'MAIL FROM:<evil@b>' QUIT)
  [ "$codes" = '220 250 554' ]
}

@test "many sessions at once: each message is there once" {
  need python3
  serve --maildir m --json --max-sessions 8
  client "
import threading
def work(n):
    s = smtplib.SMTP('127.0.0.1', port)
    for i in range(10):
        s.sendmail('a@b', ['c@d'], b'Subject: %d.%d\r\n\r\n' % (n, i))
    s.quit()
threads = [threading.Thread(target=work, args=(n,)) for n in range(20)]
for t in threads: t.start()
for t in threads: t.join()"
  kill "$pid"
  wait "$pid"
  kept 200
  [ "$(sed -n 's/^Subject: //p' m/new/* | sort -u | wc -l)" -eq 200 ]
  tail -n +2 served | schema mreceive
  [ "$(tail -n +2 served | wc -l)" -eq 200 ]
}

@test "SIGTERM: idle sessions get 421, a message under way is finished" {
  need python3
  serve --maildir m
  client "
import os, signal, time
idle = smtplib.SMTP('127.0.0.1', port)
busy = smtplib.SMTP('127.0.0.1', port)
for line in 'EHLO c', 'MAIL FROM:<a@b>', 'RCPT TO:<c@d>', 'DATA':
    busy.docmd(line)
os.kill($pid, signal.SIGTERM)
assert idle.getreply()[0] == 421
busy.send(b'x\r\n.\r\n')
assert busy.getreply()[0] == 250
assert busy.getreply()[0] == 421"
  wait "$pid"
  kept 1
}

@test "kill -9 within a message leaves nothing in new" {
  need python3
  serve --maildir m
  client "
import os, signal, time
s = smtplib.SMTP('127.0.0.1', port)
for line in 'EHLO c', 'MAIL FROM:<a@b>', 'RCPT TO:<c@d>', 'DATA':
    s.docmd(line)
s.send(b'x' * 200000 + b'\r\n')
while not os.listdir('m/tmp'): time.sleep(0.01)
os.kill($pid, signal.SIGKILL)"
  wait "$pid" || true
  [ -z "$(ls m/new)" ]
}

@test "a unix socket, and a dead one left behind" {
  need python3
  local i
  for i in 1 2; do
    serve --maildir m --lmtp --listen "$PWD/sock"
    wait_for 10 test -S sock
    python3 -c "
import smtplib
s = smtplib.LMTP('$PWD/sock')
s.sendmail('a@b', ['c@d'], b'x\r\n')
s.quit()"
    if [ "$i" = 1 ]; then kill -9 "$pid"; else kill "$pid"; fi
    wait "$pid" || true
    : >served
  done
  kept 2
  [ ! -e sock ]
}

@test "silence is ended after --timeout" {
  mkfifo quiet
  sleep 30 >quiet 3>&- &
  pids+=($!)
  exits 75 mreceive --inetd --maildir m --timeout 200ms <quiet
  has "$out" '421 4.4.2'
}

@test "what is wrong is said in one line, with its status" {
  local row
  : >empty
  printf 'no colon\n' >nocolon
  chmod 600 nocolon
  while IFS='|' read -r status words args; do
    # shellcheck disable=SC2086
    exits "$status" mreceive $args </dev/null
    one_line "$err" || { echo "$args" >&2; return 1; }
    has "$err" "$words"
  done <<'ROWS'
64|give one of --maildir DIR and --exec COMMAND|
64|give one of --maildir DIR and --exec COMMAND|--maildir m --exec true
64|no operands are taken: 'x'|--maildir m x
64|--no-such-option|--maildir m --no-such-option
64|--inetd goes without|--maildir m --inetd --print-port
64|--inetd and --json|--maildir m --inetd --json
64|go together|--maildir m --tls-cert x
64|needs --tls-self-signed|--maildir m --tls implicit
64|needs --tls-self-signed|--maildir m --tls-cert-out x
64|--auth needs TLS|--maildir m --auth empty
64|--auth-required needs|--maildir m --auth-required
64|no address in 'nobody'|--maildir m --refuse nobody
64|from 400 to 599: '250'|--maildir m --refuse a@b=250
64|'a..b'|--maildir m --accept a..b
64|port 'smtp'|--maildir m --listen localhost:smtp
66|cannot read certificate|--maildir m --tls-cert nosuch --tls-key nosuch
78|is not usable|--maildir m --tls-cert empty --tls-key empty
78|line 1 of 'nocolon'|--maildir m --tls-self-signed --auth nocolon
73|empty|--maildir empty/m
73|cannot listen on 192.0.2.1:25|--maildir m --listen 192.0.2.1:25
ROWS
  exits 64 mreceive --maildir m --refuse 'a@b=550 4.1.1 x'
  has "$err" 'same digit'
}

@test "garbage, an empty file and a directory as a session" {
  head -c 20000 /dev/urandom | tr '\n' x | tr '\r' x >garbage
  printf '\r\n' >>garbage
  exits 0 mreceive --inetd --maildir m <garbage
  has "$out" '500 5.5.2'
  exits 0 mreceive --inetd --maildir m </dev/null
  [ "$(printf '%s\n' "$out" | wc -l)" -eq 1 ]
  exits 66 mreceive --inetd --maildir m </
  one_line "$err"
  exits 66 mreceive --inetd --maildir m <&-
  one_line "$err"
  kept 0
}

@test "standard output that is full or closed" {
  local got=0
  mreceive --maildir m --print-port >/dev/full 2>err || got=$?
  [ "$got" -eq 74 ]
  one_line "$(cat err)"
}

@test "a disk that is full: 452, and nothing is left" {
  [ "$(id -u)" = 0 ] || missing 'not root: no small file system can be mounted'
  mkdir small
  mount -t tmpfs -o size=64k tmpfs small 2>/dev/null || missing 'no tmpfs can be mounted'
  exits 0 mreceive --inetd --maildir small/m < <(says 'EHLO c' 'MAIL FROM:<a@b>' \
    'RCPT TO:<c@d>' DATA "$(printf '%0100000d' 0)" . 'MAIL FROM:<a@b>' \
    'RCPT TO:<c@d>' DATA small . QUIT)
  replies
  local left
  left=$(find small/m/new small/m/tmp -type f | wc -l)
  [ "$codes" = '220 250 250 250 354 452 250 250 354 250 221' ]
  [ "$left" -eq 1 ]
  one_line "$err"
  has "$err" 'No space left on device'
}

@test "values that mean nothing are usage errors" {
  local o
  for o in accept refuse auth hostname listen tls-cert; do
    usage "--$o: nothing is no value" mreceive --maildir m "--$o="
  done
  for o in once max-sessions max-recipients size; do
    usage "--$o: " mreceive --maildir m "--$o" 0
  done
  [ ! -e m ]
}
