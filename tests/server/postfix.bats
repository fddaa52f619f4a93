#!/usr/bin/env bats
# A real Postfix between msend and mreceive: SMTP with STARTTLS and PIPELINING
# in, LMTP out, and a Maildir at the end.
# SPDX-License-Identifier: MIT

load ../lib/helper
load postfix

setup() {
  need postfix openssl python3
  cd "$BATS_TEST_TMPDIR" || return
  mreceive --lmtp --maildir m --print-port --hostname store.example.net \
    --tls-self-signed --refuse 'full@example.net=552 5.2.2 mailbox full' \
    --json >served 2>served.err 3>&- &
  receiver=$!
  wait_for 10 test -s served
  # Postfix's own user must get there, which bats' directory does not allow.
  postfix=$(mktemp -d "${TMPDIR:-/tmp}/postfix-XXXXXX")
  start_postfix "$postfix" "$(head -n 1 served)"
}

teardown() {
  stop_postfix
  [ -z "${postfix:-}" ] || rm -rf "$postfix"
  [ -z "${receiver:-}" ] || { kill "$receiver" 2>/dev/null && wait "$receiver"; }
  return 0
}

arrived() { [ "$(find m/new -type f 2>/dev/null | wc -l)" -ge "$1" ]; }

# send RECIPIENT...: one message by msend over verified STARTTLS
send() {
  printf 'From: a@example.org\nSubject: hi\n\nbody\n.\nend\n' |
    msend --server "smtp://localhost:$postfix_port" --tls verify \
      --tls-ca "$postfix/cert.pem" --from a@example.org "$@"
}

# logged WORDS: the log of Postfix has a line with them
logged() { grep -q -- "$1" "$postfix/log"; }

@test "Postfix delivers by LMTP over TLS into the Maildir" {
  python3 -c "
import smtplib
s = smtplib.SMTP('127.0.0.1', $postfix_port)
s.sendmail('a@example.org', ['alice@example.net', 'bob@example.net'],
    b'Subject: hi\\r\\n\\r\\n..dots\\r\\n.\\r\\n' + b'x' * 900 + b'\\r\\n')
s.quit()"
  wait_for 15 arrived 1
  grep -q 'with LMTPS$' m/new/*
  grep -qx '\.\.dots' m/new/*
  wait_for 10 logged 'status=sent (250 2.0.0 message accepted)'
  tail -n +2 served | schema mreceive
  has "$(tail -n +2 served)" '"tls":"TLSv1.3"'
}

@test "the pipe that mbounce-parse(1) shows fills a list" {
  # as it stands there, but for the places of the list and of the programs:
  # Postfix looks for those in /usr/bin and /bin alone
  sed -n '/^bounces unix/,/^\.Ed/p' "$top_srcdir/man/mbounce-parse.1" |
    sed "/^\.Ed/d; s|/var/lib/bounces|$postfix/bounces|
      s|mbounce-parse|$postfix/bin/&|; s|msuppress|$postfix/bin/&|" \
      >>"$postfix/etc/master.cf"
  maps=$(sed -n 's/^transport_maps = //p' "$top_srcdir/man/mbounce-parse.1")
  install -d -o mail "$postfix/bounces" "$postfix/bin"
  cp "$(command -v mbounce-parse)" "$(command -v msuppress)" "$postfix/bin"
  /usr/sbin/postconf -c "$postfix_dir" -e "transport_maps = $maps" \
    'virtual_mailbox_maps = inline:{ {bounces@example.net=x} }'
  /usr/sbin/postfix -c "$postfix_dir" reload </dev/null >/dev/null 2>&1 3>&-
  printf '%s\n' 'From: MAILER-DAEMON@mx.example.com' 'Subject: failed' \
    'Content-Type: multipart/report; boundary=b' '' --b \
    'Content-Type: message/delivery-status' '' \
    'Final-Recipient: rfc822; gone@example.com' 'Action: failed' \
    'Status: 5.1.1' '' --b-- |
    msend --server "smtp://127.0.0.1:$postfix_port" --tls off --from '<>' \
      bounces@example.net
  wait_for 20 logged 'relay=bounces.*status='
  logged 'status=sent' || { cat "$postfix/log"; false; }
  exits 1 msuppress -l "$postfix/bounces/list" check gone@example.com
}

@test "LMTP: the recipient that is refused bounces, the other is delivered" {
  python3 -c "
import smtplib
s = smtplib.SMTP('127.0.0.1', $postfix_port)
s.sendmail('bob@example.net', ['alice@example.net', 'full@example.net'], b'Subject: hi\\r\\n\\r\\n')
s.quit()"
  # the message, and to its sender the report of Postfix
  wait_for 15 arrived 2
  has "$(cat m/new/*)" 'Status: 5.2.2'
  has "$(cat m/new/*)" '552 5.2.2 mailbox full'
}

@test "msend, Postfix, LMTP, mreceive: a letter's whole way" {
  need msend
  exits 0 send alice@example.net
  wait_for 15 arrived 1
  grep -q 'with ESMTPS' m/new/*
  grep -qx '\.' m/new/*
  logged 'client=.*127.0.0.1'
}

@test "msend: a row of messages through Postfix, streamed and grouped" {
  need msend
  local i how
  for ((i = 1; i <= 20; i++)); do
    printf '%s\n' 'From a@example.org Tue Nov 24 00:00:00 2026' \
      'From: a@example.org' "Subject: number $i" '' '.' "text $i" ''
  done >box
  for how in --no-pipelining=no --no-chunking; do
    exits 0 msend --server "smtp://localhost:$postfix_port" --tls verify \
      --tls-ca "$postfix/cert.pem" --from a@example.org --mail box "$how" \
      --json alice@example.net
    [ "$(jq -r .outcome <<<"$out" | sort | uniq -c | xargs)" = '20 sent' ]
    [ "$(jq -r .queue_id <<<"$out" | sort -u | wc -l)" = 20 ]
    schema msend <<<"$out"
  done
  wait_for 20 arrived 40
  [ "$(cat m/new/* | grep -c '^Subject: number ')" = 40 ]
  [ "$(cat m/new/* | sed -n 's/^Subject: //p' | sort -u | wc -l)" = 20 ]
}

@test "msend: recipients that Postfix refuses, for now and for good" {
  need msend
  exits 67 send nobody@example.net
  has "$err" '550'
  has "$err" 'nobody@example.net'
  exits 75 send slow@example.net
  has "$err" '450'
  # one of two is delivered, and the worse answer is told
  exits 67 send alice@example.net nobody@example.net
  wait_for 15 arrived 1
}
