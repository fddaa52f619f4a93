#!/usr/bin/env bats
# msend: what it composes, takes, sends, refuses and tells; mreceive is the
# server. How it meets servers that misbehave is in tests/play/smtp.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  export HOME="$BATS_TEST_TMPDIR"
  unset XDG_CONFIG_HOME
  pids=()
  printf '%s\n' 'From: Me <me@example.org>' 'To: bob@example.org' \
    'Subject: hi' 'Date: Tue, 24 Nov 2026 00:00:00 +0000' \
    'Message-ID: <1@example.org>' '' 'text' >mail
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

# plain ARG...: msend to it, without TLS
plain() { msend --server "smtp://127.0.0.1:$port" --tls=off "$@"; }

kept() { cat m/new/*; }
how_many() { find m/new -type f 2>/dev/null | wc -l; }

@test "a message that is taken arrives as it is" {
  serve --tls off
  exits 0 plain -f me@example.org bob@example.org <mail
  [ -z "$out$err" ]
  kept | sed '1,/^Subject/d' >got
  sed '1,/^Subject/d' mail | cmp - got
  has "$(kept)" "Return-Path: <me@example.org>"
}

@test "-t finds recipients and sender, and Bcc never leaves" {
  serve --tls off
  printf '%s\n' 'From: me@example.org' 'To: A <a@example.org>,' \
    ' b@example.org' 'Bcc: secret@example.org' 'Cc: c@example.org' '' x >hidden
  exits 0 plain -t --json <hidden
  [ "$(jq -r .rcpt <<<"$out" | xargs)" = \
    'a@example.org b@example.org c@example.org secret@example.org' ]
  has "$(kept)" "Return-Path: <me@example.org>"
  has "$(kept)" "Cc: c@example.org"
  hasnt "$(kept | sed '/^Received/,/^[A-Z]/d')" "secret"
}

@test "-t adds Date and Message-ID where they are missing, not to signed ones" {
  exits 0 msend --print -t --now 2026-11-24T00:00:00Z <<<$'From: a@b.example\nTo: c@d.example\n\nx'
  has "$out" "Date: Tue, 24 Nov 2026 00:00:00 +0000"
  has "$out" "Message-ID: <*@b.example>"
  exits 0 msend --print -t <<<$'DKIM-Signature: v=1\nFrom: a@b.example\nTo: c@d.example\n\nx'
  hasnt "$out" "Date:"
  exits 0 msend --print -t <mail
  [ "$(grep -c '^Date:' <<<"$out")" = 1 ]
}

@test "-t gives names without a domain one, as sendmail does" {
  serve --tls off
  printf '%s\n' 'From: me' 'To: root, Bob <bob@example.net>' '' x >local
  exits 0 plain -t --maildomain example.org --json <local
  [ "$(jq -r .rcpt <<<"$out" | xargs)" = 'root@example.org bob@example.net' ]
  has "$(kept)" "Return-Path: <me@example.org>"
  has "$(kept)" "To: root@example.org, Bob <bob@example.net>"
  domain=$(head -n 1 /etc/mailname 2>/dev/null) || domain=$(hostname)
  exits 0 plain -t --json <local
  [ "$(jq -r .rcpt <<<"$out" | head -n 1)" = "root@${domain:-$(hostname)}" ]
  # an LMTP server has users of its own
  exits 0 plain --dry-run --json -f me@example.org root <mail
  [ "$(jq -r '.rcpts[]' <<<"$out")" = root ]
}

@test "Resent- fields take the place of the others" {
  serve --tls off
  { printf 'Resent-From: r@example.org\nResent-To: x@example.org\n'; cat mail; } >resent
  exits 0 plain -t --json <resent
  [ "$(jq -r .rcpt <<<"$out")" = x@example.org ]
  has "$(kept)" "Return-Path: <r@example.org>"
}

@test "a composed message: text, HTML, attachment, other letters" {
  serve --tls off
  printf 'Grüße\n' >text
  printf '<p>Grüße</p>\n' >text.html
  head -c 5000 /dev/urandom >data.bin
  exits 0 plain --from 'Jörg <me@example.org>' --to 'Böb <bob@example.org>' \
    --cc c@example.org --bcc secret@example.org -s 'Prüfung' -H 'X-Test: 1' \
    --text text --html text.html --attach 'data.bin;name=dätä.bin' d@example.org
  python3 - <<'END'
import email, email.policy, glob
m = email.message_from_binary_file(open(glob.glob('m/new/*')[0], 'rb'),
    policy=email.policy.default)
assert m['Subject'] == 'Prüfung', m['Subject']
assert m['From'].addresses[0].display_name == 'Jörg'
assert [a.addr_spec for a in m['To'].addresses] == ['bob@example.org', 'd@example.org']
assert m['Bcc'] is None and m['X-Test'] == '1'
assert m.get_body(('plain',)).get_content().strip() == 'Grüße'
assert m.get_body(('html',)).get_content().strip() == '<p>Grüße</p>'
a, = m.iter_attachments()
assert a.get_filename() == 'dätä.bin'
assert a.get_content() == open('data.bin', 'rb').read()
END
  hasnt "$(sed '/^$/q' m/new/*)" 'Bcc:'
}

# tree: standard input's parts, as Python's email sees them
tree() {
  python3 -c '
import email, email.policy, sys
def show(p, d=0):
    print(" " * d + p.get_content_type(), p.get_filename() or "-",
          p.get_content_disposition() or "-")
    for q in p.iter_parts() if p.is_multipart() else (): show(q, d + 1)
show(email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default))'
}

@test "pictures of the HTML go with it, and a text made from it" {
  mkdir -p 'page/sub dir'
  printf 'PNG' >page/logo.png
  printf 'GIF' >'page/sub dir/b.gif'
  printf '%s\n' '<h1>Grüße</h1><img src="logo.png" alt="Logo">' \
    "<p>See <a href='https://example.org/x'>this</a>.</p>" \
    '<IMG SRC=sub%20dir/b.gif><img src="logo.png"><img src="https://e.org/x">' \
    '<img src="cid:own@id">' >page/index.html
  printf 'x' >own.png
  printf 'pdf' >plan.pdf
  msend --print --from a@b.example --to c@d.example --html page/index.html \
    --text-from-html --inline 'own.png;cid=own@id' --attach plan.pdf >made
  [ "$(tree <made)" = "multipart/mixed - -
 multipart/alternative - -
  text/plain - -
  multipart/related - -
   text/html - -
   image/png own.png inline
   image/png logo.png inline
   image/gif b.gif inline
 application/pdf plan.pdf attachment" ]
  python3 - <<'END'
import email, email.policy, re
m = email.message_from_binary_file(open('made', 'rb'), policy=email.policy.default)
text = m.get_body(('plain',)).get_content()
assert text == """Grüße
=====

[Logo]

See this <https://example.org/x>.
""", text
html = m.get_body(('html',)).get_content()
ids = {p['Content-ID'][1:-1]: p.get_content() for p in m.walk() if p['Content-ID']}
src = re.findall(r'src="?([^ ">]*)', html, re.I)
assert [s[:4] for s in src] == ['cid:', 'cid:', 'cid:', 'http', 'cid:'], src
assert ids[src[0][4:]] == b'PNG' and ids[src[1][4:]] == b'GIF' and src[0] == src[2]
assert ids[src[4][4:]] == b'x'
END
}

@test "a picture that is missing, or not beside its HTML, is told" {
  printf '<img src="gone.png">' >a.html
  exits 66 msend --print --from a@b.example --html a.html c@d.example
  has "$err" gone.png
  one_line "$err"
  printf '<img src="/etc/passwd">' >a.html
  exits 65 msend --print --from a@b.example --html a.html c@d.example
  printf '<img src="x/../../secret">' >a.html
  exits 65 msend --print --from a@b.example --html a.html c@d.example
  has "$err" "--inline"
}

@test "--flowed lets readers wrap, and they get the paragraph back" {
  printf '%s\n' "$(printf 'wörd%.0s ' {1..60})" '' 'From here' ' indented' '-- ' me >text
  msend --print --from a@b.example --flowed --text text c@d.example >made
  python3 - <<'END'
import email, email.policy
m = email.message_from_binary_file(open('made', 'rb'), policy=email.policy.default)
assert m.get_param('format') == 'flowed'
lines = m.get_content().splitlines()
assert max(map(len, lines)) < 79
got = ''
for l in lines:
    l = l[1:] if l.startswith(' ') else l
    got += l if l.endswith(' ') and l != '-- ' else l + '\n'
assert got.rstrip('\n') == '\n'.join(
    [' '.join(['wörd'] * 60), '', 'From here', ' indented', '-- ', 'me']), got
END
}

@test "--sign signs what is composed and what is taken, as mverify says" {
  mdkimsign --genkey ed25519 -o key.pem
  mdkimsign --record key.pem -d example.org -s sel >zone
  pass() {
    mverify --zone zone --json "$@" | jq -r '.dkim[0] | "\(.result) \(.d)"'
  }
  head -c 200000 /dev/urandom >data
  exits 0 msend --print --from me@example.org -s Grüße --attach data --sign key.pem \
    --selector sel bob@example.net <<<'text  '
  cp .out made
  [ "$(pass made)" = "pass example.org" ]
  python3 -c '
import email, email.policy
m = email.message_from_binary_file(open("made", "rb"), policy=email.policy.default)
a, = m.iter_attachments()
assert a.get_content() == open("data", "rb").read()'
  { sed '/^$/q' mail; printf 'plain words and Grüße \n\n\n'; } >taken
  msend --print --sign key.pem --domain example.org --selector sel bob@example.org \
    <taken >made
  [ "$(pass made)" = "pass example.org" ]
  has "$(cat made)" "Gr=C3=BC=C3=9Fe"
  serve --tls off
  exits 0 plain --sign key.pem --selector sel bob@example.org <mail
  sed -i '1,/^Received/d' m/new/*
  sed -n '/^DKIM/,$p' m/new/* >got
  [ "$(pass got)" = "pass example.org" ]
  # of Sender and From, the author's domain signs
  { echo 'Sender: list@example.com'; cat mail; } >taken
  msend --print --sign key.pem --selector sel bob@example.org <taken >made
  [ "$(pass made)" = "pass example.org" ]
  exits 64 msend --print --sign key.pem bob@example.org <mail
  exits 66 msend --print --sign nokey --selector sel bob@example.org <mail
}

@test "memory is flat, however large the attachment" {
  truncate -s 1M small
  truncate -s 150M large
  rss() {
    python3 -c 'import resource, subprocess, sys
subprocess.run(["msend", "--print", "--from", "a@b.example", "-s", "x", "--attach",
    sys.argv[1], "c@d.example"], check=True, stdin=subprocess.DEVNULL,
    stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$1"
  }
  [ "$(rss large)" -lt "$(($(rss small) + 16384))" ]
}

@test "with -s alone, standard input is the text" {
  exits 0 msend --print --from a@b.example -s hi c@d.example <<<'the text'
  has "$out" "To: c@d.example"
  has "$out" "the text"
}

@test "what --print writes can be taken again" {
  serve --tls off
  msend --print --from me@example.org --to bob@example.org -s hi <<<text |
    exits 0 plain -t
  has "$(kept)" "Subject: hi"
}

@test "a missing attachment is told before anybody is asked" {
  exits 66 msend --server smtp://127.0.0.1:1 --from a@b.example -s x \
    --attach nothere.pdf c@d.example </dev/null
  one_line "$err"
  has "$err" nothere.pdf
}

@test "recipients: refused ones are told, the exit status is the worst" {
  serve --tls off --refuse 'no@example.org' \
    --refuse 'later@example.org=451 4.2.1 later'
  exits 67 plain bob@example.org no@example.org <mail
  one_line "$err"
  has "$err" no@example.org
  exits 75 plain bob@example.org no@example.org later@example.org <mail
  has "$err" "451 4.2.1 later"
}

@test "--json has a line for each recipient, as the schema says" {
  serve --tls off --refuse no@example.org
  exits 67 plain --json bob@example.org no@example.org <mail
  schema msend <<<"$out"
  [ "$(jq -r '"\(.rcpt) \(.outcome) \(.stage)"' <<<"$out" | xargs -d '\n')" = \
    "bob@example.org sent content no@example.org permanent rcpt" ]
  [ -z "$err" ]
  exits 75 msend --json --server smtp://127.0.0.1:1 --tls=off bob@example.org <mail
  schema msend <<<"$out"
  [ "$(jq -r .stage <<<"$out")" = connect ]
}

@test "STARTTLS and implicit TLS are verified unless told otherwise" {
  serve --tls starttls --tls-self-signed --tls-cert-out ca.pem
  exits 0 msend --server "smtp://localhost:$port" --tls-ca ca.pem --json \
    bob@example.org <mail
  schema msend <<<"$out"
  [ "$(jq -r '.tls | .verified_by, .version' <<<"$out" | xargs)" = "pkix TLSv1.3" ]
  exits 76 msend --server "smtp://localhost:$port" bob@example.org <mail
  one_line "$err"
  exits 0 msend --server "smtp://localhost:$port" --tls=must bob@example.org <mail
  serve --tls implicit --tls-self-signed --tls-cert-out ca2.pem
  exits 0 msend --server "smtps://localhost:$port" --tls-ca ca2.pem \
    bob@example.org <mail
  [ "$(how_many)" = 3 ]
}

@test "login with a password from a command and from ~/.netrc" {
  printf 'me:secret\n' >logins && chmod 600 logins
  serve --tls starttls --tls-self-signed --tls-cert-out ca.pem --auth logins \
    --auth-required
  sendit() {
    msend --server "smtp://localhost:$port" --tls-ca ca.pem bob@example.org "$@"
  }
  exits 0 sendit --user me --password-command 'echo secret' <mail
  exits 77 sendit --user me --password-command 'echo wrong' <mail
  one_line "$err"
  has "$err" "login as 'me' refused"
  exits 78 sendit --user me <mail
  has "$err" netrc
  printf 'machine localhost login me password secret\n' >.netrc
  chmod 600 .netrc
  exits 0 sendit --user me <mail
  chmod 644 .netrc
  exits 78 sendit --user me <mail
  chmod 600 .netrc
  exits 0 sendit --user me -vv <mail
  hasnt "$err" "$(printf '\0me\0secret' | base64)"
}

@test "LMTP over a unix socket" {
  mreceive --lmtp --listen "$PWD/sock" --maildir m --hostname mx.example.org \
    --tls off 2>served.err 3>&- &
  pids+=("$!")
  wait_for 10 test -S sock
  exits 0 msend --server "lmtp:$PWD/sock" bob@example.org joe@example.org <mail
  [ "$(how_many)" -ge 1 ]
}

@test "a second server takes what the first cannot" {
  serve --tls off
  exits 0 msend --server smtp://127.0.0.1:1 --server "smtp://127.0.0.1:$port" \
    --tls=off bob@example.org <mail
  [ "$(how_many)" = 1 ]
}

@test "the accounts file" {
  serve --tls off
  mkdir -p .config/mailtoolkit
  printf '[default]\nmsend.server = smtp://127.0.0.1:%s\ntls = off\n' "$port" \
    >.config/mailtoolkit/accounts
  exits 0 msend bob@example.org <mail
  [ "$(how_many)" = 1 ]
}

@test "messages that servers read in different ways are refused, line named" {
  local bad
  for bad in 'a\rb' 'a\0b' 'a\n.\r\rb' "$(printf 'x%.0s' {1..999})"; do
    printf 'From: a@b.example\n\n%b\n' "$bad" >bad
    exits 65 msend --server smtp://127.0.0.1:1 c@d.example <bad
    one_line "$err"
    has "$err" line
  done
}

@test "a binary body goes as it is, and as base64 where that cannot be" {
  serve --tls off --json
  {
    printf 'From: me@example.org\nMIME-Version: 1.0\nContent-Type: image/png\n'
    printf 'Content-Transfer-Encoding: binary\n\n'
  } >binary
  head -c 20000 /dev/urandom >picture
  cat picture >>binary
  exits 0 plain -f me@example.org bob@example.org <binary
  tail -c 20000 m/new/* | cmp - picture
  [ "$(tail -n 1 served | jq -r .body)" = BINARYMIME ]
  rm m/new/*
  exits 0 plain --no-chunking -f me@example.org bob@example.org <binary
  sed '1,/^$/d' m/new/* | base64 -d | cmp - picture
  [ "$(tail -n 1 served | jq -r .body)" = 7BIT ]
  exits 0 msend --print -f me@example.org <binary
  sed '1,/^\r*$/d' <<<"$out" | base64 -di | cmp - picture
  sed 's/: binary/: 8bit/' binary >wrong
  exits 65 plain -f me@example.org bob@example.org <wrong
}

@test "--fix encodes what would be refused, but nothing signed" {
  { sed '/^$/q' mail; printf 'x%.0s' {1..1200}; printf '\n.\na\rb\0c\n'; } >bad
  exits 0 msend --print --fix -t <bad
  python3 - <<'END'
import email, subprocess
out = subprocess.run(['msend', '--print', '--fix', '-t'], stdin=open('bad', 'rb'),
                     capture_output=True).stdout
assert max(map(len, out.split(b'\n'))) < 80
m = email.message_from_bytes(out)
want = b'x' * 1200 + b'\r\n.\r\na\rb\0c\r\n'
got = m.get_payload(decode=True)
assert got == want, got
END
  { printf 'DKIM-Signature: v=1\n'; cat bad; } >signed
  exits 65 msend --print --fix -t <signed
  one_line "$err"
  has "$err" "line 8 is signed"
}

@test "smuggling forms arrive as text or not at all" {
  serve --tls off
  local form
  for form in '\n.\n' '\r\n.\n' '\n.\r\n' '\r\n.\r\n'; do
    printf 'From: a@b.example\r\n\r\nx%bMAIL FROM:<evil@b.example>\r\n' "$form" |
      exits 0 plain c@d.example
  done
  [ "$(how_many)" = 4 ]
  hasnt "$(kept)" 'Return-Path: <evil'
  [ "$(grep -c '^MAIL FROM' m/new/* | grep -c ':1$')" = 4 ]
}

@test "injection by addresses and names is refused" {
  exits 65 msend --server smtp://127.0.0.1:1 $'a@b.example\r\nRCPT TO:<x@y.example>' <mail
  exits 65 msend --server smtp://127.0.0.1:1 'a@b.example> SIZE=1' <mail
  exits 64 msend --server smtp://127.0.0.1:1 -f $'a@b.example>\r\nX: <x@y.example' \
    c@d.example <mail
  exits 64 msend --print --from a@b.example -s $'x\nBcc: y@z.example' c@d.example <mail
  serve --tls off
  exits 64 plain --helo $'x\r\nMAIL' bob@example.org <mail
}

@test "garbage, nothing, a directory and closed input" {
  exits 66 msend --server smtp://127.0.0.1:1 a@b.example </dev/null
  one_line "$err"
  head -c 3000 /dev/urandom | tr -d '\0\r\n' | head -c 500 >noise
  exits 65 msend --server smtp://127.0.0.1:1 a@b.example <noise
  one_line "$err"
  exits 66 msend --server smtp://127.0.0.1:1 a@b.example </
  exits 66 msend --server smtp://127.0.0.1:1 a@b.example <&-
  has "$err" "'standard input' is closed"
  one_line "$err"
}

@test "usage: what is missing or wrong is named" {
  exits 64 msend --no-such-option
  has "$err" no-such-option
  exits 64 msend bob@example.org <mail
  has "$err" "no server"
  exits 64 msend --server smtp://127.0.0.1:1 <mail
  has "$err" "no recipient"
  exits 64 msend --server ftp://x bob@example.org <mail
  has "$err" "ftp://x"
  exits 64 msend --server smtps://x --tls=off bob@example.org <mail
  exits 64 msend --server smtp://me:pw@x bob@example.org <mail
  has "$err" password
  exits 64 msend -s x bob@example.org </dev/null
  has "$err" from
}

@test "a full disk is told" {
  [ -w /dev/full ] || skip "no /dev/full"
  run bash -c 'msend --print -t <mail >/dev/full'
  [ "$status" -eq 74 ]
}

@test "--help and --version" {
  exits 0 msend --help
  has "$out" "--server"
  [ "$(wc -l <<<"$out")" -le 24 ]
  exits 0 msend --version
}

@test "values that mean nothing, and what contradicts itself, are usage errors" {
  local o to=(msend -f me@example.org --server smtp://127.0.0.1:1 b@example.org)
  for o in auth user tls-ca tls-crl tls-pin tls-cert helo proxy source-ip resolver \
    password-command token-command oauth server dsn envid xclient transcript \
    mail journal rate suppress list-unsubscribe attach html sign account; do
    usage "--$o: nothing is no value" "${to[@]}" "--$o="
  done
  usage '--auth: nothing' "${to[@]}" --auth ''
  usage "--auth: 'FOO' is none of" "${to[@]}" --auth FOO
  usage "--auth: 'FOO' is none of" "${to[@]}" --auth PLAIN,FOO --dry-run
  usage '--connections' "${to[@]}" --connections 0
  usage '--per-connection' "${to[@]}" --per-connection 0
  usage '--mx and --server' "${to[@]}" --mx
  usage '--mx and --server' msend --server auto --mx -f me@example.org b@example.org
  # what the accounts file says is less than the command line
  mkdir -p .config/mailtoolkit
  printf '[default]\nserver = smtp://127.0.0.1:1\n' >.config/mailtoolkit/accounts
  : >zone
  exits 68 msend --mx --zone zone -f me@example.org b@none.example <mail
  printf '[default]\nauth =\n' >.config/mailtoolkit/accounts
  exits 78 "${to[@]}" <mail
  has "$err" 'auth: nothing is no value'
  # and these are values
  exits 0 msend --config= --print -f me@example.org -s '' b@example.org <mail
}
