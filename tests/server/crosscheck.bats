#!/usr/bin/env bats
# DKIM against four other implementations: what mdkimsign signs they verify,
# what they sign mverify verifies, and where they disagree about an odd message
# stands in crosscheck/table, with our reading. mailauth (npm) takes part where
# ./bootstrap check --servers could install it.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup_file() {
  export NODE_PATH=${MAILTOOLKIT_SERVERS:-${top_builddir:-$PWD}/servers}/node/node_modules
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  need opendkim opendkim-testmsg jq openssl
  peers=(opendkim dkimpy mail-dkim)
  /usr/bin/python3 -c 'import dkim, nacl' 2>/dev/null ||
    missing "python3-dkim, python3-nacl are not installed"
  perl -MMail::DKIM -e1 2>/dev/null ||
    missing "libmail-dkim-perl is not installed"
  if [ -d "$NODE_PATH/mailauth" ] && command -v node >/dev/null; then
    peers+=(mailauth)
  else
    echo "# without mailauth: npm did not install it" >&3
  fi
}

# peer NAME DIR [sign]
peer() {
  local run=("$BATS_TEST_DIRNAME/crosscheck/$1")
  [ "$1" != mailauth ] || run=(node "${run[0]}")
  timeout 60 "${run[@]}" "${@:2}"
}

# ours DIR ARG...: "NAME RESULT" of each DIR/NAME.eml
ours() {
  local m
  for m in "$1"/*.eml; do
    m=${m##*/}
    echo "${m%.eml} $(mverify --dkim --json --zone "$1/zone" "${@:2}" \
      "$1/$m" </dev/null | jq -r '.dkim[0].result')"
  done
}

# keys: rsa.pem, ed.pem, seed.txt, zone and records.json of ex.test
keys() {
  mdkimsign --genkey rsa:2048 -o rsa.pem
  mdkimsign --genkey ed25519 -o ed.pem
  openssl pkey -in ed.pem -outform DER | tail -c 32 | base64 >seed.txt
  { mdkimsign --record rsa.pem -d ex.test -s r
    mdkimsign --record ed.pem -d ex.test -s e; } >zone
  jq -n --arg r "$(mdkimsign --record rsa.pem -d ex.test -s r --format text)" \
    --arg e "$(mdkimsign --record ed.pem -d ex.test -s e --format text)" \
    '{"r._domainkey.ex.test": [$r], "e._domainkey.ex.test": [$e]}' >records.json
  printf '%s\r\n' 'From: =?utf-8?q?=C3=84nn?= <ann@ex.test>' 'To: bob@rcpt.test' \
    'Subject: a  long' '  subject	in lines ' 'Date: Mon, 23 Nov 2026 10:00:00 +0000' \
    'Message-ID: <1@ex.test>' 'MIME-Version: 1.0' \
    'Content-Type: text/plain; charset=utf-8' 'Content-Transfer-Encoding: 8bit' \
    'X-Other: x' '' 'Grüße  an alle ' '' '. dot' 'From here' '' '' >message
}

@test "what mdkimsign signs, all verify" {
  keys
  local c p
  for c in relaxed/relaxed relaxed/simple simple/relaxed simple/simple; do
    mdkimsign -c $c -d ex.test -s r:rsa.pem message >"r-${c/\//-}.eml"
    mdkimsign -c $c -d ex.test -s e:ed.pem message >"e-${c/\//-}.eml"
  done
  mdkimsign -d ex.test -s r:rsa.pem -x 14d -i a@b.ex.test message >r-more.eml
  mdkimsign -d ex.test -s r:rsa.pem --no-oversign message >r-plain.eml
  mdkimsign -d ex.test -s r:rsa.pem -s e:ed.pem message >r-both.eml
  tr -d '\r' <message | mdkimsign -d ex.test -s r:rsa.pem >r-lf.eml
  ours . >got
  [ "$(grep -c ' pass$' got)" -eq 12 ]
  for p in "${peers[@]}"; do
    peer "$p" . >"got.$p"
    [ "$(grep -c '^r-.* pass$' "got.$p")" -eq 8 ]
  done
  # Debian's opendkim and Mail::DKIM know no Ed25519.
  for p in dkimpy ${peers[3]:+mailauth}; do
    [ "$(grep -c '^e-.* pass$' "got.$p")" -eq 4 ]
  done
}

@test "what they sign, mverify verifies" {
  keys
  local p
  for p in "${peers[@]}"; do
    peer "$p" . sign
  done
  ours . | grep -v ' pass$' >got || :
  # SHA-1 is no signature (RFC 8301 3.1), though it matches.
  [ "$(cat got)" = "opendkim-sha1 permerror" ]
  [ "$(ours . --policy legacy | grep -c ' pass$')" -eq $((13 + 8 * (${#peers[@]} - 3))) ]
}

@test "odd messages: each as the table says, ours and theirs" {
  mkdir cases
  "$BATS_TEST_DIRNAME/crosscheck/make" cases
  grep -v '^#' "$BATS_TEST_DIRNAME/crosscheck/table" | sort >table
  ours cases | sort >got
  cut -d ' ' -f 1,2 table | diff - got
  local i
  for i in "${!peers[@]}"; do
    peer "${peers[i]}" cases | sort >got
    cut -d ' ' -f "1,$((i + 3))" table | diff - got
  done
}

@test "the manual has the rows where they do not agree" {
  awk '!/^#/ && NF > 6 {
    print ".It " $1 " Ta " $2 " Ta " $3 " Ta " $4 " Ta " $5 " Ta " $6 }' \
    "$BATS_TEST_DIRNAME/crosscheck/table" |
    diff - <(grep '^\.It [a-z].* Ta ' "$top_srcdir/man/mverify.1")
}
