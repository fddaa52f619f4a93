#!/usr/bin/env bats
# msend against Exim, OpenSMTPD, aiosmtpd, and smtp-sink with each of its
# faults; what they keep is compared octet by octet.
# SPDX-License-Identifier: MIT

load ../lib/helper
load mtas

setup() {
  need python3 jq || return
  d=$(mktemp -d "${TMPDIR:-/tmp}/mtk-mtas.XXXXXX") && chmod 755 "$d"
  cd "$d" || return
  export HOME=$d
  # dots, 8-bit text, a line of 998 octets, "From ", empty lines at the end
  {
    printf '%s\n' 'From: Me <me@example.org>' 'To: bob@example.net' \
      'Date: Tue, 24 Nov 2026 00:00:00 +0000' 'Message-ID: <1@example.org>' \
      'MIME-Version: 1.0' 'Content-Type: text/plain; charset=utf-8' \
      'Content-Transfer-Encoding: 8bit' 'Subject: dots' '' '.' '..' '.x' 'Grüße' \
      'From here on' "$(printf '%0998d' 0)" '.' '' ''
    for i in {1..3000}; do echo "line $i of the message"; done
    printf '\n\n'
  } >mail
  sed '1,/^$/d' mail >body
}

teardown() {
  [ ! -e "$d/pids" ] || xargs kill <"$d/pids" 2>/dev/null || :
  cd / && rm -rf "$d"
}

# send STATUS OPTION...: results in $out
send() {
  local status=$1
  shift
  exits "$status" msend --json --tls=off --timeout 30 --helo me.test \
    -f me@example.org --server "smtp://127.0.0.1:$port" "$@" <mail
}

# got KEY...: those of the first result
got() { head -n 1 <<<"$out" | jq -r "[$1] | map(tostring) | join(\" \")"; }

