#!/usr/bin/env bats
# The scripted peer itself: it notices what a client does wrong.
# SPDX-License-Identifier: MIT
load ../lib/helper

# A client: greeted, it says its octets and prints the answer.
# shellcheck disable=SC2016
client='exec 3<>/dev/tcp/127.0.0.1/$0; read -r -u 3 l; printf "$1" >&3
  read -r -u 3 l && echo "$l"'

# try STATUS OCTETS < SCRIPT
try() {
  cat >"$BATS_TEST_TMPDIR/x.play"
  exits "$1" play "$BATS_TEST_TMPDIR/x.play" -- bash -c "$client" '{PORT}' "$2"
}

@test "a client that follows the script passes" {
  try 0 'HELLO me\r\n' <<'END'
S: hi
C: HELLO *
S: there
EOF
STDOUT there*
END
}

@test "a line that is not like the script's is named" {
  try 1 'HULLO me\r\n' <<'END'
S: hi
C: HELLO *
END
  has "$err" "x.play:2: wanted 'HELLO \*', got 'HULLO me'"
}

@test "a bare LF is noticed" {
  try 1 'HELLO me\n' <<'END'
S: hi
C: HELLO *
END
  has "$err" "does not end in CRLF"
}

@test "octets beyond the script are noticed" {
  try 1 'HELLO me\r\nMORE\r\n' <<'END'
S: hi
C: HELLO *
S: there
END
  has "$err" "the script has ended"
}

@test "the exit status counts" {
  try 1 'HELLO me\r\n' <<'END'
S: hi
C: HELLO *
S: there
EXIT 3
END
  has "$err" "exit status 0, wanted 3"
}

@test "the output counts" {
  try 1 'HELLO me\r\n' <<'END'
S: hi
C: HELLO *
S: there
STDOUT here*
END
  has "$err" "wanted 'here\*', got 'there"
}

@test "a client that never connects is noticed" {
  echo "S: hi" >"$BATS_TEST_TMPDIR/x.play"
  exits 1 play "$BATS_TEST_TMPDIR/x.play" -- true
  has "$err" "never connected"
}

@test "a second connection is noticed" {
  printf 'S: hi\nCLOSE\n' >"$BATS_TEST_TMPDIR/x.play"
  # shellcheck disable=SC2016
  exits 1 play "$BATS_TEST_TMPDIR/x.play" -- \
    bash -c '(: 3<>/dev/tcp/127.0.0.1/$0) && : 3<>/dev/tcp/127.0.0.1/$0' '{PORT}'
  has "$err" "a connection that the script does not have"
}
