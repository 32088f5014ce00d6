"""Lets `python -m app.cli` do what `candour` does."""

from app.cli import main

main()
