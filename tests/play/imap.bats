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

@test "compressed answers without an end: bounded time and memory, a clear line" {
  need python3
  for kind in line responses body; do
    # the largest this took, in KiB; under the sanitizers it says nothing
    exits 0 timeout "$(patient 60)" python3 -c '
import resource, subprocess, sys
r = subprocess.run(sys.argv[1:], capture_output=True, stdin=subprocess.DEVNULL)
print(r.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
print(r.stderr.decode())' mfetch --compress always \
      --tunnel "exec python3 $BATS_TEST_DIRNAME/bomb.py $kind"
    [[ $out == "76 "* ]]
    has "$out" "mfetch: "
    read -r _ kib <<<"$out"
    fits mfetch "$kib" 65536
  done
}
