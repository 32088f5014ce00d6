"""Every answer reaches a desk where no one concerned reads, or a signpost outside."""

import itertools
import json
from pathlib import Path

import pytest

from app.routing.domain import choose_desk
from app.routing.service import table

DESKS = {"psd": ["amara", "tom", "helen"], "independent": ["ruth", "dev"]}
CODES = [choice.code for choice in table().about]
CASES = json.loads(Path(__file__).with_name("cases.json").read_text(encoding="utf-8"))
CASES = CASES["cases"] if isinstance(CASES, dict) else CASES


def every_answer():
    for size in range(len(CODES) + 1):
        yield from itertools.combinations(CODES, size)


def every_exclusion():
    members = [member for desk in DESKS.values() for member in desk]
    for size in range(len(members) + 1):
        yield from itertools.combinations(members, size)


def test_every_combination_is_safe():
    for about in every_answer():
        for left_out in every_exclusion():
            desk = choose_desk(table(), about=about, left_out=left_out, desks=DESKS)
            if desk is None:
                continue
            assert set(DESKS[desk]) - set(left_out), "a desk with nobody to read it"
            if {"psd_or_ccu", "chief_officer"} & set(about):
                assert desk == "independent"
            assert not {"chief_constable", "policing_body"} & set(about)


def test_an_ordinary_concern_goes_to_professional_standards():
    assert choose_desk(table(), about=["colleague"], left_out=[], desks=DESKS) == "psd"
    assert choose_desk(table(), about=[], left_out=[], desks=DESKS) == "psd"


def test_it_never_falls_back_to_a_desk_it_left():
    everybody_independent = DESKS["independent"]
    answer = choose_desk(table(), about=["psd_or_ccu"], left_out=everybody_independent, desks=DESKS)
    assert answer is None


@pytest.mark.parametrize("case", CASES, ids=str)
def test_server_and_browser_decide_the_same(case):
    """The same file is run by `assets/tests/routing.test.mjs`."""
    expected = case["desk"]
    found = choose_desk(
        table(),
        about=case["about"],
        left_out=case.get("left_out", []),
        desks=case.get("desks", DESKS),
    )
    assert (found or "external") == (expected or "external")
