"""Every form of a case, sent as it should not be: wrong, twice, late, by others, for other cases.

`faulty.ROWS` has a row for each route that takes a form of a case. Each is answered by a page that
says what to do, never by a fault of ours, and a case that is not hers answers as none does.
"""

import re
import shutil

import pytest

from app.casework import views
from app.database import open_database
from app.factory import build
from app.identity import passwords
from config import Settings
from tests.casework.conftest import Desk
from tests.casework.faulty import LETTER, LONG, NOWHERE, ROWS, House, words_of
from tests.casework.sheets import path
from tests.conftest import NOON, SECRET, Hands

ROOMS = ("app.casework", "app.sharing")
# Takes no case's reference: what it is sent is tested with the search.
WITHOUT_A_CASE = {"search.find_cases"}
EACH = pytest.mark.parametrize("endpoint", ROWS)
OF_A_HEAD = tuple(endpoint for endpoint in ROWS if endpoint.startswith(("sharing", "redaction")))


@pytest.fixture(scope="module")
def house(tmp_path_factory, migrated, migrated_statistics, people, compiled):
    """One portal on SQLite for the whole module: `put_back` undoes what a test did."""
    data = tmp_path_factory.mktemp("data")
    for folder in ("keys", "objects", "spool", "witness"):
        (data / folder).mkdir()
    people.write_keyring(data / "keys")
    clock = Hands(NOON)
    settings = Settings(
        secret_key=SECRET,
        data=data,
        database_url=f"sqlite:///{shutil.copy(migrated, data / 'casework.sqlite')}",
        statistics_url=f"sqlite:///{shutil.copy(migrated_statistics, data / 'statistics.sqlite')}",
        keyring=data / "keys" / "keyring.json",
        keyring_signer=data / "keys" / "signer.pub",
        witness=data / "witness",
        secure_cookies=False,
        demonstration=True,
    )
    with pytest.MonkeyPatch.context() as quick:
        quick.setattr(passwords, "MEMORY", 64)
        quick.setattr(passwords, "PASSES", 1)
        quick.setattr(views, "BEAT", 0.001)
        portal = build(settings, clock=clock)
        portal.jinja_env.bytecode_cache = compiled
        database = open_database(settings.database_url)
        desk = Desk(portal, database, clock, settings, people)
        desk.enrol_everybody()
        yield House(desk, tmp_path_factory.mktemp("kept"))
        database.engine.dispose()
        for store in ("database", "statistics"):
            portal.extensions["candour"][store].engine.dispose()


@pytest.fixture(autouse=True)
def _as_it_was(house):
    yield
    house.put_back()


def sends(house, row, fields, ref="", by=""):
    """Send a form; an answer is never a fault of ours."""
    person = house.people[by or row.by]
    answer = person.browser.post(house.action(row, ref or house.refs[row.case]), data=fields)
    assert answer.status_code < 500, answer.text
    return answer


def says(answer, expected):
    status, words = expected
    assert answer.status_code == status, words_of(answer) if answer.text else ""
    if words:
        assert words in words_of(answer)


def test_every_form_of_a_case_has_a_row(house):
    portal = house.desk.portal
    found = {
        rule.endpoint
        for rule in portal.url_map.iter_rules()
        if "POST" in rule.methods
        and portal.view_functions[rule.endpoint].__module__.startswith(ROOMS)
    }
    assert found == ROWS.keys() | WITHOUT_A_CASE


@EACH
def test_what_fits_is_taken_and_sent_twice_is_explained(house, endpoint):
    row = ROWS[endpoint]
    fields = house.fields(row)
    first = sends(house, row, fields)
    assert first.status_code in {200, 303}, words_of(first)
    before = house.written()
    says(sends(house, row, fields), row.twice)
    if row.twice[0] == 409:
        assert house.written() == before


@EACH
def test_what_does_not_fit_is_asked_for_again_and_nothing_typed_is_lost(house, endpoint):
    row = ROWS[endpoint]
    fields, before = house.fields(row), house.written()
    cases = [{name: LETTER if name == "text" else LONG} for name in row.texts]
    for wrong in cases:
        answer = sends(house, row, fields | wrong)
        assert answer.status_code == 422
        assert all(words.strip() in answer.text for words in wrong.values())
        assert "There is a problem" in answer.text
    for name in row.codes:
        answer = sends(house, row, fields | {name: "nonsense'\u202e<"})
        assert answer.status_code == 422, name
        others = {name: said for name, said in row.typed.items() if name in row.texts}
        assert all(str(said) in answer.text for said in others.values())
    for name in row.hidden:
        for value in ("nonsense", "-7", "9" * 30):
            answer = sends(house, row, fields | {name: value})
            assert answer.status_code in {400, 409, 422}, (name, value)
    if row.typed or row.hidden:
        nothing = sends(house, row, {"csrf_token": fields["csrf_token"]})
        assert nothing.status_code in {400, 409, 422}
    assert sends(house, row, {}).status_code == 400, "without its token"
    assert house.written() == before


