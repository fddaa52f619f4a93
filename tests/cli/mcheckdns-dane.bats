#!/usr/bin/env bats
# mcheckdns dane verify: TLSA records against chains made here.
# SPDX-License-Identifier: MIT

load ../lib/helper

# sign NAME ISSUER EXTENSIONS [DAYS]: NAME.pem, made by ISSUER
sign() {
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$1.key" -subj "/CN=$1" -out "$1.csr" 2>/dev/null
  if [ "$1" = "$2" ]; then
    openssl x509 -req -in "$1.csr" -signkey "$1.key" -days "${4:-30}" \
      -out "$1.pem" -extfile <(printf '%b' "$3") 2>/dev/null
  else
    openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" \
      -days "${4:-30}" -out "$1.pem" -extfile <(printf '%b' "$3") 2>/dev/null
  fi
}

setup_file() {
  need openssl
  cd "$BATS_FILE_TMPDIR" || return 1
  ca='basicConstraints=critical,CA:TRUE\n'
  leaf='subjectAltName=DNS:mx.example.org\nbasicConstraints=CA:FALSE\n'
  sign root root "$ca"
  sign sub root "$ca"
  sign mx sub "$leaf"
  sign fake root 'basicConstraints=CA:FALSE\n'
  sign bad fake "$leaf"
  cat mx.pem sub.pem >chain.pem
  cat mx.pem sub.pem root.pem >whole.pem
  cat bad.pem fake.pem root.pem >bad-chain.pem
}

setup() { cd "$BATS_FILE_TMPDIR" || return 1; }

key() { openssl x509 -in "$1" -noout -pubkey | openssl pkey -pubin -outform DER; }
der() { openssl x509 -in "$1" -outform DER; }
sha() { "$1" "$2" | openssl dgst "-sha$3" -r | cut -d' ' -f1; }
hex() { od -An -v -tx1 | tr -d ' \n'; }

@test "DANE-EE: the key alone; --smtp asks for no name" {
  exits 0 mcheckdns dane verify --tlsa "3 1 1 $(sha key mx.pem 256)" \
    --chain mx.pem
  has "$out" 'verified'
  exits 1 mcheckdns dane verify --tlsa "3 1 1 $(sha key sub.pem 256)" \
    --chain chain.pem
  has "$out" no-match
  exits 1 mcheckdns dane verify --tlsa "3 0 2 $(sha der mx.pem 512)" \
    --chain mx.pem --name other.example
  has "$out" "made out to 'mx.example.org', not 'other.example'"
  exits 0 mcheckdns dane verify --tlsa "3 0 2 $(sha der mx.pem 512)" \
    --chain mx.pem --name other.example --smtp
}

@test "DANE-TA: in the chain, from the record, as a bare key" {
  exits 0 mcheckdns --json dane verify --tlsa "2 0 1 $(sha der root.pem 256)" \
    --chain whole.pem --name mx.example.org
  schema mcheckdns <<<"$out"
  [ "$(jq -c '.dane | [.result, .usage, .depth]' <<<"$out")" = \
    '["verified","DANE-TA",2]' ]
  exits 0 mcheckdns dane verify --tlsa "2 0 0 $(der root.pem | hex)" \
    --chain chain.pem --name no.example --name mx.example.org
  exits 0 mcheckdns dane verify --tlsa "2 1 0 $(key sub.pem | hex)" \
    --chain mx.pem --name mx.example.org
  exits 1 mcheckdns dane verify --tlsa "2 1 0 $(key root.pem | hex)" \
    --chain mx.pem --name mx.example.org
  exits 1 mcheckdns --json dane verify --name no.example \
    --tlsa "2 0 1 $(sha der root.pem 256)" --chain whole.pem
  schema mcheckdns <<<"$out"
  has "$out" wrong-name
}

@test "a certificate that is no authority vouches for nobody" {
  exits 1 mcheckdns dane verify --tlsa "2 0 1 $(sha der root.pem 256)" \
    --chain bad-chain.pem
  has "$out" untrusted
}

@test "dates count, but not for DANE-EE" {
  exits 1 mcheckdns dane verify --now 2040-01-01 --chain whole.pem \
    --tlsa "2 0 1 $(sha der root.pem 256)"
  has "$out" 'has expired'
  exits 0 mcheckdns dane verify --now 2040-01-01 --chain whole.pem \
    --tlsa "3 1 1 $(sha key mx.pem 256)"
}

@test "PKIX usages need an authority, and are nothing for SMTP" {
  exits 0 mcheckdns dane verify --tlsa "1 1 1 $(sha key mx.pem 256)" \
    --chain chain.pem --ca root.pem
  exits 0 mcheckdns dane verify --tlsa "0 0 1 $(sha der root.pem 256)" \
    --chain chain.pem --ca root.pem
  exits 1 mcheckdns dane verify --tlsa "1 1 1 $(sha key mx.pem 256)" \
    --chain chain.pem --ca bad.pem
  has "$out" untrusted
  exits 1 mcheckdns dane verify --smtp --tlsa "1 1 1 $(sha key mx.pem 256)" \
    --chain chain.pem --ca root.pem
  has "$out" no-record
  exits 66 mcheckdns dane verify --tlsa "1 1 1 $(sha key mx.pem 256)" \
    --chain chain.pem --ca none.pem
}

@test "usage and broken input" {
  exits 64 mcheckdns dane verify --chain mx.pem
  has "$err" '--tlsa'
  exits 64 mcheckdns dane verify --tlsa '3 1 1 00'
  exits 64 mcheckdns dane
  exits 65 mcheckdns dane verify --tlsa '3 1 x' --chain mx.pem
  has "$err" "'3 1 x' is no TLSA record"
  exits 65 mcheckdns dane verify --tlsa '3 1 1 00' --chain mx.key
  one_line "$err"
  exits 66 mcheckdns dane verify --tlsa '3 1 1 00' --chain none.pem
}
