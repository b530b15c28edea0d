"""The rule book of the own facility: a form per section, made from the catalogue of settings."""
