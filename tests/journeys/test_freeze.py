"""Two custodians freeze a quarter in a real browser, by keyboard, with scripts and without."""

import secrets

import pytest

from app.database import open_database
from app.envelope.custody import make_custody
from app.envelope.slips import Slip, SlipKind, SlipPlace, seal_slip
from app.freeze.stores import CUSTODY_FILE
from app.freeze.witness import Witness
from app.identity import service as identity
from app.identity.domain import Role
from app.trends import service as trends
from app.trends.domain import Period
from app.trends.publication import publication_plan
from app.trends.slips import ReceivedSlip
from app.trends.slips import SlipKind as Kind
from app.work import begin
from tests.journeys.browsing import Browsing
from tests.journeys.running import PASSWORD
from tests.people import CUSTODIANS

pytestmark = pytest.mark.browser

PLAN = publication_plan()
FORCE = PLAN.forces[0]
QUARTER = FORCE.first_period
MONTHS = f"January to March {QUARTER.year}"


@pytest.fixture(scope="module", params=["sqlite"])
def portal(request, open_portal):
    with open_portal(request.param) as running:
        _give_into_custody(running)
        _enrol(running, {name: (Role.CUSTODIAN, running.people.keys[name]) for name in CUSTODIANS})
        _enrol(running, {"lena": (Role.INTEGRITY_LEAD, None)})
        _hand_over(running, 30)
        yield running


def _give_into_custody(portal):
    people = portal.people
    copies = make_custody(
        people.statistics, {name: people.keys[name].recipient for name in CUSTODIANS}
    )
    portal.settings.keyring.with_name(CUSTODY_FILE).write_bytes(copies.to_bytes())
    Witness(portal.settings.witness).mark()


def _enrol(portal, accounts):
    database = open_database(portal.settings.database_url)
    for name, (role, key) in accounts.items():
        with begin(database) as work:
            portal.codes[name] = identity.enrol(
                work, id=name, name=name.title(), role=role, desk=None, key=key,
                password=PASSWORD.format(name), secret_key=portal.settings.secret_key,
            )  # fmt: skip
    database.engine.dispose()


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


class Custodian(Browsing):
    """Somebody who has no mouse."""

    def signs_in_as(self, name, lands_on="Releases"):
        self.opens("/staff/sign-in", "Sign in")
        for label, typed in (
            ("User name", name),
            ("Password", PASSWORD.format(name)),
            ("One-time code", self.portal.code_of(name)),
        ):
            self.tabs_to(self.page.get_by_label(label, exact=True))
            self.page.keyboard.type(typed)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda address: "sign-in" not in address)
        if lands_on:
            self.sees(lands_on)

    def goes(self, role, name, heading):
        self.tabs_to(self.main.get_by_role(role, name=name).first)
        self.page.keyboard.press("Enter")
        self.sees(heading)


@pytest.fixture
def window(browser, portal):
    return lambda **options: Custodian(browser, portal, **options)


def test_two_custodians_freeze_and_two_people_withdraw(window, portal):
    title = f"{FORCE.name}, {MONTHS}"
    _hand_over(portal, 1, recipient=portal.people.keys["tom"].recipient)
    with window() as carol, window(scripts=False) as cyril:
        carol.signs_in_as("carol")
        carol.goes("link", f"Propose a freeze of {title}", f"Propose a freeze: {title}")
        carol.goes("button", "Propose this freeze", f"Freeze {title}")
        assert "Nobody approves her own proposal" in carol.text

        cyril.signs_in_as("cyril")
        cyril.goes("link", f"Freeze {title}", f"Freeze {title}")
        cyril.goes("button", "Approve and publish", f"Freeze {title}")
        assert cyril.errors == ["One slip cannot be counted. Nothing was begun."]
        cyril.tabs_to(cyril.page.get_by_label("We both know"))
        cyril.page.keyboard.press("Space")
        cyril.goes("button", "Approve and publish", f"{FORCE.name}, release 1")
        assert "These figures never change" in cyril.text
        assert "One slip could not be counted" in cyril.text

        carol.opens("/staff/releases", "Releases")
        carol.goes("link", f"{FORCE.name}, release 1", f"{FORCE.name}, release 1")

    with window() as lena, window() as cleo:
        lena.signs_in_as("lena", lands_on=None)
        lena.opens(f"/staff/releases/{FORCE.id}/1/withdraw", f"Withdraw {FORCE.name}, release 1")
        lena.goes("button", "Propose the withdrawal", f"Withdraw {FORCE.name}, release 1")
        assert lena.errors == ["Say why the release is withdrawn"]
        lena.tabs_to(lena.page.get_by_label("Why is it withdrawn?"))
        lena.page.keyboard.type("Two directorates were mixed up when they were coded")
        lena.goes("button", "Propose the withdrawal", f"Withdraw {FORCE.name}, release 1?")
        cleo.signs_in_as("cleo")
        cleo.goes("link", f"Withdraw {FORCE.name}, release 1", f"Withdraw {FORCE.name}, release 1?")
        cleo.goes("button", "Approve and withdraw", f"{FORCE.name}, release 1")
        assert "Two directorates were mixed up" in cleo.text
        cleo.opens("/staff/releases", "Releases")
        assert "Withdrawn" in cleo.text


def test_before_its_day_there_is_nothing_to_press(window):
    with window() as carol:
        carol.signs_in_as("cleo")
        later = QUARTER.moved(40)
        assert carol.page.goto(f"/staff/releases/{FORCE.id}/{later}/propose").status == 409
        carol.sees("Nothing was frozen now")
