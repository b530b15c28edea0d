"""YAML as plain values with the line of each: times stay words, nothing is taken twice.

YAML 1.1 reads 8:45 as 525 and ``no`` as false, keeps the last of two equal names in silence and
follows aliases. Opening hours are no place for surprises, so this reader knows numbers, true,
false and empty, and takes all else as words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import yaml

from reservation.domain.rulebook.mistakes import NAMES, TWICE, BrokenRuleBook, Loc, Mistake
from reservation.domain.words import N_

SYNTAX = N_(
    "YAML として読めません。字下げ(半角の空白)、「:」の後の空白、"
    "閉じていない引用符を確かめてください。"
)
TOO_LARGE = N_("ファイルが大きすぎます。")
NO_TAGS = N_("「!」「&」「*」で始まる書き方は使えません。")
NO_SUCH_SIGN = N_("使えない文字がふくまれています。")

LONGEST = 200_000
DEEPEST = 12

_TAG = "tag:yaml.org,2002:"
RESOLVERS = (
    ("null", re.compile(r"(|~|null)\Z"), ["", "~", "n"]),
    ("bool", re.compile(r"(true|false)\Z"), ["t", "f"]),
    ("int", re.compile(r"-?(0|[1-9]\d{0,15})\Z", re.ASCII), list("-0123456789")),
    ("float", re.compile(r"-?(0|[1-9]\d{0,15})\.\d{1,15}\Z", re.ASCII), list("-0123456789")),
)


class Loader(yaml.SafeLoader):
    """Composes the tree of nodes; aliases and deep nesting are refused with their line."""

    yaml_implicit_resolvers = {}
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """As pyyaml does, within limits. Raises BrokenRuleBook."""
        event: yaml.NodeEvent = self.peek_event()  # type: ignore[no-untyped-call]
        line = event.start_mark.line + 1 if event.start_mark else 0
        if event.anchor or getattr(event, "tag", None):
            raise BrokenRuleBook([Mistake((), None, NO_TAGS, line=line)])
        self.depth += 1
        if self.depth > DEEPEST:
            raise BrokenRuleBook([Mistake((), None, SYNTAX, line=line)])
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


for _name, _shape, _first in RESOLVERS:
    Loader.add_implicit_resolver(_TAG + _name, _shape, _first)


class Tree:
    """The values of a document, and where each of them stands."""

    def __init__(self, text: str) -> None:
        """Reads ``text``. Raises BrokenRuleBook where it is no YAML or says a thing twice."""
        self.lines: dict[Loc, int] = {(): 1}
        self._mistakes: list[Mistake] = []
        root = _compose(text)
        self.data = self._mapping(root, ()) if isinstance(root, yaml.MappingNode) else {}
        if not isinstance(root, yaml.MappingNode):
            self._mistakes.append(Mistake((), None, NAMES, line=1))
        if self._mistakes:
            raise BrokenRuleBook(self._mistakes)

    def line(self, loc: Loc) -> int:
        """The line, from 1, of this place or of the nearest place around it that was written."""
        while loc not in self.lines:
            loc = loc[:-1]
        return self.lines[loc]

    def _value(self, node: yaml.Node, loc: Loc) -> object:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, loc)
        if isinstance(node, yaml.SequenceNode):
            return [self._item(item, (*loc, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, loc)

    def _item(self, node: yaml.Node, loc: Loc) -> object:
        self.lines[loc] = node.start_mark.line + 1
        return self._value(node, loc)

    def _mapping(self, node: yaml.MappingNode, loc: Loc) -> Mapping[str, object]:
        values: dict[str, object] = {}
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
            place = (*loc, name)
            line = key.start_mark.line + 1
            if not name:
                self._mistakes.append(Mistake(loc, None, NAMES, line=line))
                continue
            if name in values:
                self._mistakes.append(Mistake(place, None, TWICE, line=line))
            self.lines[place] = line
            values[name] = self._value(value, place)
        return values

    def _scalar(self, node: yaml.Node, loc: Loc) -> object:
        text = str(node.value)
        if any("\ud800" <= sign <= "\udfff" for sign in text):
            self._mistakes.append(Mistake(loc, None, NO_SUCH_SIGN, line=self.line(loc)))
        read = _SCALARS.get(node.tag.removeprefix(_TAG))
        return read(text) if read else text


_SCALARS: dict[str, Callable[[str], object]] = {
    "null": lambda text: None,
    "bool": lambda text: text == "true",
    "int": int,
    "float": float,
}


def _compose(text: str) -> yaml.Node | None:
    if len(text) > LONGEST:
        raise BrokenRuleBook([Mistake((), None, TOO_LARGE, line=1)])
    try:
        return Loader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        # a quote that never ends is found at the end of the file: say where it began
        endless = error.context == "while scanning a quoted scalar"
        mark = error.context_mark if endless else error.problem_mark
        line = mark.line + 1 if mark else 1
        said = "".join(text.splitlines()[line - 1 : line]).strip()
        raise BrokenRuleBook([Mistake((), said or None, SYNTAX, line=line)]) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise BrokenRuleBook([Mistake((), None, NO_SUCH_SIGN, line=line)]) from error
