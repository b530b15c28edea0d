#!/usr/bin/env bash
# Writes the two locks: every package with its hashes, no address. Needs `uv` on the PATH.
# Newer versions: bash scripts/lock.sh --upgrade
set -euo pipefail
cd "$(dirname "$0")/.."
compile() {
  uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-emit-find-links --no-annotate --no-header "$@"
}
compile --extra postgres --extra build -o requirements/app.txt "$@"
compile --extra postgres --extra build --extra test -c requirements/app.txt -o requirements/test.txt "$@"
if grep -nE '://' requirements/*.txt; then
  echo "An address stands in a lock." >&2
  exit 1
fi
