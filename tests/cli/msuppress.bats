#!/usr/bin/env bats
# msuppress, as a user sees it.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() {
  mail=$top_srcdir/tests/fixtures/bounces
  cd "$BATS_TEST_TMPDIR" || return 1
  export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state
  mkdir state
}

# facts ADDRESS REASON CLASS DATE ID [MORE]: a line of mbounce-parse
fact() {
  printf '{"src":"t","kind":"bounce","rcpt":"%s","reason":"%s","class":"%s","scope":"recipient","date":"%s","msg_sha256":"%d%063d"%s}\n' \
    "$1" "$2" "$3" "$4" "$5" 0 "${6:-}"
}

@test "bounces go in, a mailing goes out without them" {
  mbounce-parse --json "$mail/failed.eml" | msuppress add
  exits 1 msuppress check bob+news@example.com
  has "$out" "user-unknown (recipient) until always"
  printf '%s\n' a@example.org 'Bob <Bob+News@example.com>' >list
  exits 0 msuppress filter <list
  [ "$out" = a@example.org ]
  exits 0 msuppress --invert filter <list
  [ "$out" = 'Bob <Bob+News@example.com>' ]
}

@test "the same reports again change nothing" {
  mbounce-parse --json "$mail" >facts
  msuppress -l l add <facts
  cp l once
  msuppress -l l add <facts
  cat facts facts | msuppress -l l add
  cmp l once
}

@test "hard at once, soft after five in fourteen days for thirty" {
  now=2026-11-24T00:00:00Z
  for i in 1 2 3 4; do
    fact soft@example.org mailbox-full soft "2026-11-0${i}T00:00:00Z" $i
  done | msuppress -l l --now $now add
  fact hard@example.org user-unknown hard 2026-11-05T00:00:00Z 9 |
    msuppress -l l --now $now add
  exits 0 msuppress -l l --now $now check soft@example.org
  exits 1 msuppress -l l --now $now check hard@example.org
  fact soft@example.org mailbox-full soft 2026-11-05T00:00:00Z 5 |
    msuppress -l l --now $now add
  exits 1 msuppress -l l --now $now check soft@example.org
  exits 0 msuppress -l l --now 2026-12-06T00:00:00Z check soft@example.org
  msuppress -l l --now 2026-12-06T00:00:00Z expire
  exits 0 msuppress -l l --now $now export
  hasnt "$out" soft@example.org
  has "$out" hard@example.org
}

@test "forwarded and foreign reports do nothing; --require-ours wants proof" {
  fact a@b.cd user-unknown hard 2026-11-01T00:00:00Z 1 ',"forwarded":true' >f
  fact a@b.cd user-unknown hard 2026-11-01T00:00:00Z 2 ',"ours":"no"' >>f
  msuppress -l l add <f
  exits 0 msuppress -l l check a@b.cd
  fact a@b.cd user-unknown hard 2026-11-01T00:00:00Z 3 >f
  msuppress -l l --require-ours add <f
  exits 0 msuppress -l l check a@b.cd
  msuppress -l l add <f
  exits 1 msuppress -l l check a@b.cd
}

@test "complaints for good, not-spam and a delivery take back" {
  fact a@b.cd complaint info 2026-11-01T00:00:00Z 1 | sed s/bounce/arf/ |
    msuppress -l l add
  exits 1 msuppress -l l check a@b.cd
  fact a@b.cd not-spam info 2026-11-02T00:00:00Z 2 | sed s/bounce/arf/ |
    msuppress -l l add
  exits 0 msuppress -l l check a@b.cd
  fact e@b.cd user-unknown hard 2026-11-01T00:00:00Z 3 | msuppress -l l add
  fact e@b.cd delivered info 2026-11-03T00:00:00Z 4 | sed s/bounce/success/ |
    msuppress -l l add
  exits 0 msuppress -l l check e@b.cd
}

@test "by hand, a whole domain, and back" {
  msuppress -l l --reason asked add a@b.cd @gone.example
  exits 1 msuppress -l l check anybody@gone.example
  has "$out" "asked (domain)"
  msuppress -l l del @gone.example
  exits 0 msuppress -l l check anybody@gone.example
  msuppress -l l --json check a@b.cd x@y.zz >json || :
  schema msuppress <json
  [ "$(jq -r .suppressed json | tr '\n' ' ')" = 'true false ' ]
}

