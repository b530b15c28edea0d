#!/usr/bin/env bash
# The real application in a storm: clients, kills, a moody mail server; then the verdict, as JSON.
#   bash scripts/storm.sh --database sqlite|postgresql --seconds 60 --seed 1 [--clients 16] [--plant NAME]
#   bash scripts/storm.sh --gate         ten planted defects; at least nine must be found
# Ends with 1 when something did not hold. docs/reliability.md says what is judged.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/environment.sh
use_lock requirements/test.txt
exec .venv/bin/python -m tests.storm.drill "$@"
