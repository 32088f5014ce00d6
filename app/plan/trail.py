"""The rows that only grow: progress notes and the history; and the evidence beside them."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from app.plan.changes import ACTION_FIELDS
from app.plan.choices import EvidenceKind, Status, Subject, Theme
from app.plan.domain import Author, Change, Evidence, Note, Recorded
from app.plan.tables import ActionRow, ChangeRow, EvidenceRow, NoteRow


class Notes:
    """The progress notes of one plan's actions."""

    def __init__(self, session: Session, plan: str) -> None:
        self._session = session
        self._plan = plan

    def of(self, number: int) -> list[Note]:
        """Return the notes of one action, the newest first."""
        chosen = select(NoteRow).where(NoteRow.plan == self._plan, NoteRow.number == number)
        return [_note(row) for row in self._session.scalars(chosen.order_by(NoteRow.id.desc()))]

    def all(self) -> list[tuple[int, Note]]:
        """Return every note with its action's number, by number, the newest first."""
        chosen = select(NoteRow).where(NoteRow.plan == self._plan)
        rows = self._session.scalars(chosen.order_by(NoteRow.number, NoteRow.id.desc()))
        return [(row.number, _note(row)) for row in rows]

    def latest(self) -> dict[int, Note]:
        """Return the newest note of every action that has one."""
        newest = select(func.max(NoteRow.id)).where(NoteRow.plan == self._plan)
        chosen = select(NoteRow).where(NoteRow.id.in_(newest.group_by(NoteRow.number)))
        return {row.number: _note(row) for row in self._session.scalars(chosen)}

    def add(self, notes: Iterable[tuple[int, Note]]) -> None:
        """Add notes, each with its action's number."""
        rows = [
            {
                "plan": self._plan,
                "number": number,
                "noted_on": note.noted_on,
                "by": note.by.id,
                "by_name": note.by.name,
                "text": note.text,
            }
            for number, note in notes
        ]
        if rows:
            self._session.execute(insert(NoteRow), rows)


class History:
    """What changed in one plan."""

    def __init__(self, session: Session, plan: str) -> None:
        self._session = session
        self._plan = plan

    def add(
        self,
        subject: Subject,
        number: int | None,
        changes: Sequence[Change],
        *,
        on: date,
        by: Author,
    ) -> None:
        """Add the changes of one thing."""
        rows = [
            {
                "plan": self._plan,
                "subject": subject,
                "number": number,
                "changed_on": on,
                "by": by.id,
                "by_name": by.name,
                "what": change.what,
                "before": change.before,
                "after": change.after,
            }
            for change in changes
        ]
        if rows:
            self._session.execute(insert(ChangeRow), rows)

    def of(self, subject: Subject, number: int | None) -> list[Recorded]:
        """Return what changed of one thing, the newest first."""
        chosen = select(ChangeRow).where(
            ChangeRow.plan == self._plan,
            ChangeRow.subject == subject,
            ChangeRow.number == number,
        )
        rows = self._session.scalars(chosen.order_by(ChangeRow.id.desc()))
        return [_recorded(row) for row in rows]

    def page(self, *, start: int, most: int) -> list[Recorded]:
        """Return a page of everything that changed, the newest first."""
        chosen = select(ChangeRow).where(ChangeRow.plan == self._plan)
        page = chosen.order_by(ChangeRow.id.desc()).offset(start).limit(most)
        return [_recorded(row) for row in self._session.scalars(page)]

    def reached(self, status: Status, *, since: date, before: date) -> dict[int, date]:
        """Return the actions that came to `status` in a span of days, with the last such day."""
        chosen = select(ChangeRow.number, func.max(ChangeRow.changed_on)).where(
            ChangeRow.plan == self._plan,
            ChangeRow.subject == Subject.ACTION,
            ChangeRow.what == ACTION_FIELDS["status"],
            ChangeRow.after == status.label,
            ChangeRow.changed_on >= since,
            ChangeRow.changed_on < before,
        )
        found = self._session.execute(chosen.group_by(ChangeRow.number))
        return {number: day for number, day in found if number is not None}

    def count(self) -> int:
        """Return how many changes there are."""
        chosen = select(func.count()).select_from(ChangeRow).where(ChangeRow.plan == self._plan)
        return self._session.scalar(chosen) or 0


class EvidenceStore:
    """What the actions of one plan rest on."""

    def __init__(self, session: Session, plan: str) -> None:
        self._session = session
        self._plan = plan

    def of(self, number: int) -> list[Evidence]:
        """Return the evidence of one action, in the order it was added."""
        chosen = select(EvidenceRow).where(
            EvidenceRow.plan == self._plan, EvidenceRow.number == number
        )
        return [_evidence(row) for row in self._session.scalars(chosen.order_by(EvidenceRow.id))]

    def all(self) -> list[tuple[int, Evidence]]:
        """Return all evidence with its action's number."""
        chosen = select(EvidenceRow).where(EvidenceRow.plan == self._plan)
        rows = self._session.scalars(chosen.order_by(EvidenceRow.number, EvidenceRow.id))
        return [(row.number, _evidence(row)) for row in rows]

    def cells_by_theme(self) -> dict[Theme | None, list[str]]:
        """Return the ids of the released cells that the actions of each theme cite."""
        chosen = (
            select(ActionRow.theme, EvidenceRow.cell)
            .join(
                EvidenceRow,
                (EvidenceRow.plan == ActionRow.plan) & (EvidenceRow.number == ActionRow.number),
            )
            .where(ActionRow.plan == self._plan, EvidenceRow.cell.is_not(None))
            .order_by(EvidenceRow.id)
        )
        found: dict[Theme | None, list[str]] = {}
        for theme, cell in self._session.execute(chosen):
            cited = found.setdefault(theme, [])
            if cell is not None and cell not in cited:
                cited.append(cell)
        return found

    def add(self, number: int, evidence: Evidence) -> None:
        """Add a piece of evidence; its id is given by the database."""
        self._session.execute(
            insert(EvidenceRow),
            {
                "plan": self._plan,
                "number": number,
                "kind": evidence.kind,
                "cell": evidence.cell,
                "title": evidence.title,
                "source": evidence.source,
                "dated_on": evidence.dated_on,
                "why": evidence.why,
                "added_on": evidence.added_on,
                "by": evidence.by.id,
                "by_name": evidence.by.name,
            },
        )

    def remove(self, id: int) -> None:
        """Take a piece of evidence away; the history keeps that it was there."""
        chosen = delete(EvidenceRow).where(EvidenceRow.plan == self._plan, EvidenceRow.id == id)
        self._session.execute(chosen)


def _note(row: NoteRow) -> Note:
    return Note(noted_on=row.noted_on, by=Author(row.by, row.by_name), text=row.text)


def _recorded(row: ChangeRow) -> Recorded:
    return Recorded(
        subject=row.subject,
        number=row.number,
        changed_on=row.changed_on,
        by=Author(row.by, row.by_name),
        change=Change(what=row.what, before=row.before, after=row.after),
    )


def _evidence(row: EvidenceRow) -> Evidence:
    return Evidence(
        id=row.id,
        kind=EvidenceKind(row.kind),
        cell=row.cell,
        title=row.title,
        source=row.source,
        dated_on=row.dated_on,
        why=row.why,
        added_on=row.added_on,
        by=Author(row.by, row.by_name),
    )
