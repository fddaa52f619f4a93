#!/usr/bin/env bats
# mfetch against Courier, a server with few extensions and a namespace of its
# own: its imapd through a tunnel, then all of it, IMAP and POP3, with TLS from
# the start and by STARTTLS and STLS, over its own login.
# SPDX-License-Identifier: MIT

load ../lib/helper
load dovecot
load mtas

setup_file() {
  root=${MAILTOOLKIT_SERVERS:-${top_builddir:-$PWD}/servers}
  export root
  d=$(mktemp -d "${TMPDIR:-/tmp}/mtk-courier.XXXXXX")
  chmod 755 "$d"
  mkdir -p "$d/mail/alice"
  cat >"$d/imapd" <<END
cd $d/mail/alice
env AUTHENTICATED=alice HOME=$d/mail/alice IMAP_EMPTYTRASH= IMAP_USELOCKS=0 \
  IMAP_CAPABILITY='IMAP4rev1 UIDPLUS CHILDREN NAMESPACE IDLE' \
  LD_LIBRARY_PATH=$root/usr/lib:$root/usr/lib/x86_64-linux-gnu \
  $root/usr/bin/imapd Maildir 2>/dev/null |
  sed -u '1{/Filesystem notification/d};s/PREAUTH Ready/PREAUTH Courier-IMAP ready/'
END
  export d
  [ "$(id -u)" = 0 ] && [ -x "$root/usr/sbin/couriertcpd" ] && mounts_apart ||
    return 0
  need openssl python3 || return
  start_courier
}

# start_courier: with the user bob, password secret; sets imap_port, imaps_port,
# pop3_port, pop3s_port. Its places and its user are there for it alone.
start_courier() {
  local f ports
  mapfile -t ports < <(free_ports 4)
  imap_port=${ports[0]} imaps_port=${ports[1]}
  pop3_port=${ports[2]} pop3s_port=${ports[3]}
  export imap_port imaps_port pop3_port pop3s_port
  make_ca "$d"
  make_cert "$d" server 30 DNS:localhost
  cat "$d/server.pem" "$d/server.key" >"$d/both.pem"
  chmod 644 "$d/both.pem" # STARTTLS comes when root's rights are gone
  mkdir -p "$d/etc/courier"
  for f in passwd group nsswitch.conf ld.so.cache localtime; do
    [ ! -e "/etc/$f" ] || cp "/etc/$f" "$d/etc/"
  done
  echo 'courier:x:64995:64995::/nonexistent:/usr/sbin/nologin' >>"$d/etc/passwd"
  echo 'courier:x:64995:' >>"$d/etc/group"
  printf '%s\n' 'authmodulelist="authuserdb"' 'daemons=2' \
    'authdaemonvar=/run/courier/authdaemon' >"$d/etc/courier/authdaemonrc"
  cat >"$d/start" <<END
set -e
mount --bind '$d/etc' /etc
mount -t tmpfs -o mode=755 none /run
mkdir -p /run/courier/authdaemon
lib=$root/usr/lib
export LD_LIBRARY_PATH=\$lib:\$lib/x86_64-linux-gnu:\$lib/courier-authlib
# userdb NAME TEXT
userdb() {
  printf 'bob\\t%s\\n.\\n' "\$2" |
    \$lib/courier/courier-authlib/makedatprog - "/etc/courier/\$1.tmp" "/etc/courier/\$1.dat"
}
userdb userdb 'uid=8|gid=8|home=$d/mail/bob|mail=$d/mail/bob/Maildir|_='
userdb userdbshadow 'systempw=$(openssl passwd -5 secret)'
export COURIERTLS=$root/usr/bin/couriertls TLS_CERTFILE='$d/both.pem'
export TLS_VERIFYPEER=NONE POP3AUTH_TLS=PLAIN
export IMAP_CAPABILITY='IMAP4rev1 UIDPLUS CHILDREN NAMESPACE QUOTA IDLE'
export IMAP_CAPABILITY_TLS="\$IMAP_CAPABILITY AUTH=PLAIN"
export IMAP_STARTTLS=YES POP3_STARTTLS=YES IMAP_USELOCKS=0 IMAP_EMPTYTRASH=
# serve PORT REQUIRED COMMAND...
serve() {
  port=\$1 IMAP_TLS_REQUIRED=\$2 POP3_TLS_REQUIRED=\$2 IMAP_TLS=\$((!\$2))
  export IMAP_TLS_REQUIRED POP3_TLS_REQUIRED IMAP_TLS POP3_TLS=\$IMAP_TLS
  shift 2
  $root/usr/sbin/couriertcpd -address=127.0.0.1 -maxprocs=20 -maxperip=20 \\
    -nodnslookup -noidentlookup "\$port" "\$@" &
  echo \$! >>'$d/pids'
}
imap="\$lib/courier/courier/imaplogin $root/usr/bin/imapd Maildir"
pop3="\$lib/courier/courier/courierpop3login \$lib/courier/courier/courierpop3d Maildir"
serve $imap_port 1 \$imap
serve $imaps_port 0 \$COURIERTLS -server -tcpd \$imap
serve $pop3_port 1 \$pop3
serve $pop3s_port 0 \$COURIERTLS -server -tcpd \$pop3
\$lib/courier/courier-authlib/authdaemond &
echo \$! >>'$d/pids'
wait
END
  "${apart[@]}" sh "$d/start" >"$d/log" 2>&1 </dev/null 3>&- &
  for f in "$imap_port" "$imaps_port" "$pop3_port" "$pop3s_port"; do
    wait_for 10 port_open "$f" || { cat "$d/log" >&2; return 1; }
  done
  wait_for 10 grep -q 'Installation complete' "$d/log"
}

