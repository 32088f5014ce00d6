"""Work lists at the desk: case sheets, drafts and proposals, opened with a member's key.

What was made of them stays in this process's memory for her session alone, as the words of her
search do (see app/identity/memory.py); whose cases she may see is asked of the database each time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from app.approval.domain import Proposal
from app.audit.service import record
from app.casework import (
    drafts,
    listing,
    reading,
    search_rows,
    second_person,
    sheet_keeping,
    worklist_rows,
)
from app.casework.clocks import clocks_on
from app.casework.course import course_on
from app.casework.domain import Case, Drawer
from app.casework.draft_rows import StoredDraft
from app.casework.drafts import DraftBroken
from app.casework.reading import Folder
from app.casework.sheet_keeping import SheetBroken
from app.casework.worklist import Gist, gist_of
from app.casework.worklist_rows import Lying, Stamp
from app.envelope.errors import NoMatch
from app.envelope.identities import Identity
from app.envelope.keyring import Keyring
from app.identity.domain import StaffMember
from app.mailbox.objects import Objects
from app.work import Work

# Opening a sheet takes about a millisecond, and these are opened before the first page.
MOST = 50  # cases, those due first
WAITING = 20  # cases to be opened; their rows say all there is to say
GIST = 600  # bytes, about


@dataclass
class Looked:
    """What was made of the cases, drafts and proposals that one session looked through."""

    gists: dict[str, tuple[Stamp, Gist | None]] = field(default_factory=dict, repr=False)
    # By id, who wrote a draft and which step is proposed; none where it is not for her.
    authors: dict[bytes, str | None] = field(default_factory=dict, repr=False)
    steps: dict[bytes, str | None] = field(default_factory=dict, repr=False)

    @property
    def size(self) -> int:
        """About how many bytes of memory this takes."""
        return GIST * len(self.gists) + 100 * (len(self.authors) + len(self.steps))

    def copy(self) -> Self:
        """Return the same, to be brought up to date apart from it."""
        return replace(
            self, gists=dict(self.gists), authors=dict(self.authors), steps=dict(self.steps)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What the database says that one member may see, still closed."""

    waiting: Sequence[Case]
    open: Sequence[Case]
    # Of the open ones that she has declared upon.
    stamps: Mapping[str, Stamp]
    drafts: Sequence[StoredDraft]
    proposals: Sequence[Proposal]
    # The cases of drafts and proposals, all of them hers to read.
    beside: Mapping[str, Case]


@dataclass(frozen=True, slots=True)
class WaitingText:
    """A text for a reporter that waits for its second reader, or came back to its author."""

    ref: str
    author: str
    returned: bool


@dataclass(frozen=True, slots=True)
class WaitingStep:
    """A step that waits for a second person."""

    ref: str
    step: str
    proposal: Proposal


def rows(work: Work, *, by: StaffMember) -> Rows:
    """Return what a work list of `by` is made of."""
    open_cases = listing.nearest(work, Drawer.OPEN, most=MOST, by=by)
    lying, proposals = drafts.lying(work, by=by), second_person.alive(work)
    refs = {draft.ref for draft in lying} | {proposal.subject for proposal in proposals}
    beside = search_rows.readable(work, sorted(refs), by=by) if refs else {}
    return Rows(
        waiting=listing.nearest(work, Drawer.WAITING, most=WAITING, by=by),
        open=open_cases,
        stamps=worklist_rows.stamps(work, open_cases, by=by),
        drafts=[draft for draft in lying if draft.ref in beside],
        proposals=[one for one in proposals if one.subject in beside],
        beside=beside,
    )


def outdated(looked: Looked, found: Rows) -> list[tuple[Case, Stamp]]:
    """Return the cases to be opened; `looked` forgets whatever is not hers any more."""
    for ref in looked.gists.keys() - found.stamps.keys():
        del looked.gists[ref]
    for known, ids in (
        (looked.authors, {one.id for one in found.drafts}),
        (looked.steps, {one.id for one in found.proposals}),
    ):
        for id in known.keys() - ids:
            del known[id]
    return [
        (case, found.stamps[case.ref])
        for case in found.open
        if case.ref in found.stamps
        and looked.gists.get(case.ref, (None, None))[0] != found.stamps[case.ref]
    ]


def put(
    looked: Looked,
    cases: Iterable[Lying],
    identity: Identity,
    keyring: Keyring,
    objects: Objects,
) -> None:
    """Open some sheets, and keep what a work list needs of each. Needs no transaction."""
    for one in cases:
        looked.gists[one.case.ref] = one.stamp, _gist(one, identity, keyring, objects)


def note_look(work: Work, cases: int, *, by: StaffMember) -> None:
    """Record that `by` had so many case sheets looked through for her work list."""
    record(work, actor=by.id, verb="work-list.made", subject=by.id, cases=cases)


def gists(looked: Looked, found: Rows) -> dict[str, Gist]:
    """Return what is known of the cases that are hers to see in this moment."""
    kept = {ref: looked.gists[ref][1] for ref in found.stamps if ref in looked.gists}
    return {ref: gist for ref, gist in kept.items() if gist is not None}


def texts(looked: Looked, found: Rows, identity: Identity, keyring: Keyring) -> list[WaitingText]:
    """Return the texts that wait for a reader or came back, with who wrote each."""
    keys = keyring.verification_keys()
    for draft in found.drafts:
        if draft.id not in looked.authors:
            try:
                opened = drafts.open_draft(draft, found.beside[draft.ref], identity, keys)
            except DraftBroken:
                # Its own page says so, and has it logged.
                opened = None
            looked.authors[draft.id] = None if opened is None else opened.author
    told = ((draft, looked.authors[draft.id]) for draft in found.drafts)
    return [WaitingText(draft.ref, author, draft.returned) for draft, author in told if author]


def steps(looked: Looked, found: Rows, identity: Identity, keyring: Keyring) -> list[WaitingStep]:
    """Return the steps that wait for a second person in cases of hers."""
    for proposal in found.proposals:
        if proposal.id not in looked.steps:
            opened = second_person.open_proposal(proposal, identity, keyring)
            looked.steps[proposal.id] = None if opened is None else opened.wish.step
    told = ((proposal, looked.steps[proposal.id]) for proposal in found.proposals)
    return [WaitingStep(proposal.subject, step, proposal) for proposal, step in told if step]


def _gist(one: Lying, identity: Identity, keyring: Keyring, objects: Objects) -> Gist | None:
    day = one.stamp[2]
    folder = Folder(case=one.case, entries=one.concern)
    thread = reading.open_folder(folder, identity, keyring, objects)
    blank = reading.blank_sheet(one.case, thread, author="nobody")
    versions = [] if one.sheet is None else [one.sheet]
    keys = keyring.verification_keys()
    try:
        sheet = sheet_keeping.open_latest(versions, blank, identity, keys).sheet
    except SheetBroken as error:
        # Not sealed to her: nothing of it shows. Anything else is to come before somebody's eyes.
        is_hers = not isinstance(error.__cause__, NoMatch)
        return Gist(state="", is_broken=True) if is_hers else None
    return gist_of(
        one.case,
        sheet,
        letters=one.letters,
        opened_on=one.opened_on,
        course=course_on(day),
        known=clocks_on(day),
    )
