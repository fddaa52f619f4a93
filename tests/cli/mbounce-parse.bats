#!/usr/bin/env bats
# mbounce-parse, as a user sees it.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() {
  mail=$top_srcdir/tests/fixtures/bounces
  cd "$BATS_TEST_TMPDIR" || return 1
}

# facts FILTER FILE...: what jq's FILTER says of each line, schema held
facts() {
  local filter=$1
  shift
  exits "${status_wanted:-0}" mbounce-parse --json "$@"
  schema mbounce-parse <<<"$out"
  got=$(jq -c "$filter" <<<"$out")
}

is() { [ "$got" = "$1" ] || { printf 'got %s\nwant %s\n' "$got" "$1" >&2; false; }; }

@test "each recipient of a report is a line" {
  facts '[.n, .of, .kind, .rcpt, .orig_rcpt, .action, .status, .reply, .reason,
    .class, .scope, .act, .derived]' "$mail/failed.eml"
  is '[1,2,"bounce","bob@example.com","bob+news@example.com","failed","5.1.1",550,"user-unknown","hard","recipient","suppress",null]
[2,2,"bounce","eve@example.com",null,"failed","5.2.2",552,"mailbox-full","soft","recipient","count",["status"]]'
}

@test "what is told of the whole message" {
  facts '[.msg, .date, .format, .lmta, .envid, .orig_msgid, .arrival]' \
    "$mail/failed.eml"
  line='[1,"2026-11-24T00:09:32Z","rfc3464","mx.example.net","order+7","<letter1@example.org>","Tue, 24 Nov 2026 00:09:30 +0000"]'
  is "$line"$'\n'"$line"
  got=$(jq -r .msg_sha256 <<<"$out" | sort -u)
  is "$(sha256sum <"$mail/failed.eml" | cut -d' ' -f1)"
}

@test "the server's words are unfolded" {
  facts .diag "$mail/failed.eml"
  is '"550 5.1.1 <bob@example.com>: No such user here"
"552-5.2.2 The mailbox is over quota"'
}

@test "a delay is no bounce" {
  facts '[.kind, .action, .reason, .will_retry_until]' "$mail/delayed.eml"
  is '["delay","delayed","connect-failed","Sun, 29 Nov 2026 00:09:30 +0000"]'
}

@test "a delivery is no bounce" {
  facts '[.kind, .action, .class, .act]' "$mail/success.eml"
  is '["success","delivered","info","none"]'
}

@test "an internationalised report in base64" {
  facts '[.format, .rcpt, .reason]' "$mail/utf8.eml"
  is '["rfc6533","über@example.com","smtputf8-unsupported"]'
}

@test "a report whose part has the wrong type, without an end" {
  facts '[.format, .rcpt, .action, .status, .reason]' "$mail/mislabelled.eml"
  is '["rfc3464-mislabelled","bob@example.com","failed","5.4.4","domain-unknown"]'
}

@test "CRLF and CR as line ends" {
  sed 's/$/\r/' "$mail/failed.eml" >crlf.eml
  tr '\n' '\r' <"$mail/failed.eml" >cr.eml
  facts '[.rcpt, .status]' crlf.eml cr.eml
  is '["bob@example.com","5.1.1"]
["eve@example.com","5.2.2"]
["bob@example.com","5.1.1"]
["eve@example.com","5.2.2"]'
}

@test "a forwarded bounce and a letter are none, and say why; a receipt is one" {
  facts '[.kind, .forwarded, .why, .reason]' "$mail/forwarded.eml" \
    "$mail/mdn.eml" "$mail/ordinary.eml"
  is '["none",true,"a report is attached: somebody forwarded it",null]
["mdn",false,null,"mdn-displayed"]
["none",null,"no sign of a report",null]'
}

