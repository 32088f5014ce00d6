"""The case sheet: what handlers decided about a case, as it stands inside its envelope.

Pure: what it may say, and how it is written. Sealing and storing are in `sheet_keeping.py`.
A sheet is never changed: each change is a new version that names the one before it.

Source: docs/envelope-spec.md, section 9.
"""

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from app.casework.domain import REFERENCE
from app.envelope.identifiers import is_digest, is_identifier
from app.envelope.strict_json import (
    Json,
    UnfitJson,
    integer_in,
    names_of,
    object_in,
    objects_in,
    read_object,
    text_in,
    write_object,
)

# A later format is read beside this one, and written instead of it.
FORMAT = "candour-case-sheet/1"
LONGEST_NOTE = 4_000  # characters
LONGEST_REASON = 500
LONGEST_EXTERNAL = 60

_CODE = re.compile(r"[a-z][a-z0-9_-]{0,47}", re.ASCII)
_SLIP = re.compile(r"[0-9a-f]{32}", re.ASCII)
_PERIOD = re.compile(r"[12][0-9]{3}(?:Q[1-4])?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_NAMES = (
    "format", "ref", "version", "previous", "author", "written_on", "force", "directorate",
    "category", "same_as", "hold", "external", "note", "triages", "closures", "slips",
)  # fmt: skip


class UnfitSheet(Exception):
    """The bytes are not a case sheet, or its parts do not fit. Quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class TriageEnd:
    """That triage ended, and what the desk gave as its reason."""

    on: date
    reason: str


@dataclass(frozen=True, slots=True)
class Closing:
    """That the case was closed: the class of its outcome, and why."""

    on: date
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class SlipRef:
    """The slip that a matter is counted by. The sheet alone knows that it is this case's."""

    id: str
    period: str


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

    def with_triage_ended(self, on: date, reason: str) -> Self:
        """Return this sheet after triage ended once more."""
        return replace(self, triages=(*self.triages, TriageEnd(on, reason)))

    def with_closing(self, on: date, outcome: str, reason: str) -> Self:
        """Return this sheet after the case was closed once more."""
        return replace(self, closures=(*self.closures, Closing(on, outcome, reason)))

    def with_outcome(self, outcome: str) -> Self:
        """Return this sheet with the last closing's outcome put right."""
        *before, last = self.closures
        return replace(self, closures=(*before, replace(last, outcome=outcome)))

    def to_json(self) -> bytes:
        """Return the bytes that are signed and sealed."""
        slips: dict[str, Json] = {
            kind: {"id": found.id, "period": found.period}
            for kind, found in (("entry", self.entry_slip), ("closure", self.closure_slip))
            if found is not None
        }
        return write_object(
            {
                "format": FORMAT,
                "ref": self.ref,
                "version": self.version,
                "previous": self.previous,
                "author": self.author,
                "written_on": self.written_on.isoformat(),
                "force": self.force,
                "directorate": self.directorate,
                "category": self.category,
                "same_as": self.same_as,
                "hold": self.hold,
                "external": self.external,
                "note": self.note,
                "triages": [
                    {"on": one.on.isoformat(), "reason": one.reason} for one in self.triages
                ],
                "closures": [
                    {"on": one.on.isoformat(), "outcome": one.outcome, "reason": one.reason}
                    for one in self.closures
                ],
                "slips": slips,
            }
        )


def parse_sheet(content: bytes) -> CaseSheet:
    """Return the case sheet in `content`.

    Raises:
        UnfitSheet: if it is malformed in any particular, or not in its one spelling.
    """
    try:
        sheet = _sheet(read_object(content))
    except UnfitJson as error:
        raise UnfitSheet(str(error)) from None
    if sheet.version < 1 or sheet.to_json() != content:
        raise UnfitSheet("the case sheet is not in its one spelling")
    return sheet


