"""The custodians at their pages: one proposes, another approves, both see what came of it."""

import pytest
from bs4 import BeautifulSoup

from app.freeze import stores as stores_module
from app.identity import passwords, second_factor
from app.identity import service as identity
from app.identity.domain import Role
from app.work import begin
from tests.freeze.conftest import PLANS
from tests.freeze.test_interrupted import Killed
from tests.people import CUSTODIANS

PASSWORD = "four words that fit"
FRONT = "/staff/releases"
OTHERS = {
    "lena": Role.INTEGRITY_LEAD, "bea": Role.BOARD_MEMBER, "sam": Role.ADMINISTRATOR,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(passwords, "MEMORY", 64)
    monkeypatch.setattr(passwords, "PASSES", 1)
    monkeypatch.setattr(stores_module, "shipped", lambda: PLANS)


@pytest.fixture
def database_url(tmp_path, migrated):
    """SQLite alone: the deeds are tested on both databases, and these are their pages."""
    import shutil

    data = tmp_path / "data"
    data.mkdir(exist_ok=True)
    return f"sqlite:///{shutil.copy(migrated, data / 'casework.sqlite')}"


class Page:
    def __init__(self, answer):
        self.answer, self.status = answer, answer.status_code
        self.soup = BeautifulSoup(answer.text, "html5lib")
        if answer.mimetype == "text/html" and self.status != 303:
            [heading] = self.soup.select("h1")
            self.heading = " ".join(heading.text.split())
            title = self.soup.select_one("title").text.strip()
            assert title.removeprefix("Error: ").startswith(self.heading)
            assert title.startswith("Error: ") == (self.status == 422)
            ids = [tag["id"] for tag in self.soup.select("[id]")]
            assert len(ids) == len(set(ids)), "no id twice"
            for link in self.soup.select(".govuk-error-summary a"):
                assert self.soup.select_one(link["href"]), link["href"]
            assert not self.soup.select("main [style], main script")

    @property
    def text(self):
        return " ".join(self.soup.select_one("main").text.split())

    def button(self, words):
        return next(
            (b.find_parent("form") for b in self.soup.select("main button") if words in b.text),
            None,
        )


class Window:
    def __init__(self, portal, clock, name, secret):
        self.client = portal.test_client()
        page = self.opens("/staff/sign-in")
        token = page.soup.select_one("form[action$=sign-in] input[name=csrf_token]")["value"]
        answer = self.client.post(
            "/staff/sign-in",
            data={
                "csrf_token": token, "name": name, "password": PASSWORD,
                "code": second_factor.code_at(secret, clock()),
            },
        )  # fmt: skip
        assert answer.status_code == 303, answer.text

    def opens(self, path):
        return Page(self.client.get(path))

    def follows(self, page, words):
        [link] = [a for a in page.soup.select("main a") if words in " ".join(a.text.split())]
        return self.opens(link["href"])

    def presses(self, page, words, **typed):
        form = page.button(words)
        assert form is not None, page.text
        fields = {f["name"]: f.get("value", "") for f in form.select("input[type=hidden][name]")}
        answer = self.client.post(form["action"], data=fields | typed)
        return self.opens(answer.headers["Location"]) if answer.status_code == 303 else Page(answer)


@pytest.fixture
def window(house, portal, database, clock, people, settings):
    told = {}
    roles = dict.fromkeys(CUSTODIANS, Role.CUSTODIAN) | OTHERS
    for name, role in roles.items():
        key = people.keys.get(name) if role is Role.CUSTODIAN else None
        with begin(database, clock) as work:
            told[name] = identity.enrol(
                work, id=name, name=name.title(), role=role, desk=None, password=PASSWORD,
                key=key, secret_key=settings.secret_key,
            )  # fmt: skip
    return lambda name: Window(portal, clock, name, told[name])


def test_two_custodians_freeze_a_quarter_by_their_pages(house, window):
    house.hand_over(*(house.slip() for _ in range(40)))
    carol = window("carol")
    front = carol.opens(FRONT)
    asked = carol.follows(front, "Propose a freeze of North")
    assert "How many concerns, in all" in asked.text
    proposal = carol.presses(asked, "Propose this freeze")
    assert "Nobody approves her own proposal" in proposal.text
    assert proposal.button("Approve") is None
    cyril = window("cyril")
    seen = cyril.follows(cyril.opens(FRONT), "Freeze North, January to March 2026")
    assert "40" not in seen.text, "nobody sees a count"
    done = cyril.presses(seen, "Approve and publish")
    assert done.heading == "North, release 1"
    assert "These figures never change" in done.text
    assert "North, release 1" in carol.opens(FRONT).text


def proposed(house, window):
    house.hand_over(house.slip())
    carol = window("carol")
    page = carol.presses(
        carol.follows(carol.opens(FRONT), "Propose a freeze of North"), "Propose this freeze"
    )
    assert "Waits for a second custodian" in page.text
    named = house.people.keyring.member("carol").name
    assert f"proposed by {named}" in carol.opens(FRONT).text
    return carol


def test_slips_that_cannot_be_counted_are_told_before_anything_begins(house, window):
    house.hand_over(house.slip(recipient=house.people.keys["tom"].recipient))
    carol, cyril = proposed(house, window), window("cyril")
    page = cyril.follows(cyril.opens(FRONT), "Freeze North, January to March 2026")
    told = cyril.presses(page, "Approve and publish")
    assert told.status == 422
    assert "One slip cannot be counted. Nothing was begun." in told.text
    assert "1: sealed to somebody else, or altered" in told.text
    assert cyril.presses(told, "Approve and publish").status == 422, "not without the tick"
    done = cyril.presses(told, "Approve and publish", known="1")
    assert "One slip could not be counted" in done.text
    again = carol.follows(carol.opens(FRONT), "North, release 1")
    assert "One slip could not be counted" in again.text


def test_the_second_person_may_decline_and_the_first_take_it_back(house, window):
    carol, cyril = proposed(house, window), window("cyril")
    page = cyril.follows(cyril.opens(FRONT), "Freeze North, January to March 2026")
    assert "The proposal was withdrawn" in cyril.presses(page, "Decline").text
    page = carol.presses(
        carol.follows(carol.opens(FRONT), "Propose a freeze of North"), "Propose this freeze"
    )
    assert "The proposal was withdrawn" in carol.presses(page, "Take it back").text
    assert house.releases() == []


def test_an_interrupted_freeze_is_carried_on_from_the_page(house, window):
    proposed(house, window)
    cyril = window("cyril")
    page = cyril.follows(cyril.opens(FRONT), "Freeze North, January to March 2026")
    from app.freeze import publishing

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing, "publish", lambda *_all: (_ for _ in ()).throw(Killed()))
        with pytest.raises(Killed):
            cyril.presses(page, "Approve and publish")
    page = cyril.follows(cyril.opens(FRONT), "Freeze North, January to March 2026")
    assert "Approved, and not finished" in page.text
    assert cyril.presses(page, "Carry on").heading == "North, release 1"


