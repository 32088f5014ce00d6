"""The parts of a case sheet: what was decided when, by whom and why; links, actions, milestones.

Each knows how it is written and how it is read again; what may stand together is for `sheet.py`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from app.casework.domain import REFERENCE
from app.envelope.identifiers import is_identifier
from app.envelope.strict_json import Json, names_of, object_in, text_in, texts_in

LONGEST_REASON = 500  # characters, of each heading
LONGEST_ACTION = 200
# The one step that decides something and leaves a case where it is.
NO_REFERRAL = "decide-no-referral"
NOT_REFERRED = "not-referred"  # what the sheet says of a referral after it
CODE = re.compile(r"[a-z][a-z0-9_-]{0,47}", re.ASCII)

_SLIP = re.compile(r"[0-9a-f]{32}", re.ASCII)
_PERIOD = re.compile(r"[12][0-9]{3}(?:Q[1-4])?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)

# The stages of the National Decision Model, in its order. A step that asks for one reason alone
# has it under the last.
HEADINGS = ("information", "risk", "powers", "options", "action")


class UnfitSheet(Exception):
    """The bytes are not a case sheet, or its parts do not fit. Quotes nothing of it."""


class LinkKind(StrEnum):
    """How another case belongs to this one."""

    LINKED = "linked"
    # This case is dealt with as part of the other.
    DUPLICATE_OF = "duplicate-of"
    DUPLICATE = "duplicate"
    # This case says that somebody was treated badly for reporting the other.
    RETALIATION_FOR = "retaliation-for"
    RETALIATION = "retaliation"


# What the other case says of this one.
OTHER_SIDE = {
    LinkKind.LINKED: LinkKind.LINKED,
    LinkKind.DUPLICATE_OF: LinkKind.DUPLICATE,
    LinkKind.DUPLICATE: LinkKind.DUPLICATE_OF,
    LinkKind.RETALIATION_FOR: LinkKind.RETALIATION,
    LinkKind.RETALIATION: LinkKind.RETALIATION_FOR,
}


# An alert was sent, and stays sent: a link that says so is never taken away. That a case is one
# stands on its sheet because its first words say so, which anybody can write: that may go.
LASTING = frozenset({LinkKind.RETALIATION})


@dataclass(frozen=True, slots=True)
class TriageEnd:
    """That triage ended, and what the desk gave as its reason."""

    on: date
    reason: str

    def as_json(self) -> Json:
        """Return it as it is written."""
        return {"on": self.on.isoformat(), "reason": self.reason}

    @classmethod
    def of(cls, found: dict[str, Json]) -> "TriageEnd":
        """Return what is written in `found`."""
        names_of(found, ("on", "reason"))
        return cls(day_in(found, "on"), text_in(found, "reason"))


@dataclass(frozen=True, slots=True)
class Closing:
    """That the case was closed: the class of its outcome, and why."""

    on: date
    outcome: str
    reason: str

    def as_json(self) -> Json:
        """Return it as it is written."""
        return {"on": self.on.isoformat(), "outcome": self.outcome, "reason": self.reason}

    @classmethod
    def of(cls, found: dict[str, Json]) -> "Closing":
        """Return what is written in `found`."""
        names_of(found, ("on", "outcome", "reason"))
        return cls(day_in(found, "on"), text_in(found, "outcome"), text_in(found, "reason"))


@dataclass(frozen=True, slots=True)
class SlipRef:
    """The slip that a matter is counted by. The sheet alone knows that it is this case's."""

    id: str
    period: str

    @property
    def is_fit(self) -> bool:
        """Whether id and period have their form."""
        return bool(_SLIP.fullmatch(self.id) and _PERIOD.fullmatch(self.period))

    def as_json(self) -> Json:
        """Return it as it is written."""
        return {"id": self.id, "period": self.period}

    @classmethod
    def of(cls, slips: dict[str, Json], kind: str) -> "SlipRef | None":
        """Return the slip of a kind, if there is one."""
        if kind not in slips:
            return None
        found = object_in(slips, kind)
        names_of(found, ("id", "period"))
        return cls(text_in(found, "id"), text_in(found, "period"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step that was taken: which, on which desk, by whom, and why."""

    id: str
    to: str
    on: date
    desk: str
    author: str
    # Who confirmed it, where the table asks for a second person.
    second: str = ""
    # The code that the step asked for, and the outcomes it recorded.
    code: str = ""
    outcomes: tuple[str, ...] = ()
    # By heading. Those of older steps stand in the version in which they were taken.
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_fit(self) -> bool:
        """Whether its parts have their form."""
        codes = (self.id, self.to, *filter(None, (self.code, *self.outcomes)))
        return (
            all(map(CODE.fullmatch, codes))
            and is_identifier(self.desk)
            and is_identifier(self.author)
            and (not self.second or is_identifier(self.second))
            and self.second != self.author
            and list(self.reasons) == [name for name in HEADINGS if name in self.reasons]
            and all(0 < len(text) <= LONGEST_REASON for text in self.reasons.values())
        )

    @property
    def stays(self) -> bool:
        """Whether the case was in this state before the step too."""
        return self.id == NO_REFERRAL

    def as_json(self) -> Json:
        """Return it as it is written."""
        return {
            "id": self.id,
            "to": self.to,
            "on": self.on.isoformat(),
            "desk": self.desk,
            "author": self.author,
            "second": self.second,
            "code": self.code,
            "outcomes": list(self.outcomes),
            "reasons": dict(self.reasons),
        }

    @classmethod
    def of(cls, found: dict[str, Json]) -> "Step":
        """Return what is written in `found`."""
        names_of(
            found,
            ("id", "to", "on", "desk", "author", "second", "code", "outcomes", "reasons"),
        )
        reasons = object_in(found, "reasons")
        return cls(
            id=text_in(found, "id"),
            to=text_in(found, "to"),
            on=day_in(found, "on"),
            desk=text_in(found, "desk"),
            author=text_in(found, "author"),
            second=text_in(found, "second"),
            code=text_in(found, "code"),
            outcomes=texts_in(found, "outcomes"),
            reasons={name: text_in(reasons, name) for name in reasons},
        )


@dataclass(frozen=True, slots=True)
class Link:
    """That another case belongs to this one."""

    kind: LinkKind
    ref: str

    @property
    def is_fit(self) -> bool:
        """Whether it names a case."""
        return REFERENCE.fullmatch(self.ref) is not None

    def as_json(self) -> Json:
        """Return it as it is written."""
        return {"kind": self.kind.value, "ref": self.ref}

    @classmethod
    def of(cls, found: dict[str, Json]) -> "Link":
        """Return what is written in `found`."""
        names_of(found, ("kind", "ref"))
        try:
            return cls(LinkKind(text_in(found, "kind")), text_in(found, "ref"))
        except ValueError:
            raise UnfitSheet("a link is of no known kind") from None


@dataclass(frozen=True, slots=True)
class Milestone:
    """That something a clock asks for happened, and on which day."""

    what: str
    on: date

    def as_json(self) -> Json:
        """Return it as it is written."""
        return {"what": self.what, "on": self.on.isoformat()}

    @classmethod
    def of(cls, found: dict[str, Json]) -> "Milestone":
        """Return what is written in `found`."""
        names_of(found, ("what", "on"))
        return cls(text_in(found, "what"), day_in(found, "on"))


@dataclass(frozen=True, slots=True)
class Action:
    """Something that is to be done about a case, until when, and when it was."""

    text: str
    due: date
    done_on: date | None = None

    def as_json(self) -> Json:
        """Return it as it is written."""
        done = "" if self.done_on is None else self.done_on.isoformat()
        return {"text": self.text, "due": self.due.isoformat(), "done_on": done}

    @classmethod
    def of(cls, found: dict[str, Json]) -> "Action":
        """Return what is written in `found`."""
        names_of(found, ("text", "due", "done_on"))
        done = None if found["done_on"] == "" else day_in(found, "done_on")
        return cls(text_in(found, "text"), day_in(found, "due"), done)


def day_in(found: dict[str, Json], name: str) -> date:
    """Return the day under `name`, or raise UnfitSheet."""
    text = text_in(found, name)
    # Python also reads 20261121 and 2026-W47-6.
    if not _DATE.fullmatch(text):
        raise UnfitSheet("a date is not one")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UnfitSheet("a date is not one") from None
