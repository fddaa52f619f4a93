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

# listing FILE STATUS NAME=TEXT...: a session with these UIDLs; of each one with a
# text that message is asked for
listing() {
  local file=$1 status=$2 n=0 one
  shift 2
  {
    printf '%s\n' 'S: +OK hi' 'C: CAPA' 'S: +OK' 'S: UIDL' 'S: USER' 'S: .' \
      'C: USER alice' 'S: +OK' 'C: PASS secret' 'S: +OK in' 'C: UIDL' 'S: +OK'
    for one; do
      n=$((n + 1))
      echo "S: $n ${one%%=*}"
    done
    echo 'S: .'
    n=0
    for one; do
      n=$((n + 1))
      [ -z "${one#*=}" ] ||
        printf '%s\n' "C: RETR $n" 'S: +OK' "S: Subject: ${one#*=}" 'S: ' 'S: text' 'S: .'
    done
    printf '%s\n' 'C: QUIT' 'S: +OK' "EXIT $status"
  } >"$file"
}

@test "a server that has other UIDLs than before: nothing comes twice, and it is said" {
  to=(--tls off --password-command 'echo secret' --to "maildir:$HOME/box"
    --state "$HOME/state" 'pop3://alice@localhost:{PORT}')
  subjects() { grep -h '^Subject' "$HOME"/box/*/* | sort | tr -d '\n'; }
  listing "$HOME/1" 0 a=1 b=2 c=3 d=4
  play "$HOME/1" -- mfetch "${to[@]}"
  # one of four is new, the others are known by their content
  listing "$HOME/2" 0 v=1 w=2 x=3 y=4 z=5
  echo 'STDERR *other UIDLs for 4 messages*' >>"$HOME/2"
  # cut off by --limit: what comes later is compared, too
  cp "$HOME/state" "$HOME/state.2"
  cp -r "$HOME/box" "$HOME/box.2"
  play "$HOME/2" -- mfetch "${to[@]}"
  [ "$(subjects)" = 'Subject: 1Subject: 2Subject: 3Subject: 4Subject: 5' ]
  listing "$HOME/3" 0 v= w= x= y= z=
  play "$HOME/3" -- mfetch "${to[@]}"
  mv "$HOME/state.2" "$HOME/state"
  rm -r "$HOME/box"
  mv "$HOME/box.2" "$HOME/box"
  listing "$HOME/4" 0 v=1 w=2 x= y= z=
  play "$HOME/4" -- mfetch --limit 2 "${to[@]}"
  listing "$HOME/5" 0 v= w= x=3 y=4 z=5
  play "$HOME/5" -- mfetch --limit 3 "${to[@]}"
  [ "$(subjects)" = 'Subject: 1Subject: 2Subject: 3Subject: 4Subject: 5' ]
}
