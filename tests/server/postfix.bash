# A private Postfix for tests: loopback, ports of its own, everything in one
# directory. SPDX-License-Identifier: MIT
# shellcheck shell=bash

# start_postfix DIR LMTP_PORT: a server for example.net whose mail goes on by
# LMTP; sets postfix_port, postfix_dir. It offers STARTTLS with DIR/cert.pem,
# made for localhost. nobody@ is refused with 550, slow@ with 450.
start_postfix() {
  local d=$1 lmtp=$2 daemons
  [ "$(id -u)" = 0 ] || { missing 'Postfix needs root'; return; }
  postfix_dir=$d/etc
  postfix_port=$(free_ports 1)
  daemons=$(/usr/sbin/postconf -h -d daemon_directory 2>/dev/null)
  mkdir -p "$d"/{etc,spool,data}
  chmod 755 "$d"
  chown root:root "$d/spool"
  chown postfix "$d/data"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
    -subj /CN=localhost -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' \
    -keyout "$d/key.pem" -out "$d/cert.pem" 2>/dev/null
  cat >"$d/etc/main.cf" <<C
compatibility_level = 3.6
queue_directory = $d/spool
data_directory = $d/data
command_directory = /usr/sbin
daemon_directory = $daemons
setgid_group = postdrop
mail_owner = postfix
myhostname = mx.example.net
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions =
  check_recipient_access inline:{ {slow@example.net=450 4.7.1 slow down} }, permit_mynetworks, reject
virtual_mailbox_domains = example.net
virtual_mailbox_maps = inline:{ {alice@example.net=x} {bob@example.net=x} {slow@example.net=x} {full@example.net=x} }
virtual_transport = lmtp:inet:127.0.0.1:$lmtp
local_recipient_maps =
alias_maps =
smtpd_tls_security_level = may
smtpd_tls_cert_file = $d/cert.pem
smtpd_tls_key_file = $d/key.pem
smtp_dns_support_level = disabled
smtp_host_lookup = native
lmtp_tls_security_level = may
smtputf8_enable = yes
maillog_file = $d/log
maillog_file_prefixes = $d
notify_classes =
C
  cat >"$d/etc/master.cf" <<C
127.0.0.1:$postfix_port inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
showq unix n - n - - showq
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
C
  # Its master would keep the test's own output open.
  /usr/sbin/postfix -c "$postfix_dir" start </dev/null >"$d/start" 2>&1 3>&- ||
    { cat "$d/start" >&2; return 1; }
  wait_for 10 port_open "$postfix_port"
}

stop_postfix() {
  [ -z "${postfix_dir:-}" ] ||
    /usr/sbin/postfix -c "$postfix_dir" stop </dev/null >/dev/null 2>&1 3>&-
}
