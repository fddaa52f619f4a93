#!/usr/bin/env bats
# mfetch against a real Dovecot: what is chosen, where it goes, what becomes of
# it there. SPDX-License-Identifier: MIT

load ../lib/helper
load dovecot

setup_file() {
  need dovecot openssl python3 || return
  d=$(dovecot_dir)
  export d
  make_ca "$d"
  make_cert "$d" server 30 DNS:localhost,IP:127.0.0.1
  start_dovecot "$d"
  export imap_port imaps_port pop3_port pop3s_port
}

teardown_file() {
  stop_dovecot "$d"
  rm -rf "$d"
}

setup() {
  export HOME=$BATS_TEST_TMPDIR XDG_STATE_HOME=$BATS_TEST_TMPDIR/state
  box=$BATS_TEST_TMPDIR/box
  rm -rf "$d/mail/bob" "$d/mail/alice"
  url=imaps://bob@localhost:$imaps_port
  there=$d/mail/bob/Maildir
}

teardown() {
  local p
  for p in ${watcher-} ${receiver-}; do kill "$p" 2>/dev/null || :; done
}

# fetch ARGUMENT...: with bob's password
fetch() {
  mfetch --tls-ca "$d/ca.pem" --password-command 'echo secret' "$@"
}

# count DIR: messages of a Maildir
count() {
  find "$1/new" "$1/cur" -type f 2>/dev/null | wc -l
}

# left: messages that a look at the server finds
left() {
  fetch --peek "$@" | wc -l
}

many_folders() {
  make_mail "$d" bob 1 5
  make_mail "$d" bob 6 8 Lists
  make_mail "$d" bob 9 10 Lists.c
  make_mail "$d" bob 11 11 'Entw&APw-rfe'
  make_mail "$d" bob 12 12 Spam
}

@test "mailbox patterns: each folder its own, Maildir++ and plain" {
  many_folders
  exits 0 fetch --mailbox '*' --exclude Spam --to "maildir:$box" "$url"
  [ -z "$out$err" ]
  [ "$(count "$box")" -eq 5 ]
  [ "$(count "$box/.Lists")" -eq 3 ]
  [ "$(count "$box/.Lists.c")" -eq 2 ]
  [ "$(count "$box/.Entw&APw-rfe")" -eq 1 ]
  [ ! -e "$box/.Spam" ]
  same_mail "$there/.Lists.c" "$box/.Lists.c" 2
  # nothing new: no mailbox is opened
  exits 0 fetch -vv --mailbox '*' --exclude Spam --to "maildir:$box" "$url"
  hasnt "$err" EXAMINE
  make_mail "$d" bob 13 13 Lists
  exits 0 fetch --jobs 3 --mailbox '*' --to "maildir:$box" "$url"
  [ "$(count "$box/.Lists")" -eq 4 ]
  [ "$(count "$box/.Spam")" -eq 1 ]
  exits 0 fetch --plain-folders --mailbox 'Lists%' --mailbox 'Lists/%' \
    --mailbox INBOX --to "maildir:$box.plain" "$url"
  [ "$(count "$box.plain/INBOX")" -eq 5 ]
  [ "$(count "$box.plain/Lists")" -eq 4 ]
  [ "$(count "$box.plain/Lists/c")" -eq 2 ]
  exits 66 fetch --mailbox 'No*' --to "maildir:$box" "$url"
}

@test "ten mailboxes over parallel connections, each message once" {
  for i in 1 2 3 4 5 6 7 8 9 10; do
    make_mail "$d" bob $((i * 20)) $((i * 20 + 9)) "Box$i"
  done
  exits 0 fetch --json --jobs 5 --mailbox 'Box*' --to "maildir:$box" "$url"
  [ "$(printf '%s\n' "$out" | wc -l)" -eq 100 ]
  printf '%s\n' "$out" | schema mfetch
  [ "$(printf '%s\n' "$out" | grep -c '"mailbox":"Box7"')" -eq 10 ]
  same_mail "$there/.Box7" "$box/.Box7" 10
}

