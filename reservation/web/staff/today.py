"""Today, or any day by its date."""

from flask import render_template

from reservation.web.staff import bp


@bp.get("/staff/<facility_code>/")
def today(facility_code: str) -> str:
    """The day as it stands."""
    return render_template("staff/home.html", places=[])
