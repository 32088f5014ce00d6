"""A thread as a page shows it: letters, and between them what is wrong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from app.casework import wording
from app.casework.reading import REASONS, Opened, Thread
from app.envelope import thread as threads
from app.envelope.errors import NoMatch
from app.envelope.keyring import Former, Keyring, Member
from app.envelope.letter import Kind, Letter

REPORTER = "The reporter"
WRITERS = {threads.Side.REPORTER: "the reporter", threads.Side.DESKS: "the desk"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileShown:
    """An attachment, before anybody opened it."""

    number: int
    label: str
    size: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterShown:
    """A letter: answers to questions, or text."""

    entry: str
    of_desk: bool
    writer: str
    called: str
    postmark: date
    answers: tuple[tuple[str, str], ...]
    text: str
    files: tuple[FileShown, ...]
    asks_for_review: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningShown:
    """Something that is wrong with a thread, in words."""

    heading: str
    text: str
    postmark: date
    refused: bool = False


Shown = LetterShown | WarningShown


def shown(
    thread: Thread, keyring: Keyring, *, me: str, about: Mapping[str, Mapping[str, str]]
) -> list[Shown]:
    """Return what a page shows of a thread, in its order.

    Args:
        thread: as it was opened.
        keyring: for the names of those who wrote.
        me: the id of the member who reads.
        about: the routing table's words for the codes of its answers, by question.
    """
    people: tuple[Member | Former, ...] = (*keyring.members, *keyring.former)
    names = {**{person.id: person.name for person in people}, me: "You"}
    passed = _passed_on(thread)
    found: list[Shown] = []
    for item in thread.items:
        if isinstance(item, threads.Entry):
            found.append(_letter(item, names, about))
        elif isinstance(item, threads.Fork):
            found.append(_fork(item))
            found += [_letter(entry, names, about) for entry in item.entries]
        else:
            found.append(_gap(item) if isinstance(item, threads.Gap) else _refused(item, passed))
    return found


def _letter(
    entry: threads.Entry[Opened], names: Mapping[str, str], about: Mapping[str, Mapping[str, str]]
) -> LetterShown:
    letter = entry.content.letter
    of_desk = letter.kind is Kind.REPLY
    called = {Kind.CONCERN: "Concern", Kind.MESSAGE: "Later message", Kind.REPLY: "To the reporter"}
    return LetterShown(
        entry=entry.content.entry.id.hex(),
        of_desk=of_desk,
        writer=names.get(letter.author, letter.author) if of_desk else REPORTER,
        called="Asks for a review" if letter.asks_for_review else called[letter.kind],
        postmark=entry.postmark,
        answers=tuple(_answers(letter.answers, about)),
        text=letter.text,
        asks_for_review=letter.asks_for_review,
        files=files_shown(letter),
    )


def files_shown(letter: Letter) -> tuple[FileShown, ...]:
    """Return what a page shows of the files that a letter brings."""
    return tuple(
        FileShown(number=number, label=named.label, size=wording.size(named.size))
        for number, named in enumerate(letter.attachments, 1)
    )


def _answers(
    answers: Mapping[str, str], about: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, str]]:
    for code, question in wording.QUESTIONS.items():
        answer = answers.get(code, "")
        if code in about:
            answer = ", ".join(about[code].get(part, part) for part in answer.split())
        elif code == "danger":
            answer = wording.DANGER.get(answer, "")
        elif code == "asks":
            answer = wording.ASKED.get(answer, "")
        if answer:
            yield question, answer


def _fork(fork: threads.Fork[Opened]) -> WarningShown:
    who = WRITERS[fork.side]
    text = {
        threads.Doubt.SEVERAL: (
            f"Each of the letters below says it is number {fork.place + 1} from {who}. "
            "Somebody may have written in two windows at once. All of them are signed with "
            "the right key."
        ),
        threads.Doubt.DOES_NOT_FOLLOW: (
            f"The letter below does not follow the one before it from {who}. A letter between "
            "them may have been exchanged."
        ),
    }[fork.doubt]
    return WarningShown(heading="The thread divides here", text=text, postmark=fork.postmark)


def _gap(gap: threads.Gap) -> WarningShown:
    count = gap.last - gap.first + 1
    missing = "A letter is missing" if count == 1 else f"{count} letters are missing"
    return WarningShown(
        heading=f"{missing} here",
        text=f"What {WRITERS[gap.side]} wrote next refers to it. It may still be waiting for the "
        "collection. If it does not come within two days, tell whoever runs the system.",
        postmark=gap.postmark,
    )


def _passed_on(thread: Thread) -> date | None:
    """Return the day on which a thread first left the desk it was written to."""
    letters = [(entry.postmark, entry.content.letter) for entry in thread.entries]
    first = next((letter.desk for _, letter in letters if letter.kind is Kind.CONCERN), None)
    left = [day for day, one in letters if one.kind is Kind.REPLY and first not in {None, one.desk}]
    return min(left, default=None)


def _refused(refused: threads.Refused, passed: date | None) -> WarningShown:
    is_hers = refused.side is threads.Side.REPORTER
    if is_hers and passed and refused.postmark >= passed and refused.reason == REASONS[NoMatch]:
        return WarningShown(
            heading="A letter came that was sealed for the desk before",
            text="The reporter wrote it before she knew that another desk has her concern, or it "
            "was on its way when the case came here. It opens for nobody here, and that desk is "
            "not shown it. Her own page asks her to write it again. You can ask her too: there is "
            "an approved text for it.",
            postmark=refused.postmark,
            refused=True,
        )
    return WarningShown(
        heading="An envelope was refused",
        text=f"It lay among the letters of {WRITERS[refused.side]} and is not shown, because "
        f"{refused.reason}. Tell whoever runs the system; the refusal is in the audit log.",
        postmark=refused.postmark,
        refused=True,
    )
