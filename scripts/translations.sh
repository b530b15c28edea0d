#!/usr/bin/env bash
# Brings every catalogue up to the sentences in the source; the same input gives the same bytes.
#   bash scripts/translations.sh          all languages that have a catalogue
#   bash scripts/translations.sh ko       begins another one
set -euo pipefail
cd "$(dirname "$0")/.."
exec .venv/bin/python scripts/translations.py "$@"
