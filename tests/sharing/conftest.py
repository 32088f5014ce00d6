"""The same desk at work as in the tests of casework."""

from tests.casework.conftest import _quick, compiled, desk  # noqa: F401
