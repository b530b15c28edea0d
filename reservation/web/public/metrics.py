"""`/metrics` for Prometheus: inner addresses, or whoever brings the token; for others a 404."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterator

from flask import Response, abort, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from reservation import clock, meters
from reservation.reads import measures
from reservation.settings import Settings
from reservation.web.public import bp


@bp.get("/metrics")
def metrics() -> Response:
    settings: Settings = current_app.extensions["settings"]
    if not (_is_inner(settings) or _has_token(settings)):
        abort(404)
    registry = CollectorRegistry()
    registry.register(_Measures())
    body = generate_latest(registry) + generate_latest(meters.REGISTRY)
    return Response(body, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


class _Measures(Collector):
    """The measures of the database, in Prometheus' words."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for one in measures.look(clock.now):
            family = GaugeMetricFamily(one.name, one.about, labels=[one.label] if one.label else [])
            for label, value in one.values.items():
                family.add_metric([label] if one.label else [], value)
            yield family


def _is_inner(settings: Settings) -> bool:
    """Whether the asker is this machine or a private network.

    Behind a proxy that nobody told us of, everybody would be.
    """
    if not settings.proxy_hops and request.headers.get("X-Forwarded-For"):
        return False
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return False
    return address.is_loopback or address.is_private


def _has_token(settings: Settings) -> bool:
    brought = request.headers.get("Authorization", "")
    wanted = f"Bearer {settings.metrics_token}"
    return bool(settings.metrics_token) and hmac.compare_digest(brought.encode(), wanted.encode())
