"""The table of steps drawn as a diagram, and as the page docs/states.md."""

from __future__ import annotations

from collections.abc import Iterator

from reservation.domain.states import (
    ENDED,
    HOLDS_A_PLACE,
    ON_THE_LIST,
    STEPS,
    WORDS,
    Actor,
    State,
    Step,
)

_START_OR_END = "[*]"
_LETTERS = {Actor.FAMILY: "F", Actor.STAFF: "S", Actor.CLOCK: "C"}
_INTRODUCTION = """\
# States of a booking

A booking is one child, one facility, one care day. This page is written from the table of steps
in `reservation/domain/states.py` (`bash scripts/docs.sh`). A step that is not listed here does not
happen: pages draw their buttons from the table, services ask it again.

Who may take a step: **F** the family, **S** staff of the facility, **C** time itself.
"""


def mermaid() -> str:
    """The states and steps as a Mermaid state diagram: one arrow for each pair of states."""
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{state.name}<br>{WORDS[state]}" as {state}' for state in State]
    arrows: dict[tuple[str, str], list[str]] = {}
    for step in STEPS:
        label = f"{step.action} ({_who(step)})"
        arrows.setdefault((step.frm or _START_OR_END, step.to), []).append(label)
    lines += [f"    {frm} --> {to}: {', '.join(on)}" for (frm, to), on in arrows.items()]
    lines += [f"    {state} --> {_START_OR_END}" for state in State if state in ENDED]
    return "\n".join(lines)


def markdown() -> str:
    """The page docs/states.md."""
    parts = [
        _INTRODUCTION,
        f"```mermaid\n{mermaid()}\n```\n",
        "## States\n",
        "\n".join(_states()) + "\n",
        "## Steps\n",
        "*frees*: a place comes back that is new to the waiting list.\n",
        "\n".join(_steps()),
    ]
    return "\n".join(parts) + "\n"


def _states() -> Iterator[str]:
    yield "| state | shown as | |"
    yield "|---|---|---|"
    for state in State:
        yield f"| {state.name} | {WORDS[state]} | {_kind(state)} |"


def _kind(state: State) -> str:
    if state in HOLDS_A_PLACE:
        return "holds a place" + (" until its end" if state is State.HELD else "")
    if state in ON_THE_LIST:
        return (
            "on the list; its round reserves the place" if state is State.OFFERED else "on the list"
        )
    return "end"


def _steps() -> Iterator[str]:
    yield "| from | action | to | who | words | tells | |"
    yield "|---|---|---|---|---|---|---|"
    for step in STEPS:
        frm = step.frm.name if step.frm else "(new)"
        tells = f"`{step.tells}`" if step.tells else ""
        notes = [word for word, so in (("reason", step.needs_reason), ("frees", step.frees)) if so]
        yield (
            f"| {frm} | `{step.action}` | {step.to.name} | {_who(step)} | {step.words} | {tells} "
            f"| {', '.join(notes)} |"
        )


def _who(step: Step) -> str:
    return " ".join(letter for actor, letter in _LETTERS.items() if actor in step.actors)
