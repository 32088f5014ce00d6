"""A case as an export tells it: its open letters, sheet and notes, and what the log has of it."""

import json
from collections.abc import Iterator, Mapping, Sequence

from app.audit.domain import Entry
from app.casework import note_reading, notes
from app.casework.course import course_on
from app.casework.notes import InternalNote, NoteBroken
from app.casework.reading import Opened
from app.casework.reference import reference_on
from app.casework.sealed_texts import SealedText
from app.casework.sheet import CaseSheet
from app.casework.sheet_showing import said
from app.casework.vocabulary import Vocabulary, vocabulary_on
from app.casework.wording import ASKED, DANGER, QUESTIONS
from app.casework.writing_desk import WritingDesk
from app.envelope import thread as threads
from app.envelope.errors import NoMatch
from app.envelope.identities import Identity
from app.envelope.keyring import Former, Keyring, Member
from app.envelope.letter import Kind
from app.identity.domain import StaffMember
from app.sharing.domain import CaseTold, LetterTold
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
    by: StaffMember,
) -> CaseTold:
    """Return everything of a case that an export can say.

    Args:
        work: may be one that only reads.
        desk: the case, open.
        about: the routing table's words for the codes of its answers.
        identity: opens the notes.
        entries: what the audit log has of it.
        by: whom it is told.

    Raises:
        NoteBroken: if a note is not what a member of the desk sealed.
    """
    case, names = desk.case, _names(desk.keyring)
    sealed = notes.stored(work, case.ref)
    vocabulary, course = vocabulary_on(work.today), course_on(work.today)
    sheet = {**said(desk.sheet, reference_on(work.today)), **_chosen(desk.sheet, vocabulary)}
    return CaseTold(
        ref=case.ref,
        desk=desk.keyring.desk(case.desk).label,
        state=course.fine_state(case.state, desk.sheet.last_state).label,
        priority="P0" if case.is_urgent else "Ordinary",
        received_on=case.received_on.isoformat(),
        letters=tuple(_letters(desk, names, about)),
        refused=tuple(
            f"{item.postmark.isoformat()}: {item.reason}"
            for item in desk.thread.items
            if isinstance(item, threads.Refused)
        ),
        sheet=tuple((name, text) for name, text in sheet.items() if text),
        notes=tuple(
            (names.get(note.author, note.author), note.written_on.isoformat(), note.text.words)
            for note in note_reading.shown(work, _notes(sealed, desk, identity), by=by)
        ),
        audit=tuple(json.loads(entry.leaf()) for entry in entries),
    )


def _letters(desk: WritingDesk, names: Mapping[str, str], about: Labels) -> Iterator[LetterTold]:
    for number, entry in enumerate(desk.thread.entries, 1):
        letter = entry.content.letter
        of_desk = letter.kind is Kind.REPLY
        parts = list(_answers(letter.answers, about))
        if letter.text:
            parts.append(("Text", letter.text))
        yield LetterTold(
            entry=entry.content.entry.id.hex(),
            kind=KINDS[letter.kind],
            author=names.get(letter.author, letter.author) if of_desk else "reporter",
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


def _chosen(sheet: CaseSheet, words: Vocabulary) -> dict[str, str]:
    return {
        "Whom it is about": words["subject"].get(sheet.subject, sheet.subject),
        "Standards engaged": ", ".join(
            words["standards"].get(code, code) for code in sheet.standards
        ),
        "Corruption category": words["corruption"].get(sheet.corruption, sheet.corruption),
        "Intelligence grade": sheet.grade,
        "Learning": sheet.learning,
    }


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


def _names(keyring: Keyring) -> dict[str, str]:
    people: tuple[Member | Former, ...] = (*keyring.members, *keyring.former)
    return {person.id: person.name for person in people}


def files_of(desk: WritingDesk) -> Iterator[tuple[str, Opened, int]]:
    """Yield member name, opened envelope and number of every file of a case."""
    for number, entry in enumerate(desk.thread.entries, 1):
        for place in range(1, len(entry.content.letter.attachments) + 1):
            yield f"attachments/{number}-{place}", entry.content, place
