"""The rule book: every setting of a facility, typed, labelled and effective-dated."""

from reservation.domain.rulebook.model import RuleBook

__all__ = ["RuleBook"]
