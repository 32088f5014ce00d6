"""Whatever a signed-in person's browser sends, she gets a page and never a broken portal."""

from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup

from app.identity import passwords, second_factor
from app.identity import service as identity
from app.identity.domain import Role
from app.plan import loading
from app.plan.starting import STARTING, starting_plan
from app.trends import freezing
from app.trends.drawing import Opened
from app.trends.publication import publication_plan
from app.web.doors import OPEN_TO_ALL, OPEN_TO_REPORTERS
from app.work import begin
from tests.proof import PROVING

FORM = "application/x-www-form-urlencoded"
PASSWORD = "four words that fit"
# Together they may open every page of these rooms.
POSTS = {
    "amara": (Role.HANDLER, "psd", None),
    "carol": (Role.CUSTODIAN, None, None),
    "ines": (Role.INTEGRITY_LEAD, None, None),
    "hugo": (Role.PLAN_OWNER, None, "hr"),
}
ROOMS = ("plan.", "trends.", "freeze.", "casework.")
# Half a character is written by its byte: no test's client would write it.
HALF = "half-a-character"
PARTS = ("\x00", "x" * 3000, "'\"<b>", HALF, "\u202e", "%25", "2025Q3")
PLAN = publication_plan()
FORCE = PLAN.forces[0]
KNOWN = {
    "slug": ("alliance", "norfolk-suffolk"),
    "force": (FORCE.id,),
    "alliance": tuple(alliance.id for alliance in PLAN.alliances),
    "quarter": (
        str(FORCE.first_period),
        "2999Q4",
        "2025H1",
        "2026",
        "2026H1",
        "\u0662\u0660\u0662\u0666Q1",
    ),
    "id": ("00" * 16, "0" * 31, "zz", "00" * 500, " 00"),
    "number": (0, 1, 3, 9999),
}
VALUES = ("\x00", "", "x" * 20_000, "-1", "9" * 5000, "\u0661", "=1+1", "\ufeff", "1e9", "\udce9")
NAMES = (
    "page", "force", "theme", "owner", "plan", "status", "overdue", "about", "version", "known",
    "why", "title", "number", "review_on-year", "review_on-month", "review_on-day", "mode", "cell",
    "note", "place", "category", "same_as", "hold", "outcome", "reason", "external",
)  # fmt: skip


@pytest.fixture
def database_url(tmp_path, migrated):
    import shutil

    data = tmp_path / "data"
    data.mkdir(exist_ok=True)
    return f"sqlite:///{shutil.copy(migrated, data / 'casework.sqlite')}"


@pytest.fixture
def browsers(portal, database, clock, people, settings, statistics, monkeypatch):
    monkeypatch.setattr(passwords, "MEMORY", 64)
    monkeypatch.setattr(passwords, "PASSES", 1)
    with begin(statistics, clock) as work:
        for name in STARTING:
            loading.load(work, starting_plan(name, work.today))
        freezing.freeze(work, FORCE.id, FORCE.first_period, Opened(entries={}), lambda _table: 7)
    found = {}
    for name, (role, desk, office) in POSTS.items():
        with begin(database, clock) as work:
            secret = identity.enrol(
                work, id=name, name=name.title(), role=role, desk=desk, office=office,
                password=PASSWORD, key=people.keys.get(name), secret_key=settings.secret_key,
            )  # fmt: skip
        found[name] = browser = portal.test_client()
        fields = {
            "name": name,
            "password": PASSWORD,
            "code": second_factor.code_at(secret, clock()),
        }
        fields["csrf_token"] = token_of(browser.get("/staff/sign-in"))
        assert browser.post("/staff/sign-in", data=fields).status_code == 303
    return found


def token_of(answer):
    return BeautifulSoup(answer.text, "html5lib").select_one("input[name=csrf_token]")["value"]


def rules_of(portal, method):
    return [
        rule
        for rule in portal.url_map.iter_rules()
        if rule.endpoint.startswith(ROOMS)
        and method in rule.methods
        and portal.view_functions[rule.endpoint].door not in {OPEN_TO_ALL, OPEN_TO_REPORTERS}
    ]


def addresses(portal, rule):
    """Every address of a rule in which one part is odd, and some in which all are known."""
    names = sorted(rule.arguments)
    whole = {
        name for name, kind in rule._converters.items() if type(kind).__name__ == "IntegerConverter"
    }
    usual = {name: KNOWN.get(name, ("x",))[0] for name in names} | dict.fromkeys(whole, 1)
    chosen = [usual]
    for name in names:
        odd = KNOWN["number"] if name in whole else (*KNOWN.get(name, ()), *PARTS)
        chosen += [usual | {name: value} for value in odd]
    adapter = portal.url_map.bind("localhost")
    built = [adapter.build(rule.endpoint, values, append_unknown=False) for values in chosen]
    return [address.replace(HALF, "%e9") for address in built]


def some_values(at):
    """Return the odd values that the rule at this place is given: a third, and in turn all."""
    return VALUES if PROVING else VALUES[at % 3 :: 3]


def check_is_a_page(answer, sent):
    assert answer.status_code < 500 or answer.status_code == 503, sent
    if answer.status_code != 303 and answer.mimetype == "text/html":
        assert "<h1" in answer.text, sent
    assert "Traceback" not in answer.text[:2000] if answer.mimetype == "text/html" else True


@pytest.mark.parametrize("name", POSTS)
def test_an_odd_address_is_a_page(portal, browsers, name):
    browser = browsers[name]
    rules = rules_of(portal, "GET")
    assert rules
    for at, rule in enumerate(rules):
        for address in addresses(portal, rule):
            check_is_a_page(browser.get(address), (rule.endpoint, address))
        plain = addresses(portal, rule)[0]
        for value in some_values(at):
            said = "x" * 500 if len(value) > 500 else value
            query = "&".join(f"{name}={quote(said, errors='surrogateescape')}" for name in NAMES)
            check_is_a_page(browser.get(f"{plain}?{query}"), (rule.endpoint, value))


@pytest.mark.parametrize("name", POSTS)
def test_an_odd_form_is_a_page_and_changes_nothing(portal, browsers, name):
    browser = browsers[name]
    token = token_of(browser.get("/staff/account/password"))
    for at, rule in enumerate(rules_of(portal, "POST")):
        for address in addresses(portal, rule):
            answer = browser.post(address, data={"csrf_token": token})
            check_is_a_page(answer, (rule.endpoint, address))
        plain = addresses(portal, rule)[0]
        for value in some_values(at):
            fields = [(field, quote(value, errors="surrogateescape")) for field in (*NAMES, *NAMES)]
            body = "&".join(f"{field}={said}" for field, said in [("csrf_token", token), *fields])
            answer = browser.post(plain, data=body, content_type=FORM)
            check_is_a_page(answer, (rule.endpoint, value))
        for kind in ("application/json", "text/plain", "multipart/form-data; boundary=x"):
            json = browser.post(plain, data=b"{", content_type=kind)
            assert json.status_code in {400, 401, 403, 415}, (rule.endpoint, json.status_code)
