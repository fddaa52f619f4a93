# Servers whose packages cannot stand beside Postfix: unpacked in $root, started
# with users and places of their own. SPDX-License-Identifier: MIT
# shellcheck shell=bash

# Sets apart, what runs a command with mounts of its own. A chroot's root may be
# no mount point, which cannot be made private: that does where nothing is shared
# anyway.
mounts_apart() {
  apart=(unshare -m)
  "${apart[@]}" true 2>/dev/null && return
  grep -q '' /proc/1/mountinfo && ! grep -q ' shared:' /proc/1/mountinfo ||
    return
  apart+=(--propagation unchanged)
  "${apart[@]}" true 2>/dev/null
}

# unpacked FILE: it is there, and this machine lets root have private mounts.
unpacked() {
  root=${MAILTOOLKIT_SERVERS:-${top_builddir:-$PWD}/servers}
  [ "$(id -u)" = 0 ] || { missing 'the server needs root'; return; }
  [ -x "$root/$1" ] ||
    { missing "$1 is not unpacked: ./bootstrap check --servers"; return; }
  mounts_apart || missing 'no private mounts here'
}

# in_places DIR: writes DIR/places, a script that runs a command as if the
# packages were installed: their users in /etc/passwd, their folders there.
in_places() {
  cat >"$1/places" <<END
set -e
for f in passwd group; do
  cp /etc/\$f '$1/'\$f
  chmod 644 '$1/'\$f
done
for u in Debian-exim:64991 opensmtpd:64992 opensmtpq:64993; do
  echo "\${u%:*}:x:\${u#*:}:\${u#*:}::/nonexistent:/usr/sbin/nologin" >>'$1/passwd'
  echo "\${u%:*}:x:\${u#*:}:" >>'$1/group'
  mount --bind '$1/passwd' /etc/passwd
  mount --bind '$1/group' /etc/group
done
mount -t tmpfs -o mode=755 none /var/spool
mkdir -m 711 /var/spool/smtpd
mount -t tmpfs -o mode=755 none /var/lib
mkdir -p /var/lib/opensmtpd/empty
exec "\$@"
END
}

# serve_inetd DIR CMD...: each connection is one CMD; sets port, adds to
# DIR/pids.
serve_inetd() {
  local d=$1
  shift
  rm -f "$d/port"
  python3 - "$@" >"$d/port" 2>"$d/inetd" 3>&- <<'END' &
import socket, subprocess, sys
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen()
s.settimeout(120)
print(s.getsockname()[1], flush=True)
while True:
    c, _ = s.accept()
    subprocess.Popen(sys.argv[1:], stdin=c, stdout=c, stderr=subprocess.DEVNULL)
    c.close()
END
  echo $! >>"$d/pids"
  wait_for 10 test -s "$d/port"
  port=$(cat "$d/port")
}