@test "Exim -bs: CHUNKING and DATA, refusals; its queue has our octets" {
  unpacked usr/sbin/exim4
  in_places "$d"
  mkdir spool && chown 8:8 spool
  cat >exim.conf <<C
primary_hostname = mx.example.net
exim_user = 8
exim_group = 8
never_users =
keep_environment =
spool_directory = $d/spool
log_file_path = $d/spool/log-%s
queue_only = true
tls_advertise_hosts =
smtputf8_advertise_hosts = *
acl_smtp_rcpt = rcpt
acl_smtp_data = accept
begin acl
rcpt:
  deny local_parts = nobody
  defer local_parts = slow
  accept
C
  serve_inetd "$d" "${apart[@]}" sh "$d/places" "$root/usr/sbin/exim4" \
    -C "$d/exim.conf" -bs
  send 75 bob@example.net nobody@example.net slow@example.net
  [ "$(jq -r '"\(.outcome) \(.code)"' <<<"$out" | xargs)" = \
    'sent 250 permanent 550 temporary 451' ]
  send 0 --no-chunking bob@example.net
  send 0 --no-pipelining 'jürgen@example.net'
  # many in a row
  mkdir box && for i in 1 2 3 4 5; do cp mail box/$i.eml; done
  send 0 --mail box bob@example.net
  [ "$(find spool/input -name '*-D' | wc -l)" = 8 ]
  for f in spool/input/*-D; do sed 1d "$f" | cmp - body; done
}

@test "Exim's prvs and ours are the same, both ways" {
  unpacked usr/sbin/exim4
  in_places "$d"
  echo 'keep_environment =' >exim.conf
  # exim EXPANSION
  exim() {
    "${apart[@]}" sh "$d/places" env LD_LIBRARY_PATH="$root/usr/lib/$(uname -m)-linux-gnu" \
      "$root/usr/sbin/exim4" -C "$d/exim.conf" -be "$1"
  }
  (umask 077 && echo 0123456789abcdef >key)
  exits 0 msend --dry-run --json --server smtp://127.0.0.1 --batv-key key \
    -f News@example.org bob@example.net <mail
  from=$(jq -r 'select(.from) | .from' <<<"$out" | head -n 1)
  [[ $from == prvs=0*=News@example.org ]]
  [ "$(exim "\${prvscheck{$from}{0123456789abcdef}{\$prvscheck_result \
    \$prvscheck_address}}" | xargs)" = '1 News@example.org' ]
  printf '%s\n' 'From: mailer-daemon@mx.example' \
    "To: $(exim '${prvs{news@example.org}{0123456789abcdef}{3}}')" \
    'Content-Type: multipart/report; boundary=b' '' --b \
    'Content-Type: message/delivery-status' '' \
    'Final-Recipient: rfc822; bob@example.com' 'Action: failed' \
    'Status: 5.1.1' '' --b-- >bounce
  grep -q '^To: prvs=3' bounce
  exits 0 mbounce-parse --json --batv-key key bounce
  [ "$(jq -r '.ours, .ours_by[0]' <<<"$out" | xargs)" = 'yes batv' ]
}

@test "OpenSMTPD: what it relays has our octets" {
  unpacked usr/sbin/smtpd
  in_places "$d"
  mreceive --print-port --maildir "$d/m" --hostname store.test --tls off >store \
    2>store.err 3>&- &
  echo $! >>pids
  wait_for 10 test -s store
  port=$(free_ports 1)
  cat >smtpd.conf <<C
listen on 127.0.0.1 port $port hostname mx.example.net
action "on" relay host "smtp://127.0.0.1:$(head -n 1 store)"
match from any for domain "example.net" action "on"
C
  "${apart[@]}" sh "$d/places" "$root/usr/sbin/smtpd" -d -f "$d/smtpd.conf" \
    >smtpd.out 2>&1 3>&- &
  echo $! >>pids
  wait_for 20 port_open "$port"
  send 69 bob@example.net joe@elsewhere.example
  [ "$(jq -r '"\(.outcome) \(.code)"' <<<"$out" | xargs)" = \
    'sent 250 permanent 550' ]
  send 0 --no-pipelining bob@example.net
  arrived() { [ "$(find m/new -type f | wc -l)" = 2 ]; }
  wait_for 20 arrived
  for f in m/new/*; do sed '1,/^$/d' "$f" | cmp - body; done
}

@test "aiosmtpd: octets, SMTPUTF8, refusals after the dot" {
  # Debian's, whose python3 need not be the first
  /usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null || missing 'python3-aiosmtpd is not installed'
  cat >sink.py <<'END'
import sys, time
from aiosmtpd.controller import Controller
class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 ok"
    async def handle_DATA(self, server, session, envelope):
        if "later@example.net" in envelope.rcpt_tos:
            return "451 4.3.0 later"
        name = envelope.rcpt_tos[0].split("@")[0]
        with open(name, "wb") as f:
            f.write(envelope.original_content)
        return "250 2.0.0 kept"
c = Controller(Handler(), "127.0.0.1", int(sys.argv[1]), enable_SMTPUTF8=True,
               data_size_limit=1000000)
c.start()
time.sleep(120)
END
  port=$(free_ports 1)
  /usr/bin/python3 sink.py "$port" >sink.out 2>&1 3>&- &
  echo $! >>pids
  wait_for 20 port_open "$port"
  sed 's/$/\r/' mail >wire
  send 67 bob@example.net nobody@example.net
  cmp bob wire
  send 0 'jürgen@example.net'
  cmp jürgen wire
  send 75 later@example.net
  [ "$(got '.stage, .enhanced')" = 'content 4.3.0' ]
  # over its limit: the server does not hear of it
  head -c 1200000 /dev/zero | tr '\0' x | fold -w 70 >>mail
  send 69 bob@example.net
  [ "$(got '.stage, .enhanced')" = 'mail 5.3.4' ]
}

# sink OPTION...: smtp-sink, on the next of the ports
sink() {
  [ ! -e sink.pid ] || kill "$(cat sink.pid)" 2>/dev/null || :
  port=${ports[0]}
  ports=("${ports[@]:1}")
  /usr/sbin/smtp-sink -u "$(id -un)" "$@" "127.0.0.1:$port" 10 >sink.out 2>&1 3>&- &
  echo $! >sink.pid
  cat sink.pid >>pids
  wait_for 10 port_open "$port"
}

@test "smtp-sink: every fault at every command has its status and place" {
  need smtp-sink
  mapfile -t ports < <(free_ports 25)
  cat >want <<'END'
-r CONNECT 75 greeting
-r MAIL 75 mail
-r RCPT 75 rcpt
-r DATA 75 data
-r . 75 content
-f CONNECT 69 greeting
-f MAIL 69 mail
-f RCPT 69 rcpt
-f DATA 69 data
-f . 69 content
-q EHLO 75 ehlo
-q MAIL 75 mail
-q RCPT 75 rcpt
-q DATA 75 data
-q . 76 content
-Q CONNECT 75 greeting
-Q EHLO 75 ehlo
-Q MAIL 75 mail
-Q RCPT 75 rcpt
-Q DATA 75 data
-Q . 75 content
END
  while read -r switch command status stage; do
    sink "$switch" "$command"
    got=0
    msend --json --tls=off --timeout 30 -f me@example.org \
      --server "smtp://127.0.0.1:$port" bob@example.net <mail >out 2>/dev/null || got=$?
    printf '%s %s %s %s\n' "$switch" "$command" "$got" "$(jq -r .stage out)"
  done <want >have
  diff want have
}

@test "smtp-sink: whatever it offers or not, the octets are ours" {
  need smtp-sink
  mapfile -t ports < <(free_ports 25)
  for offers in '' -8 -e -E -p -N -P -a -C '-H 1' '-w 1' '-p -W RCPT:1'; do
    rm -f kept*
    # shellcheck disable=SC2086
    sink $offers -d "$d/kept"
    send 0 bob@example.net
    # behind its own header, and with an empty line at the end
    sed -n '/^From: Me/,$p' kept* | sed '$d' >got
    case $offers in
    -8 | -e | -P)
      python3 -c '
import email, email.policy, sys
m = [email.message_from_binary_file(open(f, "rb"), policy=email.policy.SMTP)
     for f in ("got", "mail")]
a, b = [x.get_payload(decode=True).replace(b"\r\n", b"\n") for x in m]
sys.exit(a.rstrip(b"\n") != b.rstrip(b"\n") or m[0]["Content-Transfer-Encoding"] == "8bit")'
      ;;
    *) cmp got mail ;;
    esac
  done
  # LMTP
  sink -L -d "$d/lmtp"
  exits 0 msend --server "lmtp://127.0.0.1:$port" --tls=off -f me@example.org \
    bob@example.net joe@example.net <mail
  # refused while the message is on its way
  sink -A 0
  send 69 bob@example.net
  [ "$(got .code)" = 550 ]
}
