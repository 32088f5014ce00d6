"""A case sheet has one spelling, and nothing that is not one is read as one."""

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.casework.counting import Count, asked, counts_of, slips_of
from app.casework.domain import ALPHABET
from app.casework.reference import reference_on
from app.casework.sheet import LONGEST_LEARNING, LONGEST_NOTE, REASONED, CaseSheet, first_part
from app.casework.sheet_format import FIRST_FORMAT, parse_sheet
from app.casework.sheet_parts import (
    HEADINGS,
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
from app.envelope.slips import SlipKind
from tests.envelope.damage import damaged
from tests.proof import PARSER, examples

DAY = date(2026, 11, 21)
REFERENCE = dict.fromkeys(SlipKind, reference_on(DAY))
SHEET = CaseSheet(
    ref="BCDF-2345",
    version=3,
    previous="ab" * 32,
    author="amara",
    written_on=DAY,
    force="a",
    directorate="response",
    category="bullying",
    hold=False,
    external="CT/77/26",
    note="Ask the archive 🗂\nThen the sergeant.",
    triages=(TriageEnd(DAY, "Clear enough"), TriageEnd(DAY, "Clearer still")),
    closures=(Closing(DAY, "learning", "Talked"),),
    entry_slip=SlipRef("01" * 16, "2026Q4"),
    closure_slip=SlipRef("02" * 16, "2026"),
    subject="officer",
    standards=("arc", "ed"),
    corruption="other",
    grade="2CP",
    referral="mandatory",
    criterion="serious-assault",
    criterion_on=DAY,
    learning="A briefing",
    assignee="amara",
    investigator="tom",
    access=("amara", "helen", "tom"),
    left_out=("pat",),
    left_desks=("ccu",),
    steps=(
        Step(
            id="end-triage",
            to="under-way",
            on=DAY,
            desk="psd",
            author="amara",
            reasons={"action": "Clear"},
        ),
        Step(
            id="close",
            to="closed",
            on=DAY,
            desk="psd",
            author="amara",
            second="helen",
            code="x",
            outcomes=("no-case", "learning"),
            reasons={"risk": "Low", "action": "Done"},
        ),
    ),
    links=(Link(LinkKind.LINKED, "GHJK-6789"),),
    actions=(Action("Brief the team", DAY, DAY), Action("And again", DAY)),
    milestones=(Milestone("reg-17", DAY),),
)
SOUND = SHEET.to_json()
BODY = json.loads(SOUND)

REASONS = st.text(max_size=40)
DATES = st.dates(date(2020, 1, 1), date(2030, 1, 1))
CODES = st.from_regex(r"[a-z][a-z0-9_-]{0,20}", fullmatch=True)


REFS = st.sampled_from(["GHJK-6789", "PQRS-2345"])
TEXTS = st.text(min_size=1, max_size=40)


@st.composite
def steps(draw):
    reasons = draw(st.dictionaries(st.sampled_from(HEADINGS), TEXTS))
    return Step(
        id=draw(CODES),
        to=draw(CODES),
        on=draw(DATES),
        desk="psd",
        author="amara",
        second=draw(st.sampled_from(["", "tom"])),
        code=draw(CODES | st.just("")),
        outcomes=tuple(draw(st.lists(CODES, max_size=2))),
        reasons={name: reasons[name] for name in HEADINGS if name in reasons},
    )


@st.composite
def sheets(draw):
    """Return any sheet that a desk could have come to."""
    triages = draw(st.lists(st.builds(TriageEnd, DATES, REASONS), max_size=3))
    closures = draw(st.lists(st.builds(Closing, DATES, CODES, REASONS), max_size=len(triages)))
    version = draw(st.integers(1, 9))
    placed = draw(st.booleans())
    return (
        CaseSheet(
            ref=draw(st.sampled_from(["BCDF-2345", "ZZZZ-9999"])),
            version=version,
            previous="" if version == 1 else draw(st.binary(min_size=32, max_size=32)).hex(),
            author="amara",
            written_on=draw(DATES),
            force=draw(CODES) if placed else "",
            directorate=draw(CODES) if placed else "",
            category=draw(CODES | st.just("")),
            same_as=draw(st.sampled_from(["", "GHJK-6789"])),
            hold=draw(st.booleans()),
            external=draw(st.text(max_size=20)),
            note=draw(st.text(max_size=60)),
            triages=tuple(triages),
            closures=tuple(closures),
            entry_slip=SlipRef("01" * 16, "2026Q4") if triages and draw(st.booleans()) else None,
            closure_slip=SlipRef("02" * 16, "2026") if closures and draw(st.booleans()) else None,
            subject=draw(CODES | st.just("")),
            standards=tuple(sorted(draw(st.sets(CODES, max_size=3)))),
            grade=draw(st.sampled_from(["", "1AP", "3EC"])),
            criterion="serious-assault" if placed else "",
            criterion_on=draw(DATES) if placed else None,
            learning=draw(st.text(max_size=40)),
            assignee=draw(st.sampled_from(["", "amara"])),
            access=draw(st.sampled_from([(), ("amara", "tom")])),
            left_out=draw(st.sampled_from([(), ("helen",)])),
            steps=tuple(draw(st.lists(steps(), max_size=3))),
            links=tuple(
                draw(
                    st.lists(
                        st.builds(Link, st.sampled_from(LinkKind), REFS), max_size=3, unique=True
                    )
                )
            ),
            actions=tuple(
                draw(st.lists(st.builds(Action, TEXTS, DATES, DATES | st.none()), max_size=2))
            ),
        )
        .with_milestone("reg-17", draw(DATES))
        .with_milestone("met", draw(DATES))
    )


@examples(proof=PARSER)
@given(sheets())
def test_what_was_written_is_read(sheet):
    assert parse_sheet(sheet.to_json()) == sheet


@examples(proof=PARSER)
@given(damaged(SOUND))
def test_a_damaged_sheet_is_refused_by_name(content):
    try:
        found = parse_sheet(content)
    except UnfitSheet:
        return
    assert found.to_json() == content


ODD = [None, True, 0, -1, 2.0, "", "x", "A B", "2026-11-21", "20261121", "2026-02-30", [], {},
       [{}], [None], "9" * 70, "ab" * 32]  # fmt: skip


@examples(proof=PARSER)
@given(st.sampled_from(sorted(BODY)), st.sampled_from(ODD))
def test_an_odd_value_is_refused_by_name_or_is_as_good(name, value):
    content = json.dumps(BODY | {name: value}, ensure_ascii=False, separators=(",", ":")).encode()
    try:
        found = parse_sheet(content)
    except UnfitSheet:
        return
    assert found.to_json() == content


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "candour-case-sheet/1"},
        {"format": "candour-case-sheet/3"},
        {"grade": "4CP"},
        {"grade": "2CPX"},
        {"standards": ["ed", "arc"]},
        {"standards": ["arc", "arc"]},
        {"criterion_on": ""},
        {"learning": "x" * (LONGEST_LEARNING + 1)},
        {"left_out": ["amara"]},
        {"left_out": ["tom"], "access": []},
        {"access": ["helen", "tom"]},
        {"access": ["tom", "helen", "amara"]},
        {"investigator": "Tom"},
        {"left_desks": ["C"]},
        {"steps": BODY["steps"] * 61},
        {"steps": [BODY["steps"][0] | {"second": "amara"}]},
        {"steps": [BODY["steps"][0] | {"reasons": {"hunch": "x"}}]},
        {"steps": [BODY["steps"][0] | {"reasons": {"action": ""}}]},
        {"steps": [BODY["steps"][1] | {"reasons": {"action": "x", "risk": "x"}}]},
        {"steps": [BODY["steps"][0] | {"to": "Under way"}]},
        {"steps": [BODY["steps"][0] | {"more": ""}]},
        {"links": BODY["links"] * 2},
        {"links": [{"kind": "linked", "ref": "BCDF-2345"}]},
        {"links": [{"kind": "cousin", "ref": "GHJK-6789"}]},
        {"actions": [BODY["actions"][0] | {"text": ""}]},
        {"actions": [BODY["actions"][0] | {"done_on": "soon"}]},
        {"actions": BODY["actions"] * 11},
        {"milestones": BODY["milestones"] * 2},
        {"more": 1},
        {"version": 0},
        {"version": 1},
        {"previous": ""},
        {"ref": "AAAA-2345"},
        {"author": "Amara"},
        {"force": ""},
        {"force": "A"},
        {"category": "x y"},
        {"same_as": "BCDF-2345"},
        {"same_as": "elsewhere"},
        {"hold": 1},
        {"hold": "yes"},
        {"note": "x" * (LONGEST_NOTE + 1)},
        {"external": "x" * 61},
        {"triages": []},
        {"triages": [{"on": "2026-11-21", "reason": "x" * (LONGEST_REASON + 1)}]},
        {"triages": [{"on": "2026-11-31", "reason": ""}]},
        {"triages": [{"on": "2026-11-21"}]},
        {"closures": BODY["closures"] * 3},
        {"closures": [BODY["closures"][0] | {"outcome": ""}]},
        {"slips": None},
        {"slips": {"other": BODY["slips"]["entry"]}},
        {"slips": {"entry": {"id": "01" * 16, "period": "2026"}}},
        {"slips": {"closure": {"id": "01" * 16, "period": "2026Q4"}}},
        {"slips": {"entry": {"id": "01" * 15, "period": "2026Q4"}}},
        {"slips": {"entry": {"id": "01" * 16, "period": "2026Q5"}}},
        {"slips": BODY["slips"] | {"closure": {"id": "01" * 16, "period": "2026"}}},
        {"closures": []},
    ],
)
def test_a_sheet_of_another_form_is_refused(changes):
    content = json.dumps(BODY | changes, ensure_ascii=False, separators=(",", ":")).encode()
    with pytest.raises(UnfitSheet):
        parse_sheet(content)


