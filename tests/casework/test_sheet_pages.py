"""The case sheet at the desk: what is decided is kept, sealed, in versions, and nothing is lost."""

import json

import pytest

from app.casework.domain import CaseState
from app.casework.tables import SheetRow
from app.envelope.opening import can_open
from tests.casework.sheets import (
    PLACED,
    in_triage,
    opened,
    path,
    saved,
    sheet_of,
)

ON_SQLITE_UNLESS_PROVING = True

EMPTY = {"place": "", "category": "", "same_as": "", "external": "", "note": ""}


def test_a_sheet_is_saved_and_says_so(desk, ada, ref):
    saved(ada, ref, **PLACED, note="Ask the archive", external="CT/77/26")
    page = ada.opens(path(ref))
    assert "Saved and sealed" in page.text
    assert page.soup.select_one("#note").text.strip() == "Ask the archive"
    assert page.soup.select_one("#external")["value"] == "CT/77/26"
    assert page.soup.select_one("#place option[selected]")["value"] == PLACED["place"]
    sheet = sheet_of(desk, ref)
    assert (sheet.version, sheet.author, sheet.force, sheet.directorate, sheet.category) == (
        1, "amara", "a", "response", "bullying",
    )  # fmt: skip


def test_it_is_sealed_to_the_cases_readers_and_to_nobody_else(desk, ada):
    reporter = desk.reporter(left_out=("tom",))
    ref = in_triage(desk, ada, reporter)
    saved(ada, ref, **PLACED)
    [row] = desk.rows(SheetRow)
    able = {id for id, key in desk.people.keys.items() if can_open(row.header, key.identity)}
    assert able == {"amara", "helen"}
    assert not can_open(row.header, desk.people.statistics)
    assert not can_open(row.header, reporter.receipt.identity)
    assert b"bullying" not in row.payload


def test_whoever_stood_aside_is_left_out_of_the_next_version(desk, ada, ref):
    tom = desk.person("tom")
    tom.reads(ref)
    saved(ada, ref, **PLACED)
    tom.declares(ref, "conflict")
    saved(ada, ref, **PLACED, note="Since then")
    first, second = sorted(desk.rows(SheetRow), key=lambda row: row.version)
    for sheet in (first, second):
        assert not can_open(sheet.header, desk.people.keys["tom"].identity)
        assert can_open(sheet.header, desk.people.keys["amara"].identity)


def test_a_colleague_reads_what_was_written_and_may_write_on(desk, ada, ref):
    saved(ada, ref, **PLACED, note="First")
    helen = desk.person("helen")
    helen.reads(ref)
    assert "First" in helen.opens(path(ref)).text
    saved(helen, ref, note="Second")
    sheet = sheet_of(desk, ref)
    assert (sheet.version, sheet.author, sheet.note) == (2, "helen", "Second")
    page = ada.opens(path(ref, "sheet/versions"))
    assert page.status == 200
    assert [h.text for h in page.soup.select("h2")] == ["Version 2", "Version 1"]
    assert "Helen" in page.text
    assert "First" in page.text


