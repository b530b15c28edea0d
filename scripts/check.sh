#!/usr/bin/env bash
# Format, lint, types, floors, catalogues: what needs no database and no browser.
# --fast leaves out the types and the templates, for a hook.
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/environment.sh
use_lock requirements/test.txt

failed=()
step() {
  local name=$1
  shift
  "$@" || failed+=("$name")
}
step format .venv/bin/ruff format --check --quiet .
step lint .venv/bin/ruff check --quiet .
step floors .venv/bin/python -m pytest -q -n0 tests/test_architecture.py tests/test_catalogs.py
if [ "${1:-}" != --fast ]; then
  step types .venv/bin/mypy --no-error-summary
  step templates .venv/bin/djlint --lint --quiet reservation/templates
fi
if [ ${#failed[@]} -gt 0 ]; then
  echo "Failed: ${failed[*]}" >&2
  exit 1
fi
