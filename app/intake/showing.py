"""A thread in words: whose letter, of which day, and whatever is wrong with the chain."""

from dataclasses import dataclass
from datetime import date

from app.envelope.letter import Attachment, Kind, Letter
from app.envelope.thread import Doubt, Entry, Fork, Gap, Item, Refused, Side
from app.intake.enclosures import Asked
from app.intake.reading import Found, Visit
from app.intake.writing import LABELS

STRANGE_DESK = (
    "The portal says that your concern lies with another team, but no letter of that team "
    "vouches for it. What you write here is sealed for the team you wrote to before"
)
NONE_OPENS = (
    "Your own letters are missing or do not open, so nothing can be added safely. "
    "Tell somebody you trust outside this portal"
)
REVIEW = "You ask for a review of the outcome"
TO_ANOTHER_TEAM = (
    "A letter of yours was sealed for the team that had your concern before it was passed on. The "
    "team that has it now may not be able to open it. If no letter here answers it, please write "
    "it again below"
)
WHOSE = {Side.REPORTER: "from you", Side.DESKS: "from the team"}


@dataclass(frozen=True, slots=True)
class ShownLetter:
    """A letter as the page shows it."""

    side: str
    author: str
    # None while it waits for the collection.
    postmark: date | None
    # Headings and words; a heading is empty where there is none.
    parts: tuple[tuple[str, str], ...]
    attachments: tuple[Attachment, ...]
    # What asks for the team's file; empty if there is none.
    enclosure: str = ""

    @property
    def waits(self) -> bool:
        """Whether it waits for the collection."""
        return self.postmark is None


def letters_of(visit: Visit) -> list[ShownLetter]:
    """Return every letter of the thread, in its order."""
    return [_shown(entry, visit) for entry in visit.thread.entries]


def notices_of(visit: Visit) -> list[str]:
    """Return what the reporter has to know of the thread: gaps, forks, refusals."""
    said = [words for item in visit.thread.items if (words := _notice(item))]
    if visit.last is None:
        said.insert(0, NONE_OPENS)
    elif visit.strange_desk and visit.everything:
        said.insert(0, STRANGE_DESK)
    if went_elsewhere(visit):
        said.append(TO_ANOTHER_TEAM)
    return said


def went_elsewhere(visit: Visit) -> bool:
    """Say whether the reporter's last letter may lie there for a team that has it no more.

    It came, or will come, after a letter of the desk's that passed the thread on, and is sealed to
    another team than that letter names. On one day nobody can tell which was first.
    """
    last = visit.last
    if last is None:
        return False
    came = date.max if last.content.waits else last.postmark
    passed = [
        entry
        for entry in visit.thread.entries
        if entry.side is Side.DESKS and entry.postmark <= came
    ]
    now = max(passed, key=lambda entry: entry.place, default=None)
    if now is None or last.place == 0:
        return False
    return last.content.letter.desk not in {now.content.letter.desk, visit.box.desk}


def _shown(entry: Entry[Found], visit: Visit) -> ShownLetter:
    letter = entry.content.letter
    own = entry.side is Side.REPORTER
    return ShownLetter(
        side="reporter" if own else "desk",
        author="You" if own else visit.names[letter.author],
        postmark=None if entry.content.waits else entry.postmark,
        parts=_parts(letter),
        attachments=letter.attachments,
        enclosure="" if own or not letter.attachments else str(_asked(entry)),
    )


def _asked(entry: Entry[Found]) -> Asked:
    return Asked(entry.content.id, entry.digest)


def _parts(letter: Letter) -> tuple[tuple[str, str], ...]:
    if letter.kind is not Kind.CONCERN:
        return ((REVIEW if letter.asks_for_review else "", letter.text),)
    return tuple(
        (label, letter.answers[code]) for code, label in LABELS.items() if letter.answers[code]
    )


def _notice(item: Item[Found]) -> str:
    match item:
        case Gap():
            return _gap(item)
        case Fork(doubt=Doubt.SEVERAL):
            return (
                f"There are two different letters at place {item.place + 1} {WHOSE[item.side]}. "
                "If you did not write in two windows at once, somebody may have interfered"
            )
        case Fork():
            return (
                f"Letter {item.place + 1} {WHOSE[item.side]} does not follow the one before it. "
                "Somebody may have interfered"
            )
        case Refused():
            return (
                f"A letter {WHOSE[item.side]} was refused and is not shown: {item.reason}. "
                "Somebody may have interfered"
            )
        case _:
            return ""


def _gap(gap: Gap) -> str:
    missing = f"Letter {gap.first + 1} {WHOSE[gap.side]} is missing here"
    if gap.last > gap.first:
        missing = f"Letters {gap.first + 1} to {gap.last + 1} {WHOSE[gap.side]} are missing here"
    return f"{missing}. What was sent a moment ago may be on its way; else somebody removed it"