@test "text for people" {
  exits 0 mbounce-parse "$mail/delayed.eml" "$mail/ordinary.eml"
  [ "$out" = "delay bob@example.com 4.4.1 connect-failed (soft): connect to mx.example.com: Connection timed out
none $mail/ordinary.eml 1: no sign of a report" ]
  exits 0 mbounce-parse -q "$mail/delayed.eml" "$mail/ordinary.eml"
  one_line "$out"
  exits 1 mbounce-parse -q "$mail/ordinary.eml"
  exits 1 mbounce-parse -k arf,bounce "$mail/delayed.eml"
  exits 0 mbounce-parse -k delay "$mail/delayed.eml" "$mail/ordinary.eml"
  one_line "$out"
}

@test "columns, and what decided" {
  exits 0 mbounce-parse --tsv --fields kind,rcpt,status,why \
    "$mail/delayed.eml" "$mail/ordinary.eml"
  [ "$out" = $'delay\tbob@example.com\t4.4.1\t\nnone\t\t\tno sign of a report' ]
  facts '[.rule, .words, .confidence]' --explain "$mail/failed.eml"
  has "$got" 'user-unknown.'
  has "$got" 'no such user"'
  has "$got" '"rule"'
}

@test "bounces without fields: Postfix, qmail, Exim as text" {
  head=$'From: MAILER-DAEMON@mx.example.net\nTo: me@example.org\nSubject: failure notice\n'
  printf '%s\n%s\n' "$head" 'This is the mail system at host mx.example.net.

<bob@example.com>: host mx.example.com[192.0.2.1] said: 550 5.1.1 User
    unknown (in reply to RCPT TO command)' >postfix
  printf '%s\n%s\n' "$head" "I'm afraid I wasn't able to deliver your message to the following addresses.

<bob@example.com>:
192.0.2.1 does not like recipient.
Remote host said: 552 5.2.2 Mailbox full

--- Below this line is a copy of the message.

To: nobody@example.com" >qmail
  facts '[.kind, .format, .rcpt, .status, .reason, .command, .rmta, .derived]' \
    postfix qmail
  is '["bounce","text","bob@example.com","5.1.1","user-unknown","RCPT","mx.example.com",["rcpt","action","status","diag","rmta"]]
["bounce","text","bob@example.com","5.2.2","mailbox-full",null,null,["rcpt","action","status","diag"]]'
}

@test "complaints, replies and notices of services" {
  printf '%s\n' 'From: fbl@example.net' 'Content-Type: multipart/report; boundary=b' \
    '' --b 'Content-Type: message/feedback-report' '' 'Feedback-Type: abuse' \
    'Original-Rcpt-To: bob@example.com' 'Source-IP: 192.0.2.1' '' --b-- >arf
  printf '%s\n' 'From: Bob <bob@example.com>' 'Auto-Submitted: auto-replied' \
    'Subject: away' '' 'Back on Monday.' >away
  echo '[{"email":"bob@example.com","event":"bounce","reason":"550 5.1.1 x"}]' >hook
  facts '[.kind, .rcpt, .reason, .act]' arf away hook
  is '["arf","bob@example.com","complaint","suppress"]
["autoreply","bob@example.com","auto-reply","none"]
["esp-json","bob@example.com","user-unknown","suppress"]'
}

@test "DMARC and TLS reports, packed and plain" {
  cat >r.xml <<'XML'
<feedback><report_metadata><org_name>X</org_name><report_id>1</report_id>
<date_range><begin>1764000000</begin><end>1764086399</end></date_range>
</report_metadata><policy_published><domain>example.org</domain><p>none</p>
</policy_published><record><row><source_ip>192.0.2.1</source_ip>
<count>3</count><policy_evaluated><disposition>none</disposition>
<dkim>pass</dkim><spf>fail</spf></policy_evaluated></row></record>
<record><row><source_ip>192.0.2.2</source_ip><count>1</count></row></record>
</feedback>
XML
  gzip -k r.xml
  {
    printf '%s\n' 'From: d@example.net' 'Subject: Report Domain: example.org' \
      'Content-Type: application/octet-stream; name=a!b.xml.gz' \
      'Content-Transfer-Encoding: base64' ''
    base64 r.xml.gz
  } >mail
  facts '[.kind, .n, .of, .domain, .ip, .count, .dkim, .begin]' r.xml r.xml.gz mail
  [ "$(sort -u <<<"$got")" = '["dmarc",1,2,"example.org","192.0.2.1",3,"pass","2025-11-24T16:00:00Z"]
["dmarc",2,2,"example.org","192.0.2.2",1,null,"2025-11-24T16:00:00Z"]' ]
  [ "$(wc -l <<<"$got")" -eq 6 ]
  echo '{"organization-name":"X","report-id":"1","policies":[{"policy":
    {"policy-domain":"example.org"},"summary":{"total-successful-session-count":5,
    "total-failure-session-count":2},"failure-details":[{"result-type":
    "certificate-expired","failed-session-count":2}]}]}' >tls.json
  facts '[.kind, .domain, .success, .failure, .failure_type, .count]' tls.json
  is '["tlsrpt","example.org",5,2,null,null]
