"""The case sheet: what handlers decided about a case, as it stands inside its envelope.

Pure: what it may say, and how it is written; `sheet_format.py` reads it again. Sealing and storing
are in `sheet_keeping.py`. A sheet is never changed: each change is a new version that names the
one before it.

Source: docs/envelope-spec.md, section 9.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from app.casework.domain import REFERENCE
from app.casework.sheet_parts import (
    CODE,
    LASTING,
    LONGEST_ACTION,
    LONGEST_REASON,
    Action,
    Closing,
    Link,
    LinkKind,
    Milestone,
    SlipRef,
    Step,
    TriageEnd,
    UnfitSheet,
)
from app.envelope.identifiers import is_digest, is_identifier
from app.envelope.strict_json import Json, write_object

# A later format is read beside this one, and written instead of it.
FORMAT = "candour-case-sheet/2"
LONGEST_NOTE = 4_000  # characters
LONGEST_LEARNING = 1_000
LONGEST_EXTERNAL = 60
# Bounds on what accumulates: a sheet has to fit a letter of 60,000 bytes as long as a case lasts.
MOST_STEPS = 120
MOST_LINKS = 60
MOST_ACTIONS = 20
MOST_MILESTONES = 60
MOST_PEOPLE = 60
# Steps whose reasons stand in the newest version. Older reasons stand in the version of their step.
REASONED = 4

CLOSED = "closed"  # the fine state
GRADE = re.compile(r"[1-3][A-E][PC]", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSheet:
    """One version of what handlers decided. An empty text is what nobody has said yet.

    Raises:
        UnfitSheet: if its parts do not fit together.
    """

    ref: str
    version: int
    previous: str = ""
    author: str
    written_on: date
    force: str = ""
    directorate: str = ""
    category: str = ""
    # The reference of the case that this is the same matter as; it is counted there.
    same_as: str = ""
    # A covert enquiry: nothing of it is counted until this is lifted.
    hold: bool = False
    external: str = ""
    note: str = ""
    triages: tuple[TriageEnd, ...] = ()
    closures: tuple[Closing, ...] = ()
    entry_slip: SlipRef | None = None
    closure_slip: SlipRef | None = None
    # Whom it is about: officer, special, staff, …
    subject: str = ""
    standards: tuple[str, ...] = ()
    corruption: str = ""
    # 3x5x2: source, information, handling, such as 2CP.
    grade: str = ""
    # What was decided about a referral to the IOPC, and the criterion, and since when it was clear.
    referral: str = ""
    criterion: str = ""
    criterion_on: date | None = None
    learning: str = ""
    # Whose case it is, and who investigates it: ids of members.
    assignee: str = ""
    investigator: str = ""
    # Who may read, of those on the desk; everybody if empty.
    access: tuple[str, ...] = ()
    # Who may not, found after the concern was sealed. Honoured by every sealing.
    left_out: tuple[str, ...] = ()
    # Desks it was taken from because of a conflict. It never goes back to one.
    left_desks: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    links: tuple[Link, ...] = ()
    actions: tuple[Action, ...] = ()
    milestones: tuple[Milestone, ...] = ()

    def __post_init__(self) -> None:
        _refuse_unfit(self)

    @classmethod
    def blank(cls, ref: str, *, author: str, on: date) -> Self:
        """Return what stands for a case whose sheet nobody has written yet: version 0."""
        return cls(ref=ref, version=0, author=author, written_on=on)

    @property
    def counts(self) -> bool:
        """Whether this matter is counted: not somebody else's count, and not held back."""
        return not self.hold and not self.same_as

    @property
    def is_placed(self) -> bool:
        """Whether force, directorate and category are chosen, so that triage may end."""
        return bool(self.force and self.directorate and self.category)

    @property
    def last_state(self) -> str:
        """The fine state that the last step led to; empty if none was taken."""
        return self.steps[-1].to if self.steps else ""

    @property
    def arrivals(self) -> tuple[Step, ...]:
        """The steps by which the case came to the state that they name."""
        return tuple(step for step in self.steps if not step.stays)

    @property
    def not_referred_on(self) -> tuple[date, ...]:
        """The days on which it was decided that the criterion on this sheet is not referred."""
        return tuple(step.on for step in self.steps if step.stays and step.code == self.criterion)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The outcomes recorded last, one or several; none while the case was taken up again."""
        found = (step.outcomes for step in reversed(self.steps) if step.outcomes)
        return next(found, ())

    def may_have_decided(self, member: str) -> bool:
        """Say whether a member recorded or confirmed an outcome or a closing, or may have.

        The closings of the first format do not say whose they were.
        """
        endings = [step for step in self.steps if step.to == CLOSED]
        deciding = [step for step in self.steps if step.outcomes] + endings
        return len(self.closures) > len(endings) or any(
            member in {step.author, step.second} for step in deciding
        )

    def with_step(self, step: Step) -> Self:
        """Return this sheet after a step; the reasons of older steps are left to their versions."""
        long_ago = max(0, len(self.steps) + 1 - REASONED)
        older = [replace(one, reasons={}) for one in self.steps[:long_ago]]
        return replace(self, steps=(*older, *self.steps[long_ago:], step))

    def with_triage_ended(self, on: date, reason: str) -> Self:
        """Return this sheet after triage ended once more."""
        return replace(self, triages=(*self.triages, TriageEnd(on, reason)))

    def with_closing(self, on: date, outcome: str, reason: str, *, mended: bool = False) -> Self:
        """Return this sheet after the case was closed once more, or anew if that was a mistake."""
        kept = self.closures[:-1] if mended else self.closures
        return replace(self, closures=(*kept, Closing(on, outcome, reason)))

    def with_people(self, *, assignee: str, investigator: str) -> Self:
        """Return this sheet with whose case it is, and who investigates."""
        return replace(self, assignee=assignee, investigator=investigator)

    def with_link(self, kind: LinkKind, ref: str) -> Self:
        """Return this sheet with a link to another case, once."""
        link = Link(kind, ref)
        return self if link in self.links else replace(self, links=(*self.links, link))

    def unlinked(self, ref: str) -> Self:
        """Return this sheet without its links to another case; it counts again if it did there."""
        gone = {link for link in self.links if link.ref == ref and link.kind not in LASTING}
        kept = tuple(link for link in self.links if link not in gone)
        counted_there = self.same_as == ref and Link(LinkKind.DUPLICATE_OF, ref) in gone
        return replace(self, links=kept, same_as="" if counted_there else self.same_as)

    def same_matter_as(self, ref: str) -> Self:
        """Return this sheet with the case that it is the same matter as: it is counted there."""
        return replace(self, same_as=ref)

    def with_milestone(self, what: str, on: date) -> Self:
        """Return this sheet with a milestone, in the order of days."""
        found = sorted({*self.milestones, Milestone(what, on)}, key=lambda one: (one.on, one.what))
        return replace(self, milestones=tuple(found))

    def milestone(self, what: str) -> date | None:
        """Return the day of the newest milestone of this kind, if there is one."""
        return max((one.on for one in self.milestones if one.what == what), default=None)

    def to_json(self) -> bytes:
        """Return the bytes that are signed and sealed."""
        return write_object(self.as_json())

    def as_json(self) -> dict[str, Json]:
        """Return what `to_json` writes."""
        return {"format": FORMAT, **first_part(self), **_second_part(self)}


def first_part(sheet: CaseSheet) -> dict[str, Json]:
    """Return what format 1 says too, without its name."""
    slips: dict[str, Json] = {
        kind: found.as_json()
        for kind, found in (("entry", sheet.entry_slip), ("closure", sheet.closure_slip))
        if found is not None
    }
    return {
        "ref": sheet.ref,
        "version": sheet.version,
        "previous": sheet.previous,
        "author": sheet.author,
        "written_on": sheet.written_on.isoformat(),
        "force": sheet.force,
        "directorate": sheet.directorate,
        "category": sheet.category,
        "same_as": sheet.same_as,
        "hold": sheet.hold,
        "external": sheet.external,
        "note": sheet.note,
        "triages": [one.as_json() for one in sheet.triages],
        "closures": [one.as_json() for one in sheet.closures],
        "slips": slips,
    }


def _second_part(sheet: CaseSheet) -> dict[str, Json]:
    since = "" if sheet.criterion_on is None else sheet.criterion_on.isoformat()
    return {
        "subject": sheet.subject,
        "standards": list(sheet.standards),
        "corruption": sheet.corruption,
        "grade": sheet.grade,
        "referral": sheet.referral,
        "criterion": sheet.criterion,
        "criterion_on": since,
        "learning": sheet.learning,
        "assignee": sheet.assignee,
        "investigator": sheet.investigator,
        "access": list(sheet.access),
        "left_out": list(sheet.left_out),
        "left_desks": list(sheet.left_desks),
        "steps": [one.as_json() for one in sheet.steps],
        "links": [one.as_json() for one in sheet.links],
        "actions": [one.as_json() for one in sheet.actions],
        "milestones": [one.as_json() for one in sheet.milestones],
    }


def _refuse_unfit(sheet: CaseSheet) -> None:
    for holds, fault in (
        (REFERENCE.fullmatch(sheet.ref) is not None, "names no case"),
        (is_identifier(sheet.author), "names no author"),
        ((sheet.version > 1) == bool(sheet.previous), "does not name the version before it"),
        (not sheet.previous or is_digest(sheet.previous), "names a version by no digest"),
        (_codes_fit(sheet), "has a code that is none"),
        (not sheet.same_as or _is_other_case(sheet, sheet.same_as), "is the same as no other case"),
        (_texts_fit(sheet), "has a text that is too long"),
        (len(sheet.closures) <= len(sheet.triages), "closes what never left triage"),
        (_slips_fit(sheet), "has a slip that does not fit it"),
        (_people_fit(sheet), "names people that are not there, or one twice"),
        (len(sheet.steps) <= MOST_STEPS, "has too many steps"),
        (all(step.is_fit for step in sheet.steps), "has a step that does not fit"),
        (_links_fit(sheet), "is linked to what is no other case, or twice"),
        (_lists_fit(sheet), "has too much in a list, or not in its order"),
    ):
        if not holds:
            raise UnfitSheet(f"the case sheet {fault}")


def _codes_fit(sheet: CaseSheet) -> bool:
    codes = [sheet.force, sheet.directorate, sheet.category, sheet.subject, sheet.corruption,
             sheet.referral, sheet.criterion]  # fmt: skip
    listed = [*(one.outcome for one in sheet.closures), *sheet.standards,
              *(one.what for one in sheet.milestones)]  # fmt: skip
    return (
        all(CODE.fullmatch(code) for code in (*filter(None, codes), *listed))
        and (bool(sheet.force) or not sheet.directorate)
        and (not sheet.grade or GRADE.fullmatch(sheet.grade) is not None)
        and bool(sheet.criterion) == (sheet.criterion_on is not None)
    )


def _is_other_case(sheet: CaseSheet, ref: str) -> bool:
    return REFERENCE.fullmatch(ref) is not None and ref != sheet.ref


def _texts_fit(sheet: CaseSheet) -> bool:
    reasons = [*(one.reason for one in sheet.triages), *(one.reason for one in sheet.closures)]
    return (
        len(sheet.external) <= LONGEST_EXTERNAL
        and len(sheet.note) <= LONGEST_NOTE
        and len(sheet.learning) <= LONGEST_LEARNING
        and all(len(reason) <= LONGEST_REASON for reason in reasons)
        and all(0 < len(action.text) <= LONGEST_ACTION for action in sheet.actions)
    )


def _slips_fit(sheet: CaseSheet) -> bool:
    entry, closure = sheet.entry_slip, sheet.closure_slip
    found = [slip for slip in (entry, closure) if slip is not None]
    return (
        all(slip.is_fit for slip in found)
        and (entry is None or (bool(sheet.triages) and "Q" in entry.period))
        and (closure is None or (bool(sheet.closures) and "Q" not in closure.period))
        and len({slip.id for slip in found}) == len(found)
    )


def _people_fit(sheet: CaseSheet) -> bool:
    lists = (sheet.access, sheet.left_out, sheet.left_desks)
    alone = [id for id in (sheet.assignee, sheet.investigator) if id]
    return (
        all(map(is_identifier, alone))
        and all(_is_sorted(ids) and all(map(is_identifier, ids)) for ids in lists)
        and all(len(ids) <= MOST_PEOPLE for ids in lists)
        and not {*sheet.access, *alone} & set(sheet.left_out)
        and (not sheet.access or set(alone) <= set(sheet.access))
    )


def _links_fit(sheet: CaseSheet) -> bool:
    return (
        len(sheet.links) <= MOST_LINKS
        and len(set(sheet.links)) == len(sheet.links)
        and all(_is_other_case(sheet, link.ref) for link in sheet.links)
    )


def _lists_fit(sheet: CaseSheet) -> bool:
    marks = [(one.on, one.what) for one in sheet.milestones]
    return (
        len(sheet.actions) <= MOST_ACTIONS
        and len(marks) <= MOST_MILESTONES
        and marks == sorted(set(marks))
        and _is_sorted(sheet.standards)
    )


def _is_sorted(codes: Iterable[str]) -> bool:
    found = list(codes)
    return found == sorted(set(found))
