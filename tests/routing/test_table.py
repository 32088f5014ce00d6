"""A routing table is read strictly, in the version of the day."""

import json
from datetime import date

import pytest

from app.casework.reference import reference_on
from app.routing import service
from app.routing.parsing import UnfitTable, read_table
from app.routing.service import FOLDER, labels, table_bytes, table_on, versions

CONTENT = (FOLDER / "routing-1.json").read_bytes()
DAY = date(2026, 11, 21)


def changed(change):
    table = json.loads(CONTENT)
    change(table)
    return json.dumps(table).encode()


UNFIT = [
    lambda table: table.pop("bars"),
    lambda table: table.update(more=1),
    lambda table: table.update(format="candour-routing/1"),
    lambda table: table.update(effective_from="soon"),
    lambda table: table.update(fewest_readers=0),
    lambda table: table["rules"].clear(),
    lambda table: table["rules"].pop(),
    lambda table: table["rules"][0].update(to="hr"),
    lambda table: table["rules"][0].update(why="because"),
    lambda table: table["rules"][0].update(signposts=[]),
    lambda table: table["rules"][0].update(signposts=["the-pub"]),
    lambda table: table["rules"][0].update(when={"danger": ["yes"]}),
    lambda table: table["rules"][0].update(when={"wish": ["nobody"]}),
    lambda table: table["rules"][1].update(id="R06"),
    lambda table: table["rules"][-1].update(falls_to=["psd"]),
    lambda table: table["rules"][-1].update(falls_to=["ccu", "ccu"]),
    lambda table: table["bars"][0].update(desks=["hr"]),
    lambda table: table["fall_through"].pop("ccu"),
    lambda table: table["fall_through"].update(ccu=["ccu"]),
    lambda table: table["fall_through"].update(ccu=["hr"]),
    lambda table: table["desks"][0].update(id="PSD"),
    lambda table: table["desks"].append(table["desks"][0]),
    lambda table: table["forces"].append(table["forces"][0]),
    lambda table: table["forces"][0].update(code="another"),
    lambda table: table["forces"][0].update(valid_until="never"),
    lambda table: table["questions"].pop("wish"),
    lambda table: table["questions"].update(more=[]),
    lambda table: table["questions"]["about"].append({"code": "colleague", "label": "Again"}),
    lambda table: table["signposts"].append(table["signposts"][0]),
    lambda table: table.update(usual_signposts=[]),
    lambda table: table.update(usual_signposts=["the-pub"]),
]


@pytest.mark.parametrize("change", UNFIT)
def test_what_is_no_table_is_refused(change):
    with pytest.raises(UnfitTable):
        read_table(changed(change))


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", CONTENT.replace(b'"id": "R06"', b'"id": "R06", "id": "R07"')]
)
def test_nor_is_what_is_no_json(content):
    with pytest.raises(UnfitTable):
        read_table(content)


def test_the_version_of_the_day(monkeypatch):
    later = read_table(changed(lambda table: table.update(version=2, effective_from="2027-04-01")))
    monkeypatch.setattr(service, "versions", lambda: (*versions(), later))
    assert table_on(date(2020, 1, 1)).version == 1
    assert table_on(date(2027, 3, 31)).version == 1
    assert table_on(date(2027, 4, 1)).version == 2


def test_versions_follow_one_another():
    found = [table.version for table in versions()]
    assert found == list(range(1, len(found) + 1))


def test_a_page_offers_the_forces_there_are():
    table = read_table(changed(lambda table: table["forces"][1].update(valid_until="2027-03-31")))
    codes = [choice.code for choice in table.choices("force", date(2027, 3, 31))]
    assert codes == ["a", "b", "c", "another", "not_sure"]
    codes = [choice.code for choice in table.choices("force", date(2027, 4, 1))]
    assert codes == ["a", "c", "another", "not_sure"]
    # What an old letter says can be read all the same.
    assert labels()["force"]["b"] == "Eastmere Constabulary"


def test_a_browser_is_served_what_decides_and_no_names():
    served = json.loads(table_bytes(1))
    assert served.keys() == {
        "format", "version", "fewest_readers", "bars", "rules", "fall_through", "usual_signposts",
    }  # fmt: skip
    assert b"Constabulary" not in table_bytes(1)


def test_routing_and_case_sheets_speak_of_the_same():
    """A reporter's kind of concern and force are what a handler confirms or puts right."""
    reference = reference_on(DAY)
    table = table_on(DAY)
    assert [(one.code, one.label) for one in table.choices("category", DAY)] == [
        (one.id, one.label) for one in reference.categories
    ]
    assert [(one.code, one.label) for one in table.forces if one.stands_on(DAY)] == [
        (one.id, one.name) for one in reference.forces
    ]
