#!/usr/bin/env bats
# mfetch against a real Cyrus 3.6, IMAP and POP3 over TLS: byte for byte what
# was put there, QRESYNC, COMPRESS, OBJECTID. It is only unpacked, since it
# cannot be installed beside Dovecot.
# SPDX-License-Identifier: MIT

load ../lib/helper
load dovecot

setup_file() {
  need openssl python3 || return
  root=${MAILTOOLKIT_SERVERS:-${top_builddir:-$PWD}/servers}
  bin=$root/usr/lib/cyrus/bin
  export root bin
  [ -x "$bin/master" ] || return 0
  # in memory where there is some: it syncs each message
  d=$(TMPDIR=$([ ! -w /dev/shm ] || echo /dev/shm) dovecot_dir)
  export d CYRUS_USER=mail
  [ "$(id -u)" = 0 ] || CYRUS_USER=$(id -un)
  make_ca "$d"
  make_cert "$d" server 30 DNS:localhost
  start_cyrus
}

# start_cyrus: users alice and bob, password secret; sets imap_port, imaps_port,
# pop3s_port.
start_cyrus() {
  local ports user
  mapfile -t ports < <(free_ports 3)
  imap_port=${ports[0]} imaps_port=${ports[1]} pop3s_port=${ports[2]}
  export imap_port imaps_port pop3s_port
  libraries=$root/usr/lib:$root/usr/lib/x86_64-linux-gnu:$root/lib/x86_64-linux-gnu
  plugins=/usr/lib/x86_64-linux-gnu/sasl2:$root/usr/lib/x86_64-linux-gnu/sasl2
  cat >"$d/imapd.conf" <<C
configdirectory: $d/conf
partition-default: $d/spool
defaultpartition: default
allowplaintext: no
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: $d/sasldb2
sasl_mech_list: PLAIN LOGIN
servername: localhost
hashimapspool: no
altnamespace: no
unixhierarchysep: no
autocreate_quota: 0
autocreate_post: 1
popminpoll: 0
delete_mode: immediate
expunge_mode: immediate
statuscache: no
tls_server_cert: $d/server.pem
tls_server_key: $d/server.key
tls_sessions_db_path: $d/conf/tls_sessions.db
C
  cat >"$d/cyrus.conf" <<C
START {
}
SERVICES {
  imap cmd="$bin/imapd -C $d/imapd.conf" listen="127.0.0.1:$imap_port"
  imaps cmd="$bin/imapd -s -C $d/imapd.conf" listen="127.0.0.1:$imaps_port"
  pop3s cmd="$bin/pop3d -s -C $d/imapd.conf" listen="127.0.0.1:$pop3s_port"
}
EVENTS {
}
C
  mkdir -p "$d"/spool "$d"/conf/{db,lock,log,msg,proc,ptclient,quota,socket,user}
  for user in alice bob; do
    printf secret | LD_LIBRARY_PATH=$libraries SASL_PATH=$plugins \
      "$root/usr/sbin/saslpasswd2" -p -c -f "$d/sasldb2" -u localhost "$user"
  done
  [ "$(id -u)" != 0 ] || chown -R mail:mail "$d"
  LD_LIBRARY_PATH=$libraries SASL_PATH=$plugins "$bin/master" -D \
    -C "$d/imapd.conf" -M "$d/cyrus.conf" -p "$d/pid" >"$d/out" 2>&1 3>&- &
  echo $! >"$d/master"
  wait_for 10 port_open "$imaps_port" || { cat "$d/out" >&2; return 1; }
}

teardown_file() {
  local pid
  [ -n "${d:-}" ] || return 0
  pid=$(cat "$d/master" 2>/dev/null) && kill "$pid" 2>/dev/null && wait_for 10 pid_gone "$pid"
  rm -rf "$d"
}

setup() {
  [ -x "$bin/master" ] ||
    missing 'cyrus-imapd is not unpacked: ./bootstrap check --servers'
  export HOME=$BATS_TEST_TMPDIR XDG_STATE_HOME=$BATS_TEST_TMPDIR/state
  box=$BATS_TEST_TMPDIR/box
  url=imaps://alice@localhost:$imaps_port
}

