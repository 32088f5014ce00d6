"""A desk at work: everybody has an account, and a reporter's letters are collected."""

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from io import BytesIO

import pytest
from bs4 import BeautifulSoup
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import select
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from app.audit.service import last_entries
from app.casework import views
from app.casework.tables import CaseRow, NoteRow, SheetRow
from app.collection.service import collect
from app.identity import memory, passwords, second_factor
from app.identity import service as identity
from app.identity.domain import Role
from app.mailbox.objects import Objects
from app.mailbox.tables import EntryRow
from app.web import logs
from app.work import begin, look
from tests.casework.reporter import Reporter
from tests.casework.sheets import in_triage

PASSWORD = "four words that fit"
ENCLOSING_WORDS = "This leaflet says who can help."


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Argon2id at its real size and the inbox's time have tests of their own.

    On a machine that is busy elsewhere a key is tried on one case in the time an inbox has.
    """
    monkeypatch.setattr(passwords, "MEMORY", 64)
    monkeypatch.setattr(passwords, "PASSES", 1)
    monkeypatch.setattr(views, "BEAT", 0.001)
    monkeypatch.setattr(views, "TRYING", 60.0)


class Page:
    """A page somebody looks at; each that is looked at is checked for what every page owes."""

    def __init__(self, answer):
        self.answer = answer
        self.status = answer.status_code
        self._sent = answer.text

    @cached_property
    def soup(self) -> BeautifulSoup:
        soup = BeautifulSoup(self._sent, "html5lib")
        if self.answer.mimetype == "text/html" and self.status != 303:
            [heading] = soup.select("h1")
            title = soup.select_one("title").text.strip()
            assert title.removeprefix("Error: ").startswith(" ".join(heading.text.split()))
            ids = [tag["id"] for tag in soup.select("[id]")]
            assert len(ids) == len(set(ids)), "no id twice"
        return soup

    @property
    def heading(self) -> str:
        return " ".join(self.soup.select_one("h1").text.split())

    @property
    def text(self) -> str:
        return " ".join(self.soup.select_one("main").text.split())

    def form(self, action: str, having: str = "") -> dict[str, str]:
        """Return what a form would send; of several to one address, where this is typed."""
        forms = [form for form in self.soup.select("form") if form["action"].endswith(action)]
        if len(forms) > 1 and having:
            typed = f"[name={having}]:not([type=hidden])"
            forms = [form for form in forms if form.select(typed)]
        [form] = forms
        fields = {
            field["name"]: field.get("value", "")
            for field in form.select("input[type=hidden][name]")
        }
        for area in form.select("textarea"):
            fields[area["name"]] = area.text.removeprefix("\n")
        for field in form.select("input[type=text], input[checked]"):
            fields[field["name"]] = field.get("value", "")
        for field in form.select("select"):
            chosen = field.select_one("option[selected]") or field.select_one("option")
            fields[field["name"]] = chosen["value"]
        return fields


class Person:
    """Somebody of the staff at a browser."""

    def __init__(self, desk, name):
        self.name = name
        self._desk = desk
        self.browser = desk.portal.test_client()
        self._sign_in()

    def _sign_in(self):
        page = Page(self.browser.get("/staff/sign-in"))
        code = second_factor.code_at(self._desk.secrets[self.name], self._desk.clock())
        fields = {"name": self.name, "password": PASSWORD, "code": code}
        answer = self.browser.post("/staff/sign-in", data=page.form("sign-in") | fields)
        assert answer.status_code == 303, answer.text

    def opens(self, path: str, **query) -> Page:
        return Page(self.browser.get(path, query_string=query or None))

    def posts(self, path: str, fields: dict[str, str]) -> Page:
        return Page(self.browser.post(path, data=fields))

    def submits(self, page_path: str, action: str, **typed) -> Page:
        fields = self.opens(page_path).form(action) | typed
        return self.posts(action, fields)

    def declares(self, ref: str, said: str = "no conflict") -> Page:
        path = f"/staff/cases/{ref}/declare"
        return self.submits(path, path, said=said)

    def reads(self, ref: str) -> Page:
        """Open a case as she would: inbox, declaration, case."""
        self.opens("/staff/")
        self.declares(ref)
        return self.opens(f"/staff/cases/{ref}")

    def drafts(self, ref: str, words: str) -> Page:
        """Write to a reporter in words of her own, which wait for a second reader."""
        path = f"/staff/cases/{ref}/reply"
        return self.submits(path, path, text=words)

    def encloses(self, ref: str, content: bytes, *, name: str = "A leaflet", **typed) -> Page:
        """Write to a reporter in words of her own, with a file."""
        path = f"/staff/cases/{ref}/reply"
        fields = self.opens(path).form(path) | {"text": ENCLOSING_WORDS, "name": name} | typed
        file = FileStorage(BytesIO(content), "Sgt Secret.pdf")
        # In memory: the client would put a large body into a temporary file and leave it open.
        boundary, data = encode_multipart(MultiDict([*fields.items(), ("file", file)]))
        kind = f"multipart/form-data; boundary={boundary}"
        return Page(self.browser.post(path, data=data, content_type=kind))

    def approves(self, ref: str) -> Page:
        path = f"/staff/cases/{ref}/draft"
        page = self.opens(path)
        looked = {"looked": "y"} if page.soup.select("input[name=looked]") else {}
        return self.posts(f"{path}/approve", page.form(f"{path}/approve") | looked)

    def replies(self, ref: str, words: str) -> Page:
        """Write to a reporter, and have a colleague approve it; what she sees of that."""
        page = self.drafts(ref, words)
        if page.status == 303:
            self._desk.colleague_of(self.name, ref).approves(ref)
        return page

    def sends(self, ref: str, text: str) -> Page:
        """Send an approved text."""
        path = f"/staff/cases/{ref}/approved"
        return self.submits(path, path, text=text)

    def steps(self, ref: str) -> Page:
        return self.submits(f"/staff/cases/{ref}", f"/staff/cases/{ref}/state")

    def places(self, ref: str, **said) -> Page:
        """Say on the case sheet what the concern is about."""
        path = f"/staff/cases/{ref}/sheet"
        said = {"place": "a/response", "category": "bullying"} | said
        return self.submits(path, path, **said)

    def ends_triage(self, ref: str, reason: str = "Two of us looked at it") -> Page:
        self.places(ref)
        path = f"/staff/cases/{ref}/triage-ends"
        return self.submits(path, path, reason=reason)

    def confirms(self, ref: str) -> Page:
        """Confirm what a colleague proposed."""
        path = f"/staff/cases/{ref}/next"
        return self.posts(f"/staff/cases/{ref}/second/confirm", self.opens(path).form("confirm"))

    def records(self, ref: str, outcome: str = "learning", **typed) -> None:
        """Record an outcome of what is under way, which a colleague confirms."""
        colleague = self._desk.colleague_of(self.name, ref)
        page = self.takes(ref, "record-outcome", outcomes=outcome, **typed)
        assert page.status == 303, page.text
        assert colleague.confirms(ref).status == 303

    def closes(self, ref: str, outcome: str = "learning", **typed) -> Page:
        """Take what is under way to its end: two decide, and the reporter is told and agrees."""
        self.records(ref, outcome, **typed)
        self.sends(ref, "thanks")
        sheet, clocks = f"/staff/cases/{ref}/assessment", f"/staff/cases/{ref}/clocks"
        assert self.submits(sheet, sheet, learning="Ask sooner").status == 303
        assert self.takes(ref, "give-feedback").status == 303
        today = self._desk.clock().date()
        agreed = {"what": "reporter-agreed", "on": f"{today.day} {today.month} {today.year}"}
        assert self.submits(clocks, f"{clocks}/milestone", **agreed).status == 303
        return self.takes(ref, "close")

    def takes(self, ref: str, step: str, **typed) -> Page:
        """Take a step of the course, with one word under every heading it asks for."""
        path = f"/staff/cases/{ref}/next/{step}"
        page = self.opens(path)
        if page.status != 200:
            return page
        asked = {area["name"]: "Because" for area in page.soup.select("textarea")}
        return self.posts(path, page.form(path) | asked | typed)

    def reopens(self, ref: str) -> Page:
        return self.takes(ref, "reopen", code="new-information")

    def listed(self, show: str) -> list[str]:
        page = self.opens("/staff/", show=show)
        return [link.text for link in page.soup.select(".cd-inbox a")]


class Desk:
    """The portal, its people and its reporters."""

    def __init__(self, portal, database, clock, settings, people):
        self.portal, self.database, self.clock = portal, database, clock
        self.people, self.settings = people, settings
        self.objects = Objects(settings.objects)
        self.secrets = {}
        self._there = {}
        self._gone = set()

    def enrol_everybody(self):
        keyring = self.people.keyring
        posts = {
            name: (Role(keyring.member(name).role.value), desk.id)
            for desk in keyring.desks
            for name in desk.members
        }
        posts["sam"] = (Role.ADMINISTRATOR, None)
        for name, (role, desk) in posts.items():
            with begin(self.database, self.clock) as work:
                self.secrets[name] = identity.enrol(
                    work, id=name, name=name.title(), role=role, desk=desk, password=PASSWORD,
                    key=self.people.keys.get(name), secret_key=self.settings.secret_key,
                )  # fmt: skip

    def person(self, name: str) -> Person:
        self._there[name] = Person(self, name)
        return self._there[name]

    def is_gone(self, name: str) -> None:
        """Nobody asks her any more: her account is closed."""
        self._there.pop(name, None)
        self._gone.add(name)

    def colleague_of(self, name: str, ref: str) -> Person:
        """Return somebody else on the desk who has opened a case: one who is there already."""
        desks = self.people.keyring.desks
        [team] = [desk.members for desk in desks if name in desk.members]
        others = [other for other in team if other != name and other not in self._gone]
        others.sort(key=lambda other: other not in self._there)
        for other in others:
            person = self._there.get(other)
            if person is None or person.opens("/staff/").status == 303:
                person = self.person(other)
            person.opens("/staff/")
            page = person.opens(f"/staff/cases/{ref}")
            if page.status == 303:
                person.declares(ref)
                page = person.opens(f"/staff/cases/{ref}")
            if page.status == 200:
                return person
        raise AssertionError("nobody else can read this case")

    def reporter(self, **changes) -> Reporter:
        return Reporter(self.people.keyring, **changes)

    def collect(self) -> int:
        return collect(self.database, self.clock, self.objects)

    def receives(self, reporter: Reporter, sealed=None, *, urgent=False) -> str:
        """Take a letter all the way to its case, and return the case's reference."""
        reporter.post(self.database, self.clock, sealed or reporter.seal(), urgent=urgent)
        self.collect()
        return self.ref(reporter)

    def ref(self, reporter: Reporter) -> str:
        [row] = [row for row in self.rows(CaseRow) if row.mailbox == reporter.mailbox]
        return row.ref

    def rows(self, table):
        with look(self.database) as work:
            return list(work.session.query(table).all())

    def case(self, ref: str):
        return next(row for row in self.rows(CaseRow) if row.ref == ref)

    def entries(self, reporter: Reporter):
        return [row for row in self.rows(EntryRow) if row.mailbox == reporter.mailbox]

    def audit(self, verb: str = ""):
        with look(self.database) as work:
            return [e for e in last_entries(work, 1000) if e.verb.value.startswith(verb)]