def test_what_the_first_format_said_is_read_and_the_rest_is_empty():
    written = json.dumps({"format": FIRST_FORMAT, **first_part(SHEET)}, ensure_ascii=False,
                         separators=(",", ":")).encode()  # fmt: skip
    found = parse_sheet(written)
    assert first_part(found) == first_part(SHEET)
    assert (found.steps, found.access, found.grade, found.criterion_on) == ((), (), "", None)
    # Saved again it is of the newest format, and still reads the same.
    assert parse_sheet(found.to_json()) == found
    with pytest.raises(UnfitSheet):
        parse_sheet(written.replace(b'"ref"', b' "ref"'))


def test_the_reasons_of_older_steps_stand_in_their_own_versions():
    sheet = replace(SHEET, steps=())
    for number in range(10):
        reasons = {"action": f"{number}"}
        sheet = sheet.with_step(
            Step(id="x", to="triage", on=DAY, desk="psd", author="amara", reasons=reasons)
        )
    assert [step.reasons.get("action") for step in sheet.steps[-REASONED:]] == ["6", "7", "8", "9"]
    assert not any(step.reasons for step in sheet.steps[:-REASONED])
    assert len(sheet.steps) == 10


def test_another_spelling_is_refused():
    for content in (json.dumps(BODY).encode(), SOUND + b" ", SOUND.replace(b"BCDF", b"\\u0042CDF")):
        with pytest.raises(UnfitSheet):
            parse_sheet(content)
    assert set("BCDF") < set(ALPHABET)


