"""Reading a case sheet again, in every format that was ever written.

Format 1 knew neither steps nor people nor links: what it does not say is empty. A sheet that is
saved again is written in the newest format.

Source: docs/envelope-spec.md, section 9.
"""

from datetime import date
from typing import TypedDict

from app.casework.sheet import FORMAT, CaseSheet, first_part
from app.casework.sheet_parts import (
    Action,
    Closing,
    Link,
    Milestone,
    SlipRef,
    Step,
    TriageEnd,
    UnfitSheet,
    day_in,
)
from app.envelope.strict_json import (
    Json,
    UnfitJson,
    integer_in,
    names_of,
    object_in,
    objects_in,
    read_object,
    text_in,
    texts_in,
    write_object,
)

FIRST_FORMAT = "candour-case-sheet/1"
_FIRST = (
    "format", "ref", "version", "previous", "author", "written_on", "force", "directorate",
    "category", "same_as", "hold", "external", "note", "triages", "closures", "slips",
)  # fmt: skip
_SECOND = (
    *_FIRST, "subject", "standards", "corruption", "grade", "referral", "criterion",
    "criterion_on", "learning", "assignee", "investigator", "access", "left_out", "left_desks",
    "steps", "links", "actions", "milestones",
)  # fmt: skip


class _SecondPart(TypedDict, total=False):
    subject: str
    standards: tuple[str, ...]
    corruption: str
    grade: str
    referral: str
    criterion: str
    criterion_on: date | None
    learning: str
    assignee: str
    investigator: str
    access: tuple[str, ...]
    left_out: tuple[str, ...]
    left_desks: tuple[str, ...]
    steps: tuple[Step, ...]
    links: tuple[Link, ...]
    actions: tuple[Action, ...]
    milestones: tuple[Milestone, ...]


def parse_sheet(content: bytes) -> CaseSheet:
    """Return the case sheet in `content`, of whichever format.

    Raises:
        UnfitSheet: if it is malformed in any particular, or not in its one spelling.
    """
    try:
        found = read_object(content)
        sheet = _sheet(found)
    except UnfitJson as error:
        raise UnfitSheet(str(error)) from None
    written = _in_first_format(sheet) if found["format"] == FIRST_FORMAT else sheet.to_json()
    if sheet.version < 1 or written != content:
        raise UnfitSheet("the case sheet is not in its one spelling")
    return sheet


def _in_first_format(sheet: CaseSheet) -> bytes:
    return write_object({"format": FIRST_FORMAT, **first_part(sheet)})


def _sheet(found: dict[str, Json]) -> CaseSheet:
    format = text_in(found, "format")
    if format not in {FIRST_FORMAT, FORMAT}:
        raise UnfitSheet("the case sheet is of another format")
    names_of(found, _FIRST if format == FIRST_FORMAT else _SECOND)
    if not isinstance(found["hold"], bool):
        raise UnfitSheet("the hold is neither set nor lifted")
    slips = object_in(found, "slips")
    if not slips.keys() <= {"entry", "closure"}:
        raise UnfitSheet("the case sheet has a slip of another kind")
    second = {} if format == FIRST_FORMAT else _second(found)
    return _first(found, slips, second)


def _first(found: dict[str, Json], slips: dict[str, Json], second: _SecondPart) -> CaseSheet:
    return CaseSheet(
        ref=text_in(found, "ref"),
        version=integer_in(found, "version"),
        previous=text_in(found, "previous"),
        author=text_in(found, "author"),
        written_on=day_in(found, "written_on"),
        force=text_in(found, "force"),
        directorate=text_in(found, "directorate"),
        category=text_in(found, "category"),
        same_as=text_in(found, "same_as"),
        hold=bool(found["hold"]),
        external=text_in(found, "external"),
        note=text_in(found, "note"),
        triages=tuple(map(TriageEnd.of, objects_in(found, "triages"))),
        closures=tuple(map(Closing.of, objects_in(found, "closures"))),
        entry_slip=SlipRef.of(slips, "entry"),
        closure_slip=SlipRef.of(slips, "closure"),
        **second,
    )


def _second(found: dict[str, Json]) -> _SecondPart:
    return _SecondPart(
        subject=text_in(found, "subject"),
        standards=texts_in(found, "standards"),
        corruption=text_in(found, "corruption"),
        grade=text_in(found, "grade"),
        referral=text_in(found, "referral"),
        criterion=text_in(found, "criterion"),
        criterion_on=None if found["criterion_on"] == "" else day_in(found, "criterion_on"),
        learning=text_in(found, "learning"),
        assignee=text_in(found, "assignee"),
        investigator=text_in(found, "investigator"),
        access=texts_in(found, "access"),
        left_out=texts_in(found, "left_out"),
        left_desks=texts_in(found, "left_desks"),
        steps=tuple(map(Step.of, objects_in(found, "steps"))),
        links=tuple(map(Link.of, objects_in(found, "links"))),
        actions=tuple(map(Action.of, objects_in(found, "actions"))),
        milestones=tuple(map(Milestone.of, objects_in(found, "milestones"))),
    )
