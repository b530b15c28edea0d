"""Browsers of the desk and the office."""

from __future__ import annotations

import pytest

from tests.staff.conftest import signed_in


@pytest.fixture
def desk(context, nurse):
    """The nurse's browser."""
    return signed_in(context, nurse.account_id)


@pytest.fixture
def office(context, officer):
    """The officer's browser."""
    return signed_in(context, officer.account_id)


@pytest.fixture
def boss(context, manager):
    """The manager's browser."""
    return signed_in(context, manager.account_id)
