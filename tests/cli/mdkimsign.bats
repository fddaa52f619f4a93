#!/usr/bin/env bats
# mdkimsign: options, refusals, keys, records, what goes in and comes out.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup_file() {
  export KEYS=$BATS_FILE_TMPDIR
  mdkimsign --genkey rsa:2048 -o "$KEYS/rsa.pem"
  mdkimsign --genkey ed25519 -o "$KEYS/ed.pem"
  { echo "\$TTL 300"
    mdkimsign --record "$KEYS/rsa.pem" -d ex.test -s r
    mdkimsign --record "$KEYS/ed.pem" -d ex.test -s e
    echo '_dmarc.ex.test. TXT "v=DMARC1; p=reject"'; } >"$KEYS/zone"
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  ln -s "$KEYS"/* .
  printf 'From: Ann <ann@ex.test>\r\nTo: bob@ex.test\r\nSubject: one\r\n\r\nhello  Bob\r\n' >crlf.eml
  tr -d '\r' <crlf.eml >lf.eml
  both=(-d ex.test -s r:rsa.pem -s e:ed.pem)
}

judge() { mverify --dkim --json --zone zone "$@"; }

@test "two signatures, both good, the message below not altered" {
  local m
  for m in crlf.eml lf.eml; do
    mdkimsign "${both[@]}" $m >signed
    judge signed | jq -e '[.dkim[].result] == ["pass", "pass"] and
      .dkim[0].a == "rsa-sha256" and .dkim[1].a == "ed25519-sha256"'
    tail -c "$(wc -c <$m)" signed | cmp - $m
  done
}

@test "the new field has the line ends of the message" {
  mdkimsign "${both[@]}" crlf.eml >signed
  [ "$(grep -c $'\r$' signed)" -eq "$(wc -l <signed)" ]
  mdkimsign "${both[@]}" lf.eml >signed
  hasnt "$(cat signed)" $'\r'
}

@test "what is oversigned cannot be added, what is not signed can" {
  mdkimsign "${both[@]}" lf.eml >signed
  (echo 'Subject: two'; cat signed) | judge | jq -e '.dkim[0].result == "fail"'
  (echo 'Cc: eve@ex.test'; cat signed) | judge | jq -e '.dkim[0].result == "fail"'
  (echo 'X-Spam: no'; cat signed) | judge | jq -e '.dkim[0].result == "pass"'
  mdkimsign --no-oversign "${both[@]}" lf.eml >signed
  (echo 'Cc: eve@ex.test'; cat signed) | judge | jq -e '.dkim[0].result == "pass"'
}

@test "all canonicalizations verify" {
  local c
  for c in relaxed/relaxed relaxed/simple simple/relaxed simple/simple simple; do
    mdkimsign -c $c "${both[@]}" lf.eml | judge |
      jq -e '[.dkim[].result] == ["pass", "pass"]'
  done
}

@test "-t -x -i -h stand in the field" {
  mdkimsign -t 1700000000 -x 14d -i ann@mail.ex.test -h From:Subject \
    -d ex.test -s e:ed.pem lf.eml >signed
  judge --at 1700000060 signed | jq -e '.dkim[0] | .result == "pass" and
    .t == 1700000000 and .x == 1701209600 and .auid == "ann@mail.ex.test" and
    .covered == ["From", "Subject"] and .oversigned == []'
  judge --at 1701209601 signed | jq -e '.dkim[0].code == "expired"'
  hasnt "$(cat signed)" 'l='
  mdkimsign --now 2026-01-31T12:00:00Z -d ex.test -s e:ed.pem lf.eml |
    grep -q 't=1769860800;'
}

@test "refusals name the line" {
  printf 'To: x\n\nhi\n' >m
  exits 65 mdkimsign "${both[@]}" m; has "$err" 'no From field'; [ -z "$out" ]
  printf 'From: a@b\nTo: x\nFrom: c@d\n\nhi\n' >m
  exits 65 mdkimsign --force "${both[@]}" m; has "$err" 'line 3: a second From'
  printf 'From: a@b\n\nhi\rho\n' >m
  exits 65 mdkimsign "${both[@]}" m; has "$err" 'line 3: a CR without LF'
  exits 0 mdkimsign --force "${both[@]}" m
  printf 'From: a@b\n\n%01000d\n' 1 >m
  exits 65 mdkimsign "${both[@]}" m; has "$err" 'line 3: over 998'
  printf 'From: a@b\nno field\n\nhi\n' >m
  exits 65 mdkimsign "${both[@]}" m; has "$err" "line 2 is no header field"
  printf 'From: a@b\nList-Unsubscribe: <https://x>\n\nhi\n' >m
  exits 65 mdkimsign -h From "${both[@]}" m
  has "$err" 'line 2: List-Unsubscribe, which RFC 8058 wants signed'
  exits 0 mdkimsign -h From --force "${both[@]}" m
  exits 0 mdkimsign "${both[@]}" m
  one_line "$(mdkimsign "${both[@]}" <crlf.eml | grep -c '^DKIM-Signature:')"
}

@test "--seal: the chain's state is taken from what was judged, or given" {
  seal=(--seal mx.test -d ex.test -s e:ed.pem)
  exits 0 mdkimsign "${seal[@]}" lf.eml
  has "$out" 'ARC-Authentication-Results: i=1; mx.test; none'; has "$out" 'cv=none'
  tail -n 5 <<<"$out" | cmp - lf.eml
  echo "$out" >one
  exits 65 mdkimsign "${seal[@]}" one; has "$err" 'mverify --add mx.test'
  exits 65 mdkimsign "${seal[@]}" --cv none one; has "$err" 'it has a chain'
  exits 0 mdkimsign "${seal[@]}" --cv pass one
  has "$out" 'cv=pass; d=ex.test; i=2'
  { printf 'Authentication-Results: mx.test;\n\tarc=fail;\n\tspf=pass\n'
    printf 'Authentication-Results: evil.test; arc=pass\n'; cat one; } >two
  exits 0 mdkimsign "${seal[@]}" two
  has "$out" 'cv=fail; d=ex.test; i=2'; has "$out" 'i=2; mx.test; arc=fail;'
  echo "$out" >failed
  mdkimsign "${seal[@]}" failed | cmp - failed
  exits 64 mdkimsign "${both[@]}" --seal mx.test lf.eml
  exits 64 mdkimsign "${both[@]}" --cv pass lf.eml
}

@test "--dkim2: hops over the envelope, as a draft has it" {
  d2=(--dkim2 --experimental -d ex.test -s r:rsa.pem -s e:ed.pem)
  to() { mverify --dkim2 --zone zone --from "$1" --rcpt "$2" "$3"; }
  mdkimsign "${d2[@]}" --from ann@ex.test --rcpt bob@ex.test lf.eml >one
  exits 0 to ann@ex.test bob@ex.test one; has "$out" 'dkim2:   pass, 1 hop'
  exits 1 to eve@ex.test bob@ex.test one; has "$out" 'the sender is not'
  exits 1 to ann@ex.test eve@ex.test one; has "$out" "'eve@ex.test' is not"
  mdkimsign "${d2[@]}" --from bob@ex.test --rcpt c@x.test --rcpt d@x.test one >two
  [ "$(grep -c ^Message-Instance two)" -eq 1 ]
  exits 0 to bob@ex.test d@x.test two; has "$out" '2 hops'
  sed 's/^hello/hallo/' two >bad
  exits 1 to bob@ex.test d@x.test bad; has "$out" 'the body is not'
  exits 65 mdkimsign "${d2[@]}" --from b@ex.test --rcpt c@x.test bad
  has "$err" 'changed since instance 1'
  sed 's/i=1; m=1; t=1/i=1; m=1; t=2/' two >bad
  exits 1 to bob@ex.test d@x.test bad; has "$out" 'hop 2'
  grep -v '^Message-Inst' two | sed '1,/^DKIM2/{/^\th=\|^\t[^ ]*=$/d}' >bad
  exits 3 to bob@ex.test d@x.test bad
  mdkimsign "${d2[@]}" --from eve@other.test --rcpt b@ex.test lf.eml >bad
  exits 3 to eve@other.test b@ex.test bad; has "$out" 'not within d=ex.test'
  mverify --json --dkim2 --zone zone two | tee j | schema mverify
  jq -e '.dkim2.result == "pass" and (.dkim2.hops | length) == 2' j
  exits 64 mdkimsign --dkim2 -d ex.test -s r:rsa.pem lf.eml
  has "$err" --experimental
  has "$(mdkimsign --version)" 'DKIM2: draft-ietf-dkim-dkim2-spec-'
}

@test "--dkim2: what a hop changed is undone by its recipe, and compared" {
  need jq python3
  instance() { "$top_srcdir/tests/lib/dkim2instance" "$@"; }
  hop() { mdkimsign --dkim2 --experimental -d ex.test -s e:ed.pem --from "$1" --rcpt "$2" "$3"; }
  hop ann@ex.test list@ex.test lf.eml >one
  change() { sed 's/^Subject: /&[list] /' | (cat; echo; echo footer); }
  good='{"h":{"subject":[{"d":["one"]}]},"b":[{"c":[1,1]}]}'
  change <one | instance 2 "$good" >changed
  hop list@ex.test bob@x.test changed >two
  exits 0 mverify --dkim2 --zone zone two
  has "$out" 'pass, 2 hops, changes undone back to instance 1 of 2'
  # One more, which has nothing to say about what it did.
  sed 's/^footer/footnote/' two | instance 3 '' >changed
  hop list@ex.test bob@x.test changed >three
  mverify --dkim2 --json --zone zone three | tee j | schema mverify
  jq -e '.dkim2 | .result == "pass" and .instances == 3 and .restored == 3' j
  while IFS='|' read -r status recipe why; do
    change <one | instance 2 "$recipe" >changed
    hop list@ex.test bob@x.test changed >bad
    exits "$status" mverify --dkim2 --zone zone bad; has "$out" "$why"
  done <<'END'
1|{"b":[{"c":[1,1]}]}|the header, with its changes undone, is not that of instance 1
1|{"h":{"subject":[{"d":["one"]}]}}|the body, with its changes undone, is not that of instance 1
0|{"h":[]}|changes undone back to instance 2 of 2
3|{"b":[{"c":[2,1]}]}|instance 2: the recipe cannot be read: "c" is no range
3|{"h"|instance 2: its recipe: not JSON
0|{"h":null}|changes undone back to instance 2 of 2
END
}

@test "encrypted keys: the password comes from a descriptor" {
  need openssl
  for k in rsa ed; do
    openssl pkcs8 -topk8 -in $k.pem -passout pass:secret -out enc.pem
    chmod 600 enc.pem
    exits 65 mdkimsign -d ex.test -s r:enc.pem lf.eml
    one_line "$err"; has "$err" --pin-fd
    exits 65 mdkimsign --pin-fd 3 -d ex.test -s r:enc.pem lf.eml 3<<<wrong
    has "$err" 'another password'; hasnt "$err" wrong
    mdkimsign --pin-fd 3 -d ex.test -s ${k:0:1}:enc.pem lf.eml 3<<<secret |
      judge | jq -e '.dkim[0].result == "pass"'
  done
}

@test "pkcs11: a token signs" {
  need softhsm2-util openssl
  export SOFTHSM2_CONF=$PWD/softhsm.conf
  mkdir tokens
  echo "directories.tokendir = $PWD/tokens" >softhsm.conf
  softhsm2-util --init-token --free --label t --pin 1234 --so-pin 5678
  openssl pkcs8 -topk8 -nocrypt -in rsa.pem -out p8.pem
  softhsm2-util --import p8.pem --token t --label rsa --id 01 --pin 1234
  mdkimsign --pin-fd 3 -d ex.test \
    -s 'r:pkcs11:token=t;object=rsa;type=private' lf.eml 3<<<1234 |
    judge | jq -e '.dkim[0].result == "pass"'
  openssl pkcs8 -topk8 -nocrypt -in ed.pem -out p8.pem
  softhsm2-util --import p8.pem --token t --label ed --id 02 --pin 1234
  mdkimsign --pin-fd 3 -d ex.test \
    -s 'e:pkcs11:token=t;object=ed;type=private' lf.eml 3<<<1234 |
    judge | jq -e '.dkim[0].result == "pass"'
  exits 65 mdkimsign -d ex.test -s 'r:pkcs11:token=t;object=rsa' lf.eml
  has "$err" --pin-fd
  exits 65 mdkimsign --pin-fd 3 -d ex.test \
    -s 'r:pkcs11:token=t;object=rsa;type=private' lf.eml 3<<<9999
  exits 66 mdkimsign --pin-fd 3 -d ex.test -s 'r:pkcs11:token=none' lf.eml 3<<<1
}

@test "--keys: the best match on From signs" {
  printf '# keys\nex.test r rsa.pem\nex.test\te  ed.pem\nsub.ex.test s ed.pem\n' >t
  d() { sed "s/@ex.test>/@$1>/" lf.eml | mdkimsign --keys t | judge |
    jq -r '[.dkim[] | "\(.d)/\(.s)"] | join(" ")'; }
  [ "$(d ex.test)" = "ex.test/r ex.test/e" ]
  [ "$(d a.b.ex.test)" = "ex.test/r ex.test/e" ]
  [ "$(d sub.ex.test)" = sub.ex.test/s ]
  [ "$(d x.sub.ex.test)" = sub.ex.test/s ]
  sed 's/@ex.test>/@nex.test>/' lf.eml >other
  exits 65 mdkimsign --keys t other; has "$err" "'nex.test'"
  echo '. z ed.pem' >>t
  [ "$(d nex.test)" = nex.test/z ]
  exits 64 mdkimsign --keys t -d ex.test lf.eml
  echo 'ex.test r' >t
  exits 78 mdkimsign --keys t lf.eml; has "$err" 't:1'
  exits 66 mdkimsign --keys nothere lf.eml
}

@test "--replace and --header-only" {
  mdkimsign -d other.test -s x:ed.pem lf.eml | mdkimsign "${both[@]}" >old
  mdkimsign --replace -d ex.test -s e:ed.pem old >new
  judge new | jq -e '[.dkim[].d] == ["ex.test", "other.test"] and
    .dkim[0].result == "pass"'
  tail -c "$(wc -c <lf.eml)" new | cmp - lf.eml
  mdkimsign --header-only -d ex.test -s e:ed.pem lf.eml >fields
  hasnt "$(cat fields)" From:\ Ann
  cat fields lf.eml | judge | jq -e '.dkim[0].result == "pass"'
}

@test "--check-pair: is this record that of the key?" {
  for f in zone text json nsupdate; do
    mdkimsign --record rsa.pem -d ex.test -s r --format $f |
      mdkimsign --check-pair rsa.pem
    mdkimsign --record rsa.pem -d ex.test -s r --format $f >record
    exits 1 mdkimsign --check-pair ed.pem <record
    one_line "$err"
  done
  exits 65 mdkimsign --check-pair ed.pem <<<'v=spf1 -all'
}

@test "records: nsupdate, and the checkers of three name servers" {
  need named-checkzone kzonecheck nsd-checkzone
  for k in rsa ed; do
    { echo '@ 300 IN SOA ns.ex.test. a.ex.test. 1 2 3 4 5'
      echo '@ 300 IN NS ns.ex.test.'; echo 'ns 300 IN A 192.0.2.1'
      mdkimsign --record $k.pem -d ex.test -s k; } >z
    PATH=$PATH:/usr/sbin named-checkzone -q ex.test z
    PATH=$PATH:/usr/sbin kzonecheck -o ex.test z
    PATH=$PATH:/usr/sbin nsd-checkzone ex.test z
  done
  mdkimsign --record rsa.pem -d ex.test -s r --format nsupdate >u
  [ "$(wc -l <u)" -eq 3 ]
  has "$(cat u)" 'update add r._domainkey.ex.test. 3600 IN TXT "v=DKIM1; k=rsa; p='
}

@test "a short key is refused, forced from 1024 bits on" {
  openssl genrsa -out short.pem 1024 2>/dev/null
  openssl genrsa -out tiny.pem 768 2>/dev/null
  exits 65 mdkimsign -d ex.test -s r:short.pem lf.eml
  has "$err" '1024 bits'; has "$err" '--genkey'
  exits 0 mdkimsign --force -d ex.test -s r:short.pem lf.eml
  exits 65 mdkimsign --force -d ex.test -s r:tiny.pem lf.eml
}

@test "memory is flat, however large the message" {
  not_under_valgrind 'the memory is its own'
  { cat lf.eml
    openssl enc -aes-128-ctr -K 0 -iv 0 -in /dev/zero 2>/dev/null |
      head -c 38000000 | base64; } >large
  { printf 'From x@y Thu Jan  1 00:00:00 2026\n'
    cat large
    echo '>From here'; } >box
  mdkimsign "${both[@]}" large >signed
  judge signed | jq -e '[.dkim[].result] == ["pass", "pass"]'
  tail -c "$(wc -c <large)" signed | cmp - large
  local small r
  small=$(rss mdkimsign "${both[@]}" lf.eml)
  for r in "$(rss mdkimsign "${both[@]}" large)" \
    "$(rss mdkimsign "${both[@]}" < <(cat large))" \
    "$(rss mdkimsign "${both[@]}" box)" \
    "$(rss mdkimsign -j 2 "${both[@]}" large)" \
    "$(rss mverify --zone zone signed)" \
    "$(rss mverify --add ex.test --zone zone signed)"; do
    [ "$r" -lt $((small + 4096)) ]
    # Without a sanitizer, 8 MiB is all it takes.
    [ "$small" -gt 8192 ] || [ "$r" -lt 8192 ]
  done
}

@test "a message refused does not stop the others" {
  mkdir -p md/cur md/new md/tmp
  cp lf.eml md/cur/1
  printf 'To: x\n\nhi\n' >md/cur/2
  cp lf.eml md/cur/3
  exits 65 mdkimsign "${both[@]}" md
  has "$err" 'message 2'; one_line "$err"
  [ "$(grep -c '^From ' <<<"$out")" -eq 2 ]
  exits 2 mverify --dkim --zone zone --quiet lf.eml
}

@test "an mbox comes out as mboxrd, in order, with any number of jobs" {
  local i j
  for i in $(seq 40); do
    printf 'From x@y Thu Jan  1 00:00:00 2026\nFrom: a@ex.test\nSubject: %s\n\n>From here\n\n' "$i"
  done >box
  for j in 1 4; do
    mdkimsign --jobs $j --now 2026-01-31T12:00:00Z "${both[@]}" box >signed.$j
  done
  cmp signed.1 signed.4
  [ "$(grep -c '^From ' signed.1)" -eq 40 ]
  grep '^Subject' signed.1 | cmp - <(grep '^Subject' box)
  [ "$(grep -c '^>From here' signed.1)" -eq 40 ]
  judge signed.1 | jq -e '.dkim[0].result == "pass"' | sort | uniq -c |
    grep -q '^ *40 true'
}

@test "--genkey: mode 0600, never over a file, on standard output" {
  mdkimsign --genkey ed25519 -o new.pem
  [ "$(stat -c %a new.pem)" = 600 ]
  cp new.pem old.pem
  exits 73 mdkimsign --genkey ed25519 -o new.pem
  has "$err" "'new.pem' is there already"; one_line "$err"
  cmp new.pem old.pem
  exits 0 mdkimsign --genkey ed25519
  has "$out" 'BEGIN PRIVATE KEY'
  exits 64 mdkimsign --genkey rsa:1024; has "$err" 'rsa:2048'
  exits 64 mdkimsign --genkey dsa; has "$err" "'dsa'"
  exits 73 mdkimsign --genkey ed25519 -o /nonexistent/k; has "$err" /nonexistent/k
}

@test "--record: zone, text, JSON; accepted by named-checkzone" {
  exits 0 mdkimsign --record rsa.pem -d ex.test -s r
  has "$out" 'r._domainkey.ex.test. 3600 IN TXT'
  [ "$(grep -o '"[^"]*"' <<<"$out" | awk '{ print length - 2 }' | sort -n | tail -1)" -eq 255 ]
  exits 0 mdkimsign --record ed.pem -d ex.test -s e --format text
  one_line "$out"; has "$out" 'v=DKIM1; k=ed25519; p='
  mdkimsign --record rsa.pem -d ex.test -s r --json >j
  schema mdkimsign <j
  jq -e '.bits == 2048 and .key_type == "rsa" and (.strings | join("") |
    startswith("v=DKIM1; k=rsa; p="))' j
  mdkimsign --record ed.pem -d ex.test -s e --format json | schema mdkimsign
  exits 0 mdkimsign --record ed.pem -d 'bücher.example' -s e
  has "$out" 'e._domainkey.xn--bcher-kva.example. '
  exits 64 mdkimsign --record ed.pem -d ex.test
  exits 64 mdkimsign --record ed.pem -d ex..test -s e
  need named-checkzone
  { echo "\$TTL 300"; echo '@ SOA ns.ex.test. h.ex.test. 1 2 3 4 5'
    echo '@ NS ns.ex.test.'; echo 'ns A 192.0.2.1'; cat zone; } >full
  PATH=$PATH:/usr/sbin named-checkzone ex.test full
}

@test "a key others can read gives a warning" {
  cp ed.pem open.pem
  chmod 644 open.pem
  exits 0 mdkimsign -d ex.test -s e:open.pem lf.eml
  has "$err" "warning: key 'open.pem' can be read by others"
}

@test "a key that is none: one line with its name" {
  local f
  echo garbage >bad.pem
  : >empty.pem
  head -c 300 rsa.pem >cut.pem
  for f in bad.pem empty.pem cut.pem; do
    exits 65 mdkimsign -d ex.test -s "e:$f" lf.eml
    has "$err" "'$f'"; one_line "$err"
  done
  usage 'a b' mdkimsign -d ex.test -s 'a b:rsa.pem' lf.eml
  exits 66 mdkimsign -d ex.test -s 'r:pkcs11:token=none;object=none' lf.eml
  has "$err" 'p11tool --list-tokens'; one_line "$err"
  for f in . missing.pem; do
    exits 66 mdkimsign -d ex.test -s "e:$f" lf.eml
    has "$err" "'$f'"; one_line "$err"
  done
  openssl genpkey -algorithm ed25519 -aes128 -pass pass:x -out locked.pem
  exits 65 mdkimsign -d ex.test -s e:locked.pem lf.eml; has "$err" encrypted
  openssl ecparam -name prime256v1 -genkey -noout -out ec.pem
  exits 65 mdkimsign -d ex.test -s e:ec.pem lf.eml; has "$err" Ed25519
}

# The eleven forms in which signers keep keys, and PKCS#1 as DER.
@test "key forms: PEM, DER, encrypted, without markers, CRLF, seeds" {
  openssl rsa -in rsa.pem -traditional -out p1.pem 2>/dev/null
  openssl pkey -in rsa.pem -outform DER -out p8.der
  openssl rsa -in rsa.pem -traditional -outform DER -out p1.der 2>/dev/null
  openssl pkey -in rsa.pem -out p8.pem
  openssl pkcs8 -topk8 -in rsa.pem -passout pass:secret -out enc.pem
  grep -v -- ----- p1.pem >bare1.txt
  grep -v -- ----- p8.pem >bare8.txt
  sed 's/$/\r/' rsa.pem >crlf.pem
  openssl pkey -in ed.pem -outform DER | tail -c 32 >seed
  base64 seed >seed.txt
  openssl pkey -in ed.pem -pubout -outform DER | tail -c 32 | cat seed - |
    base64 -w 0 >both.txt
  chmod 600 ./*.pem ./*.der ./*.txt seed
  local k want
  want=$(mdkimsign -t 1 -d ex.test -s r:rsa.pem lf.eml)
  for k in p1.pem p8.pem p1.der p8.der bare1.txt bare8.txt crlf.pem enc.pem; do
    exits 0 mdkimsign --pin-fd 3 -t 1 -d ex.test -s "r:$k" lf.eml 3<<<secret
    [ "$out" = "$want" ]
  done
  want=$(mdkimsign -t 1 -d ex.test -s e:ed.pem lf.eml)
  for k in seed seed.txt both.txt; do
    exits 0 mdkimsign -t 1 -d ex.test -s "e:$k" lf.eml
    [ "$out" = "$want" ]
  done
}

@test "command lines that make no sense" {
  exits 64 mdkimsign lf.eml; has "$err" '-d DOMAIN'
  exits 64 mdkimsign -d ex.test -s ed.pem lf.eml; has "$err" "'ed.pem' is not"
  exits 64 mdkimsign -d 'a b' -s e:ed.pem lf.eml
  exits 64 mdkimsign -c loose "${both[@]}" lf.eml; has "$err" "'loose'"
  exits 64 mdkimsign -t soon "${both[@]}" lf.eml; has "$err" "'soon'"
  exits 64 mdkimsign -i a@b.test "${both[@]}" lf.eml
  exits 64 mdkimsign -h Subject "${both[@]}" lf.eml; has "$err" From
  exits 64 mdkimsign --json "${both[@]}" lf.eml
  exits 64 mdkimsign --nonsense; has "$err" nonsense
}

@test "broken input and output" {
  : >empty
  exits 66 mdkimsign "${both[@]}" missing; has "$err" missing
  exits 66 mdkimsign "${both[@]}" empty; has "$err" empty
  exits 66 mdkimsign "${both[@]}" <&-; one_line "$err"
  has "$err" "'standard input' is closed"
  head -c 5000 /dev/urandom >noise
  exits 65 mdkimsign "${both[@]}" noise; [ -z "$out" ]
  mdkimsign "${both[@]}" lf.eml >/dev/full && return 1 || [ $? -eq 74 ]
}

@test "opens no socket" {
  need strace
  ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=network -o trace mdkimsign "${both[@]}" lf.eml >/dev/null
  hasnt "$(cat trace)" 'socket('
}

@test "mverify opens no key" {
  need strace
  mdkimsign "${both[@]}" lf.eml >signed
  ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=%file -o trace mverify --zone zone signed >/dev/null
  has "$(cat trace)" '"signed"'
  hasnt "$(cat trace)" .pem
}

# step TIME [ARG]...: one step of the rotation at that time
step() { mdkimsign --rotate state --step --now "$1" "${@:2}"; }

teardown() { [ -z "${pid-}" ] || kill "$pid" 2>"$BATS_TEST_TMPDIR/.kill" || :; }

# locked DIR: somebody has a lock on it; it is not tried, for that is one too
locked() { grep -q "FLOCK.*:$(stat -c %i "$1") " /proc/locks; }

# states: of the keys there are, in order
states() { mdkimsign --rotate state --json | jq -r .state | xargs; }

@test "--rotate: nothing is signed with a key whose record is not out" {
  exits 64 step 2026-01-01T00:00:00Z; has "$err" '-d DOMAIN'
  step 2026-01-01T00:00:00Z -d ex.test --genkey ed25519 >first
  [ "$(stat -c %a state.20260101a.pem)" = 600 ]
  exits 64 step 2026-01-01T00:00:00Z -d other.test
  # Not out: it stays, however often it is tried.
  exits 1 step 2026-01-05T00:00:00Z <zone
  has "$err" "'20260101a'"; one_line "$err"
  exits 78 mdkimsign --keys state lf.eml
  # Out, but not long enough; out and long enough, but gone again.
  exits 0 step 2026-01-05T01:00:00Z <first
  exits 0 step 2026-01-05T02:00:00Z <first
  exits 1 step 2026-01-06T02:00:00Z <zone
  [ "$(states)" = published ]
  exits 78 mdkimsign --keys state lf.eml
  exits 0 step 2026-01-06T02:00:00Z <first
  cat first >>zone2
  mdkimsign --keys state lf.eml | mverify --dkim --quiet --zone zone2
  # Nothing is due before the key is old.
  cp state before
  exits 0 step 2026-02-01T00:00:00Z
  cmp state before
  # The next one: the old key signs until it is active.
  step 2026-05-01T00:00:00Z --genkey ed25519 >both
  [ "$(states)" = "active new" ]
  exits 1 step 2026-05-01T00:00:00Z <first
  step 2026-05-01T00:00:00Z <both >/dev/null
  [ "$(mdkimsign --keys state lf.eml | grep -o 's=[0-9a-z]*')" = s=20260101a ]
  step 2026-05-03T00:00:00Z <both >/dev/null
  [ "$(states)" = "retired active" ]
  [ "$(mdkimsign --keys state lf.eml | grep -o 's=[0-9a-z]*')" = s=20260501a ]
  # Its record stays for mail on the way, then it is empty, then gone.
  step 2026-05-09T00:00:00Z >/dev/null
  [ "$(states)" = "retired active" ]
  step 2026-05-11T00:00:00Z >gone
  has "$(cat gone)" '"v=DKIM1; k=ed25519; p="'
  step 2026-05-19T00:00:00Z --json | schema mdkimsign
  [ "$(states)" = active ]
  echo '#rotate asleep' >state
  exits 78 step 2026-05-19T00:00:00Z; has "$err" state:1
}

@test "--rotate: a file that is something else is not written over" {
  local f
  cp lf.eml other
  : >empty
  for f in other empty; do
    cp "$f" before
    exits 78 mdkimsign --rotate "$f" --step -d ex.test --genkey ed25519
    one_line "$err"; has "$err" "'$f' is no rotation"
    cmp "$f" before
    exits 78 mdkimsign --rotate "$f"
  done
  exits 64 mdkimsign --rotate '' --step -d ex.test --genkey ed25519
  one_line "$err"
  exits 64 mdkimsign --step -d ex.test; has "$err" --rotate
  # No key is left of these.
  [ -z "$(find . -name '*.pem' -name '*.2[0-9]*')" ]
}

@test "--rotate: two steps at once exclude each other" {
  mkdir dir
  mkfifo in
  mdkimsign --rotate dir/state --step -d ex.test --genkey ed25519 >first
  exec 9<>in
  mdkimsign --rotate dir/state --step <in >one 2>one.err 3>&- 9>&- &
  pid=$!
  # The first one reads: it holds the lock.
  cat first >&9
  wait_for 10 locked dir
  exits 75 mdkimsign --rotate dir/state --step </dev/null
  one_line "$err"; has "$err" 'another step'
  exits 0 mdkimsign --rotate dir/state
  exec 9>&-
  wait "$pid"
  pid=
  has "$(cat one.err)" published
  exits 0 mdkimsign --rotate dir/state --step </dev/null
  [ "$(find dir -name '*.pem' | wc -l)" = 1 ]
  exits 73 mdkimsign --rotate absent/state --step -d ex.test; one_line "$err"
}

@test "opendkim verifies what we sign, however it is canonicalized" {
  need opendkim
  local c
  { printf 'r._domainkey.ex.test '
    mdkimsign --record rsa.pem -d ex.test -s r --format text; } >keys
  printf 'TestPublicKeys %s/keys\nMode v\nSocket local:%s/s\n' \
    "$PWD" "$PWD" >conf
  for c in relaxed/relaxed relaxed/simple simple/relaxed simple/simple; do
    mdkimsign -c $c -d ex.test -s r:rsa.pem crlf.eml >signed
    exits 0 env PATH="$PATH:/usr/sbin" opendkim -x conf -t signed
    has "$out$err" 'succeeded'
    sed -i 's/hello/hallo/' signed
    exits 0 env PATH="$PATH:/usr/sbin" opendkim -x conf -t signed
    has "$out$err" 'failed'
  done
}

# dkimpy N: what it says of signature N of the file signed
dkimpy() {
  /usr/bin/python3 - "$1" "$PWD" <<'P'
import sys, dkim
records = {}
for name in ("r", "e"):
    with open(sys.argv[2] + "/" + name + ".txt", "rb") as f:
        records[name.encode()] = f.read().strip()
with open(sys.argv[2] + "/signed", "rb") as f:
    judge = dkim.DKIM(f.read())
good = judge.verify(idx=int(sys.argv[1]),
    dnsfunc=lambda name, **more: records[name.split(b".")[0]])
sys.exit(0 if good else 1)
P
}

@test "dkimpy verifies both signatures" {
  /usr/bin/python3 -c 'import dkim, nacl' 2>/dev/null ||
    missing "python3-dkim, python3-nacl are not installed"
  mdkimsign --record rsa.pem -d ex.test -s r --format text >r.txt
  mdkimsign --record ed.pem -d ex.test -s e --format text >e.txt
  mdkimsign "${both[@]}" crlf.eml >signed
  dkimpy 0
  dkimpy 1
  sed -i 's/^Subject: one/Subject: two/' signed
  exits 1 dkimpy 1
}

@test "options that mean nothing here are usage errors" {
  local o
  for o in --lag --keep --every; do
    usage "$o is for --rotate" mdkimsign "$o" 2d -d ex.test -s r:rsa.pem
  done
  for o in domain selector headers identity seal keys genkey rotate; do
    usage "--$o: nothing is no value" mdkimsign "--$o="
  done
}
