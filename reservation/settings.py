"""Every setting: its name, its default, one sentence. The environment counts over the file.

A setting `smtp_host` is `RESERVATION_SMTP_HOST` in the environment and `smtp_host` in
`settings.toml` of the instance folder. Names that nobody knows and values that are unsafe in
production stop the start with a sentence, because a mistyped name would otherwise be silent.
"""

import base64
import binascii
import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

PREFIX = "RESERVATION_"
IGNORED = f"{PREFIX}TEST_"
MODES = ("demo", "test", "production")
TLS = ("starttls", "tls", "none")
LEVELS = ("debug", "info", "warning", "error")
FILE = "settings.toml"


class SettingsError(Exception):
    """The settings cannot be used; `problems` holds one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Shown(NamedTuple):
    """One line of `reservation settings`."""

    name: str
    value: str
    source: str
    about: str


def _setting(default: Any, about: str, *, secret: bool = False) -> Any:
    metadata = {"about": about, "secret": secret}
    if isinstance(default, tuple | str | int | bool):
        return field(default=default, metadata=metadata)
    return field(metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings with their types. Made by `load`; tests make one with `load` as well."""

    mode: str = _setting("production", "demo, test or production; kept in the database.")
    instance: Path = _setting(None, "Folder of the database, settings.toml and backups.")
    database_url: str = _setting("", "sqlite:///… or postgresql://…; empty: a file in instance.")
    direct_database_url: str = _setting(
        "", "PostgreSQL without a pooling proxy, for locks and LISTEN; empty: database_url."
    )
    data_key: str = _setting(
        "", "Keys of the encrypted columns: <id>:<base64 of 32 bytes>, newest first.", secret=True
    )
    secret_key: str = _setting("", "Signs cookies and forms; 32 characters or more.", secret=True)
    base_url: str = _setting("http://127.0.0.1:8000", "Address under which readers see the site.")
    host: str = _setting("127.0.0.1", "Address that `serve` listens on.")
    port: int = _setting(8000, "Port that `serve` listens on (also PORT).")
    trusted_hosts: tuple[str, ...] = _setting(
        (), "Host names that are answered, by commas; empty: base_url's and this machine."
    )
    proxy_hops: int = _setting(0, "Proxies in front whose X-Forwarded headers are believed.")
    pool_size: int = _setting(8, "Database connections, and requests at work at one time.")
    smtp_host: str = _setting("", "Mail server; outside production empty keeps mail unsent.")
    smtp_port: int = _setting(587, "Port of the mail server.")
    smtp_user: str = _setting("", "Name at the mail server; empty: no sign-in.")
    smtp_password: str = _setting("", "Password at the mail server.", secret=True)
    smtp_sender: str = _setting("noreply@localhost", "Sender address of all mail.")
    smtp_tls: str = _setting("starttls", "starttls, tls or none.")
    now: str = _setting("", "Start the clock at this instant (never in production).")
    log_level: str = _setting("info", "debug, info, warning or error.")
    live_streams: int = _setting(2000, "Open live streams at most; more get 503 and poll.")

    @property
    def hosts(self) -> list[str]:
        """The host names that are answered."""
        own = [urlsplit(self.base_url).hostname or "localhost", "localhost", "127.0.0.1"]
        return list(self.trusted_hosts) or list(dict.fromkeys(own))

    @property
    def https(self) -> bool:
        """Whether readers reach the site over https."""
        return self.base_url.startswith("https://")


def load(environ: Mapping[str, str] | None = None, instance: Path | None = None) -> Settings:
    """Settings from the environment over `settings.toml` over the defaults.

    `environ` defaults to the process's own; `instance` counts where the environment names none.
    Raises SettingsError with every problem found, not only the first.
    """
    environ = os.environ if environ is None else environ
    found, problems = _read(environ, instance)
    values = {name: value for name, (value, _) in found.items()}
    settings = _complete(Settings(**values))
    problems += _wrong(settings)
    if settings.mode == "production":
        problems += _unsafe(settings)
    if problems:
        raise SettingsError(problems)
    return settings


def explain(environ: Mapping[str, str] | None = None, instance: Path | None = None) -> list[Shown]:
    """Each setting, its value (secrets masked) and where it came from; wrong values too."""
    found, _ = _read(os.environ if environ is None else environ, instance)
    settings = _complete(Settings(**{name: value for name, (value, _) in found.items()}))
    return [
        Shown(
            PREFIX + one.name.upper(),
            _shown(one, getattr(settings, one.name)),
            found[one.name][1],
            one.metadata["about"],
        )
        for one in fields(Settings)
    ]


