# A POP3 server that wants two seconds between logins, and an mfetch that comes
# again: prints its exit status, the fewest milliseconds between two logins, and
# what it said.
# usage: delay.py retry|idle COMMAND...
# SPDX-License-Identifier: MIT
import signal
import socket
import subprocess
import sys
import threading
import time

how = sys.argv[1]
listener = socket.create_server(("127.0.0.1", 0))
logins = []
enough = threading.Event()


def session(client):
    with client, client.makefile("rwb") as f:
        f.write(b"+OK hi\r\n")
        f.flush()
        for line in f:
            answer = b"+OK"
            if line.startswith(b"CAPA"):
                answer += b"\r\nUSER\r\nUIDL\r\nLOGIN-DELAY 2 USER\r\n."
            elif line.startswith(b"PASS"):
                logins.append(time.monotonic())
                if how == "retry" and len(logins) == 1:
                    answer = b"-ERR [IN-USE] locked"
                if len(logins) == 2:
                    enough.set()
            elif line.startswith(b"UIDL"):
                answer += b"\r\n."
            f.write(answer + b"\r\n")
            f.flush()
            if line.startswith(b"QUIT"):
                break


def serve():
    while True:
        session(listener.accept()[0])


threading.Thread(target=serve, daemon=True).start()
port = str(listener.getsockname()[1])
p = subprocess.Popen([a.replace("{PORT}", port) for a in sys.argv[2:]],
                     stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
enough.wait(60)
if how == "idle":
    p.send_signal(signal.SIGTERM)
said = p.communicate(timeout=60)[1].decode()
print(p.returncode, int(min(b - a for a, b in zip(logins, logins[1:])) * 1000))
print(said)
