"""Money in sentences: the tariff as a table, and the lines of a bill."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _

from reservation import i18n
from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.money import LIVES, Rate, Surcharge


def table(rules: RuleBook) -> list[tuple[str, str]]:
    """(for whom or for what, amount) of everything that a rule book charges."""
    return [
        *_days(rules),
        *((_rate(rules, one), i18n.yen(one.amount)) for one in rules.fees.rates),
        *_classes(rules),
        *((surcharge(one), _surcharge_amount(one)) for one in rules.fees.surcharges),
        *((i18n.text_of(item.name).text, i18n.yen(item.amount)) for item in rules.fees.items),
        *_taxi(rules),
    ]


def _days(rules: RuleBook) -> Iterator[tuple[str, str]]:
    money = rules.fees
    inside, outside, partner = money.resident, money.non_resident, money.partner
    if outside is None and partner is None:
        yield _("1日"), i18n.yen(inside)
        return
    yield _("1日(区市町村内の方)"), i18n.yen(inside)
    if partner is not None and money.partners:
        yield _("1日(協定のある区市町村の方)"), i18n.yen(partner)
    if outside is not None:
        yield _("1日(区市町村外の方)"), i18n.yen(outside)


def _rate(rules: RuleBook, rate: Rate) -> str:
    """半日(4時間まで)・C1階層"""
    upto = _("%(n)s時間まで", n=rate.hours) if rate.hours else _("1日")
    name = i18n.text_of(rate.name).text
    names = {one.code: i18n.text_of(one.name).text for one in rules.fees.classes}
    parts = [
        _("%(name)s(%(upto)s)", name=name, upto=upto) if name else upto,
        _(LIVES[rate.lives]) if rate.lives != "anyone" else "",
        _("・").join(names[code] for code in rate.classes),
    ]
    return _("・").join(part for part in parts if part)


def _classes(rules: RuleBook) -> Iterator[tuple[str, str]]:
    for one in rules.fees.classes:
        if one.amount is not None:
            amount = i18n.yen(one.amount)
            proof = i18n.text_of(one.proof).text
            said = _("%(amount)s(%(proof)s)", amount=amount, proof=proof) if proof else amount
            yield i18n.text_of(one.name).text, said


def surcharge(one: Surcharge) -> str:
    """18:00 より後のお迎え"""
    at = i18n.clock_time(one.at)
    if one.edge == "before":
        return _("%(time)s より前の来室", time=at)
    return _("%(time)s より後のお迎え", time=at)


def _surcharge_amount(one: Surcharge) -> str:
    amount = i18n.yen(one.amount)
    if one.minutes is None:
        return amount
    return _("%(n)s分ごとに %(amount)s", n=one.minutes, amount=amount)


def _taxi(rules: RuleBook) -> Iterator[tuple[str, str]]:
    if not rules.fees.taxi:
        return
    cap = rules.fees.taxi_cap
    amount = _("かかった金額") if cap is None else _("%(amount)sまで", amount=i18n.yen(cap))
    yield _("お迎えのタクシー代"), amount
