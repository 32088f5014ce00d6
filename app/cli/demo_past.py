"""Lives through the past weeks of the demonstration, day by day, with the portal's own services."""

import secrets
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime

from app.casework import (
    decisions,
    dialogue,
    drafts,
    listing,
    reading,
    second_person,
    sheet_keeping,
)
from app.casework import readers as casework_readers
from app.casework import service as casework
from app.casework.decisions import Situation
from app.casework.domain import Case, CaseState, Declaration, Drawer
from app.casework.guards import Asked as Chosen
from app.casework.inbox import Asked
from app.casework.messages import ForReporter
from app.casework.sheet import CaseSheet
from app.casework.sheet_keeping import OpenSheet, Pen
from app.casework.stepping import Wish
from app.cli.demo_concerns import InventedConcern, Stage
from app.cli.demo_people import STAFF, InventedStaff
from app.collection.service import collect
from app.database import Database
from app.envelope.keyring import Keyring
from app.envelope.letter import Letter, letter_digest
from app.envelope.member_keys import MemberKey
from app.envelope.receipts import Receipt
from app.identity.domain import StaffId, StaffMember
from app.intake import sealing, service
from app.intake.domain import LARGEST_ENVELOPE
from app.intake.sealing import Outside, Readers
from app.intake.spool import Spool
from app.intake.tickets import TicketOffice
from app.keyring.service import KeyringFiles, usable
from app.mailbox.objects import Objects
from app.routing.service import table_on
from app.work import Work, begin, look
from config import Settings

Told = tuple[InventedConcern, Receipt]

# Days after a concern was sent on which things happened to it, where they did.
OPENED, ASKED, ANSWERED, CLOSED = 1, 2, 3, 5
REACHED = {
    Stage.IN_THE_LETTERBOX: 0,
    Stage.UNOPENED: 0,
    Stage.OPENED: OPENED,
    Stage.ASKED: ASKED,
    Stage.ANSWERED: ANSWERED,
    Stage.CLOSED: CLOSED,
}


