#!/usr/bin/env bats
# msend is killed at random points of a run of many messages; the run after that
# goes on: none lost, none sent twice, and those that may have arrived are named.
#	CRASH_POINTS=200 CRASH_MESSAGES=1000 bats tests/crash/msend.bats
# SPDX-License-Identifier: MIT

load ../lib/helper

points=${CRASH_POINTS:-5}
messages=${CRASH_MESSAGES:-60}

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  export HOME="$BATS_TEST_TMPDIR"
  pids=()
  local i
  for ((i = 1; i <= messages; i++)); do
    printf '%s\n' 'From me@example.org Tue Nov 24 00:00:00 2026' \
      'From: me@example.org' 'To: bob@example.org' "Subject: number $i" '' \
      "text $i" ''
  done >box
}

teardown() {
  local p
  for p in "${pids[@]}"; do kill "$p" 2>/dev/null && wait "$p"; done
  return 0
}

# serve ARG...: $port
serve() {
  rm -f served
  mreceive --print-port --maildir m --tls off "$@" >served 2>/dev/null 3>&- &
  pids+=("$!")
  wait_for 10 test -s served
  port=$(head -n 1 served)
}

# run_it ARG...; the shell that runs it becomes msend with EXEC=exec.
run_it() {
  ${EXEC-} msend --server "smtp://127.0.0.1:$port" --tls off -t --mail box \
    --json --journal journal --resume "$@"
}

fresh() {
  rm -rf m journal last
  mkdir -p m/{new,cur,tmp}
}

# check_end: what arrived and what the last run (in "last") said of it.
check_end() {
  find m/new -type f -exec cat {} + | sed -n 's/^Subject: number //p' |
    sort >got
  [ -z "$(uniq -d got)" ] || { echo "twice: $(uniq -d got | xargs)"; return 1; }
  jq -r 'select(.outcome == "uncertain") | .message' last | sort >uncertain
  seq "$messages" | sort | comm -23 - got >missing
  echo "$(wc -l <got) arrived, $(wc -l <uncertain) uncertain" >>points
  [ -z "$(comm -23 missing uncertain)" ] ||
    { echo "lost: $(comm -23 missing uncertain | xargs)"; return 1; }
}

# served: the server has no session any more, so all it was sent is delivered
served() {
  awk -v port="$(printf ':%04X' "$port")" '
    $2 ~ port "$" && ($4 == "01" || $4 == "08") { busy = 1 }
    END { exit busy }' /proc/net/tcp
}

# killed_at MS: one run that is killed then, and one that goes on.
killed_at() {
  local status=0
  fresh
  EXEC='exec' run_it "${@:2}" >first 2>first.err 3>&- &
  sleep "$(awk -v ms="$1" 'BEGIN { print ms / 1000 }')"
  kill -9 $! 2>/dev/null || :
  wait $! 2>/dev/null || :
  # what the server still has of the first run is in the Maildir by then
  wait_for 60 served || return
  run_it "${@:2}" >last 2>last.err || status=$?
  check_end || return
  if [ -s uncertain ]; then
    [ "$status" = 76 ]
  else
    [ "$status" = 0 ]
  fi || { echo "status $status, uncertain: $(xargs <uncertain)"; return 1; }
  # and one more has nothing to do
  [ -s uncertain ] || [ -z "$(run_it)" ]
}

# kill_around ARG...: at random points of a run's usual time
kill_around() {
  local begin took i
  fresh
  begin=$(date +%s%N)
  run_it "$@" >last
  took=$((($(date +%s%N) - begin) / 1000000))
  check_end
  for ((i = 0; i < points; i++)); do
    killed_at $((RANDOM * (took + 1) / 32768)) "$@" || return
  done
}

@test "killed at random points, one connection" {
  serve
  kill_around
}

@test "killed at random points, four connections" {
  serve
  kill_around --connections 4
}

@test "a journal of an earlier run is not overwritten; two runs do not share it" {
  serve
  exits 0 msend --server "smtp://127.0.0.1:$port" --tls off -t --mail box \
    --journal journal
  exits 73 msend --server "smtp://127.0.0.1:$port" --tls off -t --mail box \
    --journal journal
  has "$err" "--resume"
  exits 64 msend --server "smtp://127.0.0.1:$port" --mail box --resume -t
  [ "$(find m/new -type f | wc -l)" = "$messages" ]
}

@test "what was refused for a while is tried again, for good is told again" {
  serve --refuse 'bob@example.org=451 4.3.0 later'
  exits 75 run_it
  kill "${pids[0]}" && wait "${pids[0]}" || :
  serve
  exits 0 run_it
  seq "$messages" | sort >want
  find m/new -type f -exec cat {} + | sed -n 's/^Subject: number //p' | sort |
    cmp - want
  rm -rf journal
  kill "${pids[1]}" && wait "${pids[1]}" || :
  serve --refuse 'bob@example.org=550 5.1.1 no'
  exits 67 run_it
  exits 69 run_it
  [ "$(jq -r .outcome <<<"$out" | sort | uniq -c | xargs)" = "$messages permanent" ]
}