["tlsrpt","example.org",null,null,"certificate-expired",2]'
}

@test "rules of one's own, checked, counted; bare replies" {
  printf 'mine\t1\t-\t-\t-\tno such user\tmailbox-disabled\ten\t550 no such user here\n' >own
  facts '[.reason, .rule]' -r own "$mail/failed.eml"
  has "$got" '["mailbox-disabled","mine"]'
  exits 0 mbounce-parse --check-rules -r own
  [ -z "$out" ]
  exits 0 mbounce-parse --rule-stats -r own "$mail/failed.eml"
  has "$out" $'1\tmine\tmailbox-disabled'
  printf 'bad\t1\t-\t-\t-\tno such user\tvirus\ten\tfine\n' >>own
  exits 78 mbounce-parse --check-rules -r own
  has "$err" "'bad'"
  printf '550 5.1.1 user unknown\n451 greylisted\n' >replies
  exits 0 mbounce-parse --classify <replies
  has "$out" $'hard\tuser-unknown\trecipient\tsuppress'
  has "$out" $'soft\tgreylisted'
  exits 0 mbounce-parse --classify --json --explain <replies
  schema mbounce-parse <<<"$out"
  [ "$(jq -r .status <<<"$out" | head -n 1)" = 5.1.1 ]
}

@test "whose mail it was about" {
  report() {
    printf '%s\n' 'From: MAILER-DAEMON@x.example' "To: ${2:-me@example.org}" \
      'Content-Type: multipart/report; boundary=b' '' --b \
      'Content-Type: message/delivery-status' '' \
      'Final-Recipient: rfc822; bob@example.com' 'Action: failed' \
      'Status: 5.1.1' '' --b 'Content-Type: text/rfc822-headers' '' \
      "$1" '' --b--
  }
  report $'Received: from out.example.org\nFrom: a@example.org\nMessage-ID: <1@example.org>' >ours
  report $'DKIM-Signature: v=1; d=mail.example.org; b=x\nFrom: a@b.example' >dkim
  report $'From: a@b.example\nMessage-ID: <1@b.example>' >foreign
  report $'From: a@example.org\nMessage-ID: <1@example.org>' \
    'bounce+bob=example.com@example.org' >unknown
  facts '[.ours, .ours_by, .verp_rcpt]' --my-domain example.org \
    --my-relay out.example.org ours dkim foreign unknown
  is '["yes",["msgid-relay"],null]
["yes",["dkim"],null]
["no",["foreign"],null]
["unknown",["my-domain"],"bob@example.com"]'
  exits 0 mbounce-parse --json --my-domain example.org --require-ours dkim foreign
  one_line "$out"
}

# tag TEXT: of the key, by another program
tag() {
  printf %s "$1" | openssl dgst -sha256 -hmac "$(cat key)" -r | cut -c 1-12
}

