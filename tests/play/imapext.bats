#!/usr/bin/env bats
# mfetch and what IMAP servers offer beyond RFC 3501: each extension is used
# where it is offered, as its RFC has it.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() {
  export HOME=$BATS_TEST_TMPDIR
}

# plays CAPABILITIES ARGUMENT... < SCRIPT: mfetch in a session that offers these
# after the login; the script goes on from there, its first command is A2
plays() {
  {
    printf '%s\n' 'S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi' \
      'C: A1 AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==' \
      "S: A1 OK [CAPABILITY $1] in"
    cat
  } >"$HOME/script"
  shift
  rm -rf "$HOME/.local"
  play "$HOME/script" -- mfetch --tls off --password-command 'echo secret' "$@" \
    'imap://alice@localhost:{PORT}'
}

# selected: INBOX with two messages, 4 and 8
selected() {
  printf '%s\n' 'C: A2 EXAMINE "INBOX"' 'S: * 2 EXISTS' \
    'S: * OK [UIDVALIDITY 7] v' 'S: * OK [UIDNEXT 9] n' 'S: A2 OK done'
}

@test "LITERAL+ and LITERAL- are not waited for, a plain literal is" {
  for cap in LITERAL+ LITERAL-; do
    { selected; printf '%s\n' 'C: A3 UID SEARCH CHARSET UTF-8 *SUBJECT {4+}' 'C: äö' \
      'S: * SEARCH' 'S: A3 OK done' 'C: A4 LOGOUT' 'S: A4 OK'; } |
      plays "IMAP4rev1 $cap" --search 'SUBJECT "äö"'
  done
  { selected; printf '%s\n' 'C: A3 UID SEARCH CHARSET UTF-8 *SUBJECT {4}' 'S: + go' 'C: äö' \
    'S: * SEARCH' 'S: A3 OK done' 'C: A4 LOGOUT' 'S: A4 OK'; } |
    plays IMAP4rev1 --search 'SUBJECT "äö"'
}

@test "ESEARCH and IMAP4rev2: answers as sets; BINARY is not asked for" {
  for caps in 'IMAP4rev1 ESEARCH BINARY' 'IMAP4rev2'; do
    { selected; cat <<'END'; } | plays "$caps"
C: A3 UID SEARCH RETURN (ALL) UID 1:8
S: * ESEARCH (TAG "A3") UID ALL 4,8
S: A3 OK done
C: A4 UID FETCH 4,8 (UID FLAGS INTERNALDATE BODY.PEEK??)
S-RAW: * 1 FETCH (UID 4 FLAGS () BODY[] {6}\r\nfour\r\n)\r\n
S-RAW: * 2 FETCH (UID 8 FLAGS () BODY[] {7}\r\neight\r\n)\r\n
S: A4 OK done
C: A5 LOGOUT
S: A5 OK
STDOUT *four*eight*
END
  done
}

@test "UTF8=ACCEPT: names and searches in UTF-8; without it modified UTF-7" {
  plays 'IMAP4rev1 ENABLE UTF8=ACCEPT' --mailbox Entwürfe --search 'SUBJECT "ä"' <<'END'
C: A2 ENABLE UTF8=ACCEPT
S: * ENABLED UTF8=ACCEPT
S: A2 OK done
C: A3 EXAMINE "Entwürfe"
S: * 1 EXISTS
S: * OK [UIDVALIDITY 7] v
S: * OK [UIDNEXT 9] n
S: A3 OK done
C: A4 UID SEARCH *SUBJECT {2}
S: + go
C: ä
S: * SEARCH
S: A4 OK done
C: A5 LOGOUT
S: A5 OK
END
  plays 'IMAP4rev1' --mailbox Entwürfe <<'END'
C: A2 EXAMINE "Entw&APw-rfe"
S: * 0 EXISTS
S: * OK [UIDVALIDITY 7] v
S: A2 OK done
C: A3 LOGOUT
S: A3 OK
END
}

