"""All tables. Importing this package fills ``Base.metadata``."""

from reservation.store.tables import access, bookings, installation, jobs, people, places, records

__all__ = ["access", "bookings", "installation", "jobs", "people", "places", "records"]
