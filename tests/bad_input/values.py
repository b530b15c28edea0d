"""What comes into a field that nobody meant."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "empty": "",
    "spaces": " \u3000\t ",
    "long": "あ" * 10_000,
    "digits": "9" * 10_000,
    "full-width": "１２３４５６７８９０",
    "superscript": "²",
    "nul": "さ\x00くら\x07",
    "emoji": "👩‍👧‍👦🤒",
    "kanji": "葛\U000e0100飾 𠮟",
    "negative": "-1",
    "huge": "1e400",
    "no day": "2026-02-30",
    "first day": "0001-01-01",
    "last day": "9999-12-31",
    "script": "<script>alert(1)</script>",
    "quotes": "' OR 1=1; DROP TABLE booking; --\"",
    "percent": "%(name)s {0} {{ 7*7 }} %s",
    "id": "0" * 32,
    "address": "//example.org/\r\nSet-Cookie: a=b",
}
"""As text, which is sent as UTF-8."""

BYTES: dict[str, str] = {
    "surrogate": "%ED%A0%80",
    "bytes": "%FF%FE%C3",
}
"""As they stand in the body, and are no UTF-8."""
