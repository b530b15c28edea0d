"""A bare asyncio server of one event stream: what a delivery costs at least.

    python -m bench.bare_stream PORT DATABASE BYTES

Listens to the database's channel of changed days; after each notice everybody is written one event
of so many bytes. No HTTP beyond a first line, no topics, no limit, nothing looked up.
"""

from __future__ import annotations

import asyncio
import sys
from itertools import count

import psycopg

from reservation.store.days import CHANGES

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nretry: 1000\n\n"


async def serve(port: int, url: str, size: int) -> None:
    """Serve until killed."""
    lines: set[asyncio.StreamWriter] = set()

    async def open_(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(_HEAD + _event(0, size))
        lines.add(writer)
        await reader.read()
        lines.discard(writer)
        writer.close()

    connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
    await connection.execute(f"LISTEN {CHANGES}")
    numbers = count(1)
    async with await asyncio.start_server(open_, "127.0.0.1", port, backlog=4096):
        async for _notice in connection.notifies():
            message = _event(next(numbers), size)
            for writer in list(lines):
                writer.write(message)


def _event(number: int, size: int) -> bytes:
    return b"id: %d\ndata: %s\n\n" % (number, b"x" * size)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
