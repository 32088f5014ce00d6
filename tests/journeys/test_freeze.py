"""Two custodians freeze a quarter in a real browser, by keyboard, with scripts and without."""

import secrets

import pytest

from app.database import open_database
from app.envelope.slips import Slip, SlipKind, SlipPlace, seal_slip
from app.identity.domain import Role
from app.trends import service as trends
from app.trends.domain import Period
from app.trends.publication import publication_plan
from app.trends.slips import ReceivedSlip
from app.trends.slips import SlipKind as Kind
from app.work import begin
from tests.journeys.at_keyboard import AtKeyboard
from tests.journeys.board_side import enrol, give_into_custody

pytestmark = pytest.mark.browser

PLAN = publication_plan()
FORCE = PLAN.forces[0]
QUARTER = FORCE.first_period
MONTHS = f"January to March {QUARTER.year}"


@pytest.fixture(scope="module", params=["sqlite"])
def portal(request, open_portal):
    with open_portal(request.param) as running:
        give_into_custody(running)
        enrol(running, "lena", Role.INTEGRITY_LEAD)
        _hand_over(running, 30)
        yield running


def _hand_over(portal, count, recipient=None):
    database = open_database(portal.settings.statistics_url)
    slips = []
    for _ in range(count):
        place = SlipPlace(
            id=secrets.token_bytes(16), force=FORCE.id, period=str(QUARTER), kind=SlipKind.ENTRY
        )
        slip = Slip(place=place, says=(PLAN.themes[0].id, FORCE.directorates[0].id))
        sealed = seal_slip(slip, recipient or portal.people.statistics.recipient)
        slips.append(
            ReceivedSlip(
                id=place.id,
                force=place.force,
                period=Period.parse(place.period),
                kind=Kind(place.kind.value),
                header=sealed.header,
                payload=sealed.payload,
            )
        )
    with begin(database) as work:
        trends.receive_slips(work, slips)
    database.engine.dispose()


@pytest.fixture
def window(browser, portal):
    return lambda **options: AtKeyboard(browser, portal, **options)


def test_two_custodians_freeze_and_two_people_withdraw(window, portal):
    title = f"{FORCE.name}, {MONTHS}"
    _hand_over(portal, 1, recipient=portal.people.keys["tom"].recipient)
    with window() as carol, window(scripts=False) as cyril:
        carol.signs_in_as("carol", "Releases")
        carol.follows(f"Propose a freeze of {title}", f"Propose a freeze: {title}")
        carol.submits("Propose this freeze", f"Freeze {title}")
        assert "Nobody approves her own proposal" in carol.text

        cyril.signs_in_as("cyril", "Releases")
        cyril.follows(f"Freeze {title}", f"Freeze {title}")
        cyril.submits("Approve and publish", f"Freeze {title}")
        assert cyril.errors == ["One slip cannot be counted. Nothing was begun."]
        cyril.tabs_to(cyril.page.get_by_label("We both know"))
        cyril.page.keyboard.press("Space")
        cyril.submits("Approve and publish", f"{FORCE.name}, release 1")
        assert "These figures never change" in cyril.text
        assert "One slip could not be counted" in cyril.text

        carol.opens("/staff/releases", "Releases")
        carol.follows(f"{FORCE.name}, release 1", f"{FORCE.name}, release 1")

    with window() as lena, window() as cleo:
        lena.signs_in_as("lena", "Integrity plans and strategies")
        lena.opens(f"/staff/releases/{FORCE.id}/1/withdraw", f"Withdraw {FORCE.name}, release 1")
        lena.submits("Propose the withdrawal", f"Withdraw {FORCE.name}, release 1")
        assert lena.errors == ["Say why the release is withdrawn"]
        lena.tabs_to(lena.page.get_by_label("Why is it withdrawn?"))
        lena.page.keyboard.type("Two directorates were mixed up when they were coded")
        lena.submits("Propose the withdrawal", f"Withdraw {FORCE.name}, release 1?")
        cleo.signs_in_as("cleo", "Releases")
        cleo.follows(f"Withdraw {FORCE.name}, release 1", f"Withdraw {FORCE.name}, release 1?")
        cleo.submits("Approve and withdraw", f"{FORCE.name}, release 1")
        assert "Two directorates were mixed up" in cleo.text
        cleo.opens("/staff/releases", "Releases")
        assert "Withdrawn" in cleo.text


def test_before_its_day_there_is_nothing_to_press(window):
    with window() as carol:
        carol.signs_in_as("cleo", "Releases")
        later = QUARTER.moved(40)
        assert carol.page.goto(f"/staff/releases/{FORCE.id}/{later}/propose").status == 409
        carol.sees("Nothing was frozen now")
