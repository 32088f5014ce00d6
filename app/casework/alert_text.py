"""How an alert of retaliation begins, and how the desk that gets it knows it for one. Pure.

The words are what the desk reads; that they say which case it is about is how a reply finds its
way: nobody keeps the keys of the alert's own mailbox. They prove nothing: any reporter can begin
with them and any reference. So a page says that the concern says so, and whoever finds that it is
none removes the link; until then no clock promises its reporter a letter.
"""

import re

from app.casework.domain import REFERENCE

_BEGINS = (
    "Alert of retaliation, written by the desk “{desk}” for the reporter of its case {ref}. Nobody "
    "reads what is answered here: the reporter is reached through that case.\n\n"
)
_FIRST_LINE = re.compile(
    re.escape(_BEGINS)
    .replace(r"\{desk\}", "[^“”\n]{1,80}")
    .replace(r"\{ref\}", f"({REFERENCE.pattern})"),
    re.ASCII,
)


def begin(desk: str, ref: str) -> str:
    """Return the words before those of an alert.

    Args:
        desk: the label of the desk that writes it.
        ref: the case in which its reporter said so.
    """
    return _BEGINS.format(desk=desk, ref=ref)


def case_in(words: str) -> str:
    """Return the case that a concern is an alert for; empty if it is none."""
    found = _FIRST_LINE.match(words)
    return "" if found is None else found[1]
