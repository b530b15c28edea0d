"""Error pages in the reader's language, each with what to do next.

A page `errors/<code>.html` counts over `errors/error.html`.
"""

from flask import Flask, Response, g, make_response, render_template
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError

from reservation import logs
from reservation.services import installation
from reservation.services.outcomes import NotFound
from reservation.store.db import Unavailable, db, is_transient
from reservation.web import sending

RETRY_SECONDS = 5


def init_app(app: Flask) -> None:
    """Answer every error with a page."""
    # Flask would write the address and the exception's words, which may hold a row's values.
    app.logger.disabled = True
    app.register_error_handler(SecurityError, _stranger)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(NotFound, lambda _error: page(404))
    app.register_error_handler(Unavailable, _unavailable)
    app.register_error_handler(SQLAlchemyError, _database)
    app.register_error_handler(InternalServerError, _unexpected)


def page(code: int, message: str = "") -> Response:
    """The page of an error: `message` says what happened, in the reader's language.

    503 for an act hands the form back: whether it was done is not known, and its key finds out.
    """
    title, words = _words(code)
    again = sending.to_send_again() if code == 503 else []
    if again:
        title, words = _unknown()
    body = render_template(
        [f"errors/{code}.html", "errors/error.html"],
        code=code,
        title=title,
        message=message or words,
        request_id=g.get("request_id", ""),
        again=again,
    )
    return make_response(body, code)


def _words(code: int) -> tuple[str, str]:
    found = {
        400: (_("送信できませんでした"), _("前のページに戻り、もう一度お試しください。")),
        403: (_("このページは開けません"), _("開くための権限がありません。")),
        404: (_("ページが見つかりません"), _("アドレスをご確認ください。")),
        405: (_("送信できませんでした"), _("前のページに戻り、もう一度お試しください。")),
        410: (_("このページは終わりました"), _("期限が過ぎたか、すでに使われています。")),
        413: (
            _("送信できませんでした"),
            _(
                "送ったものが大きすぎます。写真は、用紙を表示した画面の写真(スクリーンショット)に"
                "すると小さくなります。お急ぎのときは、お電話ください。"
            ),
        ),
        415: (_("送信できませんでした"), _("前のページに戻り、もう一度お試しください。")),
        422: (_("入力内容に誤りがあります"), _("入力内容をご確認ください。")),
        429: (_("しばらくお待ちください"), _("回数が多すぎます。少し待ってからお試しください。")),
        503: (
            _("ただいま混み合っています"),
            _("少し待って、もう一度お試しください。お急ぎのときは、お電話ください。"),
        ),
    }
    unexpected = (
        _("エラーが起きました"),
        _("申し訳ありません。少し待って、もう一度お試しください。"),
    )
    return found.get(code, unexpected)


def _unknown() -> tuple[str, str]:
    return (
        _("受け付けたかどうか、まだ分かりません"),
        _(
            "ただいま混み合っています。少し待って、下のボタンで同じ内容をもう一度送ってください。"
            "二重に受け付けることはありません。"
        ),
    )


def _stranger(_error: SecurityError) -> Response:
    # No page: for a host name that is not ours no address of ours can be made.
    return make_response("Bad Request\n", 400, {"Content-Type": "text/plain"})


def _http(error: HTTPException) -> Response:
    # Redirects (a missing slash) come here too and are answers, not errors.
    if error.code is None or error.code < 400:
        return make_response(error.get_response())
    response = page(error.code)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _unavailable(error: Unavailable) -> Response:
    logs.get().error("unavailable", **logs.fault(error))
    # What the page still wants to know it takes from memory (town.py).
    g.away = True
    response = page(503)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _database(error: SQLAlchemyError) -> Response:
    db.session.rollback()
    if is_transient(error) or not _is_of_these_tables():
        return _unavailable(Unavailable(type(error).__name__).with_traceback(error.__traceback__))
    raise error


def _is_of_these_tables() -> bool:
    """Whether the tables are this program's; between the steps of an upgrade they may not be."""
    try:
        return installation.is_at_head()
    except (Unavailable, SQLAlchemyError):
        return False


def _unexpected(error: InternalServerError) -> Response:
    logs.get().error("fault", **logs.fault(error.original_exception or error))
    return page(500)
