"""Searching the cases a member has opened: an index is built with her key, and asked.

What the index holds is in this process's memory for as long as her session lasts there, and
nowhere else: see app/identity/memory.py. Who may read what is asked of the database each time.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from threading import BoundedSemaphore

from app.audit.service import record
from app.casework import readers, reading, search_rows, sheet_keeping
from app.casework.abreast import Opening, abreast
from app.casework.domain import Case
from app.casework.notes import NoteBroken, open_note
from app.casework.reading import VerificationKeys
from app.casework.search_index import Found, Index, Shown, Term, Text
from app.casework.search_rows import Sealed, Stamp
from app.casework.sheet_keeping import SheetBroken
from app.casework.wording import QUESTIONS
from app.envelope.errors import EnvelopeError, NoMatch
from app.envelope.keyring import Keyring
from app.envelope.places import Finder, FinderKey, Places
from app.envelope.strict_json import Json, read_object
from app.errors import Busy, Missing
from app.identity.domain import StaffMember
from app.mailbox.domain import Entry, Side
from app.mailbox.objects import Objects
from app.work import Work

ON_A_PAGE = 10  # cases
AT_ONCE = 2  # builds of one process; each takes a processor for seconds
PATIENCE = 20.0  # seconds
# Answers that are codes of the routing table, and no words.
CODED = frozenset({"about", "danger", "force", "category", "wish"})

_turns = BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Reader:
    """What opening a member's cases takes."""

    key: FinderKey
    keyring: Keyring
    objects: Objects


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A case that was found, as it stands now."""

    case: Case
    found: Found


def outdated(index: Index, now: dict[str, Stamp]) -> list[tuple[str, Stamp]]:
    """Return the cases that are to be read before `index` is asked; it forgets those not hers."""
    index.keep_only(now)
    return [(ref, stamp) for ref, stamp in now.items() if index.stamp(ref) != stamp]


def put(index: Index, cases: list[Sealed], reader: Reader) -> dict[str, Places]:
    """Open some cases and put their words into `index`. Needs no transaction, and takes a while.

    Returns:
        By case, where her stanzas stand, as far as that was not known.

    Raises:
        Busy: if others are building theirs.
    """
    keys, found = reader.keyring.verification_keys(), {}
    if not _turns.acquire(timeout=PATIENCE):
        raise Busy("others are searching")
    try:
        finders = [reader.key.finder(case.places) for case in cases]
        opened = _opened(cases, finders, keys, reader.objects)
        for case, finder, texts in zip(cases, finders, opened, strict=True):
            index.put(case.case.ref, case.stamp, texts, received_on=case.case.received_on)
            if finder.places.changed:
                found[case.case.ref] = finder.places
    finally:
        _turns.release()
    return found


def note_build(work: Work, cases: int, places: Mapping[str, Places], *, by: StaffMember) -> None:
    """Record that `by` had the words of so many cases read into memory, and keep their places."""
    readers.keep_places(work, places, by=by)
    record(work, actor=by.id, verb="search.built", subject=by.id, cases=cases)


def hits(work: Work, found: list[Found], *, by: StaffMember) -> list[Hit]:
    """Return what was found as far as `by` may read it in this moment, and record the search.

    What she looked for is in no record.
    """
    cases = search_rows.readable(work, [one.ref for one in found], by=by)
    shown = [Hit(case=cases[one.ref], found=one) for one in found if one.ref in cases]
    record(work, actor=by.id, verb="search.made", subject=by.id, shown=len(shown))
    return shown


def find(index: Index, terms: list[Term], *, page: int = 1) -> Shown:
    """Return a page of the cases with all of `terms`; the last if there are not so many."""
    return index.find(terms, page=page, most=ON_A_PAGE)


def _opened(
    cases: list[Sealed], finders: list[Finder], keys: VerificationKeys, objects: Objects
) -> list[list[Text]]:
    """Return the texts of each case; none of one whose newest sheet is not for her."""
    sheets = abreast(_sheet(*one, keys) for one in zip(cases, finders, strict=True))
    # Nothing of such a case is for her, whatever else of it still opens.
    hers = [number for number, texts in enumerate(sheets) if texts is not None]
    letters = abreast(
        _letter(cases[number], entry, finders[number], keys, objects)
        for number in hers
        for entry in cases[number].entries
    )
    waiting = iter(letters)
    opened: list[list[Text]] = []
    for case, finder, sheet in zip(cases, finders, sheets, strict=True):
        if sheet is None:
            opened.append([])
            continue
        texts = [text for _ in case.entries for text in next(waiting)]
        opened.append([*texts, *sheet, *_notes(case, keys, finder)])
    return opened


@dataclass(slots=True)
class _Proof:
    """Whether words are whose they seem: verified when they are first to be shown, and once.

    Of two thousand cases a search shows ten: what nobody sees is not verified.
    """

    verify: Callable[[], object] | None
    held: bool = True

    def holds(self) -> bool:
        if self.verify is not None:
            try:
                self.verify()
            except (EnvelopeError, SheetBroken):
                self.held = False
            self.verify = None
        return self.held


def _letter(
    sealed: Sealed, entry: Entry, finder: Finder, keys: VerificationKeys, objects: Objects
) -> Opening[list[Text]]:
    try:
        unsealed = yield from reading.unsealing(entry, finder, objects)
        found = read_object(unsealed.content)
    except (EnvelopeError, Missing):
        # The case's own page says what is wrong with it, and has it recorded.
        return []
    # Not the envelope and not its key: they need not stay in memory.
    where, what = (entry.side, sealed.case.mailbox), (unsealed.content, unsealed.signature)
    proof = _Proof(lambda: reading.verified(*where, *what, keys))
    return [Text(called, words, proof) for called, words in _of_letter(found, entry.side)]


def _notes(sealed: Sealed, keys: VerificationKeys, finder: Finder) -> Iterator[Text]:
    for number, note in enumerate(sealed.notes, 1):
        try:
            opened = open_note(note, number, sealed.case.ref, finder, keys)
        except NoteBroken:
            continue
        # What speaks of another case is found by nobody: she may be kept from that one later.
        if not opened.beside:
            yield Text("Internal note", opened.text.words)


def _of_letter(found: dict[str, Json], side: Side) -> Iterator[tuple[str, str]]:
    """Yield what the words of a letter are called, and the words; it may turn out to be none."""
    answers, text, files = (found.get(name) for name in ("answers", "text", "attachments"))
    if isinstance(answers, dict):
        for question, answer in answers.items():
            if isinstance(answer, str) and answer and question not in CODED:
                yield QUESTIONS.get(question, question), answer
    if isinstance(text, str) and text:
        yield ("Letter of the desk" if side is Side.DESK else "Letter of the reporter"), text
    if isinstance(files, list) and files:
        labels = (file.get("label") for file in files if isinstance(file, dict))
        yield "Files", "\n".join(label for label in labels if isinstance(label, str))


def _sheet(sealed: Sealed, finder: Finder, keys: VerificationKeys) -> Opening[list[Text] | None]:
    """Open the newest sheet of a case: what is written on it, or None if it is not for her."""
    if sealed.sheet is None:
        return []
    ref, version = sealed.case.ref, sealed.sheet.version
    try:
        content, signature = yield from sheet_keeping.unsealing(sealed.sheet, finder)
        found = read_object(content)
    except NoMatch:
        return None
    except EnvelopeError:
        return []
    proof = _Proof(lambda: sheet_keeping.verified(content, signature, ref, version, keys))
    words = list(_written(found))
    return [Text("Case sheet", "\n".join(words), proof)] if words else []


def _written(found: Json, name: str = "") -> Iterator[str]:
    """Yield what somebody wrote on a sheet: what has a space in it is no code, day or id."""
    if isinstance(found, dict):
        for inner, value in found.items():
            yield from _written(value, inner)
    elif isinstance(found, list):
        for value in found:
            yield from _written(value, name)
    elif isinstance(found, str) and (" " in found or name in {"note", "external", "learning"}):
        yield found
