"""People of every role at a browser, and plans to look at. SQLite alone: these are pages."""

import shutil

import pytest
from bs4 import BeautifulSoup

from app.identity import passwords, second_factor
from app.identity import service as identity
from app.identity.domain import Role
from app.plan.starting import STARTING
from app.work import begin

PASSWORD = "four words that fit"
POSTS = {
    "ines": (Role.INTEGRITY_LEAD, None, None),
    "otto": (Role.INTEGRITY_LEAD, None, None),
    "hugo": (Role.PLAN_OWNER, None, "hr"),
    "bea": (Role.BOARD_MEMBER, None, None),
    "omar": (Role.POLICING_OBSERVER, None, None),
    "sam": (Role.ADMINISTRATOR, None, None),
    "amara": (Role.HANDLER, "psd", None),
}


@pytest.fixture
def database_url(tmp_path, migrated) -> str:
    data = tmp_path / "data"
    data.mkdir(exist_ok=True)
    return f"sqlite:///{shutil.copy(migrated, data / 'casework.sqlite')}"


@pytest.fixture(autouse=True)
def _light_passwords(monkeypatch):
    monkeypatch.setattr(passwords, "MEMORY", 64)
    monkeypatch.setattr(passwords, "PASSES", 1)


class Page:
    """A page somebody looks at; each is checked for what every page owes."""

    def __init__(self, answer):
        self.answer = answer
        self.status = answer.status_code
        if answer.mimetype != "text/html":
            return
        self.soup = BeautifulSoup(answer.text, "html5lib")
        if self.status != 303:
            [heading] = self.soup.select("h1")
            self.heading = " ".join(heading.text.split())
            title = self.soup.select_one("title").text.strip()
            assert title.removeprefix("Error: ").startswith(self.heading), title
            ids = [tag["id"] for tag in self.soup.select("[id]")]
            assert len(ids) == len(set(ids)), "no id twice"
            assert not self.soup.select("[style]"), "no style in the page"
            for link in self.soup.select(".govuk-error-summary a"):
                assert self.soup.select(link["href"]), "every error leads to its field"

    @property
    def text(self) -> str:
        return " ".join(self.soup.select_one("main").text.split())

    @property
    def errors(self) -> list[str]:
        return [item.text.strip() for item in self.soup.select(".govuk-error-summary li")]

    def links(self) -> list[str]:
        return [link["href"] for link in self.soup.select("main a[href]")]

    def form(self) -> dict[str, str]:
        """What the page's POST form would send if nobody typed anything."""
        [form] = [form for form in self.soup.select("main form") if form["method"] == "post"]
        fields = {}
        for field in form.select("input[name]"):
            if field.get("type") in {"radio", "checkbox"} and not field.has_attr("checked"):
                continue
            if field.get("type") != "file":
                fields[field["name"]] = field.get("value", "")
        for area in form.select("textarea[name]"):
            fields[area["name"]] = area.text.removeprefix("\n")
        for select in form.select("select[name]"):
            chosen = select.select("option[selected]") or select.select("option")
            fields[select["name"]] = chosen[0].get("value", "")
        return fields


class Person:
    """Somebody at a browser."""

    def __init__(self, house, name):
        self.name = name
        self.browser = house.portal.test_client()
        page = Page(self.browser.get("/staff/sign-in"))
        code = second_factor.code_at(house.secrets[name], house.clock())
        fields = {"name": name, "password": PASSWORD, "code": code}
        answer = self.browser.post("/staff/sign-in", data=page.form() | fields)
        assert answer.status_code == 303, answer.text

    def opens(self, path, **query) -> Page:
        return Page(self.browser.get(path, query_string=query or None))

    def posts(self, path, fields) -> Page:
        return Page(self.browser.post(path, data=fields))

    def submits(self, path, **typed) -> Page:
        named = {name.replace("__", "-"): value for name, value in typed.items()}
        return self.posts(path, self.opens(path).form() | named)


class House:
    """The portal with its plans and its people."""

    def __init__(self, portal, database, clock, settings, people, plans):
        self.portal, self.clock, self.plans, self.secrets = portal, clock, plans, {}
        self._at_browsers = {}
        for name, (role, desk, office) in POSTS.items():
            with begin(database, clock) as work:
                self.secrets[name] = identity.enrol(
                    work, id=name, name=name.title(), role=role, desk=desk, office=office,
                    password=PASSWORD, key=people.keys.get(name),
                    secret_key=settings.secret_key,
                )  # fmt: skip

    def person(self, name) -> Person:
        # A one-time code works once: whoever is asked for again is at her browser already.
        if name not in self._at_browsers:
            self._at_browsers[name] = Person(self, name)
        return self._at_browsers[name]


@pytest.fixture
def house(portal, database, clock, settings, people, plans) -> House:
    return House(portal, database, clock, settings, people, plans)


@pytest.fixture
def loaded(house) -> House:
    for name in STARTING:
        house.plans.load(name)
    return house


@pytest.fixture
def lead(loaded) -> Person:
    return loaded.person("ines")
