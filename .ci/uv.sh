#!/bin/sh
# Prints the path of a uv that is new enough; installs one into .tools where there is none.
set -eu
cd "$(dirname "$0")/.."

works() {  # the dependency groups of `uv pip install --group` came with 0.7
    version=$("$1" --version 2>/dev/null | cut -d' ' -f2) || return 1
    case $version in ''|0.[0-6]|0.[0-6].*) return 1 ;; esac
}

for found in "$(command -v uv || true)" .tools/bin/uv; do
    if [ -n "$found" ] && works "$found"; then echo "$found"; exit 0; fi
done

command -v python3 >/dev/null || { echo "Steppe needs Python 3.11 or newer as python3 on the PATH." >&2; exit 1; }
echo "installing uv into .tools" >&2
mkdir -p .tools
if python3 -c 'import ensurepip, venv' 2>/dev/null; then
    python3 -m venv --clear .tools >&2
    .tools/bin/python -m pip install --quiet 'uv>=0.7' >&2
elif python3 -m pip --version >/dev/null 2>&1; then
    python3 -m pip install --quiet --target .tools 'uv>=0.7' >&2
elif [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    sh .ci/system.sh python3-venv >&2
    python3 -m venv --clear .tools >&2
    .tools/bin/python -m pip install --quiet 'uv>=0.7' >&2
else
    echo "Steppe needs uv. Install it (python3 -m pip install uv), or pip or python3-venv, then run again." >&2
    exit 1
fi
echo .tools/bin/uv
