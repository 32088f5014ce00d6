"""To which desks a thread was passed, by letters of those who could have passed it. Pure.

A server names the desk that a reporter's next letter goes to; it is believed only of a desk that a
verified letter vouches for. Who passes a case on is of the desk that it leaves, and signs the last
letter from there; a member who could never read it vouches for nothing but the desk she is on.

Source: docs/envelope-spec.md, section 9, rule 6; the same as `deskFor` in assets/report/thread.js.
"""

from collections.abc import Iterable

from app.envelope.keyring import Keyring
from app.envelope.letter import Kind, Letter


def desks_of(letters: Iterable[Letter], keyring: Keyring) -> frozenset[str]:
    """Return the desks that a thread was with.

    Args:
        letters: verified ones, in the order of the thread; of both sides.
        keyring: says who is on a desk today.
    """
    members = {desk.id: frozenset(desk.members) for desk in keyring.desks}
    desks: set[str] = set()
    could: set[str] = set()
    for letter in letters:
        if letter.kind is Kind.REPLY and not _may_vouch(letter, desks, could, members):
            continue
        desks.add(letter.desk)
        could.update(letter.readers)
    return frozenset(desks)


def _may_vouch(
    letter: Letter, desks: set[str], could: set[str], members: dict[str, frozenset[str]]
) -> bool:
    return letter.author in could or any(
        letter.author in members.get(desk, ()) for desk in {letter.desk, *desks}
    )
