"""What the pages ask of storage: files that arrive, letters that are sealed and deposited."""

from collections.abc import Iterator, Mapping
from contextlib import suppress

from flask import Request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from app.envelope.letter import Letter
from app.envelope.receipts import Receipt
from app.errors import Busy, Full
from app.intake import pages, sealing, service, waiting
from app.intake.arriving import Arrivals, Sink, UnknownInput
from app.intake.domain import LARGEST_ENVELOPE, LARGEST_FILES, MIB
from app.intake.flood import Passage
from app.intake.forms import ConcernForm, Files, MessageForm
from app.intake.sealing import LetterTooLong, Readers
from app.intake.service import TooManyWaiting
from app.intake.spool import Spool, check_room
from app.intake.tickets import StaleTicket, Ticket
from app.intake.waiting import LostFile
from app.intake.writing import Problems
from app.web.request_work import begin_work, look_work, settings
from app.web.uploads import receive

# Read to its end, so that a page can say what was too much; beyond this, refused unread.
LARGEST_BODY = 4 * LARGEST_FILES  # bytes
MOST_TEXT = 1 * MIB  # bytes of all text fields

TOO_MANY = "You have sent as many messages as may wait for one collection. Send this one tomorrow"
SAID: Mapping[type[Exception], tuple[str, int]] = {
    StaleTicket: (pages.AGAIN, 409),
    TooManyWaiting: (TOO_MANY, 503),
    Full: (pages.FULL, 507),
    Busy: (pages.BUSY, 503),
}
# What keeps a letter from being stored, with nothing of it stored.
FAULTS = (StaleTicket, LostFile, LetterTooLong, Full, Busy)


def receive_files(request: Request) -> tuple[MultiDict[str, str], Problems, int]:
    """Take a form with files, and store the files that arrive well.

    Returns:
        The fields, with the stored files among `waiting`; what is wrong with files, by field;
        and 200, or the status of a page that must say why nothing was taken.

    Raises:
        BadRequest: if the body is not a whole form of ours.
    """
    with Passage(request.content_length) as passage:
        taking = _Taking(passage)
        try:
            fields = receive(request, taking.open, largest=LARGEST_BODY, most_text=MOST_TEXT)
            problems = taking.store(fields)
        except UnknownInput:
            raise BadRequest from None
        except (Full, Busy) as error:
            return (taking.seen, *said_of(error))
        finally:
            taking.close()
        return fields, problems, 200


def remove_file(files: Files, fields: MultiDict[str, str]) -> Files:
    """Return the files of a page without the one it asks to remove, which is removed here too."""
    named = fields.get("remove", "")
    chosen = [file.id for file in files.waiting if file.id.hex() == named]
    if chosen:
        # If it cannot be removed now, it is swept tomorrow; the page is without it all the same.
        with suppress(Full, Busy), service.storage_errors_named(), begin_work() as work:
            waiting.forget(work, chosen)
    return files.without(set(chosen))


def send_concern(form: ConcernForm, receipt: Receipt, readers: Readers, ticket: Ticket) -> None:
    """Seal a concern and store it. When this returns, it is on the disk.

    Raises:
        StaleTicket, LostFile, LetterTooLong, Full, Busy: with nothing stored.
    """
    concern = service.Concern(
        tag=receipt.tag,
        mailbox=bytes.fromhex(receipt.mailbox_id),
        desk=readers.desk,
        urgent=form.draft.urgent,
    )
    letter = sealing.concern(receipt, form.draft, readers, form.files.waiting)
    _seal_and_store(letter, receipt, readers, form.files, (concern, ticket))


def send_message(form: MessageForm, receipt: Receipt, readers: Readers, ticket: Ticket) -> None:
    """Seal a later letter and store it, as `send_concern`.

    Raises:
        Missing, TooManyWaiting: as `service.deposit_message`.
    """
    after = (form.place, form.previous)
    letter = sealing.message(
        receipt, form.text, readers, form.files.waiting, after=after, review=form.review
    )
    message = service.Message(tag=receipt.tag, entry=form.entry)
    _seal_and_store(letter, receipt, readers, form.files, (message, ticket))


def said_of(fault: Exception) -> tuple[Problems, int]:
    """Return what a page says of a fault that kept something from being stored, and its status."""
    for kind, (words, status) in SAID.items():
        if isinstance(fault, kind):
            return {"": words}, status
    raise fault


def files_left(files: Files) -> Files:
    """Return those files of a page that wait still; none, if they do not open."""
    with look_work() as work:
        lost = waiting.missing(work, files.waiting)
    return files.without({file.id for file in lost}) if lost else Files()


class _Taking:
    """One body on its way in: nothing is opened before the fields that must precede a file."""

    def __init__(self, passage: Passage) -> None:
        # What stood before the place where the body broke off, if it did.
        self.seen: MultiDict[str, str] = MultiDict()
        self._passage = passage
        self._arrivals: Arrivals | None = None

    def open(self, name: str, fields: MultiDict[str, str]) -> Sink:
        self.seen = fields
        if self._arrivals is None:
            pages.ticket_of(fields.get("ticket", ""))
            self._arrivals = self._begin(fields)
        return self._arrivals.open(name, fields)

    def store(self, fields: MultiDict[str, str]) -> Problems:
        self.seen = fields
        if self._arrivals is None:
            return {}
        if self._arrivals.files:
            size = sum(file.size for file in self._arrivals.files)
            with service.storage_errors_named(), begin_work() as work:
                service.check_letterbox(work, size, size, settings().letterbox_mib)
                self._arrivals.store(work)
        for file in self._arrivals.files:
            fields.add("waiting", str(file))
        for number in self._arrivals.taken:
            # Said of a file that is on the list now; the input is free for another.
            fields.poplist(f"label_{number}")
            fields.poplist(f"clean_{number}")
        return self._arrivals.problems

    def close(self) -> None:
        if self._arrivals is not None:
            self._arrivals.close()

    def _begin(self, fields: MultiDict[str, str]) -> Arrivals:
        files = Files.read(fields)
        # The page that answers must carry the key that the files are sealed under.
        fields["page_key"] = str(files.page_key)
        if self._passage.large:
            check_room(settings().spool)
            with look_work() as work:
                size = self._passage.size
                service.check_letterbox(work, size, size, settings().letterbox_mib)
        return Arrivals(settings().spool, files.page_key, self._passage, files.waiting)


def _seal_and_store(
    letter: Letter,
    receipt: Receipt,
    readers: Readers,
    files: Files,
    deposit: tuple[service.Deposit, Ticket],
) -> None:
    what, ticket = deposit
    spool = Spool(settings().spool, LARGEST_ENVELOPE)
    try:
        with Passage(sum(file.size for file in files.waiting)) as passage:
            passage.enter()
            header = sealing.seal(spool, letter, receipt, readers, _contents(files, ticket))
            arrived = service.sealed_here(spool, header)
            with service.storage_errors_named(), begin_work() as work:
                service.deposit(work, what, arrived, ticket, settings().letterbox_mib)
                waiting.forget(work, [file.id for file in files.waiting])
    finally:
        spool.close()


def _contents(files: Files, ticket: Ticket) -> Iterator[bytes | memoryview]:
    """Yield what the files of a page hold, one after another, each checked to its end."""
    if not files.waiting:
        return
    with look_work() as work:
        # Asked before the long part of the work, and again where the letter is stored.
        service.check_ticket(work, ticket)
        for file in files.waiting:
            yield from waiting.content(work, file, files.page_key)
