"""The mark that every view carries: who may come in. `tests/house` reads it."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

OPEN_TO_ALL = "open to all"
OPEN_TO_REPORTERS = "open to reporters"


def open_to_all(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a page of the staff side that needs no sign-in, such as the sign-in page itself."""
    view.door = OPEN_TO_ALL  # type: ignore[attr-defined]  # read by tests/house
    return view


def open_to_reporters(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a page without account or cookie; its forms carry one-use tickets."""
    view.door = OPEN_TO_REPORTERS  # type: ignore[attr-defined]  # read by tests/house
    return view
