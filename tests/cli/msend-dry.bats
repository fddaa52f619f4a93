#!/usr/bin/env bats
# msend --dry-run: what would be sent, and how, without a connection.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() {
  need jq || return
  cd "$BATS_TEST_TMPDIR" || return
  export HOME=$PWD XDG_CACHE_HOME=$PWD/cache
  printf '%s\n' 'From: Me <me@example.org>' 'To: bob@example.net' \
    'Bcc: eve@example.com' 'Subject: hi' \
    'Date: Tue, 24 Nov 2026 00:00:00 +0000' 'Message-ID: <1@example.org>' '' \
    'text' '.dot' >mail
}

teardown() {
  [ ! -e pid ] || kill "$(cat pid)" 2>/dev/null || :
}

# dry STATUS OPTION...: the facts are in $out, the octets of the first
# transaction in the file octets
dry() {
  local status=$1
  shift
  exits "$status" msend --dry-run --json --helo me.test "$@" <mail
  schema msend <<<"$out"
  head -n 1 <<<"$out" | jq -r '.octets // empty' | base64 -d >octets
}

# got KEY...: those of the first transaction
got() { head -n 1 <<<"$out" | jq -r "[$1] | map(tostring) | join(\" \")"; }

@test "the octets are those a server gets" {
  mreceive --print-port --maildir m --hostname mx.test --tls off >port \
    2>mreceive.err 3>&- &
  echo $! >pid
  wait_for 10 test -s port
  server="smtp://127.0.0.1:$(head -n 1 port)"
  exits 0 msend --server "$server" --tls=off --no-chunking --helo me.test -t \
    --transcript said <mail
  dry 0 --server "$server" --tls=off -t --no-chunking
  # mreceive offers less than is assumed: the envelope's parameters differ
  [ "$(grep -c '^C: ' said)" = "$(grep -cE '^(EHLO|MAIL|RCPT|DATA|QUIT|\.'$'\r'')' octets)" ]
  sed -n '/^DATA/,/^\.\r$/p' octets | sed '1d;$d' | sed 's/^\.\./\./' | tr -d '\r' >sent
  sed -n '/^From: Me/,$p' m/new/* | diff sent -
  [ "$(find m/new -type f | wc -l)" = 1 ]
}

@test "no server is asked, no password, and Bcc does not leave" {
  dry 0 -t --server smtp+tls://me@localhost:1 --server smtps://spare.test \
    --password-command 'touch asked'
  [ ! -e asked ]
  [ "$(got '.asked, .from, (.rcpts | join(",")), .size, .letters')" = \
    "null me@example.org bob@example.net,eve@example.com $(grep -v ^Bcc mail | sed 's/$/\r/' | wc -c) ascii" ]
  [ "$(got '.servers[] | .server, .tls, .implicit_tls, .verified_by')" = \
    'localhost:1 verify false pkix spare.test:465 verify true pkix' ]
  [ "$(got '.servers[0].login | .user, .secret')" = 'me password-command' ]
  has "$(got '.servers[0].login.mechanisms')" 'SCRAM-SHA-256 SCRAM-SHA-1 PLAIN'
  hasnt "$(cat octets)" eve@example.com$'\n'
  has "$(cat octets)" "BDAT $(got .size) LAST"
}

@test "what the message asks for stands in its commands" {
  dry 0 --server lmtp:/nowhere/sock --no-chunking --dsn=failure --priority 3 \
    -f '<>' 'jürgen@example.net'
  [ "$(got '.servers[0] | .protocol, .tls, .login')" = 'lmtp off null' ]
  [ "$(got .letters)" = utf8 ]
  has "$(cat octets)" 'LHLO me.test'
  has "$(cat octets)" 'MAIL FROM:<> SIZE='
  has "$(cat octets)" ' SMTPUTF8 MT-PRIORITY=3'
  has "$(cat octets)" 'RCPT TO:<jürgen@example.net> NOTIFY=FAILURE'
  has "$(cat octets)" $'\n..dot\r\n.\r\n'
  # without a way to be sure of the server
  dry 76 --server smtp://mx.test --tls=must --require-tls b@example.net
  [ "$(tail -n 1 <<<"$out" | jq -r .enhanced)" = 5.7.10 ]
  dry 0 --server smtp://mx.test --require-tls b@example.net
  has "$(cat octets)" ' REQUIRETLS'
}

@test "--mx: each domain's servers from DNS; policies are not fetched" {
  cat >zone <<'END'
a.example. MX 10 mx.a.example.
a.example. MX 20 spare.a.example.
mx.a.example. A 127.0.0.9
spare.a.example. A 127.0.0.9
;@ SECURE
b.example. MX 10 mx.b.example.
mx.b.example. A 127.0.0.9
_25._tcp.mx.b.example. TLSA 3 1 1 d94a41b8c1e1ee2e4b9a60e4f17e3f4d9c2f9d5b1e0b6a1a2c3d4e5f60718293
c.example. MX 10 mx.c.example.
mx.c.example. A 127.0.0.9
_mta-sts.c.example. TXT "v=STSv1; id=1"
mta-sts.c.example. A 127.0.0.9
null.example. MX 0 .
END
  dry 67 --mx --zone zone x@a.example y@null.example x@b.example z@a.example \
    x@c.example
  [ "$(jq -r 'select(.dry_run) | [.asked, (.rcpts | join(",")), (.servers[] |
    .server, .tls, .verified_by, .policy_unread)] | map(tostring) | join(" ")' \
    <<<"$out")" = \
    'files x@a.example,z@a.example mx.a.example:25 may null false spare.a.example:25 may null false
files x@b.example mx.b.example:25 must dane false
files x@c.example mx.c.example:25 may null true' ]
  [ "$(jq -r 'select(.outcome) | .rcpt + " " + .enhanced' <<<"$out")" = \
    'y@null.example 5.1.10' ]
}

@test "as text: decisions, an empty line, the octets" {
  exits 0 msend --dry-run --server smtps://mx.test --helo me.test \
    -f a@example.org b@example.net <mail
  has "$out" 'dry run: no connection is opened'
  has "$out" 'server: mx.test:465, SMTP, TLS from the first octet, verified by pkix'
  [ "$(sed '1,/^$/d;/^QUIT/q' <<<"$out" | head -n 1)" = $'EHLO me.test\r' ]
  [ "${out: -5}" = $'QUIT\r' ]
  # one block after the other
  mkdir -p box && cp mail box/1.eml && cp mail box/2.eml
  exits 0 msend --dry-run --server smtps://mx.test --connections 4 --mail box \
    b@example.net
  [ "$(grep -c '^message: [12],' <<<"$out")" = 2 ]
  [ "$(grep -c '^dry run' <<<"$out")" = 2 ]
}

@test "nothing is noted; what contradicts it is refused; a full disk is told" {
  exits 64 msend --dry-run --server smtps://mx.test --journal j b@example.net <mail
  one_line "$err"
  [ ! -e j ]
  exits 64 msend --dry-run --print --server smtps://mx.test b@example.net <mail
  [ ! -e "$XDG_CACHE_HOME" ]
  exits 64 msend --dry-run b@example.net <mail
  has "$err" 'no server'
  exits 65 msend --dry-run --server smtps://mx.test b@example.net \
    <<<$'From: a@example.org\r\n\r\nbad\rCR'
  exits 74 bash -c 'msend --dry-run --server smtps://mx.test b@example.net \
    <mail >/dev/full'
  has "$err" 'No space left'
}

@test "memory is flat, however large the message that is taken" {
  not_under_valgrind 'the memory is its own'
  local small r
  printf 'From: ann@ex.test\nTo: bob@ex.test\n\n%s\n' hi >short
  { cat short
    yes 'A line of a letter that has very many of them.' | head -c 30000000; } \
    >long
  send=(msend --dry-run --server smtp://192.0.2.1 -f ann@ex.test bob@ex.test)
  small=$(rss "${send[@]}" <short)
  for r in "$(rss "${send[@]}" <long)" \
    "$(rss "${send[@]}" < <(cat long))" \
    "$(rss "${send[@]}" --mail long)"; do
    [ "$r" -lt $((small + 4096)) ]
  done
  [ "$("${send[@]}" <long | wc -c)" -gt 30000000 ]
}