class Past:
    """What happened in the demonstration before somebody looked at it."""

    def __init__(self, settings: Settings, database: Database, keys: dict[str, MemberKey]) -> None:
        self._settings = settings
        self._database = database
        self._keys = keys
        self._objects = Objects(settings.objects)
        self._tickets = TicketOffice.of(settings.secret_key)
        self._files = KeyringFiles.of(settings)
        # Digests of the letters each invented reporter sent, by mailbox.
        self._sent: dict[str, str] = {}

    def live_through(self, noon: datetime, days_ago: int, told: Sequence[Told]) -> None:
        """Do what happened on the day of `noon`: letters, the collection, the desk's work."""
        self._now = noon
        if days_ago == 0:
            # Before today's letters, so that a newcomer finds something to collect.
            collect(self._database, self._clock, self._objects)
        for concern, receipt in told:
            age = concern.days_ago - days_ago
            if age == 0:
                self._seal_concern(concern, receipt)
            if age == ANSWERED <= REACHED[concern.stage]:
                self._seal_answer(concern, receipt)
        if days_ago > 0:
            collect(self._database, self._clock, self._objects)
        for concern, receipt in told:
            age = concern.days_ago - days_ago
            if age in {OPENED, ASKED, CLOSED} and age <= REACHED[concern.stage]:
                self._work_on(concern, receipt, age)

    def _clock(self) -> datetime:
        return self._now

    def _readers(self, concern: InventedConcern) -> Readers:
        with look(self._database, self._clock) as work:
            keyring = usable(work, self._files)
        table = table_on(self._clock().date())
        answers = concern.draft.routing
        readers = sealing.choose_readers(table, keyring, answers, left_out=concern.left_out)
        if isinstance(readers, Outside):
            raise ValueError("an invented concern must reach a desk")
        return readers

    def _seal_concern(self, concern: InventedConcern, receipt: Receipt) -> None:
        readers = self._readers(concern)
        letter = sealing.concern(receipt, concern.draft, readers, ())
        self._sent[receipt.mailbox_id] = letter_digest(letter.to_bytes())
        first = service.Concern(
            tag=receipt.tag,
            mailbox=bytes.fromhex(receipt.mailbox_id),
            desk=readers.desk,
            urgent=False,
        )
        self._deposit(first, letter, receipt, readers)

    def _seal_answer(self, concern: InventedConcern, receipt: Receipt) -> None:
        readers = self._readers(concern)
        after = (1, self._sent[receipt.mailbox_id])
        letter = sealing.message(receipt, concern.answer, readers, (), after=after)
        later = service.Message(tag=receipt.tag, entry=secrets.token_bytes(16))
        self._deposit(later, letter, receipt, readers)

    def _deposit(
        self, deposit: service.Deposit, letter: Letter, receipt: Receipt, readers: Readers
    ) -> None:
        with (
            closing(Spool(self._settings.spool, LARGEST_ENVELOPE)) as spool,
            begin(self._database, self._clock) as work,
        ):
            sealing.seal(spool, letter, receipt, readers, ())
            ticket = self._tickets.read(self._tickets.issue(work.today))
            service.deposit(
                work, deposit, service.examine(spool), ticket, self._settings.letterbox_mib
            )

    def _work_on(self, concern: InventedConcern, receipt: Receipt, age: int) -> None:
        by = self._handler(concern)
        ref = self._find(receipt, by)
        if age == OPENED:
            with begin(self._database, self._clock) as work:
                casework.declare(work, ref, Declaration.NO_CONFLICT, by=by)
            self._read(ref, by)
            return
        if age == ASKED:
            self._write(ref, by, concern.question)
            self._start_triage(ref, by)
        else:
            self._close(ref, by, concern)

    def _handler(self, concern: InventedConcern) -> StaffMember:
        readers = self._readers(concern)
        person = next(person for person in STAFF if person.id in readers.ids)
        return _member(person)

    def _try_key(self, by: StaffMember) -> None:
        identity = self._keys[by.id].identity
        with look(self._database, self._clock) as work:
            cases = casework_readers.untried(work, by=by)
        found = casework_readers.try_key(cases, identity, enough=lambda: False)
        with begin(self._database, self._clock) as work:
            casework_readers.note(work, found, by=by)

    def _find(self, receipt: Receipt, by: StaffMember) -> str:
        self._try_key(by)
        for drawer in Drawer:
            with look(self._database, self._clock) as work:
                inbox = listing.inbox(work, Asked(drawer=drawer), by=by)
            for case in inbox.cases:
                if case.mailbox.hex() == receipt.mailbox_id:
                    return case.ref
        raise LookupError("the invented case is not in its handler's inbox")

    def _read(self, ref: str, by: StaffMember) -> tuple[reading.Folder, reading.Thread]:
        with look(self._database, self._clock) as work:
            folder = reading.take_out(work, ref, by=by)
            keyring = usable(work, self._files)
        thread = reading.open_folder(folder, self._keys[by.id].identity, keyring, self._objects)
        with begin(self._database, self._clock) as work:
            reading.note_reading(work, ref, thread, by=by)
        return folder, thread

    def _write(self, ref: str, by: StaffMember, text: str) -> None:
        folder, thread = self._read(ref, by)
        with begin(self._database, self._clock) as work:
            key = self._keys[by.id]
            keyring = usable(work, self._files)
            words = ForReporter(text)
            reply = dialogue.write_reply(folder, thread, words, by=by, key=key, keyring=keyring)
            version = casework.find_case(work, ref, by=by).version
            id = secrets.token_bytes(16)
            drafts.put(work, ref, reply, id=id, version=version, by=by)
        second = next(one for one in STAFF if one.id in reply.readers and one.id != by.id)
        self._approve(ref, _member(second))

    def _comes_in(self, ref: str, by: StaffMember) -> None:
        """Open a case that a colleague works on, for the first time."""
        self._try_key(by)
        with begin(self._database, self._clock) as work:
            casework.declare(work, ref, Declaration.NO_CONFLICT, by=by)

    def _approve(self, ref: str, by: StaffMember) -> None:
        """Read what a colleague wrote to a reporter, and send it as it stands."""
        identity = self._keys[by.id].identity
        self._comes_in(ref, by)
        folder, thread = self._read(ref, by)
        with begin(self._database, self._clock) as work:
            keyring = usable(work, self._files)
            stored = drafts.stored(work, ref)
            keys = keyring.verification_keys()
            if stored is None:
                raise LookupError("the invented text does not wait")
            draft = drafts.open_draft(stored, folder.case, identity, keys)
            if draft is None:
                raise LookupError("the invented text waits for others")
            payload = drafts.payload_of(work, draft)
            letter = drafts.release(folder, thread, draft, payload, by=by, keyring=keyring, kept=())
            drafts.note_release(work, draft, by=by)
            dialogue.send_reply(
                work,
                folder,
                letter,
                entry=draft.stored.id,
                version=casework.find_case(work, ref, by=by).version,
                by=by,
                objects=self._objects,
                sheet=self._sheet(work, ref, by, keyring).sheet,
            )

    def _start_triage(self, ref: str, by: StaffMember) -> None:
        with begin(self._database, self._clock) as work:
            version = casework.find_case(work, ref, by=by).version
            casework.take_step(work, ref, to=CaseState.TRIAGE, version=version, by=by)

    def _close(self, ref: str, by: StaffMember, concern: InventedConcern) -> None:
        """Take a case to its end as the course asks: two people, and a letter to the reporter."""
        self._edit(ref, by, lambda sheet: _placed(sheet, concern))
        self._take(ref, by, "end-triage", "It is clear what this is about")
        self._propose(ref, by, "record-outcome", concern.outcome)
        self._confirm(ref, by)
        self._write(ref, by, concern.closing)
        self._take(ref, by, "give-feedback", "The reporter knows what came of it")
        agreed = self._now.date()
        self._edit(ref, by, lambda sheet: sheet.with_milestone("reporter-agreed", agreed))
        self._take(ref, by, "close", "What was found is put right")

    def _at_sheet(self, work: Work, ref: str, by: StaffMember) -> "AtSheet":
        folder = reading.take_out(work, ref, by=by)
        keyring, key = usable(work, self._files), self._keys[by.id]
        thread = reading.open_folder(folder, key.identity, keyring, self._objects)
        readers = sheet_keeping.readers_of(work, folder.case, thread, keyring)
        sheet = self._sheet(work, ref, by, keyring)
        return AtSheet(
            case=folder.case,
            sheet=sheet,
            situation=decisions.situation(work, folder.case, thread, sheet.sheet, keyring),
            pen=Pen(by=by, key=key, keyring=keyring, readers=readers),
        )

    def _edit(self, ref: str, by: StaffMember, said: Callable[[CaseSheet], CaseSheet]) -> None:
        with begin(self._database, self._clock) as work:
            at = self._at_sheet(work, ref, by)
            decisions.edit(work, ref, at.sheet, said(at.sheet.sheet), pen=at.pen)

    def _take(self, ref: str, by: StaffMember, step: str, why: str) -> None:
        wish = Wish(step=step, asked=Chosen(), reasons={"action": why})
        with begin(self._database, self._clock) as work:
            at = self._at_sheet(work, ref, by)
            version = at.case.version
            decisions.take_step(work, at.situation, at.sheet, wish, version=version, pen=at.pen)

    def _propose(self, ref: str, by: StaffMember, step: str, outcome: str) -> None:
        why = {
            "information": "Claims and duty sheets differ",
            "action": "What was found is put right",
        }
        wish = Wish(step=step, asked=Chosen(outcomes=(outcome,)), reasons=why)
        with begin(self._database, self._clock) as work:
            at = self._at_sheet(work, ref, by)
            version = at.case.version
            second_person.propose(work, at.situation, at.sheet, wish, version=version, pen=at.pen)

    def _confirm(self, ref: str, proposed_by: StaffMember) -> None:
        with look(self._database, self._clock) as work:
            readers = {one.id for one in self._at_sheet(work, ref, proposed_by).pen.readers}
        found = (one for one in STAFF if one.id in readers - {proposed_by.id})
        second = _member(next(found))
        self._comes_in(ref, second)
        with begin(self._database, self._clock) as work:
            at = self._at_sheet(work, ref, second)
            waits = second_person.waiting(work, ref, at.pen.key.identity, at.pen.keyring)
            if waits is None:
                raise LookupError("the invented step does not wait")
            second_person.confirm(
                work, at.situation, at.sheet, waits, version=at.case.version, pen=at.pen
            )

    def _sheet(self, work: Work, ref: str, by: StaffMember, keyring: Keyring) -> OpenSheet:
        blank = CaseSheet.blank(ref, author=by.id, on=work.today)
        versions, identity = sheet_keeping.stored(work, ref), self._keys[by.id].identity
        return sheet_keeping.open_latest(versions, blank, identity, keyring.verification_keys())


@dataclass(frozen=True, slots=True, kw_only=True)
class AtSheet:
    """A case before somebody of its desk, with its sheet open."""

    case: Case
    sheet: OpenSheet
    situation: Situation
    pen: Pen


def _placed(sheet: CaseSheet, concern: InventedConcern) -> CaseSheet:
    force, directorate = concern.place
    return replace(
        sheet,
        force=force,
        directorate=directorate,
        category=concern.category,
        learning=concern.learning,
    )


def _member(person: InventedStaff) -> StaffMember:
    return StaffMember(id=StaffId(person.id), name=person.name, role=person.role, desk=person.desk)
