"""Audit: who did what to which case, in a log from which nothing can be taken unnoticed."""
