"""Cookies of signed-in browsers: their names, their flags, and the mark of a known browser."""

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug import Response

from reservation.store.crypto import blind_index


def put(
    response: Response, name: str, value: str, seconds: int | None, *, plain: bool = False
) -> None:
    """Set a cookie for this site only; without ``seconds`` it ends with the browser. ``plain``
    keeps the name as it is, for what the public pages read too."""
    response.set_cookie(
        name if plain else full(name),
        value,
        max_age=seconds,
        secure=_https(),
        httponly=True,
        samesite="Lax",
    )


def drop(response: Response, name: str) -> None:
    """Take a cookie back."""
    response.delete_cookie(full(name), secure=_https(), httponly=True, samesite="Lax")


def get(name: str) -> str:
    """A cookie of this request, '' when it is not there."""
    return request.cookies.get(full(name), "")


def full(name: str) -> str:
    """The cookie's name; over https browsers hold it to this host and to https."""
    return f"__Host-{name}" if _https() else name


def mark_known(response: Response, name: str, mail: str, device: str, seconds: int) -> None:
    """Let this browser prove later that it has signed in with this address before."""
    mark = {"mail": blind_index(mail, "known"), "id": device}
    put(response, name, _signer(name).dumps(mark), seconds)


def known(name: str, mail: str) -> str | None:
    """The mark of this browser if it has signed in with this address before."""
    try:
        mark = _signer(name).loads(get(name))
    except BadSignature:
        return None
    return str(mark["id"]) if mark["mail"] == blind_index(mail, "known") else None


def _https() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])


def _signer(name: str) -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt=name)
