"""Trends: what many said, and how it is counted so that no one is in it to be seen."""
