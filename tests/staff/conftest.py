"""Browsers of people at the desk."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from reservation import clock as application_clock
from reservation.services import accounts, devices
from reservation.services.devices import Owner
from reservation.store.db import write
from tests.pages import Reader
from tests.town import Household, Worker


@pytest.fixture
def reader(app: Flask) -> Reader:
    """Somebody who is not signed in."""
    return Reader(app.test_client())


@pytest.fixture
def at_desk(context: Flask) -> Callable[[Worker], Reader]:
    """``at_desk(nurse)``: a browser in which this person is signed in."""

    def enter(who: Worker) -> Reader:
        return signed_in(context, who.account_id)

    return enter


def signed_in(app: Flask, account_id: str) -> Reader:
    """A browser with a staff device of this account, without the way through the pages."""
    with write() as db:
        token = devices.open_device(
            db, Owner(account_id=account_id), "desk", application_clock.now(), accounts.LASTS
        )
    client = app.test_client()
    client.set_cookie("desk", token)
    return Reader(client)


@pytest.fixture
def phone_of(context: Flask) -> Callable[[Household], Reader]:
    """``phone_of(sakura)``: a browser in which this family's guardian is signed in."""

    def enter(who: Household) -> Reader:
        owner = Owner(guardian_id=who.guardian_id)
        with write() as db:
            token = devices.open_device(db, owner, "phone", application_clock.now(), accounts.LASTS)
        client = context.test_client()
        client.set_cookie("device", token)
        return Reader(client)

    return enter
