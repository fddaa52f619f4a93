#!/usr/bin/env bats
# msend: many messages, their ways and what becomes of them; mreceive is the
# server. Servers that misbehave are in tests/play/smtp (many-*).
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  export HOME="$BATS_TEST_TMPDIR"
  unset XDG_CONFIG_HOME
  pids=()
}

teardown() {
  local p
  for p in "${pids[@]}"; do kill "$p" 2>/dev/null && wait "$p"; done
  return 0
}

# serve ARG...: mreceive in the background, into m/; $port
serve() {
  rm -f served
  mreceive --print-port --maildir m --hostname mx.example.org --tls off "$@" \
    >served 2>served.err 3>&- &
  pids+=("$!")
  wait_for 10 test -s served
  port=$(head -n 1 served)
}

plain() { msend --server "smtp://127.0.0.1:$port" --tls=off "$@"; }

# letter N: a message
letter() {
  printf '%s\n' 'From: me@example.org' 'To: bob@example.org' \
    "Subject: number $1" "Message-ID: <$1@example.org>" \
    'Date: Tue, 24 Nov 2026 00:00:00 +0000' '' "text $1"
}

# mbox FIRST LAST
mbox() {
  local i
  for ((i = $1; i <= $2; i++)); do
    printf 'From me@example.org Tue Nov 24 00:00:00 2026\n'
    letter "$i"
    echo
  done
}

# arrived N: messages 1 to N are there, once each
arrived() {
  cat m/new/* | sed -n 's/^Subject: number //p' | sort -n >got
  seq "$1" | cmp - got
}

@test "mbox, Maildir, file and standard input, in one run" {
  serve
  mbox 1 3 >box
  mkdir -p d/{cur,new,tmp}
  letter 4 >d/new/1.a
  letter 5 >d/cur/2.b:2,S
  letter 6 >one.eml
  letter 7 | exits 0 plain --mail box --mail d --mail one.eml --mail - -t
  [ -z "$out$err" ]
  arrived 7
}

@test "several connections, a few messages on each" {
  serve
  mbox 1 60 >box
  exits 0 plain --mail box --connections 4 --per-connection 5 -t --json -v
  [ "$(jq -r .outcome <<<"$out" | sort | uniq -c | xargs)" = "60 sent" ]
  [ "$(jq -r .message <<<"$out" | sort -n | tail -1)" = 60 ]
  schema msend <<<"$out"
  [ "$(grep -c 'connecting to' <<<"$err")" -ge 12 ]
  arrived 60
}

@test "one connection takes what it is given" {
  serve
  mbox 1 25 >box
  exits 0 plain --mail box --per-connection 10 -t -v
  [ "$(grep -c 'connecting to' <<<"$err")" = 3 ]
  arrived 25
}

@test "a large message between small ones" {
  serve
  mbox 1 2 >box
  { letter 3; head -c 3000000 /dev/zero | tr '\0' 'x' | fold -w 76; } >large
  letter 4 >small
  exits 0 plain --mail box --mail large --mail small --connections 3 -t
  arrived 4
}

@test "what is bad is told by its place, the others are sent" {
  serve --refuse 'no@example.org'
  { mbox 1 1; printf 'From x Tue Nov 24 00:00:00 2026\nTo: a@b.example\n\na\rb\n\n'; mbox 2 2; } >box
  exits 65 plain --mail box --mail nothere -t
  has "$err" "box, message 2: line 3 has a bare CR"
  has "$err" nothere
  arrived 2
  mbox 3 3 | sed 's/^To:.*/To: no@example.org/' >box
  exits 67 plain --mail box -t
  has "$err" "no@example.org"
}

@test "--rate holds for all processes that share its file" {
  local i begin took
  serve
  mbox 1 2 >box
  begin=$(date +%s%N)
  for i in {1..10}; do
    msend --server "smtp://127.0.0.1:$port" --tls off --mail box -t \
      --rate 10/s --rate-file rate 3>&- &
    pids+=($!)
  done
  for i in "${pids[@]:1}"; do wait "$i"; done
  took=$((($(date +%s%N) - begin) / 1000000))
  [ "$(find m/new -type f | wc -l)" = 20 ]
  # 20 messages, 19 steps of 100 ms: never faster
  [ "$took" -ge 1900 ]
  exits 64 plain --rate-file rate -t <box
  # without a file the runs of an account share one
  letter 1 >one
  exits 0 plain --rate 10/s -t <one
  exits 0 env XDG_STATE_HOME="$PWD/state" msend --server "smtp://127.0.0.1:$port" \
    --tls off --rate 10/s -t <one
  [ -s .local/state/mailtoolkit/rate-default ]
  [ -s state/mailtoolkit/rate-default ]
  exits 64 plain --rate x --rate-file rate -t <box
  one_line "$err"
}

