"""One JSON line per request, act, job and message; never a name, never an illness.

Only the fields listed here are written. A field that somebody adds in passing is left out and its
name recorded, so that personal data cannot slip into a log by a well-meant argument.
"""

import contextvars
import logging
import secrets
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, TextIO

import structlog

ALLOWED = frozenset(
    {
        "event", "level", "timestamp", "request_id", "method", "rule", "status", "ms", "bytes",
        "account", "role", "act", "booking", "facility", "municipality", "day", "code", "state",
        "job", "ok", "count", "message", "kind", "channel", "attempt", "language", "topic",
        "version", "mode", "host", "port", "error", "where", "reason", "left_out", "retry",
    }
)  # fmt: skip

request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")
_FRAMES = 6


def set_up(level: str = "info", to: TextIO | None = None) -> None:
    """Write JSON lines from `level` up, to standard error unless told otherwise."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with_request,
            _only_allowed,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=structlog.WriteLoggerFactory(to or sys.stderr),
        cache_logger_on_first_use=False,
    )


def get() -> Any:
    """The log: `logs.get().info("job", job=name, count=3)`."""
    return structlog.get_logger()


def new_request_id() -> str:
    """A fresh id for the lines of one request; also shown on its error page."""
    made = secrets.token_hex(6)
    request_id.set(made)
    return made


def fault(error: BaseException) -> dict[str, str]:
    """An exception as log fields: kind and place only, since its words may hold a row's values."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    where = " < ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in reversed(frames))
    return {"error": type(error).__name__, "where": where}


def _with_request(_logger: Any, _method: str, fields: MutableMapping[str, Any]) -> Any:
    if request_id.get():
        fields.setdefault("request_id", request_id.get())
    return fields


def _only_allowed(_logger: Any, _method: str, fields: MutableMapping[str, Any]) -> Any:
    strangers = sorted(set(fields) - ALLOWED)
    kept = {name: value for name, value in fields.items() if name in ALLOWED}
    return kept | ({"left_out": strangers} if strangers else {})
