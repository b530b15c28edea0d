"""What a day costs, in whole yen: the price that is promised, and the bill at pick-up."""

from reservation.domain.fees.bill import MOST, Bill, Extras, Line, Stay, bill, late_cancelled
from reservation.domain.fees.tariff import Payer, lives, price, spans

__all__ = [
    "MOST",
    "Bill",
    "Extras",
    "Line",
    "Payer",
    "Stay",
    "bill",
    "late_cancelled",
    "lives",
    "price",
    "spans",
]
