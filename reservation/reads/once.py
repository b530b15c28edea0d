"""Texts that are made once, however many ask for them at the same moment."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future


class Once:
    """The texts asked for last, by key. Who asks first makes one, who asks meanwhile waits."""

    def __init__(self, kept: int) -> None:
        self.kept = kept
        self._made: OrderedDict[str, Future[bytes]] = OrderedDict()
        self._turn = threading.Lock()

    def get(self, key: str, make: Callable[[], bytes]) -> bytes:
        """The text of this key. What ``make`` raises everybody who waited for it gets, and
        nothing is kept."""
        with self._turn:
            found = self._made.get(key)
            if found is None:
                made = self._made[key] = Future()
                if len(self._made) > self.kept:
                    self._made.popitem(last=False)
            else:
                self._made.move_to_end(key)
        if found is not None:
            return found.result()
        try:
            made.set_result(make())
        except BaseException as error:
            with self._turn:
                self._made.pop(key, None)
            made.set_exception(error)
            raise
        return made.result()
