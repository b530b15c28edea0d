"""All tables. Importing this package fills ``Base.metadata``."""

from reservation.store.tables import access, bookings, jobs, money, months, people, places, records

__all__ = ["access", "bookings", "jobs", "money", "months", "people", "places", "records"]
