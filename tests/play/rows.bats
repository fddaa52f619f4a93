#!/usr/bin/env bats
# What a client puts on the wire, row by row: twenty-seven observations of which
# other programs get some wrong. Longer tests of the same are in smtp.bats and
# ../cli/msend.bats.
# SPDX-License-Identifier: MIT
load ../lib/helper

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  to=bob@example.org
  level=off
  hi=('S: 220 mx' 'C: EHLO *')
}

# message TEXT: the message on standard input, with \n \r \0 and \xHH
message() { mail=$1; }

# talks LINE...: msend and this dialogue (tests/lib/play.c)
talks() {
  {
    echo "ARGS -f me@example.org $to"
    printf 'STDIN-RAW: %s\n' "$mail"
    printf '%s\n' "$@"
  } >row.play
  play row.play -- env HOME="$PWD" XDG_CONFIG_HOME= \
    msend --server 'smtp://127.0.0.1:{PORT}' --tls="$level"
}

# takes GLOB: a server that offers nothing gets this content (a ? for each LF)
takes() {
  talks "${hi[@]}" 'S: 250 mx' 'C: MAIL FROM:<me@example.org>' 'S: 250 ok' \
    'C: RCPT TO:<*>' 'S: 250 ok' 'C: DATA' 'S: 354 go' "DATA $1" 'S: 250 ok' \
    'C: QUIT' EOF
}

