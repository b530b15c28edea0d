"""Statistics: one decorated function each, found by code. Importing this package registers all."""

from reservation.figures import cancelling, capacity, chances, demand, months, splits, use, waiting
from reservation.figures.registry import FIGURES, Column, Figure, Name, Scope, Table, scope

__all__ = [
    "FIGURES", "Column", "Figure", "Name", "Scope", "Table", "cancelling", "capacity", "chances",
    "demand",
    "months", "scope", "splits", "use", "waiting",
]  # fmt: skip
