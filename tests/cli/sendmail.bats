#!/usr/bin/env bats
# msend called as sendmail and msmtp: by the programs that do so, and with the
# flags they use; msmtp's configuration as it is. mreceive is the server.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  export HOME="$BATS_TEST_TMPDIR" LC_ALL=C.UTF-8
  unset XDG_CONFIG_HOME
  pids=()
  mkdir bin
  for name in sendmail msmtp mailq newaliases; do
    ln -s "$(command -v msend)" "bin/$name"
  done
  sendmail=$PWD/bin/sendmail
  printf '%s\n' 'From: Me <me@example.org>' 'To: bob@example.org' \
    'Subject: hi' '' 'text' >mail
}

teardown() {
  local p
  for p in "${pids[@]}"; do kill "$p" 2>/dev/null && wait "$p"; done
  return 0
}

# serve ARG...: mreceive in the background, into m/; $port
serve() {
  rm -f served
  mreceive --print-port --maildir m --hostname mx.example.org "$@" \
    >served 2>served.err 3>&- &
  pids+=("$!")
  wait_for 10 test -s served
  port=$(head -n 1 served)
}

# rc LINE...: ~/.msmtprc with one account for the server, and these lines
rc() {
  { printf 'account default\nhost localhost\nport %s\n' "$port"
    printf '%s\n' "$@"; } >.msmtprc
  chmod 600 .msmtprc
}

