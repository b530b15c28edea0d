"""Booking of sick-child day care for Japanese municipalities."""