def test_what_was_drawn_is_finished_at_the_press_of_a_button(house, window):
    house.hand_over(house.slip())
    proposal = house.proposes()
    from app.freeze import publishing

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing, "show_written", lambda *_all: (_ for _ in ()).throw(Killed()))
        with pytest.raises(Killed):
            house.approves(proposal)
    cleo = window("cleo")
    front = cleo.opens(FRONT)
    assert "can only be finished as it is" in front.text
    assert "One release was finished" in cleo.presses(front, "Finish it").text
    assert len(house.releases()) == 1


def test_a_release_is_withdrawn_by_two_with_a_reason(house, window):
    house.freezes()
    lena = window("lena")
    page = lena.follows(
        lena.follows(lena.opens(FRONT), "North, release 1"), "Withdraw this release"
    )
    wrong = lena.presses(page, "Propose the withdrawal", why="bad")
    assert wrong.status == 422
    assert wrong.soup.select_one("textarea").text.strip() == "bad", "nothing typed is lost"
    # Two characters that are in no XML: the release's workbook would spell them out.
    why = "Two\ufffe directorates\uffff were mixed up"
    asked = lena.presses(page, "Propose the withdrawal", why=why)
    assert "Nobody approves her own proposal" in asked.text
    carol = window("carol")
    page = carol.follows(carol.opens(FRONT), "Withdraw North, release 1")
    assert "Two directorates were mixed up" in page.text
    done = carol.presses(page, "Approve and withdraw")
    assert "Withdrawn on" in done.text
    assert "Two directorates were mixed up" in done.text
    assert lena.opens(f"{FRONT}/north/1/withdraw").status == 409


def test_a_withdrawal_may_be_declined(house, window):
    house.freezes()
    lena, carol = window("lena"), window("carol")
    page = lena.opens(f"{FRONT}/north/1/withdraw")
    lena.presses(page, "Propose the withdrawal", why="Two directorates were mixed up")
    page = carol.follows(carol.opens(FRONT), "Withdraw North, release 1")
    carol.presses(page, "Decline")
    assert all(found.stands for found in house.releases())


@pytest.mark.parametrize("name", ["bea", "sam"])
def test_who_has_no_part_in_it_sees_none_of_it(house, window, name):
    somebody = window(name)
    for path in (FRONT, f"{FRONT}/north/2026Q1/propose", f"{FRONT}/proposals/00"):
        assert somebody.opens(path).status == 403


def test_the_lead_sees_and_does_not_freeze(house, window):
    lena = window("lena")
    front = lena.opens(FRONT)
    assert "Due" in front.text
    assert "Propose a freeze" not in front.text
    assert lena.opens(f"{FRONT}/north/2026Q1/propose").status == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("north/2026Q9/propose", 404), ("nowhere/2026Q1/propose", 404),
        ("north/2026Q2/propose", 409), ("proposals/xyz", 404), ("proposals/00", 404),
        ("withdrawals/00", 404), ("north/7", 404), ("north/7/withdraw", 404),
    ],
)  # fmt: skip
def test_what_is_not_there_is_a_page(house, window, path, status):
    assert window("carol").opens(f"{FRONT}/{path}").status == status


def test_without_the_witness_the_page_says_so(house, window):
    proposed(house, window)
    (house.witness.folder / "candour-witness").unlink()
    cyril = window("cyril")
    front = cyril.opens(FRONT)
    assert "The witness is not there" in front.text
    page = cyril.follows(front, "Freeze North, January to March 2026")
    refused = cyril.presses(page, "Approve and publish")
    assert (refused.status, refused.heading) == (409, "Nothing was frozen now")
    assert "The witness is not there" in refused.text


def test_looking_changes_nothing(house, window):
    """Reading pages writes no row: before and after, both databases hold the same."""
    carol = proposed(house, window)
    before = house.stores.statistics.engine.raw_connection().driver_connection
    rows = list(before.iterdump())
    for path in (FRONT, f"{FRONT}/north/2026Q1/propose"):
        carol.opens(path)
    assert list(before.iterdump()) == rows
