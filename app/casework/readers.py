"""Who can read a case: found by trying a member's key on its header, when she is there.

Nothing that is stored says who may read, so nothing that is stolen does. What was found is kept
so that an inbox is a query and not a thousand decapsulations.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from app.audit.service import record
from app.casework.lulls import Lull
from app.casework.store import Cases, Readers
from app.envelope.errors import HeaderError, MacError
from app.envelope.identities import Identity
from app.envelope.opening import can_open
from app.envelope.places import Finder, FinderKey, Places
from app.identity.domain import StaffMember
from app.mailbox import service as mailboxes
from app.work import Work

# A header that does not open takes 16 trials, some 3 ms.
MOST_AT_ONCE = 50  # cases

_nothing_new = Lull()


@dataclass(frozen=True, slots=True, kw_only=True)
class Untried:
    """A case that a member's key was never tried on, with the headers to try."""

    ref: str
    headers: list[bytes]


class Tried(NamedTuple):
    """What came of trying: whether she may read, and where her stanza stands, for her alone."""

    ref: str
    may_read: bool
    places: bytes


def untried(work: Work, *, by: StaffMember) -> list[Untried]:
    """Return the newest cases on her desk that the key of `by` was never tried on."""
    if _nothing_new.lasts(work, by):
        return []
    cases = Cases(work.session).untried(desk=by.desk or "", member=by.id, most=MOST_AT_ONCE)
    if not cases:
        _nothing_new.begins(work, by)
        return []
    headers = mailboxes.first_headers(work, [case.mailbox for case in cases])
    return [Untried(ref=case.ref, headers=headers[case.mailbox]) for case in cases]


def try_key(
    cases: Iterable[Untried], identity: Identity, *, enough: Callable[[], bool]
) -> list[Tried]:
    """Return by reference which of `cases` open with `identity`, until there is `enough`.

    Needs no transaction, and takes a while.
    """
    found, key = [], FinderKey(identity)
    for case in cases:
        finder = key.finder()
        may_read = _may_read(case, finder)
        found.append(Tried(case.ref, may_read, finder.places.to_bytes()))
        if enough():
            break
    return found


def note(work: Work, found: list[Tried], *, by: StaffMember) -> None:
    """Note what was found. The log learns what came into her inbox, and not what did not."""
    new = set(Readers(work.session).add(by.id, found))
    for ref, may_read, _ in found:
        if may_read and ref in new:
            record(work, actor=by.id, verb="case.listed", subject=ref)


def places(work: Work, refs: Collection[str], *, by: StaffMember) -> dict[str, bytes | None]:
    """Return, by case, what is kept of where the stanzas of `by` stand."""
    return Readers(work.session).places(by.id, refs)


def keep_places(work: Work, found: Mapping[str, Places], *, by: StaffMember) -> None:
    """Keep where the stanzas of `by` stand, of those cases where something new was found."""
    new = {ref: places.to_bytes() for ref, places in found.items() if places.changed}
    Readers(work.session).keep_places(by.id, new)


def _may_read(case: Untried, finder: Finder) -> bool:
    # A concern that is gone or broken must come before somebody's eyes. Shown to nobody, as
    # one that is not for them, it would be the quietest way to be rid of it.
    if not case.headers:
        return True
    return any(_opens(header, finder) for header in case.headers)


def _opens(header: bytes, finder: Finder) -> bool:
    try:
        return can_open(header, finder)
    except (HeaderError, MacError):
        return True
