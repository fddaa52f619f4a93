#!/usr/bin/env bats
# Where msend and mfetch get a password from when no command gives it: the
# accounts file, the Secret Service, ~/.netrc, a person at a terminal, in this
# order.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  export HOME=$PWD XDG_STATE_HOME=
  cat >imap.play <<'END'
S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi
C: A1 AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
S: A1 OK [CAPABILITY IMAP4rev1] in
C: A2 LIST "" "\*"
S: * LIST (\Noselect) "/" top
S: A2 OK done
C: A3 LOGOUT
S: A3 OK
END
}

teardown() {
  [ -z "${receiver-}" ] || kill "$receiver" 2>/dev/null || :
}

list() {
  play imap.play -- "$@" mfetch --tls off --list 'imap://alice@localhost:{PORT}'
}

@test "mfetch asks at a terminal, without echo" {
  need python3
  echo 'STDOUT *Password for alice at localhost: *top*' >>imap.play
  list "$top_srcdir/tests/lib/terminal" secret
}

@test "^C at the question ends it by the signal, the terminal echoes again" {
  need python3
  exits 130 "$top_srcdir/tests/lib/terminal" '^C' mfetch --list imaps://a@127.0.0.1:1
  has "$out" 'Password for a at 127.0.0.1: '
}

@test "no answer is 77, in one line" {
  need python3
  exits 77 "$top_srcdir/tests/lib/terminal" '' mfetch --list imaps://a@127.0.0.1:1
  has "$out" $'\nmfetch: no password was given'
}

@test "msend asks as well, once" {
  need python3
  local port
  printf 'alice:secret\n' >users
  chmod 600 users
  mreceive --maildir m --tls-self-signed --tls-cert-out ca.pem --auth users \
    --auth-required --print-port --once 2 >port 3>&- &
  receiver=$!
  wait_for 5 test -s port
  port=$(cat port)
  printf 'From: a@example.org\nTo: b@example.org\nSubject: x\n\nx\n' >mail
  # shellcheck disable=SC2016
  exits 0 "$top_srcdir/tests/lib/terminal" secret sh -c 'msend --server "$1" \
    --tls-ca ca.pem -f a@example.org b@example.org <mail && echo sent' sh \
    "smtp+tls://alice@localhost:$port"
  has "$out" 'Password for alice at localhost: '
  has "$out" sent
  hasnt "$out" secret
  kill "$receiver"
  wait "$receiver" || :
}

@test "without a terminal nobody is asked: 78 says what to do" {
  exits 78 mfetch --list imaps://a@127.0.0.1:1
  one_line "$err"
  has "$err" '--password-command'
}

@test "the Secret Service is asked first, for service, host and user" {
  mkdir bin
  cat >bin/secret-tool <<'END'
#!/bin/sh
[ "$*" = 'lookup service imap host localhost user alice' ] && printf secret && exit
echo 'no such secret' >&2
exit 1
END
  chmod +x bin/secret-tool
  echo 'machine localhost login alice password other' >.netrc
  chmod 600 .netrc
  PATH=$PWD/bin:$PATH list
  # What it does not know comes from elsewhere, and it is not heard.
  sed -i 's/login alice/login bob/' .netrc
  sed -i 's/^\[/[ x = y ] \&\& [/' bin/secret-tool
  PATH=$PWD/bin:$PATH exits 78 mfetch --list imaps://alice@localhost:1
  one_line "$err"
  has "$err" 'no password for alice'
}

# kept LINE...: the accounts file
kept() {
  mkdir -p conf/mailtoolkit
  printf '%s\n' "$@" >conf/mailtoolkit/accounts
  chmod 600 conf/mailtoolkit/accounts
  export XDG_CONFIG_HOME=$PWD/conf
}

@test "the password of the accounts file; a tool's own wins, a command more so" {
  kept '[default]' 'password = secret'
  list
  kept '[*]' 'password = wrong' '[default]' 'password = other' 'mfetch.password = secret'
  list
  kept '[*]' 'password = secret' '[default]' 'msend.password = wrong'
  list
  kept '[default]' 'password = wrong' 'password-command = echo secret'
  list
  chmod 640 conf/mailtoolkit/accounts
  exits 78 mfetch --list imaps://a@127.0.0.1:1
  has "$err" 'chmod 600'
}

@test "msend logs in with the password of the accounts file" {
  printf 'alice:secret\n' >users
  chmod 600 users
  mreceive --maildir m --tls-self-signed --tls-cert-out ca.pem --auth users \
    --auth-required --print-port --once 1 >port 2>/dev/null 3>&- &
  receiver=$!
  wait_for 5 test -s port
  kept '[work]' 'user = alice' 'password = secret' "tls-ca = $PWD/ca.pem" \
    "msend.server = smtp://localhost:$(sed 's/.*://' port)"
  exits 0 msend --account work --from a@example.org --to b@example.org -s x --text - <<<hello
  [ "$(find m/new -type f | wc -l)" -eq 1 ]
}