fetch() {
  mfetch --tls-ca "$d/ca.pem" --password-command 'echo secret' "$@"
}

# session USER LINE...: commands of Python's imaplib, on the mailbox m
session() {
  python3 - "$imaps_port" "$@" <<'P'
import glob, imaplib, os, ssl, sys
m = imaplib.IMAP4_SSL("localhost", int(sys.argv[1]),
    ssl_context=ssl._create_unverified_context())
m.login(sys.argv[2], "secret")
def put(folder, box):
    for f in sorted(glob.glob(box + "/new/*")):
        text = open(f, "rb").read().replace(b"\n", b"\r\n")
        assert m.append(folder, None, None, text)[0] == "OK", f
for line in sys.argv[3:]:
    exec(line)
m.logout()
P
}

@test "IMAP: byte for byte, compressed too; nothing new, then new ones alone" {
  make_mail "$BATS_TEST_TMPDIR" source 1 60
  there=$BATS_TEST_TMPDIR/mail/source/Maildir
  session alice "put('INBOX', '$there')"
  exits 0 fetch --to "maildir:$box" "$url"
  [ -z "$out$err" ]
  same_mail "$there" "$box" 60
  exits 0 fetch --to "maildir:$box" "$url"
  [ -z "$out$err" ]
  exits 0 fetch -vv --compress always --to "maildir:$box.z" "$url"
  has "$err" 'COMPRESS DEFLATE'
  has "$err" 'the server is Cyrus'
  same_mail "$there" "$box.z" 60
  exits 0 fetch --to "maildir:$box.s" "imap://alice@localhost:$imap_port" # STARTTLS
  same_mail "$there" "$box.s" 60
  # flags and what is gone, at the cost of the changes
  exits 0 fetch --mirror --to "maildir:$box.m" "$url"
  session alice "m.select('INBOX')" "m.uid('STORE', '3', '+FLAGS', r'(\\Seen \\Flagged)')" \
    "m.uid('STORE', '4:5', '+FLAGS', r'(\\Deleted)')" "m.expunge()"
  exits 0 fetch -vv --mirror --to "maildir:$box.m" "$url"
  has "$err" QRESYNC
  hasnt "$err" 'UID FETCH 1'
  [ "$(find "$box.m/cur" "$box.m/new" -type f | wc -l)" -eq 58 ]
  [ "$(find "$box.m" -name '*:2,FS' | wc -l)" -eq 1 ]
  # the folder's own name, and searches
  session alice "m.create('INBOX.Lists')" "put('INBOX.Lists', '$there')"
  exits 0 fetch --list --json "$url"
  printf '%s\n' "$out" | schema mfetch
  has "$(printf '%s\n' "$out" | grep Lists)" '"messages":60'
  hasnt "$out" '"id":"' # it would be garbage
  exits 0 fetch --mailbox '*' --to "maildir:$box.all" "$url"
  same_mail "$there" "$box.all/.Lists" 60
  exits 0 fetch --dry-run --search 'SUBJECT "number 12"' "$url"
  [ "$out" = 12 ]
  # delete what is here
  exits 0 fetch --delete --to "maildir:$box" "$url"
  exits 0 fetch --peek "$url"
  [ -z "$out" ]
}

@test "POP3: byte for byte, headers alone, deleting" {
  make_mail "$BATS_TEST_TMPDIR" source 1 40
  there=$BATS_TEST_TMPDIR/mail/source/Maildir
  session bob "put('INBOX', '$there')"
  pop=pop3s://bob@localhost:$pop3s_port
  exits 0 fetch --peek --json "$pop"
  printf '%s\n' "$out" | schema mfetch
  [ "$(printf '%s\n' "$out" | wc -l)" -eq 40 ]
  exits 0 fetch --to "maildir:$box" "$pop"
  same_mail "$there" "$box" 40
  exits 0 fetch --to "maildir:$box" "$pop"
  [ -z "$out$err" ]
  exits 0 fetch --delete --to "maildir:$box" "$pop"
  exits 0 fetch --dry-run "$pop"
  [ -z "$out" ]
}
