#!/usr/bin/env bats
# The exit status is 75 exactly when a retry helps: every stage against every
# kind of answer, one server for all of them.
# SPDX-License-Identifier: MIT
load ../lib/helper

setup() {
  need openssl python3 || return
  cd "$BATS_TEST_TMPDIR" || return
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
    -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
    -keyout key.pem -out cert.pem 2>/dev/null
}

@test "75 exactly when a retry helps: each stage and answer" {
  cat >judge.py <<'END'
import socket, ssl, subprocess, sys, threading

STAGES = ["greeting", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "content"]
GOOD = {"greeting": "220 mx", "ehlo": "250-mx\r\n250-STARTTLS\r\n250 AUTH PLAIN",
        "starttls": "220 go", "auth": "235 in", "mail": "250 ok",
        "rcpt": "250 ok", "data": "354 go", "content": "250 2.0.0 ok"}

# stage, answer (None: the connection ends), does a retry help?
rows = []
for s in STAGES:
    rows.append((s, "421 4.3.2 going down", True))
    rows.append((s, "451 4.3.0 later", True))
    rows.append((s, "554 5.3.0 never", False))
    rows.append((s, "nonsense", False))
    # All of it went out: it may have arrived, a retry may double it.
    rows.append((s, None, s != "content"))
rows += [
    ("greeting", "550 5.7.1 not you", False),
    ("ehlo", "502 5.5.1 what", False),
    ("starttls", "454 4.7.0 TLS not available", True),
    ("auth", "454 4.7.0 login not available", True),
    ("auth", "432 4.7.12 change it", True),
    ("auth", "535 5.7.8 wrong", False),
    ("mail", "450 4.1.8 sender unknown yet", True),
    ("mail", "452 4.3.1 full", True),
    ("mail", "550 5.1.8 no", False),
    ("mail", "552 5.3.4 too big", False),
    ("mail", "553 5.1.7 no", False),
    ("rcpt", "450 4.2.1 busy", True),
    ("rcpt", "452 4.5.3 too many", True),
    ("rcpt", "552 too many", True),
    ("rcpt", "550 5.1.1 nobody", False),
    ("rcpt", "551 5.1.6 moved", False),
    ("rcpt", "553 5.1.3 no", False),
    ("data", "452 4.3.1 full", True),
    ("content", "452 4.3.1 full", True),
    ("content", "552 5.3.4 too big", False),
    ("content", "550 5.7.1 spam", False),
]

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("cert.pem", "key.pem")
listener = socket.create_server(("127.0.0.1", 0))
port = listener.getsockname()[1]

class Over(Exception):
    pass

def serve(row, c):
    c.settimeout(20)
    f = c.makefile("rwb", buffering=0)

    def say(stage):
        answer = row[1] if row[0] == stage else GOOD[stage]
        if answer is None:
            raise Over
        f.write(answer.encode() + b"\r\n")

    try:
        say("greeting")
        while True:
            line = f.readline().upper()
            if not line or line.startswith(b"QUIT"):
                break
            word = line.split()[0]
            stage = {b"EHLO": "ehlo", b"STARTTLS": "starttls", b"AUTH": "auth",
                     b"MAIL": "mail", b"RCPT": "rcpt", b"DATA": "data"}.get(word)
            if stage is None:
                f.write(b"250 ok\r\n")
                continue
            say(stage)
            if stage == "starttls" and row[0] != stage:
                c = context.wrap_socket(c, server_side=True)
                f = c.makefile("rwb", buffering=0)
            if stage == "data" and row[0] != stage:
                while f.readline() not in (b".\r\n", b""):
                    pass
                say("content")
    except (Over, OSError):
        pass
    try:
        c.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    c.close()

def listen():
    while True:
        try:
            c, _ = listener.accept()
        except OSError:
            return
        serve(row, c)

row = rows[0]
threading.Thread(target=listen, daemon=True).start()

def send(*more):
    return subprocess.run(
        ["msend", "--tls", "verify", "--tls-ca", "cert.pem", "--user", "me",
         "--password-command", "echo secret", "-f", "a@example.org", *more,
         "b@example.org"],
        input=b"From: a@example.org\n\nhi\n", capture_output=True, timeout=60)

bad = 0
for row in rows:
    done = send("--server", f"smtp://127.0.0.1:{port}")
    if done.returncode == 0 or (done.returncode == 75) != row[2]:
        bad += 1
        print(f"{row}: exit {done.returncode}, {done.stderr.decode()}")
# Nobody there: later, perhaps. No such host, and what is wrong with us: never.
nobody = socket.socket()
nobody.bind(("127.0.0.1", 0))
for want, more in [(True, [f"smtp://127.0.0.1:{nobody.getsockname()[1]}"]),
                   (False, ["smtp://host.invalid."]),
                   (False, ["http://127.0.0.1"])]:
    done = send("--server", *more)
    if done.returncode == 0 or (done.returncode == 75) != want:
        bad += 1
        print(f"{more}: exit {done.returncode}, {done.stderr.decode()}")
print(len(rows), "rows,", bad, "wrong")
sys.exit(bad > 0)
END
  timeout "$(patient 300)" python3 judge.py
}