kept() { cat m/new/*; }
how_many() { find m/new -type f 2>/dev/null | wc -l; }

# arrived TEXT...: one message came, with these lines in it
arrived() {
  local text
  [ "$(how_many)" = 1 ]
  for text in "$@"; do has "$(kept)" "$text"; done
  rm m/new/*
}

@test "cron's flags, its sender and its recipient" {
  serve --tls off
  rc 'maildomain example.org'
  printf '%s\n' 'From: root (Cron Daemon)' 'To: root' 'Subject: Cron <root@h> x' \
    'MIME-Version: 1.0' '' 'out' >cron
  exits 0 "$sendmail" -FCronDaemon -i -odi -oem -oi -t -f root <cron
  [ -z "$out$err" ]
  arrived 'Return-Path: <root@example.org>' 'for <root@example.org>' \
    'From: Cron Daemon <root@example.org>' 'To: root@example.org' 'Date: ' 'Message-ID: <'
  exits 0 "$sendmail" -FCronDaemon -i -B8BITMIME -oem root <cron
  arrived 'for <root@example.org>'
  exits 0 "$sendmail" -f '<>' -i root <cron
  arrived 'Return-Path: <>'
}

@test "flags that are of no use here do no harm, others are refused" {
  serve --tls off
  rc
  exits 0 "$sendmail" -oi -oem -odb -m -n -G -U -h 5 -L tag -O X=y -Am -d0.1 \
    -bm -N failure,delay -R hdrs -V id -ti -fme@example.org <mail
  arrived 'Return-Path: <me@example.org>'
  exits 0 "$sendmail" -bp
  has "$out" "queue is empty"
  exits 0 bin/mailq
  has "$out" "queue is empty"
  exits 0 "$sendmail" -bi
  exits 0 "$sendmail" -q30m
  exits 0 bin/newaliases
  exits 0 "$sendmail" -V x --version
  exits 64 "$sendmail" -bd
  one_line "$err"
  exits 64 "$sendmail" -f
  exits 64 "$sendmail" -Z x <mail
  has "$err" -Z
}

@test "what a message lacks is put in, with the name of -F" {
  serve --tls off
  rc 'from me@example.org'
  printf 'Subject: x\n\ntext\n' | exits 0 "$sendmail" -F 'Jörg <X>' bob@example.org
  arrived 'From: =?UTF-8?' '<me@example.org>' 'Date: ' 'Message-ID: <'
  printf 'Subject: x\n\ntext\n' >bare
  exits 0 "$sendmail" -F $'Me\nX-Evil: 1' bob@example.org <bare
  hasnt "$(kept)" $'\nX-Evil'
}

@test "-bs is a session whose messages are handed on" {
  serve --tls off --refuse no@example.org
  rc
  printf '%s\r\n' 'EHLO me' 'MAIL FROM:<a@example.org>' \
    'RCPT TO:<b@example.org>' DATA 'Subject: x' '' '..dot' . \
    'MAIL FROM:<a@example.org>' 'RCPT TO:<no@example.org>' DATA 'Subject: y' '' \
    . QUIT >session
  exits 0 "$sendmail" -bs <session
  has "$out" "250 2.0.0"
  has "$out" "554 5.1.1"
  has "$out" "no@example.org"
  arrived 'Return-Path: <a@example.org>' $'\n.dot'
  port=1
  rc
  exits 0 "$sendmail" -bs <session
  has "$out" "451 4.4.0"
}

@test "-bs takes any octets, and encodes them for a server that takes none" {
  printf '%s\r\n' 'From: a@example.org' 'MIME-Version: 1.0' \
    'Content-Type: application/octet-stream' 'Content-Transfer-Encoding: binary' '' >whole
  printf 'a\n\0\r.\n\377b' >octets
  cat octets >>whole
  { printf '%s\r\n' 'EHLO me' 'MAIL FROM:<a@example.org> BODY=BINARYMIME' \
      'RCPT TO:<b@example.org>' "BDAT $(wc -c <whole) LAST"
    cat whole
    printf 'QUIT\r\n'; } >session
  serve --tls off
  rc
  exits 0 "$sendmail" -bs <session
  has "$out" 250-BINARYMIME
  hasnt "$out" DSN
  has "$out" $'250 2.0.0'
  tail -c "$(wc -c <octets)" m/new/* | cmp - octets
  # a server without it: what is in its mailbox is the same, in base64
  rm -r m/new
  python3 - >plain 2>plain.err 3>&- <<'END' &
import socket
s = socket.create_server(("127.0.0.1", 0))
s.settimeout(30)
print(s.getsockname()[1], flush=True)
k, _ = s.accept()
k.settimeout(30)
f = k.makefile("rwb", buffering=0)
f.write(b"220 hi\r\n")
while line := f.readline():
    if line.startswith(b"DATA"):
        f.write(b"354 go\r\n")
        with open("got", "wb") as out:
            while (line := f.readline()) not in (b".\r\n", b""):
                out.write(line)
    f.write(b"250 ok\r\n")
END
  pids+=("$!")
  wait_for 10 test -s plain
  port=$(cat plain)
  rc
  exits 0 "$sendmail" -bs <session
  has "$out" '250 2.0.0'
  has "$(cat got)" 'Content-Transfer-Encoding: base64'
  sed '1,/^\r$/d' got | base64 -di | cmp - octets
}

@test "git send-email" {
  need git
  [ -e "$(git --exec-path)/git-send-email" ] || missing "git-email is not installed"
  serve --tls off
  rc
  export GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=Jörg GIT_COMMITTER_NAME=Jörg
  export GIT_AUTHOR_EMAIL=j@example.org GIT_COMMITTER_EMAIL=j@example.org
  git init -q repo && cd repo
  printf 'ä\n' >f && git add f && git commit -qm 'Füge f hinzu'
  exits 0 git -c sendemail.sendmailCmd="$sendmail" -c sendemail.confirm=never \
    send-email --to bob@example.org --cc ann@example.org --quiet -1
  cd ..
  arrived 'Return-Path: <j@example.org>' 'To: bob@example.org' 'Cc: ann@example.org'
  exits 0 git -C repo -c sendemail.smtpServer="$sendmail" \
    -c sendemail.confirm=never send-email --to bob@example.org --quiet -1
  arrived 'To: bob@example.org'
}

@test "mutt" {
  need mutt
  serve --tls off
  rc 'from me@example.org'
  printf 'PDF' >plan.pdf
  printf 'set sendmail="%s"\nset copy=no\nset realname="Jörg"\n' "$sendmail" >muttrc
  echo 'Grüße' | exits 0 mutt -F muttrc -e 'set from=me@example.org' -s Prüfung \
    -a plan.pdf -b secret@example.org -- bob@example.org
  hasnt "$(sed '1,/^From/d' m/new/*)" 'secret'
  arrived 'To: bob@example.org' plan.pdf
}

@test "s-nail" {
  need s-nail
  serve --tls off
  rc 'from me@example.org'
  echo 'Grüße' | exits 0 s-nail -n -Smta="$sendmail" \
    -Smta-arguments="-C $HOME/.msmtprc" -Sv15-compat \
    -Sttycharset=utf-8 -r me@example.org -s Prüfung bob@example.org
  wait_for 10 test "$(how_many)" = 1
  arrived 'Return-Path: <me@example.org>' 'To: bob@example.org'
}

@test "PHP's mail()" {
  need php
  serve --tls off
  rc 'maildomain example.org'
  exits 0 php -n -d sendmail_path="$sendmail -t -i" -r '
    exit(mail("bob@example.org", "hi", "text\n.\nmore", "From: w@example.org",
      "-fbounce@example.org") ? 0 : 1);'
  arrived 'Return-Path: <bounce@example.org>' 'From: w@example.org' $'\n.\nmore'
}

@test "msmtprc: accounts, inheritance, patterns, eval, the log" {
  serve --tls off
  cat >.msmtprc <<END
defaults
tls off
logfile ~/log
account base
host gone.invalid
port $port
account work : base
host localhost
eval echo from work@example.org
account other : base
host 127.0.0.1
from *@other.example
account default : work
END
  exits 0 bin/msmtp bob@example.org <mail
  arrived 'Return-Path: <work@example.org>'
  exits 0 bin/msmtp -f x@other.example bob@example.org <mail
  arrived 'Return-Path: <x@other.example>'
  exits 68 bin/msmtp -a base -f x@example.org bob@example.org <mail
  exits 78 bin/msmtp -a none bob@example.org <mail
  one_line "$err"
  has "$(head -n 1 log)" "host=localhost tls=off auth=off from=work@example.org recipients=bob@example.org"
  has "$(head -n 1 log)" "smtpstatus=250"
  has "$(tail -n 1 log)" "exitcode=EX_NOHOST"
}

@test "msmtprc: TLS and logins" {
  printf 'me:secret\n' >logins && chmod 600 logins
  serve --tls starttls --tls-self-signed --tls-cert-out ca.pem --auth logins \
    --auth-required
  rc 'tls on' 'auth on' 'user me' 'password secret' 'tls_trust_file ~/ca.pem'
  exits 0 bin/msmtp -t <mail
  arrived 'To: bob@example.org'
  chmod 644 .msmtprc
  exits 78 bin/msmtp -t <mail
  has "$err" "others may read it"
  rc 'tls on' 'auth plain' 'user me' 'passwordeval echo secret' 'tls_certcheck off'
  exits 0 bin/msmtp -t <mail
  arrived 'To: bob@example.org'
  rc 'tls on' 'auth on' 'user me' 'tls_trust_file ~/ca.pem'
  printf 'machine localhost login me password secret\n' >.netrc
  chmod 600 .netrc
  exits 0 bin/msmtp -t <mail
  arrived 'To: bob@example.org'
  rc 'tls on' 'auth on' 'user me' 'password secret'
  exits 76 bin/msmtp -t <mail
  rc 'tls off' 'auth on' 'user me' 'password secret'
  exits 77 bin/msmtp -t <mail
  one_line "$err"
}

@test "msmtprc: a fingerprint in place of authorities, lists of revoked certificates" {
  serve --tls starttls --tls-self-signed --tls-cert-out ca.pem
  fp=$(openssl x509 -in ca.pem -noout -fingerprint -sha256 | cut -d= -f2)
  rc 'tls on' "tls_fingerprint $fp"
  exits 0 bin/msmtp -t <mail
  arrived 'To: bob@example.org'
  rc 'tls on'
  exits 0 bin/msmtp --tls-fingerprint="${fp,,}" -t <mail
  arrived 'To: bob@example.org'
  rc 'tls on' "tls_fingerprint ${fp:0:-2}$([ "${fp: -2}" = 00 ] && echo 01 || echo 00)"
  exits 76 bin/msmtp -t <mail
  has "$err" 'has another certificate than the one pinned'
  # without TLS there is nobody to know by it
  rc 'tls off' "tls_fingerprint $fp"
  exits 0 bin/msmtp -t <mail
  arrived 'To: bob@example.org'
  exits 76 bin/msmtp --tls=on --tls-fingerprint= -t <mail
  rc 'tls on'
  for kind in sha1 md5; do
    old=$(openssl x509 -in ca.pem -noout -fingerprint -"$kind" | cut -d= -f2)
    exits 78 bin/msmtp --tls-fingerprint="$old" -t <mail
    one_line "$err"
    has "${err,,}" "${kind/sha1/sha-1}"
    has "$err" '--serverinfo'
  done
  for bad in 00:11 "${fp//:/}" "${fp//:/-}" "${fp/:/:x}" "$fp:"; do
    exits 78 bin/msmtp --tls-fingerprint="$bad" -t <mail
    has "$err" '01:23:45'
  done
  rc 'tls on' 'tls_trust_file ~/ca.pem' 'tls_crl_file ~/none.crl'
  exits 66 bin/msmtp -t <mail
  has "$err" 'none.crl'
  exits 0 bin/msmtp --tls-crl-file= -t <mail
  arrived 'To: bob@example.org'
}

@test "msmtp -S tells what the server is and offers, and what to pin" {
  serve --tls starttls --tls-self-signed --tls-cert-out ca.pem
  rc 'tls on' 'auth on' 'user me'
  # whoever it is, it is asked for no password
  exits 0 bin/msmtp --serverinfo --tls-certcheck=off </dev/null
  has "$out" "server: localhost:$port (127.0.0.1), SMTP"
  has "$out" 'greeting: mx.example.org ESMTP'
  has "$out" 'by STARTTLS, not verified'
  has "$out" $'\n  PIPELINING\n'
  hasnt "$out" 'STARTTLS'$'\n'
  fp=$(sed -n 's/^fingerprint (SHA-256): //p' <<<"$out")
  [ "$fp" = "$(openssl x509 -in ca.pem -noout -fingerprint -sha256 | cut -d= -f2)" ]
  rc 'tls on' "tls_fingerprint $fp"
  exits 0 bin/msmtp -S
  has "$out" 'verified by pin'
  rc 'tls on'
  exits 76 bin/msmtp -S
  [ -z "$out" ]
  rc 'tls off'
  exits 0 bin/msmtp -S
  has "$out" 'TLS: none'
  has "$out" $'\n  STARTTLS'
  exits 0 msend --json --server-info --server "smtp://localhost:$port" --tls-ca ca.pem
  schema msend <<<"$out"
  [ "$(jq -r '.tls.verified_by, .certificate.sha256, .protocol' <<<"$out" | xargs)" = "pkix $fp smtp" ]
  exits 0 msend --server-info --server "smtp://localhost:$port" --tls-pin "spki:sha256:$(
    jq -r .certificate.spki_sha256 <<<"$out")"
  # one that is not there does not hide the other
  exits 75 msend --json --server-info --server smtp://127.0.0.1:1 --tls off \
    --server "smtp://localhost:$port"
  schema msend <<<"$out"
  [ "$(jq -r '.tls, .certificate' <<<"$out" | xargs)" = 'null null' ]
  one_line "$err"
  [ "$(how_many)" = 0 ]
  usage '--server-info' msend --server-info --mx
  for bad in '-s x' --dry-run --print bob@example.org; do
    # shellcheck disable=SC2086
    exits 64 msend --server-info --server "smtp://localhost:$port" $bad </dev/null
    has "$err" '--server-info'
  done
}

@test "msmtp --configure writes an account that works" {
  serve --tls starttls --tls-self-signed --tls-cert-out ca.pem
  mkdir -p .config/mailtoolkit
  cat >zone <<END
_submission._tcp.localhost. SRV 0 1 $port localhost.
_submissions._tcp.localhost. SRV 0 1 1 localhost.
_imaps._tcp.localhost. SRV 0 1 993 localhost.
_submission._tcp.none.example. SRV 0 0 0 .
_submission._tcp.far.example. SRV 0 1 587 mail.other.example.
END
  exits 0 msend --zone zone --configure me@localhost
  has "$out" $'\n\\[me@localhost]\nfrom = me@localhost\nuser = me@localhost\nmsend.server = smtps://localhost:1\n'
  has "$out" $'\n'"msend.server = smtp+tls://localhost:$port"$'\n'
  has "$out" $'\nmfetch.server = imaps://localhost:993\n'
  printf '%s\ntls-ca = %s/ca.pem\nauth = EXTERNAL\n' "$out" "$PWD" >accounts
  exits 0 msend --config accounts --account me@localhost --dry-run -s x \
    --text mail bob@example.org
  has "$out" 'from: <me@localhost>'
  # without msmtp's configuration; the accounts file says whom to ask
  sed -i '/submissions/d' zone
  printf '[default]\nzone = %s/zone\n' "$PWD" >.config/mailtoolkit/accounts
  exits 0 bin/msmtp --configure=me@localhost
  { printf '%s\n' "$out"; printf '%s\n' 'account default : me@localhost' \
    'tls_trust_file ~/ca.pem' 'auth off'; } >.msmtprc
  exits 0 bin/msmtp -t <mail
  arrived 'Return-Path: <me@localhost>'
  exits 68 bin/msmtp --configure me@none.example
  has "$err" '--configure'
  exits 78 msend --zone zone --configure me@far.example
  has "$err" 'mail.other.example'
  exits 64 bin/msmtp --configure
  for bad in '' me; do
    exits 64 msend --zone zone --configure "$bad"
    one_line "$err"
  done
}

@test "msmtprc: what there is no way to do is refused, not passed over" {
  local line
  port=1
  for line in 'tls_priorities NORMAL' \
    'tls_min_dh_prime_bits 512' 'remove_bcc_headers off' 'nonsense 1' 'protocol pop3' \
    'timeout soon'; do
    rc "$line"
    exits 78 bin/msmtp -f a@b.example bob@example.org <mail
    one_line "$err"
    has "$err" "${line%% *}"
  done
  exits 64 bin/msmtp --rmqs=example.org
  has "$err" 'mfetch'
}

@test "msmtprc: another name in the certificate, the form of the log's times" {
  serve --tls starttls --tls-self-signed --tls-cert-out ca.pem
  rc 'tls on' 'tls_trust_file ~/ca.pem' 'host 127.0.0.1' 'ntlmdomain x' \
    'tls_host_override localhost' 'logfile ~/log' 'logfile_time_format on %A,'
  exits 0 bin/msmtp -t <mail
  arrived 'To: bob@example.org'
  [[ $(cat log) == "on "*"day, host=127.0.0.1 tls=on"* ]]
  rc 'tls on' 'tls_trust_file ~/ca.pem' 'tls_host_override other.example'
  exits 76 bin/msmtp -t <mail
  has "$err" other.example
}

@test "msmtprc: headers" {
  serve --tls off
  rc 'from other@example.org' 'from_full_name Otto' 'set_from_header on' \
    'undisclosed_recipients on' 'set_msgid_header on'
  { printf 'Message-ID: <old@example.org>\nBcc: secret@example.org\n'; cat mail; } >extra
  exits 0 bin/msmtp -t <extra
  [ "$(how_many)" -ge 1 ]
  has "$(kept)" 'From: Otto <other@example.org>'
  has "$(kept)" 'To: undisclosed-recipients:;'
  hasnt "$(kept)" 'me@example.org'
  hasnt "$(kept)" 'old@example.org'
}

@test "msmtp's options stand for its commands; --pretend tells, secrets apart" {
  serve --tls off
  exits 0 bin/msmtp --host=localhost --port "$port" --tls=off --auto-from=off \
    --from=me@example.org --read-recipients <mail
  arrived 'Return-Path: <me@example.org>'
  rc 'user me' 'auth on' 'tls on' 'password hidden'
  exits 0 bin/msmtp --pretend --from=x@example.org bob@example.org <mail
  has "$out" "--server=smtp+tls://localhost:$port"
  has "$out" "--from=x@example.org"
  rc 'proxy_host p.example' 'source_ip 127.0.0.1' 'domain me.example'
  exits 0 bin/msmtp -P --from=x@example.org bob@example.org <mail
  has "$out" "--proxy=socks5://p.example:1080"
  has "$out" "--source-ip=127.0.0.1"
  has "$out" "--helo=me.example"
  hasnt "$out$err" hidden
  exits 64 bin/msmtp --nonsense=1 x@example.org <mail
  exits 64 bin/msmtp --account
}

@test "aliases: names of this machine, for msmtp, sendmail and msend" {
  serve --tls off
  printf 'root: admin@example.org\nops: root, joe@example.org\ndefault: rest@example.org\n' >aliases
  rc 'aliases ~/aliases' 'from me@example.org'
  exits 0 "$sendmail" -i --  ops ann@example.org <mail
  arrived
  exits 0 msend --json --server "smtp://127.0.0.1:$port" --tls=off \
    --aliases aliases -f me@example.org ops xyz <mail
  [ "$(jq -r .rcpt <<<"$out" | xargs)" = \
    'admin@example.org joe@example.org rest@example.org' ]
  printf 'ops: |cat\n' >aliases
  exits 78 "$sendmail" -i ops <mail
  has "$err" '|cat'
}

@test "the accounts file serves sendmail where there is one" {
  serve --tls off
  mkdir -p .config/mailtoolkit
  printf '[default]\nserver = smtp://127.0.0.1:%s\ntls = off\n' "$port" \
    >.config/mailtoolkit/accounts
  exits 0 "$sendmail" -t -i <mail
  arrived 'Return-Path: <me@example.org>'
  rm .config/mailtoolkit/accounts
  exits 64 "$sendmail" -t -i <mail
  has "$err" "no server"
}
