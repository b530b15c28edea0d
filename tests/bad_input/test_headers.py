"""What travels with every answer of the URL map."""

from __future__ import annotations

from contextvars import Context

from tests.bad_input.stage import Stage
from tests.bad_input.test_addresses import WHO, _pages

POLICY = ("default-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'")
SEALED = ("default-src 'none'", "form-action 'none'", "frame-ancestors 'none'", "sandbox")
"""Of a file that came from outside."""
SHARED = frozenset(
    {
        "public.board", "public.vacancy", "public.facility", "public.privacy",
        "public.accessibility", "public.imprint",
    }
)  # fmt: skip
"""What anybody may keep for a while."""


def test_every_answer_carries_its_headers(stage: Stage) -> None:
    wrong = []
    for rule, _who, address in _pages(stage):
        for who in WHO:
            client = stage.visitor(who)
            with Context().run(lambda c=client, a=address: c.get(a + "?lang=en")) as answer:
                told, is_photo = answer.headers, answer.mimetype == "image/jpeg"
            policy = told.get("Content-Security-Policy", "")
            if (
                not all(part in policy for part in (SEALED if is_photo else POLICY))
                or "unsafe" in policy
            ):
                wrong.append((who, address, "policy"))
            if told.get("X-Content-Type-Options") != "nosniff":
                wrong.append((who, address, "nosniff"))
            shared = rule.endpoint in SHARED
            if shared == ("no-store" in told.get("Cache-Control", "")):
                wrong.append((who, address, told.get("Cache-Control")))
            cookies = told.getlist("Set-Cookie")
            if shared and cookies:
                wrong.append((who, address, "a cookie on a page for everybody"))
            if [c for c in cookies if "HttpOnly" not in c or "SameSite=Lax" not in c]:
                wrong.append((who, address, str(cookies)))
    assert wrong == []


def test_answers_to_forms_are_kept_by_nobody(stage: Stage) -> None:
    wrong = []
    for form in stage.forms:
        answer = stage.sends(form, {**form.fields, "key": ["k"]})
        told = answer.headers
        cookies = told.getlist("Set-Cookie")
        if "no-store" not in told.get("Cache-Control", ""):
            wrong.append((form.action, told.get("Cache-Control")))
        if "default-src 'self'" not in told.get("Content-Security-Policy", ""):
            wrong.append((form.action, "policy"))
        if [c for c in cookies if "HttpOnly" not in c or "SameSite=Lax" not in c]:
            wrong.append((form.action, str(cookies)))
        stage.kept.restore()
    assert wrong == []
