#!/usr/bin/env bats
# The recipes of mcheckdns(1), as they stand in the manual: what is written
# there is what runs here.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() {
  need jq
  cd "$BATS_TEST_TMPDIR" || return 1
  export PATH=$PWD/bin:$PATH
  mkdir -p bin
  # In the recipes everybody asks the network: here, a zone file.
  real=$(command -v mcheckdns)
  printf '#!/bin/sh\nexec %s --zone %s/zone "$@"\n' "$real" "$PWD" \
    >bin/mcheckdns
  chmod +x bin/mcheckdns
}

# recipe WORD: the block of commands of the manual that has the word
recipe() {
  awk -v word="$1" '/^\.Bd -literal/ { text = ""; inside = 1; next }
    /^\.Ed/ { if (index(text, word)) printf "%s", text; inside = 0 }
    inside { gsub(/\\e/, "\\"); text = text $0 "\n" }' \
    "${top_srcdir:?}/man/mcheckdns.1"
}

make_zone() {
  for ((i = 0; i < $1; i++)); do
    printf 'd%d.example. MX 10 mx.example.\n' $i
    printf 'd%d.example. TXT "v=spf1 mx -all"\n' $i
    printf '_dmarc.d%d.example. TXT "v=DMARC1; p=reject"\n' $i
  done
  printf 'mx.example. A 5.9.1.1\n'
}

make_domains() { for ((i = 0; i < $1; i++)); do echo d$i.example; done; }

@test "the nightly drift check tells what has changed, and nothing else" {
  make_zone 3 >zone
  make_domains 3 >domains
  recipe x-drift | sed "s,/var/lib/mcheckdns,$PWD,; s,--record tape.new,,
    s,mv tape.new tape,:," >job
  hasnt "$(cat job)" tape
  grep -q -e '--baseline last' job
  exits 0 sh -u job
  [ -z "$out$err" ]
  exits 0 sh -u job
  [ -z "$out$err" ]
  sed -i '/^_dmarc.d1/s/reject/none/' zone
  exits 0 sh -u job
  [ "$out" = '_dmarc.d1.example TXT: dmarc record was "v=DMARC1; p=reject", is "v=DMARC1; p=none"' ]
  exits 0 sh -u job
  [ -z "$out$err" ]
  # A night without an answer is no change, and does not end the job.
  echo ';@ TIMEOUT _dmarc.d2.example' >>zone
  exits 0 sh -u job
  [ -z "$out$err" ]
  # What changed meanwhile is told when there are answers again.
  sed -i '/TIMEOUT/d; /^_dmarc.d2/s/reject/none/' zone
  exits 0 sh -u job
  [ "$out" = '_dmarc.d2.example TXT: dmarc record was "v=DMARC1; p=reject", is "v=DMARC1; p=none"' ]
  exits 0 sh -u job
  [ -z "$out$err" ]
  # One that cannot run leaves the last night's file alone.
  cp last kept
  echo 'nonsense' >zone
  exits 1 sh -u job
  has "$err" 'zone:1'
  cmp last kept
}

@test "many domains over two hosts with GNU parallel" {
  need parallel
  make_zone 40 >zone
  make_domains 40 >domains
  echo ';@ TIMEOUT d7.example' >>zone
  # Two jobs here stand for two hosts, ten domains for a thousand.
  recipe parallel | sed 's/-S alpha,beta/-j 2/; s/-N 1000/-N 10/' >job
  grep -q -e '-N 10 -k -j 2' job
  export PARALLEL_HOME=$PWD/parallel
  mkdir -p parallel
  touch parallel/will-cite
  sh -u job 2>err || [ $? -eq 75 ]
  mcheckdns --json --fail-on never - <domains >one || :
  cmp one audits
  [ "$(jq -r .domain again)" = d7.example ]
}
