#!/usr/bin/env bats
# What runs every test file: one that hangs, or leaves a server behind, is an
# error with a name, never a run without end.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() {
  need bounded
  cd "$BATS_TEST_TMPDIR" || return 1
  unset MAILTOOLKIT_TIME_FACTOR
}

# gone FILE: the process whose number is in FILE has ended
gone() { pid_gone "$(<"$1")"; }

@test "bounded: the command's output and status are its own" {
  exits 0 bounded 20 echo fine
  [ "$out" = fine ]
  exits 7 bounded 20 sh -c 'exit 7'
  exits 143 bounded 20 sh -c 'kill $$'
  exits 127 bounded 20 /nonexistent/command
  exits 127 bounded
  exits 127 bounded 0 true
}

@test "bounded: standard input is empty, whatever ours is" {
  exits 0 bounded 2 cat < <(sleep 5)
  [ -z "$out" ]
}

@test "bounded: what does not end is named and killed, its servers too" {
  exits 1 bounded 1 sh -c 'sleep 98 & echo $! >child; setsid sleep 97 & echo $! >other; sleep 99'
  has "$out" '# still running: '
  has "$out" 'sleep 99'
  has "$out" 'Bail out! no end after 1 s'
  gone child
  gone other
}

@test "bounded: what a test leaves behind is an error" {
  exits 1 bounded 20 sh -c 'echo 1..1; echo ok 1; setsid sleep 96 & echo $! >child'
  has "$out" 'ok 1'
  has "$out" 'left behind: '"$(<child)"
  has "$out" 'Bail out! it left processes behind'
  gone child
}

@test "bounded: what ends by itself soon after is not" {
  exits 0 bounded 20 sh -c 'sleep 0.3 & echo done'
  [ "$out" = 'done' ]
}
