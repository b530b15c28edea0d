"""Every room's file is a rule book that names its sources and marks what was assumed."""

from __future__ import annotations

import jsonschema
import pytest
from click.testing import CliRunner

from reservation.cli import main
from reservation.domain.rulebook import documents
from tests.cases.conftest import ROOMS, rules

NAMES = sorted(path.stem for path in ROOMS.glob("*.yaml"))


@pytest.mark.parametrize("name", NAMES)
def test_it_is_a_rule_book(name: str) -> None:
    path = ROOMS / f"{name}.yaml"
    result = CliRunner().invoke(main, ["facility", "check", str(path)])
    assert result.exit_code == 0, result.output
    jsonschema.validate(
        documents.plain(rules(name)), documents.schema(), jsonschema.Draft202012Validator
    )
    assert path.read_text("utf-8").startswith("# ")