def test_two_at_once_lose_nothing(desk, ada, ref):
    helen = desk.person("helen")
    helen.reads(ref)
    hers = helen.opens(path(ref)).form(path(ref))
    saved(ada, ref, **PLACED, note="Amara was first")
    page = helen.posts(path(ref), hers | EMPTY | {"note": "Helen was second", "hold": "y"})
    assert page.status == 409
    assert "Amara was first" in page.text
    assert "Helen was second" in page.text
    assert sheet_of(desk, ref).note == "Amara was first"
    # The form holds hers, and may be sent over what is there by now.
    assert page.soup.select_one("#note").text.strip() == "Helen was second"
    assert page.soup.select_one("input[name=hold]").has_attr("checked")
    again = page.form(path(ref)) | PLACED | {"hold": "y"}
    assert helen.posts(path(ref), again).status == 303
    sheet = sheet_of(desk, ref)
    assert (sheet.version, sheet.note, sheet.hold, sheet.force) == (
        2,
        "Helen was second",
        True,
        "a",
    )


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"place": "a/nowhere"}, "place"),
        ({"place": "z/response"}, "place"),
        ({"place": "a"}, "place"),
        ({"category": "gossip"}, "category"),
        ({"same_as": "XX"}, "same_as"),
        ({"same_as": "BCDF-2345"}, "same_as"),
        ({"external": "x" * 61}, "external"),
        ({"note": "x" * 4001}, "note"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_typed_is_lost(desk, ada, ref, said, named):
    fields = ada.opens(path(ref)).form(path(ref)) | EMPTY | {"note": "Kept"} | said
    page = ada.posts(path(ref), fields)
    assert page.status == 422
    [link] = page.soup.select(".govuk-error-summary a")
    assert link["href"] == f"#{named}"
    assert page.soup.select_one(f"#{named}") is not None
    assert page.soup.select_one("#note").text.strip() == fields["note"]
    assert desk.rows(SheetRow) == []


def test_a_form_that_our_page_did_not_send_is_refused(desk, ada, ref):
    token = ada.opens(path(ref)).form(path(ref))["csrf_token"]
    for version in ({}, {"version": "x"}, {"version": "-1"}):
        page = ada.posts(path(ref), {"csrf_token": token, **EMPTY, **version})
        assert page.status == 400


def test_a_case_nobody_has_read_has_no_sheet_yet(desk, ada):
    ref = desk.receives(desk.reporter())
    ada.opens("/staff/")
    ada.declares(ref)
    for end in ("sheet", "triage-ends", "next/record-outcome", "sheet/versions"):
        page = ada.opens(path(ref, end))
        assert page.status == 409
        assert "Read it first" in page.text
    assert desk.case(ref).state is CaseState.SEALED
    assert [e for e in desk.audit("case.sheet") if e.subject == ref] == []


def test_a_sheet_is_for_those_who_may_read_the_case(desk, ada, ref):
    saved(ada, ref, **PLACED)
    ruth = desk.person("ruth")
    sam = desk.person("sam")
    for end in ("sheet", "sheet/versions", "triage-ends", "next/record-outcome"):
        assert ruth.opens(path(ref, end)).status == 404
        assert ruth.opens(path("BCDF-2345", end)).status == 404
        assert sam.opens(path(ref, end)).status == 403
    tom = desk.person("tom")
    tom.opens("/staff/")
    assert tom.opens(path(ref)).answer.headers["Location"].endswith("/declare")


def test_reading_and_saving_are_recorded_without_a_word_of_it(desk, ada, ref):
    saved(ada, ref, **PLACED, note="Unspeakable", hold="y")
    [entry] = desk.audit("case.sheet-saved")
    assert (entry.actor, entry.subject, entry.details["version"]) == ("amara", ref, 1)
    assert desk.audit("case.sheet-read")
    said = json.dumps([[e.subject, e.verb.value, dict(e.details)] for e in desk.audit()])
    for word in ("Unspeakable", "bullying", "response", "hold", "covert"):
        assert word not in said


@pytest.mark.parametrize("column", ["header", "payload"])
def test_a_sheet_that_was_tampered_with_is_not_read(desk, ada, ref, column):
    saved(ada, ref, **PLACED)
    with desk.database.writing.begin() as session:
        row = session.query(SheetRow).one()
        raw = getattr(row, column)
        setattr(row, column, raw[:-1] + bytes([raw[-1] ^ 1]))
    assert ada.opens(path(ref)).status == 500
    # Letters can still be read: a broken sheet hides no concern.
    assert ada.opens(f"/staff/cases/{ref}").status == 200


def test_a_sheet_of_another_case_or_version_is_not_read(desk, ada, ref):
    saved(ada, ref, **PLACED)
    other = in_triage(desk, ada)
    saved(ada, other, **PLACED, note="Of the other")
    with desk.database.writing.begin() as session:
        mine, theirs = (session.get(SheetRow, (each, 1)) for each in (ref, other))
        mine.header, mine.payload = theirs.header, theirs.payload
        theirs.version = 2
    assert ada.opens(path(ref)).status == 500
    assert ada.opens(path(other)).status == 500


def test_an_expired_keyring_loses_nothing_typed(desk, ada, ref, settings, clock):
    from dataclasses import replace

    yesterday = clock.now.date().replace(day=20)
    keyring = replace(desk.people.keyring, serial=2, expires_on=yesterday)
    desk.people.write_keyring(settings.keyring.parent, keyring)
    page = ada.submits(path(ref), path(ref), **PLACED, note="Worth keeping")
    assert page.status == 503
    assert page.soup.select_one("#note").text.strip() == "Worth keeping"
    assert "Copy what you wrote" in page.text


def test_opened_helper_agrees_with_the_page(desk, ada, ref):
    saved(ada, ref, **PLACED)
    assert opened(desk, ref).digest == desk.audit("case.sheet-saved")[-1].details["digest"]
