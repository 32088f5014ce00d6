"""Accounts of the tests' people, and a browser that signs in with them."""

import shutil
from dataclasses import dataclass, field

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.database import Database
from app.identity import passwords, second_factor, service
from app.identity.domain import Role
from app.work import begin, look

PASSWORD = "four words that fit"
POSTS = {
    "amara": (Role.HANDLER, "psd"),
    "helen": (Role.DESK_HEAD, "psd"),
    "sam": (Role.ADMINISTRATOR, None),
}


@pytest.fixture
def database_url(tmp_path, migrated) -> str:
    """SQLite alone: what differs between databases is in test_on_both_databases.py."""
    data = tmp_path / "data"
    data.mkdir(exist_ok=True)
    return f"sqlite:///{shutil.copy(migrated, data / 'casework.sqlite')}"


@pytest.fixture(scope="session")
def compiled(tmp_path_factory) -> FileSystemBytecodeCache:
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("compiled")))


@pytest.fixture
def portal(portal, compiled) -> Flask:
    """The portal, which does not compile its templates anew for every test."""
    portal.jinja_env.bytecode_cache = compiled
    return portal


@pytest.fixture(autouse=True)
def _light_passwords(monkeypatch):
    """Argon2id at its real size is measured in one test and not paid for in every other."""
    monkeypatch.setattr(passwords, "MEMORY", 64)
    monkeypatch.setattr(passwords, "PASSES", 1)


@dataclass
class Staff:
    """The people of the tests with accounts."""

    database: Database
    clock: object
    secret_key: str
    secrets: dict[str, str] = field(default_factory=dict)

    def enrol(self, id, key, password=PASSWORD, **changes):
        role, desk = POSTS.get(id, (Role.HANDLER, "psd"))
        said = {"role": role, "desk": desk, "name": id.title()} | changes
        with begin(self.database, self.clock) as work:
            self.secrets[id] = service.enrol(
                work, id=id, password=password, key=key, secret_key=self.secret_key, **said
            )

    def code(self, id):
        return second_factor.code_at(self.secrets[id], self.clock())

    def entries(self, verb=""):
        from app.audit.service import last_entries

        with look(self.database) as work:
            return [e for e in last_entries(work, 1000) if e.verb.value.startswith(verb)]

    def asked(self, statement, **values):
        with self.database.reading.begin() as session:
            return session.execute(text(statement), values).all()

    def planted(self, statement, **values):
        with self.database.writing.begin() as session:
            session.execute(text(statement), values)


@pytest.fixture
def staff(database, clock, settings, people) -> Staff:
    found = Staff(database, clock, settings.secret_key)
    for id in POSTS:
        found.enrol(id, people.keys.get(id))
    return found


@dataclass
class Page:
    """A page somebody is looking at; every one is checked."""

    answer: TestResponse

    def __post_init__(self):
        self.status = self.answer.status_code
        self.soup = BeautifulSoup(self.answer.text, "html.parser")
        if self.answer.mimetype == "text/html" and self.status != 303:
            self._check()

    def _check(self):
        title = self.soup.select_one("title").text.strip()
        assert len(self.soup.select("h1")) == 1, "a page has one h1"
        assert title.removeprefix("Error: ").startswith(self.heading)
        summary = self.soup.select(".govuk-error-summary")
        assert title.startswith("Error: ") == bool(summary)
        for link in self.soup.select(".govuk-error-summary a"):
            assert self.soup.select_one(link["href"]), link["href"]
        assert bool(summary) == (self.status == 422)

    @property
    def heading(self):
        return " ".join(self.soup.select_one("h1").text.split())

    @property
    def errors(self):
        return [link.text for link in self.soup.select(".govuk-error-summary a")]

    @property
    def token(self):
        return self.soup.select_one("input[name=csrf_token]")["value"]


class Window:
    """Somebody at a browser."""

    def __init__(self, portal: Flask, staff: Staff) -> None:
        self.client = portal.test_client()
        self.staff = staff

    def opens(self, path):
        return Page(self.client.get(path))

    def sends(self, path, form, /, *, page=None, **answers):
        token = self.opens(page or path).token
        return Page(self.client.post(path, data={"csrf_token": token, **form, **answers}))

    def signs_in(self, id="amara", password=PASSWORD, code=None, **more):
        form = {"name": id, "password": password, "code": code or self.staff.code(id), **more}
        return self.sends("/staff/sign-in", form)

    def cookie(self, name="candour"):
        found = self.client.get_cookie(name)
        return None if found is None else found.value


@pytest.fixture
def window(portal, staff) -> Window:
    return Window(portal, staff)


@pytest.fixture
def another(portal, staff) -> Window:
    return Window(portal, staff)
