"""Casework: a case on a desk, from its opening to an answer the reporter can read."""
