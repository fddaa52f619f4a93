# A private Dovecot 2.3 for tests: loopback, ports of its own, everything in one
# directory. SPDX-License-Identifier: MIT
# shellcheck shell=bash

# dovecot_dir: makes a directory that Dovecot's own users can enter, as they
# cannot those of bats.
dovecot_dir() {
  local d
  d=$(mktemp -d "${TMPDIR:-/tmp}/mtk-dovecot.XXXXXX") && chmod 755 "$d" && echo "$d"
}

# submission_in_front_of RELAY_PORT: configuration of Dovecot's submission, on
# $submission_port.
submission_in_front_of() {
  cat <<C
hostname = mx.example.net
submission_relay_host = 127.0.0.1
submission_relay_port = $1
submission_relay_trusted = no
service submission-login {
  chroot =
  inet_listener submission {
    port = $submission_port
  }
}
C
}

# make_ca DIR: an authority, ca.pem.
make_ca() {
  mkdir -p "$1"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
    -subj '/CN=Test authority' -keyout "$1/ca.key" -out "$1/ca.pem" 2>/dev/null
}

# make_cert DIR NAME DAYS SAN: NAME.pem and NAME.key, signed by ca.pem.
make_cert() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -subj "/CN=$2" -keyout "$1/$2.key" -out "$1/$2.csr" 2>/dev/null
  printf 'subjectAltName=%s\n' "$4" >"$1/$2.ext"
  if [ "$3" -gt 0 ]; then
    openssl x509 -req -in "$1/$2.csr" -CA "$1/ca.pem" -CAkey "$1/ca.key" \
      -CAcreateserial -days "$3" -extfile "$1/$2.ext" -out "$1/$2.pem" 2>/dev/null
  else # over since years
    : >"$1/$2.index"
    echo 1000 >"$1/$2.serial"
    openssl ca -batch -notext -in "$1/$2.csr" -out "$1/$2.pem" \
      -startdate 20200101000000Z -enddate 20200201000000Z \
      -extfile "$1/$2.ext" -config <(cat <<C
[ca]
default_ca = d
[d]
database = $1/$2.index
serial = $1/$2.serial
new_certs_dir = $1
certificate = $1/ca.pem
private_key = $1/ca.key
default_md = sha256
policy = p
[p]
commonName = supplied
C
      ) 2>/dev/null
  fi
}

# start_dovecot DIR [CERT]: sets imap_port, imaps_port, pop3_port, pop3s_port;
# users alice and bob, password secret; Maildirs DIR/mail/USER/Maildir. What
# stands in DIR/more.conf counts as well.
start_dovecot() {
  local d=$1 cert=${2:-server} user internal login uid ports
  mapfile -t ports < <(free_ports 4)
  imap_port=${ports[0]} imaps_port=${ports[1]}
  pop3_port=${ports[2]} pop3s_port=${ports[3]}
  mkdir -p "$d"/{run,state,mail}
  chmod 755 "$d" "$d/run"
  if [ "$(id -u)" = 0 ]; then
    user=mail internal=dovecot login=dovenull uid=8
    chown -R mail:mail "$d/mail"
  else
    user=$(id -un) internal=$user login=$user uid=$(id -u)
  fi
  printf '%s:{PLAIN}secret\n' alice bob carol >"$d/passwd"
  cat >"$d/dovecot.conf" <<C
base_dir = $d/run
state_dir = $d/state
log_path = $d/log
protocols = imap pop3
listen = 127.0.0.1
default_internal_user = $internal
default_internal_group = $(id -gn "$internal")
default_login_user = $login
ssl = yes
ssl_cert = <$d/$cert.pem
ssl_key = <$d/$cert.key
disable_plaintext_auth = yes
auth_mechanisms = plain login
auth_username_format = %Ln
first_valid_uid = $uid
first_valid_gid = 1
mail_location = maildir:$d/mail/%n/Maildir
mail_home = $d/mail/%n
mail_uid = $user
mail_gid = $(id -gn "$user")
mail_fsync = never
mail_plugins = zlib
protocol imap {
  mail_plugins = zlib imap_zlib
}
auth_failure_delay = 0
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%n $d/passwd
}
userdb {
  driver = static
  args = uid=$user gid=$(id -gn "$user") home=$d/mail/%n allow_all_users=yes
}
service imap-login {
  chroot =
  inet_listener imap {
    port = $imap_port
  }
  inet_listener imaps {
    port = $imaps_port
    ssl = yes
  }
  unix_listener $d/run/imap.sock {
    mode = 0666
  }
}
service pop3-login {
  chroot =
  inet_listener pop3 {
    port = $pop3_port
  }
  inet_listener pop3s {
    port = $pop3s_port
    ssl = yes
  }
}
service anvil {
  chroot =
  unix_listener anvil-auth-penalty { # wrong passwords cost no time
    mode = 0
  }
}
service stats {
  chroot =
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox Trash {
    special_use = \\Trash
  }
}
!include_try $d/more.conf
C
  "$(PATH=$PATH:/usr/sbin command -v dovecot)" -F -c "$d/dovecot.conf" \
    >"$d/out" 2>&1 3>&- &
  dovecot_pid=$!
  echo "$dovecot_pid" >"$d/pid"
  wait_for 10 port_open "$imap_port" || { cat "$d/out" "$d/log" >&2; return 1; }
}

