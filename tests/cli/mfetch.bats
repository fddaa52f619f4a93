#!/usr/bin/env bats
# mfetch: options, and what goes wrong before or at the server's door. What a
# server does wrong is in tests/play, fetching itself in tests/server.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() {
  export HOME=$BATS_TEST_TMPDIR/home XDG_STATE_HOME=
  mkdir -p "$HOME"
  script=$BATS_TEST_TMPDIR/s.play
}

# A server with one message, up to the FETCH.
imap_dialogue() {
  cat <<'END'
S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi
C: A1 AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
S: A1 OK [CAPABILITY IMAP4rev1 ESEARCH] in
C: A2 EXAMINE "INBOX"
S: * 1 EXISTS
S: * OK [UIDVALIDITY 7] v
S: * OK [UIDNEXT 5] n
S: A2 OK [READ-ONLY] done
C: A3 UID SEARCH RETURN (ALL) UID 1:4
S: * ESEARCH (TAG "A3") UID ALL 4
S: A3 OK done
END
}

one_message() {
  imap_dialogue
  cat <<'END'
C: A4 UID FETCH 4 (UID FLAGS INTERNALDATE BODY.PEEK[])
S-RAW: * 1 FETCH (UID 4 FLAGS (\\Seen \\Flagged) INTERNALDATE "24-Nov-2026 01:02:03 +0000" BODY[] {28}\r\nSubject: x\r\n\r\nFrom me\r\nbye\r\n)\r\n
S: A4 OK done
C: A5 LOGOUT
S: * BYE
S: A5 OK
END
}

@test "no URL, or two, is 64 and shows one" {
  exits 64 mfetch
  one_line "$err"
  has "$err" 'imaps://USER@HOST/MAILBOX'
  exits 64 mfetch imaps://a@b imaps://c@d
}

@test "URLs that are none are 64 and named" {
  for url in nonsense http://a@b 'imaps:///x' "$BATS_TEST_TMPDIR" /dev/null \
    'imaps://a:secret@b' 'imaps://a@b:99999' "imaps://a@$(printf 'x\001y')"; do
    exits 64 mfetch "$url"
    one_line "$err"
  done
  exits 64 mfetch pop3s://a@b/folder
  has "$err" 'POP3 has no folders'
  exits 64 mfetch --tls off --password-command 'echo x' imaps://a@b
  has "$err" 'contradict'
}

@test "a user is needed" {
  exits 64 mfetch --password-command 'echo x' imaps://127.0.0.1
  one_line "$err"
  has "$err" '--user'
}

@test "a password is needed, and from where is said" {
  exits 78 mfetch imaps://a@127.0.0.1
  one_line "$err"
  has "$err" '--password-command'
  has "$err" '.netrc'
  exits 78 mfetch --password-command 'exit 3' imaps://a@127.0.0.1
  has "$err" 'failed'
  exits 78 mfetch --password-command true imaps://a@127.0.0.1
  has "$err" 'printed nothing'
}

@test "a netrc that others may read is refused, 78" {
  echo 'machine 127.0.0.1 login a password x' >"$HOME/.netrc"
  chmod 644 "$HOME/.netrc"
  exits 78 mfetch imaps://a@127.0.0.1
  one_line "$err"
  has "$err" 'chmod 600'
}

@test "an unknown target is 64, one that cannot be made 73" {
  exits 64 mfetch --password-command 'echo x' --to nowhere imaps://a@127.0.0.1:1
  has "$err" 'maildir:DIR'
  : >"$BATS_TEST_TMPDIR/file"
  exits 73 mfetch --password-command 'echo x' \
    --to "maildir:$BATS_TEST_TMPDIR/file" imaps://a@127.0.0.1:1
  one_line "$err"
  exits 73 mfetch --password-command 'echo x' \
    --to "mbox:$BATS_TEST_TMPDIR" imaps://a@127.0.0.1:1
  one_line "$err"
}

