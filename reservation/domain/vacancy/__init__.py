"""Is there a place for this child? One answer for holding, marking, calling up and overriding."""

from reservation.domain.vacancy.board import Profile, band_of, board, profiles
from reservation.domain.vacancy.explaining import Explained, Line, More, explain
from reservation.domain.vacancy.fitting import (
    Answer,
    Fits,
    FitsAfterMove,
    No,
    fits,
    move,
    places_left,
    reseat,
)
from reservation.domain.vacancy.marks import Mark, mark
from reservation.domain.vacancy.plans import RoomPlan, RoomUse, misfits, plan
from reservation.domain.vacancy.together import fits_all, places

__all__ = [
    "Answer",
    "Explained",
    "Fits",
    "FitsAfterMove",
    "Line",
    "Mark",
    "More",
    "No",
    "Profile",
    "RoomPlan",
    "RoomUse",
    "band_of",
    "board",
    "explain",
    "fits",
    "fits_all",
    "mark",
    "misfits",
    "move",
    "places",
    "places_left",
    "plan",
    "profiles",
    "reseat",
]
