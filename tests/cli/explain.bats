#!/usr/bin/env bats
# mverify --explain: what happened to a signed letter, proven by its hash.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return 1
  mdkimsign --genkey ed25519 -o ed
  mdkimsign --genkey rsa:2048 -o rsa
  { echo "\$TTL 300"
    mdkimsign --record ed -d ex.test -s e
    mdkimsign --record rsa -d ex.test -s r; } >zone
}

setup() { cd "$BATS_TEST_TMPDIR" && ln -s "$BATS_FILE_TMPDIR"/* .; }

# changed N KEY: N letters signed simple/simple, changed in twelve ways, judged;
# lines "CLASS WHAT" in told
changed() {
  mkdir -p all
  "$top_srcdir/tests/lib/mutate" letters "$1" |
    mdkimsign --force -c simple/simple -d ex.test -s "$2" >signed
  "$top_srcdir/tests/lib/mutate" change all <signed >classes
  mverify --dkim --explain --json --zone zone all >told.json || :
  jq -r '.dkim[0].explain[0].what // "nothing"' told.json |
    paste -d ' ' <(cut -d ' ' -f 2 classes) - >told
}

# wrong: how many of them were not told exactly
wrong() {
  awk '{ ok = $1 == $2
         if ($1 == "line") ok = $2 ~ /^line(s-inserted|-removed)$/
         if ($1 == "field") ok = $2 ~ /^field-(added|removed)$/
         if (!ok) { n++; print > "/dev/stderr" } } END { print n + 0 }' told
}

@test "twelve kinds of changes are told exactly, 95 of 100 and more" {
  need jq python3
  changed 120 r:rsa
  [ "$(wc -l <told)" -eq 120 ]
  schema mverify <told.json
  [ "$(wrong)" -le 6 ]
  rm -r all
  changed 60 e:ed
  [ "$(wrong)" -le 3 ]
}

@test "what was signed is recovered" {
  need jq
  printf 'From: Ann <ann@ex.test>\nTo: bob@ex.test\nSubject: Hello there\n\none\ntwo\n' |
    mdkimsign -d ex.test -s r:rsa >m
  sed 's/^Subject: /&[list] /; s/^From: .*/From: "Ann via List" <l@x.test>/' m |
    (cat; echo footer) >changed
  sed -i 's/^To:/X-Original-From: Ann <ann@ex.test>\n&/' changed
  mverify --dkim --explain --json --zone zone changed >j || true
  jq -e '.dkim[0].explain | .[0].what == "lines-appended" and .[0].line == 3 and
    .[0].lines == 1 and .[0].proof == "body-hash" and
    .[1].what == "display-name" and
    .[1].before == "From: Ann <ann@ex.test>" and
    .[2].what == "subject-tag" and .[2].before == "Subject: Hello there" and
    .[2].proof == "signature"' j
  exits 1 mverify --dkim --explain --zone zone changed
  has "$out" "proven: body: lines were appended (line 3, 1 line, 8 octets)"
  has "$out" "signed was 'Subject: Hello there'"
  has "$out" "signed was 'From: Ann <ann@ex.test>'"
  sed 's/^Subject: /&x /' m >altered
  exits 1 mverify --dkim --zone zone altered
  has "$out" 'the signed fields or the signature were altered'
}

# handed_on N KEY: N letters signed, as lists and gateways hand them on; lines
# "NUMBER KIND WAY WHAT..." in told, with "open" for what was not found out
handed_on() {
  mkdir -p all
  "$top_srcdir/tests/lib/relist" letters "$1" |
    mdkimsign --force -d ex.test -s "$2" >signed
  "$top_srcdir/tests/lib/relist" change all <signed >ways
  mverify --dkim --explain --json --zone zone all >told.json || :
  jq -r '.dkim[0] | .explain as $x |
    [$x[].what] + (if .body == "altered" and
      ([$x[] | select(.part == "body")] == []) then ["open"] else [] end) +
    (if .header == "altered" and
      ([$x[] | select(.part == "header")] == []) then ["open"] else [] end) |
    join(" ")' told.json | paste -d ' ' ways - >told
}

@test "what lists and gateways do together is told, 95 of 100 and more" {
  need jq python3
  handed_on 21 r:rsa
  schema mverify <told.json
  [ "$(wc -l <told)" -eq 240 ]
  [ "$(grep -c open told)" -le 4 ]
  # Each thing that was done, by its name.
  grep ' mailman-3 ' told | grep open -v | awk \
    '!/ wrapped .*display-name subject-tag/ { exit 1 }'
  grep ' reply-to-list ' told | awk \
    '!/ lines-[a-z]*ed subject-tag field-added$/ { exit 1 }'
  grep ' tag-and-disclaimer ' told | awk \
    '!/ lines-inserted html-inserted subject-tag$/ { exit 1 }'
  grep ' to-qp ' told | awk '!/ transfer-encoding/ { exit 1 }'
  # Ed25519 does not tell what was signed: only so many guesses are tried.
  rm -r all
  handed_on 21 e:ed
  [ "$(grep -c open told)" -le 12 ]
}

@test "a signature of another key is told from an altered letter" {
  need jq
  printf 'From: Ann <ann@ex.test>\n\none\n' >m
  mdkimsign --genkey rsa:2048 -o other
  mdkimsign -d ex.test -s r:other m >signed
  exits 1 mverify --dkim --explain --zone zone signed
  has "$out" 'the key did not make this signature, or b= was damaged'
  has "$out" 'it was made with another key, or damaged'
  mverify --json --dkim --explain --zone zone signed |
    jq -e '.dkim[0].explain | length == 1 and .[0].what == "other-key"'
}

@test "what no guess undoes stays unexplained, and a good letter has nothing" {
  need jq
  printf 'From: Ann <ann@ex.test>\nSubject: x\n\none two three\n' |
    mdkimsign -d ex.test -s r:rsa >m
  sed 's/two/2/; s/Subject: x/Subject: y/' m >changed
  exits 1 mverify --dkim --explain --zone zone changed
  has "$out" 'body: altered in a way not found out'
  has "$out" 'header: altered in a way not found out'
  exits 0 mverify --dkim --explain --zone zone m; hasnt "$out" proven
  mverify --json --dkim --explain --zone zone m | jq -e '.dkim[0].explain == []'
  mverify --json --dkim --zone zone m | jq -e '.dkim[0].explain == null'
}

@test "explaining ends, whatever the letter" {
  { printf 'From: Ann <ann@ex.test>\n\n'
    head -c 3000000 /dev/zero | tr '\0' 'x' | fold -w 30; } |
    mdkimsign --force -d ex.test -s r:rsa >m
  sed '50,$s/xxx$/xyx/' m >changed
  exits 1 timeout "$(patient 5)" mverify --dkim --explain --zone zone changed
  has "$out" 'not found out'
}
