#!/usr/bin/env bash
# Writes the pages of docs/ that are made from the program; tests compare them.
set -euo pipefail
cd "$(dirname "$0")/.."
exec .venv/bin/python scripts/docs.py
