#!/usr/bin/env bats
# Each lint finds what it looks for: it is fed a tree that is bad in one place.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() {
  tree=$BATS_TEST_TMPDIR/tree
  mkdir -p "$tree"/{libcommon/{base,text,net},tools,man,schemas,tests/{lib,cli}}
  mkdir -p "$tree"/completions/{bash,zsh,fish}
  cp "$top_srcdir/.clang-format" "$tree"
  export LINT_TREE=$tree
}

# lint NAME [ARG...]: runs it, as a make check that is not strict would.
lint() {
  local name=$1
  shift
  MAILTOOLKIT_STRICT=0 run "$top_srcdir/tests/lint/$name" "$@"
}

# finds NAME TEXT: the lint fails and says so; the plan is there nevertheless.
finds() {
  lint "$1"
  if [[ $output == *'# SKIP'* && ${MAILTOOLKIT_STRICT:-0} != 1 ]]; then
    skip "${output#*SKIP }"
  fi
  [ "$status" -eq 1 ]
  has "$output" 'not ok '
  has "$output" "$2"
  has "$output" '1..'
}

# clean NAME: the lint is content with the tree.
clean() {
  lint "$1"
  [ "$status" -eq 0 ]
}

@test "banned: a call, also behind a blank" {
  echo 'int f(void) { return atoi ("1"); }' >"$tree/tools/x.c"
  finds banned 'tools/x.c:1: atoi'
}

@test "banned: words in comments, strings, members and longer names are fine" {
  cat >"$tree/libcommon/base/x.c" <<'END'
/* never strcpy(a, b),
 * nor atoi(x) */
const char *s = "gets(x) \" atoi(";
int r = g->random(1) + my_time(2) + clock_time(3); // exit(1)
END
  clean banned
}

@test "banned: libcommon asks no environment, a tool may" {
  echo 'int x = !getenv("HOME");' >"$tree/tools/x.c"
  clean banned
  cp "$tree/tools/x.c" "$tree/libcommon/base/x.c"
  finds banned 'libcommon/base/x.c:1: getenv'
}

@test "banned: work left for later" {
  printf '/* %sDO: all */\n' TO >"$tree/tools/x.c"
  finds banned 'tools/x.c:1:'
}

@test "doors: a library beside its door" {
  echo '#include <jansson.h>' >"$tree/libcommon/base/json.c"
  clean doors
  cp "$tree/libcommon/base/json.c" "$tree/libcommon/base/buf.c"
  finds doors 'libcommon/base/buf.c:1: <jansson.h> is not let in here'
}

@test "doors: a library in a header of ours, even at its door" {
  echo '#include <ini.h>' >"$tree/libcommon/base/conf.h"
  finds doors 'libcommon/base/conf.h:1: <ini.h> in a header'
}

@test "doors: a library that has none" {
  echo '#include <openssl/ssl.h>' >"$tree/tools/x.c"
  finds doors '<openssl/ssl.h> has no door'
}

@test "floors: an include that runs up" {
  echo '#include "net/tls.h"' >"$tree/libcommon/text/x.h"
  finds floors 'text/x.h:1: text may not include net/tls.h'
}

@test "floors: headers in a circle" {
  echo '#include "base/y.h"' >"$tree/libcommon/base/x.h"
  echo '#include "base/x.h"' >"$tree/libcommon/base/y.h"
  finds floors 'base/x.h'
}

@test "floors: a folder that is no floor" {
  mkdir "$tree/libcommon/util"
  finds floors 'libcommon/util/ is no floor'
}

@test "format: one blank too many" {
  printf 'int  x;\n' >"$tree/tools/x.c"
  finds format 'tools/x.c:1'
}

@test "format: includes out of order" {
  printf '#include "text/b.h"\n\n#include "base/a.h"\n' >"$tree/tools/x.c"
  finds format 'tools/x.c:1'
}

# library C-TEXT: as libcommon.a.
library() {
  need gcc ar
  echo "$1" >"$BATS_TEST_TMPDIR/x.c"
  gcc -c -o "$BATS_TEST_TMPDIR/x.o" "$BATS_TEST_TMPDIR/x.c"
  mkdir -p "$BATS_TEST_TMPDIR/libcommon"
  rm -f "$BATS_TEST_TMPDIR/libcommon/libcommon.a"
  ar cr "$BATS_TEST_TMPDIR/libcommon/libcommon.a" "$BATS_TEST_TMPDIR/x.o"
  top_builddir=$BATS_TEST_TMPDIR
  export top_builddir
}

@test "globals: counters, in functions too, and tables of pointers not const" {
  library 'int f(void) { static int calls; return calls++; }'
  finds globals 'calls'
  library 'int level = 1;'
  finds globals 'level in .data'
  library 'const char *names[] = { "a" };'
  finds globals 'names'
  library '__thread int mine;'
  finds globals 'mine'
}

@test "globals: constant tables are fine" {
  library 'const char *const names[] = { "a" }; const int n[] = { 1, 2 };'
  clean globals
}

@test "headers: one that needs another" {
  need gcc clang
  : >"$tree/config.h"
  echo 'size_t x(void);' >"$tree/libcommon/base/x.h"
  CPPFLAGS="-I$tree -I$tree/libcommon" finds headers 'base/x.h'
  echo '#include <stddef.h>' >"$tree/libcommon/base/y.h"
  cat "$tree/libcommon/base/x.h" >>"$tree/libcommon/base/y.h"
  mv "$tree/libcommon/base/y.h" "$tree/libcommon/base/x.h"
  CPPFLAGS="-I$tree -I$tree/libcommon" clean headers
}