@test "LIST-EXTENDED, SPECIAL-USE, LIST-STATUS, STATUS=SIZE: all in one command" {
  plays 'IMAP4rev1 LIST-EXTENDED SPECIAL-USE LIST-STATUS STATUS=SIZE' --list --json <<'END'
C: A2 LIST "" "\*" RETURN (SPECIAL-USE STATUS (MESSAGES UNSEEN UIDNEXT UIDVALIDITY SIZE))
S: * LIST (\HasNoChildren) "/" INBOX
S: * STATUS INBOX (MESSAGES 2 UNSEEN 1 UIDNEXT 9 UIDVALIDITY 7 SIZE 5000000000)
S: * LIST (\Trash) "/" Bin
S: * STATUS Bin (MESSAGES 0 UNSEEN 0 UIDNEXT 1 UIDVALIDITY 7 SIZE 0)
S: A2 OK done
C: A3 LOGOUT
S: A3 OK
STDOUT *"INBOX"*"messages":2,"unseen":1,"size":5000000000*"Bin"*"use":"*Trash"*
END
}

@test "NAMESPACE: a prefix of one's own folders is no folder here" {
  plays 'IMAP4rev1 NAMESPACE' --mailbox '*' --to "maildir:$HOME/box" <<'END'
C: A2 NAMESPACE
S: * NAMESPACE (("INBOX." ".")) NIL NIL
S: A2 OK done
C: A3 LIST "" "\*"
S: * LIST () "." INBOX.Lists
S: A3 OK done
C: A4 STATUS "INBOX.Lists" *
S: * STATUS INBOX.Lists (MESSAGES 1 UNSEEN 1 UIDNEXT 2 UIDVALIDITY 7)
S: A4 OK done
C: A5 EXAMINE "INBOX.Lists"
S: * 1 EXISTS
S: * OK [UIDVALIDITY 7] v
S: * OK [UIDNEXT 2] n
S: A5 OK done
C: A6 UID SEARCH UID 1:1
S: * SEARCH 1
S: A6 OK done
C: A7 UID FETCH 1 *
S-RAW: * 1 FETCH (UID 1 FLAGS () BODY[] {4}\r\nhi\r\n)\r\n
S: A7 OK done
C: A8 LOGOUT
S: A8 OK
END
  [ "$(find "$HOME/box/.Lists/new" -type f | wc -l)" -eq 1 ]
}

@test "OBJECTID and Gmail's labels and ids stand in the JSON" {
  { selected; cat <<'END'; } | plays 'IMAP4rev1 OBJECTID' --json --to "maildir:$HOME/box"
C: A3 UID SEARCH UID 1:8
S: * SEARCH 4
S: A3 OK done
C: A4 UID FETCH 4 (*EMAILID*)
S-RAW: * 1 FETCH (UID 4 EMAILID (M6d99ac3275bb4e) FLAGS () BODY[] {6}\r\nfour\r\n)\r\n
S: A4 OK done
C: A5 LOGOUT
S: A5 OK
STDOUT *"id":"M6d99ac3275bb4e"*
END
  { selected; cat <<'END'; } | plays 'IMAP4rev1 X-GM-EXT-1' --json --to "maildir:$HOME/gmail"
C: A3 UID SEARCH UID 1:8
S: * SEARCH 4
S: A3 OK done
C: A4 UID FETCH 4 (*X-GM-MSGID X-GM-LABELS*)
S-RAW: * 1 FETCH (UID 4 X-GM-MSGID 1278455344230334865 X-GM-LABELS (\\Inbox "a b") FLAGS () BODY[] {6}\r\nfour\r\n)\r\n
S: A4 OK done
C: A5 LOGOUT
S: A5 OK
STDOUT *"id":"1278455344230334865","labels":"*Inbox*a b*
END
}

@test "CONDSTORE without QRESYNC: a mirror asks for the flags that changed" {
  { printf '%s\n' 'C: A2 ENABLE CONDSTORE' 'S: * ENABLED CONDSTORE' 'S: A2 OK'; cat <<'END'; } |
C: A3 EXAMINE "INBOX"
S: * 1 EXISTS
S: * OK [UIDVALIDITY 7] v
S: * OK [UIDNEXT 5] n
S: * OK [HIGHESTMODSEQ 10] m
S: A3 OK done
C: A4 UID SEARCH UID 1:4
S: * SEARCH 4
S: A4 OK done
C: A5 UID FETCH 4 *
S-RAW: * 1 FETCH (UID 4 FLAGS () BODY[] {6}\r\nfour\r\n)\r\n
S: A5 OK done
C: A6 LOGOUT
S: A6 OK
END
    plays 'IMAP4rev1 ENABLE CONDSTORE' --mirror --state "$HOME/state" --to "maildir:$HOME/box"
  { printf '%s\n' 'C: A2 ENABLE CONDSTORE' 'S: * ENABLED CONDSTORE' 'S: A2 OK'; cat <<'END'; } |
C: A3 EXAMINE "INBOX"
S: * 1 EXISTS
S: * OK [UIDVALIDITY 7] v
S: * OK [UIDNEXT 5] n
S: * OK [HIGHESTMODSEQ 11] m
S: A3 OK done
C: A4 UID FETCH 1:4 (UID FLAGS) (CHANGEDSINCE 10)
S-RAW: * 1 FETCH (UID 4 MODSEQ (11) FLAGS (\\Seen))\r\n
S: A4 OK done
C: A5 UID SEARCH ALL
S: * SEARCH 4
S: A5 OK done
C: A6 LOGOUT
S: A6 OK
END
    plays 'IMAP4rev1 ENABLE CONDSTORE' --mirror --state "$HOME/state" --to "maildir:$HOME/box"
  [ -n "$(find "$HOME/box/cur" -name '*:2,S')" ]
}

