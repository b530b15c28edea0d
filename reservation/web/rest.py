"""What a form says about the later days of an illness when one day is cancelled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from reservation.services.several_days import Rest

_TO_NURSERY = {"home": False, "nursery": True}


def fields(days: Iterable[date], to_nursery: bool | None = None) -> dict[str, str]:
    """The hidden fields of a button that was shown beside these days."""
    told = {"later": " ".join(one.isoformat() for one in days)}
    word = next((word for word, said in _TO_NURSERY.items() if said is to_nursery), None)
    return {**told, "rest": word} if word else told


def read(form: Mapping[str, str]) -> Rest:
    """The same from a form; days that no form of ours sends are none."""
    return Rest(tuple(_days(form.get("later", ""))), _TO_NURSERY.get(form.get("rest", "")))


def _days(text: str) -> Iterable[date]:
    for word in text.split()[:60]:
        try:
            yield date.fromisoformat(word)
        except ValueError:
            return
