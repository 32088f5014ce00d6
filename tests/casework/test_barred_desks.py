"""Whom a reporter's answers bar, a case never reaches: not by being passed on later either."""

from dataclasses import replace

import pytest

from app.casework.barring import barred_for
from app.casework.reading import Opened
from app.envelope.letter import QUESTIONS
from app.envelope.thread import Entry, Side, Thread
from tests.casework.coursework import DAY
from tests.casework.reporter import ANSWERS, Reporter
from tests.casework.sheets import PLACED, in_triage, path

ON_SQLITE_UNLESS_PROVING = True

NO_OTHER = "There is no other desk with somebody who may read this"


def answered(**answers):
    return {code: ANSWERS.get(code, "") for code in QUESTIONS} | answers


def says(reporter, *, left_out=None, **answers):
    """Let a reporter's concern have these answers, and leave these out."""
    out = {} if left_out is None else {"left_out": left_out}
    sealed = reporter.seal(answers=answered(**answers), **out)
    reporter.seal = lambda: sealed
    return reporter


def on_independent(desk, ruth, **answers):
    ref = in_triage(desk, ruth, says(desk.reporter(desk="independent"), **answers))
    assert ruth.submits(path(ref), path(ref), **PLACED).status == 303
    return ref


@pytest.mark.parametrize(
    "answers",
    [
        {"about": "manager psd_or_ccu"},
        {"wish": "outside_force"},
        {"category": "retaliation"},
    ],
)
def test_what_is_about_a_desk_is_never_passed_to_it(desk, answers):
    ruth = desk.person("ruth")
    ref = on_independent(desk, ruth, **answers)
    page = ruth.opens(path(ref, "next/declare-conflict"))
    assert page.status == 409
    assert NO_OTHER in page.text
    assert NO_OTHER in ruth.opens(path(ref, "next")).text
    # By an address that somebody makes up no more than by the page.
    token = ruth.opens(path(ref)).form(path(ref))["csrf_token"]
    sheet = {"csrf_token": token, "version": "3", "sheet_version": "1", "desk": "psd"}
    said = dict.fromkeys(["information", "risk", "powers", "options", "action"], "Because")
    answer = ruth.posts(path(ref, "next/declare-conflict"), sheet | said | {"code": "subject"})
    assert answer.status in {409, 422}
    assert desk.case(ref).desk == "independent"
    # Where it is, it stays, and is worked on.
    assert ruth.takes(ref, "end-triage").status == 303


def test_what_bars_nobody_is_passed_on(desk):
    ruth = desk.person("ruth")
    ref = on_independent(desk, ruth, about="manager")
    assert ruth.takes(ref, "declare-conflict", desk="psd", code="witness").status == 303
    assert desk.case(ref).desk == "psd"


def test_of_two_versions_of_a_concern_each_bars_and_no_other_letter(people):
    reporter = Reporter(people.keyring, desk="independent")

    later = replace(reporter, place=1, previous="0" * 64).letter()

    def opened(letter):
        return Entry(
            side=Side.REPORTER, postmark=DAY, place=0, previous="", digest="",
            content=Opened(entry=None, file_key=None, letter=letter, digest=""),
        )  # fmt: skip

    def barred(*about):
        letters = [reporter.letter(answers=answered(about=one)) for one in about]
        thread = Thread(items=tuple(map(opened, [*letters, later])))
        return barred_for(thread, ["psd", "ccu-a", "independent", "other"], DAY)

    assert barred("manager") == set()
    assert barred("manager", "psd_or_ccu") == {"psd", "ccu-a"}
    assert barred("chief_officer", "manager") == {"psd", "ccu-a", "independent"}


def test_the_last_reader_stays_where_every_other_desk_is_barred(desk):
    reporter = says(desk.reporter(desk="independent", left_out=("dev",)), about="psd_or_ccu")
    ref = desk.receives(reporter)
    ruth = desk.person("ruth")
    ruth.opens("/staff/")
    page = ruth.declares(ref, "conflict")
    assert page.status == 409
    assert "Nothing was recorded" in page.text
    fields = {"csrf_token": page.soup.select_one("[name=csrf_token]")["value"]}
    answer = ruth.posts(path(ref, "declare"), fields | {"said": "conflict", "desk": "psd"})
    assert answer.status in {409, 422}
    assert desk.case(ref).desk == "independent"


def test_a_case_is_passed_to_no_desk_where_one_would_read_alone(desk):
    ada = desk.person("amara")
    reporter = desk.reporter()
    sealed = reporter.seal(left_out=("dev",))
    reporter.seal = lambda: sealed
    ref = in_triage(desk, ada, reporter)
    assert ada.submits(path(ref), path(ref), **PLACED).status == 303
    page = ada.opens(path(ref, "next/declare-conflict"))
    assert page.status == 409
    assert NO_OTHER in page.text
