#!/bin/bash
# One letter's whole way: written, signed, sent over verified TLS, received,
# judged; one recipient refused, the bounce read; the domain audited. All on
# loopback, in a temporary folder, without root and without DNS.
# usage: demo.sh [FOLDER-OF-THE-TOOLS]   SPDX-License-Identifier: MIT
set -euo pipefail
PATH=${1:-$(dirname "$0")/../build/tools}:$PATH
cd "$(mktemp -d)"
trap 'kill "$server" 2>/dev/null || true; rm -rf "$PWD"' EXIT
step() { printf '\n\033[1m%s\033[0m\n' "$*"; }

step "1. A key, and the zone that publishes it"
mdkimsign --genkey ed25519 -o key.pem
{ cat <<Z; mdkimsign --record key.pem -d example.org -s demo; } | tee zone
example.org.        300 IN MX  10 localhost.
localhost.          300 IN A   127.0.0.1
example.org.        300 IN TXT "v=spf1 ip4:127.0.0.1 -all"
_dmarc.example.org. 300 IN TXT "v=DMARC1; p=reject"
Z

step "2. A server with a certificate of its own making"
mreceive --print-port --tls-self-signed --tls-cert-out ca.pem \
    --maildir inbox --refuse nobody@example.org >port 2>log & server=$!
until [ -s port ]; do sleep 0.02; done