teardown_file() {
  local pid
  [ -n "${d:-}" ] || return 0
  while read -r pid; do
    kill "$pid"
    wait_for 10 pid_gone "$pid"
  done < <(cat "$d/pids" 2>/dev/null)
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
  mfetch --tunnel "exec sh $d/imapd" "$@" 3>&-
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

# secure ARGUMENT...: over TLS, as bob
secure() {
  mfetch --tls-ca "$d/ca.pem" --password-command 'echo secret' "$@"
}

# whole: the server runs; 60 messages, from $there
whole() {
  [ -n "${imap_port:-}" ] || missing 'Courier needs root, private mounts and ./bootstrap check --servers'
  rm -rf "$d/mail/bob"
  there=$d/mail/bob/Maildir
  make_mail "$d" bob 1 60
}

# left N: so many messages are there; in POP3 they go after the answer to QUIT
left() { [ "$(count "$there")" -eq "$1" ]; }

@test "IMAP over TLS and by STARTTLS: byte for byte, folders, deleting" {
  whole
  exits 0 secure -vv --to "maildir:$box" "imaps://bob@localhost:$imaps_port"
  has "$err" 'the server is Courier'
  has "$err" 'AUTHENTICATE PLAIN'
  same_mail "$there" "$box" 60
  exits 0 secure --to "maildir:$box" "imaps://bob@localhost:$imaps_port"
  [ -z "$out$err" ]
  exits 0 secure -vv --to "maildir:$box.s" "imap://bob@localhost:$imap_port"
  has "$err" 'STARTTLS'
  same_mail "$there" "$box.s" 60
  exits 77 secure --tls off "imap://bob@localhost:$imap_port"
  one_line "$err"
  make_mail "$d" bob 70 72 Lists
  exits 0 secure --mailbox '*' --to "maildir:$box.all" "imaps://bob@localhost:$imaps_port"
  same_mail "$there/.Lists" "$box.all/.Lists" 3
  cp -r "$there" "$BATS_TEST_TMPDIR/all"
  rm -r "$BATS_TEST_TMPDIR/all/.Lists"
  exits 0 secure --delete --to "maildir:$box.s" "imap://bob@localhost:$imap_port"
  left 0
  same_mail "$BATS_TEST_TMPDIR/all" "$box.s" 60
}

@test "POP3 over TLS and by STLS: byte for byte, TOP, deleting" {
  whole
  pop=pop3s://bob@localhost:$pop3s_port
  exits 0 secure --to "maildir:$box" "$pop"
  same_mail "$there" "$box" 60
  exits 0 secure --to "maildir:$box" "$pop"
  [ -z "$out$err" ]
  exits 0 secure --peek --json "$pop"
  printf '%s\n' "$out" | schema mfetch
  [ "$(printf '%s\n' "$out" | wc -l)" -eq 60 ]
  exits 0 secure -vv --to "maildir:$box.s" "pop3://bob@localhost:$pop3_port"
  has "$err" 'STLS'
  same_mail "$there" "$box.s" 60
  exits 77 secure --tls off "pop3://bob@localhost:$pop3_port"
  one_line "$err"
  exits 77 mfetch --tls-ca "$d/ca.pem" --password-command 'echo wrong' "$pop"
  one_line "$err"
  cp -r "$there" "$BATS_TEST_TMPDIR/all"
  exits 0 secure --delete --limit 20 --to "maildir:$box.d" "$pop"
  wait_for 20 left 40
  exits 0 secure --delete --to "maildir:$box.d" "pop3://bob@localhost:$pop3_port"
  same_mail "$BATS_TEST_TMPDIR/all" "$box.d" 60
  wait_for 20 left 0
}