@test "what a new user gets wrong is named, with the way out" {
  # a port for TLS says nothing first
  printf 'S-RAW: \nEOF\nEXIT 75\nSTDERR *no greeting*imaps://*no answer in time*\n' >"$script"
  play "$script" -- mfetch --timeout 1s --password-command 'echo secret' \
    'imap://alice@localhost:{PORT}'
  sed -i s/imaps/pop3s/ "$script"
  play "$script" -- mfetch --timeout 1s --password-command 'echo secret' \
    'pop3://alice@localhost:{PORT}'
  printf '%s\n' 'S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi' 'C: A1 *' \
    'S: A1 OK [CAPABILITY IMAP4rev1] in' 'C: A2 EXAMINE "Nowhere"' \
    'S: A2 NO no such box' 'EXIT 66' 'STDERR *no such box*--list*' >"$script"
  play "$script" -- mfetch --tls off --password-command 'echo secret' \
    'imap://alice@localhost:{PORT}/Nowhere'
  # a file of something else is not added to
  echo hello >"$BATS_TEST_TMPDIR/notes"
  { one_message | head -n -3; printf '%s\n' EOF 'EXIT 73' 'STDERR *notes*no mbox*'; } >"$script"
  play "$script" -- mfetch --tls off --password-command 'echo secret' \
    --to "mbox:$BATS_TEST_TMPDIR/notes" 'imap://alice@localhost:{PORT}'
  [ "$(cat "$BATS_TEST_TMPDIR/notes")" = hello ]
  exits 73 mfetch --password-command 'echo secret' \
    --to "maildir:$BATS_TEST_TMPDIR/notes" imaps://alice@127.0.0.1:1
  has "$err" 'Not a directory'
}

@test "a state file that is something else is 78 and stays as it is" {
  echo 'my dear diary, today I wrote a mail' >"$BATS_TEST_TMPDIR/diary"
  exits 78 mfetch --password-command 'echo x' --state "$BATS_TEST_TMPDIR/diary" \
    imaps://a@127.0.0.1:1
  one_line "$err"
  grep -q 'dear diary' "$BATS_TEST_TMPDIR/diary"
  exits 73 mfetch --password-command 'echo x' --state "$BATS_TEST_TMPDIR" \
    imaps://a@127.0.0.1:1
}

@test "a server that is not there is 75, a host that is not there 68" {
  exits 75 mfetch --password-command 'echo x' imaps://a@127.0.0.1:1
  one_line "$err"
  has "$err" '127.0.0.1:1'
}

@test "--json and messages do not mix on standard output" {
  exits 64 mfetch --json --password-command 'echo x' imaps://a@127.0.0.1:1
  has "$err" '--to maildir:DIR'
}

@test "one message on standard output, as mboxrd" {
  one_message >"$script"
  cat >>"$script" <<'END'
STDOUT From MAILER-DAEMON Tue Nov 24 01:02:03 2026?Subject: x??>From me?bye??
END
  play "$script" -- mfetch --tls off --password-command 'echo secret' \
    'imap://alice@localhost:{PORT}'
}

