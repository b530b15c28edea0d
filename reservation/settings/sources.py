"""Where a value was written: the environment, the file, or nowhere."""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

from reservation.settings.values import FILE, PREFIX, Settings

# Read by the tests, not by the program.
IGNORED = f"{PREFIX}TEST_"


def default_instance() -> Path:
    """`instance` of the checkout, or of the current folder when installed elsewhere."""
    root = Path(__file__).resolve().parents[2]
    return (root if (root / "pyproject.toml").exists() else Path.cwd()) / "instance"


def read(
    environ: Mapping[str, str], instance: Path | None
) -> tuple[dict[str, tuple[Any, str]], list[str]]:
    """(name → value and source, problems): what was written, before it is judged."""
    folder = Path(environ.get(f"{PREFIX}INSTANCE") or instance or default_instance()).absolute()
    file, problems = _read_file(folder / FILE)
    known = {one.name for one in fields(Settings)}
    problems += [
        f"{name} is not a setting of this program."
        for name in sorted(environ)
        if name.startswith(PREFIX)
        and not name.startswith(IGNORED)
        and name.removeprefix(PREFIX).lower() not in known
    ]
    problems += [f"{FILE}: {name} is not a setting." for name in sorted(set(file) - known)]
    if "instance" in file:
        problems.append(f"{FILE}: the folder cannot be named in the file that lies in it.")
    found: dict[str, tuple[Any, str]] = {}
    for one in fields(Settings):
        raw, source = _raw(one, environ, file)
        try:
            value = _default(one) if raw is None else _parse(one, raw)
        except ValueError as error:
            problems.append(f"{PREFIX}{one.name.upper()} ({source}): {error}")
            value = _default(one)
        found[one.name] = (value, source)
    named = f"{PREFIX}INSTANCE" in environ
    found["instance"] = (folder, "environment" if named else "default")
    return found, problems


def _read_file(path: Path) -> tuple[dict[str, Any], list[str]]:
    if not path.exists():
        return {}, []
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")), []
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return {}, [f"{FILE} cannot be read: {error}"]


def _raw(one: "Field[Any]", environ: Mapping[str, str], file: Mapping[str, Any]) -> tuple[Any, str]:
    name = PREFIX + one.name.upper()
    if name in environ:
        return environ[name], "environment"
    # Many hosts hand the port over under this plain name.
    if one.name == "port" and environ.get("PORT"):
        return environ["PORT"], "environment (PORT)"
    if one.name in file:
        return file[one.name], FILE
    return None, "default"


def _parse(one: "Field[Any]", raw: Any) -> Any:
    if one.type is int:
        if not str(raw).isdecimal():
            raise ValueError("a whole number is needed.")
        return int(raw)
    if one.name == "trusted_hosts":
        parts = raw if isinstance(raw, list) else str(raw).split(",")
        return tuple(str(part).strip() for part in parts if str(part).strip())
    if not isinstance(raw, str):
        raise ValueError("a text is needed.")
    return raw.strip()


def _default(one: "Field[Any]") -> Any:
    return None if one.default is MISSING else one.default


def complete(settings: Settings) -> Settings:
    """Fill in what follows from other settings."""
    url = settings.database_url or f"sqlite:///{settings.instance / 'reservation.sqlite'}"
    url = _with_driver(url)
    direct = _with_driver(settings.direct_database_url) or url
    values = {one.name: getattr(settings, one.name) for one in fields(Settings)}
    values |= {"database_url": url, "direct_database_url": direct}
    values["base_url"] = settings.base_url.rstrip("/")
    return Settings(**values)


def _with_driver(url: str) -> str:
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url