# stop_dovecot DIR: by its pid.
stop_dovecot() {
  local pid
  pid=$(cat "$1/pid" 2>/dev/null) || return 0
  kill "$pid" 2>/dev/null || return 0
  wait_for 10 pid_gone "$pid"
}

# make_mail DIR USER FIRST LAST [FOLDER]: messages of many sizes and shapes in
# the server's Maildir, LF, as an MDA leaves them.
make_mail() {
  python3 - "$1/mail/$2/Maildir${5:+/.$5}" "$3" "$4" <<'P'
import os, random, sys
box, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
for d in ("cur", "new", "tmp"):
    os.makedirs(f"{box}/{d}", exist_ok=True)
for i in range(first, last + 1):
    r = random.Random(i)
    body = [f"Line {k} of message {i} " + "x" * r.randrange(90)
            for k in range(r.choice([1, 5, 40, 400]))]
    if i % 5 == 0: body += [".", "..", ".dot", "", "From here", ">From there"]
    if i % 7 == 0: body += ["\u00e4\u00f6\u00fc \U0001f600", "* 1 FETCH (UID 9 BODY[] {3}", "A1 OK fine"]
    text = (f"From: s{i}@example.org\nTo: alice@example.org\nSubject: number {i}\n"
            f"Message-ID: <{i}@example.org>\nDate: Tue, 24 Nov 2026 00:00:{i % 60:02d} +0000\n\n"
            + "\n".join(body) + ("\n" if i % 11 else "\n\n"))
    with open(f"{box}/new/{1700000000 + i}.M{i}.test", "w", newline="") as f:
        f.write(text)
P
  if [ "$(id -u)" = 0 ]; then chown -R mail:mail "$1/mail"; fi
}

# same_mail DIR MAILDIR [COUNT]: the same messages, byte for byte, none twice.
same_mail() {
  (cd "$1" && find . -type f -path '*/[nc][eu][wr]/*' -exec sha256sum {} + |
    cut -d' ' -f1 | sort) >"$BATS_TEST_TMPDIR/want"
  (cd "$2" && find new cur -type f -exec sha256sum {} + |
    cut -d' ' -f1 | sort) >"$BATS_TEST_TMPDIR/got"
  diff "$BATS_TEST_TMPDIR/want" "$BATS_TEST_TMPDIR/got" >&2 || return 1
  [ -z "${3:-}" ] || [ "$(wc -l <"$BATS_TEST_TMPDIR/got")" -eq "$3" ]
}
