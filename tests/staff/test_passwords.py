"""What keeps a staff account: the price of a hash, and codes that count once."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pyotp
import pytest

from reservation.services import passwords, totp
from tests.conftest import Clock

PASSWORD = "correct horse battery"


def test_the_password_is_argon2id_with_19_mib() -> None:
    passwords.set_up(cheap=False)
    try:
        stored = passwords.hashed(PASSWORD)
        assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        assert passwords.matches(stored, PASSWORD)
        assert not passwords.matches(stored, PASSWORD + "!")
    finally:
        passwords.set_up(cheap=True)


def test_two_hashes_at_most_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once, most = 0, 0
    lock = threading.Lock()

    class Slow:
        def hash(self, _password: str) -> str:
            nonlocal at_once, most
            with lock:
                at_once += 1
                most = max(most, at_once)
            time.sleep(0.02)
            with lock:
                at_once -= 1
            return "x"

    monkeypatch.setattr(passwords, "_hasher", Slow())
    threads = [threading.Thread(target=passwords.hashed, args=["x"]) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert most == 2


def test_a_telephone_that_is_half_a_minute_late_is_right(clock: Clock) -> None:
    secret = totp.new_secret()
    at = clock.now()
    late = pyotp.TOTP(secret).at(at - timedelta(seconds=30))
    assert totp.step_of(secret, late, at, None) is not None
    assert totp.step_of(secret, f" {late[:3]} {late[3:]}", at, None) is not None
    too_late = pyotp.TOTP(secret).at(at - timedelta(seconds=90))
    assert totp.step_of(secret, too_late, at, None) is None