@test "whose mail it was about, by keys" {
  umask 077
  echo 0123456789abcdef0123456789abcdef >key
  echo "an old key, not in use" >old
  echo short >short
  report() {
    printf '%s\n' 'From: MAILER-DAEMON@x.example' "To: $1" \
      'Content-Type: multipart/report; boundary=b' '' --b \
      'Content-Type: message/delivery-status' '' \
      "Original-Envelope-Id: $2" '' \
      'Final-Recipient: rfc822; bob@example.com' 'Action: failed' \
      'Status: 5.1.1' '' --b--
  }
  good=$(tag verp:bob@example.com)
  report "news+bob=example.com=$good@example.org" x >verp
  report "news+eve=example.com=$good@example.org" x >forged
  report me@example.org "job7.$(tag envid:job7)" >envid
  report me@example.org "job8.$(tag envid:job7)" >wrong
  report news+bob=example.com@example.org job7 >untagged
  facts '[.ours, .ours_by, .verp_rcpt]' --verp-key old --verp-key key \
    --envid-key key verp forged envid wrong untagged
  is '["yes",["verp-hmac"],"bob@example.com"]
["no",["verp-bad"],"eve@example.com"]
["yes",["envid-hmac"],null]
["no",["envid-bad"],null]
["unknown",null,"bob@example.com"]'
  facts '[.ours, .verp_rcpt]' verp
  is '[null,"bob@example.com"]'
  exits 0 mbounce-parse --json --envid-key key --require-ours verp envid wrong
  one_line "$out"
  has "$out" job7

  exits 78 mbounce-parse --verp-key short verp
  has "$err" "the key in 'short' is too short: 16 octets or more"
  exits 66 mbounce-parse --envid-key absent verp
  has "$err" "cannot open 'absent'"
  chmod 640 key
  exits 78 mbounce-parse --verp-key key verp
  has "$err" "others may read 'key': chmod 600 it"
  [ -z "$out" ]
}

@test "a sender signed by prvs=, and patterns of our own" {
  umask 077
  echo 0123456789abcdef >key
  report() {
    printf '%s\n' 'From: mailer-daemon@mx.example' "$1: $2" \
      'Content-Type: multipart/report; boundary=b' '' --b \
      'Content-Type: message/delivery-status' '' \
      'Final-Recipient: rfc822; bob@example.com' 'Action: failed' \
      'Status: 5.1.1' '' --b--
  }
  tag=$(printf 0007news@example.org |
    openssl dgst -sha1 -hmac 0123456789abcdef -r | cut -c 1-6)
  report To "prvs=0007$tag=news@example.org" >good
  report Delivered-To "prvs=0007$tag=else@example.org" >bad
  facts '[.ours, .ours_by]' --now 2024-10-05T00:00:00Z --batv-key key good bad
  is '["yes",["batv"]]
["no",["batv-bad"]]'
  facts '[.ours, .ours_by]' --now 2024-10-12T00:00:00Z --batv-key key good
  is '["unknown",["batv-late"]]'

  report Delivered-To 'r-eve-at-example.net@b.example.org' >pattern
  facts .verp_rcpt --verp 'b+{local}={domain}@example.org' \
    --verp 'r-{local}-at-{domain}@b.example.org' pattern
  is '"eve@example.net"'
  exits 64 mbounce-parse --verp 'b+{local}@example.org' pattern
  has "$err" "--verp: 'b+{local}@example.org' is no pattern"
}

@test "our DKIM signature in what came back is checked by our key" {
  mdkimsign --genkey ed25519 -o key.pem
  mdkimsign --record key.pem -d example.org -s sel >zone
  printf '%s\r\n' 'From: a@example.org' 'To: bob@example.com' \
    'Subject: hi' 'Date: Mon, 2 Nov 2026 10:00:00 +0000' \
    'Message-ID: <1@example.org>' '' 'the body' |
    mdkimsign -d example.org -s sel:key.pem >signed
  # report TYPE RETURNED
  report() {
    printf '%s\n' 'From: mailer-daemon@mx.example' \
      'Content-Type: multipart/report; boundary=b' '' --b \
      'Content-Type: message/delivery-status' '' \
      'Final-Recipient: rfc822; bob@example.com' 'Action: failed' \
      'Status: 5.1.1' '' --b "Content-Type: $1" '' "$2" --b--
  }
  tr -d '\r' <signed >plain
  report message/rfc822 "$(cat plain)" >whole
  report text/rfc822-headers "$(sed '/^$/,$d' plain)" >header
  report message/rfc822 "$(sed 's/Subject: hi/Subject: ho/' plain)" >changed
  facts '[.ours, .ours_by]' --my-domain example.org --zone zone \
    whole header changed
  is '["yes",["dkim-message"]]
["yes",["dkim-header"]]
["unknown",["my-domain"]]'
  facts '[.ours, .ours_by]' --my-domain example.net --zone zone whole
  is '["no",["foreign"]]'
  exits 64 mbounce-parse --zone zone whole
  has "$err" "give --my-domain"
  exits 66 mbounce-parse --my-domain example.org --zone absent whole
}

