"""Who reads a case, changed: the sheet says it, every header follows, and the rest see no row.

Rewrapping leaves the keys of what somebody opened before as they are; who had opened it stays on
record. Where that is not enough, the case is passed to another desk and sealed anew.
"""

from collections.abc import Collection
from dataclasses import dataclass

from app.audit.service import record
from app.casework import copies, decisions, second_person, service, sheet_keeping
from app.casework.domain import Case, SealedSheet
from app.casework.reading import Folder
from app.casework.renewal_rows import DeskTexts
from app.casework.resealing import Changed, rewrap
from app.casework.sheet import CaseSheet
from app.casework.sheet_keeping import OpenSheet, Pen
from app.casework.store import Readers, Sheets
from app.envelope.keyring import Member
from app.envelope.recipients import Recipient
from app.mailbox import service as mailboxes
from app.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Lying:
    """A case as it lies there: its envelopes, its sheets, and whom its reporter's go to."""

    folder: Folder
    versions: tuple[SealedSheet, ...]
    reporter: Recipient


def save(
    work: Work,
    lying: Lying,
    before: OpenSheet,
    after: CaseSheet,
    *,
    version: int,
    pen: Pen,
) -> Case:
    """Save a sheet that says who reads the case, and let every envelope of it follow.

    Args:
        work: the transaction.
        lying: the case, as it was read.
        before: its sheet, as it was on the screen.
        after: what the sheet is to say.
        version: of the case, as it was on the screen.
        pen: who writes; she stays a reader.

    Raises:
        Missing: if she may not read the case any more.
        NobodyLeft: if nobody would read it.
        Conflict: if case, sheet or thread moved on.
    """
    case = decisions.held(work, lying.folder.case.ref, version=version, by=pen.by)
    readers = sheet_keeping.readers_by(after, pen.readers)
    sheet_keeping.save(work, case, before, after, pen=pen)
    saved = service.save(work, case)
    follow(work, saved, lying, readers, everybody=pen.keyring.desk(case.desk).members, pen=pen)
    return saved


def follow(
    work: Work,
    case: Case,
    lying: Lying,
    readers: Collection[Member],
    *,
    everybody: Collection[str],
    pen: Pen,
) -> None:
    """Wrap every envelope of a case for `readers` and the reporter, and for nobody else.

    The transaction holds the case, and its caller knows that the member may read it.

    Raises:
        Conflict: if a letter came that was not read.
    """
    texts = DeskTexts(work.session)
    changed = rewrap(
        lying.folder.entries,
        lying.versions,
        pen.key.identity,
        reporter=lying.reporter,
        readers=tuple(readers),
        texts=texts.headers(case.ref),
    )
    texts.put_again(changed.headers.items())
    _write(work, case, lying, changed)
    kept = {reader.id for reader in readers}
    Readers(work.session).try_again(case.ref, kept)
    Readers(work.session).keep_from(case.ref, set(everybody) - kept)
    copies.keep_from(work, case.ref, set(everybody) - kept)
    second_person.end(work, case.ref, by=pen.by)
    record(work, actor=pen.by.id, verb="case.rewrapped", subject=case.ref, readers=len(kept))


def _write(work: Work, case: Case, lying: Lying, changed: Changed) -> None:
    wrapped = {entry.id: entry for entry in changed.entries}
    thread = [wrapped.get(entry.id, entry) for entry in lying.folder.entries]
    mailboxes.put_again(work, case.mailbox, thread)
    Sheets(work.session).seal_again(case.ref, changed.sheets)
