"""Who can read a case: found by trying a member's key on its header, when she is there.

Nothing that is stored says who may read, so nothing that is stolen does. What was found is kept
so that an inbox is a query and not a thousand decapsulations.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.audit.service import record
from app.casework.lulls import Lull
from app.casework.store import Cases, Readers
from app.envelope.errors import HeaderError, MacError
from app.envelope.identities import Identity
from app.envelope.opening import can_open
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
) -> list[tuple[str, bool]]:
    """Return by reference which of `cases` open with `identity`, until there is `enough`.

    Needs no transaction, and takes a while.
    """
    found = []
    for case in cases:
        found.append((case.ref, _may_read(case, identity)))
        if enough():
            break
    return found


def note(work: Work, found: list[tuple[str, bool]], *, by: StaffMember) -> None:
    """Note what was found. The log learns what came into her inbox, and not what did not."""
    new = set(Readers(work.session).add(by.id, found))
    for ref, may_read in found:
        if may_read and ref in new:
            record(work, actor=by.id, verb="case.listed", subject=ref)


def _may_read(case: Untried, identity: Identity) -> bool:
    # A concern that is gone or broken must come before somebody's eyes. Shown to nobody, as
    # one that is not for them, it would be the quietest way to be rid of it.
    if not case.headers:
        return True
    return any(_opens(header, identity) for header in case.headers)


def _opens(header: bytes, identity: Identity) -> bool:
    try:
        return can_open(header, identity)
    except (HeaderError, MacError):
        return True
