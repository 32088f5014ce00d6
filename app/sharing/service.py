"""Deeds of sharing: each is in the audit log with its reason, before a byte goes."""

import secrets
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from app.audit.service import record
from app.casework import notes, service
from app.casework.domain import ALPHABET
from app.casework.messages import ForDesk
from app.envelope.keyring import Member
from app.envelope.member_keys import MemberKey
from app.envelope.recipients import Recipient
from app.identity.domain import StaffMember
from app.sharing.domain import KINDS, REASONS, ExportKind, Reason
from app.work import Work

LETTERS = 6  # of a report's reference


def fingerprint(recipient: Recipient) -> str:
    """Return 16 characters by which a recipient's key is known in the log."""
    return sha256(recipient.raw).hexdigest()[:16]


def new_reference(on: date) -> str:
    """Return a reference for a report: random, so that it leads to no case and to no other report.

    Which report it is stands in the note about the export, in the case alone.
    """
    return f"{on.year}-{''.join(secrets.choice(ALPHABET) for _ in range(LETTERS))}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What leaves a case: for whom, and why. `why` and `to` are prose, and stay sealed."""

    kind: ExportKind
    reason: Reason
    to: str = field(repr=False)
    why: str = field(repr=False)
    recipient: Recipient
    # Whether cleaned copies of its files go, and not the files as they were sent.
    cleaned: bool = False
    # Whether the head of the desk said that it names nobody else, so that nothing is marked.
    nobody_else: bool = False
    # Of an intelligence report: what it is asked about by.
    reference: str = ""

    @property
    def note(self) -> ForDesk:
        """What the desk writes down for itself about it."""
        more = "Files: cleaned copies.\n" if self.cleaned else ""
        more += "Nobody else is named in it: nothing was marked.\n" if self.nobody_else else ""
        more += f"Report reference: {self.reference}.\n" if self.reference else ""
        return ForDesk(
            f"Exported: {KINDS[self.kind]}.\n{more}"
            f"To: {self.to} (key {fingerprint(self.recipient)}).\n"
            f"Reason: {REASONS[self.reason]}.\n{self.why}"
        )


def note_export(
    work: Work,
    ref: str,
    export: Export,
    *,
    readers: tuple[Member, ...],
    by: StaffMember,
    key: MemberKey,
) -> None:
    """Record that an export leaves a case: what, for which reason, sealed to which key.

    The log takes no prose. To whom it goes, and why in words, is an internal note of the case.

    Raises:
        Missing: if `by` may not read the case any more.
    """
    case = service.find_case(work, ref, by=by, hold=True)
    notes.write_note(work, case, export.note, by=by, key=key, readers=readers)
    files = {"files": "cleaned"} if export.cleaned else {}
    record(
        work,
        actor=by.id,
        verb="case.exported",
        subject=ref,
        kind=export.kind.value,
        reason=export.reason.value,
        recipient=fingerprint(export.recipient),
        **files,
    )
