"""What every bench shares: alternating rounds, medians, ratios, and the kept result.

A figure alone says more about the machine than about the code. So each bench runs what it measures
and what it is measured against in turns within one run, and only their ratios are compared.
"""

from __future__ import annotations

import fcntl
import json
import os
import platform
import statistics
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"
PACKAGES = ("flask", "sqlalchemy", "psycopg", "granian")

Figures = Mapping[str, float]
Side = Callable[[], Figures]
"""One thing that is measured: runs once, answers named figures."""


@dataclass
class Rounds:
    """Each side's figures, one entry per round."""

    of: dict[str, list[Figures]] = field(default_factory=dict)

    def median(self, side: str, figure: str) -> float:
        """The median of one figure over the rounds."""
        return statistics.median(one[figure] for one in self.of[side])

    def ratio(self, side: str, to: str, figure: str = "rate") -> float:
        """The median of the rounds' ratios: both sides of a ratio ran beside each other."""
        pairs = zip(self.of[side], self.of[to], strict=True)
        return statistics.median(a[figure] / b[figure] for a, b in pairs)

    def medians(self) -> dict[str, dict[str, float]]:
        """All figures of all sides, by side."""
        return {
            side: {name: round(self.median(side, name), 4) for name in figures[0]}
            for side, figures in self.of.items()
        }


def alternate(sides: Mapping[str, Side], rounds: int = 3) -> Rounds:
    """Run every side once per round; every second round in the opposite order, so that a machine
    that gets slower or faster meanwhile favours none."""
    done = Rounds({name: [] for name in sides})
    for number in range(rounds):
        order = list(sides)[:: 1 if number % 2 == 0 else -1]
        for name in order:
            figures = sides[name]()
            done.of[name].append(figures)
            shown = "  ".join(f"{k} {v:.4g}" for k, v in figures.items())
            say(f"  round {number + 1}  {name:28} {shown}")
    return done


def keep(name: str, figures: Mapping[str, Any], goals: Sequence[Goal] = ()) -> Path:
    """Write bench/results/<name>.json with commit, date and machine, and show the goals."""
    for goal in goals:
        say(str(goal))
    document = {
        "bench": name,
        "commit": _commit(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "goals": [goal.row() for goal in goals],
        "figures": figures,
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    text = json.dumps(document, ensure_ascii=False, indent=2, default=str)
    path.write_text(text + "\n", "utf-8")
    say(f"kept as {path.parent.name}/{path.name}")
    return path


@dataclass(frozen=True)
class Goal:
    """A figure beside its goal: at least it, or with ``most`` at most it."""

    words: str
    figure: float
    goal: float
    most: bool = False

    @property
    def reached(self) -> bool:
        """Whether the figure is on the right side of its goal; on the line counts."""
        return self.figure <= self.goal if self.most else self.figure >= self.goal

    def row(self) -> dict[str, Any]:
        """As it is kept in the result."""
        sign = "<=" if self.most else ">="
        figure = round(self.figure, 3)
        return {
            "what": self.words,
            "goal": f"{sign} {self.goal}",
            "figure": figure,
            "reached": self.reached,
        }

    def __str__(self) -> str:
        row, mark = self.row(), "yes" if self.reached else "NO"
        return f"{mark:4} {row['figure']:>9} {row['goal']:>9}  {self.words}"


def machine() -> dict[str, Any]:
    """What the figures were taken on: no name and no path."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
        "load_1_5_15": [round(one, 2) for one in os.getloadavg()],
    }


@contextmanager
def alone(lock: str | None) -> Iterator[None]:
    """Hold the lock of a file while something is measured, so that benches take turns."""
    if lock is None:
        yield
        return
    with Path(lock).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which this share of the values lies (0.99 → p99); 0 for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def say(text: str) -> None:
    """A line for whoever runs the bench."""
    click.echo(text)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _commit() -> str:
    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    try:
        # Results are no code: a second bench of one evening is not "changed" by the first.
        changed = git("status", "--porcelain", "--", ".", ":!bench/results")
        return git("rev-parse", "--short=12", "HEAD") + (" with changes" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
