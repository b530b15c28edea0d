"""What stands in an address, and what merely opening pages must never do."""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import Context
from urllib.parse import quote

import pytest
from werkzeug.routing import Rule

from tests.bad_input.stage import Stage
from tests.bad_input.test_forms import page_faults
from tests.bad_input.values import BYTES, TEXTS
from tests.test_guards import TABLE

NAMES = (
    "lang", "complaint", "age", "day", "told", "room", "month", "year", "date", "m", "child",
    "page", "status", "next", "late", "on", "card", "taken", "need", "facility",
)  # fmt: skip
"""What pages ask of an address."""
MORE = {
    "told": "00071111", "child": "0001111111111", "year": "2200", "month": "9999-12",
    "date": "2199-12-31", "day": "2199-12-31",
}  # fmt: skip
"""Near to what is right, by name."""
WHO = ("parent A", "manager F1", "officer M1", "anonymous")
NOTED = frozenset({"job_run"})
WRITTEN_DOWN = frozenset(
    {
        "municipality.figure_csv", "municipality.workbook", "municipality.registration",
        "staff.registration", "staff.booking", "staff.day_sheet", "staff.photo",
        "staff.shown_papers",
    }
)  # fmt: skip
"""Files that somebody takes and health notes that somebody of the staff looks at leave a row of
who it was: the only pages that write."""


def _pages(stage: Stage) -> Iterator[tuple[Rule, str, str]]:
    for rule in sorted(stage.scene.app.url_map.iter_rules(), key=lambda one: one.rule):
        if "GET" in (rule.methods or ()) and rule.endpoint not in ("static", "public.readyz"):
            who = next(one for one in WHO if one in TABLE[rule.endpoint])
            yield rule, who, stage.scene.address(rule)
    ids = stage.scene.values
    for rule in stage.scene.app.url_map.iter_rules():
        if rule.endpoint == "parents.check":
            yield rule, "parent A", f"/my/hold/{ids['held_id']}"
        if rule.endpoint == "parents.offer":
            yield rule, "parent A", f"/my/offers/{ids['offered_id']}"


def _query(step: int) -> str:
    """Each name with another bad value; the steps go through all of them."""
    bad = [*(quote(text[:2000]) for text in TEXTS.values()), *BYTES.values()]
    return "&".join(f"{name}={bad[(n + step) % len(bad)]}" for n, name in enumerate(NAMES))


def test_addresses_take_anything(stage: Stage) -> None:
    wrong = []
    near = "complaint=diagnosed&" + "&".join(f"{name}={text}" for name, text in MORE.items())
    for number, (_rule, who, address) in enumerate(_pages(stage)):
        bads = [quote(text[:2000]) for text in TEXTS.values()] + list(BYTES.values())
        queries = [near, *(f"complaint=diagnosed&{n}={t}" for n, t in MORE.items())]
        queries += [_query(number + step) for step in (0, 5, 10, 15)]
        queries += [
            f"complaint=diagnosed&{name}={bads[(number + 3 * n) % len(bads)]}"
            for n, name in enumerate(NAMES)
            if (n + number) % 3 == 0
        ]
        for query in queries:
            answer = stage.opens(who, f"{address}?{query}")
            allowed = (200, 303, 404)
            if answer.status_code not in allowed:
                wrong.append((address, query[:200], answer.status_code, stage.raised[-1:]))
            elif answer.status_code == 404 and answer.mimetype == "text/html":
                wrong += [(address, query[:200], why) for why in page_faults(answer)]
            elif b"<script>alert" in answer.data:
                wrong.append((address, query[:200], "a script of the sender"))
            answer.close()
    assert wrong == []


def test_parts_of_addresses_take_anything(stage: Stage) -> None:
    wrong = []
    for rule in stage.scene.app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        who = next(one for one in WHO if one in TABLE[rule.endpoint])
        own = ("facility_code", "municipality_code", "town")
        for name in sorted(rule.arguments):
            whole = stage.scene.address(rule)
            here = str(stage.scene.values[name])
            for bad in ("%00", "%ED%A0%80", "x" * 5000, "2026-02-30", "9999-12-31", "0001-01-01",
                        "%F0%9F%A4%92", "%27--", "-1", "%0d%0aSet-Cookie:a=b"):  # fmt: skip
                address = whole.replace(f"/{here}", f"/{bad}", 1)
                method = "GET" if "GET" in (rule.methods or ()) else "POST"
                client = stage.visitor(who)
                answer = Context().run(lambda c=client, m=method, a=address: c.open(a, method=m))
                if answer.status_code not in (404, 303, 400, 405, 422) or (
                    name in own and answer.status_code != 404
                ):
                    wrong.append((rule.rule, name, bad[:20], answer.status_code, stage.raised[-1:]))
                elif answer.status_code != 303:
                    wrong += [(rule.rule, name, bad[:20], why) for why in page_faults(answer)]
                answer.close()
    assert wrong == []


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_opening_changes_nothing(stage: Stage, method: str) -> None:
    wrong = []
    for rule, _who, address in _pages(stage):
        for who in WHO:
            client = stage.visitor(who)
            with Context().run(lambda c=client, a=address: c.open(a, method=method)) as answer:
                assert answer.status_code < 500
            changed = stage.kept.changed() - NOTED
            if changed and not (changed == {"audit"} and rule.endpoint in WRITTEN_DOWN):
                wrong.append((who, address, sorted(changed)))
            stage.kept.restore()
    assert wrong == []
