# What all bats files share. SPDX-License-Identifier: MIT
# shellcheck shell=bash

: "${top_srcdir:=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)}"

# No accounts file of whoever runs the tests.
export XDG_CONFIG_HOME=/nonexistent
unset NO_COLOR

# need CMD...: without one of them the test is skipped; in strict mode (CI) a
# skip is a failure.
need() {
  local c
  for c in "$@"; do
    command -v "$c" >/dev/null && continue
    [ -x "/usr/sbin/$c" ] && continue
    missing "$c is not installed"
  done
}

# missing REASON: skip, loudly; fail when MAILTOOLKIT_STRICT=1.
missing() {
  if [ "${MAILTOOLKIT_STRICT:-0}" = 1 ]; then
    echo "# strict: $1" >&2
    return 1
  fi
  skip "$1"
}

# not_under_valgrind REASON: what cannot be tested there is skipped.
not_under_valgrind() {
  [ -z "${MAILTOOLKIT_VALGRIND-}" ] || skip "valgrind: $1"
}

# exits STATUS CMD...: the command ends with that status; stdout is in $out,
# stderr in $err.
exits() {
  local want=$1 got=0
  shift
  "$@" >"$BATS_TEST_TMPDIR/.out" 2>"$BATS_TEST_TMPDIR/.err" || got=$?
  out=$(tr -d '\0' <"$BATS_TEST_TMPDIR/.out")
  err=$(tr -d '\0' <"$BATS_TEST_TMPDIR/.err")
  if [ "$got" -ne "$want" ]; then
    printf 'exit %s, want %s: %s\nstdout: %s\nstderr: %s\n' \
      "$got" "$want" "$*" "$out" "$err" >&2
    return 1
  fi
}

# usage NAME CMD...: a usage error, in one line that names NAME.
usage() {
  local name=$1
  shift
  exits 64 "$@" </dev/null
  one_line "$err"
  has "$err" "$name"
}

# has TEXT PATTERN: PATTERN (a bash pattern) is somewhere in TEXT.
has() {
  # shellcheck disable=SC2053
  [[ $1 == *$2* ]] || { printf 'not in the text: %s\n%s\n' "$2" "$1" >&2; return 1; }
}

hasnt() {
  # shellcheck disable=SC2053
  [[ $1 != *$2* ]] || { printf 'is in the text: %s\n%s\n' "$2" "$1" >&2; return 1; }
}

# one_line TEXT: exactly one line (an error message).
one_line() {
  [[ -n $1 && $1 != *$'\n'* ]] ||
    { printf 'not one line: %s\n' "$1" >&2; return 1; }
}

# schema TOOL < NDJSON: every line is valid against schemas/TOOL.json, and
# there is at least one.
schema() {
  "$top_srcdir/tests/lib/schema" "$top_srcdir/schemas/$1.json"
}

# patient SECONDS: prints as many, more in slow surroundings (valgrind).
patient() { echo $(($1 * ${MAILTOOLKIT_TIME_FACTOR:-1})); }

# wait_for SECONDS CMD...: until CMD succeeds.
wait_for() {
  local end=$((SECONDS + $(patient "$1")))
  shift
  while ((SECONDS <= end)); do
    "$@" >/dev/null 2>&1 && return 0
    sleep 0.05
  done
  printf 'did not come true in time: %s\n' "$*" >&2
  return 1
}

# port_open PORT: something listens on 127.0.0.1.
port_open() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# pid_gone PID
pid_gone() { ! kill -0 "$1" 2>/dev/null; }

# rss COMMAND...: KiB resident at most
rss() {
  python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$@"
}

# fits TOOL KIB LIMIT: KIB is below LIMIT, or says nothing: a sanitizer's or
# valgrind's own memory is in it.
fits() {
  [ "$2" -lt "$3" ] || [ -n "${MAILTOOLKIT_VALGRIND-}" ] ||
    nm "$(command -v "$1")" | grep -q __asan_init
}

# free_ports N: that many ports nobody listens on now, one a line.
free_ports() {
  python3 -c '
import socket, sys
s = [socket.socket() for _ in range(int(sys.argv[1]))]
for x in s: x.bind(("127.0.0.1", 0)); print(x.getsockname()[1])' "$1"
}

# suite_of NAME/FILE: the folder NAME of the conformance data of others, which
# has FILE: in $MAILTOOLKIT_SUITES, or beside the source tree.
suite_of() {
  local dir=${MAILTOOLKIT_SUITES:-$top_srcdir/../shared/suites}
  [ -e "$dir/$1" ] && dirname "$dir/$1"
}
