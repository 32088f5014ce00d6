"""Intake: a reporter writes, receives twelve words, and comes back with them."""