@test "reports that are refused say why" {
  echo '<!DOCTYPE x [<!ENTITY a "b">]><feedback>&a;</feedback>' >entity.xml
  { echo '<feedback>'; head -c 3000000 /dev/zero | tr '\0' ' '; } >big.xml
  gzip big.xml
  head -c 1000 big.xml.gz >cut.xml.gz
  facts '[.kind, .why]' entity.xml
  has "$got" 'a document type, which nothing needs'
  facts .why --max-inflate 1M big.xml.gz
  has "$got" 'more than 1048576 octets'
  facts .why cut.xml.gz
  has "$got" 'broken gzip'
}

@test "mbox, Maildir, a directory and standard input" {
  for f in failed delayed; do
    echo 'From x Tue Nov 24 00:00:00 2026'
    cat "$mail/$f.eml"
    echo
  done >box
  facts '[.src, .msg, .n]' box
  is '["box",1,1]
["box",1,2]
["box",2,1]'
  mkdir -p md/cur md/new md/tmp
  cp "$mail/delayed.eml" md/new/1.a.b
  cp "$mail/failed.eml" md/cur/2.a.b:2,S
  facts '[.kind, .msg]' md
  is '["delay",1]
["bounce",2]
["bounce",2]'
  facts .kind "$mail"
  [ "$(grep -c bounce <<<"$got")" -eq 4 ]
  out=$(mbounce-parse --json - <"$mail/delayed.eml")
  [ "$(jq -r .src <<<"$out")" = - ]
}

@test "a message cut at every line is a line or two" {
  n=$(wc -l <"$mail/failed.eml")
  for ((i = 1; i <= n; i++)); do
    head -n "$i" "$mail/failed.eml" >cut.eml
    echo 'From x Tue Nov 24 00:00:00 2026'
    cat cut.eml
    echo
  done >box
  exits 0 mbounce-parse --json box
  schema mbounce-parse <<<"$out"
  [ "$(jq -r .msg <<<"$out" | sort -nu | wc -l)" -eq "$n" ]
}

@test "bad input is one line each, and stops nobody" {
  : >empty
  mkdir nothing
  head -c 3000 /dev/zero >zeroes
  exits 66 mbounce-parse empty
  one_line "$err"
  has "$err" empty
  exits 66 mbounce-parse nothing
  has "$err" nothing
  exits 66 mbounce-parse /no/such/file
  has "$err" /no/such/file
  exits 65 mbounce-parse --json zeroes
  one_line "$err"
  schema mbounce-parse <<<"$out"
  exits 66 mbounce-parse -q empty "$mail/delayed.eml"
  has "$out" bob@example.com
  exits 66 mbounce-parse <&-
  has "$err" "'standard input' is closed"
  exits 66 mbounce-parse --classify <&-
  has "$err" "'standard input' is closed: redirect it"
}

@test "options" {
  exits 64 mbounce-parse --nonsense
  has "$err" nonsense
  exits 0 mbounce-parse --help
  [ "$(wc -l <<<"$out")" -le 24 ]
  exits 74 sh -c "mbounce-parse '$mail/failed.eml' >/dev/full"
  one_line "$err"
}

@test "20,000 recipients and a deep message take no time" {
  {
    head -n 24 "$mail/failed.eml"
    for ((i = 0; i < 20000; i++)); do
      printf 'Final-Recipient: rfc822; u%d@example.com\nAction: failed\nStatus: 5.1.1\n\n' $i
    done
    echo '--b1--'
  } >many
  timeout "$(patient 10)" mbounce-parse many | tail -n 1 >last
  has "$(cat last)" 'u19999@example.com'
  {
    for ((i = 0; i < 2000; i++)); do
      printf 'Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n' $i $i
    done
  } >deep
  exits 0 timeout "$(patient 10)" mbounce-parse deep
  has "$err" 'over the limits'
}

