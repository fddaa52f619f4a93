#!/usr/bin/env bats
# mfetch against Courier: its imapd through a tunnel, a server with few extensions
# and a namespace of its own.
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
  export d
}

teardown_file() {
  [ -n "${d:-}" ] || return 0
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
