"""Reads JSON of which exactly one spelling is accepted, and says where it is wrong.

What is hashed and signed must read the same to everybody; what a person edits may be laid out as
she likes, but no name may stand twice or be unknown.
"""

import json
import re
from fractions import Fraction
from typing import Never

from app.errors import Broken

Json = dict[str, "Json"] | list["Json"] | str | int | bool | None
LARGEST = 2**53 - 1  # the largest whole number that every reader reads exactly
_FRACTION = re.compile(r"([0-9]{1,9})(?:/([1-9][0-9]{0,8}))?", re.ASCII)


class UnfitJson(Broken):
    """The bytes are not JSON of the shape that was asked for."""


def read_object(content: bytes) -> dict[str, Json]:
    """Return the one object in `content`, or raise UnfitJson."""
    try:
        value = json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_object,
            parse_float=_refuse,
            parse_constant=_refuse,
            parse_int=_integer,
        )
        # Half a character cannot be stored, nor shown.
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise UnfitJson("not JSON with whole numbers and each name once") from None
    if not isinstance(value, dict):
        raise UnfitJson("not a JSON object")
    return value


def canonical(value: dict[str, Json]) -> bytes:
    """Return the one spelling of `value`: sorted names, no blanks, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def names_of(value: dict[str, Json], *names: str) -> None:
    """Check that `value` has exactly these names, or raise UnfitJson."""
    if value.keys() != set(names):
        wrong = sorted(value.keys() ^ set(names))
        raise UnfitJson(f"names missing or unknown: {', '.join(wrong[:5])}")


def text_in(value: dict[str, Json], name: str) -> str:
    """Return the string under `name`, or raise UnfitJson."""
    found = value.get(name)
    if not isinstance(found, str) or not found:
        raise UnfitJson(f"{name} is not a text")
    return found


def number_in(value: dict[str, Json], name: str) -> int:
    """Return the whole number from nought under `name`, or raise UnfitJson."""
    found = value.get(name)
    # True is an int to Python.
    if not isinstance(found, int) or isinstance(found, bool) or found < 0:
        raise UnfitJson(f"{name} is not a whole number from nought")
    return found


def fraction_in(value: dict[str, Json], name: str) -> Fraction:
    """Return the fraction from nought under `name`, written 3/10 or 3, or raise UnfitJson."""
    found = _FRACTION.fullmatch(text_in(value, name))
    if found is None:
        raise UnfitJson(f"{name} is not a fraction")
    return Fraction(int(found[1]), int(found[2] or 1))


def texts_in(value: dict[str, Json], name: str) -> tuple[str, ...]:
    """Return the array of strings under `name`, or raise UnfitJson."""
    found = value.get(name)
    texts = [item for item in found if isinstance(item, str)] if isinstance(found, list) else None
    if texts is None or not isinstance(found, list) or len(texts) != len(found):
        raise UnfitJson(f"{name} is not a list of texts")
    return tuple(texts)


def objects_in(value: dict[str, Json], name: str) -> list[dict[str, Json]]:
    """Return the array of objects under `name`, or raise UnfitJson."""
    found = value.get(name)
    objects = (
        [item for item in found if isinstance(item, dict)] if isinstance(found, list) else None
    )
    if objects is None or not isinstance(found, list) or len(objects) != len(found):
        raise UnfitJson(f"{name} is not a list of objects")
    return objects


def object_in(value: dict[str, Json], name: str) -> dict[str, Json]:
    """Return the object under `name`, or raise UnfitJson."""
    found = value.get(name)
    if not isinstance(found, dict):
        raise UnfitJson(f"{name} is not an object")
    return found


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError
    return value


def _integer(digits: str) -> int:
    value = int(digits)
    if abs(value) > LARGEST:
        raise ValueError
    return value


def _refuse(_text: str) -> Never:
    raise ValueError
