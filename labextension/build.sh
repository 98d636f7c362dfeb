#!/bin/sh
# Builds the front end: packages where the lock file has changed, types from the server's schemas, then the bundle.
set -eu
cd "$(dirname "$0")"
if [ ! -e node_modules/.steppe ] || [ package-lock.json -nt node_modules/.steppe ]; then
    npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
    touch node_modules/.steppe
fi
# What is on PYTHONPATH stays there: pip brings what a build needs on it, msgspec among it.
PYTHONPATH="../jupyter_ext${PYTHONPATH:+:$PYTHONPATH}" "${PYTHON:-python3}" -m steppe_server.openapi >openapi.json.new
cmp -s openapi.json.new openapi.json && rm openapi.json.new || mv openapi.json.new openapi.json
if [ ! -e src/api/schema.ts ] || [ openapi.json -nt src/api/schema.ts ]; then npm run --silent types; fi
npm run --silent build
touch ../jupyter_ext/steppe_server/labextension/package.json
