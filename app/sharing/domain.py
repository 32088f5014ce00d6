"""What can be taken out of a case, for whom, and why. Pure."""

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

LONGEST_NAME = 80  # characters of a recipient's name
LONGEST_PHRASE = 120
MOST_PHRASES = 100
LONGEST_SUMMARY = 2_000
BETWEEN = " | "  # outcomes: their words have commas and semicolons


class ExportKind(enum.Enum):
    """What an export is."""

    BUNDLE = "bundle"
    CENTURION = "centurion"
    INTELLIGENCE = "intelligence"
    SUBJECT_ACCESS = "subject-access"


class Reason(enum.Enum):
    """Why something leaves a desk. The log has the code; what is typed beside it is sealed."""

    IOPC = "iopc"
    OTHER_FORCE = "other-force"
    PROCEEDINGS = "proceedings"
    PROSECUTION = "prosecution"
    COURT_ORDER = "court-order"
    CASE_SYSTEM = "case-system"
    INTELLIGENCE = "intelligence"
    SUBJECT_ACCESS = "subject-access"
    OVERSIGHT = "oversight"


KINDS = {
    ExportKind.BUNDLE: "Case bundle: every letter, file, note and decision, with the audit extract",
    ExportKind.CENTURION: "One row for Centurion (CSV)",
    ExportKind.INTELLIGENCE: "Intelligence report (3x5x2), without the source",
    ExportKind.SUBJECT_ACCESS: "For the data protection officer, other people marked",
}
REASONS = {
    Reason.IOPC: "Referred to the IOPC, or asked for by it",
    Reason.OTHER_FORCE: "Dealt with by another force",
    Reason.PROCEEDINGS: "Misconduct proceedings",
    Reason.PROSECUTION: "Disclosure in a prosecution",
    Reason.COURT_ORDER: "Order of a court",
    Reason.CASE_SYSTEM: "Recorded in the case system of Professional Standards",
    Reason.INTELLIGENCE: "Intelligence to be developed or shared",
    Reason.SUBJECT_ACCESS: "Subject access request",
    Reason.OVERSIGHT: "Inspection or oversight",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterTold:
    """A letter as an export has it. A reporter's says of its author that it is the reporter."""

    entry: str
    kind: str
    author: str
    postmark: str
    parts: tuple[tuple[str, str], ...] = field(repr=False)
    files: tuple[tuple[str, str, int, str], ...] = ()  # member name, label, bytes, SHA-256

    @property
    def words(self) -> str:
        """Everything that is written in it."""
        return "\n".join(text for _, text in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTold:
    """Something that happened in a case, with its reasons under their headings."""

    on: str
    what: str
    who: str
    reasons: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    # Of a step: its codes, for machines.
    step: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTold:
    """Everything of a case that an export can say, opened and verified."""

    ref: str
    desk: str
    state: str
    priority: str
    received_on: str
    letters: tuple[LetterTold, ...]
    refused: tuple[str, ...]
    sheet: tuple[tuple[str, str], ...]
    events: tuple[EventTold, ...] = field(default=(), repr=False)
    notes: tuple[tuple[str, str, str], ...]  # author, day, words
    outcomes: tuple[str, ...] = ()  # recorded last, in words
    grade: str = ""  # of the intelligence (3x5x2)
    audit: tuple[dict[str, object], ...] = field(repr=False)

    @property
    def from_reporter(self) -> str:
        """Everything that the reporter wrote."""
        return "\n".join(one.words for one in self.letters if one.author == "reporter")


def phrases_in(typed: str) -> list[str]:
    """Return the phrases of a text field, one a line, without repetitions."""
    lines = (re.sub(r"\s+", " ", line).strip() for line in typed.splitlines())
    return list(dict.fromkeys(line for line in lines if line))
