"""The benches' own parts: a generator that miscounts or a goal read backwards would flatter us."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import make_server

from bench import frame, load, stage
from bench.frame import Goal


@pytest.fixture
def address() -> Iterator[load.Address]:
    """A tiny site: /yes, /busy, and /gone, which hangs up."""
    site = Flask("site")
    site.add_url_rule("/yes", "yes", lambda: "yes" * 5000)
    site.add_url_rule("/busy", "busy", lambda: ("busy", 503))
    site.add_url_rule("/form", "form", lambda: "form", methods=["POST"])
    serving = make_server("127.0.0.1", 0, site, threaded=True)
    thread = threading.Thread(target=serving.serve_forever, daemon=True)
    thread.start()
    yield ("127.0.0.1", serving.server_port)
    serving.shutdown()
    thread.join()
    serving.server_close()


def asks(path: str, seen: list[bytes]) -> load.Reader:
    answer = yield load.get(path, kind=path)
    seen.append(answer.body)
    yield load.post("/form", {"a": "あ"}, kind="form")


def test_every_answer_is_counted_by_kind_and_status(address: load.Address) -> None:
    seen: list[bytes] = []
    readers = [asks(path, seen) for path in ["/yes", "/busy"] * 20]
    log = load.drive(address, readers, 8, limit=20)
    assert (log.count("/yes", 200), log.count("/busy", 503), log.count("form", 200)) == (20, 20, 40)
    assert log.errors() == 20
    assert log.unfinished == 0
    assert seen.count(b"yes" * 5000) == 20


def test_a_connection_that_is_refused_or_cut_counts_as_lost(address: load.Address) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]
    log = load.drive(("127.0.0.1", port), [asks("/yes", [])], 1, limit=5)
    assert (log.count("/yes", load.LOST), log.errors()) == (1, 2)


def test_what_the_time_limit_cuts_off_is_told(address: load.Address) -> None:
    readers = [asks("/yes", []) for _ in range(3)]
    log = load.drive(address, readers, 1, limit=0)
    assert log.unfinished == 3


def test_readers_come_at_their_times(address: load.Address) -> None:
    log = load.drive(
        address, [asks("/yes", []) for _ in range(3)], 3, limit=9, arrivals=[0, 0, 0.4]
    )
    assert log.seconds >= 0.4
    assert log.count("form") == 3


def test_a_ratio_is_taken_within_each_round_and_goals_know_their_side() -> None:
    figures = iter([{"rate": 10.0}, {"rate": 5.0}, {"rate": 8.0}, {"rate": 2.0}])
    done = frame.alternate({"ours": lambda: next(figures), "other": lambda: next(figures)}, 2)
    # The second round runs in the opposite order.
    assert done.of == {"ours": [{"rate": 10}, {"rate": 2}], "other": [{"rate": 5}, {"rate": 8}]}
    assert done.ratio("ours", "other") == (2 + 0.25) / 2
    assert not Goal("half", 0.4, 0.5).reached
    assert Goal("ms", 0.4, 0.5, most=True).reached


def test_the_cpu_of_a_tree_counts_this_process() -> None:
    before = stage.cpu_seconds(os.getpid())
    sum(n * n for n in range(2_000_000))
    assert stage.cpu_seconds(os.getpid()) > before
    assert stage.memory_kib(os.getpid()) > 10_000


def test_a_result_is_kept_with_what_it_was_taken_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frame, "RESULTS", tmp_path)
    kept = json.loads(frame.keep("x", {"a": 1}, [Goal("places", 1, 2)]).read_text())
    assert kept["goals"] == [{"what": "places", "goal": ">= 2", "figure": 1, "reached": False}]
    assert kept["machine"]["cores"] >= 1
    assert kept["commit"]
