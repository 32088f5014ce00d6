"""Every answer reaches a desk where no one concerned reads, or a signpost outside."""

import json
import subprocess
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.routing.domain import Answers, barred_desks, choose_desk, kind_of
from app.routing.service import table_bytes
from tests.browser.test_node import NODE, ROOT
from tests.proof import PROVING, examples
from tests.routing.every import CODES, DAY, DESKS, SINGLE, TABLE, conflicted, every_answer

CASES = json.loads(Path(__file__).with_name("cases.json").read_text(encoding="utf-8"))
MOST_ABOUT = len(CODES["about"]) if PROVING else 2
MEMBERS = sorted(member for desk in DESKS.values() for member in desk)


def check(answers, left_out, desks):
    route = choose_desk(TABLE, answers, left_out=left_out, desks=desks)
    if route.desk is None:
        assert route.signposts, "neither a desk nor anybody outside"
        return
    assert not route.signposts
    assert route.desk not in conflicted(answers), (answers, route)
    assert len(set(desks[route.desk]) - set(left_out)) >= 2, (answers, route)


@pytest.mark.proof
def test_every_combination_is_safe():
    tried = 0
    for answers in every_answer(MOST_ABOUT):
        check(answers, (), DESKS)
        tried += 1
    assert tried > 20_000


def test_every_desk_is_reached():
    """Else the test above could be passed by pointing everybody elsewhere."""
    found = {choose_desk(TABLE, one, left_out=(), desks=DESKS).desk for one in every_answer(1)}
    assert found == {*DESKS, None}


def test_only_who_asked_or_must_is_sent_elsewhere():
    for answers in every_answer(2):
        if choose_desk(TABLE, answers, left_out=(), desks=DESKS).desk is None:
            assert (
                answers.wish == "independent"
                or "policing_body" in answers.about
                or (answers.force == "another" and "chief" in " ".join(answers.about))
            ), answers


ANSWERS = st.builds(
    Answers,
    about=st.lists(st.sampled_from(CODES["about"]), unique=True).map(tuple),
    force=st.sampled_from(SINGLE[0]),
    category=st.sampled_from(SINGLE[1]),
    wish=st.sampled_from(SINGLE[2]),
)
# Vacancies: desks that are not in the keyring, have one member, or belong to one force alone.
VACANT = st.fixed_dictionaries({}, optional={desk: st.integers(0, 2) for desk in DESKS})


@given(ANSWERS, st.lists(st.sampled_from(MEMBERS), unique=True), VACANT)
@examples(400, 20_000)
def test_so_it_is_after_exclusions_and_vacancies(answers, left_out, vacant):
    desks = {desk: DESKS[desk][: vacant.get(desk, 3)] for desk in DESKS if vacant.get(desk) != 0}
    check(answers, left_out, desks)


@given(ANSWERS, st.dictionaries(st.sampled_from([*DESKS]), st.permutations([*DESKS]).map(tuple)))
@examples(200, 20_000)
def test_no_fall_through_of_a_keyring_brings_back_who_is_barred(answers, signed):
    left_out = [desk[0] for desk in DESKS.values() if len(desk) == 2][:3]
    route = choose_desk(TABLE, answers, left_out=left_out, desks=DESKS, fall_through=signed)
    assert route.desk not in conflicted(answers)


@given(ANSWERS, st.randoms(use_true_random=False))
@examples(100, 2_000)
def test_more_left_out_is_never_less_independent(answers, dice: Random):
    """Who leaves out everybody of the desk chosen does not come back to one that was passed."""
    passed, left_out = [], set()
    while (desk := choose_desk(TABLE, answers, left_out=left_out, desks=DESKS).desk) is not None:
        assert desk not in passed
        passed.append(desk)
        left_out |= set(dice.sample(DESKS[desk], len(DESKS[desk]) - dice.randint(0, 1)))


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_cases(case):
    """The same file is run by `assets/tests/routing.test.mjs`."""
    said = case["answers"]
    route = choose_desk(
        TABLE,
        Answers(**{**said, "about": tuple(said["about"])}),
        left_out=case.get("left_out", []),
        desks=case.get("desks", DESKS),
        fall_through={desk: tuple(to) for desk, to in case.get("fall_through", {}).items()},
    )
    assert (route.desk, list(route.signposts)) == (case.get("desk"), case.get("signposts", []))


@pytest.mark.proof
def test_the_browser_decides_the_same_over_every_combination(tmp_path):
    """The browser's own code, over the bytes it is served, in the same order."""
    left_out = ["tom", "helen", "ruth"]
    digest = sha256()
    for out in ([], left_out):
        for answers in every_answer(MOST_ABOUT):
            route = choose_desk(TABLE, answers, left_out=out, desks=DESKS)
            digest.update(f"{route.desk or ' '.join(route.signposts)}\n".encode())
    asked = tmp_path / "asked.json"
    table = json.loads(table_bytes(TABLE.version))
    asked.write_text(
        json.dumps(
            {
                "table": table, "desks": DESKS, "leftOut": [[], left_out], "most": MOST_ABOUT,
                "about": CODES["about"], "single": SINGLE,
            }
        )
    )  # fmt: skip
    script = ROOT / "assets" / "tests" / "every_route.mjs"
    done = subprocess.run([NODE, script, asked], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [digest.hexdigest()]


def test_two_forces_answer_apart():
    """Each chief is the authority for his own people."""
    desks = {**DESKS, "chief-b": ["quinn", "rosa"], "psd-c": ["sol", "tess"]}
    chosen = {
        (about, force): choose_desk(
            TABLE, Answers(about=(about,), force=force), left_out=(), desks=desks
        ).desk
        for about in ("colleague", "chief_officer", "psd_or_ccu")
        for force in ("a", "b", "c")
    }
    assert chosen == {
        ("colleague", "a"): "psd", ("colleague", "b"): "psd", ("colleague", "c"): "psd-c",
        ("chief_officer", "a"): "chief", ("chief_officer", "b"): "chief-b",
        ("chief_officer", "c"): "chief", ("psd_or_ccu", "a"): "independent",
        ("psd_or_ccu", "b"): "independent", ("psd_or_ccu", "c"): "independent",
    }  # fmt: skip


def test_forces_end():
    force = TABLE.forces[0]
    ended = type(force)(
        code=force.code, label=force.label, valid_from=force.valid_from, valid_until=DAY
    )
    assert ended.stands_on(DAY)
    assert not ended.stands_on(DAY.replace(day=22))
    assert not ended.stands_on(force.valid_from.replace(year=1999))


def test_what_is_barred_stays_barred_for_a_forces_own_desk_too():
    desks = {**DESKS, "psd-c": ["sol"], "ccu-a": ["uma"], "independent-a": ["ines"], "psdx": ["x"]}
    for answers in every_answer(2 if PROVING else 1):
        barred = barred_desks(TABLE, answers, desks)
        never = {desk for desk in desks if kind_of(desk, TABLE.kinds) in conflicted(answers)}
        # What is another force's own to decide goes outside by a rule, and never comes to a desk.
        assert never <= barred or answers.force == "another", answers
        assert choose_desk(TABLE, answers, left_out=(), desks=desks).desk not in barred


def test_a_desk_is_of_the_kind_it_is_called_by():
    kinds = TABLE.kinds
    for kind in kinds:
        assert kind_of(kind, kinds) == kind
        for force in CODES["force"]:
            assert kind_of(f"{kind}-{force}", kinds) == kind
    for other in ("psdx", "xpsd", "psd_c", "policing", "alternate", ""):
        assert kind_of(other, kinds) == other
