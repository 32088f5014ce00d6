"""Evidence is a released cell: offered if it stands, named in words, marked when withdrawn."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.errors import Missing
from app.plan import editing, figures, service
from app.plan.choices import EvidenceKind, Theme
from app.plan.recording import NumberTaken
from app.trends.publication import publication_plan
from app.trends.service import published_cells
from tests.plan.conftest import LEAD
from tests.plan.publishing import FORCE, OTHER, THEME, publish, withdraw

ON_SQLITE_UNLESS_PROVING = True

STEADY = [20, 21, 19, 20, 20, 19, 21, 20]
RISING = [10, 10, 10, 10, 40, 40, 40, 40]


def cell(plans, period="2025Q4", key=THEME):
    with plans.look() as work:
        [found] = [
            one for one in published_cells(work) if (str(one.period), one.key) == (period, key)
        ]
    return found.id


def offered(plans, *, force="", theme=None, page=1):
    with plans.look() as work:
        return figures.offered(work, force=force, theme=theme, page=page)


def cite(plans, id, number=2):
    with plans.begin() as work:
        figure = figures.standing(work, id)
        editing.cite_cell(
            work, "alliance", number, cell=id, told=figure.told, why="It says so", by=LEAD
        )
    return figure


def test_a_figure_in_words(alliance):
    publish(alliance, RISING)
    with alliance.look() as work:
        figure = figures.standing(work, cell(alliance))
    name = publication_plan().name_of(THEME)
    force = publication_plan().name_of(FORCE)
    assert figure.told == (
        f"Theme: {name}, {force}, 2025 Q4: about 40 (36 to 44), release 8, "
        "higher than the year before"
    )


def test_the_trend_is_that_of_its_own_day(alliance):
    """A figure keeps its word: later releases do not change what was said of it."""
    publish(alliance, [*RISING, 1, 1, 1, 1])
    with alliance.look() as work:
        then = figures.standing(work, cell(alliance, "2025Q4"))
        now = figures.standing(work, cell(alliance, "2026Q4"))
        early = figures.standing(work, cell(alliance, "2024Q2"))
    assert then.trend == "higher than the year before"
    assert now.trend == "lower than the year before"
    assert early.trend == ""


def test_no_clear_change_is_said_of_chance(alliance):
    publish(alliance, STEADY)
    with alliance.look() as work:
        assert figures.standing(work, cell(alliance)).trend == "no clear change"
        assert figures.standing(work, cell(alliance, key="All")).label == "All concerns"
        combined = figures.standing(work, cell(alliance, key="money-gifts|links-drugs"))
    assert combined.label == "Theme: 2 others combined"
    assert combined.trend == ""


def test_only_what_stands_is_offered(alliance):
    publish(alliance, STEADY)
    publish(alliance, [5, 5], force="b", shown=False)
    before = {figure.release for figure in offered(alliance).figures}
    withdraw(alliance, 8)
    after = offered(alliance)
    assert before - {figure.release for figure in after.figures} == {8}
    assert {figure.force for figure in after.figures} == {publication_plan().name_of("a")}
    assert offered(alliance, force="b").figures == []


def test_an_offer_is_on_the_theme_and_the_newest_first(alliance):
    publish(alliance, STEADY)
    on_theme = offered(alliance, theme=Theme.ANTI_CORRUPTION).figures
    assert on_theme[0].period == "2025 Q4"
    names = {figure.names for figure in on_theme}
    name = publication_plan().name_of
    assert (name(THEME),) in names
    assert (name(OTHER),) not in names
    assert {f.names for f in offered(alliance, theme=Theme.COMPLAINTS).figures} == {(name(OTHER),)}
    assert offered(alliance, theme=Theme.GUIDANCE_AND_BENCHMARKING).figures == []


def test_many_figures_come_in_pages(alliance):
    publish(alliance, STEADY * 2)
    first, last = offered(alliance), offered(alliance, page=99)
    assert (first.pages, last.page) == (2, 2)
    ids = [figure.id for page in (first, last) for figure in page.figures]
    assert len(ids) == len(set(ids)) == 64


def test_evidence_is_the_cell_and_no_copy_of_it(alliance):
    publish(alliance, STEADY)
    id = cell(alliance)
    told = cite(alliance, id).told
    with alliance.look() as work:
        found = service.action_file(work, "alliance", 2)
        board = service.board_view(work, "alliance")
        cited = service.cited_cells(work, "alliance")
    [evidence] = found.evidence
    assert (evidence.kind, evidence.cell, evidence.why) == (EvidenceKind.RELEASE, id, "It says so")
    assert found.history[0].change.after == told
    assert board.cited == {Theme.ANTI_CORRUPTION: [id]}
    assert cited == [(2, id)]
    with pytest.raises(DBAPIError), alliance.begin() as work:
        work.session.execute(text(f"DELETE FROM trends_cell WHERE id = '{id}'"))


def test_a_figure_is_cited_once_by_an_action(alliance):
    publish(alliance, STEADY)
    id = cell(alliance)
    cite(alliance, id)
    with pytest.raises(NumberTaken):
        cite(alliance, id)
    cite(alliance, id, number=3)


def test_what_is_not_published_cannot_be_cited(alliance):
    publish(alliance, STEADY, shown=False)
    publish(alliance, STEADY, force="b")
    withdraw(alliance, 8, force="b")
    with alliance.look() as work:
        withdrawn = [one.id for one in published_cells(work) if one.withdrawn]
        assert len(withdrawn) == 4
        for id in ["nothing", "", withdrawn[0]]:
            with pytest.raises(Missing):
                figures.standing(work, id)


def test_what_was_cited_and_then_withdrawn_says_so(alliance):
    publish(alliance, STEADY)
    id = cell(alliance)
    cite(alliance, id)
    withdraw(alliance, 8)
    with alliance.look() as work:
        figure = figures.described(work, [id])[id]
    assert figure.withdrawn
    assert figure.trend == ""


def test_nothing_is_asked_for_nothing(alliance):
    assert figures.described(None, []) == {}
