#!/usr/bin/env bats
# mverify: verdicts, exit statuses, faces of the output.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return 1
  mdkimsign --genkey ed25519 -o key
  { echo "\$TTL 300"
    mdkimsign --record key -d ex.test -s e
    mdkimsign --record key -d other.test -s e
    echo '_dmarc.ex.test. TXT "v=DMARC1; p=reject"'
    echo 'ex.test. TXT "v=spf1 ip4:192.0.2.1 -all"'
    echo ';@ SERVFAIL e._domainkey.down.test.'; } >zone
  printf 'From: Ann <ann@ex.test>\nTo: bob@ex.test\nSubject: one\n\nhello\n' >plain
  mdkimsign -d ex.test -s e:key plain >good
  sed 's/hello/hallo/' good >altered
  sed 's/ex.test/none.test/' plain >nobody
  mdkimsign -d other.test -s e:key plain >other
  mdkimsign -d down.test -s e:key nobody >down
  mdkimsign -d missing.test -s e:key nobody >missing
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  ln -s "$BATS_FILE_TMPDIR"/* .
  spf=(--ip 192.0.2.1 --helo mx.ex.test -f ann@ex.test)
}

@test "exit status: pass 0, fail 1, none 2, policy 3, temperror 75" {
  exits 0 mverify --zone zone good; has "$out" 'verdict: pass, by dmarc'
  exits 1 mverify --zone zone altered; has "$out" 'the body was altered'
  exits 1 mverify --zone zone plain; has "$out" 'verdict: fail, by dmarc'
  exits 1 mverify --zone zone other; has "$out" 'nothing aligned'
  exits 2 mverify --zone zone nobody; has "$out" 'verdict: none'
  exits 3 mverify --zone zone missing; has "$out" 'no key at e._domainkey.missing.test'
  exits 75 mverify --zone zone down; has "$out" 'servfail'
  exits 0 mverify --zone zone "${spf[@]}" plain; has "$out" 'aligned by SPF'
}

@test "what is judged can be chosen" {
  exits 0 mverify --dkim --zone zone other
  hasnt "$out" spf:; hasnt "$out" dmarc:
  exits 1 mverify --spf --zone zone --ip 192.0.2.9 -f ann@ex.test good
  has "$out" 'spf:     fail'; hasnt "$out" dkim:
  exits 2 mverify --spf --zone zone good; has "$out" 'address is not known'
  exits 0 mverify --dmarc --zone zone good
  has "$out" 'aligned by DKIM'; hasnt "$out" dkim:
  exits 0 mverify --quiet --zone zone good; [ -z "$out$err" ]
}

@test "From decides what DMARC looks at" {
  printf 'From: a@ex.test\nFrom: b@ex.test\n\nx\n' >m
  exits 3 mverify --zone zone m; has "$out" 'several From fields'
  printf 'From: a@ex.test, b@other.test\n\nx\n' >m
  exits 3 mverify --zone zone m; has "$out" 'several domains'
  printf 'From: nobody\n\nx\n' >m
  exits 3 mverify --zone zone m; has "$out" 'no address'
  printf 'To: x@y\n\nx\n' >m
  exits 3 mverify --zone zone m; has "$out" 'no From field'
  printf 'From: "a@none.test" <a@ex.test>\n\nx\n' >m
  exits 0 mverify --zone zone "${spf[@]}" m
}

@test "the time of reception can be given" {
  mdkimsign -t 1700000000 -x 60s -d ex.test -s e:key plain >m
  exits 0 mverify --dkim --zone zone --at 1700000010 m
  exits 0 mverify --dkim --zone zone --at 2023-11-14T22:13:30Z m
  exits 0 mverify --dkim --zone zone --now 2023-11-14T22:13:30Z m
  exits 3 mverify --dkim --zone zone m; has "$out" expired
  exits 3 mverify --dkim --zone zone --at 1600000000 m; has "$out" future
  exits 64 mverify --at soon m; has "$err" "'soon'"
}

@test "--json keeps to the schema, whatever the message" {
  local m
  for m in good altered plain other nobody down missing; do
    mverify --json --zone zone "${spf[@]}" $m >>j || true
    mverify --json --dkim --zone zone $m >>j || true
  done
  head -c 3000 /dev/urandom | base64 | mverify --json --zone zone >>j || true
  printf 'DKIM-Signature: \xff\n\n' | mverify --json --zone zone >>j || true
  schema mverify <j
  [ "$(wc -l <j)" -eq 16 ]
  mverify --json --zone zone good | jq -e '.v == 1 and .verdict == "pass" and
    .dkim[0].header == "good" and .dkim[0].body == "good" and
    .dkim[0].key.bits == 256 and .dmarc.aligned.dkim and
    .message.from_domains == ["ex.test"] and .spf.result == "none"'
  mverify --json --zone zone altered | jq -e '.dkim[0] | .code == "body-hash" and
    .header == "good" and .body == "altered" and .bh.want != .bh.got' ||
    [ "${PIPESTATUS[1]}" -eq 0 ]
}

@test "--ar and --add: our field on top, those that claim to be ours gone" {
  exits 0 mverify --ar mx.test --zone zone "${spf[@]}" good
  has "$out" 'Authentication-Results: mx.test;'
  has "$out" 'dkim=pass'; has "$out" 'header.d=ex.test'; has "$out" 'header.s=e'
  has "$out" 'spf=pass'; has "$out" 'smtp.mailfrom=ann@ex.test'
  has "$out" 'dmarc=pass'; has "$out" 'header.from=ex.test'
  { printf 'Authentication-Results: MX.test; dkim=pass\n'
    printf 'Authentication-Results: elsewhere.test;\n spf=pass\n'
    printf 'authentication-results: "mx.test" 1; none\n'
    cat altered; } >m
  exits 0 mverify --add mx.test --zone zone m
  [ "$(grep -ci '^Authentication-Results: *"\?mx.test' <<<"$out")" -eq 1 ]
  has "$out" 'Authentication-Results: elsewhere.test;'
  mverify --add mx.test --zone zone m | tail -c "$(wc -c <altered)" | cmp - altered
  hasnt "$(mverify --add mx.test --zone zone m)" $'\r'
  exits 75 mverify --add mx.test --zone zone down
}

@test "many messages, in order, with any number of jobs" {
  local i
  mkdir -p md/cur md/new md/tmp
  for i in $(seq 10 39); do cp good "md/cur/$i"; done
  cp altered md/cur/25
  exits 1 mverify --json --zone zone --jobs 1 md
  one=$out
  exits 1 mverify --json --zone zone --jobs 4 md
  [ "$one" = "$out" ]
  [ "$(wc -l <<<"$out")" -eq 30 ]
  jq -s -e '.[15].verdict == "fail" and .[14].verdict == "pass"' <<<"$out"
  exits 75 mverify --quiet --zone zone good altered down
}

@test "SHA-1 is permerror, with --policy legacy it passes" {
  need opendkim-testmsg openssl
  openssl genrsa -traditional -out rsa.pem 2048 2>/dev/null
  { cat zone; mdkimsign --record rsa.pem -d ex.test -s r; } >z
  { echo 'Date: Thu, 01 Jan 2026 00:00:00 +0000'; cat plain; } |
    sed 's/$/\r/' >crlf
  PATH=$PATH:/usr/sbin opendkim-testmsg -C -d ex.test -k rsa.pem -s r \
    <crlf >m
  has "$(cat m)" 'a=rsa-sha1'
  exits 3 mverify --dkim --zone z m; has "$out" 'good, but SHA-1'
  exits 0 mverify --dkim --policy legacy --zone z m
  sed -i 's/hello/hallo/' m
  exits 1 mverify --dkim --policy legacy --zone z m
  exits 64 mverify --policy lax --zone z m; has "$err" "'lax'"
}

@test "--policy legacy: rsa-sha512 is an algorithm" {
  need openssl
  printf 'hello\r\n' | openssl dgst -sha512 -binary | base64 -w 0 >bh
  dkim="v=1; a=rsa-sha512; c=relaxed/relaxed; d=ex.test; s=r; h=from; bh=$(cat bh); b="
  mdkimsign --genkey rsa:2048 -o rsa
  { cat zone; mdkimsign --record rsa -d ex.test -s r; } >both
  b=$(printf 'from:Ann <ann@ex.test>\r\ndkim-signature:%s' "$dkim" |
    openssl dgst -sha512 -sign rsa -binary | base64 -w 0)
  { echo "DKIM-Signature: $dkim$b"; cat plain; } >m
  exits 3 mverify --dkim --zone both m
  has "$out" 'unknown algorithm a=rsa-sha512'
  exits 0 mverify --dkim --policy legacy --zone both m; has "$out" pass
  sed 's/hello/hallo/' m >bad
  exits 1 mverify --dkim --policy legacy --explain --zone both bad
  has "$out" 'the body was altered'
}

@test "--policy legacy: names align by the Public Suffix List too" {
  printf 'From: ann@news.parent.com\n\nhello\n' >m
  mdkimsign -d parent.com -s e:key m >signed
  { cat zone; mdkimsign --record key -d parent.com -s e
    echo '_dmarc.news.parent.com. TXT "v=DMARC1; p=reject"'; } >both
  exits 1 mverify --zone both signed; has "$out" 'nothing aligned'
  exits 0 mverify --zone both --policy legacy signed
  has "$out" 'aligned by DKIM'
}

@test "pct=0 asks that a policy be not applied, as t=y does" {
  need jq
  { cat zone; echo '_dmarc.zero.test. TXT "v=DMARC1; p=reject; pct=0"'
    echo '_dmarc.ten.test. TXT "v=DMARC1; p=reject; pct=10"'; } >both
  for d in zero ten; do
    sed "s/ex.test/$d.test/" plain | mverify --dmarc --json --zone both || :
  done | jq -r '"\(.dmarc.result) \(.dmarc.policy) \(.dmarc.disposition)"' >got
  printf '%s\n' 'fail reject quarantine' 'fail reject reject' | cmp - got
}

@test "--tlsrpt: keys for TLS reports, and all of the body" {
  need openssl
  { cat zone; echo "tls._domainkey.ex.test. TXT \"$(mdkimsign --record key \
    -d ex.test -s tls --format text | sed 's/k=/s=tlsrpt; k=/')\""; } >both
  mdkimsign -d ex.test -s tls:key plain >m
  exits 3 mverify --dkim --zone both m; has "$out" 'the key is not for email'
  exits 0 mverify --dkim --tlsrpt --zone both m
  exits 0 mverify --dkim --tlsrpt --zone both good
  sign_part 7
  exits 0 mverify --dkim --tlsrpt --zone both m
  echo more >>m
  exits 1 mverify --dkim --tlsrpt --zone both m; has "$out" 'body was altered'
}

@test "what dkimpy signs, we verify" {
  /usr/bin/python3 -c 'import dkim' 2>/dev/null ||
    missing "python3-dkim is not installed"
  local c
  openssl genrsa -traditional -out rsa.pem 2048 2>/dev/null
  { cat zone; mdkimsign --record rsa.pem -d ex.test -s r; } >z
  for c in relaxed simple; do
    /usr/bin/python3 - "$c" <<'P'
import sys, dkim
mode = sys.argv[1].encode()
with open("plain", "rb") as f:
    message = f.read().replace(b"\n", b"\r\n")
with open("rsa.pem", "rb") as f:
    field = dkim.sign(message, b"r", b"ex.test", f.read(),
        canonicalize=(mode, mode))
with open("m", "wb") as f:
    f.write(field + message)
P
    exits 0 mverify --dkim --zone z m
    tr -d '\r' <m >lf
    exits 0 mverify --dkim --zone z lf
    sed -i 's/^Subject: one/Subject: two/' m
    exits 1 mverify --dkim --zone z m
  done
}

@test "10,000 signatures and a field of a megabyte cost little" {
  local i
  sed '/^From/,$d' good >sig
  { for i in $(seq 10000); do cat sig; done; cat plain; } >m
  exits 0 timeout "$(patient 5)" mverify --zone zone m
  has "$out" 'more signatures not judged'
  timeout "$(patient 5)" mverify --json --zone zone m | jq -e '(.dkim | length) == 100 and
    .dkim_beyond == 9900 and .dkim[10].code == "not-judged"'
  { echo "X-Long: $(head -c 1000000 /dev/zero | tr '\0' a)"; cat good; } >m
  exits 0 timeout "$(patient 5)" mverify --zone zone m
  { printf 'DKIM-Signature: v=1; a='; head -c 1000000 /dev/zero | tr '\0' a
    echo; cat good; } >m
  exits 0 timeout "$(patient 5)" mverify --zone zone m
  has "$out" 'the field has 1000'
}

@test "a part of the body signed: a pass that says so, and not for DMARC" {
  need openssl
  sign_part 7
  printf 'more\n' >>m
  exits 3 mverify --dkim --zone zone m
  has "$out" 'dkim:    pass'; has "$out" '6 octets of the body are unsigned (l=7)'
  exits 1 mverify --zone zone m; has "$out" 'nothing aligned'
  exits 0 mverify --policy rfc --zone zone m
  sign_part 0
  exits 3 mverify --dkim --zone zone m; has "$out" 'dkim:    policy'
  exits 0 mverify --dkim --policy rfc --zone zone m
}

# sign_part N: m is plain, signed with l=N by hand
sign_part() {
  local bh b
  bh=$(printf 'hello\r\n' | head -c "$1" | openssl dgst -sha256 -binary | base64)
  printf 'DKIM-Signature: v=1; a=ed25519-sha256; c=simple/simple; d=ex.test; s=e; l=%s; h=From; bh=%s; b=' "$1" "$bh" >f
  { printf 'From: Ann <ann@ex.test>\r\n'; cat f; } |
    openssl dgst -sha256 -binary >sum
  b=$(openssl pkeyutl -sign -rawin -in sum -inkey key | base64 -w0)
  { cat f; echo "$b"; cat plain; } >m
}

@test "ARC: sealed on the way, judged at the end, broken by whoever changes it" {
  { cat zone; mdkimsign --record key -d hop.test -s e; } >z
  mdkimsign --seal hop.test -d hop.test -s e:key good >one
  exits 0 mverify --arc --zone z one; has "$out" 'arc:     pass, 1 set'
  mverify --add mx.test --zone z one >judged
  has "$(cat judged)" 'arc=pass (1 set)'
  mdkimsign --seal mx.test -d hop.test -s e:key judged >two
  has "$(cat two)" 'ARC-Authentication-Results: i=2; mx.test; dkim=pass'
  mverify --arc --json --zone z two | tee j | schema mverify
  jq -e '.arc.cv == "pass" and .arc.sets[1].cv == "pass" and .by == "arc"' j
  sed 's/^hello/hallo/' two >bad
  exits 1 mverify --arc --zone z bad; has "$out" 'the body was altered'
  sed 's/dkim=pass/dkim=fail/' two >bad
  exits 1 mverify --arc --zone z bad; has "$out" 'seal 2: the signed'
  sed '/^ARC-Auth.*i=1/,/^DKIM/{/^ARC/d}' two >bad
  exits 1 mverify --arc --zone z bad
  has "$out" 'no ARC-Authentication-Results of instance 1'
  exits 2 mverify --arc --zone z good
  exits 75 mverify --arc --zone <(cat z; echo ';@ SERVFAIL e._domainkey.hop.test.') one
}

@test "broken input and output" {
  : >empty
  exits 66 mverify --zone zone empty; one_line "$err"; has "$err" empty
  exits 66 mverify --zone zone nothere; has "$err" nothere
  exits 66 mverify --zone nothere good; has "$err" nothere
  echo 'x y z' >badzone
  exits 65 mverify --zone badzone good; has "$err" 'badzone:1'
  exits 66 mverify --zone zone <&-; one_line "$err"
  has "$err" "'standard input' is closed"
  exits 64 mverify --ip 300.1.1.1 --zone zone good; has "$err" 300.1.1.1
  exits 64 mverify --from '<x' --zone zone good
  exits 64 mverify --json --quiet --zone zone good
  mverify --zone zone good >/dev/full && return 1 || [ $? -eq 74 ]
}

@test "control octets of a message do not reach the terminal" {
  printf 'DKIM-Signature: v=1; a=\033[31m; d=\033]0;x\007; s=x\nFrom: a@b\n\nx\n' |
    mverify --zone zone >t || true
  hasnt "$(cat t)" $'\033'
}

@test "--received-by: the envelope is the trusted host's" {
  need jq
  echo 'a.test. TXT "v=spf1 ip4:192.0.2.1 -all"' >z
  printf '%s\n' 'Return-Path: <x@a.test>' \
    'Received: from mx.test (mx.test [198.51.100.7]) by box.test; Thu, 1 Jan 2026 00:00:20 +0000' \
    'Received: from h.a.test (r.test [192.0.2.1])' \
    '	by mx.test with ESMTP id 1; Thu, 1 Jan 2026 00:00:10 +0000' \
    'Received: from h.b.test (r.test [203.0.113.9]) by mx.test; x' \
    'From: a@a.test' '' hi >m
  exits 0 mverify --spf --received-by mx.test --zone z --ar me m
  has "$out" spf=pass; has "$out" smtp.mailfrom=x@a.test
  exits 1 mverify --spf --received-by box.test --zone z --ar me m
  has "$out" spf=fail
  exits 2 mverify --spf --received-by other.test --zone z --ar me m
  has "$out" spf=none
  exits 64 mverify --received-by mx.test --ip 192.0.2.1 m
  # x= is judged by the time of reception.
  mdkimsign --genkey ed25519 -o hop.pem
  mdkimsign --record hop.pem -d a.test -s s >>z
  { sed '/^From:/,$d' m
    sed -n '/^From:/,$p' m |
      mdkimsign -d a.test -s s:hop.pem -t 1767225600 -x 60s; } >signed
  exits 0 mverify --dkim --received-by mx.test --zone z signed
  exits 3 mverify --dkim --zone z signed
}

@test "values that mean nothing are usage errors" {
  local o
  for o in ar add received-by ip helo at zone resolver rcpt; do
    usage "--$o: nothing is no value" mverify "--$o" ''
  done
}
