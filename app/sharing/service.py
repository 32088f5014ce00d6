"""Deeds of sharing: each is in the audit log with its reason, before a byte goes."""

from dataclasses import dataclass, field
from hashlib import sha256

from app.audit.service import record
from app.casework import notes, service
from app.casework.messages import ForDesk
from app.envelope.keyring import Member
from app.envelope.member_keys import MemberKey
from app.envelope.recipients import Recipient
from app.identity.domain import StaffMember
from app.sharing.domain import KINDS, REASONS, ExportKind, Reason
from app.work import Work


def fingerprint(recipient: Recipient) -> str:
    """Return 16 characters by which a recipient's key is known in the log."""
    return sha256(recipient.raw).hexdigest()[:16]


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

    @property
    def note(self) -> ForDesk:
        """What the desk writes down for itself about it."""
        more = "Files: cleaned copies.\n" if self.cleaned else ""
        more += "Nobody else is named in it: nothing was marked.\n" if self.nobody_else else ""
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
