"""Every step of the table and every reason of a refusal is reached through the services by some
test of the whole run: ``pytest --reached`` fails with the names of those that none has reached.

Noted are the audit rows that acts write, the outcomes that they answer, and the reasons that are
kept of who was passed over, in every test process; the first process puts them together. A part of
the tests reaches a part of the steps, so only scripts/test.sh, which runs all, asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import wraps
from typing import Any

import pytest

from reservation.domain.refusals import Code, Refusal
from reservation.domain.states import STEPS
from reservation.domain.values import Booking
from reservation.services import audit, skips
from reservation.services.outcomes import Outcome
from reservation.store.together import New

EVERY = {f"step {one.frm} → {one.action} → {one.to}" for one in STEPS} | {
    f"refusal {code}" for code in Code
}
FOUND = pytest.StashKey[set[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--reached", action="store_true",
        help="fail unless every step and every refusal of the services was reached",
    )  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    config.stash[FOUND] = found = set()
    _note_rows(found)
    _note_outcomes(found)
    _note_skipped(found)


def _note_rows(found: set[str]) -> None:
    make = audit.row

    @wraps(make)
    def row(*values: Any, **named: Any) -> New:
        if values[3] == "booking" and named.get("to") is not None:
            found.add(f"step {named.get('frm')} → {values[2]} → {named['to']}")
            found.add(f"refusal {named.get('reason')}")
        return make(*values, **named)

    audit.row = row


def _note_outcomes(found: set[str]) -> None:
    begin = Outcome.__init__

    @wraps(begin)
    def init(self: Outcome, *values: Any, **named: Any) -> None:
        begin(self, *values, **named)
        if self.is_refused:
            found.update(f"refusal {one.code}" for one in self.refusals)

    Outcome.__init__ = init  # type: ignore[method-assign]


def _note_skipped(found: set[str]) -> None:
    keep = skips.kept

    @wraps(keep)
    def kept(skipped: Sequence[tuple[Booking, Refusal]]) -> list[dict[str, Any]]:
        found.update(f"refusal {why.code}" for _, why in skipped)
        return keep(skipped)

    skips.kept = kept


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["reached"] = sorted(session.config.stash[FOUND])
    elif session.config.getoption("--reached") and missing(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A process of pytest-xdist is done and hands over what it has noted."""
    node.config.stash[FOUND].update(getattr(node, "workeroutput", {}).get("reached", ()))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if config.getoption("--reached"):
        lines: Iterable[str] = missing(config) or ["every step and every refusal"]
        terminalreporter.section("not reached by any test" if missing(config) else "reached")
        for line in lines:
            terminalreporter.line(line)


def missing(config: pytest.Config) -> list[str]:
    """The names of what no test has reached."""
    return sorted(EVERY - config.stash[FOUND])
