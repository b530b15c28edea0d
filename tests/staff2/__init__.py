"""The staff console: capacity, the week, registrations, people, paper."""
