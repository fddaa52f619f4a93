# A private Kerberos realm for tests: its KDC on loopback, everything in one
# directory, the programs only unpacked, in $kerberos. SPDX-License-Identifier: MIT
# shellcheck shell=bash

# realm DIR PORT: DIR/krb5.conf and kdc.conf of the realm EXAMPLE.TEST.
realm() {
  cat >"$1/krb5.conf" <<C
[libdefaults]
 default_realm = EXAMPLE.TEST
 dns_lookup_kdc = false
 dns_lookup_realm = false
 dns_canonicalize_hostname = false
 rdns = false
 udp_preference_limit = 1
[realms]
 EXAMPLE.TEST = {
  kdc = 127.0.0.1:$2
 }
[domain_realm]
 localhost = EXAMPLE.TEST
[dbmodules]
 db_module_dir = $kerberos_lib/krb5/plugins/kdb
C
  cat >"$1/kdc.conf" <<C
[kdcdefaults]
 kdc_listen = 127.0.0.1:$2
 kdc_tcp_listen = 127.0.0.1:$2
[realms]
 EXAMPLE.TEST = {
  database_name = $1/principal
  key_stash_file = $1/stash
  acl_file = $1/acl
  max_life = 1h
 }
[logging]
 kdc = FILE:$1/realm.log
C
}

# start_kdc DIR PRINCIPAL...: the realm, whose user alice has the password
# secret; DIR/keytab has the principals' keys, DIR/krb5.conf is for clients and
# servers. Adds to DIR/pids.
start_kdc() {
  local d=$1 port p
  shift
  kerberos_lib=$(dirname "$(find "$kerberos/usr/lib" -name 'libkdb5.so.*' | head -n 1)")
  export kerberos_lib
  realm "$d" 1
  in_realm "$d" kdb5_util create -s -P master -r EXAMPLE.TEST
  in_realm "$d" kadmin.local addprinc -pw secret alice
  for p; do
    in_realm "$d" kadmin.local addprinc -randkey "$p"
    in_realm "$d" kadmin.local ktadd -k "$d/keytab" "$p"
  done
  # another one may take a free port first
  for port in $(free_ports 4); do
    realm "$d" "$port"
    : >"$d/realm.log"
    in_realm "$d" exec krb5kdc -n -P "$d/kdc.pid" 3>&- &
    p=$!
    wait_for 20 serves_or_gone "$p" "$d"
    kill -0 "$p" 2>/dev/null && break
  done
  echo "$p" >>"$d/pids"
  chmod 644 "$d/keytab" "$d/krb5.conf"
  kill -0 "$p" || { cat "$d/realm.log" >&2; return 1; }
}

serves_or_gone() { pid_gone "$1" || grep -q 'commencing operation' "$2/realm.log"; }

# in_realm DIR [exec] CMD...: one of the unpacked programs, whose output is in
# DIR/realm.log; its input ours. With exec the shell becomes it.
in_realm() {
  local d=$1 run=()
  shift
  [ "$1" != exec ] || { run=(exec) && shift; }
  set -- "$(PATH=$kerberos/usr/sbin:$kerberos/usr/bin command -v "$1")" "${@:2}"
  "${run[@]}" env LD_LIBRARY_PATH="$kerberos_lib" KRB5_CONFIG="$d/krb5.conf" \
    KRB5_KDC_PROFILE="$d/kdc.conf" "$@" >>"$d/realm.log" 2>&1
}

# ticket DIR CACHE: alice's.
ticket() { KRB5CCNAME=FILE:$2 in_realm "$1" kinit alice <<<secret; }
