#!/usr/bin/env bats
# Libraries are loaded at their first call (tools/lazy/lazy.c).
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() {
  not_under_valgrind "the tools are scripts there"
  need objdump
  [[ $(uname -m) = x86_64 ]] || skip "the linker loads libraries here"
}

@test "a start brings no library but the C library" {
  local tool
  for tool in msend mfetch mreceive mdkimsign mverify mcheckdns \
    mbounce-parse msuppress; do
    run objdump -p "$(command -v "$tool")"
    has "$output" 'NEEDED *libc.so'
    hasnt "$output" 'NEEDED *lib@(gnutls|idn2|z|jansson|inih|zscanner|gsasl|expat|psl|gmp|zip|curl|unbound).'
  done
}

@test "a library that cannot be loaded is named when it is needed" {
  printf 'no library\n' >"$BATS_TEST_TMPDIR/libgnutls.so.30"
  export LD_LIBRARY_PATH=$BATS_TEST_TMPDIR
  exits 0 mcheckdns lint --type spf --record 'v=spf1 -all'
  exits 71 mdkimsign --genkey ed25519 --out "$BATS_TEST_TMPDIR/key"
  one_line "$err"
  has "$err" 'mdkimsign: */libgnutls.so.30: *: install the library again'
  [ ! -e "$BATS_TEST_TMPDIR/key" ]
}

@test "many threads may be the first to call" {
  local i
  for i in {1..200}; do
    printf 'From a Tue Nov 24 00:00:00 2026\n'
    printf 'From: me@example.org\nSubject: %s\n\ntext\n\n' "$i"
  done >"$BATS_TEST_TMPDIR/box"
  exits 0 mdkimsign --genkey ed25519 --out "$BATS_TEST_TMPDIR/key"
  exits 0 mdkimsign -d example.org -s "s:$BATS_TEST_TMPDIR/key" -j 8 \
    "$BATS_TEST_TMPDIR/box"
  [ "$(grep -c '^DKIM-Signature:' <<<"$out")" = 200 ]
}
