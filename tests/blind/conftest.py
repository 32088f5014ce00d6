"""A desk and a board in one portal: everybody has an account, plans and releases are there."""

import re
from collections import Counter
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from werkzeug.exceptions import HTTPException

from app.identity import passwords, second_factor
from app.identity import service as identity
from app.identity.domain import Permission, Role
from app.plan import loading
from app.plan.starting import STARTING, starting_plan
from app.work import begin
from tests.casework.conftest import PASSWORD, Desk
from tests.plan.publishing import publish
from tests.proof import PROVING

BLIND = {
    Permission.SEE_TRENDS, Permission.SEE_PLAN, Permission.EDIT_PLAN, Permission.EXPORT,
    Permission.UPDATE_OWN_ACTIONS, Permission.SEE_FREEZES, Permission.PROPOSE_FREEZE,
    Permission.APPROVE_FREEZE, Permission.PROPOSE_WITHDRAWAL, Permission.APPROVE_WITHDRAWAL,
}  # fmt: skip
BOARD = {
    "iris": (Role.INTEGRITY_LEAD, None),
    "hugo": (Role.PLAN_OWNER, "hr"),
    "bea": (Role.BOARD_MEMBER, None),
    "omar": (Role.POLICING_OBSERVER, None),
    "carol": (Role.CUSTODIAN, None),
}
# Fresh for every page, whatever is on it.
FRESH = (
    re.compile(r'name="csrf_token"[^>]*value="[^"]*"'),
    re.compile(r'name="entry"[^>]*value="[0-9a-f]+"'),
    re.compile(r"'nonce-[^']+'"),
    re.compile(r'nonce="[^"]+"'),
)
OF_THE_ANSWER = {"Date", "Set-Cookie"}
# Addresses of one route that are looked at; all there are in a proof.
OF_A_ROUTE = 10_000 if PROVING else 3
# Of those that are printed, which takes seconds a page; one reader prints, all in a proof.
OF_PAPER = 10_000 if PROVING else 1
PRINTS = set(BOARD) if PROVING else {"iris"}


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    from app.casework import views

    monkeypatch.setattr(passwords, "MEMORY", 64)
    monkeypatch.setattr(passwords, "PASSES", 1)
    monkeypatch.setattr(views, "BEAT", 0.001)
    monkeypatch.setattr(views, "TRYING", 60.0)


@pytest.fixture
def desk(portal, database, statistics, clock, settings, people) -> Desk:
    found = Desk(portal, database, clock, settings, people)
    found.enrol_everybody()
    for name, (role, office) in BOARD.items():
        with begin(database, clock) as work:
            found.secrets[name] = identity.enrol(
                work, id=name, name=name.title(), role=role, desk=None, office=office,
                password=PASSWORD, key=people.keys.get(name), secret_key=settings.secret_key,
            )  # fmt: skip
    with begin(statistics, clock) as work:
        for name in STARTING:
            loading.load(work, starting_plan(name, work.today))
    side = SimpleNamespace(begin=lambda: begin(statistics, clock))
    for number, force in enumerate("abc"):
        publish(side, range(20, 30 + number), force=force, start="2023Q1")
    return found


class Reader:
    """Somebody who looks at everything that her role may open, link by link."""

    def __init__(self, desk, name):
        self._portal = desk.portal
        self._paper = OF_PAPER if name in PRINTS else 0
        self.browser = desk.portal.test_client()
        page = BeautifulSoup(self.browser.get("/staff/sign-in").text, "html.parser")
        self.browser.post(
            "/staff/sign-in",
            data={
                "name": name,
                "password": PASSWORD,
                "code": second_factor.code_at(desk.secrets[name], desk.clock()),
                "csrf_token": page.select_one("input[name=csrf_token]")["value"],
            },
        )

    def sees(self) -> dict[str, tuple[int, dict, bytes]]:
        """Return every page behind a door of the board's side, by its address."""
        seen, of_route = {}, Counter()
        ahead = [(address, self._endpoint(address)) for address in self._front()]
        while ahead:
            address, endpoint = ahead.pop(0)
            most = self._paper if address.endswith(".pdf") else OF_A_ROUTE
            if address in seen or of_route[endpoint] >= most:
                continue
            of_route[endpoint] += 1
            answer = self.browser.get(address)
            seen[address] = (answer.status_code, _kept(answer.headers), _settled(answer))
            if answer.mimetype == "text/html":
                ahead += self._links(answer.text)
        return seen

    def _front(self) -> list[str]:
        """Return the pages behind such a door whose address needs nothing to be known."""
        return [
            rule.rule
            for rule in self._portal.url_map.iter_rules()
            if "GET" in rule.methods and not rule.arguments and self._is_blind(rule.endpoint)
        ]

    def _links(self, html: str) -> list[tuple[str, str]]:
        soup = BeautifulSoup(html, "html.parser")
        found = [link.get("href") or link.get("src") for link in soup.select("a[href], img[src]")]
        here = [address for address in found if address.startswith("/")]
        known = [(address, self._endpoint(address)) for address in here]
        return [(address, end) for address, end in known if end and self._is_blind(end)]

    def _endpoint(self, address: str) -> str:
        adapter = self._portal.url_map.bind("localhost")
        try:
            return adapter.match(urlsplit(address).path, method="GET")[0]
        except HTTPException:
            return ""

    def _is_blind(self, endpoint: str) -> bool:
        return getattr(self._portal.view_functions[endpoint], "door", None) in BLIND


def _kept(headers) -> dict[str, str]:
    kept = {name: value for name, value in headers.items() if name not in OF_THE_ANSWER}
    return {name: _without_fresh(value) for name, value in kept.items()}


def _settled(answer) -> bytes:
    return _without_fresh(answer.text).encode() if answer.mimetype == "text/html" else answer.data


def _without_fresh(text: str) -> str:
    for pattern in FRESH:
        text = pattern.sub("", text)
    return text
