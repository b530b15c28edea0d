"""Whether values can be used at all, and whether they are safe with real children's data."""

from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from reservation import failpoints
from reservation.settings.keys import data_keys
from reservation.settings.values import PREFIX, Settings

MODES = ("demo", "test", "production")
TLS = ("starttls", "tls", "none")
LOOK_MS = 250
PHOTO_MB = 50
LEVELS = ("debug", "info", "warning", "error")


def wrong(settings: Settings) -> list[str]:
    """Values that no mode can use."""
    return [*_wrong_keys(settings), *_wrong_photos(settings)] + [
        f"{PREFIX}{name} must {sentence}"
        for name, right, sentence in (
            ("MODE", settings.mode in MODES, "be demo, test or production."),
            (
                "DATABASE_URL",
                _is_address(settings.database_url),
                "be sqlite:///… or postgresql://user@host/name.",
            ),
            (
                "DIRECT_DATABASE_URL",
                _is_address(settings.direct_database_url),
                "be sqlite:///… or postgresql://user@host/name.",
            ),
            (
                "BASE_URL",
                settings.base_url.startswith(("http://", "https://")),
                "begin with http:// or https://.",
            ),
            ("SMTP_TLS", settings.smtp_tls in TLS, "be starttls, tls or none."),
            ("LOG_LEVEL", settings.log_level in LEVELS, "be debug, info, warning or error."),
            ("POOL_PROCESSES", settings.pool_processes >= 1, "be 1 or more."),
            (
                "POOL_SIZE",
                settings.pool_size >= max(1, settings.pool_processes),
                f"be 1 or more, and not less than {PREFIX}POOL_PROCESSES.",
            ),
            # PostgreSQL takes 0 for "wait for ever".
            ("POOL_WAIT", settings.pool_wait >= 1, "be 1 or more."),
            ("LOCK_WAIT", settings.lock_wait >= 1, "be 1 or more."),
            (
                "METRICS_TOKEN",
                not settings.metrics_token or len(settings.metrics_token) >= 16,
                "be 16 characters or more.",
            ),
            (
                "BOARD_LOOK_MS",
                settings.board_look_ms <= LOOK_MS,
                f"be {LOOK_MS} or less: pages are up to four times as old, at most a second.",
            ),
            ("FAILPOINTS", _are_failpoints(settings.failpoints), "be like before_commit:0.01."),
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


def _wrong_photos(settings: Settings) -> list[str]:
    found = []
    if not 1 <= settings.photo_mb <= PHOTO_MB:
        found.append(f"{PREFIX}PHOTO_MB must be 1 to {PHOTO_MB}.")
    if settings.photo_folder and not Path(settings.photo_folder).is_absolute():
        found.append(f"{PREFIX}PHOTO_FOLDER must be a folder from the root on, like /srv/photos.")
    return found


def _are_failpoints(text: str) -> bool:
    try:
        failpoints.read(text)
    except ValueError:
        return False
    return True


def _is_address(text: str) -> bool:
    if not text.startswith(("sqlite:///", "postgresql+psycopg://")):
        return False
    try:
        return bool(make_url(text).database)
    except (ArgumentError, ValueError):
        return False


def _is_instant(text: str) -> bool:
    try:
        return not text or all(datetime.fromisoformat(part) for part in text.split("@"))
    except ValueError:
        return False


def unsafe(settings: Settings) -> list[str]:
    """Values that are fine on a desk and dangerous with real children's data."""
    found = []
    if not settings.https:
        found.append(f"{PREFIX}BASE_URL must begin with https:// in production.")
    if settings.now:
        found.append(f"{PREFIX}NOW moves the clock and is refused in production.")
    if settings.failpoints:
        found.append(f"{PREFIX}FAILPOINTS kills this program and is refused in production.")
    if not settings.smtp_host:
        found.append(f"{PREFIX}SMTP_HOST is missing: without mail no family can sign in.")
    if settings.smtp_user and settings.smtp_tls == "none":
        found.append(f"{PREFIX}SMTP_TLS must not be none where a password is sent.")
    return found
