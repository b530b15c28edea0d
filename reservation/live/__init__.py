"""The live stream: `/live?topic=…` as server-sent events, and the one-port server around it.

Embedded, `reservation serve` runs `create` (pages and stream on one port). Beyond one machine the
pages run from wsgi.py and the stream alone:

    granian --interface asgi --factory --backpressure 20000 --workers-kill-timeout 10 \\
        reservation.live:streams

with a proxy that sends `/live` there; or nginx with nchan carries it, fed by
`reservation publisher` (publisher.py). How it works and what it sends: docs/vacancy.md.
"""

from reservation.live.server import create, publisher, streams

__all__ = ["create", "publisher", "streams"]
