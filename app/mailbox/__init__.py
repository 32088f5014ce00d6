"""Mailbox: a thread's final home; sealed entries of a reporter and of a desk, by date."""