@test "the blocklist, the time to wait, the server's address, the list" {
  {
    printf 'From: MAILER-DAEMON@mx.example.net\nTo: me@example.org\n'
    printf 'Subject: Undelivered Mail Returned to Sender\n\n'
    printf 'Your message could not be delivered.\n\n'
    printf '<a@example.com>: host mx.example.com[192.0.2.1] said: 451 4.7.1\n'
    printf '    blocked using zen.spamhaus.org, try again in 5 minutes (in\n'
    printf '    reply to RCPT TO command)\n\n'
    printf -- '--- Original message follows.\n\nFrom: me@example.org\n'
    printf 'List-Id: News <news.example.org>\nSubject: x\n\n'
  } >one
  exits 0 mbounce-parse --json one
  schema mbounce-parse <<<"$out"
  exits 0 jq -r '[.blocklist, .retry_after, .rmta_ip, .list_id] | @csv' <<<"$out"
  [ "$out" = '"spamhaus",300,"192.0.2.1","news.example.org"' ]
}

@test "--kinds and --fields: a word that there is not is wrong usage" {
  local w
  exits 64 mbounce-parse --kinds '' </dev/null
  one_line "$err"; has "$err" '--kinds: nothing is no value'
  for w in nonsense bounce,nonsense 'bounce,'; do
    exits 64 mbounce-parse --kinds "$w" </dev/null
    one_line "$err"; has "$err" "--kinds knows no '${w#bounce,}'"
  done
  exits 64 mbounce-parse --tsv --fields src,nonsense </dev/null
  one_line "$err"; has "$err" "--fields knows no 'nonsense'"
}

@test "forms of many servers, in ten languages: who, and why" {
  exits 0 mbounce-parse --json "$mail/forms.mbox"
  jq -r -s 'group_by(.msg)[] | [.[0].msg, .[0].kind,
    ([.[].rcpt // empty] | sort | join(",")), .[0].status // "-",
    .[0].reason // "-"] | @tsv' <<<"$out" >got
  grep -v '^#' "$mail/forms.tsv" >want
  [ "$(wc -l <got)" -eq "$(wc -l <want)" ]
  paste want got | awk -F'\t' '
    $3 != $8 || ($4 != "-" && $4 != $9) || ($5 != "-" && $5 != $10) ||
    ($6 != "-" && $6 != $11)' >differ
  [ ! -s differ ] || { cat differ >&2; false; }
}

@test "a status that nobody gave says so" {
  printf '%s\n' 'From: MAILER-DAEMON@mx.example' 'Subject: Returned mail' '' \
    'Your message could not be delivered to bob@example.com: user unknown' >m.eml
  facts '[.status, (.derived | index("status-by-reason") != null)]' m.eml
  is '["5.1.1",true]'
  facts '[.status, (.derived // [] | index("status-by-reason"))]' \
    "$mail/mislabelled.eml"
  is '["5.4.4",null]'
}

@test "the same texts pasted into mail of a person are no bounces" {
  for subject in 'Problem with our list' 'Re: Returned mail' 'Mail delivery failed?'; do
    awk -v subject="$subject" '
      /^From news@/ { head = 1 }
      head && /^From: / { $0 = "From: Ann Other <ann@example.org>" }
      head && /^X-Failed-Recipients:/ { next }
      head && /^Return-Path:/ { next }
      head && /^Subject: / { $0 = "Subject: " subject }
      head && /^Content-Type: multipart/ { $0 = "Content-Type: text/plain" }
      /^$/ { head = 0 }
      { print }' "$mail/forms.mbox"
  done >pasted.mbox
  mbounce-parse --json pasted.mbox >out || [ $? -eq 1 ]
  [ "$(jq -r .msg out | sort -u | wc -l)" -ge 1300 ]
  jq -r 'select(.kind == "bounce" or .kind == "delay" or .kind == "success") |
    [.msg, .kind, .rcpt, .format] | @tsv' out >taken
  [ ! -s taken ] || { cat taken >&2; false; }
}

@test "a thousand replies of servers: why" {
  grep -v '^#' "$mail/replies.tsv" >replies
  cut -f 2 replies | mbounce-parse --classify --json | jq -r .reason >got
  paste replies got | awk -F'\t' '{ n = split($1, want, "|")
    for (i = 1; i <= n; i++) if (want[i] == $3) next
    print }' >differ
  [ ! -s differ ] || { cat differ >&2; false; }
}
