#!/usr/bin/env bats
# Logins with a Kerberos ticket: msend and mfetch at a real Dovecot, whose keys
# come from a KDC of the test's own.
# SPDX-License-Identifier: MIT

load ../lib/helper
load dovecot
load kerberos

setup_file() {
  kerberos=${MAILTOOLKIT_SERVERS:-${top_builddir:-$PWD}/servers}
  gssapi=/usr/lib/dovecot/modules/auth/libmech_gssapi.so
  export kerberos gssapi
  [ -x "$kerberos/usr/sbin/krb5kdc" ] && [ -e "$gssapi" ] || return 0
  d=$(dovecot_dir)
  export d
  start_kdc "$d" smtp/localhost imap/localhost
  make_ca "$d"
  make_cert "$d" server 30 DNS:localhost,IP:127.0.0.1
  mreceive --maildir "$d/m" --print-port --hostname store.example.net \
    >"$d/relay" 2>&1 3>&- &
  echo $! >>"$d/pids"
  wait_for 10 test -s "$d/relay"
  kerberized "$(head -n 1 "$d/relay")"
  start_dovecot "$d"
  wait_for 10 port_open "$submission_port" ||
    { cat "$d/out" "$d/log" >&2; return 1; }
  export imaps_port submission_port
  export KRB5_CONFIG=$d/krb5.conf
  ticket "$d" "$d/cache"
}

# kerberized RELAY_PORT: Dovecot with submission too, by tickets only.
kerberized() {
  submission_port=$(free_ports 1)
  cat >"$d/more.conf" <<C
protocols = imap submission
auth_mechanisms = gssapi
auth_gssapi_hostname = "\$ALL"
auth_krb5_keytab = $d/keytab
import_environment = KRB5_CONFIG=$d/krb5.conf
$(submission_in_front_of "$1")
C
}

teardown_file() {
  [ -n "${d:-}" ] || return 0
  stop_dovecot "$d"
  [ ! -e "$d/pids" ] || xargs kill <"$d/pids" || :
  rm -rf "$d"
}

setup() {
  need dovecot openssl python3
  [ -e "$gssapi" ] || missing 'dovecot-gssapi is not installed'
  [ -x "$kerberos/usr/sbin/krb5kdc" ] ||
    missing 'krb5kdc is not unpacked: ./bootstrap check --servers'
  export KRB5CCNAME=FILE:$d/cache HOME=$BATS_TEST_TMPDIR
}

# send OPTION...: a message through Dovecot
send() {
  printf 'From: alice@example.net\nSubject: hi\n\nbody\n' |
    msend -v --server "smtp://localhost:$submission_port" --tls-ca "$d/ca.pem" \
      --auth GSSAPI "$@" bob@example.net
}

fetch() {
  mfetch -v --tls-ca "$d/ca.pem" --auth GSSAPI --to "maildir:$BATS_TEST_TMPDIR/m" "$@"
}

arrived() { find "$d/m/new" -type f 2>/dev/null | wc -l; }

@test "msend logs in with a ticket, and asks for no password" {
  n=$(arrived)
  exits 0 send --user alice
  has "$err" 'logged in as alice (GSSAPI)'
  [ "$(arrived)" -eq $((n + 1)) ]
}

@test "mfetch logs in with a ticket, and fetches" {
  mkdir -p "$d/mail/alice/Maildir/"{new,cur,tmp}
  printf 'Subject: one\n\nhi\n' >"$d/mail/alice/Maildir/new/1.x"
  [ "$(id -u)" != 0 ] || chown -R mail:mail "$d/mail"
  exits 0 fetch "imaps://alice@localhost:$imaps_port"
  [ "$(find "$BATS_TEST_TMPDIR/m/new" -type f | wc -l)" = 1 ]
}

@test "without a ticket the error says so, and how to get one" {
  export KRB5CCNAME=FILE:$BATS_TEST_TMPDIR/none
  n=$(arrived)
  exits 77 send --user alice
  has "$(tail -n 1 <<<"$err")" 'no Kerberos ticket'
  has "$err" kinit
  exits 77 fetch "imaps://alice@localhost:$imaps_port"
  has "$(tail -n 1 <<<"$err")" 'no Kerberos ticket'
  [ "$(arrived)" -eq "$n" ]
}

@test "a ticket is good for its owner, and for hosts that the realm knows" {
  n=$(arrived)
  exits 77 send --user bob
  has "$(tail -n 1 <<<"$err")" "login as 'bob' refused"
  exits 77 msend --server "smtp://127.0.0.1:$submission_port" --tls-ca "$d/ca.pem" \
    --auth GSSAPI --user alice -f alice@example.net bob@example.net \
    <<<$'From: alice@example.net\n\nhi'
  has "$err" 'smtp@127.0.0.1'
  [ "$(arrived)" -eq "$n" ]
}
