"""All tables. Importing this package fills ``Base.metadata``."""

from reservation.store.tables import (
    access,
    bookings,
    jobs,
    money,
    months,
    papers,
    people,
    places,
    records,
)

__all__ = [
    "access", "bookings", "jobs", "money", "months", "papers", "people", "places", "records",
]  # fmt: skip
