"""Ids of members and desks, as the keyring gives them and letters repeat them.

Source: docs/envelope-spec.md, section 7.
"""

import re

REPORTER = "reporter"  # the author of a reporter's letters; no member may have this id

_IDENTIFIER = re.compile(r"[a-z][a-z0-9-]{1,30}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


def is_identifier(text: str) -> bool:
    """Tell whether `text` is an id: a small letter, then 1 to 30 of them, digits or hyphens."""
    return _IDENTIFIER.fullmatch(text) is not None


def is_digest(text: str) -> bool:
    """Tell whether `text` is a SHA-256 in 64 small hexadecimal digits."""
    return _DIGEST.fullmatch(text) is not None


def is_sorted_set(identifiers: tuple[str, ...]) -> bool:
    """Tell whether these are ids, sorted, none of them twice."""
    return identifiers == tuple(sorted(set(identifiers))) and all(map(is_identifier, identifiers))
