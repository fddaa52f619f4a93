#!/bin/bash
# One letter's whole way, on loopback, in a temporary folder, without root and
# without DNS. usage: demo.sh [FOLDER-OF-THE-TOOLS]   SPDX-License-Identifier: MIT
set -euo pipefail
PATH=$(cd "${1:-$(dirname "$0")/../build/tools}" && pwd):$PATH
cd "$(mktemp -d)"
trap 'kill "$server" 2>/dev/null || true; rm -rf "$PWD"' EXIT
step() { printf '\n\033[1m%s\033[0m\n' "$*"; }

step "1. A key, and the zone that publishes it"
mdkimsign --genkey rsa:2048 -o key.pem
cat >zone <<ZONE
example.org.        300 IN MX  10 localhost.
example.org.        300 IN TXT "v=spf1 ip4:127.0.0.1 -all"
_dmarc.example.org. 300 IN TXT "v=DMARC1; p=reject; rua=mailto:d@example.org"
localhost.          300 IN A   127.0.0.1
$(mdkimsign --record key.pem -d example.org -s demo)
ZONE
cut -c-79 zone

step "2. A server, with a certificate of its own making"
mreceive --print-port --tls-self-signed --tls-cert-out ca.pem --maildir inbox \
  --refuse nobody@example.org='550 5.1.1 User unknown' >port & server=$!
until [ -s port ]; do sleep 0.02; done
send=(msend --server "smtp://localhost:$(cat port)" --tls-ca ca.pem)
echo "listens on port $(cat port)"

step "3. Written, signed, sent over verified STARTTLS"
seq 1000 >numbers.txt
msend --print -f 'Ann <ann@example.org>' --to bob@example.org -s 'Grüße' \
  --text - --attach numbers.txt <<<'The numbers are attached.' |
  mdkimsign -d example.org -s demo:key.pem >letter
"${send[@]}" -t -v <letter

step "4. Found in the Maildir, and judged"
judge=(mverify --zone zone --ip 127.0.0.1 --from ann@example.org)
"${judge[@]}" inbox/new/*
ar=$("${judge[@]}" --ar demo inbox/new/*)
for want in dkim=pass spf=pass dmarc=pass; do grep -q "$want" <<<"$ar"; done

step "5. A recipient who is refused, and what the bounce says"
reply=$("${send[@]}" -f ann@example.org nobody@example.org <letter 2>&1) && exit 1
cat >bounce <<BOUNCE
Content-Type: multipart/report; report-type=delivery-status; boundary=cut

--cut
Content-Type: message/delivery-status

Reporting-MTA: dns; localhost

Final-Recipient: rfc822; nobody@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; ${reply##*: }
BOUNCE
mbounce-parse bounce
mbounce-parse --json bounce | grep -q '"reason":"user-unknown"'

step "6. The audit: all is there, but an MX on loopback is an error"
mcheckdns --zone zone --selectors demo example.org && exit 1
mcheckdns --zone zone --selectors demo --json example.org >audit || true
grep -q '"id":"mx-target-loopback"' audit

step "Each step held."
