#!/usr/bin/env bash
# Makes docs/screenshots/ anew: the demo town at 6:58 in an instance of its own, photographed in a real browser.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/environment.sh
use_lock requirements/test.txt
PYTHONPATH=. exec .venv/bin/python scripts/screenshots.py "$@"
