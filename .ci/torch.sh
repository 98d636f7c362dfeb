#!/bin/sh
# Installs torch, which the tests of its tensors need, into .venv: the CPU build where one can be had.
set -eu
cd "$(dirname "$0")/.."
version=2.13.0
if .venv/bin/python -c "import importlib.metadata as m; raise SystemExit(m.version('torch').split('+')[0] != '$version')" 2>/dev/null; then
    exit 0
fi
echo "installing torch $version"
uv=$(sh .ci/uv.sh)
# pip knows of folders of wheels that a machine may name to it alone: a CPU build found there comes first.
for folder in ${PIP_FIND_LINKS:-}; do
    for wheel in "$folder/torch-$version+cpu"*; do
        [ -f "$wheel" ] && UV_FIND_LINKS="$PIP_FIND_LINKS" "$uv" pip install -q --compile-bytecode -p .venv/bin/python -c requirements.lock "torch==$version+cpu" && exit 0
    done
done
UV_HTTP_TIMEOUT=20 UV_HTTP_RETRIES=0 "$uv" pip install -q --compile-bytecode -p .venv/bin/python -c requirements.lock --torch-backend=cpu "torch==$version" 2>/dev/null && exit 0
"$uv" pip install -q --compile-bytecode -p .venv/bin/python -c requirements.lock "torch==$version"
