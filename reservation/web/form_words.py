"""The doctor's form in sentences: how long it is good, and who may write it."""

from __future__ import annotations

from flask_babel import gettext as _

from reservation import i18n
from reservation.domain.rulebook import RuleBook


def sentences(rules: RuleBook) -> str:
    """What a family must know before it goes to the doctor."""
    rule = rules.doctor_form
    clinics = _("、").join(rule.clinics)
    return i18n.sentences(
        _("発行日をふくめて%(n)s日間、使えます。", n=rule.valid_days)
        if rule.valid_days > 1
        else _("利用日に書いてもらったものだけ、使えます。"),
        _("病気が変わったときは、新しいものが必要です。") if rule.void_on_change else "",
        _("写真は、予約のページから送れます。") if rule.by_photo else "",
        _("%(clinics)sで書いてもらってください。", clinics=clinics) if clinics else "",
    )
