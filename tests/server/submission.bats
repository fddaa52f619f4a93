#!/usr/bin/env bats
# msend at a real Dovecot: submission, by each login mechanism it offers, and
# LMTP; what arrives is compared octet by octet.
# SPDX-License-Identifier: MIT

load ../lib/helper
load dovecot

setup_file() {
  need dovecot openssl python3 || return
  [ -e /usr/lib/dovecot/submission-login ] ||
    { missing 'dovecot-submissiond is not installed'; return; }
  d=$(dovecot_dir)
  export d
  make_ca "$d"
  make_cert "$d" server 30 DNS:localhost,IP:127.0.0.1
  mreceive --maildir "$d/m" --print-port --hostname store.example.net \
    >"$d/relay" 2>&1 3>&- &
  echo $! >"$d/relay.pid"
  wait_for 10 test -s "$d/relay"
  submission "$(head -n 1 "$d/relay")"
  start_dovecot "$d"
  wait_for 10 port_open "$submission_port" ||
    { cat "$d/out" "$d/log" >&2; return 1; }
  export submission_port lmtp_port
}

# submission RELAY_PORT: Dovecot with submission in front of the relay.
submission() {
  { read -r submission_port && read -r lmtp_port; } < <(free_ports 2)
  cat >"$d/more.conf" <<C
protocols = imap submission lmtp
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
$(submission_in_front_of "$1")
service lmtp {
  inet_listener lmtp {
    port = $lmtp_port
  }
}
C
}

teardown_file() {
  [ -n "${d:-}" ] || return 0
  stop_dovecot "$d"
  [ ! -e "$d/relay.pid" ] || kill "$(cat "$d/relay.pid")"
  rm -rf "$d"
}

# send OPTION...: a message through Dovecot, as alice
send() {
  printf 'From: alice@example.net\nSubject: hi\n\nbody\n' |
    HOME=$BATS_TEST_TMPDIR msend -v --server "smtp://localhost:$submission_port" \
      --tls-ca "$d/ca.pem" --user alice "$@" bob@example.net
}

arrived() { find "$d/m/new" -type f 2>/dev/null | wc -l; }

@test "Dovecot: every mechanism it offers, the best by itself" {
  n=$(arrived)
  for mech in PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256; do
    exits 0 send --auth "$mech" --password-command 'echo secret'
    has "$err" "logged in as alice ($mech)"
  done
  exits 0 send --password-command 'echo secret'
  has "$err" 'logged in as alice (SCRAM-SHA-256)'
  [ "$(arrived)" -eq $((n + 6)) ]
}

@test "Dovecot: a wrong password is refused once, by each mechanism" {
  n=$(arrived)
  for mech in PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256; do
    exits 77 send --auth "$mech" --password-command 'echo wrong'
    has "$err" "login as 'alice' refused"
  done
  exits 77 send --auth SCRAM-SHA-256-PLUS --password-command 'echo secret'
  has "$err" 'offers no login that can be used here (SCRAM-SHA-256-PLUS)'
  [ "$(arrived)" -eq "$n" ]
}

@test "Dovecot: what goes through submission and LMTP has our octets" {
  cd "$BATS_TEST_TMPDIR"
  {
    printf '%s\n' 'From: alice@example.net' 'Subject: octets' 'MIME-Version: 1.0' \
      'Content-Type: text/plain; charset=utf-8' 'Content-Transfer-Encoding: 8bit' \
      '' '.' '..x' 'Grüße' 'From here on' "$(printf '%0998d' 0)" '.' ''
    for i in {1..3000}; do echo "line $i of the message"; done
    printf '\n\n'
  } >octets
  sed '1,/^$/d' octets >body
  for how in --no-chunking --no-pipelining --dsn=never; do
    exits 0 msend --server "smtp://localhost:$submission_port" --user alice \
      --tls-ca "$d/ca.pem" --password-command 'echo secret' "$how" \
      bob@example.net <octets
    exits 0 msend --server "lmtp://127.0.0.1:$lmtp_port" --tls=off "$how" \
      alice@example.net bob@example.net <octets
  done
  here() { grep -l '^Subject: octets' "$@" 2>/dev/null | wc -l; }
  [ "$(here "$d"/m/new/*)" = 3 ]
  [ "$(here "$d"/mail/{alice,bob}/Maildir/new/*)" = 6 ]
  while read -r f; do
    sed '1,/^\r\{0,1\}$/d' "$f" | cmp - body
  done < <(grep -l '^Subject: octets' "$d"/m/new/* "$d"/mail/*/Maildir/new/*)
}