@test "one message waits for its turn, too, and stops when it is told to" {
  serve
  letter 1 >one
  exits 0 plain -t --rate 1/h --rate-file rate <one
  msend --server "smtp://127.0.0.1:$port" --tls off -t --rate 1/h \
    --rate-file rate -v <one 2>stopped 3>&- &
  pids+=($!)
  wait_for 10 grep -q '^0' rate
  sleep 0.3
  kill -TERM "${pids[1]}"
  wait "${pids[1]}" && false
  [ "$(find m/new -type f | wc -l)" = 1 ]
}

@test "--transcript has both sides" {
  serve
  letter 1 >one
  exits 0 plain -t --transcript talk <one
  [ -z "$err" ]
  grep -q '^S: 220 ' talk
  grep -q '^C: MAIL FROM:<me@example.org>' talk
  grep -q '^S: 250 2.0.0' talk
  [ "$(stat -c %a talk)" = 600 ]
  exits 73 plain -t --transcript /nowhere/talk <one
  one_line "$err"
}

@test "nothing is composed or printed with --mail; too many connections" {
  exits 64 msend --mail x -s hi a@b.example
  one_line "$err"
  exits 64 msend --mail x --print
  exits 64 msend --mail x --server smtp://127.0.0.1:1 --connections 1000 -t
  one_line "$err"
}

@test "--suppress: what the list has is told and not sent to" {
  serve
  msuppress -l list --reason asked add bob@example.org @gone.example
  letter 1 >one
  exits 0 plain --suppress list --json Bob@Example.org eve@example.org \
    x@gone.example <one
  schema msend <<<"$out"
  [ "$(jq -r '"\(.rcpt) \(.outcome) \(.stage)"' <<<"$out" | sort | xargs)" = \
    "Bob@Example.org suppressed null eve@example.org sent content x@gone.example suppressed null" ]
  has "$out" "suppressed: asked"
  has "$(cat m/new/*)" "for <eve@example.org>;"
  hasnt "$(cat m/new/*)" "x@gone.example"
  # nobody is left: the server is not even asked
  exits 0 msend --server smtp://127.0.0.1:1 --suppress list --tls=off -t <one
  [ -z "$out" ]
  has "$err" "bob@example.org: suppressed: asked"
  has "$err" "nothing is sent"
  exits 66 plain --suppress nothere eve@example.org <one
  one_line "$err"
  has "$err" "--suppress"
  cp one nolist
  exits 65 plain --suppress nolist eve@example.org <one
  [ "$(find m/new -type f | wc -l)" = 1 ]
}

@test "--suppress with --mail, also when the list grows before --resume" {
  serve
  { mbox 1 2; mbox 3 3 | sed 's/^To:.*/To: eve@example.org, bob@example.org/'; } >box
  msuppress -l list --reason asked add eve@example.org
  exits 0 plain --mail box -t --suppress list --journal j --json
  schema msend <<<"$out"
  [ "$(jq -r '"\(.message) \(.outcome)"' <<<"$out" | sort | xargs)" = \
    "1 sent 2 sent 3 sent 3 suppressed" ]
  arrived 3
  msuppress -l list --reason asked add bob@example.org
  mbox 4 4 >>box
  exits 0 plain --mail box -t --suppress list --journal j --resume
  has "$err" "nothing is sent"
  arrived 3
}

