"""Every page of the plans, for every role: let in, or refused."""

import pytest

PLAN, ACTION = "/staff/plans/alliance", "/staff/plans/alliance/actions/5"
SEEN = [
    "/staff/plans", "/staff/plans/actions", PLAN, "/staff/plans/hertfordshire",
    "/staff/plans/norfolk-suffolk", ACTION, f"{PLAN}/risks", f"{PLAN}/risks/1", f"{PLAN}/board",
    f"{PLAN}/statement", f"{PLAN}/history", "/staff/plans/norfolk-suffolk/board",
    "/staff/plans/norfolk-suffolk/risks", "/staff/plans/norfolk-suffolk/statement",
    "/staff/plans/hertfordshire/statement", "/staff/plans/hertfordshire/actions/3",
]  # fmt: skip
TAKEN = [f"{PLAN}/actions.csv", f"{PLAN}/actions.xlsx"]
CHANGED = [
    "/staff/plans/new", f"{PLAN}/edit", f"{PLAN}/review", f"{PLAN}/new-action", f"{ACTION}/edit",
    f"{ACTION}/figure", f"{ACTION}/document", f"{PLAN}/new-risk", f"{PLAN}/risks/1/edit",
    f"{PLAN}/new-corporate-risk", f"{PLAN}/corporate-risks/1/edit", f"{PLAN}/import",
]  # fmt: skip


def statuses(person, paths):
    return {path: person.opens(path).status for path in paths}


@pytest.mark.parametrize("name", ["bea", "omar"])
def test_a_board_member_and_an_observer_read_and_take_away(loaded, name):
    person = loaded.person(name)
    assert set(statuses(person, [*SEEN, *TAKEN]).values()) == {200}
    assert set(statuses(person, [*CHANGED, f"{ACTION}/progress"]).values()) == {403}


def test_a_lead_does_everything(loaded):
    lead = loaded.person("ines")
    assert set(statuses(lead, [*SEEN, *TAKEN, *CHANGED, f"{ACTION}/progress"]).values()) == {200}


def test_an_owner_reads_and_updates_what_her_office_owns(loaded):
    hugo = loaded.person("hugo")
    assert set(statuses(hugo, SEEN).values()) == {200}
    assert set(statuses(hugo, [*CHANGED, *TAKEN]).values()) == {403}
    assert hugo.opens(f"{ACTION}/progress").status == 200
    assert hugo.opens(f"{PLAN}/actions/1/progress").status == 403


@pytest.mark.parametrize("name", ["sam", "amara"])
def test_who_runs_the_system_or_reads_cases_sees_no_plan(loaded, name):
    person = loaded.person(name)
    every = [*SEEN, *TAKEN, *CHANGED, f"{ACTION}/progress"]
    assert set(statuses(person, every).values()) == {403}


@pytest.mark.parametrize("name", ["bea", "omar", "hugo", "sam", "amara"])
def test_nobody_else_changes_anything_by_posting(loaded, name):
    lead, person = loaded.person("ines"), loaded.person(name)
    before = lead.opens(f"{PLAN}/history").text
    person.opens("/staff/account")
    [token] = {tag["value"] for tag in person.opens("/staff/account/password").soup.select(
        "input[name=csrf_token]")}  # fmt: skip
    for path in [*CHANGED, f"{PLAN}/actions/1/progress", f"{ACTION}/evidence/1/remove"]:
        fields = {"csrf_token": token, "version": "1", "title": "x", "status": "done"}
        assert person.posts(path, fields).status == 403, path
    assert lead.opens(f"{PLAN}/history").text == before


def test_a_page_offers_only_what_its_reader_may_do(loaded):
    for name, may in {"ines": True, "hugo": True, "bea": False}.items():
        links = loaded.person(name).opens(ACTION).links()
        assert (f"{ACTION}/progress" in links) is may
        assert (f"{ACTION}/edit" in links) is (name == "ines")
    assert (
        f"{PLAN}/actions/1/progress" not in loaded.person("hugo").opens(f"{PLAN}/actions/1").links()
    )


def test_no_link_of_a_page_leads_nowhere(loaded):
    for name in ("ines", "hugo", "bea"):
        person = loaded.person(name)
        tried = set()
        for path in SEEN:
            for link in person.opens(path).links():
                if link.startswith("/staff/plans") and link not in tried:
                    tried.add(link)
                    assert person.opens(link).status == 200, (name, path, link)
        assert len(tried) > 30


def test_what_is_not_there_is_not_found(lead):
    for path in ("/staff/plans/nothing", "/staff/plans/alliance/actions/99",
                 "/staff/plans/alliance/actions/99999999999999999999",
                 "/staff/plans/alliance/risks/77", "/staff/plans/%00/board",
                 "/staff/plans/nothing/actions.csv", "/staff/plans/nothing/actions/1/edit",
                 "/staff/plans/nothing/import", "/staff/plans/alliance/actions/5/evidence/9/remove",
                 "/staff/plans/nothing/new-action", "/staff/plans/nothing/history",
                 "/staff/plans/nothing/review"):  # fmt: skip
        assert lead.opens(path).status == 404, path
