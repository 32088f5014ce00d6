"""Reads the file that says who is on call: JSON, strictly."""

from pathlib import Path

from app.alerts.domain import OnCall, UnfitOnCall
from app.envelope.strict_json import (
    UnfitJson,
    names_of,
    object_in,
    read_object,
    text_in,
    texts_in,
)

FORMAT = "candour-on-call/1"
LONGEST = 100_000  # bytes


def read_on_call(path: Path) -> OnCall:
    """Return who is on call, as the file at `path` says.

    Raises:
        UnfitOnCall: if it cannot be read, or says something else.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST + 1)
    except OSError:
        raise UnfitOnCall(f"{path} cannot be read") from None
    if len(content) > LONGEST:
        raise UnfitOnCall(f"{path} is too long")
    try:
        found = read_object(content)
        names_of(found, ("format", "desks"))
        if text_in(found, "format") != FORMAT:
            raise UnfitOnCall(f"{path} is of another format than {FORMAT}")
        desks = object_in(found, "desks")
        return OnCall({desk: texts_in(desks, desk) for desk in desks})
    except UnfitJson as error:
        raise UnfitOnCall(f"{path}: {error}") from None
