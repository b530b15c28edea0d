"""Measurements, one command each: `python -m bench.<name>` (README.md)."""
