"""フリガナ: read as people type it, kept as katakana. Kanji names are never touched."""

from __future__ import annotations

import re
import unicodedata

_HIRAGANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
_READING = re.compile(r"[ァ-ヺーヽヾ・ A-Za-z'.-]+")


def katakana(text: str) -> str:
    """Hiragana and half-width kana as katakana, one plain space between parts; Latin stays."""
    plain = unicodedata.normalize("NFKC", text).translate(_HIRAGANA)
    return " ".join(plain.split())


def is_reading(text: str) -> bool:
    """Whether this is a フリガナ (or a name in Latin letters), after ``katakana``."""
    return bool(_READING.fullmatch(text))
