"""Routing: which desk a concern goes to, decided before it is sealed."""