@test "the server searches: --search, --since, --larger, --unseen" {
  make_mail "$d" bob 1 30
  exits 0 fetch --dry-run --search 'SUBJECT "number 12"' "$url"
  [ "$out" = 12 ]
  exits 0 fetch --dry-run --search 'OR SUBJECT "number 12" SUBJECT "number 13"' "$url"
  [ "$(printf '%s\n' "$out" | wc -l)" -eq 2 ]
  exits 0 fetch --dry-run --search 'BODY "äöü"' "$url"
  [ "$(printf '%s\n' "$out" | wc -l)" -eq 4 ]
  exits 0 fetch --dry-run --since 2023-11-01 --unseen --larger 10k "$url"
  some=$(find "$there" -name '17*' -size +10k | wc -l)
  [ "$(printf '%s\n' "$out" | wc -l)" -eq "$some" ]
  exits 0 fetch --dry-run --since 2099-01-01 "$url"
  [ -z "$out" ]
  exits 64 fetch --since yesterday "$url"
  one_line "$err"
  # what a search left out comes when it is asked for
  exits 0 fetch --search 'SUBJECT "number 2"' --to "maildir:$box" "$url"
  [ "$(count "$box")" -eq 11 ]
  exits 0 fetch --to "maildir:$box" "$url"
  same_mail "$there" "$box" 30
  exits 76 fetch --search 'NONSENSE' "$url"
  one_line "$err"
}

@test "--delete takes off the server what is here, and nothing else" {
  make_mail "$d" bob 1 20
  cp -r "$there" "$BATS_TEST_TMPDIR/all"
  exits 0 fetch --delete --limit 5 --to "maildir:$box" "$url"
  [ -z "$out$err" ]
  [ "$(count "$box")" -eq 5 ]
  [ "$(left "$url")" -eq 15 ]
  exits 0 fetch --delete --max-size 3k --to "maildir:$box" "$url" || true
  big=$(left "$url")
  [ "$big" -gt 0 ]
  exits 0 fetch --delete --to "maildir:$box" "$url"
  [ "$(left "$url")" -eq 0 ]
  same_mail "$BATS_TEST_TMPDIR/all" "$box" 20
  exits 0 fetch --delete --to "maildir:$box" "$url"
  [ -z "$out$err" ]
}

@test "--move-to makes the folder and moves, --mark-seen marks" {
  make_mail "$d" bob 1 10
  exits 0 fetch --mark-seen --limit 4 --to "maildir:$box" "$url"
  [ "$(fetch --peek --unseen "$url" | wc -l)" -eq 6 ]
  exits 0 fetch --move-to Fetched/2026 --to "maildir:$box" "$url"
  [ "$(left "$url")" -eq 0 ]
  [ "$(left "$url/Fetched/2026")" -eq 10 ]
  [ "$(count "$box")" -eq 10 ]
  exits 64 fetch --delete --mark-seen "$url"
  exits 64 fetch --delete --headers "$url"
}

@test "--headers fetches headers, and knows them from messages" {
  make_mail "$d" bob 1 3
  exits 0 fetch --headers "$url"
  has "$out" 'Subject: number 2'
  hasnt "$out" 'Line 0'
  exits 0 fetch --headers "$url"
  [ -z "$out" ]
  exits 0 fetch "$url"
  has "$out" 'Line 0'
}

@test "POP3: --headers and --peek by TOP" {
  make_mail "$d" bob 1 5
  pop=pop3s://bob@localhost:$pop3s_port
  exits 0 fetch --headers "$pop"
  has "$out" 'Subject: number 2'
  hasnt "$out" 'Line 0'
  exits 0 fetch --headers "$pop"
  [ -z "$out" ]
  exits 0 fetch --peek --json "$pop"
  printf '%s\n' "$out" | schema mfetch
  has "$(printf '%s\n' "$out" | sed -n 3p)" '"subject":"number 3"'
  exits 0 fetch --peek --limit 1 "$pop"
  [[ $out == *$'\t'*$'\t's1@example.org$'\t'"number 1" ]]
  exits 0 fetch "$pop"
  has "$out" 'Line 0'
  exits 64 fetch --auth APOP "$url"
  one_line "$err"
}

