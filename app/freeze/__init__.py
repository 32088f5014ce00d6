"""Freeze: two custodians unlock the statistics together, and what many said is published once."""
