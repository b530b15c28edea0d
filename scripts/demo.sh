#!/usr/bin/env bash
# The demo on http://127.0.0.1:8000 (PORT=…): needs only python3. `--reset` starts over.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/environment.sh
use_lock requirements/app.txt
exec .venv/bin/reservation demo "$@"
