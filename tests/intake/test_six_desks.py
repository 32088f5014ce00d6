"""All six desks: every answer is asked for, sealed with the letter, and kept nowhere else."""

from dataclasses import replace

import pytest

from app.envelope.errors import NoMatch
from app.factory import build
from config import Surface
from tests.conftest import NOON
from tests.intake.desk import opened, waiting
from tests.intake.reporter import Reporter
from tests.people import LABELS, ON_DESK, ON_OTHER_DESKS, People

ON_SQLITE_UNLESS_PROVING = True


@pytest.fixture(scope="module")
def six():
    return People.make(NOON.date(), six_desks=True)


@pytest.fixture
def portal(settings, clock, six):
    six.write_keyring(settings.keyring.parent)
    flask_app = build(replace(settings, surfaces=Surface.REPORTER), clock=clock)
    yield flask_app
    flask_app.extensions["candour"]["database"].engine.dispose()


@pytest.fixture
def reporter(portal):
    return Reporter(portal)


ON_DESKS = {desk: sorted(names) for desk, names in (ON_DESK | ON_OTHER_DESKS).items()}
WAYS = {
    "psd": {"about": ["colleague"], "category": "bullying"},
    "ccu": {"about": ["colleague"], "category": "theft_fraud"},
    "independent": {"about": ["psd_or_ccu"]},
    "chief": {"about": ["chief_officer"], "force": "a"},
    "reciprocal": {"about": ["colleague"], "wish": "outside_force"},
    "policing-body": {"about": ["chief_constable"], "force": "b"},
}


@pytest.mark.parametrize("desk", WAYS)
def test_each_desk_is_reached_and_opens_what_is_its_own(portal, reporter, six, desk):
    reporter.reports(WAYS[desk])
    [(letter, payload)] = waiting(portal)
    assert letter.desk == desk
    inside, _files = opened(letter.header, payload, six.keys[ON_DESKS[desk][0]])
    assert list(inside.readers) == ON_DESKS[desk]
    for question in ("force", "category", "wish"):
        assert inside.answers[question] == WAYS[desk].get(question, "")
    for other in WAYS.keys() - {desk}:
        with pytest.raises(NoMatch):
            opened(letter.header, payload, six.keys[ON_DESKS[other][0]])


def test_whatever_the_desk_it_is_as_long_and_the_pages_say_the_same(portal, reporter, six):
    """A reporter's screen, and a stolen letterbox, tell two desks apart by the desk's name alone."""
    said = {}
    for desk, routing in WAYS.items():
        pages = [reporter.answers_routing(**routing)]
        pages.append(reporter.submits("/report/check", what="Somebody took the money."))
        pages.append(reporter.submits("/report/send"))
        texts = [without_desk(page, desk) for page in pages[:2]]
        said[desk] = [*texts, [len(pages[2].words), pages[2].heading]]
        reporter.words = pages[2].words
        said[desk].append(reporter.comes_back().main.get_text(" ", strip=True))
    assert all(texts == said["psd"] for texts in said.values())
    sizes = {(len(letter.header), len(payload)) for letter, payload in waiting(portal)}
    assert len(sizes) == 1
    assert len(waiting(portal)) == len(WAYS)


def without_desk(page, desk):
    for part in page.main.select("[data-desk-label], [data-readers]"):
        assert part.text == LABELS[desk] or part.find_all("li")
        part.clear()
    answers = {"about", "force", "category", "wish"}
    for part in page.main.select("[data-answer]"):
        if part["data-answer"] in answers:
            part.clear()
    return page.main.get_text(" ", strip=True)


def test_everybody_who_holds_a_key_can_be_left_out(reporter):
    reporter.opens("/report")
    offered = {box["value"] for box in reporter.page.main.select("input[name=leave_out]")}
    assert offered == {name for names in ON_DESKS.values() for name in names}


def test_one_left_of_two_falls_through(portal, reporter, six):
    reporter.reports({**WAYS["ccu"], "leave_out": ["nadia"]})
    [(letter, payload)] = waiting(portal)
    assert letter.desk == "independent"
    inside, _files = opened(letter.header, payload, six.keys["ruth"])
    assert inside.left_out == ("nadia",)


@pytest.mark.parametrize(
    ("routing", "named"),
    [
        ({"about": ["policing_body"]}, ["The Police and Crime Panel", "IOPC Report Line", "Protect"]),
        (
            {"about": ["chief_officer"], "force": "another"},
            ["IOPC Report Line", "Police Anti-Corruption and Abuse Reporting Service", "Protect",
             "The other force, or its local policing body"],
        ),
        (
            {"about": ["colleague"], "wish": "independent"},
            ["IOPC Report Line", "Police Anti-Corruption and Abuse Reporting Service", "Protect"],
        ),
    ],
)  # fmt: skip
def test_who_outside_can_take_it(portal, reporter, routing, named):
    page = reporter.answers_routing(**routing)
    assert page.heading == "Somebody outside should take this"
    found = [term.text for term in page.main.select("[data-signpost] dt")]
    assert sorted(found) == sorted(named)
    assert "send a concern about the others alone" in page.main.text
    back = reporter.submits("/report")
    for question, answer in routing.items():
        given = back.form("/report/write").getlist(question)
        assert given == (answer if isinstance(answer, list) else [answer])
    assert waiting(portal) == []


def test_what_was_chosen_is_there_again_on_the_way_back(reporter):
    chosen = {"force": "b", "category": "drugs_fitness", "wish": "force", "danger": "yes"}
    page = reporter.writes({"about": ["colleague"], **chosen})
    rows = {part["data-answer"]: part.text for part in page.main.select("[data-answer]")}
    assert rows["force"] == "Eastmere Constabulary"
    assert rows["category"] == "Drugs, alcohol or being unfit for work"
    assert rows["wish"] == "The force may deal with it"
    page = reporter.submits("/report/send", to="/report")
    fields = page.form("/report/write")
    assert {name: fields[name] for name in chosen} == chosen


@pytest.mark.parametrize("question", ["force", "category", "wish"])
def test_an_answer_that_no_page_of_ours_offers(portal, reporter, question):
    page = reporter.answers_routing(**{question: "made_up"})
    assert page.status == 422
    assert page.problems == ["Choose from the answers on this page"]
    assert page.form("/report/write").getlist("about") == ["colleague"]
