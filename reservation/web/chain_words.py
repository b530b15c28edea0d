"""Several days of one illness, in sentences for families."""

from __future__ import annotations

from flask_babel import gettext as _

from reservation import i18n
from reservation.domain import illnesses
from reservation.domain.rulebook import RuleBook


def sentences_of(rules: RuleBook, returning_opens: str) -> str:
    """What the rule book says of several days; '' where it says nothing. ``returning_opens`` is
    its clock in words."""
    return i18n.sentences(
        *_most(rules), _at_once(rules), _returning(rules, returning_opens), _cancelling(rules)
    )


def _most(rules: RuleBook) -> list[str]:
    found = [_days(rules, rules.chain.most_days)] if rules.chain.most_days else []
    for code, rule in rules.illnesses.table.items():
        if rule.most_days is not None and rule.most_days != rules.chain.most_days:
            name = _(illnesses.CATALOGUE[code].words)
            most = (
                _("%(days)s日まで", days=rule.most_days)
                if rule.most_days
                else _("日数の限りはありません")
            )
            found.append(_("%(illness)sは、%(most)s。", illness=name, most=most))
    return found


def _days(rules: RuleBook, days: int) -> str:
    if rules.chain.counted == "open":
        return _("1つの病気で、最初の利用日から開室日で数えて%(days)s日まで使えます。", days=days)
    return _("1つの病気で、最初の利用日から休みの日も数えて%(days)s日まで使えます。", days=days)


def _at_once(rules: RuleBook) -> str:
    most, time = rules.chain.at_most_at_once, i18n.clock_time(rules.chain.further_from)
    if most == 1:
        return _("予約は1日ずつです。次の日の分は、利用日の %(time)s から受けます。", time=time)
    if most:
        return _(
            "まとめて予約できるのは%(days)s日までです。続きは、その最後の日の %(time)s から"
            "受けます。",
            days=most, time=time,
        )  # fmt: skip
    return ""


def _returning(rules: RuleBook, opens: str) -> str:
    if not rules.chain.returning_days:
        return ""
    return _(
        "前の開室日から続けて使うお子さまは、%(days)s日目まで、%(opens)sから先に予約できます。"
        "キャンセル待ちでも先になります。",
        days=rules.chain.returning_days, opens=opens,
    )  # fmt: skip


def _cancelling(rules: RuleBook) -> str:
    return {
        "cascade": _("途中の日を取り消すと、同じ病気のその後の日もすべて取り消しになります。"),
        "conditional": _(
            "途中の日を取り消して園に行くと、同じ病気のその後の日も取り消しになります。"
            "家で休むときは、残ります。"
        ),
    }.get(rules.chain.model, "")