# bounced: who the senders in m/ stand for, as mbounce-parse reads them
bounced() {
  local f
  for f in m/new/*; do
    printf '%s\n' 'From: postmaster@mx.example.com' \
      "To: $(sed -n 's/^Return-Path: <\(.*\)>$/\1/p' "$f")" \
      'Content-Type: multipart/report; report-type=delivery-status; boundary=b' \
      '' --b 'Content-Type: message/delivery-status' '' \
      'Reporting-MTA: dns; mx.example.com' '' 'Action: failed' \
      'Final-Recipient: rfc822; other@example.com' 'Status: 5.1.1' '' --b-- >bounce
    mbounce-parse --json bounce | jq -r .verp_rcpt
  done | sort | xargs
}

@test "--verp: each recipient has a sender that is read back" {
  serve
  letter 1 >one
  exits 0 plain --verp=+ --json -f news@example.org bob@example.com \
    eve+tag@example.net <one
  schema msend <<<"$out"
  [ "$(jq -r .outcome <<<"$out" | xargs)" = "sent sent" ]
  has "$(cat m/new/*)" "Return-Path: <news+bob=example.com@example.org>"
  [ "$(bounced)" = "bob@example.com eve+tag@example.net" ]
  rm -r m/new/*
  exits 0 plain --verp=- -f news@example.org bob@example.com <one
  has "$(cat m/new/*)" "Return-Path: <news-bob=example.com@example.org>"
  [ "$(bounced)" = bob@example.com ]
}

@test "--verp-key: the tag in the sender says whose mail bounced" {
  serve
  letter 1 >one
  (umask 077 && echo 0123456789abcdef0123 >key)
  exits 0 plain --verp=+ --verp-key key -f news@example.org bob@example.com <one
  from=$(sed -n 's/^Return-Path: <\(.*\)>.*/\1/p' m/new/*)
  [[ $from =~ ^news\+bob=example\.com=[0-9a-f]{12}@example\.org$ ]]
  # the report names another recipient than the one we wrote to
  printf '%s\n' 'From: mailer-daemon@mx.example' "To: $from" \
    'Date: Mon, 2 Nov 2026 10:00:00 +0000' \
    'Content-Type: multipart/report; boundary=b' '' --b \
    'Content-Type: message/delivery-status' '' \
    'Final-Recipient: rfc822; victim@example.net' 'Action: failed' \
    'Status: 5.1.1' '' --b-- >bounce
  exits 0 mbounce-parse --json --verp-key key --require-ours bounce
  [ "$(jq -r '.ours_by[0], .verp_rcpt, .rcpt' <<<"$out" | xargs)" = \
    "verp-hmac bob@example.com victim@example.net" ]
  msuppress -l list --require-ours add <<<"$out"
  exits 1 msuppress -l list check bob@example.com
  exits 0 msuppress -l list check victim@example.net
  # without a key nothing vouches for it
  mbounce-parse --json bounce | msuppress -l other add
  exits 0 msuppress -l other check bob@example.com
  exits 1 msuppress -l other check victim@example.net
  # a tag of another recipient is none of ours
  sed 's/news+bob/news+eve/' bounce >forged
  exits 0 mbounce-parse --json --verp-key key --require-ours forged
  [ -z "$out" ]

  exits 64 plain --verp-key key -f news@example.org bob@example.com <one
  chmod 640 key
  exits 78 plain --verp=+ --verp-key key -f news@example.org b@example.com <one
  has "$err" "others may read 'key'"
}

# senders: of the envelopes of what arrived
senders() { sed -n 's/^Return-Path: <\(.*\)>.*/\1/p' m/new/* | sort; }

@test "--verp-key with --mail: each sender has its tag" {
  serve
  mbox 1 2 >box
  (umask 077 && echo 0123456789abcdef0123 >key)
  exits 0 plain --mail box -t --verp=+ --verp-key key -f news@example.org
  [[ $(senders | sort -u) =~ ^news\+bob=example\.org=[0-9a-f]{12}@example\.org$ ]]
}

@test "--batv-key: a signed sender, told by a bounce for seven days" {
  serve
  letter 1 >one
  mbox 2 3 >box
  (umask 077 && echo 0123456789abcdef >key)
  # day 20000 and seven; the digits are of another program
  at=(--now 2024-10-04T12:00:00Z)
  tag=$(printf 0007news@example.org |
    openssl dgst -sha1 -hmac 0123456789abcdef -r | cut -c 1-6)
  sent="prvs=0007$tag=news@example.org"
  exits 0 plain "${at[@]}" --batv-key key -f news@example.org bob@example.com <one
  exits 0 plain "${at[@]}" --batv-key key -f news@example.org --mail box -t \
    --journal j
  [ "$(senders)" = "$sent"$'\n'"$sent"$'\n'"$sent" ]
  # another day, another tag: what was sent is not sent again
  exits 0 plain --now 2024-10-05T12:00:00Z --batv-key key -f news@example.org \
    --mail box -t --journal j --resume
  [ "$(senders | wc -l)" -eq 3 ]
  grep -q '^From: me@example.org' m/new/*

  printf '%s\n' 'From: mailer-daemon@mx.example' "To: $sent" \
    'Content-Type: multipart/report; boundary=b' '' --b \
    'Content-Type: message/delivery-status' '' \
    'Final-Recipient: rfc822; bob@example.com' 'Action: failed' \
    'Status: 5.1.1' '' --b-- >bounce
  exits 0 mbounce-parse --now 2024-10-11T12:00:00Z --json --batv-key key bounce
  [ "$(jq -r .ours <<<"$out")" = yes ]
  exits 0 mbounce-parse --now 2024-10-12T12:00:00Z --json --batv-key key bounce
  [ "$(jq -r .ours <<<"$out")" = unknown ]

  exits 0 plain --batv-key key --dry-run --json -f '<>' bob@example.com <one
  [ "$(jq -r 'select(.from) | .from' <<<"$out" | head -n 1)" = '' ]
  exits 65 plain --batv-key key -f "$(printf 'x%.0s' {1..49})@example.org" \
    bob@example.com <one
  one_line "$err"; has "$err" '64 octets'
  exits 65 plain --batv-key key -f '"a b"@example.org' bob@example.com <one
  one_line "$err"; has "$err" 'cannot be signed'
  exits 64 plain --verp=+ --batv-key key -f a@example.org bob@example.com <one
  has "$err" 'does not go with --verp'
  chmod 640 key
  exits 78 plain --batv-key key -f a@example.org bob@example.com <one
  has "$err" "others may read 'key'"
}

@test "--verp refuses what no bounce would tell, before anything is sent" {
  serve
  letter 1 >one
  exits 65 plain --verp=+ -f news@example.org bob@example.com \
    "$(printf 'x%.0s' {1..50})@example.com" <one
  has "$err" "64 octets"
  one_line "$err"
  exits 65 plain --verp=- -f news-letter@example.org bob@example.com <one
  has "$err" "read back"
  exits 64 plain --verp=+ -f '<>' bob@example.com <one
  exits 64 plain --verp=x -f news@example.org bob@example.com <one
  exits 64 plain --verp=+ -bs <one
  [ ! -e m/new ] || [ -z "$(ls m/new)" ]
}

@test "--verp with --mail, --suppress and --resume" {
  serve
  letter 1 | sed 's/^To:.*/To: a@example.com, b@example.com, c@example.com/' >one
  letter 2 >two
  msuppress -l list --reason asked add b@example.com
  for i in 1 2; do
    exits 0 plain --mail one --mail two -t --verp=+ --suppress list \
      --journal j --resume --connections 2
  done
  [ "$(bounced)" = "a@example.com bob@example.org c@example.com" ]
}