@test "a Maildir gets flags and time, JSON fits the schema" {
  one_message >"$script"
  play "$script" -- sh -c 'mfetch --tls off --json --password-command "echo secret" \
    --to "maildir:$1" "$2" >"$1.json"' sh "$BATS_TEST_TMPDIR/m" 'imap://alice@localhost:{PORT}'
  schema mfetch <"$BATS_TEST_TMPDIR/m.json"
  file=$(ls "$BATS_TEST_TMPDIR"/m/cur/*)
  [[ $file == *:2,FS ]]
  printf 'Subject: x\n\nFrom me\nbye\n' | cmp - "$file"
  [ "$(stat -c %Y "$file")" -eq 1795482123 ]
  [ "$(stat -c %a "$file")" = 600 ]
  has "$(cat "$BATS_TEST_TMPDIR/m.json")" "\"path\":\"$file\""
}

@test "a message as a file of its own" {
  one_message >"$script"
  play "$script" -- mfetch --tls off --password-command 'echo secret' \
    --to "eml:$BATS_TEST_TMPDIR/e" 'imap://alice@localhost:{PORT}'
  printf 'Subject: x\n\nFrom me\nbye\n' | cmp - "$BATS_TEST_TMPDIR"/e/*.eml
}

@test "a command has each message, its output is the tool's" {
  { one_message; echo 'STDOUT got From me?'; } >"$script"
  play "$script" -- mfetch --tls off --password-command 'echo secret' \
    --to 'exec:sed -n "s/^From/got &/p"' 'imap://alice@localhost:{PORT}'
}

@test "a message that a command does not take stays new, its status counts" {
  local left
  { one_message; echo 'STDERR mfetch: *status 75?'; echo EXIT 75; } >"$script"
  run_it() {
    play "$script" -- sh -c 'mfetch --tls off --json --state "$2" \
      --password-command "echo secret" --to "exec:cat >/dev/null; exit 75" "$1" >"$3"' sh \
      'imap://alice@localhost:{PORT}' "$BATS_TEST_TMPDIR/s" "$BATS_TEST_TMPDIR/j"
  }
  run_it
  schema mfetch <"$BATS_TEST_TMPDIR/j"
  has "$(cat "$BATS_TEST_TMPDIR/j")" '"outcome":"not-taken"'
  left=$(cat "$BATS_TEST_TMPDIR/s")
  hasnt "$left" 'uid 7 4'
  sed -i 's/UID 1:4/UID 4:4/' "$script"
  run_it
}

@test "a command that cannot be run is 78, once" {
  { one_message | sed '/^C: A5/,$d'; echo EOF; echo EXIT 78; } >"$script"
  play "$script" -- mfetch --tls off --password-command 'echo secret' \
    --to exec:/nowhere/at/all 'imap://alice@localhost:{PORT}'
}

@test "the login of a netrc is used" {
  printf 'machine other login x password y\nmachine localhost\n login alice password secret\n' \
    >"$HOME/.netrc"
  chmod 600 "$HOME/.netrc"
  one_message >"$script"
  play "$script" -- mfetch --tls off --to "maildir:$BATS_TEST_TMPDIR/m" \
    'imap://localhost:{PORT}'
}

@test "/dev/full as standard output is 74 and nothing counts as fetched" {
  { one_message | sed '/^C: A5/,$d'; echo EOF; echo EXIT 74; } >"$script"
  play "$script" -- sh -c 'mfetch --tls off --password-command "echo secret" \
    --state "$1" "$2" >/dev/full' sh "$BATS_TEST_TMPDIR/state" \
    'imap://alice@localhost:{PORT}'
  [ "$(grep -c 'uid 7 4' "$BATS_TEST_TMPDIR/state")" -eq 0 ]
}

@test "standard input closed makes no difference" {
  one_message >"$script"
  play "$script" -- sh -c 'mfetch --tls off --password-command "echo secret" \
    "$1" <&-' sh 'imap://alice@localhost:{PORT}'
}

@test "the password is in no trace" {
  { one_message; echo 'STDERR-NOT *secret*'; echo 'STDERR-NOT *AGFs*'
    echo 'STDERR *AUTHENTICATE PLAIN \*\*\**'; } >"$script"
  play "$script" -- mfetch -vv --tls off --password-command 'echo secret' \
    'imap://alice@localhost:{PORT}'
}

@test "--dry-run tells and changes nothing" {
  { imap_dialogue; cat <<'END'
C: A4 LOGOUT
S: A4 OK
STDOUT 4?
END
  } >"$script"
  play "$script" -- mfetch --tls off --dry-run --password-command 'echo secret' \
    --to "maildir:$BATS_TEST_TMPDIR/m" 'imap://alice@localhost:{PORT}'
  [ ! -e "$BATS_TEST_TMPDIR/m" ]
}

@test "--list shows names in UTF-8, JSON fits the schema" {
  cat >"$script" <<'END'
S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi
C: A1 AUTHENTICATE PLAIN
S: + go
C: AGFsaWNlAHNlY3JldA==
S: A1 OK [CAPABILITY IMAP4rev1] in
C: A2 LIST "" "\*"
S: * LIST (\HasNoChildren) "/" INBOX
S: * LIST (\Noselect) "/" "Entw&APw-rfe"
S-RAW: * LIST () NIL {3}\r\na b\r\n
S: A2 OK done
C: A3 STATUS "INBOX" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)
C: A4 STATUS "a b" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)
S: * STATUS INBOX (MESSAGES 3 UNSEEN 1 UIDNEXT 9 UIDVALIDITY 7)
S: A3 OK done
S: A4 NO gone
C: A5 LOGOUT
S: A5 OK
END
  play "$script" -- sh -c 'mfetch --tls off --list --json \
    --password-command "echo secret" "$1" >"$2"' sh \
    'imap://alice@localhost:{PORT}' "$BATS_TEST_TMPDIR/list"
  schema mfetch <"$BATS_TEST_TMPDIR/list"
  has "$(cat "$BATS_TEST_TMPDIR/list")" '"Entwürfe","separator":"/","selectable":false'
  has "$(cat "$BATS_TEST_TMPDIR/list")" '"messages":3,"unseen":1'
  has "$(cat "$BATS_TEST_TMPDIR/list")" '"a b","separator":null'
}

@test "folders of hostile names: nothing outside the target" {
  cat >"$BATS_TEST_TMPDIR/server" <<'END'
printf '* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n'
while read -r tag verb rest; do
  case $verb in
  LIST)
    printf '* LIST () "/" "%s"\r\n' ../../../up .. cur a/new/../x 100%25
    printf '* LIST () "." "a/../../b"\r\n* LIST () NIL "/etc/passwd"\r\n'
    printf '* LIST () "/" "/etc/cron.d"\r\n* LIST () "/" {4}\r\na\001b/\r\n' ;;
  EXAMINE) printf '* 1 EXISTS\r\n* OK [UIDVALIDITY 1] v\r\n* OK [UIDNEXT 2] n\r\n' ;;
  UID) case $rest in
    SEARCH*) printf '* SEARCH 1\r\n' ;;
    FETCH*) printf '* 1 FETCH (UID 1 BODY[] {4}\r\nhi\r\n)\r\n' ;;
    esac ;;
  esac
  printf '%s OK done\r\n' "$tag"
done
END
  mkdir -p "$BATS_TEST_TMPDIR/in/deep"
  for plain in '' --plain-folders; do
    m=$BATS_TEST_TMPDIR/in/deep/m$plain
    # shellcheck disable=SC2086
    exits 65 mfetch --mailbox '*' $plain --to "maildir:$m" \
      --tunnel "bash $BATS_TEST_TMPDIR/server"
    has "$err" 'without a name'
    [ "$(find "$m" -type f -path '*/new/*' | wc -l)" -ge 6 ]
  done
  [ "$(find "$BATS_TEST_TMPDIR/in" -mindepth 1 -maxdepth 1 | wc -l)" -eq 1 ]
  [ "$(find "$BATS_TEST_TMPDIR/in/deep" -mindepth 1 -maxdepth 1 | wc -l)" -eq 2 ]
  [ -e "$BATS_TEST_TMPDIR/in/deep/m--plain-folders/%63ur/new" ]
  [ -e "$BATS_TEST_TMPDIR/in/deep/m--plain-folders/%2E./%2E./%2E./up/new" ]
  [ -e "$BATS_TEST_TMPDIR/in/deep/m/.%2Fetc%2Fpasswd/new" ]
}

# large_server FILE CUT [hang]: an IMAP session with FILE as its only message, which
# ends after CUT octets of it when all are asked for (0: it does not), or hangs
large_server() {
  cat >"$BATS_TEST_TMPDIR/large.py" <<'END'
import re, sys
body = open(sys.argv[1], "rb").read()
cut, hang = int(sys.argv[2]), len(sys.argv) > 3
out = sys.stdout.buffer
def say(text): out.write(text.encode() + b"\r\n")
say("* PREAUTH [CAPABILITY IMAP4rev1] hi")
out.flush()
for line in sys.stdin:
    tag, verb = line.split(" ", 1)
    if verb.startswith("EXAMINE"):
        say("* 1 EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT 5] n")
    if verb.startswith("UID SEARCH"):
        say("* SEARCH 4")
    if verb.startswith("UID FETCH"):
        at = re.search(r"BODY.PEEK\[\]<(\d+)\.", verb)
        first = int(at[1]) if at else 0
        rest = body[first:]
        item = "BODY[]<%d>" % first if at else "BODY[]"
        out.write(b"* 1 FETCH (UID 4 %s {%d}\r\n" % (item.encode(), len(rest)))
        if cut and not at:
            out.write(rest[:cut])
            out.flush()
            sys.stdin.read() if hang else sys.exit()
            sys.exit()
        out.write(rest + b")\r\n")
    say(tag + " OK done")
    out.flush()
END
  echo "exec python3 $BATS_TEST_TMPDIR/large.py $1 $2 ${3-}"
}

@test "a large message that was cut goes on where it ended" {
  m=$BATS_TEST_TMPDIR/m
  python3 -c 'import random, sys
r = random.Random(1)
print("Subject: large\n\n" + "\n".join("%x" % r.getrandbits(280) for _ in range(120000)))
' >"$BATS_TEST_TMPDIR/plain"
  sed 's/$/\r/' "$BATS_TEST_TMPDIR/plain" >"$BATS_TEST_TMPDIR/wire"
  fetch_large() {
    mfetch --state "$BATS_TEST_TMPDIR/state" --to "maildir:$m" "$@" \
      --tunnel "$(large_server "$BATS_TEST_TMPDIR/wire" "$cut")"
  }
  cut=6000001
  exits 75 fetch_large
  has "$err" 'closed'
  [ -e "$BATS_TEST_TMPDIR/state.part" ]
  exits 0 fetch_large -vv
  has "$err" 'goes on at octet 6000001'
  has "$err" 'BODY.PEEK[]<6000001.'
  cmp "$BATS_TEST_TMPDIR/plain" "$m"/new/*
  [ ! -e "$BATS_TEST_TMPDIR/state.part" ]
  # a beginning that is damaged, or of another message, counts for nothing
  rm -rf "$m" "$BATS_TEST_TMPDIR/state"
  exits 75 fetch_large
  truncate -s -1 "$BATS_TEST_TMPDIR/state.part"
  cut=0
  exits 0 fetch_large
  cmp "$BATS_TEST_TMPDIR/plain" "$m"/new/*
  # one of a run that was killed counts as far as it had been made sure
  rm -rf "$m" "$BATS_TEST_TMPDIR/state"
  cut=6000001
  mfetch --state "$BATS_TEST_TMPDIR/state" --to "maildir:$m" \
    --tunnel "$(large_server "$BATS_TEST_TMPDIR/wire" "$cut" hang)" \
    >/dev/null 2>&1 3>&- &
  enough() { [ "$(stat -c %s "$BATS_TEST_TMPDIR/state.part")" -ge 6000001 ]; }
  wait_for 20 enough
  kill -9 $!
  wait $! || :
  exits 0 fetch_large -vv
  has "$err" 'goes on at octet 5'
  cmp "$BATS_TEST_TMPDIR/plain" "$m"/new/*
  # unless its octets are others by now
  rm -rf "$m" "$BATS_TEST_TMPDIR/state"
  exits 75 fetch_large
  printf x | dd of="$BATS_TEST_TMPDIR/state.part" bs=1 seek=5000 conv=notrunc status=none
  cut=0
  exits 0 fetch_large
  cmp "$BATS_TEST_TMPDIR/plain" "$m"/new/*
  # a short one is not kept
  rm -rf "$m" "$BATS_TEST_TMPDIR/state"
  cut=1000
  exits 75 fetch_large
  [ ! -e "$BATS_TEST_TMPDIR/state.part" ]
}

@test "--retry opens a lost session again, and goes on in the message" {
  m=$BATS_TEST_TMPDIR/m
  { echo 'Subject: large'; echo; yes 'the quick brown fox' | head -400000; } |
    sed 's/$/\r/' >"$BATS_TEST_TMPDIR/wire"
  exits 0 mfetch --retry 2 --to "maildir:$m" \
    --tunnel "$(large_server "$BATS_TEST_TMPDIR/wire" 5000000)"
  has "$err" 'again in 1 s'
  tr -d '\r' <"$BATS_TEST_TMPDIR/wire" | cmp - "$m"/new/*
}

@test "values that mean nothing are usage errors, before a password is asked for" {
  local url=imap://me@127.0.0.1:1 ask=(--password-command 'touch asked')
  cd "$BATS_TEST_TMPDIR"
  usage "--to: unknown target 'foo:x'" mfetch "${ask[@]}" --to foo:x "$url"
  usage "--to: unknown target 'maildir'" mfetch "${ask[@]}" --to maildir "$url"
  usage '--to: nothing is no value' mfetch "${ask[@]}" --to '' "$url"
  usage '--limit' mfetch "${ask[@]}" --limit 0 "$url"
  usage '--delete-after' mfetch "${ask[@]}" --delete-after 0 "$url"
  for o in user auth mailbox exclude search state rcpt move-to tls-ca tls-pin tunnel; do
    usage "--$o: nothing is no value" mfetch "${ask[@]}" "--$o=" "$url"
  done
  [ ! -e asked ]
}
