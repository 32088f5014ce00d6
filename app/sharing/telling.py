"""A case as an export tells it: its open letters, sheet and notes, and what the log has of it."""

import json
from collections.abc import Iterator, Mapping, Sequence

from app.audit.domain import Entry
from app.casework import note_reading, notes, sheet_keeping
from app.casework.course import course_on
from app.casework.notes import InternalNote, NoteBroken
from app.casework.reading import Opened
from app.casework.reference import reference_on
from app.casework.sealed_texts import SealedText
from app.casework.sheet_parts import Step
from app.casework.sheet_showing import outcomes, said, with_names
from app.casework.story import Happened, Named, story, with_reasons
from app.casework.wording import ASKED, DANGER, QUESTIONS
from app.casework.writing_desk import WritingDesk
from app.envelope import thread as threads
from app.envelope.errors import NoMatch
from app.envelope.identities import Identity
from app.envelope.letter import Kind
from app.identity.domain import StaffMember
from app.sharing.domain import BETWEEN, CaseTold, EventTold, LetterTold
from app.work import Work

KINDS = {Kind.CONCERN: "Concern", Kind.MESSAGE: "Later message", Kind.REPLY: "Reply of the desk"}
Labels = Mapping[str, Mapping[str, str]]


def told(
    work: Work,
    desk: WritingDesk,
    *,
    about: Labels,
    identity: Identity,
    entries: Sequence[Entry],
    named: Named,
    by: StaffMember,
) -> CaseTold:
    """Return everything of a case that an export can say.

    Args:
        work: may be one that only reads.
        desk: the case, open.
        about: the routing table's words for the codes of its answers.
        identity: opens the notes.
        entries: what the audit log has of it.
        named: what its members are called.
        by: whom it is told.

    Raises:
        NoteBroken: if a note is not what a member of the desk sealed.
    """
    case, course = desk.case, course_on(work.today)
    sheet = with_names(said(desk.sheet, reference_on(work.today)), named)
    recorded = outcomes(desk.sheet, course)
    sheet["Outcomes recorded"] = BETWEEN.join(recorded)
    events = story(
        case,
        desk.thread,
        desk.sheet,
        _steps(work, desk, identity),
        named=named,
        on=work.today,
    )
    sealed = notes.stored(work, case.ref)
    return CaseTold(
        ref=case.ref,
        desk=desk.keyring.desk(case.desk).label,
        state=course.fine_state(case.state, desk.sheet.last_state).label,
        priority="P0" if case.is_urgent else "Ordinary",
        received_on=case.received_on.isoformat(),
        letters=tuple(_letters(desk, named, about)),
        refused=tuple(
            f"{item.postmark.isoformat()}: {item.reason}"
            for item in desk.thread.items
            if isinstance(item, threads.Refused)
        ),
        sheet=tuple((name, text) for name, text in sheet.items() if text),
        events=tuple(map(_event, events)),
        notes=tuple(
            (named(note.author), note.written_on.isoformat(), note.text.words)
            for note in note_reading.shown(work, _notes(sealed, desk, identity), by=by)
        ),
        outcomes=tuple(recorded),
        grade=desk.sheet.grade,
        audit=tuple(json.loads(entry.leaf()) for entry in entries),
    )


def unnamed(_id: str) -> str:
    """Return what every member is called where the names of a desk are left out."""
    return "a member of the desk"


def _letters(desk: WritingDesk, named: Named, about: Labels) -> Iterator[LetterTold]:
    for number, entry in enumerate(desk.thread.entries, 1):
        letter = entry.content.letter
        of_desk = letter.kind is Kind.REPLY
        parts = list(_answers(letter.answers, about))
        if letter.text:
            parts.append(("Text", letter.text))
        yield LetterTold(
            entry=entry.content.entry.id.hex(),
            kind=KINDS[letter.kind],
            author=named(letter.author) if of_desk else "reporter",
            postmark=entry.postmark.isoformat(),
            parts=tuple(parts),
            files=tuple(
                (f"attachments/{number}-{place}", named.label, named.size, named.sha256)
                for place, named in enumerate(letter.attachments, 1)
            ),
        )


def _answers(answers: Mapping[str, str], about: Labels) -> Iterator[tuple[str, str]]:
    for code, question in QUESTIONS.items():
        answer = answers.get(code, "")
        if code in about:
            answer = ", ".join(about[code].get(part, part) for part in answer.split())
        elif code == "danger":
            answer = DANGER.get(answer, "")
        elif code == "asks":
            answer = ASKED.get(answer, "")
        if answer:
            yield question, answer


def _steps(work: Work, desk: WritingDesk, identity: Identity) -> Sequence[Step]:
    steps, ref = desk.sheet.steps, desk.case.ref
    if all(step.reasons for step in steps):
        return steps
    keys = desk.keyring.verification_keys()
    versions = sheet_keeping.stored(work, ref)
    return with_reasons(steps, sheet_keeping.open_all(versions, ref, identity, keys))


def _event(one: Happened) -> EventTold:
    step = one.step
    codes: dict[str, object] = {}
    if step is not None:
        codes = {
            "id": step.id,
            "to": step.to,
            "desk": step.desk,
            "code": step.code,
            "outcomes": list(step.outcomes),
        }
    on = one.on.isoformat()
    return EventTold(on=on, what=one.what, who=one.who, reasons=one.reasons, step=codes)


def _notes(
    sealed: Sequence[SealedText], desk: WritingDesk, identity: Identity
) -> Iterator[InternalNote]:
    keys = desk.keyring.verification_keys()
    for number, one in enumerate(sealed, 1):
        try:
            yield notes.open_note(one, number, desk.case.ref, identity, keys)
        except NoteBroken as error:
            if not isinstance(error.__cause__, NoMatch):
                raise


def files_of(desk: WritingDesk) -> Iterator[tuple[str, Opened, int]]:
    """Yield member name, opened envelope and number of every file of a case."""
    for number, entry in enumerate(desk.thread.entries, 1):
        for place in range(1, len(entry.content.letter.attachments) + 1):
            yield f"attachments/{number}-{place}", entry.content, place
