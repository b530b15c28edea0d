"""The same form twice, and forms whose token has expired."""

from __future__ import annotations

from contextvars import Context

from tests.bad_input.stage import Stage
from tests.bad_input.test_forms import page_faults

ONCE = frozenset({"attempt", "job_run"})
UNKEYED = frozenset(
    {
        "parents.end_device", "parents.sign_out", "staff.leave", "staff.set_keys",
        "parents.edit_guardian", "parents.edit_home", "parents.edit_child",
    }
)  # fmt: skip
"""Acts without a key that write the same when they are sent twice."""

HERE = {"Origin": "http://localhost"}
SAID = {
    "remark": ["せき"], "brings": ["mother"], "arrives_at": ["8:30"],
    "name": ["もりた"], "mail": ["morita@example.org"], "role": ["staff"],
}  # fmt: skip


def test_a_form_sent_twice_acts_once(stage: Stage) -> None:
    wrong, acted = [], set()
    for form in stage.forms:
        if "key" not in form.fields and form.endpoint not in UNKEYED:
            continue
        fields = {**form.fields, "key": ["one-and-the-same"]}
        first = stage.sends(form, fields)
        after = stage.kept.digests()
        written = stage.kept.changed() - ONCE
        second = stage.sends(form, fields)
        again = {n for n, d in stage.kept.digests().items() if d != after[n]} - ONCE
        if first.status_code == 303 and written:
            acted.add(form.endpoint)
            there = [one.headers.get("Location") for one in (first, second)]
            if again and form.endpoint not in UNKEYED:
                wrong.append((form.action, "wrote twice", sorted(again)))
            if there[0] != there[1] and form.endpoint not in UNKEYED:
                wrong.append((form.action, "leads elsewhere", there))
        stage.kept.restore()
    assert wrong == []
    assert len(acted) > 25, sorted(acted)


def test_an_expired_token_is_answered_by_a_page(stage: Stage) -> None:
    stage.scene.app.config["WTF_CSRF_ENABLED"] = True
    wrong = []
    for form in stage.forms:
        for token in (None, "old"):
            fields = form.fields if token is None else {**form.fields, "csrf_token": [token]}
            answer = stage.sends(form, {**fields, "remark": ["せきが出ます"]})
            if answer.status_code != 400:
                wrong.append((form.action, token, str(answer.status_code)))
            wrong += [(form.action, token, why) for why in page_faults(answer)]
            if "せきが出ます" not in answer.text or "もう一度送る" not in answer.text:
                wrong.append((form.action, token, "what was typed is lost"))
            if stage.kept.changed():
                wrong.append((form.action, token, "wrote"))
    assert wrong == []


def test_a_form_from_elsewhere_is_not_handed_back(stage: Stage) -> None:
    stage.scene.app.config["WTF_CSRF_ENABLED"] = True
    for form in stage.forms:
        headers = {"Origin": "https://elsewhere.example"}
        answer = stage.sends(form, {**form.fields, "remark": ["せきが出ます"]}, headers=headers)
        assert answer.status_code == 400, form.action
        assert "せきが出ます" not in answer.text, form.action
        assert list(page_faults(answer)) == [], form.action


def test_one_tap_sends_it_again(stage: Stage) -> None:
    stage.scene.app.config["WTF_CSRF_ENABLED"] = True
    acted = []
    for name in ("parents.confirm", "staff.invite"):
        form = next(one for one in stage.forms if one.endpoint == name)
        fields = {**form.fields, **SAID}
        answer = stage.sends(form, fields)
        client = stage.scene.people[form.who]
        handed = next(f for f in stage.page(answer).forms() if f.method == "post"
                      and "key" in f.fields)  # fmt: skip
        again = Context().run(
            lambda c=client, a=form.action, h=handed: c.post(a, data=h.fields, headers=HERE)
        )
        assert again.status_code == 303, (name, again.text)
        acted.append(stage.kept.changed() & {"booking", "account"})
        stage.kept.restore()
    assert all(acted), acted
