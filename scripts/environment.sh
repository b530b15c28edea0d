# Read by demo.sh, test.sh and check.sh: makes .venv from a hash-pinned lock, once per lock.
# Nothing is written outside the checkout, except by apt where root lets us install what is missing.

say() { printf '%s\n' "$*" >&2; }

apt_install() {
  # A parallel apt would make this one fail at once; so it waits for the lock.
  export DEBIAN_FRONTEND=noninteractive
  apt-get -o DPkg::Lock::Timeout=300 update -q >&2 &&
    without_services apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends "$@" >&2
}

# Programs only: no service of a package that is installed here may begin to run.
without_services() {
  local policy=/usr/sbin/policy-rc.d done=0
  if [ -e "$policy" ]; then
    "$@"
    return
  fi
  printf '#!/bin/sh\nexit 101\n' > "$policy" && chmod 755 "$policy"
  "$@" || done=$?
  rm -f "$policy"
  return $done
}

may_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

make_venv() {
  command -v python3 >/dev/null || { may_install && apt_install python3 python3-venv; } ||
    { say "python3 (3.11 or newer) is needed."; exit 1; }
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    { say "python3 is older than 3.11: $(python3 --version)"; exit 1; }
  # Debian ships venv without ensurepip unless python3-venv is installed.
  if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
    may_install && apt_install python3-venv ||
      { say "The Python module venv is missing: install the package python3-venv."; exit 1; }
  fi
  python3 -m venv --clear .venv
}

pip_install() { .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps "$@"; }

# use_lock requirements/app.txt: a stamp with the hash of lock and project file lets the second
# start skip pip. The lock for tests contains the other one, so its stamp serves both.
use_lock() {
  local lock=$1 want have=""
  want="$(cat "$lock" pyproject.toml | sha256sum | cut -d' ' -f1) $PWD"
  [ -x .venv/bin/python ] && .venv/bin/python -c 'import pip' 2>/dev/null || make_venv
  [ -f .venv/stamp ] && have=$(cat .venv/stamp)
  case "$have" in *"$want"*) return 0 ;; esac
  say "Installing what $lock lists …"
  # The lock is complete. Left to resolve by itself, an older pip takes the newest release for a
  # name with an extra (coverage[toml]) and then refuses it, so a lock would break with that release.
  pip_install --require-hashes -r "$lock" && pip_install --no-build-isolation -e . &&
    .venv/bin/python -m pip --disable-pip-version-check check >&2 ||
    { say "Could not install what $lock lists."; exit 1; }
  if [ "$lock" = requirements/test.txt ]; then
    want="$want
$(cat requirements/app.txt pyproject.toml | sha256sum | cut -d' ' -f1) $PWD"
  fi
  printf '%s\n' "$want" > .venv/stamp
}
