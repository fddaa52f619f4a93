#!/usr/bin/env bats
# mcheckdns --keys: the DKIM keys of a run against each other.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() {
  need openssl python3 || return
  cd "$BATS_TEST_TMPDIR" || return 1
  zone_of_keys >z
}

teardown() {
  [ -z "${pid:-}" ] || kill "$pid" 2>/dev/null || :
}

# a and b share a key, c and d a prime; e and f lead to one provider, a and
# sub.a are one holder.
zone_of_keys() {
  for _ in 1 2 3 4 5 6 7; do
    openssl prime -generate -bits 512 -hex
  done >primes
  python3 - <<'EOT'
import base64

def der(kind, body):
    n = len(body)
    size = bytes([n]) if n < 128 else b"\x82" + n.to_bytes(2, "big")
    return bytes([kind]) + size + body

def integer(n):
    return der(2, n.to_bytes(n.bit_length() // 8 + 1, "big"))

def key(n):
    rsa = der(0x30, integer(n) + integer(65537))
    name = bytes.fromhex("300d06092a864886f70d0101010500")
    spki = der(0x30, name + der(3, b"\0" + rsa))
    text = base64.b64encode(spki).decode()
    return f'TXT "v=DKIM1; p={text[:200]}" "{text[200:]}"'

p, q, r, s, t, u, v = (int(line, 16) for line in open("primes"))
print("$TTL 3600")
for name, n in [("a", p * q), ("b", p * q), ("sub.a", p * q), ("c", r * s),
                ("d", r * t), ("mailer", u * v)]:
    print(f"s1._domainkey.{name}.example. {key(n)}")
for name in "ef":
    print(f"s1._domainkey.{name}.example. CNAME s1._domainkey.mailer.example.")
EOT
}

# The DKIM part of an audit of the zone.
keys() {
  mcheckdns --zone z --selectors s1 dkim "$@"
}

found() {
  jq -r '.run.findings[] | "\(.severity) \(.id) \(.owner) \(.detail)"'
}

@test "--keys adds one line behind the others, which stay as they were" {
  printf '%s.example\n' a b c d e f sub.a >domains
  keys --json - <domains >without
  keys --json --keys - <domains >with || [ $? = 1 ]
  head -n 7 with | cmp - without
  [ "$(wc -l <with)" = 8 ]
  schema mcheckdns <with
  tail -n 1 with >last
  [ "$(jq -c '[.run.keys, .run.left_out, .run.untold, .run.counts.error,
    .run.counts.notice]' last)" = '[7,0,0,2,3]' ]
  why='its modulus shares a factor with that at'
  cat >want <<EOT
error dkim-key-weak s1._domainkey.c.example $why 's1._domainkey.d.example'
error dkim-key-weak s1._domainkey.d.example $why 's1._domainkey.c.example'
notice dkim-key-shared s1._domainkey.a.example as at 's1._domainkey.b.example'
notice dkim-key-shared s1._domainkey.b.example as at 's1._domainkey.a.example'
notice dkim-key-shared s1._domainkey.sub.a.example as at 's1._domainkey.b.example'
EOT
  found <last | diff want -
}

@test "--keys counts for --fail-on" {
  exits 1 keys --keys c.example d.example
  exits 0 keys --keys a.example c.example
  exits 0 keys --keys --fail-on never c.example d.example
  exits 0 keys --keys --fail-on error a.example b.example
  exits 0 keys --keys --json --min-severity error a.example b.example
  [ "$(tail -n 1 <<<"$out" | jq -c '[.run.counts.notice, .run.findings]')" = \
    '[2,[]]' ]
}

@test "--keys: a provider's key, and one organization's, are not shared" {
  exits 0 keys --keys --json e.example f.example mailer.example
  [ "$(tail -n 1 <<<"$out" | jq -c '.run.findings')" = '[]' ]
  exits 0 keys --keys --json a.example sub.a.example a.example
  [ "$(tail -n 1 <<<"$out" | jq -c '.run.findings')" = '[]' ]
}

@test "--keys: the last page" {
  exits 1 keys --keys c.example d.example
  page=${out##*All keys of the run}
  has "$page" 'error dkim-key-weak'
  has "$page" "s1._domainkey.c.example TXT: its modulus shares a factor"
  has "$page" 'keys compared: 2'
  exits 0 keys --keys a.example
  has "$out" $'\n\nAll keys of the run: good\n'
  has "$out" 'keys compared: 1'
}

@test "--keys: its line is passed over in a --baseline" {
  keys --keys --json a.example b.example >yesterday
  exits 0 keys --json --baseline yesterday a.example
  hasnt "$out" x-drift
}

@test "--keys: a domain's line does not wait for the last one" {
  mkfifo in
  exec 4<>in
  mcheckdns --zone z --selectors s1 --json --keys dkim - <in >lines \
    2>/dev/null 3>&- 4>&- &
  pid=$!
  printf '%s.example\n' c {a..z} {a..z} >&4
  wait_for 20 grep -q '"c.example"' lines
  hasnt "$(cat lines)" '"run"'
  printf 'd.example\n' >&4
  exec 4>&-
  wait_for 20 grep -q '"run"' lines
  has "$(tail -n 1 lines)" dkim-key-weak
}