# --- what counts


def kinds(sheet, received_on=DAY):
    return counts_of(sheet, received_on, REFERENCE)


def test_a_matter_counts_when_its_triage_ends_and_when_it_is_first_closed():
    assert kinds(replace(SHEET, triages=(), closures=(), entry_slip=None, closure_slip=None)) == {}
    found = kinds(SHEET)
    assert found[SlipKind.ENTRY] == Count("a", ("bullying", "response"))
    assert found[SlipKind.CLOSURE] == Count("a", ("learning", "4-weeks"))
    again = replace(SHEET, closures=(*SHEET.closures, Closing(DAY, "criminal", "")))
    assert kinds(again)[SlipKind.CLOSURE] == found[SlipKind.CLOSURE]


@pytest.mark.parametrize(
    "changes", [{"hold": True}, {"same_as": "GHJK-6789"}, {"category": ""}, {"directorate": ""}]
)
def test_a_matter_that_is_not_to_count_counts_as_nothing(changes):
    assert kinds(replace(SHEET, **changes)) == {}


@pytest.mark.parametrize(
    ("days", "band"),
    [(0, "4-weeks"), (28, "4-weeks"), (29, "3-months"), (91, "3-months"), (92, "12-months"),
     (365, "12-months"), (366, "longer"), (4000, "longer"), (-3, "4-weeks")],
)  # fmt: skip
def test_the_time_to_close_is_a_band_of_days(days, band):
    received_on = date.fromordinal(DAY.toordinal() - days)
    assert kinds(SHEET, received_on)[SlipKind.CLOSURE].says[1] == band


ENTRY, CLOSURE = SlipKind.ENTRY, SlipKind.CLOSURE
ONE, OTHER = Count("a", ("bullying", "response")), Count("b", ("evidence", "crime"))
SLIP = SlipRef("01" * 16, "2026Q4")


@pytest.mark.parametrize(
    ("before", "after", "slips", "new", "corrected", "unwanted"),
    [
        ({}, {ENTRY: ONE}, {}, {ENTRY}, set(), ()),
        ({ENTRY: ONE}, {ENTRY: ONE}, {ENTRY: SLIP}, set(), set(), ()),
        ({ENTRY: ONE}, {ENTRY: OTHER}, {ENTRY: SLIP}, set(), {ENTRY}, ()),
        ({ENTRY: ONE}, {}, {ENTRY: SLIP}, set(), set(), (ENTRY,)),
        ({}, {ENTRY: ONE}, {ENTRY: SLIP}, set(), {ENTRY}, ()),
        ({ENTRY: ONE}, {ENTRY: OTHER}, {}, set(), set(), ()),
        ({ENTRY: ONE}, {ENTRY: ONE, CLOSURE: ONE}, {ENTRY: SLIP}, {CLOSURE}, set(), ()),
        ({}, {}, {}, set(), set(), ()),
    ],
)
def test_what_a_change_asks_of_the_slips(before, after, slips, new, corrected, unwanted):
    found = asked(before, after, slips)
    assert (set(found.new), set(found.corrected), found.unwanted) == (new, corrected, unwanted)


@given(sheets(), sheets())
def test_no_change_asks_two_things_of_one_slip(before, after):
    sheet = replace(before, category="bullying")
    other = replace(after, category="evidence_recording")
    for one in (sheet, other):
        if any(closing.outcome not in {"learning"} for closing in one.closures):
            return
    found = asked(
        counts_of(sheet, DAY, REFERENCE), counts_of(other, DAY, REFERENCE), slips_of(sheet)
    )
    asked_of = [*found.new, *found.corrected, *found.unwanted]
    assert len(asked_of) == len(set(asked_of))
    assert not set(found.new) & set(slips_of(sheet))
