#!/usr/bin/env bats
# mfetch against misbehaving IMAP servers: one dialogue a file in imap/.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() {
  export HOME=$BATS_TEST_TMPDIR
}

@test "every dialogue of tests/play/imap" {
  bad=0 n=0
  for file in "$BATS_TEST_DIRNAME/imap"/*.play; do
    n=$((n + 1))
    rm -rf "$HOME/.local"
    play "$file" -- mfetch --tls off --password-command 'echo secret' \
      'imap://alice@localhost:{PORT}' || { echo "failed: $file" >&2; bad=1; }
  done
  [ "$n" -gt 20 ]
  [ "$bad" -eq 0 ]
}
