"""A case as it stands in clear, the steps it may take, and when it is due."""

import enum
import re
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Self

from app.errors import Conflict

OPEN_WITHIN = {"ordinary": timedelta(days=3), "urgent": timedelta(days=1)}
# What a reporter writes is answered within this; the mailbox promises the same.
ANSWER_WITHIN = timedelta(days=7)
# Of a case of which nothing is due.
NEVER = date.max

# No vowels, so that no reference is a word; no 0, 1, I, L or O, so that none is misread.
ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"
REFERENCE = re.compile(f"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", re.ASCII)


class CaseState(enum.Enum):
    """Where a case is."""

    SEALED = "sealed"
    OPENED = "opened"
    TRIAGE = "triage"
    # Triage has ended: what the concern is about is decided, and something is done about it.
    UNDER_WAY = "under-way"
    CLOSED = "closed"


# From SEALED a case goes on by being read, not by a button; to triage by a button without a word.
# Every other step is of its course, and stands in the case sheet with its reasons.
NEXT_STEP = {CaseState.OPENED: CaseState.TRIAGE}


class Priority(enum.Enum):
    """Chosen by the reporter before sealing; P0 is danger to life."""

    ORDINARY = "ordinary"
    URGENT = "urgent"


class Refusal(enum.StrEnum):
    """What somebody was refused in a case of hers, as far as the log may say it."""

    STEP = "step"
    TRIAGE_END = "triage-end"
    # To confirm what she proposed, and to be the second reader of what she wrote.
    OWN_STEP = "own-step"
    OWN_TEXT = "own-text"


class Declaration(enum.Enum):
    """What a handler said before opening a case for the first time."""

    NO_CONFLICT = "no conflict"
    CONFLICT = "conflict"


class Drawer(enum.Enum):
    """The parts of an inbox. A closed case with a new letter is not at rest: it is open."""

    WAITING = "waiting"
    OPEN = "open"
    CLOSED = "closed"


def drawer_of(state: CaseState, *, unread: bool) -> Drawer:
    """Return the part of an inbox that a case in `state` lies in."""
    if state is CaseState.SEALED:
        return Drawer.WAITING
    return Drawer.CLOSED if state is CaseState.CLOSED and not unread else Drawer.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A concern on a desk. Says nothing of what was reported: that stays sealed."""

    ref: str
    mailbox: bytes
    desk: str
    # A day and not an instant: set beside a shift rota, 03:12 is a name.
    received_on: date
    due_on: date
    state: CaseState = CaseState.SEALED
    priority: Priority = Priority.ORDINARY
    unread: bool = True
    version: int = 1

    @classmethod
    def received(
        cls, *, ref: str, mailbox: bytes, desk: str, urgent: bool, received_on: date
    ) -> Self:
        """Return a case as a collection leaves it on a desk."""
        priority = Priority.URGENT if urgent else Priority.ORDINARY
        return cls(
            ref=ref,
            mailbox=mailbox,
            desk=desk,
            received_on=received_on,
            due_on=received_on + OPEN_WITHIN[priority.value],
            priority=priority,
        )

    @property
    def next_step(self) -> CaseState | None:
        """The one step that asks for no words, where there is one."""
        return NEXT_STEP.get(self.state)

    @property
    def drawer(self) -> Drawer:
        """The part of an inbox it lies in."""
        return drawer_of(self.state, unread=self.unread)

    @property
    def is_urgent(self) -> bool:
        """Whether the reporter asked that nobody wait."""
        return self.priority is Priority.URGENT

    def days_left(self, today: date) -> int | None:
        """Return the days until it is due, negative once it is late; None if nothing is."""
        nothing = self.drawer is Drawer.CLOSED or self.due_on == NEVER
        return None if nothing else (self.due_on - today).days

    def at(self, version: int) -> Self:
        """Return this case if it is still as it was when somebody looked at it.

        Raises:
            Conflict: if it is at another version.
        """
        if version != self.version:
            raise Conflict(f"case {self.ref} is no longer at version {version}")
        return self

    def read(self) -> Self:
        """Return this case as its reading leaves it: opened, if it was sealed."""
        if self.state is not CaseState.SEALED:
            return replace(self, unread=False)
        return replace(self, state=CaseState.OPENED, unread=False)

    def written_to_on(self, today: date) -> Self:
        """Return this case after the reporter wrote again: that is to be answered."""
        # While it is sealed it is due to be opened, and the letter comes to light with that.
        if self.state is CaseState.SEALED:
            return self
        # What is due before that stays due: nobody gains time by being written to.
        return replace(self, unread=True, due_on=min(self.due_on, today + ANSWER_WITHIN))

    def due(self, on: date) -> Self:
        """Return this case, due on another day."""
        return replace(self, due_on=on)

    def taken_to(self, state: CaseState) -> Self:
        """Return this case one step on. No clock begins or ends with such a step.

        Raises:
            Conflict: if that is not the next step from where it is now.
        """
        if state is not self.next_step:
            raise Conflict(f"case {self.ref} cannot go from {self.state.value} to {state.value}")
        return replace(self, state=state)

    def follows(self, state: CaseState, due_on: date) -> Self:
        """Return this case where the step that its sheet says leads, whichever that is.

        Raises:
            Conflict: if nobody has read it: it is opened by being read.
        """
        if CaseState.SEALED in (self.state, state):
            raise Conflict(f"case {self.ref} cannot go from {self.state.value} to {state.value}")
        return replace(self, state=state, due_on=due_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedSheet:
    """One version of a case sheet as it is stored."""

    version: int
    header: bytes = field(repr=False)
    payload: bytes = field(repr=False)
