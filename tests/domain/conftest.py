"""Hypothesis for the rules: no deadline (the machine may be busy), the same examples in CI."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "local",
    deadline=None,
    database=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("ci", settings.get_profile("local"), derandomize=True)
settings.load_profile(
    "ci" if os.environ.get("CI") or os.environ.get("RESERVATION_TEST_REQUIRE") else "local"
)
