#!/usr/bin/env bash
# Writes the next step of the database from the difference between tables and steps:
#   bash scripts/migration.sh "Add the door"
# Read what it wrote before committing: it cannot see renames, nor move rows.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -n "${1:-}" ] || { echo 'usage: bash scripts/migration.sh "what changes"' >&2; exit 2; }
RESERVATION_INSTANCE=$(mktemp -d)
trap 'rm -rf "$RESERVATION_INSTANCE"' EXIT
export RESERVATION_INSTANCE RESERVATION_MODE=test
unset RESERVATION_DATABASE_URL
.venv/bin/python - <<'PY'
import os
from pathlib import Path

from reservation import settings

settings.make_keys(Path(os.environ["RESERVATION_INSTANCE"]))
PY
.venv/bin/flask --app reservation db upgrade
.venv/bin/flask --app reservation db migrate -m "$1"
.venv/bin/ruff format -q --config 'extend-exclude=[]' reservation/store/migrations/versions