@test "--delete-after: in POP3 from when it came here, in IMAP from its arrival" {
  make_mail "$d" bob 1 4
  cp -r "$there" "$BATS_TEST_TMPDIR/all"
  pop=pop3s://bob@localhost:$pop3s_port
  exits 0 fetch --delete-after 7 --limit 2 --to "maildir:$box" "$pop"
  at() { exits 0 fetch --now "$(($(date +%s) + $1 * 86400))" --delete-after 7 --to "maildir:$box" "$pop"; }
  at 5
  [ "$(left "$url")" -eq 4 ]
  same_mail "$BATS_TEST_TMPDIR/all" "$box" 4
  at 8 # the first two
  [ -z "$out$err" ]
  [ "$(left "$url")" -eq 2 ]
  at 13
  [ "$(left "$url")" -eq 0 ]
  same_mail "$BATS_TEST_TMPDIR/all" "$box" 4
  make_mail "$d" bob 11 13
  touch -d '9 days ago' "$there"/new/1700000011.*
  exits 0 fetch --delete-after 7 --to "maildir:$box.imap" "$url"
  [ "$(left "$url")" -eq 2 ]
  [ "$(count "$box.imap")" -eq 3 ]
  exits 64 fetch --delete-after 7 --delete "$url"
  exits 64 fetch --delete-after 7 --headers "$url"
}

@test "--list has counts and sizes, --peek has headers and attachments" {
  many_folders
  printf '%s\n' 'From: =?utf-8?q?J=C3=B6rg?= <j@example.org>' 'Subject: with' \
    'Content-Type: multipart/mixed; boundary=b' 'MIME-Version: 1.0' '' '--b' '' hi \
    '--b' 'Content-Type: text/plain' 'Content-Disposition: attachment; filename=a.txt' \
    '' file '--b' 'Content-Disposition: attachment' '' file '--b--' \
    >"$there/new/1800000000.M1.test"
  exits 0 fetch --list --json "$url"
  printf '%s\n' "$out" | schema mfetch
  has "$(printf '%s\n' "$out" | grep INBOX)" '"messages":6,"unseen":6'
  has "$(printf '%s\n' "$out" | grep '"Entwürfe"')" '"messages":1'
  exits 0 fetch --list "$url"
  has "$out" $'Lists\t3\t3'
  exits 0 fetch --peek --json "$url"
  printf '%s\n' "$out" | schema mfetch
  [ "$(printf '%s\n' "$out" | wc -l)" -eq 6 ]
  has "$(printf '%s\n' "$out" | tail -1)" '"from":"Jörg <j@example.org>"'
  has "$(printf '%s\n' "$out" | tail -1)" '"attachments":2'
  has "$(printf '%s\n' "$out" | head -1)" '"attachments":0'
  exits 0 fetch --peek --search 'SUBJECT "number 3"' "$url"
  [[ $out == 3$'\t'*$'\t'*s3@example.org*$'\t'*"number 3" ]]
  [ -z "$(find "$there" -name '*:2,*S*')" ]
}

@test "COMPRESS=DEFLATE both ways" {
  make_mail "$d" bob 1 40
  exits 0 fetch -vv --compress always --to "maildir:$box" "$url"
  has "$err" 'COMPRESS DEFLATE'
  same_mail "$there" "$box" 40
  exits 0 fetch -vv --to "maildir:$box.plain" "$url"
  hasnt "$err" 'COMPRESS DEFLATE'
}

