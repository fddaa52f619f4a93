#!/usr/bin/env bats
# mfetch against Courier: its imapd through a tunnel, a server with few extensions
# and a namespace of its own; that and its pop3d behind its couriertls.
# SPDX-License-Identifier: MIT

load ../lib/helper
load dovecot

setup_file() {
  root=${MAILTOOLKIT_SERVERS:-${top_builddir:-$PWD}/servers}
  export root
  d=$(mktemp -d "${TMPDIR:-/tmp}/mtk-courier.XXXXXX")
  mkdir -p "$d/mail/alice"
  cat >"$d/imapd" <<END
cd $d/mail/alice
env AUTHENTICATED=alice HOME=$d/mail/alice IMAP_EMPTYTRASH= IMAP_USELOCKS=0 \
  IMAP_CAPABILITY='IMAP4rev1 UIDPLUS CHILDREN NAMESPACE IDLE' \
  LD_LIBRARY_PATH=$root/usr/lib:$root/usr/lib/x86_64-linux-gnu \
  $root/usr/bin/imapd Maildir 2>/dev/null |
  sed -u '1{/Filesystem notification/d};s/PREAUTH Ready/PREAUTH Courier-IMAP ready/'
END
  # it misses a daemon, and greets by name over a network only
  # its pop3d speaks after the login, which needs a daemon with fixed paths
  cat >"$d/pop3d" <<END
printf '+OK Hello there.\r\n'
while read -r word _; do
  case \$word in
  USER*) printf '+OK Password required.\r\n' ;;
  PASS*) break ;;
  *) printf '%s\r\n' '-ERR not yet' ;;
  esac
done
cd $d/mail/alice
exec env AUTHENTICATED=alice HOME=$d/mail/alice \
  LD_LIBRARY_PATH=$root/usr/lib:$root/usr/lib/x86_64-linux-gnu \
  $root/usr/lib/courier/courier/courierpop3d Maildir
END
  export d
  [ -x "$root/usr/bin/couriertls" ] || return 0
  make_ca "$d"
  make_cert "$d" server 30 DNS:localhost
  cat "$d/server.pem" "$d/server.key" >"$d/both.pem"
  mapfile -t ports < <(free_ports 2)
  imaps_port=${ports[0]} pop3s_port=${ports[1]}
  export imaps_port pop3s_port
  serve "$imaps_port" "$d/imapd"
  serve "$pop3s_port" "$d/pop3d"
}

# serve PORT SCRIPT: couriertls on that port, with the script behind it
serve() {
  LD_LIBRARY_PATH=$root/usr/lib:$root/usr/lib/x86_64-linux-gnu \
    TLS_CERTFILE=$d/both.pem TLS_PROTOCOL=TLSv1.2+ TLS_VERIFYPEER=NONE \
    python3 -c '
import os, signal, socket, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    c, _ = s.accept()
    if os.fork() == 0:
        os.dup2(c.fileno(), 0)
        os.dup2(c.fileno(), 1)
        os.execv(sys.argv[2], sys.argv[2:])
    c.close()' "$1" "$root/usr/bin/couriertls" -server -tcpd sh "$2" \
    >/dev/null 2>&1 3>&- </dev/null &
  echo $! >>"$d/pids"
  wait_for 10 port_open "$1"
}

teardown_file() {
  local pid
  [ -n "${d:-}" ] || return 0
  while read -r pid; do kill "$pid"; done < <(cat "$d/pids" 2>/dev/null)
  rm -rf "$d"
}

setup() {
  export HOME=$BATS_TEST_TMPDIR XDG_STATE_HOME=$BATS_TEST_TMPDIR/state
  box=$BATS_TEST_TMPDIR/box
  [ -x "$root/usr/bin/imapd" ] ||
    missing 'courier-imap is not unpacked: ./bootstrap check --servers'
  rm -rf "$d/mail/alice"
  mkdir -p "$d/mail/alice"
  there=$d/mail/alice/Maildir
  mail 1 60
}

# mail FIRST LAST [FOLDER], which Courier wants to be of who runs it
mail() {
  make_mail "$d" alice "$@"
  chown -R "$(id -u):$(id -g)" "$d/mail"
}

fetch() {
  mfetch --tunnel "exec sh $d/imapd" "$@"
}

count() {
  find "$1/new" "$1/cur" -type f 2>/dev/null | wc -l
}

@test "every message, byte for byte; nothing new, then new ones alone" {
  exits 0 fetch --to "maildir:$box"
  same_mail "$there" "$box" 60
  exits 0 fetch --to "maildir:$box"
  [ -z "$out$err" ]
  mail 61 62
  exits 0 fetch --json --to "maildir:$box"
  [ "$(printf '%s\n' "$out" | wc -l)" -eq 2 ]
  same_mail "$there" "$box" 62
}

@test "folders below INBOX. lie where others look for them" {
  mail 70 72 Lists
  exits 0 fetch --list
  has "$out" $'INBOX.Lists\t3'
  exits 0 fetch --mailbox '*' --to "maildir:$box"
  [ "$(count "$box")" -eq 60 ]
  [ "$(count "$box/.Lists")" -eq 3 ]
}

@test "searches, and deleting what is here" {
  cp -r "$there" "$BATS_TEST_TMPDIR/all"
  exits 0 fetch --dry-run --search 'SUBJECT "number 12"'
  [ "$out" = 12 ]
  exits 0 fetch --delete --limit 20 --to "maildir:$box"
  [ "$(count "$there")" -eq 40 ]
  exits 0 fetch --delete --to "maildir:$box"
  same_mail "$BATS_TEST_TMPDIR/all" "$box" 60
  [ "$(count "$there")" -eq 0 ]
}

@test "--mirror without QRESYNC: flags and what is gone" {
  exits 0 fetch --mirror --to "maildir:$box"
  file=$(find "$there/cur" "$there/new" -name '1700000005.*')
  mv "$file" "$there/cur/1700000005.M5.test:2,FS"
  find "$there" -name '170000000[12].*' -delete
  exits 0 fetch --mirror --to "maildir:$box"
  same_mail "$there" "$box" 58
  [ "$(find "$box" -name '*:2,FS' | wc -l)" -eq 1 ]
}

# left N: so many messages are there; it deletes after its answer to QUIT
left() { [ "$(count "$there")" -eq "$1" ]; }

# secure ARGUMENT...: over couriertls
secure() {
  mfetch --tls-ca "$d/ca.pem" --password-command 'echo secret' "$@"
}

@test "over TLS: IMAP and POP3, byte for byte, TOP, deleting" {
  need openssl python3
  exits 0 secure --to "maildir:$box" "imaps://alice@localhost:$imaps_port"
  same_mail "$there" "$box" 60
  pop=pop3s://alice@localhost:$pop3s_port
  exits 0 secure --peek --json "$pop"
  printf '%s\n' "$out" | schema mfetch
  [ "$(printf '%s\n' "$out" | wc -l)" -eq 60 ]
  cp -r "$there" "$BATS_TEST_TMPDIR/all"
  exits 0 secure --delete --limit 20 --to "maildir:$box.pop" "$pop"
  wait_for 20 left 40
  exits 0 secure --delete --to "maildir:$box.pop" "$pop"
  same_mail "$BATS_TEST_TMPDIR/all" "$box.pop" 60
  wait_for 20 left 0
}
