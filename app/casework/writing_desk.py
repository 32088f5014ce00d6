"""What pages on which a member writes begin with: the case open, its sheet, what waits in it."""

from collections.abc import Collection
from dataclasses import dataclass

from werkzeug.wrappers import Response

from app.casework import at_desk, dialogue, drafts, reading, sheet_keeping
from app.casework.at_desk import AtDesk
from app.casework.dialogue import Reply
from app.casework.domain import Case, CaseState
from app.casework.drafts import Draft
from app.casework.messages import ForReporter
from app.casework.reading import Thread
from app.casework.sheet import CaseSheet
from app.envelope.keyring import Keyring, Member
from app.identity.access import signed_in, unlocked
from app.identity.service import check_members
from app.keyring.service import KeyringFiles, usable
from app.web.request_work import begin_work, look_work, settings
from app.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class WritingDesk:
    """A case on a member's desk, open before her with everything a letter has to heed."""

    found: AtDesk
    thread: Thread
    sheet: CaseSheet
    draft: Draft | None

    @property
    def case(self) -> Case:
        """The case."""
        return self.found.folder.case

    @property
    def keyring(self) -> Keyring:
        """The keyring it was read by."""
        return self.found.keyring

    def readers(self, work: Work) -> list[Member]:
        """Return who reads along on the desk.

        Raises:
            NobodyToAnswer: if no verified concern says who may.
        """
        kept = drafts.kept_from(work, self.case, self.thread, self.sheet, self.keyring)
        members = dialogue.readers_of(self.case, self.thread, self.keyring)
        return [member for member in members if member.id not in kept]


@dataclass(frozen=True, slots=True, kw_only=True)
class SealingFor:
    """A keyring that is fit to seal to today, and whom a case keeps from its letters."""

    keyring: Keyring
    kept: Collection[str]


def take(ref: str) -> WritingDesk | Response:
    """Return a case to write in, opened and recorded; or the page that has to come before.

    Raises:
        Missing: if she may not read it, or there is none: the same page, after the same work.
        Broken: if sheet or draft are not what a member of the desk sealed.
    """
    found = at_desk.take(ref)
    if not isinstance(found, AtDesk):
        return found
    case, keys = found.folder.case, found.keyring.verification_keys()
    if case.state is CaseState.SEALED:
        # To be read first, on the case's own page: what is not recorded was not read.
        return at_desk.not_now(case)
    thread, identity = found.open(), found.finder
    with look_work() as work:
        versions = sheet_keeping.stored(work, ref)
        waiting = drafts.stored(work, ref)
    blank = reading.blank_sheet(case, thread, author=signed_in().id)
    sheet = sheet_keeping.open_latest(versions, blank, identity, keys)
    draft = None if waiting is None else drafts.open_draft(waiting, case, identity, keys)
    with begin_work() as work:
        reading.note_look(work, ref, thread, by=signed_in())
        if sheet.sheet.version:
            sheet_keeping.note_reading(work, ref, sheet.sheet.version, by=signed_in())
            found.keep_places(work)
    return WritingDesk(found=found, thread=thread, sheet=sheet.sheet, draft=draft)


def sealing_for(work: Work, desk: WritingDesk) -> SealingFor:
    """Return what a letter of this case is sealed by, read again in this transaction.

    Raises:
        Broken: if the keyring is not fit to seal to, or an account does not agree with it.
        NobodyToAnswer: if no verified concern says who may read.
    """
    keyring = usable(work, KeyringFiles.of(settings()))
    check_members(work, keyring)
    kept = drafts.kept_from(work, desk.case, desk.thread, desk.sheet, keyring)
    return SealingFor(keyring=keyring, kept=kept)


def letter(desk: WritingDesk, text: ForReporter, sealing: SealingFor) -> Reply:
    """Return a letter of this member's, sealed and signed; see `dialogue.write_reply`."""
    return dialogue.write_reply(
        desk.found.folder,
        desk.thread,
        text,
        by=signed_in(),
        key=unlocked(),
        keyring=sealing.keyring,
        kept_from=sealing.kept,
    )
