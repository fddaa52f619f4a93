#!/usr/bin/env bats
# mbounce-parse loses no message, whatever octets it is made of; broken reports
# say what is wrong.
# SPDX-License-Identifier: MIT

load ../lib/helper

setup() { cd "$BATS_TEST_TMPDIR" || return 1; }

# forms: files of one bounce in as many forms, of gone@example.com, 5.1.1
forms() {
  python3 - <<'END'
import base64, codecs, gzip, os, quopri
HEAD = (b"From: MAILER-DAEMON@mx.example.net\nTo: me@example.org\n"
        b"Subject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n")
TEXT = "Your message could not be delivered.\n\n"
SAID = "<gone@example.com>: 550 5.1.1 User unknown\n"
STATUS = (b"Reporting-MTA: dns; mx.example.net\n\n"
          b"Final-Recipient: rfc822; gone@example.com\nAction: failed\n"
          b"Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\n")


def report(text=TEXT.encode(), status=STATUS, fields=b"", more=b"",
           head=HEAD):
    return (head + b'Content-Type: multipart/report; boundary="b"; '
            b"report-type=delivery-status\n\n--b\nContent-Type: text/plain"
            + more + b"\n\n" + text + b"\n--b\n"
            b"Content-Type: message/delivery-status\n" + fields + b"\n"
            + status + b"\n--b--\n")


def text(body, charset, cte=b"8bit"):
    return (HEAD + b"Content-Type: text/plain; charset=" + charset
            + b"\nContent-Transfer-Encoding: " + cte + b"\n\n" + body)


def utf7(s):  # the sign "@" encoded, as Exchange does
    return s.replace("@", "+AEA-").encode()


BASE64 = b"Content-Transfer-Encoding: base64\n"
QP = b"Content-Transfer-Encoding: quoted-printable\n"
plain = report()
ja = "メールは配信できませんでした。\n\n" + SAID
forms = {
    "lf": plain,
    "crlf": plain.replace(b"\n", b"\r\n"),
    "cr": plain.replace(b"\n", b"\r"),
    "crcrlf": plain.replace(b"\n", b"\r\r\n"),
    "mixed": plain.replace(b"\n", b"\r\n", 7),
    "bom": b"\xef\xbb\xbf" + plain,
    "bom-crlf": b"\xef\xbb\xbf" + plain.replace(b"\n", b"\r\n"),
    "nul-text": report(b"Your mess\0age\0\n"),
    "nul-field": report(head=HEAD + b"X-Odd: a\0b\n"),
    "nul-status": report(status=STATUS.replace(b"unknown", b"unkn\0own")),
    "8bit-header": report(head=HEAD.replace(
        b"Undelivered", "Unzustellbar für Sie: Undelivered".encode("latin1"))),
    "8bit-utf8": report(head=HEAD.replace(
        b"Undelivered", "Unzustellbar für Sie: Undelivered".encode())),
    "8bit-status": report(status=STATUS.replace(b"unknown", b"unknown \xff")),
    "unknown-charset": report(more=b"; charset=x-none-9"),
    "unknown-charset-text": text((TEXT + SAID).encode(), b"x-none-9"),
    "unknown-encoding": report(
        fields=b"Content-Transfer-Encoding: 8bits\n"),
    "no-charset": report("Überhaupt nicht\n".encode("latin1")),
    "utf-7": report(utf7(TEXT + SAID), more=b"; charset=utf-7"),
    "utf-7-text": text(utf7(TEXT + SAID), b"unicode-1-1-utf-7"),
    "iso-2022-jp": report(ja.encode("iso2022_jp"),
                          more=b"; charset=iso-2022-jp"),
    "iso-2022-jp-text": text(ja.encode("iso2022_jp"), b"iso-2022-jp"),
    "gb2312-text": text(("无法投递\n\n" + SAID).encode("gb2312"), b"gb2312"),
    "koi8-r-text": text(("не доставлено\n\n" + SAID).encode("koi8-r"),
                        b"koi8-r"),
    "utf-16-text": text(base64.encodebytes((TEXT + SAID).encode("utf-16")),
                        b"utf-16", b"base64"),
    "base64": report(status=base64.encodebytes(STATUS), fields=BASE64),
    "base64-crlf": report(status=base64.encodebytes(
        STATUS.replace(b"\n", b"\r\n")), fields=BASE64),
    "base64-text": text(base64.encodebytes((TEXT + SAID).encode()), b"utf-8",
                        b"base64"),
    "qp": report(status=quopri.encodestring(STATUS), fields=QP),
    "qp-soft": report(status=STATUS.replace(b"gone@", b"go=\nne@"),
                      fields=QP),
    "qp-text": text(quopri.encodestring((TEXT + SAID).encode()), b"us-ascii",
                    b"quoted-printable"),
    "global": report(status=STATUS.replace(b"rfc822;", b"utf-8;")).replace(
        b"message/delivery-status", b"message/global-delivery-status"),
}
os.mkdir("forms")
for name, data in forms.items():
    with open(f"forms/{name}.eml", "wb") as f:
        f.write(data)
END
}

