#!/usr/bin/env bats
# mfetch against misbehaving POP3 servers: one dialogue a file in pop3/.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() {
  export HOME=$BATS_TEST_TMPDIR
}

@test "every dialogue of tests/play/pop3" {
  bad=0 n=0
  for file in "$BATS_TEST_DIRNAME/pop3"/*.play; do
    n=$((n + 1))
    rm -rf "$HOME/.local"
    case $file in */delete*) delete=(--delete) ;; *) delete=() ;; esac
    play "$file" -- mfetch "${delete[@]}" --tls off --password-command 'echo secret' \
      'pop3://alice@localhost:{PORT}' || { echo "failed: $file" >&2; bad=1; }
  done
  [ "$n" -gt 15 ]
  [ "$bad" -eq 0 ]
}
