#!/usr/bin/env bats
# mfetch against a real Dovecot: what is here is what is there, byte for byte,
# once each.
# SPDX-License-Identifier: MIT

load ../lib/helper
load dovecot

setup_file() {
  need dovecot openssl python3 || return
  d=$(dovecot_dir)
  export d
  make_ca "$d"
  make_cert "$d" server 30 DNS:localhost,IP:127.0.0.1
  make_cert "$d" expired 0 DNS:localhost,IP:127.0.0.1
  make_cert "$d" other 30 DNS:mail.example.org
  start_dovecot "$d"
  make_mail "$d" alice 1 300
  export imap_port imaps_port pop3_port pop3s_port
}

teardown_file() {
  stop_dovecot "$d"
  rm -rf "$d"
}

setup() {
  export HOME=$BATS_TEST_TMPDIR XDG_STATE_HOME=$BATS_TEST_TMPDIR/state
  box=$BATS_TEST_TMPDIR/box
  there=$d/mail/alice/Maildir
}

# fetch ARGUMENT...: with alice's password
fetch() {
  mfetch --tls-ca "$d/ca.pem" --password-command 'echo secret' "$@"
}

@test "IMAP over TLS: every message, byte for byte" {
  exits 0 fetch --to "maildir:$box" "imaps://alice@localhost:$imaps_port"
  [ -z "$out$err" ]
  same_mail "$there" "$box" 300
  # none was marked as seen by our reading
  [ -z "$(find "$there" -name '*:2,*S*')" ]
}

@test "IMAP with STARTTLS, onto standard output" {
  fetch "imap://alice@127.0.0.1:$imap_port" >"$BATS_TEST_TMPDIR/mbox"
  [ "$(grep -c '^From MAILER-DAEMON ' "$BATS_TEST_TMPDIR/mbox")" -eq 300 ]
  python3 - "$BATS_TEST_TMPDIR/mbox" "$there" <<'END'
import glob, re, sys
text = open(sys.argv[1], "rb").read()
got = re.split(rb"(?m)^From MAILER-DAEMON .*\n", text)[1:]
got = sorted(re.sub(rb"(?m)^>(>*From )", rb"\1", m)[:-1] for m in got)
want = sorted(open(f, "rb").read() for f in glob.glob(sys.argv[2] + "/[nc][eu][wr]/*"))
assert got == want
END
}

@test "POP3 over TLS, and with STLS into an mbox" {
  exits 0 fetch --to "maildir:$box" "pop3s://alice@localhost:$pop3s_port"
  same_mail "$there" "$box" 300
  exits 0 fetch --to "mbox:$box.mbox" "pop3://alice@localhost:$pop3_port"
  [ "$(grep -c '^From MAILER-DAEMON ' "$box.mbox")" -eq 300 ]
  [ ! -e "$box.mbox.lock" ]
}

@test "a second run brings nothing and says nothing, new mail comes alone" {
  for url in "imaps://bob@localhost:$imaps_port" "pop3s://bob@localhost:$pop3s_port"; do
    rm -rf "$d/mail/bob" "$box"
    make_mail "$d" bob 1 20
    exits 0 fetch --to "maildir:$box" "$url"
    exits 0 fetch --to "maildir:$box" "$url"
    [ -z "$out$err" ]
    same_mail "$d/mail/bob/Maildir" "$box" 20
    make_mail "$d" bob 21 23
    exits 0 fetch --json --to "maildir:$box" "$url"
    [ "$(printf '%s\n' "$out" | wc -l)" -eq 3 ]
    printf '%s\n' "$out" | schema mfetch
    same_mail "$d/mail/bob/Maildir" "$box" 23
  done
}

@test "--limit takes a part, the next run the rest; --dry-run tells how many" {
  url=imaps://alice@localhost:$imaps_port
  exits 0 fetch --limit 100 --to "maildir:$box" "$url"
  [ "$(find "$box"/new "$box"/cur -type f | wc -l)" -eq 100 ]
  exits 0 fetch --dry-run --to "maildir:$box" "$url"
  [ "$(printf '%s\n' "$out" | wc -l)" -eq 200 ]
  exits 0 fetch --to "maildir:$box" "$url"
  same_mail "$there" "$box" 300
}

