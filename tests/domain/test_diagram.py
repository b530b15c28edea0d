"""The diagram of the steps, and the page made from it."""

from __future__ import annotations

import re
from pathlib import Path

from reservation.domain import diagram
from reservation.domain.states import ENDED, HOLDS_A_PLACE, STEPS, WORDS, State

DOCS = Path(__file__).parents[2] / "docs"
ARROW = re.compile(r"^    (\S+) --> (\S+?)(?:: (.+))?$", re.MULTILINE)
LABEL = re.compile(r"(\w+) \(([FSC ]+)\)")


def test_every_step_is_drawn_once_and_nothing_else() -> None:
    drawn = [
        (frm, action, to, who.replace(" ", ""))
        for frm, to, labels in ARROW.findall(diagram.mermaid())
        for action, who in LABEL.findall(labels)
    ]
    letters = {"family": "F", "staff": "S", "clock": "C"}
    table = [
        (
            line.frm.value if line.frm else "[*]",
            line.action,
            line.to.value,
            "".join(sorted((letters[a] for a in line.actors), key="FSC".index)),
        )
        for line in STEPS
    ]
    assert sorted(drawn) == sorted(table)


def test_every_pair_of_states_has_one_arrow_and_every_end_leads_out() -> None:
    arrows = [(frm, to) for frm, to, _ in ARROW.findall(diagram.mermaid())]
    assert len(arrows) == len(set(arrows))
    assert {frm for frm, to in arrows if to == "[*]"} == {state.value for state in ENDED}


def test_every_state_stands_with_its_words() -> None:
    drawn = diagram.mermaid()
    for state in State:
        assert f'state "{state.name}<br>{WORDS[state]}" as {state.value}\n' in drawn


def test_the_page_says_who_holds_a_place_whom_a_step_tells_and_what_it_frees() -> None:
    page = diagram.markdown()
    rows = dict(re.findall(r"^\| ([A-Z_]+) \| [^|`]+ \| ([^|]+) \|$", page, re.MULTILINE))
    assert {name for name, kind in rows.items() if "holds a place" in kind} == {
        state.name for state in HOLDS_A_PLACE
    }
    assert {name for name, kind in rows.items() if kind == "end"} == {s.name for s in ENDED}
    assert rows["OFFERED"] == "on the list; its round reserves the place"
    assert rows["WAITING"] == "on the list"
    assert "| (new) | `hold` | HELD | F S | 席をおさえる |  |  |" in page
    assert "| REQUESTED | `decline` | DECLINED | S C | 断る | `declined` | reason, frees |" in page
    assert page.count("\n| ") == 2 + len(State) + len(STEPS)


def test_the_page_in_the_documentation_is_today() -> None:
    """Otherwise: bash scripts/docs.sh."""
    assert (DOCS / "states.md").read_text("utf-8") == diagram.markdown()
