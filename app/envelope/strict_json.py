"""JSON that has one meaning: what a signature covers must read the same to everybody.

Python's reader takes the last of two equal names, infinities, and halves of surrogate pairs;
a browser's does not agree with it in all of these.

Source: RFC 8259, section 4 (names), RFC 8785, section 3.1 (I-JSON); docs/envelope-spec.md,
section 5.
"""

import json
from typing import Never, TypeGuard

from app.envelope.errors import EnvelopeError

LARGEST_INTEGER = 2**53 - 1  # the largest that a browser reads exactly

Json = dict[str, "Json"] | list["Json"] | str | int | bool | None


class UnfitJson(EnvelopeError):
    """The bytes are not JSON as this portal writes it. Callers raise their own error instead."""


def read_object(content: bytes) -> dict[str, Json]:
    """Return the one object in `content` (UTF-8 without byte order mark).

    Raises:
        UnfitJson: if it is not JSON or not an object, if a name stands twice in an object, if a
            number is not an integer of at most 53 bits, or a string holds half a character.
    """
    try:
        value = json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_object,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
            parse_int=_integer,
        )
    except RecursionError:
        raise UnfitJson("the JSON is nested too deep") from None
    except ValueError:
        raise UnfitJson("not UTF-8 JSON") from None
    if not isinstance(value, dict):
        raise UnfitJson("not a JSON object")
    # UTF-8 has none itself, so one can only be spelt out.
    if b"\\u" in content:
        _refuse_half_characters(value)
    return value


def write_object(value: dict[str, Json]) -> bytes:
    """Return `value` as JSON in UTF-8, without blanks, its names in their order."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def names_of(value: dict[str, Json], names: tuple[str, ...]) -> None:
    """Check that `value` has exactly these `names`.

    Raises:
        UnfitJson: if one is missing or unknown.
    """
    if value.keys() != set(names):
        raise UnfitJson("an object has a name too many or too few")


def text_in(value: dict[str, Json], name: str) -> str:
    """Return the string under `name`, or raise UnfitJson."""
    found = value.get(name)
    if not isinstance(found, str):
        raise UnfitJson(f"{name} is not a string")
    return found


def integer_in(value: dict[str, Json], name: str, *, least: int = 0) -> int:
    """Return the integer under `name`, at least `least`, or raise UnfitJson."""
    found = value.get(name)
    # True is an int to Python.
    if not isinstance(found, int) or isinstance(found, bool) or found < least:
        raise UnfitJson(f"{name} is not an integer of at least {least}")
    return found


def texts_in(value: dict[str, Json], name: str) -> tuple[str, ...]:
    """Return the array of strings under `name`, or raise UnfitJson."""
    found = value.get(name)
    if not isinstance(found, list) or not _all_texts(found):
        raise UnfitJson(f"{name} is not an array of strings")
    return tuple(found)


def objects_in(value: dict[str, Json], name: str) -> list[dict[str, Json]]:
    """Return the array of objects under `name`, or raise UnfitJson."""
    found = value.get(name)
    if not isinstance(found, list):
        raise UnfitJson(f"{name} is not an array of objects")
    objects = [item for item in found if isinstance(item, dict)]
    if len(objects) != len(found):
        raise UnfitJson(f"{name} is not an array of objects")
    return objects


def object_in(value: dict[str, Json], name: str) -> dict[str, Json]:
    """Return the object under `name`, or raise UnfitJson."""
    found = value.get(name)
    if not isinstance(found, dict):
        raise UnfitJson(f"{name} is not an object")
    return found


def _all_texts(values: list[Json]) -> TypeGuard[list[str]]:
    return all(isinstance(value, str) for value in values)


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError
    return value


def _integer(digits: str) -> int:
    value = int(digits)
    if abs(value) > LARGEST_INTEGER:
        raise ValueError
    return value


def _refuse_number(_text: str) -> Never:
    raise ValueError


def _refuse_half_characters(value: dict[str, Json]) -> None:
    try:
        write_object(value)
    except UnicodeEncodeError:
        raise UnfitJson("a string holds half a character") from None
