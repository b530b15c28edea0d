"""The stage for these tests."""

from tests.bad_input.stage import scene, stage

__all__ = ["scene", "stage"]