@test "IDLE: news are fetched as they are told, over the same session" {
  plays 'IMAP4rev1 IDLE' --idle --to "maildir:$HOME/box" --on-new "echo news" <<'END'
C: A2 EXAMINE "INBOX"
S: * 0 EXISTS
S: * OK [UIDVALIDITY 7] v
S: * OK [UIDNEXT 5] n
S: A2 OK done
C: A3 IDLE
S: + go
S: * 1 EXISTS
C: DONE
S: A3 OK
C: A4 EXAMINE "INBOX"
S: * 1 EXISTS
S: * OK [UIDVALIDITY 7] v
S: * OK [UIDNEXT 6] n
S: A4 OK done
C: A5 UID SEARCH UID 5:5
S: * SEARCH 5
S: A5 OK done
C: A6 UID FETCH 5 *
S-RAW: * 1 FETCH (UID 5 FLAGS () BODY[] {6}\r\nfive\r\n)\r\n
S: A6 OK done
C: A7 IDLE
S: + go
S: * BYE
CLOSE
ACCEPT
S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi
C: A1 AUTHENTICATE *
S: A1 NO [AUTHENTICATIONFAILED] no more
EXIT 77
STDOUT news?
END
  [ "$(find "$HOME/box/new" -type f | wc -l)" -eq 1 ]
}

@test "NOTIFY: of many folders the server tells by itself" {
  told() {
    cat <<END
C: $1 LIST "" "\*"*
S: * LIST () "/" INBOX
S: * STATUS INBOX (MESSAGES $2 UNSEEN 0 UIDNEXT $3 UIDVALIDITY 7)
S: * LIST () "/" Lists
S: * STATUS Lists (MESSAGES 0 UNSEEN 0 UIDNEXT 1 UIDVALIDITY 7)
S: $1 OK done
END
  }
  { told A2 1 6; cat <<'END'; told A8 2 7; cat <<'END2'; } |
C: A3 EXAMINE "INBOX"
S: * 1 EXISTS
S: * OK [UIDVALIDITY 7] v
S: * OK [UIDNEXT 6] n
S: A3 OK done
C: A4 UID SEARCH *
S: * SEARCH 5
S: A4 OK done
C: A5 UID FETCH 5 *
S-RAW: * 1 FETCH (UID 5 FLAGS () BODY[] {6}\r\nfive\r\n)\r\n
S: A5 OK done
C: A6 NOTIFY SET (SELECTED *PERSONAL (MessageNew MessageExpunge FlagChange))
S: A6 OK done
C: A7 IDLE
S: + go
S: * STATUS INBOX (MESSAGES 2 UIDNEXT 7)
C: DONE
S: A7 OK
END
C: A9 EXAMINE "INBOX"
S: * 2 EXISTS
S: * OK [UIDVALIDITY 7] v
S: * OK [UIDNEXT 7] n
S: A9 OK done
C: A10 UID SEARCH *
S: * SEARCH 6
S: A10 OK done
C: A11 UID FETCH 6 *
S-RAW: * 1 FETCH (UID 6 FLAGS () BODY[] {5}\r\nsix\r\n)\r\n
S: A11 OK done
C: A12 NOTIFY *
S: A12 OK
C: A13 IDLE
S: A13 BAD enough
EXIT 76
END2
    plays 'IMAP4rev1 IDLE NOTIFY LIST-STATUS' --idle --mailbox '*' --to "maildir:$HOME/box"
  [ "$(find "$HOME/box/new" -type f | wc -l)" -eq 2 ]
}
