"""The facts of one evening, for every kind of message: sakura's booking and hana's waiting."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from tests.domain.build import CARE_DAY, tokyo

BASE = "https://byoji.example.jp"

_TOWN: dict[str, Any] = {
    "home": f"{BASE}/",
    "town": {"ja": "杉並区", "en": "Suginami City"},
    "telephone": "03-0000-0000",
    "hours": {"ja": "平日 8:30〜17:00", "en": "Mon–Fri 8:30–17:00"},
    "link": f"{BASE}/my",
    "until": tokyo(22, 15, CARE_DAY.replace(day=23)),
    "code": "042137",
}

_BOOKING: dict[str, Any] = _TOWN | {
    "facility": {"ja": "しーず", "en": "Seeds"},
    "telephone": "03-0000-0001",
    "hours": {"ja": "平日 7:30〜18:00", "en": "Mon–Fri 7:30–18:00"},
    "link": f"{BASE}/my/bookings/0123456789abcdef0123456789abcdef",
    "booking_id": "0123456789abcdef0123456789abcdef",
    "written": tokyo(22, 6, CARE_DAY.replace(day=23)),
    "day": CARE_DAY,
    "opens": time(8),
    "closes": time(18),
    "starts": tokyo(8),
    "ends": tokyo(18),
    "open_conditions": [],
    "form": {"ja": "医師連絡票", "en": "Doctor's form"},
    "to_bring": (
        {"ja": "着替え 2組", "en": "Two changes of clothes"},
        {"ja": "おむつ 6枚", "en": "Six nappies"},
    ),
    "has_morning": False,
    "cancel_until": tokyo(7),
    "can_cancel": True,
    "by_telephone": False,
    "price": 2000,
    "review_due": tokyo(7, 15),
    "reason": None,
    "late_fee": 0,
    "rank": 2,
    "called_up": True,
    "quiet_from": time(23),
    "quiet_until": time(6),
    "until": tokyo(22, 45, CARE_DAY.replace(day=23)),
    "asked": 1,
    "together": False,
    "last_chance": False,
    "unanswered": 0,
    "rooms": [],
    "asked_at": tokyo(7, 31),
    "town_telephone": "03-0000-0000",
    "closed": "",
    "declined_at": None,
    "by": None,
}

_CONDITIONS = [("doctor_form", tokyo(7, 30)), ("registration", tokyo(8)), ("interview", None)]

_ROOMS = [
    {"name": {"ja": "ラビット", "en": "Rabbit"}, "telephone": "03-0000-0002", "online": True},
    {"name": {"ja": "こあら", "en": "Koala"}, "telephone": "03-0000-0003", "online": False},
]

SAMPLES: dict[str, tuple[str, dict[str, Any]]] = {
    "confirmed": ("confirmed", {}),
    "confirmed-with_conditions": ("confirmed", {"open_conditions": _CONDITIONS}),
    "confirmed-after_the_cutoff": ("confirmed", {"can_cancel": False, "price": None}),
    "confirmed-then_by_telephone": ("confirmed", {"can_cancel": False, "by_telephone": True}),
    "received": ("received", {}),
    "waiting": ("waiting", {}),
    "waiting-called_by_staff": ("waiting", {"called_up": False}),
    "declined": ("declined", {"reason": "CAPACITY"}),
    "declined-for_a_fever": ("declined", {"reason": "FEVER"}),
    "offer": ("offer", {}),
    "offer-to_several": ("offer", {"asked": 3}),
    "offer-to_siblings": ("offer", {"asked": 2, "together": True}),
    "offer_lapsed": ("offer_lapsed", {}),
    "offer_lapsed-last_chance": ("offer_lapsed", {"last_chance": True}),
    "taken": ("taken", {}),
    "withdrawn": ("withdrawn", {}),
    "list_ended": ("list_ended", {}),
    "list_ended-rooms_elsewhere": ("list_ended", {"rooms": _ROOMS}),
    "list_ended-unanswered": ("list_ended", {"unanswered": 2}),
    "left": ("left", {}),
    "superseded": ("superseded", {}),
    "cancelled": ("cancelled", {}),
    "cancelled-day_before_not_used": ("cancelled", {"reason": "CHAIN"}),
    "cancelled-late": ("cancelled", {"late_fee": 1000}),
    "closed": ("closed", {"closed": "台風のため"}),
    "refused": ("refused", {"reason": "PAPER"}),
    "reminder_evening": ("reminder_evening", {}),
    "reminder_evening-with_limits": ("reminder_evening", {"has_morning": True}),
    "reminder_evening-with_conditions": ("reminder_evening", {"open_conditions": _CONDITIONS}),
    "reminder_cutoff": ("reminder_cutoff", {}),
    "reconfirm": ("reconfirm", {"releases": False, "until": tokyo(7), "later": []}),
    "reconfirm-or_released": ("reconfirm", {"releases": True, "until": tokyo(7), "later": []}),
    "reconfirm-later_days": (
        "reconfirm",
        {"releases": False, "until": tokyo(7), "later": [date(2026, 11, 25), date(2026, 11, 26)]},
    ),
    "reconfirm-later_days_or_released": (
        "reconfirm",
        {"releases": True, "until": tokyo(7), "later": [date(2026, 11, 25)]},
    ),
    "released": ("released", {}),
    "confirmed-taken_for_the_family": ("confirmed", {"for_you": True}),
    "waiting-woken": ("waiting", {"wakes": True}),
    "review_late": ("review_late", {}),
    "review_late-then_declined": ("review_late", {"declined_at": tokyo(7, 30)}),
    "changed": ("changed", {"seeking": True}),
    "changed-with_conditions": ("changed", {"seeking": False, "open_conditions": _CONDITIONS}),
    "confirmed-by_the_other": ("confirmed", {"by": "Sakura Hana"}),
    "cancelled-by_the_other": ("cancelled", {"by": ""}),
    "passed": ("passed", {"by": "Sakura Hana"}),
    "passed-on_the_telephone": ("passed", {}),
    "coming": ("coming", {"by": "Sakura Hana"}),
    "photo_again": ("photo_again", {"open_conditions": _CONDITIONS}),
    "code": ("code", {}),
    "change_mail": ("change_mail", {}),
    "mail_changed": ("mail_changed", {}),
    "joined": ("joined", {}),
    "invite": ("invite", {}),
    "registration_approved": ("registration_approved", {}),
    "registration_returned": ("registration_returned", {}),
    "registration_declined": ("registration_declined", {}),
}
"""Name of a snapshot → kind and what differs."""


def facts(name: str) -> dict[str, Any]:
    """The facts of a sample; those of a booking only where the message is about one."""
    kind, differs = SAMPLES[name]
    about_none = ("code", "mail", "joined", "invite", "registration")
    base = _TOWN if any(word in kind for word in about_none) else _BOOKING
    if kind in ("code", "change_mail"):
        base = base | {"link": ""}
    return base | differs