@test "line ends, BOM, NUL, 8-bit, charsets and encodings: each is read" {
  forms
  [ "$(find forms -type f | wc -l)" -ge 30 ]
  exits 0 mbounce-parse --json forms
  schema mbounce-parse <<<"$out"
  [ -z "$err" ]
  jq -r '[.src, .kind, .rcpt // "-", .status // "-", .reason // "-"] | @tsv' \
    <<<"$out" | sort >got
  for f in forms/*; do
    printf '%s\tbounce\tgone@example.com\t5.1.1\tuser-unknown\n' "$f"
  done | sort | diff - got
}

@test "the same of an mbox and of standard input" {
  forms
  rm forms/cr.eml
  for f in forms/*; do
    echo 'From x@y.example Tue Nov 24 00:00:00 2026'
    cat "$f"
    echo
  done >box
  exits 0 mbounce-parse --json - <box
  [ "$(jq -r '[.rcpt, .status] | @tsv' <<<"$out" | sort | uniq -c | xargs)" = \
    "$(find forms -type f | wc -l) gone@example.com 5.1.1" ]
}

# broken: files of reports that nothing can be made of, by why they cannot
broken() {
  python3 - <<'END'
import base64, gzip, io, json, os, zipfile
XML = ('<?xml version="1.0"?><feedback><report_metadata><org_name>X'
       "</org_name></report_metadata><record><row><source_ip>192.0.2.1"
       "</source_ip><count>3</count></row></record></feedback>")
TLS = json.dumps({"organization-name": "X", "policies": [{"policy": {
    "policy-domain": "example.org"}, "summary": {
        "total-successful-session-count": 5}}]})
LAUGHS = "<!DOCTYPE f [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {chr(98 + i)} '{('&' + chr(97 + i) + ';') * 10}'>"
    for i in range(9)) + "]><feedback>&j;</feedback>"


def zipped(data):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("r.xml", data)
    return out.getvalue()


def mail(name, data, kind="application/gzip"):
    return (f"From: d@example.net\nSubject: Report Domain: example.org\n"
            f"Content-Type: {kind}; name=\"{name}\"\n"
            f"Content-Transfer-Encoding: base64\n\n").encode() + \
        base64.encodebytes(data)


packed = gzip.compress(XML.encode())
damaged = bytearray(gzip.compress(os.urandom(2000)))
damaged[500:520] = bytes(20)
bomb = gzip.compress(b"<feedback>" + bytes(8 << 20))
files = {
    # what it is, what is said of it
    "cut.xml": (XML[:-30].encode(), "broken XML in line 1"),
    "crossed.xml": (XML.replace("</row>", "</count>").encode(),
                    "broken XML in line 1"),
    "entity.xml": (b"<!DOCTYPE x [<!ENTITY a 'b'>]><feedback>&a;</feedback>",
                   "a document type, which nothing needs"),
    "external.xml": (b"<!DOCTYPE feedback SYSTEM 'file:///etc/passwd'>"
                     b"<feedback/>", "a document type, which nothing needs"),
    "laughs.xml": (LAUGHS.encode(), "a document type, which nothing needs"),
    "other.xml.gz": (gzip.compress(b"<?xml version='1.0'?><html/>"),
                     "no DMARC report"),
    "cut.gz": (packed[:60], "broken gzip: it is cut"),
    "damaged.gz": (bytes(damaged), "broken gzip"),
    "bomb.gz": (bomb, "unpacked it has more than 4194304 octets"),
    "bomb.zip": (zipped(b"<feedback>" + bytes(8 << 20)),
                 "unpacked it has more than 4194304 octets"),
    "cut.zip": (zipped(XML)[:80], "broken zip"),
    "cut.json": (TLS[:-9].encode(), "not JSON"),
    "cut.json.gz": (gzip.compress(TLS[:-9].encode()), "not JSON"),
    "mail-cut": (mail("a!example.org!1!2.xml.gz", packed[:60]),
                 "broken gzip: it is cut"),
    "mail-bomb": (mail("a!example.org!1!2.xml.gz", bomb),
                  "unpacked it has more than 4194304 octets"),
    "mail-entity": (mail("a!example.org!1!2.xml", LAUGHS.encode(),
                         "text/xml"), "a document type"),
    "mail-tls": (mail("a!example.org!1!2.json.gz",
                      gzip.compress(TLS[:-9].encode()),
                      "application/tlsrpt+gzip"), "not JSON"),
}
os.mkdir("broken")
with open("want", "w") as want:
    for name, (data, why) in sorted(files.items()):
        with open(f"broken/{name}.eml", "wb") as f:
            f.write(data)
        want.write(f"broken/{name}.eml\t{why}\n")
END
}

@test "broken DMARC and TLS reports: refused, with the reason" {
  broken
  exits 0 mbounce-parse --json --max-inflate 4M broken
  schema mbounce-parse <<<"$out"
  jq -r '[.src, .why // "taken"] | @tsv' <<<"$out" | sort >got
  sort want | paste - got | awk -F'\t' '
    $1 != $3 || index($4, $2) == 0' >differ
  [ ! -s differ ] || { cat differ >&2; false; }
  [ "$(wc -l <got)" -eq "$(wc -l <want)" ]
}

@test "what unpacks to much costs no memory" {
  python3 -c 'import gzip, sys
sys.stdout.buffer.write(gzip.compress(b"<feedback>" + bytes(200 << 20)))' >bomb.gz
  fits mbounce-parse "$(rss mbounce-parse --json bomb.gz)" 60000
}
