"""`python -m reservation` is the command `reservation`."""

from reservation.cli import main

if __name__ == "__main__":
    main()