@pytest.mark.parametrize("endpoint", [one for one, row in ROWS.items() if row.stale])
def test_sent_over_an_old_page_it_is_explained_with_what_was_typed(house, endpoint):
    row = ROWS[endpoint]
    fields = house.fields(row)
    old = {
        name: str(int(fields[name]) - 1)
        for name in ("version", "sheet_version")
        if name in row.hidden
    }
    before = house.written()
    answer = sends(house, row, fields | old)
    says(answer, row.stale)
    assert all(str(row.typed[name]) in answer.text for name in row.texts)
    assert house.written() == before


@EACH
def test_a_closed_case_says_that_it_is(house, endpoint):
    row = ROWS[endpoint]
    closed = house.refs["closed"]
    fields = house.fields(row) | house.fields(row, ref=closed)
    if "sheet_version" in row.hidden:
        fields["version"] = str(house.desk.case(closed).version)
    says(sends(house, row, fields, ref=closed), row.closed)


def _same(answer):
    """Return all that somebody sees of an answer, without the token of her form."""
    headers = [(name, value) for name, value in answer.headers if name != "Set-Cookie"]
    body = re.sub(r'name="csrf_token"[^>]*value="[^"]+"', "", answer.text)
    return answer.status_code, headers, body


@EACH
def test_a_case_of_another_desk_is_not_there(house, endpoint):
    row = ROWS[endpoint]
    fields = house.fields(row)
    found = {}
    for ref in (house.refs["elsewhere"], NOWHERE):
        answer = _same(sends(house, row, fields, ref=ref))
        found[ref] = (*answer, [(entry.actor, entry.verb) for entry in house.desk.audit()[-1:]])
    mine, nobodys = found.values()
    assert mine == nobodys
    assert mine[0] == 404
    # That she asked is on record: for both, or the log would tell.
    assert [verb.value for _, verb in mine[-1]] == ["case.refused"]


@pytest.mark.parametrize(
    ("endpoint", "name"), [(one, "sam") for one in ROWS] + [(one, "amara") for one in OF_A_HEAD]
)
def test_whose_role_may_not_learns_nothing_of_a_case(house, endpoint, name):
    row = ROWS[endpoint]
    fields = {"csrf_token": _token_of(house.people[name])} | row.typed
    before = house.written()
    found = [
        _same(sends(house, row, fields, ref=ref, by=name))
        for ref in (house.refs[row.case], house.refs["elsewhere"], NOWHERE, "no-case")
    ]
    assert [answer[0] for answer in found] == [403] * 4
    assert all(answer == found[0] for answer in found)
    assert house.written() == before


@pytest.mark.parametrize(
    ("endpoint", "named"), [("links.add_link", "other"), ("sheets.save_sheet", "same_as")]
)
def test_naming_a_case_of_another_desk_is_naming_none(house, endpoint, named):
    row = ROWS[endpoint]
    fields = house.fields(row)
    found = [
        re.sub(re.escape(ref), "REF", str(_same(sends(house, row, fields | {named: ref}))))
        for ref in (house.refs["elsewhere"], NOWHERE)
    ]
    assert found[0] == found[1]
    assert "You have no case with this reference" in found[0]


def test_under_a_keyring_that_ended_nothing_is_sealed_and_nothing_typed_is_lost(house):
    """Everybody at once: to sign in costs more than to ask."""
    house.people, people = house.later(500), house.people
    try:
        for endpoint, row in ROWS.items():
            fields = house.fields(row, fresh=True)
            before = house.written()
            answer = house.people[row.by].browser.post(
                house.action(row, house.refs[row.case]), data=fields
            )
            assert answer.status_code in {200, 303, 400, 409, 503}, endpoint
            if answer.status_code == 503:
                assert "keyring" in words_of(answer), endpoint
                assert all(str(row.typed[name]) in answer.text for name in row.texts), endpoint
                assert house.written() == before, endpoint
    finally:
        house.people = people


@pytest.mark.parametrize("endpoint", [one for one in ROWS if one != "casework.declare"])
def test_a_case_that_nobody_has_read_is_read_first(house, endpoint):
    """Nothing of it is shown on another page: what is not recorded was not read."""
    row = ROWS[endpoint]
    ref = house.desk.receives(house.desk.reporter())
    person = house.people[row.by]
    person.opens("/staff/")
    person.declares(ref)
    page = person.opens(path(ref, row.page)) if row.page else None
    fields = house.fields(row)
    answer = sends(house, row, fields, ref=ref)
    assert answer.status_code in {400, 404, 409}
    for shown in (answer.text, page.text if page and page.status != 303 else ""):
        assert "A supervisor takes files home" not in shown
    assert house.desk.case(ref).state.value == "sealed"


def _token_of(person):
    page = person.opens("/staff/account/password")
    return page.form("/staff/account/password")["csrf_token"]
