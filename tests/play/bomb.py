"""An IMAP session for --tunnel whose compressed answers have no end (RFC 4978):
bomb.py line|responses|body. SPDX-License-Identifier: MIT"""
import sys
import zlib

kind = sys.argv[1]
out = sys.stdout.buffer


def say(text):
    out.write(text.encode() + b"\r\n")
    out.flush()


def answer(tag):
    """The endless answer: one compressed MiB, again and again."""
    start, again = {
        "line": ("* OK [", b"x" * 1048576),
        "responses": ("", b"* OK more\r\n" * 95000),
        # a size that is allowed, then what no announcement covers
        "body": ("* 1 FETCH (UID 1 BODY[] {3}\r\nabc", b" FLAGS (x)" * 100000),
    }[kind]
    z = zlib.compressobj(9, zlib.DEFLATED, -15)
    out.write(z.compress(start.encode()) + z.flush(zlib.Z_FULL_FLUSH))
    block = z.compress(again) + z.flush(zlib.Z_FULL_FLUSH)
    for _ in range(2000): # 2 GiB
        out.write(block)
    out.flush()


say("* PREAUTH [CAPABILITY IMAP4rev1 COMPRESS=DEFLATE] hi")
try:
    tag = sys.stdin.readline().split(" ")[0]
    say(tag + " OK go")
    # from here on the client's commands are compressed as well: one is enough
    sys.stdin.buffer.read1(1)
    answer("A2")
except BrokenPipeError:
    sys.stderr = None