def _sheet(found: dict[str, Json]) -> CaseSheet:
    names_of(found, _NAMES)
    if text_in(found, "format") != FORMAT:
        raise UnfitSheet("the case sheet is of another format")
    if not isinstance(found["hold"], bool):
        raise UnfitSheet("the hold is neither set nor lifted")
    slips = object_in(found, "slips")
    if not slips.keys() <= {"entry", "closure"}:
        raise UnfitSheet("the case sheet has a slip of another kind")
    return CaseSheet(
        ref=text_in(found, "ref"),
        version=integer_in(found, "version"),
        previous=text_in(found, "previous"),
        author=text_in(found, "author"),
        written_on=_day_in(found, "written_on"),
        force=text_in(found, "force"),
        directorate=text_in(found, "directorate"),
        category=text_in(found, "category"),
        same_as=text_in(found, "same_as"),
        hold=found["hold"],
        external=text_in(found, "external"),
        note=text_in(found, "note"),
        triages=tuple(map(_triage, objects_in(found, "triages"))),
        closures=tuple(map(_closing, objects_in(found, "closures"))),
        entry_slip=_slip_in(slips, "entry"),
        closure_slip=_slip_in(slips, "closure"),
    )


def _triage(found: dict[str, Json]) -> TriageEnd:
    names_of(found, ("on", "reason"))
    return TriageEnd(_day_in(found, "on"), text_in(found, "reason"))


def _closing(found: dict[str, Json]) -> Closing:
    names_of(found, ("on", "outcome", "reason"))
    return Closing(_day_in(found, "on"), text_in(found, "outcome"), text_in(found, "reason"))


def _slip_in(slips: dict[str, Json], kind: str) -> SlipRef | None:
    if kind not in slips:
        return None
    found = object_in(slips, kind)
    names_of(found, ("id", "period"))
    return SlipRef(text_in(found, "id"), text_in(found, "period"))


def _day_in(found: dict[str, Json], name: str) -> date:
    text = text_in(found, name)
    # Python also reads 20261121 and 2026-W47-6.
    if not _DATE.fullmatch(text):
        raise UnfitSheet("a date is not one")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UnfitSheet("a date is not one") from None


def _refuse_unfit(sheet: CaseSheet) -> None:
    for holds, fault in (
        (REFERENCE.fullmatch(sheet.ref) is not None, "names no case"),
        (is_identifier(sheet.author), "names no author"),
        ((sheet.version > 1) == bool(sheet.previous), "does not name the version before it"),
        (not sheet.previous or is_digest(sheet.previous), "names a version by no digest"),
        (_codes_fit(sheet), "has a code that is none"),
        (not sheet.same_as or _is_other_case(sheet), "is the same matter as no other case"),
        (len(sheet.external) <= LONGEST_EXTERNAL, "has too long a reference"),
        (len(sheet.note) <= LONGEST_NOTE, "has too long a note"),
        (all(len(reason) <= LONGEST_REASON for reason in _reasons(sheet)), "reasons too long"),
        (len(sheet.closures) <= len(sheet.triages), "closes what never left triage"),
        (_slips_fit(sheet), "has a slip that does not fit it"),
    ):
        if not holds:
            raise UnfitSheet(f"the case sheet {fault}")


def _codes_fit(sheet: CaseSheet) -> bool:
    codes = [sheet.force, sheet.directorate, sheet.category]
    outcomes = [one.outcome for one in sheet.closures]
    return all(_CODE.fullmatch(code) for code in (*filter(None, codes), *outcomes)) and (
        bool(sheet.force) or not sheet.directorate
    )


def _is_other_case(sheet: CaseSheet) -> bool:
    return REFERENCE.fullmatch(sheet.same_as) is not None and sheet.same_as != sheet.ref


def _reasons(sheet: CaseSheet) -> list[str]:
    return [*(one.reason for one in sheet.triages), *(one.reason for one in sheet.closures)]


def _slips_fit(sheet: CaseSheet) -> bool:
    entry, closure = sheet.entry_slip, sheet.closure_slip
    found = [slip for slip in (entry, closure) if slip is not None]
    return (
        all(_SLIP.fullmatch(slip.id) and _PERIOD.fullmatch(slip.period) for slip in found)
        and (entry is None or (bool(sheet.triages) and "Q" in entry.period))
        and (closure is None or (bool(sheet.closures) and "Q" not in closure.period))
        and len({slip.id for slip in found}) == len(found)
    )
