"""Keyring: the signed list of desks, their members and keys, as this server has come to know it."""
