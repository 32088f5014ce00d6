"""Which notes of a case a reader is shown: none that speaks of another one kept from her."""

from collections.abc import Iterable

from app.casework import service
from app.casework.notes import InternalNote
from app.identity.domain import StaffMember
from app.work import Work


def shown(work: Work, notes: Iterable[InternalNote], *, by: StaffMember) -> list[InternalNote]:
    """Return those of some notes that are for `by` in this moment."""
    return [note for note in notes if not note.beside or service.may_read(work, note.beside, by=by)]
