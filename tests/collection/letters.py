"""Letters to collect: their envelopes are random bytes, because a collection opens none."""

import secrets
from dataclasses import dataclass

from app.intake.domain import Waiting
from app.intake.store import PART, Letters
from app.work import Work

HEADER = 400  # bytes; what matters is only that each is known again
SIZE = 9_000


@dataclass(frozen=True)
class Sent:
    letter: Waiting
    payload: bytes


def a_letter(**changes) -> Waiting:
    chosen = {
        "id": secrets.token_bytes(16),
        "tag_hash": secrets.token_bytes(32),
        "mailbox": secrets.token_bytes(32),
        "desk": "psd",
        "first": True,
        "urgent": False,
        "size": SIZE,
        "header": secrets.token_bytes(HEADER),
    }
    return Waiting(**{**chosen, **changes})


def a_later_letter(first: Waiting, **changes) -> Waiting:
    return a_letter(
        tag_hash=first.tag_hash, mailbox=first.mailbox, desk=None, first=False, **changes
    )


def drop(work: Work, letter: Waiting) -> Sent:
    """Put a letter into the letterbox, as a deposit does."""
    payload = secrets.token_bytes(letter.size)
    letters = Letters(work.session)
    assert letters.add(letter)
    for number, start in enumerate(range(0, len(payload), PART)):
        letters.add_part(letter.id, number, payload[start : start + PART])
    return Sent(letter, payload)
