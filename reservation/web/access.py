"""Who may pass: one declared guard per blueprint, and no endpoint without one.

The guards' own checks live with the pages they guard: `@access.check("staff")` on a function
that answers None (may pass) or a response (a redirect to sign-in, a 404).
"""

from collections.abc import Callable
from typing import Literal, TypeVar
from weakref import WeakKeyDictionary

from flask import Blueprint, Flask, current_app, request
from flask.typing import ResponseReturnValue

Kind = Literal["public", "parents", "staff", "municipality", "api", "dev"]
Check = Callable[[], ResponseReturnValue | None]
_Check = TypeVar("_Check", bound=Check)

_kinds: "WeakKeyDictionary[Blueprint, Kind]" = WeakKeyDictionary()
_checks: dict[Kind, Check] = {}


class Unguarded(RuntimeError):
    """An endpoint that nobody declared a guard for; the application does not start."""


def guard(blueprint: Blueprint, kind: Kind) -> Blueprint:
    """Declare who may pass to every page of a blueprint. A second declaration is refused."""
    if blueprint in _kinds:
        raise Unguarded(f"{blueprint.name} has a guard already")
    _kinds[blueprint] = kind
    if kind != "public":
        # The check is looked up when asked, so that its module may be read after this one.
        blueprint.before_request(lambda: _checks[kind]())
    return blueprint


def check(kind: Kind) -> Callable[[_Check], _Check]:
    """Register the function that decides for a kind of guard."""

    def keep(function: _Check) -> _Check:
        _checks[kind] = function
        return function

    return keep


def kind_of(app: Flask, endpoint: str) -> Kind | None:
    """The guard of an endpoint; None when it has none. Static files are public."""
    if endpoint == "static":
        return "public"
    name, dot, _ = endpoint.rpartition(".")
    blueprint = app.blueprints.get(name) if dot else None
    return _kinds.get(blueprint) if isinstance(blueprint, Blueprint) else None


def kind_of_request() -> Kind | None:
    """The guard of the page being asked for; None for an address that does not exist."""
    return kind_of(current_app, request.endpoint) if request.endpoint else None


def require_guards(app: Flask) -> None:
    """Raise Unguarded for an endpoint without a guard, or a guard whose check nobody wrote."""
    for rule in app.url_map.iter_rules():
        kind = kind_of(app, rule.endpoint)
        if kind is None:
            raise Unguarded(f"{rule.endpoint} ({rule.rule}) has no guard")
        if kind != "public" and kind not in _checks:
            raise Unguarded(f"nobody checks the guard {kind} of {rule.endpoint}")