@test "man: a page that displeases, a page that is missing" {
  printf '.Dd x\n.Dt X 1\n.Os\n.Sh NAME\n.Bogus\n' >"$tree/man/x.1"
  finds man 'unknown macro'
  rm "$tree/man/x.1"
  TOOLS=tools/x finds man 'man/x.1 is missing'
}

# example LIST HELP: a tool with that --list-options and --help.
example() {
  top_builddir=$BATS_TEST_TMPDIR
  TOOLS=mx
  export top_builddir TOOLS
  printf '%b' "$1" >"$BATS_TEST_TMPDIR/list"
  printf '%b' "$2" >"$BATS_TEST_TMPDIR/help"
  cat >"$BATS_TEST_TMPDIR/mx" <<'END'
#!/bin/sh
case $1 in
--list-options) cat "${0%/*}/list" ;;
--help) cat "${0%/*}/help" ;;
--completion) echo "for $2" ;;
esac
END
  chmod +x "$BATS_TEST_TMPDIR/mx"
  echo 'for bash' >"$tree/completions/bash/mx"
  echo 'for zsh' >"$tree/completions/zsh/_mx"
  echo 'for fish' >"$tree/completions/fish/mx.fish"
  echo '.It Fl f , Fl -from Ar ADDR' >"$tree/man/mx.1"
  echo '.It Fl -json' >"$tree/man/mailtoolkit.7"
}

FROM='-f\t--from\tADDR\t-\n'
JSON='-\t--json\t-\t-\n'

@test "options: all agree" {
  example "$FROM$JSON" ' -f, --from ADDR\n  --json\n'
  clean options
}

@test "options: one that the manual lacks, one that only the manual has" {
  example "$FROM$JSON" ' -f, --from ADDR\n  --json\n'
  echo '.It Fl -form' >"$tree/man/mx.1"
  finds options '# --from'
  has "$output" '# --form'
}

@test "options: one that --help lacks; a longer name does not count" {
  example "$FROM$JSON" '  --from-file ADDR\n  --json\n'
  finds options '# --from'
  example "-f\t--from\tADDR\thidden\n$JSON" '  --json\n'
  clean options
}

@test "options: a letter twice, a help too wide, old completions" {
  example "$FROM-f\t--json\t-\t-\n" "--from --json $(printf %80s x)\n"
  finds options 'not ok 1'
  has "$output" 'not ok 5'
  echo old >"$tree/completions/zsh/_mx"
  finds options 'not ok 6'
}

@test "schemas: one that is open, one that is none" {
  echo '{"$schema":"https://json-schema.org/draft/2020-12/schema",
    "type":"object","properties":{"a":{"type":"string"}}}' \
    >"$tree/schemas/x.json"
  finds schemas 'additionalProperties is not said'
  echo '{"$schema":"https://json-schema.org/draft/2020-12/schema",
    "type":"objekt"}' >"$tree/schemas/x.json"
  finds schemas 'objekt'
}

@test "shell: an unquoted word" {
  printf '#!/bin/sh\nls $1\n' >"$tree/bootstrap"
  finds shell 'bootstrap:2'
}

@test "sizes: a function of 81 lines, a main of 100" {
  { printf 'int\nf(void)\n{\n'; seq -f '	x(%g);' 79; echo '}'; } \
    >"$tree/tools/x.c"
  finds sizes 'f has 81 lines'
  { printf 'int\nmain(void)\n{\n'; seq -f '	x(%g);' 98; echo '}'
    seq -f 'int
f%g(void)
{
}' 12; } >"$tree/tools/x.c"
  clean sizes
}

@test "sizes: a file of 601 lines" {
  seq -f 'int x%g;' 601 >"$tree/tools/x.c"
  finds sizes 'tools/x.c: 601 lines'
}

@test "tidy: no licence, no guard, blanks at the end" {
  head='/* SPDX-License-Identifier: MIT */'
  guard='#ifndef BASE_X_H\n#define BASE_X_H\n#endif'
  printf '%s\n%b\n' "$head" "$guard" >"$tree/libcommon/base/x.h"
  clean tidy
  printf '%b\n' "$guard" >"$tree/libcommon/base/x.h"
  finds tidy 'no SPDX line'
  printf '%s\n' "$head" >"$tree/libcommon/base/x.h"
  finds tidy 'no guard BASE_X_H'
  printf '%s\n%b \n' "$head" "$guard" >"$tree/libcommon/base/x.h"
  finds tidy 'x.h:4:'
  printf '%s\n%b' "$head" "$guard" >"$tree/libcommon/base/x.h"
  finds tidy 'no line end'
}

@test "a missing program is a skip, and a failure in strict mode" {
  export SHELLCHECK=/nonexistent MAILTOOLKIT_STRICT=0
  run "$top_srcdir/tests/lint/shell"
  [ "$status" -eq 0 ]
  has "$output" 'ok 1 # SKIP'
  MAILTOOLKIT_STRICT=1 run "$top_srcdir/tests/lint/shell"
  [ "$status" -eq 1 ]
  has "$output" 'not ok 1 - strict'
}