# refuses STATUS WORDS [ARG...]: before anybody is asked: nobody is there
refuses() {
  local status=$1 words=$2
  shift 2
  [ $# -gt 0 ] || set -- -f me@example.org "$to"
  # shellcheck disable=SC2059
  printf "$mail" >mail
  exits "$status" msend --server smtp://127.0.0.1:1 --tls=off "$@" <mail
  has "$err" "$words"
}

@test "LF becomes CRLF" {
  message 'From: me@example.org\n\na\nb\n'
  takes 'From: me@example.org??a?b?'
}

@test "a bare CR in the text is never on the wire" {
  message 'From: me@example.org\n\na\rb\n'
  refuses 65 'line 3 has a bare CR'
}

@test "nor one in the header" {
  message 'From: me@example.org\nX: a\rb\n\na\n'
  refuses 65 'line 2 has a bare CR'
}

@test "smuggling: LF . LF is a doubled dot" {
  message 'From: me@example.org\n\na\n.\nMAIL FROM:<x@example.org>\n'
  takes '*?a?..?MAIL FROM*'
}

@test "smuggling: LF . CRLF" {
  message 'From: me@example.org\n\na\n.\r\nMAIL FROM:<x@example.org>\n'
  takes '*?a?..?MAIL FROM*'
}

@test "smuggling: CR . CRLF" {
  message 'From: me@example.org\r\n\r\na\r.\r\nMAIL\r\n'
  refuses 65 'bare CR'
}

@test "smuggling: CR . LF" {
  message 'From: me@example.org\r\n\r\na\r.\nMAIL\r\n'
  refuses 65 'bare CR'
}

@test "smuggling: CRLF . CR" {
  message 'From: me@example.org\r\n\r\na\r\n.\rMAIL\r\n'
  refuses 65 'bare CR'
}

@test "smuggling: NUL" {
  message 'From: me@example.org\r\n\r\na\r\n\0.\r\nMAIL\r\n'
  refuses 65 'has a NUL'
}

@test "no line over 998 octets in the text" {
  message "From: me@example.org\n\n$(printf '%0999d' 0)\n"
  refuses 65 'line 3 is longer than 998 octets'
}

@test "nor in the header" {
  message "From: me@example.org\nX: $(printf '%0999d' 0)\n\na\n"
  refuses 65 'line 2 is longer than 998 octets'
}

@test "Bcc never leaves" {
  message 'From: me@example.org\nBcc: secret@example.org\n\na\n'
  takes 'From: me@example.org??a?'
}

@test "CRLF in the sender is refused" {
  message 'From: me@example.org\n\na\n'
  refuses 64 "--from" -f $'me@example.org>\r\nRCPT TO:<x@example.org' "$to"
}

@test "CRLF in a recipient is refused" {
  message 'From: me@example.org\n\na\n'
  refuses 65 address -f me@example.org $'b@example.org>\r\nRCPT TO:<x@example.org'
}

@test "8-bit text without 8BITMIME goes as ASCII" {
  message 'From: me@example.org\n\na greeting to all: gr\xc3\xbc\xc3\x9fe\n'
  takes '*quoted-printable*gr=C3=BC=C3=9Fe*'
}

@test "8-bit text is declared where there is 8BITMIME" {
  message 'From: me@example.org\n\ngr\xc3\xbc\xc3\x9fe\n'
  talks "${hi[@]}" 'S: 250-mx' 'S: 250 8BITMIME' \
    'C: MAIL FROM:<me@example.org> BODY=8BITMIME' 'S: 250 ok' 'C: RCPT TO:<*>' \
    'S: 250 ok' 'C: DATA' 'S: 354 go' 'DATA *grüße*' 'S: 250 ok' 'C: QUIT' EOF
}

@test "a UTF-8 header without SMTPUTF8 is refused" {
  message 'From: me@example.org\nSubject: gr\xc3\xbc\xc3\x9fe\n\na\n'
  talks "${hi[@]}" 'S: 250-mx' 'S: 250 8BITMIME' 'C: QUIT' EOF 'EXIT 65' \
    'STDERR *SMTPUTF8*'
}

@test "a UTF-8 local part without SMTPUTF8 is refused" {
  to=jürgen@example.org
  message 'From: me@example.org\n\na\n'
  talks "${hi[@]}" 'S: 250-mx' 'S: 250 8BITMIME' 'C: QUIT' EOF 'EXIT 65' \
    'STDERR *SMTPUTF8*'
}

@test "a UTF-8 local part and SMTPUTF8, declared" {
  to=jürgen@example.org
  message 'From: me@example.org\n\na\n'
  talks "${hi[@]}" 'S: 250-mx' 'S: 250-8BITMIME' 'S: 250 SMTPUTF8' \
    'C: MAIL FROM:<me@example.org> SMTPUTF8' 'S: 250 ok' \
    'C: RCPT TO:<jürgen@example.org>' 'S: 250 ok' 'C: DATA' 'S: 354 go' DATA \
    'S: 250 ok' 'C: QUIT' EOF
}

@test "a domain in other letters is an A-label" {
  to=bob@bücher.example
  message 'From: me@example.org\n\na\n'
  talks "${hi[@]}" 'S: 250 mx' 'C: MAIL FROM:<me@example.org>' 'S: 250 ok' \
    'C: RCPT TO:<bob@xn--bcher-kva.example>' 'S: 250 ok' 'C: DATA' \
    'S: 354 go' DATA 'S: 250 ok' 'C: QUIT' EOF
}

@test "what is over SIZE is refused before DATA" {
  message 'From: me@example.org\n\n12345678\n'
  talks "${hi[@]}" 'S: 250-mx' 'S: 250 SIZE 30' 'C: QUIT' EOF 'EXIT 69' \
    'STDERR *at most 30 octets*'
}

@test "4yz: the exit status says try again" {
  message 'From: me@example.org\n\na\n'
  talks "${hi[@]}" 'S: 250 mx' 'C: MAIL FROM:<me@example.org>' 'S: 250 ok' \
    'C: RCPT TO:<*>' 'S: 451 4.3.0 later' 'C: QUIT' EOF 'EXIT 75'
}

@test "5yz: the exit status says never" {
  message 'From: me@example.org\n\na\n'
  talks "${hi[@]}" 'S: 250 mx' 'C: MAIL FROM:<me@example.org>' 'S: 250 ok' \
    'C: RCPT TO:<*>' 'S: 550 5.7.1 no' 'C: QUIT' EOF 'EXIT 69'
}

@test "lost after the dot is no success, and no reason to send it again" {
  message 'From: me@example.org\n\na\n'
  talks "${hi[@]}" 'S: 250 mx' 'C: MAIL FROM:<me@example.org>' 'S: 250 ok' \
    'C: RCPT TO:<*>' 'S: 250 ok' 'C: DATA' 'S: 354 go' DATA CLOSE 'EXIT 76' \
    'STDERR *uncertain*'
}

@test "a reply injected behind STARTTLS is not believed" {
  level=must
  message 'From: me@example.org\n\na\n'
  talks "${hi[@]}" 'S: 250-mx' 'S: 250 STARTTLS' 'C: STARTTLS' \
    'S-RAW: 220 go\r\n250 injected\r\n' 'EXIT 76'
}

@test "STARTTLS stripped: nothing is sent" {
  level=must
  message 'From: me@example.org\n\na\n'
  talks "${hi[@]}" 'S: 250 mx' 'C: QUIT' EOF 'EXIT 76' 'STDERR *STARTTLS*'
}

@test "after TLS: EHLO again, what was heard before is forgotten" {
  level=must
  message 'From: me@example.org\n\na\n'
  talks "${hi[@]}" 'S: 250-mx' 'S: 250-SIZE 5' 'S: 250 STARTTLS' \
    'C: STARTTLS' 'S: 220 go' STARTTLS 'C: EHLO *' 'S: 250 mx' \
    'C: MAIL FROM:<me@example.org>' 'S: 250 ok' 'C: RCPT TO:<*>' 'S: 250 ok' \
    'C: DATA' 'S: 354 go' DATA 'S: 250 ok' 'C: QUIT' EOF
}
