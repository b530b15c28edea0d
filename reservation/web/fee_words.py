"""Money in sentences: the tariff as a table, and the lines of a bill."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _

from reservation import i18n
from reservation.domain.exemptions import Standing
from reservation.domain.fees import Bill, Line
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


def standing(rules: RuleBook, one: Standing) -> str:
    """減免：生活保護; or since when its proof no longer counts, and what to do. '' without."""
    known = rules.fees.class_of(one.fee_class or one.expired)
    if known is None:
        return ""
    name = i18n.text_of(known.name).text
    if not one.expired or one.last is None:
        return _("減免：%(name)s", name=name)
    return _(
        "減免(%(name)s)の証明は %(day)s で期限が切れるため、通常の料金です。"
        "新しい証明を、登録の窓口にお見せください。",
        name=name,
        day=_(
            "%(year)s年%(month)s月%(day)s日",
            year=one.last.year,
            month=one.last.month,
            day=one.last.day,
        ),
    )


def line(one: Line) -> str:
    """What a line of a bill is for: 半日(4時間まで)、3時間20分."""
    if one.code == "day":
        return _day(one)
    name = i18n.text_of(one.name).text
    if one.code in ("before", "after"):
        return _at_the_edge(one)
    return {
        "class": _("減免：%(name)s", name=name),
        "expired": _("減免の証明の期限が切れています：%(name)s", name=name),
        "promise": _("予約のときにお示しした金額まで"),
        "item": _("%(name)s × %(n)s", name=name, n=one.count) if one.count > 1 else name,
        "taxi": _("お迎えのタクシー代"),
        "correction": _("職員による訂正"),
        "late_cancel": _("締切後のキャンセル料"),
    }[one.code]


def _day(one: Line) -> str:
    name = i18n.text_of(one.name).text or _("利用料")
    if not one.hours:
        return name
    hours, minutes = divmod(one.minutes, 60)
    stayed = _("%(hours)s時間%(minutes)s分", hours=hours, minutes=minutes)
    return _("%(name)s(%(stayed)s、%(n)s時間まで)", name=name, stayed=stayed, n=one.hours)


def _at_the_edge(one: Line) -> str:
    if one.code == "before":
        words = _("%(time)s より前の来室(%(n)s分)", time=one.at, n=one.minutes)
    else:
        words = _("%(time)s より後のお迎え(%(n)s分)", time=one.at, n=one.minutes)
    return _("%(name)s × %(n)s", name=words, n=one.count) if one.count > 1 else words


def amount(one: Line) -> str:
    """2,000円, or −500円 for a reduction."""
    return i18n.yen(one.amount) if one.amount >= 0 else f"−{i18n.yen(-one.amount)}"


def lines(bill: Bill) -> list[tuple[str, str]]:
    """The lines of a bill as (what for, amount), the total last."""
    return [*((line(one), amount(one)) for one in bill.lines), (_("合計"), i18n.yen(bill.total))]
