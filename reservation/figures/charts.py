"""Charts as SVG text made by the server: bars only, colours by class, pattern and label beside.

Every picture has a title, a description and, on its page, the table with the same numbers. All
words come in translated; this module adds none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True)
class Gap:
    """A day of the upper chart: unmet child-days above, empty places below the axis."""

    label: str
    weekday: str
    words: str
    unmet: int
    empty: int
    starts_week: bool = False

    @property
    def served(self) -> int:
        """Empty places that would have served somebody."""
        return min(self.unmet, self.empty)


@dataclass(frozen=True, slots=True)
class Month:
    """A bar of a small multiple: child-days, the places there were, and words for the reader."""

    label: str
    words: str
    used: int
    places: int


@dataclass(frozen=True, slots=True)
class Frame:
    """The id of a chart on its page, its title and its description."""

    id: str
    title: str
    description: str


STEP = 55
LEFT = 44
AXIS_UP, AXIS_DOWN = 112, 148
HEIGHT = 330


def gaps(frame: Frame, days: Sequence[Gap], above: str, below: str) -> str:
    """Unmet child-days (hatched, up) over the empty places (outlined, down) of the same days."""
    width = LEFT + STEP * max(len(days), 1) + 6
    up = 80 / max([day.unmet for day in days] + [1])
    down = 150 / max([day.empty for day in days] + [1])
    parts = [_open(frame, width, HEIGHT), _hatch(frame.id)]
    for place, day in enumerate(days):
        x = LEFT + STEP * place
        if day.starts_week and place:
            parts.append(f'<path class="grid" d="M{x} 14V318"/>')
        parts += _gap(frame.id, day, x, up, down)
    parts.append(
        f'<path class="axis" d="M{LEFT} {AXIS_UP}H{width - 6}M{LEFT} {AXIS_DOWN}H{width - 6}"/>'
    )
    parts += [
        f'<text class="strong" x="6" y="18">{escape(above)}</text>',
        f'<text class="strong" x="6" y="{HEIGHT - 6}">{escape(below)}</text></svg>',
    ]
    return "".join(parts)


def months(frame: Frame, bars: Sequence[Month]) -> str:
    """Twelve months of one facility: the last bar is the month of the page; a dashed line marks
    the places there were."""
    width, floor, room = 300, 130, 100
    step = (width - 10) / max(len(bars), 1)
    scale = room / max([max(bar.used, bar.places) for bar in bars] + [1])
    parts = [_open(frame, width, 158)]
    for place, bar in enumerate(bars):
        x, height = 6 + step * place, bar.used * scale
        last = place == len(bars) - 1
        kind = "bar" if last else "bar-past"
        parts.append(_rect(kind, x, floor - height, step - 5, height, bar.words))
        y = floor - bar.places * scale
        parts.append(f'<path class="cap" d="M{x - 2:.1f} {y:.1f}h{step - 1:.1f}"/>')
        middle = x + (step - 5) / 2
        strong = ' class="strong"' if last else ""
        if last or place == 0:
            parts.append(_text(middle, floor - height - 5, str(bar.used), strong))
        parts.append(_text(middle, 150, bar.label, strong))
    parts.append(f'<path class="axis" d="M4 {floor}H{width - 4}"/></svg>')
    return "".join(parts)


def _gap(chart: str, day: Gap, x: float, up: float, down: float) -> list[str]:
    left, wide, middle = x + 10.5, 34, x + 27.5
    parts = []
    if day.unmet:
        height = day.unmet * up
        parts.append(
            _rect("unmet", left, AXIS_UP - height, wide, height, day.words, f"url(#{chart}-hatch)")
        )
        parts.append(_text(middle, AXIS_UP - height - 6, str(day.unmet), ' class="strong"'))
    if day.empty:
        parts.append(_rect("free", left, AXIS_DOWN, wide, day.empty * down, day.words))
    if day.served:
        parts.append(_rect("bar", left, AXIS_DOWN, wide, day.served * down, day.words))
    parts.append(_text(middle, AXIS_DOWN + day.empty * down + 15, str(day.empty)))
    parts.append(_text(middle, 128, day.label, ' class="strong"'))
    parts.append(_text(middle, 143, day.weekday))
    return parts


def _open(frame: Frame, width: float, height: float) -> str:
    return (
        f'<svg class="chart" viewBox="0 0 {width:.0f} {height:.0f}" role="img"'
        f' aria-labelledby="{frame.id}-title {frame.id}-desc">'
        f'<title id="{frame.id}-title">{escape(frame.title)}</title>'
        f'<desc id="{frame.id}-desc">{escape(frame.description)}</desc>'
    )


def _hatch(chart: str) -> str:
    return (
        f'<defs><pattern id="{chart}-hatch" width="6" height="6" patternUnits="userSpaceOnUse"'
        ' patternTransform="rotate(45)"><path class="unmet" d="M0 0v6"/></pattern></defs>'
    )


def _rect(
    kind: str, x: float, y: float, width: float, height: float, words: str, fill: str = ""
) -> str:
    inked = f' fill="{fill}"' if fill else ""
    return (
        f'<rect class="{kind}"{inked} x="{x:.1f}" y="{y:.1f}" width="{width:.1f}"'
        f' height="{height:.1f}"><title>{escape(words)}</title></rect>'
    )


def _text(x: float, y: float, words: str, more: str = "") -> str:
    return f'<text{more} x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{escape(words)}</text>'