@test "over a unix socket, and through a tunnel" {
  make_mail "$d" bob 1 7
  exits 0 fetch --user bob --to "maildir:$box" "imap:$d/run/imap.sock"
  same_mail "$there" "$box" 7
  # a login through the tunnel, then none
  exits 0 fetch --user bob --to "maildir:$box.1" \
    --tunnel "exec python3 -c 'import os, socket, threading
s = socket.create_connection((\"127.0.0.1\", $imap_port))
def out():
    while (b := s.recv(65536)): os.write(1, b)
threading.Thread(target=out, daemon=True).start()
while (b := os.read(0, 65536)): s.sendall(b)'" || true
  cat >"$BATS_TEST_TMPDIR/pre" <<'END'
printf '* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n'
read -r tag _; printf '* 1 EXISTS\r\n* OK [UIDVALIDITY 1] v\r\n* OK [UIDNEXT 2] n\r\n%s OK done\r\n' "$tag"
read -r tag _; printf '* SEARCH 1\r\n%s OK done\r\n' "$tag"
read -r tag _; printf '* 1 FETCH (UID 1 BODY[] {4}\r\nhi\r\n)\r\n%s OK done\r\n' "$tag"
read -r tag _; printf '%s OK bye\r\n' "$tag"
END
  exits 0 mfetch --tunnel "sh $BATS_TEST_TMPDIR/pre"
  has "$out" hi
  exits 75 mfetch --tunnel 'exit 3'
  one_line "$err"
}

@test "--all-accounts: each account of the file, at once; the worst counts" {
  make_mail "$d" bob 1 3
  make_mail "$d" alice 4 8
  conf=$BATS_TEST_TMPDIR/accounts
  cat >"$conf" <<END
[*]
mfetch.tls-ca = $d/ca.pem
password-command = echo secret
[one]
mfetch.server = imaps://bob@localhost:$imaps_port
mfetch.to = maildir:$box.one
[two]
mfetch.server = imaps://alice@localhost:$imaps_port
mfetch.to = maildir:$box.two
[other]
msend.server = smtp://localhost
END
  chmod 600 "$conf"
  exits 0 mfetch --config "$conf" --all-accounts
  [ -z "$out$err" ]
  [ "$(count "$box.one")" -eq 3 ]
  [ "$(count "$box.two")" -eq 5 ]
  exits 0 mfetch --config "$conf" --account two
  printf '[three]\nmfetch.server = imaps://eve@127.0.0.1:1\n' >>"$conf"
  exits 75 mfetch --config "$conf" --all-accounts --json --to "maildir:$box.new"
  printf '%s\n' "$out" | schema mfetch
  [ "$(printf '%s\n' "$out" | wc -l)" -eq 8 ]
}

# a command line to the server: FLAGS of messages change, some go
change() {
  python3 - "$imaps_port" "$@" <<'P'
import imaplib, ssl, sys
m = imaplib.IMAP4_SSL("localhost", int(sys.argv[1]),
    ssl_context=ssl._create_unverified_context())
m.login("bob", "secret")
m.select(sys.argv[2])
for uids, what, flags in zip(*[iter(sys.argv[3:])] * 3):
    assert m.uid("STORE", uids, what, flags)[0] == "OK"
m.expunge()
m.logout()
P
}

@test "--mirror: new ones, flags and expunges, at the cost of the changes" {
  make_mail "$d" bob 1 30
  mirror() { exits 0 fetch --mirror --to "maildir:$box" "$@" "$url"; }
  mirror
  same_mail "$there" "$box" 30
  change INBOX 5 +FLAGS '(\Seen \Flagged)' 6 +FLAGS '(\Seen)' 7:9 +FLAGS '(\Deleted)'
  make_mail "$d" bob 31 32
  mirror -vv --json
  has "$err" 'QRESYNC'
  hasnt "$err" 'UID FETCH 1'
  printf '%s\n' "$out" | schema mfetch
  [ "$(printf '%s\n' "$out" | grep -c '"outcome":"expunged"')" -eq 3 ]
  [ "$(printf '%s\n' "$out" | grep -c '"outcome":"flags"')" -eq 2 ]
  same_mail "$there" "$box" 29
  [ "$(grep -l 'Subject: number 5$' "$box"/cur/*:2,FS | wc -l)" -eq 1 ]
  change INBOX 5 -FLAGS '(\Seen)' 6 -FLAGS '(\Seen)'
  # a letter of ours stays
  file=$(echo "$box"/cur/*:2,S)
  mv "$file" "${file}a"
  mirror
  [ -z "$out$err" ]
  [ -e "${file%S}a" ]
  [ "$(find "$box" -name '*:2,F' | wc -l)" -eq 1 ]
  mirror -vv
  hasnt "$err" 'FETCH'
}

@test "--mirror after the server renumbered: nothing twice, what is gone goes" {
  make_mail "$d" bob 1 20
  exits 0 fetch --mirror --to "maildir:$box" "$url"
  change INBOX 3 +FLAGS '(\Deleted)'
  rm "$there"/dovecot*
  sleep 1 # UIDVALIDITY is a time
  exits 0 fetch --mirror --to "maildir:$box" "$url"
  has "$err" renumbered
  same_mail "$there" "$box" 19
  change INBOX 4 +FLAGS '(\Deleted)' 5 +FLAGS '(\Flagged)'
  exits 0 fetch --mirror --to "maildir:$box" "$url"
  same_mail "$there" "$box" 18
  [ "$(find "$box" -name '*:2,F' | wc -l)" -eq 1 ]
  exits 64 fetch --mirror "$url"
  exits 64 fetch --mirror --delete --to "maildir:$box" "$url"
}

@test "--mirror of many folders: those that did not change are not opened" {
  many_folders
  exits 0 fetch --mirror --mailbox '*' --to "maildir:$box" "$url"
  change Lists 1 +FLAGS '(\Deleted)'
  exits 0 fetch -vv --mirror --mailbox '*' --to "maildir:$box" "$url"
  [ "$(count "$box/.Lists")" -eq 2 ]
  [ "$(grep -c 'EXAMINE' <<<"$err")" -eq 1 ]
}

# arrived N: so many messages are here
arrived() { [ "$(count "$box")" -eq "$1" ]; }

# watch ARGUMENT...: mfetch --idle in the background
watch() {
  mfetch --idle --tls-ca "$d/ca.pem" --password-command 'echo secret' \
    "$@" >"$BATS_TEST_TMPDIR/log" 2>&1 3>&- &
  watcher=$!
}

# ended STATUS: after SIGTERM
ended() {
  local got=0
  kill -TERM "$watcher"
  wait "$watcher" || got=$?
  [ "$got" -eq "$1" ] || { cat "$BATS_TEST_TMPDIR/log" >&2; return 1; }
}

@test "--idle: news come by themselves, --on-new runs, SIGTERM ends it" {
  make_mail "$d" bob 1 3
  watch --to "maildir:$box" --on-new "echo x >>$BATS_TEST_TMPDIR/ran" "$url"
  wait_for 20 arrived 3
  make_mail "$d" bob 4 5
  wait_for 40 arrived 5
  wait_for 10 test "$(wc -l <"$BATS_TEST_TMPDIR/ran")" -ge 1
  ended 0
  same_mail "$there" "$box" 5
}

@test "--idle for many mailboxes, through a server that goes and comes" {
  make_mail "$d" bob 1 2
  make_mail "$d" bob 3 3 Lists
  watch --mailbox '*' --interval 1 --to "maildir:$box" "$url"
  wait_for 20 arrived 2
  # the session is cut
  ps -o pid=,comm= --ppid "$(cat "$d/pid")" | awk '$2 == "imap" { print $1 }' |
    xargs -r kill -KILL
  make_mail "$d" bob 4 4 Lists
  there() { [ "$(count "$box/.Lists")" -eq 2 ]; }
  wait_for 40 there
  ended 0
}

@test "--to lmtp: hands each message on, once; a refused one stays new" {
  make_mail "$d" bob 1 12
  sock=$BATS_TEST_TMPDIR/lmtp.sock
  mreceive --lmtp --listen "$sock" --maildir "$box" \
    --refuse 'nobody@example.org=550 5.1.1 no such user' >/dev/null 2>&1 3>&- &
  receiver=$!
  wait_for 10 test -S "$sock"
  exits 64 fetch --to "lmtp:$sock" "$url"
  has "$err" '--rcpt'
  exits 67 fetch --limit 2 --rcpt nobody@example.org --to "lmtp:$sock" "$url"
  has "$err" 'no such user'
  exits 0 fetch --rcpt bob@example.org --to "lmtp:$sock" "$url"
  [ -z "$out$err" ]
  exits 0 fetch --rcpt bob@example.org --to "lmtp:$sock" "$url"
  [ "$(count "$box")" -eq 12 ]
  # but for the lines that the server adds
  grep -h '^Subject: ' "$box"/new/* | sort | uniq -c | grep -vq '^ *1 ' && return 1
  kill "$receiver"
  wait "$receiver" || :
  make_mail "$d" bob 13 13
  exits 75 fetch --rcpt bob@example.org --to "lmtp:$sock" "$url"
  one_line "$err"
}

@test "a terminal shows how far it is, at what rate, and what is left" {
  make_mail "$d" bob 1 300
  exits 0 script -qec "mfetch --tls-ca $d/ca.pem --password-command 'echo secret' \
    --to maildir:$box $url" "$BATS_TEST_TMPDIR/shown"
  out=$(cat "$BATS_TEST_TMPDIR/shown")
  [[ $out =~ 300\ of\ 300\ messages,\ [0-9]+\ KiB,\ [0-9]+\ KiB/s,\ 0:00\ left ]]
  exits 0 fetch --to "maildir:$box.2" "$url" # no terminal, no talk
  [ -z "$out$err" ]
}

# recipe_of TEXT: the example of the manual with that in it, for our server, as
# the script "recipe"
recipe_of() {
  sed -n 's/^\.Dl //p' "$top_srcdir/man/mfetch.1" | grep -F -- "$1" | head -1 |
    sed -e 's/\\(dq/"/g; s/\\e/\\/g' \
      -e "s,imaps://[a-z]*@mail.example.org,imaps://bob@localhost:$imaps_port," \
      -e "s,pop3s://[a-z]*@mail.example.org,pop3s://bob@localhost:$pop3s_port," \
      -e 's/pass mail/echo secret/' >"$BATS_TEST_TMPDIR/recipe"
  [ -s "$BATS_TEST_TMPDIR/recipe" ]
  cd "$BATS_TEST_TMPDIR" || return
}

recipe() {
  recipe_of "$@" || return
  exits 0 sh "$BATS_TEST_TMPDIR/recipe"
}

# at_home: the login is bob's, the authority that of the tests
at_home() {
  export XDG_CONFIG_HOME=$HOME/.config
  mkdir -p "$XDG_CONFIG_HOME/mailtoolkit"
  printf '[default]\nmfetch.tls-ca = %s\n' "$d/ca.pem" \
    >"$XDG_CONFIG_HOME/mailtoolkit/accounts"
  printf 'machine localhost login bob password secret\n' >"$HOME/.netrc"
  chmod 600 "$XDG_CONFIG_HOME/mailtoolkit/accounts" "$HOME/.netrc"
}

@test "the recipes of the manual" {
  need jq
  at_home
  make_mail "$d" bob 1 4
  make_mail "$d" bob 5 6 Lists
  recipe 'maildir:Backup imaps'
  [ -z "$out$err" ]
  [ "$(count Backup)" -eq 4 ]
  recipe "grep '^From: '"
  has "$out" 's3@example.org'
  recipe 'jq -r .path'
  [ "$(printf '%s\n' "$out" | wc -l)" -eq 4 ]
  [ -f "$(printf '%s\n' "$out" | head -1)" ]
  recipe 'e(.mailbox)' # cron: nothing new, nothing said
  [ -z "$out$err" ]
  mkdir bin today # ripmime is no part of this: what it is given
  # shellcheck disable=SC2016
  printf '#!/bin/sh\n[ "$1 $3" = "-i -d" ] && cat >"$4/$$"\n' >bin/ripmime
  chmod +x bin/ripmime
  PATH=$PWD/bin:$PATH recipe ripmime
  [ "$(cat today/* | grep -c '^Subject: number ')" -eq 4 ]
  recipe 'select(.attachments'
  [ -z "$out$err" ]
  rm -rf Backup
  recipe '--mirror --mailbox'
  [ "$(count Backup/.Lists)" -eq 2 ]
  recipe "--mailbox '*' --delete"
  [ "$(count Mail/.Lists)" -eq 2 ]
  [ "$(left "$url")" -eq 0 ]
  cp "$top_srcdir"/tests/fixtures/bounces/*/*.eml "$there/new/" 2>/dev/null ||
    find "$top_srcdir/tests/fixtures/bounces" -type f -exec cp {} "$there/new/" \;
  recipe 'mbounce-parse'
  has "$out" '"action":"failed"'
}

@test "the recipes that wait for news, and the systemd unit" {
  at_home
  cd "$BATS_TEST_TMPDIR"
  make_mail "$d" bob 1 2
  mkdir bin
  printf '#!/bin/sh\necho "$1" >>ran\n' >bin/notmuch
  chmod +x bin/notmuch
  recipe_of 'notmuch new'
  sed -i '1s/^/exec /' recipe
  PATH=$PWD/bin:$PATH sh recipe >log 2>&1 3>&- &
  watcher=$!
  box=$PWD/Mail
  wait_for 20 arrived 2
  make_mail "$d" bob 3 3
  wait_for 40 arrived 3
  wait_for 10 grep -q new ran
  ended 0
  [ ! -s log ]
  # the unit, its command line as it stands there
  unit=$top_srcdir/contrib/mfetch@.service
  cp "$unit" mfetch@work.service
  if command -v systemd-analyze >/dev/null; then # it looks where we do not install
    got=$(timeout 60 systemd-analyze verify ./mfetch@work.service 2>&1 |
      grep -v 'Command mfetch is not executable' || :)
    [ -z "$got" ] || { echo "$got" >&2; return 1; }
  fi
  printf '[work]\nmfetch.server = %s\nmfetch.to = maildir:%s\n' "$url" "$PWD/Unit" \
    >>"$XDG_CONFIG_HOME/mailtoolkit/accounts"
  printf '[*]\nmfetch.tls-ca = %s\n' "$d/ca.pem" >>"$XDG_CONFIG_HOME/mailtoolkit/accounts"
  sed -n 's/^ExecStart=/exec /p' "$unit" | sed 's/%i/work/' >start
  sh start >log 2>&1 3>&- &
  watcher=$!
  box=$PWD/Unit
  wait_for 20 arrived 3
  ended 0
  # what the unit calls hopeless
  printf 'machine localhost login bob password wrong\n' >"$HOME/.netrc"
  exits 77 sh start
  has "$(cat "$unit")" 'RestartPreventExitStatus=64 77 78'
}

@test "the recipe that moves an account to another server" {
  at_home
  make_mail "$d" bob 1 5
  mreceive --lmtp --listen 127.0.0.1:0 --print-port --maildir "$box" \
    >"$BATS_TEST_TMPDIR/port" 2>"$BATS_TEST_TMPDIR/log" 3>&- &
  watcher=$!
  wait_for 10 test -s "$BATS_TEST_TMPDIR/port"
  recipe_of lmtp://localhost
  sed -i "s,lmtp://localhost,&:$(sed 's/.*://' port)," recipe
  exits 0 sh recipe
  [ -z "$out$err" ]
  arrived 5
  # the letter over a network is another matter
  sed 's/--to/--to-tls verify --state other --to/' recipe >strict
  exits 76 sh strict
  has "$err" '--to-tls=may'
  kill "$watcher"
  wait "$watcher" || :
}

@test "a pin stands in for the authority, another key is refused" {
  make_mail "$d" bob 1 1
  hex=$(openssl x509 -in "$d/server.pem" -pubkey -noout |
    openssl pkey -pubin -outform DER | sha256sum | cut -d' ' -f1)
  exits 0 mfetch --password-command 'echo secret' --tls-pin "spki:sha256:$hex" "$url"
  has "$out" 'number 1'
  exits 76 mfetch --password-command 'echo secret' --tls-pin "spki:sha256:${hex//[0-9]/0}" "$url"
  one_line "$err"
  exits 64 mfetch --password-command 'echo secret' --tls-pin nonsense "$url"
}
