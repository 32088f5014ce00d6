"""Alerts: tells the people on call that something urgent waits, and nothing else."""
