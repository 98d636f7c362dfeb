#!/bin/sh
# Installs Debian packages that are missing. Usage: system.sh PACKAGE...
set -eu
missing=""
for package in "$@"; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

if ! command -v apt-get >/dev/null; then
    echo "These Debian packages, or what your system calls them, are needed:$missing" >&2
    exit 1
fi
if [ "$(id -u)" = 0 ]; then as_root=""
elif sudo -n true 2>/dev/null; then as_root="sudo -n"
else
    echo "The tests need packages that only root may install. Run: sudo apt-get install -y$missing" >&2
    exit 1
fi
echo "installing$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() { $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing >"$log" 2>&1 </dev/null; }
# What is known of the mirror may be old, or nothing at all: ask it only where installing fails without.
install || { $as_root apt-get update >"$log" 2>&1 </dev/null && install; } || { tail -n 30 "$log" >&2; exit 1; }