@test "expunged messages leave no gap that is asked for again" {
  rm -rf "$d/mail/bob"
  make_mail "$d" bob 1 10
  url=imaps://bob@localhost:$imaps_port
  exits 0 fetch --limit 3 --to "maildir:$box" "$url"
  find "$d/mail/bob" -name '170000000[25].*' -delete
  exits 0 fetch --to "maildir:$box" "$url"
  [ "$(find "$box/new" -type f | wc -l)" -eq 9 ]
  exits 0 fetch -v --to "maildir:$box" "$url"
  has "$err" '0 fetched of 0'
}

@test "a mailbox that is renumbered doubles nothing, and it is said" {
  rm -rf "$d/mail/bob"
  make_mail "$d" bob 1 20
  url=imaps://bob@localhost:$imaps_port
  exits 0 fetch --to "maildir:$box" "$url"
  make_mail "$d" bob 21 22
  rm "$d"/mail/bob/Maildir/dovecot*
  sleep 1 # UIDVALIDITY is a time
  exits 0 fetch --json --to "maildir:$box" "$url"
  has "$err" 'renumbered'
  one_line "$err"
  [ "$(printf '%s\n' "$out" | grep -c '"outcome":"known"')" -eq 20 ]
  same_mail "$d/mail/bob/Maildir" "$box" 22
  exits 0 fetch --to "maildir:$box" "$url"
  [ -z "$out$err" ]
  # and once more, now that most came by content
  rm "$d"/mail/bob/Maildir/dovecot*
  sleep 1
  exits 0 fetch --to "maildir:$box" "$url"
  same_mail "$d/mail/bob/Maildir" "$box" 22
}

@test "folders with names beyond ASCII are listed and fetched" {
  rm -rf "$d/mail/bob"
  make_mail "$d" bob 1 2
  make_mail "$d" bob 3 5 'Entw&APw-rfe'
  exits 0 fetch --list "imaps://bob@localhost:$imaps_port"
  has "$out" 'INBOX'
  has "$out" 'Entwürfe'
  exits 0 fetch --mailbox Entwürfe --to "maildir:$box" "imaps://bob@localhost:$imaps_port"
  [ "$(find "$box/new" -type f | wc -l)" -eq 3 ]
  exits 0 fetch --to "maildir:$box" "imaps://bob@localhost:$imaps_port/Entw%C3%BCrfe"
  [ "$(find "$box/new" -type f | wc -l)" -eq 3 ]
}

@test "a mailbox that is not there is 66 and named" {
  exits 66 fetch "imaps://alice@localhost:$imaps_port/Nowhere"
  one_line "$err"
  has "$err" Nowhere
}

@test "a wrong password is 77 in every way to log in" {
  for url in "imaps://alice@localhost:$imaps_port" "imap://alice@localhost:$imap_port" \
    "pop3s://alice@localhost:$pop3s_port" "pop3://alice@localhost:$pop3_port"; do
    exits 77 mfetch --tls-ca "$d/ca.pem" --password-command 'echo wrong' "$url"
    one_line "$err"
    has "$err" 'login refused'
    hasnt "$err" wrong
  done
}

@test "an unknown authority is 76" {
  exits 76 mfetch --password-command 'echo secret' "imaps://alice@localhost:$imaps_port"
  one_line "$err"
  has "$err" 'certificate'
}

@test "certificates that are over, or another host's, are 76 with clear words" {
  for cert in expired other; do
    e=$(dovecot_dir)
    cp "$d"/*.pem "$d"/*.key "$e"
    start_dovecot "$e" "$cert"
    for url in "imaps://alice@localhost:$imaps_port" "pop3s://alice@localhost:$pop3s_port" \
      "imap://alice@localhost:$imap_port"; do
      exits 76 fetch "$url"
      one_line "$err"
      if [ "$cert" = expired ]; then has "$err" expired; else has "$err" localhost; fi
    done
    stop_dovecot "$e"
    rm -rf "$e"
  done
}

@test "two runs at once exclude each other: the second is 75" {
  fetch --state "$BATS_TEST_TMPDIR/s" --to "maildir:$box" "imaps://alice@localhost:$imaps_port"
  exec 8<"$BATS_TEST_TMPDIR/s"
  flock 8
  exits 75 fetch --state "$BATS_TEST_TMPDIR/s" --to "maildir:$box" \
    "imaps://alice@localhost:$imaps_port"
  one_line "$err"
  has "$err" 'another run'
}
