"""A page with every macro of templates/components, and the form behind it."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace as Values

from flask import Flask, flash, render_template, render_template_string
from flask_wtf import CSRFProtect, FlaskForm
from jinja2 import ChoiceLoader, FileSystemLoader
from wtforms import (
    BooleanField,
    FileField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Optional

import reservation
from reservation import i18n
from reservation.web.fields import DatePartsField

ROOT = Path(reservation.__file__).parent
NOW = datetime(2026, 11, 23, 13, 5, 30, tzinfo=UTC)


class Everything(FlaskForm):
    name = StringField("氏名", [InputRequired("氏名を入力してください")])
    temperature = StringField("体温")
    by = SelectField("送る人", choices=["母", "父"])
    note = TextAreaField("気になること", [Optional()])
    photo = FileField("写真")
    birthday = DatePartsField("生年月日", [InputRequired("生年月日を入力してください")])
    code = StringField("6けたの番号")
    sign = RadioField(
        "ようす",
        [InputRequired("ようすをえらんでください")],
        choices=[SelectChoice("fever", "発熱"), SelectChoice("rash", "発しん")],
    )
    mode = RadioField("空きが出たら", choices=[SelectChoice("ask", "聞いてほしい")])
    days = SelectMultipleField("日", choices=[SelectChoice("1", "月")])
    agree = BooleanField("同意する", [InputRequired("同意が必要です")])


def make_app() -> Flask:
    """An application with one page on which every macro stands; no database."""
    app = Flask("reservation", root_path=str(ROOT))
    app.config.update(SECRET_KEY="look", TESTING=True)
    app.jinja_loader = ChoiceLoader(
        [FileSystemLoader(ROOT / "templates"), FileSystemLoader(Path(__file__).parent)]
    )
    i18n.init_app(app)
    CSRFProtect(app)
    town = Values(name="杉並区", telephone="03-0000-0000", hours="8:30", code="131156")
    app.context_processor(
        lambda: {
            "demo": True,
            "time_machine": NOW,
            "server_now": lambda: NOW,
            "municipality": town,
        }
    )

    @app.route("/", methods=["GET", "POST"])
    def everything() -> str:
        form = Everything()
        if form.is_submitted():
            form.validate()
        flash("予約を取り消しました。", "yes")
        return render_template(
            "everything.html",
            form=form,
            icons=icon_names(),
            now=NOW,
            ends=NOW + timedelta(minutes=8, seconds=30),
            soon=NOW + timedelta(seconds=90),
            past=NOW - timedelta(seconds=90),
            day_of_care=date(2026, 11, 24),
        )

    @app.get("/plain")
    def plain() -> str:
        return render_template_string(
            '{% set stateless = true %}{% extends "layouts/parent.html" %}', viewer=None
        )

    return app


def icon_names() -> list[str]:
    text = (ROOT / "templates/components/icons.html").read_text("utf-8")
    return re.findall(r"^  '(\w+)': '<", text, re.MULTILINE)
