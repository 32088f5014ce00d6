"""Slips: what one matter counts as, sealed to the statistics, and the box they wait in."""
