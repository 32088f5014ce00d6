"""The pages of a reporter, each with everything it carries, so that nothing typed is ever lost."""

import secrets
from dataclasses import dataclass, field
from datetime import date

from flask import make_response, render_template
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from app.envelope.keyring import Keyring
from app.envelope.receipts import LONGEST_TEXT, WORDS, Receipt
from app.errors import Broken
from app.intake import service
from app.intake.forms import ConcernForm, MessageForm, write_entropy
from app.intake.reading import Visit
from app.intake.sealing import Outside, Readers
from app.intake.showing import letters_of, notices_of
from app.intake.tickets import ForgedTicket, Ticket, TicketOffice
from app.intake.writing import LABELS, QUESTIONS, Draft, Problems, tidy
from app.keyring.service import KeyringFiles, signers_base64, usable
from app.routing.domain import QUESTIONS as ASKED_FIRST
from app.routing.domain import Choice, RoutingTable, Signpost
from app.routing.service import labels, table_on
from app.web.request_work import clock, look_work, settings
from app.work import Work

DANGER_WORDS = {"yes": "Yes", "no": "No"}
DANGERS = (Choice("yes", "Yes"), Choice("no", "No"), Choice("", "I would rather not say"))
RETRY_AFTER = "10"  # seconds
CLOSED_FOR = "3600"  # seconds; somebody has to mend the keyring

AGAIN = (
    "This page had been open for too long, or was sent before. "
    "Nothing you wrote was lost: press the button again"
)
BUSY = (
    "Too much is going on just now. Nothing was lost: wait a few seconds and press the button again"
)
FULL = (
    "There is no room to store this just now. Nothing was lost: "
    "try again later, or send the words without files"
)
TOO_LONG = "What you have written is too long for one letter. Shorten it"
LOST_FILES = "A file did not wait until now: files are kept for the day only. Choose it again"
READERS_CHANGED = "The people who can read this have changed. Look at them below, then send it"


class IntakeClosed(Exception):
    """The keyring may not be used, so nothing can be sealed for anybody."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A member of a desk as the page names her."""

    id: str
    name: str
    desk_label: str


@dataclass(frozen=True, slots=True)
class Tried:
    """The two words that were asked for, and what was typed."""

    places: tuple[int, int]
    typed: tuple[str, str] = ("", "")
    problems: Problems = field(default_factory=dict)


def office() -> TicketOffice:
    """Return the ticket office of this installation."""
    return TicketOffice.of(settings().secret_key)


def fresh_ticket() -> str:
    """Return a ticket for a form."""
    return office().issue(clock()().date())


def ticket_of(text: str) -> Ticket:
    """Return the ticket a form carried, or raise BadRequest if it is not one of ours."""
    try:
        return office().read(text)
    except ForgedTicket:
        raise BadRequest from None


def keyring_files() -> KeyringFiles:
    """Return where the keyring lies."""
    return KeyringFiles.of(settings())


def keyring_in(work: Work) -> Keyring:
    """Return the keyring to seal to, or raise IntakeClosed."""
    try:
        return usable(work, keyring_files())
    except Broken:
        raise IntakeClosed from None


def keyring() -> Keyring:
    """Return the keyring to seal to, or raise IntakeClosed."""
    with look_work() as work:
        return keyring_in(work)


def signers() -> str:
    """Return the keys that browsers check the keyring with, or raise IntakeClosed."""
    try:
        return signers_base64(keyring_files())
    except Broken:
        raise IntakeClosed from None


def table() -> RoutingTable:
    """Return the routing table of today."""
    return table_on(clock()().date())


def offered() -> dict[str, frozenset[str]]:
    """Return the codes of the answers that today's page offers, by question."""
    found, today = table(), clock()().date()
    return {
        question: frozenset(choice.code for choice in found.choices(question, today))
        for question in ASKED_FIRST
    }


def usual_signposts() -> tuple[Signpost, ...]:
    """Return who outside can take any concern."""
    found = table()
    return found.signposts_of(found.usual_signposts)


def everybody(ring: Keyring) -> list[Reader]:
    """Return everybody who holds a key, by desk: the same list for every reporter."""
    return [
        Reader(member, ring.member(member).name, desk.label)
        for desk in ring.desks
        for member in desk.members
    ]


def start(ring: Keyring, form: ConcernForm) -> ResponseReturnValue:
    """The first questions, with the later steps as templates for browsers with scripts."""
    return render_template(
        "intake/report.html",
        **{**_for_writing(form, None), **_for_routing(ring, form, {})},
        takes_over="report",
        signers=signers(),
        signposts=table().signposts,
        receipt=None,
        shown="both",
        typed=("", ""),
    )


def route(
    ring: Keyring, form: ConcernForm, problems: Problems | None = None
) -> ResponseReturnValue:
    """The first questions, with everything typed so far carried along."""
    page = render_template("intake/route.html", **_for_routing(ring, form, problems or {}))
    return page, 422 if problems else 200


def external(form: ConcernForm, outside: Outside) -> ResponseReturnValue:
    """The page that points elsewhere."""
    return render_template(
        "intake/external.html", form=form, signposts=outside.signposts, ticket=fresh_ticket()
    )


def write(
    form: ConcernForm,
    readers: Readers | None,
    problems: Problems | None = None,
    *,
    status: int = 422,
) -> ResponseReturnValue:
    """The page to write on."""
    page = render_template("intake/write.html", **_for_writing(form, readers, problems))
    return _answer(page, status if problems else 200)