@pytest.fixture(scope="session")
def compiled(tmp_path_factory) -> FileSystemBytecodeCache:
    """Templates compiled once for all tests: half of what a page costs in a fresh portal."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("compiled")))


@pytest.fixture
def desk(portal, database, clock, settings, people, compiled) -> Iterator[Desk]:
    portal.jinja_env.bytecode_cache = compiled
    # Told again here: standard error is another one while a test runs than while it is set up.
    logs.configure()
    found = Desk(portal, database, clock, settings, people)
    found.enrol_everybody()
    yield found
    counts_what_was_written(database)


def counts_what_was_written(database) -> None:
    """Whoever adds a sheet or a note counts it, or no search would see it: looked at every time."""
    with look(database) as work:
        counted = dict(work.session.execute(select(CaseRow.ref, CaseRow.written)).all())
        there = Counter(
            ref for table in (SheetRow, NoteRow) for ref in work.session.scalars(select(table.ref))
        )
    assert counted == {ref: there[ref] for ref in counted}


@pytest.fixture
def empty_memory(desk, monkeypatch):
    """Keep what sessions remember in a memory of this test's own, which looks often."""
    fresh = memory.SessionMemory(look_every=0.05)
    monkeypatch.setattr(memory, "sessions", fresh)
    yield fresh
    for session in list(fresh._kept):
        fresh.forget(session)
    # The watch asks the database, which is gone after this.
    if watch := fresh._watch:
        watch.join(5)


@pytest.fixture
def ada(desk) -> Person:
    return desk.person("amara")


@pytest.fixture
def ref(desk, ada) -> str:
    """Return a case in triage that she has read."""
    return in_triage(desk, ada)


@pytest.fixture
def helen(desk, ada, ref) -> Person:
    """Return the head of the desk, who has read that case too."""
    found = desk.person("helen")
    found.reads(ref)
    return found


@pytest.fixture
def opened(desk):
    """A case that two of a desk have read: one can write, and the other be the second reader."""
    reporter = desk.reporter()
    ref = desk.receives(reporter)
    amara, tom = desk.person("amara"), desk.person("tom")
    amara.reads(ref)
    tom.reads(ref)
    return desk, reporter, ref, amara, tom
