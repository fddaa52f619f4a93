#!/usr/bin/env bats
# The pipelines that mbounce-parse(1) and msuppress(1) show run as they stand
# there. The one of Postfix is in tests/server/postfix.bats.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  export HOME=$BATS_TEST_TMPDIR
  unset XDG_STATE_HOME XDG_CONFIG_HOME
  mkdir -p .config/mailtoolkit {Maildir/.bounces,reports}/{cur,new,tmp}
  server=
}

teardown() { [ -z "$server" ] || kill "$server" 2>/dev/null || :; }

# shown TOOL: the commands of its EXAMPLES, but for the place of the mailbox
shown() {
  sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/s/^\.Dl \$ //p' \
    "$top_srcdir/man/$1.1" | sed 's/\\(dq/"/g
      s|imaps://me@mail.example.org/INBOX|"$1"|'
}

# bounce RECIPIENT [ENVID]
bounce() {
  printf '%s\n' 'From: MAILER-DAEMON@mx.example.net' 'To: me@example.org' \
    'Date: Tue, 24 Nov 2026 00:00:00 +0000' \
    'Content-Type: multipart/report; boundary=b' '' --b \
    'Content-Type: message/delivery-status' '' "Original-Envelope-Id: ${2:-x}" \
    '' "Final-Recipient: rfc822; $1" 'Action: failed' 'Status: 5.1.1' \
    'Diagnostic-Code: smtp; 550 5.1.1 user unknown' '' --b--
}

# mailbox: an IMAP server with one bounce, as tests/lib/play plays it
mailbox() {
  local size
  bounce carol@example.com | sed 's/$/\r/' >mailbox.eml
  size=$(wc -c <mailbox.eml)
  cat <<END
S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi
C: A1 AUTHENTICATE PLAIN AG1lAHNlY3JldA==
S: A1 OK [CAPABILITY IMAP4rev1 ESEARCH] in
C: A2 EXAMINE "INBOX"
S: * 1 EXISTS
S: * OK [UIDVALIDITY 7] v
S: * OK [UIDNEXT 5] n
S: A2 OK [READ-ONLY] done
C: A3 UID SEARCH RETURN (ALL) UID 1:4
S: * ESEARCH (TAG "A3") UID ALL 4
S: A3 OK done
C: A4 UID FETCH 4 (UID FLAGS INTERNALDATE BODY.PEEK[])
S-RAW: * 1 FETCH (UID 4 FLAGS () INTERNALDATE "24-Nov-2026 01:02:03 +0000" BODY[] {$size}\r\n$(awk '{ sub(/\r$/, ""); printf "%s\\r\\n", $0 }' mailbox.eml))\r\n
S: A4 OK done
C: A5 LOGOUT
S: * BYE
S: A5 OK
END
}

@test "each pipeline of the manual runs as it stands, and does what it says" {
  need jq openssl python3
  mreceive --print-port --maildir sent --hostname mx.example.org --tls off \
    --dsn --json >served 2>served.err 3>&- &
  server=$!
  wait_for 10 test -s served
  (umask 077 && cat >.config/mailtoolkit/accounts) <<END
[*]
tls = off
password-command = echo secret
msend.server = smtp://127.0.0.1:$(head -n 1 served)
END
  bounce alice@example.com >Maildir/.bounces/new/1.a.b
  { echo 'From x Tue Nov 24 00:00:00 2026'; bounce dave@example.com; } \
    >bounces.mbox
  echo '<feedback><policy_published><domain>example.org</domain>
    </policy_published><record><row><source_ip>192.0.2.1</source_ip>
    <count>3</count><policy_evaluated><dkim>pass</dkim><spf>fail</spf>
    </policy_evaluated></row></record></feedback>' >reports/new/1.a.b
  printf '%s\n' 'From: me@example.org' 'Subject: hi' '' 'hi' >letter.eml
  printf '%s\n' 'Alice <alice@example.com>' frank@example.com >subscribers

  { shown mbounce-parse; shown msuppress; } >pipelines
  [ "$(wc -l <pipelines)" -ge 12 ]
  mailbox >script
  play script -- sh -c 'sh -eux ./pipelines "$1" >said 2>trace' sh \
    'imap://me@localhost:{PORT}' || { cat trace; false; }

  cat >want <<'END'
bounce alice@example.com 5.1.1 user-unknown (hard): 550 5.1.1 user unknown
dave@example.com
      1 user-unknown
END
  printf 'example.org\t192.0.2.1\t3\tpass\tfail\n' >>want
  diff want said
  for a in alice carol; do exits 1 msuppress check $a@example.com; done
  exits 0 msuppress check dave@example.com # of an mbox that was only looked at
  [ "$(cat recipients)" = frank@example.com ]
  # the letter has an envelope id whose tag the key proves
  id=$(jq -r 'select(.dsn) | .dsn.envid' served | head -n 1)
  [[ $id =~ ^job7\.[0-9a-f]{12}$ ]]
  bounce bob@example.com "$id" >bounces/new/2.a.b
  bounce eve@example.com job7.0123456789ab >bounces/new/3.a.b
  shown mbounce-parse | tail -n 1 >last
  exits 0 sh -eu ./last
  exits 1 msuppress check bob@example.com
  exits 0 msuppress check eve@example.com
}
