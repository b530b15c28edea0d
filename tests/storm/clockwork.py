"""`reservation scheduler` for the storm, with short times, and a defect if one is planted."""

from reservation.cli import main
from tests.storm import haste, plants

if __name__ == "__main__":
    haste.apply()
    plants.apply()
    main(["scheduler"])
