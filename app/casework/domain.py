"""A case as it stands in clear, the steps it may take, and when it is due."""

import enum
from dataclasses import dataclass
from datetime import date, timedelta

OPEN_WITHIN = {"ordinary": timedelta(days=3), "urgent": timedelta(days=1)}
ANSWER_WITHIN = timedelta(days=7)


class CaseState(enum.Enum):
    """Where a case is."""

    SEALED = "sealed"
    OPENED = "opened"
    TRIAGE = "triage"
    CLOSED = "closed"


class Priority(enum.Enum):
    """Chosen by the reporter before sealing; P0 is danger to life."""

    ORDINARY = "ordinary"
    URGENT = "urgent"


class Declaration(enum.Enum):
    """What a handler said before opening a case for the first time."""

    NO_CONFLICT = "no conflict"
    CONFLICT = "conflict"


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
    version: int = 1
