"""Coroutines in tests: the browser keeps an event loop at work in the test's own thread, so that
`asyncio.run` is refused there as soon as any test of the process has used a browser."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Answer = TypeVar("Answer")


def run(story: Coroutine[Any, Any, Answer], within: float = 10) -> Answer:
    """Run to its end in a thread and a loop of its own, with this thread's context."""
    here = contextvars.copy_context()

    async def told() -> Answer:
        return await asyncio.wait_for(story, within)

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(here.run, asyncio.run, told()).result()