@test "--list-unsubscribe: one click, signed, in what is composed and taken" {
  local n list
  mdkimsign --genkey ed25519 -o key.pem
  mdkimsign --record key.pem -d example.org -s sel >zone
  letter 1 >one
  list="--list-unsubscribe https://example.org/leave?u=1,2"
  # shellcheck disable=SC2086
  msend --print $list --sign key.pem --selector sel -t <one >made1
  # shellcheck disable=SC2086
  msend --print $list --sign key.pem --selector sel --from me@example.org \
    -s hi bob@example.org <<<text >made2
  for n in made1 made2; do
    has "$(cat "$n")" "List-Unsubscribe: <https://example.org/leave?u=1,2>"
    has "$(cat "$n")" "List-Unsubscribe-Post: List-Unsubscribe=One-Click"
    [ "$(mverify --zone zone --json "$n" | jq -r '.dkim[0].result')" = pass ]
    sed 's/=One-Click/=Two-Clicks/' "$n" >changed
    [ "$(mverify --zone zone --json changed | jq -r '.dkim[0].result')" = fail ]
    sed 's/leave?u/love?u/' "$n" >changed
    [ "$(mverify --zone zone --json changed | jq -r '.dkim[0].result')" = fail ]
  done
  exits 0 msend --print --list-unsubscribe mailto:leave@example.org -t <one
  has "$out" "List-Unsubscribe: <mailto:leave@example.org>"
  hasnt "$out" "List-Unsubscribe-Post"
  # there already, signed already, no URL
  # shellcheck disable=SC2086
  exits 65 msend --print $list -t <made1
  has "$err" "'List-Unsubscribe' already"
  msend --print --sign key.pem --selector sel -t <one >signed
  # shellcheck disable=SC2086
  exits 65 msend --print $list -t <signed
  has "$err" DKIM-Signature
  for n in 'ftp://a.example/' 'https://a.example/ b' 'https://a.example/>' \
    $'https://a.example/\nBcc: x'; do
    exits 64 msend --print --list-unsubscribe "$n" -t <one
  done
}

@test "--list-unsubscribe with --mail" {
  serve
  mbox 1 2 >box
  exits 0 plain --mail box -t --list-unsubscribe https://example.org/leave
  arrived 2
  [ "$(grep -h '^List-Uns' m/new/* | sort | uniq -c | xargs)" = \
    "2 List-Unsubscribe-Post: List-Unsubscribe=One-Click 2 List-Unsubscribe: <https://example.org/leave>" ]
}