def problems(environ: Mapping[str, str] | None = None, instance: Path | None = None) -> list[str]:
    """The sentences that `load` would raise; empty when it would not."""
    try:
        load(environ, instance)
    except SettingsError as error:
        return error.problems
    return []


def make_keys(instance: Path) -> None:
    """Write a secret key and a data key into the instance's `settings.toml` where it has none.

    For the demo only: elsewhere somebody must know where the keys are kept.
    """
    instance.mkdir(parents=True, exist_ok=True)
    path = instance / FILE
    have = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    lines = []
    if "secret_key" not in have:
        lines.append(f'secret_key = "{secrets.token_urlsafe(48)}"\n')
    if "data_key" not in have:
        lines.append(f'data_key = "{new_data_key()}"\n')
    with path.open("a", encoding="utf-8") as file:
        file.writelines(lines)
    path.chmod(0o600)


def new_data_key(name: str = "k1") -> str:
    """One new key as it stands in `RESERVATION_DATA_KEY`."""
    return f"{name}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


def data_keys(text: str) -> dict[str, bytes]:
    """The key ring of `RESERVATION_DATA_KEY`, newest first. Raises ValueError when malformed."""
    keys: dict[str, bytes] = {}
    for part in text.split(","):
        name, _, value = part.strip().partition(":")
        try:
            key = base64.b64decode(value, validate=True)
        except binascii.Error:
            key = b""
        if not name.isalnum() or len(key) != 32 or name in keys:
            raise ValueError("not <id>:<base64 of 32 bytes>")
        keys[name] = key
    return keys


def default_instance() -> Path:
    """`instance` of the checkout, or of the current folder when installed elsewhere."""
    root = Path(__file__).resolve().parent.parent
    return (root if (root / "pyproject.toml").exists() else Path.cwd()) / "instance"


def _read(
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


def _complete(settings: Settings) -> Settings:
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


def _wrong(settings: Settings) -> list[str]:
    """Values that no mode can use."""
    return _wrong_keys(settings) + [
        f"{PREFIX}{name} must {sentence}"
        for name, right, sentence in (
            ("MODE", settings.mode in MODES, "be demo, test or production."),
            (
                "DATABASE_URL",
                settings.database_url.startswith(("sqlite:///", "postgresql+psycopg://")),
                "begin with sqlite:/// or postgresql://.",
            ),
            (
                "BASE_URL",
                settings.base_url.startswith(("http://", "https://")),
                "begin with http:// or https://.",
            ),
            ("SMTP_TLS", settings.smtp_tls in TLS, "be starttls, tls or none."),
            ("LOG_LEVEL", settings.log_level in LEVELS, "be debug, info, warning or error."),
            ("POOL_SIZE", settings.pool_size >= 1, "be 1 or more."),
            ("NOW", _is_instant(settings.now), "be an ISO date and time."),
        )
        if not right
    ]


def _wrong_keys(settings: Settings) -> list[str]:
    found = []
    if len(settings.secret_key) < 32:
        found.append(f"{PREFIX}SECRET_KEY is missing or shorter than 32 characters.")
    try:
        data_keys(settings.data_key)
    except ValueError as error:
        found.append(f"{PREFIX}DATA_KEY is missing or {error}.")
    return found


def _is_instant(text: str) -> bool:
    try:
        return not text or all(datetime.fromisoformat(part) for part in text.split("@"))
    except ValueError:
        return False


def _unsafe(settings: Settings) -> list[str]:
    """Values that are fine on a desk and dangerous with real children's data."""
    found = []
    if not settings.https:
        found.append(f"{PREFIX}BASE_URL must begin with https:// in production.")
    if settings.now:
        found.append(f"{PREFIX}NOW moves the clock and is refused in production.")
    if not settings.smtp_host:
        found.append(f"{PREFIX}SMTP_HOST is missing: without mail no family can sign in.")
    if settings.smtp_user and settings.smtp_tls == "none":
        found.append(f"{PREFIX}SMTP_TLS must not be none where a password is sent.")
    return found


def _shown(one: "Field[Any]", value: Any) -> str:
    if one.metadata["secret"]:
        return "(set)" if value else "(not set)"
    if isinstance(value, tuple):
        return ",".join(value)
    text = str(value)
    # A database address carries a password between the colon and the at sign.
    parts = urlsplit(text) if "://" in text else None
    return text.replace(f":{parts.password}@", ":***@") if parts and parts.password else text