def check(
    form: ConcernForm,
    readers: Readers | None,
    problems: Problems | None = None,
    *,
    status: int = 422,
) -> ResponseReturnValue:
    """The last look before it is sealed."""
    page = render_template(
        "intake/check.html",
        **_for_writing(form, readers, problems),
        receipt=form.receipt,
    )
    return _answer(page, status if problems else 200)


def receipt(kept: Receipt, *, shown: str, tried: Tried | None = None) -> ResponseReturnValue:
    """The twelve words, or the question for two of them: never both."""
    tried = tried or Tried(two_places())
    page = render_template(
        "intake/receipt.html",
        receipt=kept,
        shown=shown,
        asked=tried.places,
        typed=tried.typed,
        errors=tried.problems,
        ticket=fresh_ticket(),
        entropy=write_entropy(kept),
        look_again=look_again(),
    )
    return page, 422 if tried.problems else 200


def sent(kind: str) -> ResponseReturnValue:
    """The last page, of a concern or of a message."""
    return render_template("intake/sent.html", kind=kind, look_again=look_again())


def enter(
    problems: Problems | None = None, *, typed: str = "", status: int = 422
) -> ResponseReturnValue:
    """The page that takes the twelve words; what was typed is there to be put right."""
    page = render_template(
        "intake/mailbox.html",
        takes_over="mailbox",
        signers=signers(),
        ticket=fresh_ticket(),
        errors=problems or {},
        typed=typed if len(typed) <= LONGEST_TEXT else "",
        form=MessageForm(),
        questions=QUESTIONS,
        look_again=None,
        visit=None,
        entropy="",
    )
    return _answer(page, status if problems else 200)


def thread(
    visit: Visit, form: MessageForm, problems: Problems | None = None, *, status: int = 422
) -> ResponseReturnValue:
    """A mailbox, opened."""
    page = render_template(
        "intake/thread.html",
        **_for_message(form, problems),
        visit=visit,
        letters=letters_of(visit),
        notices=notices_of(visit),
        today=clock()().date(),
    )
    return _answer(page, status if problems else 200)


def check_message(
    form: MessageForm, problems: Problems | None = None, *, status: int = 422
) -> ResponseReturnValue:
    """The last look before a message is sealed."""
    page = render_template("intake/check_message.html", **_for_message(form, problems))
    return _answer(page, status if problems else 200)


def replaced() -> ResponseReturnValue:
    """The mailbox that is there belongs to somebody else's keys."""
    return render_template("intake/refused.html"), 409


def closed(fields: MultiDict[str, str]) -> ResponseReturnValue:
    """The page that says intake is closed, and gives back what was written."""
    headings = {**LABELS, "text": "Your message"}
    kept = [(heading, tidy(fields.get(name, ""))) for name, heading in headings.items()]
    page = render_template(
        "intake/closed.html",
        kept=[(heading, words) for heading, words in kept if words],
        signposts=usual_signposts(),
    )
    answer = make_response(page, 503)
    answer.headers["Retry-After"] = CLOSED_FOR
    return answer


def two_places() -> tuple[int, int]:
    """Return two different places of a receipt, in order, by chance."""
    first = secrets.randbelow(WORDS)
    second = (first + 1 + secrets.randbelow(WORDS - 1)) % WORDS
    return min(first, second) + 1, max(first, second) + 1


def look_again() -> date:
    """Return from when it is worth looking into a mailbox."""
    return service.look_again_on(clock()().date())


def shown(readers: Readers) -> str:
    """Return what a page remembers of whom it named as readers."""
    return " ".join((readers.desk, *readers.ids))


def _for_routing(ring: Keyring, form: ConcernForm, problems: Problems) -> dict[str, object]:
    found, today = table(), clock()().date()
    return {
        "form": form,
        "draft": form.draft,
        "dangers": DANGERS,
        "choices": {question: found.choices(question, today) for question in ASKED_FIRST},
        "members": everybody(ring),
        "errors": problems,
        "ticket": fresh_ticket(),
    }


def _for_writing(
    form: ConcernForm, readers: Readers | None, problems: Problems | None = None
) -> dict[str, object]:
    return {
        "form": form,
        "draft": form.draft,
        "readers": readers,
        "names": [member.name for member in readers.members] if readers else [],
        "left_out": ", ".join(readers.names_left_out) if readers else "",
        "shown_readers": shown(readers) if readers else "",
        "errors": problems or {},
        "ticket": fresh_ticket(),
        "questions": QUESTIONS,
        "chosen": _labels(form.draft),
        "danger": DANGER_WORDS.get(form.draft.danger or "", ""),
        "entropy": write_entropy(form.receipt) if form.receipt else "",
    }


def _for_message(form: MessageForm, problems: Problems | None) -> dict[str, object]:
    return {
        "form": form,
        "errors": problems or {},
        "ticket": fresh_ticket(),
        "entropy": write_entropy(form.receipt) if form.receipt else "",
    }


def _labels(draft: Draft) -> dict[str, str]:
    """Return what was chosen on the first page, in its words, by question."""
    known = labels()
    return {
        question: ", ".join(known[question][code] for code in given if code in known[question])
        for question, given in draft.routing.said.items()
    }


def _answer(page: str, status: int) -> ResponseReturnValue:
    answer = make_response(page, status)
    if status == 503:
        answer.headers["Retry-After"] = RETRY_AFTER
    return answer
