"""Journeys: a whole portal, used as people use it."""

import pytest

# Their assertions say as much as those of a test.
pytest.register_assert_rewrite(
    "tests.journeys.browsing",
    "tests.journeys.pages",
    "tests.journeys.running",
    "tests.journeys.scripted",
    "tests.journeys.visitors",
)
