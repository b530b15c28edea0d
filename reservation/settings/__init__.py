"""Every setting: its name, its default, one sentence. The environment counts over the file.

A setting `smtp_host` is `RESERVATION_SMTP_HOST` in the environment and `smtp_host` in
`settings.toml` of the instance folder. Names that nobody knows and values that are unsafe in
production stop the start with a sentence, because a mistyped name would otherwise be silent.
"""

import os
from collections.abc import Mapping
from dataclasses import Field, fields
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from flask import current_app

from reservation.settings.checks import unsafe, wrong
from reservation.settings.keys import data_keys, make_keys, new_data_key
from reservation.settings.sources import complete, default_instance, read
from reservation.settings.values import PREFIX, Settings

__all__ = [
    "Settings",
    "SettingsError",
    "Shown",
    "current",
    "data_keys",
    "default_instance",
    "explain",
    "load",
    "make_keys",
    "new_data_key",
    "problems",
]


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


def load(environ: Mapping[str, str] | None = None, instance: Path | None = None) -> Settings:
    """Settings from the environment over `settings.toml` over the defaults.

    `environ` defaults to the process's own; `instance` counts where the environment names none.
    Raises SettingsError with every problem found, not only the first.
    """
    environ = os.environ if environ is None else environ
    found, problems = read(environ, instance)
    values = {name: value for name, (value, _) in found.items()}
    settings = complete(Settings(**values))
    problems += wrong(settings)
    if settings.mode == "production":
        problems += unsafe(settings)
    if problems:
        raise SettingsError(problems)
    return settings


def current() -> Settings:
    """The settings of the running application. Needs an application context."""
    settings: Settings = current_app.extensions["settings"]
    return settings


def explain(environ: Mapping[str, str] | None = None, instance: Path | None = None) -> list[Shown]:
    """Each setting, its value (secrets masked) and where it came from; wrong values too."""
    found, _ = read(os.environ if environ is None else environ, instance)
    settings = complete(Settings(**{name: value for name, (value, _) in found.items()}))
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


def _shown(one: "Field[Any]", value: Any) -> str:
    if one.metadata["secret"]:
        return "(set)" if value else "(not set)"
    if isinstance(value, tuple):
        return ",".join(value)
    text = str(value)
    # A database address carries a password between the colon and the at sign.
    parts = urlsplit(text) if "://" in text else None
    return text.replace(f":{parts.password}@", ":***@") if parts and parts.password else text
