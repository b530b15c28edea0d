"""What this process has counted since it started: requests, waits for locks, open streams.

The numbers live in the process's memory, so each carries the label `process`: several workers take
turns in answering `/metrics`, and rates are summed over it. What the installation has to say as a
whole stands in the database (reads/measures.py).
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from reservation import clock

REGISTRY = CollectorRegistry()

_REQUESTS = Counter(
    "reservation_requests",
    "Requests answered, by whose pages they were and by status.",
    ("process", "pages", "status"),
    registry=REGISTRY,
)
_READY = Counter(
    "reservation_ready_answers",
    "Public answers sent from memory without asking anybody.",
    ("process",),
    registry=REGISTRY,
)
_SECONDS = Histogram(
    "reservation_request_seconds",
    "Seconds from a request to its answer.",
    ("process", "pages"),
    registry=REGISTRY,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_WAITS = Histogram(
    "reservation_lock_wait_seconds",
    "Seconds waited for a lock: the turn to write on SQLite, the days of facilities.",
    ("process", "lock"),
    registry=REGISTRY,
    buckets=(0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10),
)
_STREAMS = Gauge(
    "reservation_streams", "Live streams that are open.", ("process",), registry=REGISTRY
)


def request(pages: str, status: int, seconds: float) -> None:
    """Count an answered request. ``pages`` is the guard of its page: a handful of words."""
    process = _process()
    _REQUESTS.labels(process, pages, str(status)).inc()
    _SECONDS.labels(process, pages).observe(seconds)


def ready() -> None:
    """Count a public answer that was ready."""
    _READY.labels(_process()).inc()


@contextmanager
def waiting_for(lock: str) -> Iterator[None]:
    """Measure how long the block waits for that lock, whether it gets it or not."""
    begun = clock.monotonic()
    try:
        yield
    finally:
        _WAITS.labels(_process(), lock).observe(clock.monotonic() - begun)


def streams(count: Callable[[], int]) -> None:
    """Ask here how many streams are open, whenever somebody looks."""
    _STREAMS.labels(_process()).set_function(count)


def _process() -> str:
    return str(os.getpid())