@test "a hashed list holds no address, and wants its key" {
  echo 0123456789abcdef >key
  echo fedcba9876543210 >other
  msuppress -l l --hash key add a@b.cd
  ! grep a@b l || false
  exits 1 msuppress -l l --hash key check A@b.cd
  exits 78 msuppress -l l check a@b.cd
  has "$err" --hash
  exits 78 msuppress -l l --hash other check a@b.cd
  exits 78 msuppress -l l --hash /dev/null check a@b.cd
  has "$err" "too short"
}

@test "export and import" {
  printf '%s\n' a@b.cd e@b.cd,spam | msuppress -l l add
  exits 0 msuppress -l l --json export
  schema msuppress <<<"$out"
  msuppress -l new import l
  exits 1 msuppress -l new check e@b.cd
  printf 'x@y.zz\n' >plain
  msuppress -l new import plain
  exits 0 msuppress -l new export
  [ "$(wc -l <<<"$out")" -eq 3 ]
}

@test "what was exported goes in as it was: reason, scope and end" {
  now=2026-11-24T00:00:00Z
  for i in 1 2 3 4 5; do
    fact soft@example.org mailbox-full soft "2026-11-0${i}T00:00:00Z" $i
  done | msuppress -l l --now $now add
  msuppress -l l --now $now --reason asked add @gone.example
  exits 0 msuppress -l l --now $now export
  [ "$(sort <<<"$out")" = $'@gone.example\tasked\tdomain\talways
soft@example.org\tmailbox-full\trecipient\t2026-12-05T00:00:00Z' ]
  was=$out
  msuppress -l l --now $now export >text
  msuppress -l l --now $now --json export >json
  for f in text json l; do
    msuppress -l "from-$f" --now $now import $f
    cp "from-$f" once
    msuppress -l "from-$f" --now $now import $f
    cmp "from-$f" once
    exits 0 msuppress -l "from-$f" --now $now export
    [ "$out" = "$was" ]
  done
  exits 0 msuppress -l from-text --now 2026-12-05T00:00:01Z check \
    soft@example.org
  # what is over does not come back
  msuppress -l late --now 2026-12-06T00:00:00Z import json
  exits 0 msuppress -l late --now $now check soft@example.org
}

@test "lists of HMACs: into one of the same key only" {
  echo 0123456789abcdef >key
  echo fedcba9876543210 >other
  msuppress -l l --hash key add a@b.cd
  msuppress -l l --hash key export >text
  for f in l text; do
    exits 0 msuppress -l new-$f --hash key import $f
    exits 1 msuppress -l new-$f --hash key check a@b.cd
  done
  exits 78 msuppress -l new2 --hash other import l
  one_line "$err"
  exits 78 msuppress -l new3 import l
  has "$err" 'give it with --hash'
  exits 65 msuppress -l new4 import text
  has "$err" 'is no address'
  msuppress -l plain add e@b.cd
  exits 0 msuppress -l new-l --hash key import plain
  exits 1 msuppress -l new-l --hash key check e@b.cd
}

@test "what is no address is told by its line, and the others go in" {
  printf '%s\n' '# a comment' '' a@b.cd bob '{"kind":"none"}' '{nonsense' \
    e@b.cd >list
  exits 65 msuppress -l l add <list
  [ "$(wc -l <<<"$err")" -eq 2 ]
  has "$err" "'standard input', line 4: 'bob' is no address"
  has "$err" "line 6: not JSON"
  exits 1 msuppress -l l check a@b.cd
  exits 1 msuppress -l l check e@b.cd
  exits 65 msuppress -l l import list
  has "$err" "'list', line 4"
  exits 65 msuppress -l l del <list
  exits 0 msuppress -l l check a@b.cd
  seq 1000 >list
  exits 65 msuppress -l l add <list
  [ "$(wc -l <<<"$err")" -eq 11 ]
  has "$err" '990 lines more'
}

@test "standard input that is closed is named, with the way out" {
  msuppress -l l add a@b.cd
  for c in filter add del import; do
    exits 66 msuppress -l l $c <&-
    one_line "$err"
    has "$err" "'standard input' is closed: redirect it"
  done
  exits 66 msuppress -l l filter </
  has "$err" "'standard input' is a directory"
}

@test "a policy of one's own" {
  printf '# none of it\nuser-unknown 0 - -\n' >policy
  fact a@b.cd user-unknown hard 2026-11-01T00:00:00Z 1 |
    msuppress -l l --policy policy add
  exits 0 msuppress -l l check a@b.cd
  exits 0 msuppress --policy policy --show-policy
  has "$out" 'class:hard 1'
  echo 'x y z' >policy
  exits 78 msuppress -l l --policy policy add a@b.cd
  has "$err" "line 1"
}

@test "what is wrong is told in one line" {
  exits 64 msuppress
  one_line "$err"
  exits 64 msuppress nonsense
  has "$err" "unknown command 'nonsense'"
  exits 64 msuppress check
  exits 66 msuppress -l /no/such/list filter </dev/null
  one_line "$err"
  echo nonsense >bad
  exits 65 msuppress -l bad filter </dev/null
  has "$err" "no suppression list"
  exits 0 msuppress --help
  [ "$(wc -l <<<"$out")" -le 24 ]
  msuppress -l l add a@b.cd
  exits 74 sh -c 'msuppress -l l export >/dev/full'
}

@test "many at once lose nothing" {
  for ((i = 0; i < 20; i++)); do
    msuppress -l l add "u$i@example.org" &
  done
  wait
  exits 0 msuppress -l l export
  [ "$(wc -l <<<"$out")" -eq 20 ]
}

# mail FROM DATE [FIELD]: a person writes
mail() {
  printf 'From: %s\nDate: %s\nSubject: hello\n%s\nHello.\n' "$1" "$2" "${3:-}"
}

@test "what comes later goes between what is there, each once and in order" {
  seq -f 'user%07.0f@example.com' 1 20000 | sort -R >all
  awk 'NR % 3' all >first
  awk 'NR % 3 != 1' all >second
  exits 0 msuppress -l list add <first
  exits 0 msuppress -l list add <second
  sed 1d list | cut -f 1 >keys
  LC_ALL=C sort all | diff -q - keys
  head -n 100 all | sed p >ask
  seq -f 'other%07.0f@example.com' 1 100 >>ask
  exits 0 msuppress -l list filter <ask
  [ "$(wc -l <<<"$out")" -eq 100 ]
  hasnt "$out" user
}

@test "who writes again is taken off the list, later failures count anew" {
  now=2026-11-24T00:00:00Z
  for who in hard full; do
    fact $who@example.org user-unknown hard 2026-11-05T00:00:00Z 1
  done | msuppress -l l --now $now add
  fact angry@example.org complaint hard 2026-11-05T00:00:00Z 2 |
    msuppress -l l --now $now add
  msuppress -l l --now $now add hand@example.org
  mkdir -p box
  mail 'Hard <Hard@example.org>' 'Fri, 6 Nov 2026 10:00:00 +0000' >box/1.eml
  mail full@example.org 'Wed, 4 Nov 2026 10:00:00 +0000' >box/2.eml
  mail angry@example.org 'Fri, 6 Nov 2026 10:00:00 +0000' >box/3.eml
  mail hand@example.org 'Fri, 6 Nov 2026 10:00:00 +0000' >box/4.eml
  exits 0 msuppress -l l --now $now seen box
  exits 0 msuppress -l l --now $now check hard@example.org
  for who in full angry hand; do
    exits 1 msuppress -l l --now $now check $who@example.org
  done
  cp l once
  exits 0 msuppress -l l --now $now seen box
  cmp l once
  fact hard@example.org user-unknown hard 2026-11-05T00:00:00Z 3 |
    msuppress -l l --now $now add
  exits 0 msuppress -l l --now $now check hard@example.org
  fact hard@example.org user-unknown hard 2026-11-07T00:00:00Z 4 |
    msuppress -l l --now $now add
  exits 1 msuppress -l l --now $now check hard@example.org
}

@test "an automatic reply, a bounce or a date to come proves nothing" {
  now=2026-11-24T00:00:00Z
  fact a@example.org user-unknown hard 2026-11-05T00:00:00Z 1 |
    msuppress -l l --now $now add
  mkdir box
  mail a@example.org 'Fri, 6 Nov 2026 10:00:00 +0000' \
    $'Auto-Submitted: auto-replied\n' >box/1.eml
  mail a@example.org 'Fri, 25 Dec 2026 10:00:00 +0000' >box/2.eml
  exits 0 msuppress -l l --now $now seen box
  exits 1 msuppress -l l --now $now check a@example.org
  exits 66 msuppress -l none seen box
}

@test "a list that is a device is refused, not replaced" {
  ln -s /dev/null list
  exits 73 msuppress -l list add a@example.org
  one_line "$err"; has "$err" "'list' is no file"
  [ -L list ]
}
