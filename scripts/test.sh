#!/usr/bin/env bash
# Everything that is checked and tested, PostgreSQL and a real browser included.
#   bash scripts/test.sh                     all
#   bash scripts/test.sh tests/test_db.py    the checks, and these tests
# What is missing on this machine is skipped by name, unless RESERVATION_TEST_REQUIRE=
# names it: postgres, browser, nginx, pgbouncer.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/environment.sh

missing=()
command -v chromium >/dev/null || command -v google-chrome >/dev/null ||
  [ -n "${RESERVATION_TEST_CHROMIUM:-}" ] || missing+=(chromium)
# Playwright's own program needs it and a machine without a compiler lacks it.
ldconfig -p 2>/dev/null | grep -q 'libatomic\.so\.1' || missing+=(libatomic1)
command -v fc-list >/dev/null || missing+=(fontconfig)
# Without a Japanese font every sign is the same box, and pictures prove nothing.
fc-list :lang=ja 2>/dev/null | grep -q . || missing+=(fonts-noto-cjk)
# The arrangement of deploy/ is tested with the real programs.
command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || missing+=(nginx)
[ -f /usr/lib/nginx/modules/ngx_nchan_module.so ] || missing+=(libnginx-mod-nchan)
command -v pgbouncer >/dev/null || [ -x /usr/sbin/pgbouncer ] || missing+=(pgbouncer)
if [ ${#missing[@]} -gt 0 ]; then
  if may_install; then
    apt_install "${missing[@]}" || say "Could not install: ${missing[*]}"
  else
    say "Missing for the tests: ${missing[*]}"
  fi
fi

use_lock requirements/test.txt
bash scripts/check.sh
if [ $# -gt 0 ]; then
  exec .venv/bin/python -m pytest -n 2 -ra "$@"
fi
# What is measured in seconds runs by itself, so that a busy machine is not taken for a slow product.
failed=0
# All of them together reach every step and every refusal, or the run fails by their names.
.venv/bin/python -m pytest -n 2 -ra -m 'not alone' --reached || failed=1
.venv/bin/python -m pytest -n 0 -ra -m alone || failed=1
# Every branch of the rules is taken by the rules' own tests.
covered=$(mktemp -d)
trap 'rm -rf "$covered"' EXIT
COVERAGE_FILE=$covered/data .venv/bin/coverage run --branch --source=reservation.domain -m pytest -n 0 -q tests/domain &&
  COVERAGE_FILE=$covered/data .venv/bin/coverage report --skip-covered -m --fail-under=100 || failed=1
exit $failed
