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

@test "LOGIN-DELAY is kept to, by --retry and by --idle" {
  need python3
  exits 0 timeout 90 python3 "$BATS_TEST_DIRNAME/delay.py" retry mfetch --retry 1 \
    --tls off --password-command 'echo secret' 'pop3://alice@127.0.0.1:{PORT}'
  [[ $out == "0 "* ]]
  has "$out" 'login refused, another session has the mailbox: ?*IN-USE* locked?; again in 2 s'
  exits 0 timeout 90 python3 "$BATS_TEST_DIRNAME/delay.py" idle mfetch --idle \
    --interval 1s --to "maildir:$HOME/box" --tls off --password-command 'echo secret' \
    'pop3://alice@127.0.0.1:{PORT}'
  read -r status ms <<<"$out"
  [ "$status" -eq 0 ]
  [ "$ms" -ge 1990 ]
}

@test "a large message that is cut: nothing of it is here, the next run has it once" {
  to=(--tls off --password-command 'echo secret' --to "maildir:$HOME/box"
    --state "$HOME/state" 'pop3://alice@localhost:{PORT}')
  login() {
    printf '%s\n' 'S: +OK hi' 'C: CAPA' 'S: +OK' 'S: UIDL' 'S: USER' 'S: .' \
      'C: USER alice' 'S: +OK' 'C: PASS secret' 'S: +OK in' \
      'C: UIDL' 'S: +OK' 'S: 1 a' 'S: .'
  }
  letter() { seq -f 'S: line %06.0f of a letter that is longer than all buffers' "$1"; }
  { login; printf '%s\n' 'C: RETR 1' 'S: +OK'; letter 6000; printf '%s\n' CLOSE 'EXIT 75'; } >"$HOME/cut.play"
  { login; printf '%s\n' 'C: RETR 1' 'S: +OK'; letter 9000
    printf '%s\n' 'S: .' 'C: QUIT' 'S: +OK' 'EXIT 0'; } >"$HOME/whole.play"
  { login; printf '%s\n' 'C: QUIT' 'S: +OK' 'EXIT 0'; } >"$HOME/known.play"
  play "$HOME/cut.play" -- mfetch "${to[@]}"
  [ -z "$(find "$HOME/box/new" "$HOME/box/cur" -type f)" ]
  play "$HOME/whole.play" -- mfetch "${to[@]}"
  play "$HOME/known.play" -- mfetch "${to[@]}"
  [ "$(find "$HOME/box/new" "$HOME/box/cur" -type f | wc -l)" -eq 1 ]
  letter 9000 | sed 's/^S: //' | cmp - "$HOME/box/new"/*
}
