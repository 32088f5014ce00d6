"""Reference data is read strictly, and each version and each force has its days."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.casework.reference import read_reference, reference_on
from app.editions import in_force
from app.envelope.strict_json import UnfitJson

DAY = date(2026, 11, 21)


def test_reference_data_is_read_strictly():
    raw = {
        "format": "candour-case-reference/1",
        "version": 1,
        "effective_from": "2026-01-01",
        "forces": [
            {
                "id": "a",
                "name": "A",
                "valid_until": None,
                "directorates": [{"id": "x", "name": "X"}],
            }
        ],
        "categories": [{"id": "c", "label": "C", "theme": "t"}],
        "outcomes": [{"id": "o", "label": "O", "published_as": "p"}],
        "bands": [{"id": "b", "up_to_days": 3}, {"id": "l", "up_to_days": None}],
    }
    found = read_reference(json.dumps(raw).encode())
    assert (found.theme_of("c"), found.published_outcome("o"), found.band_of(4)) == ("t", "p", "l")
    for changes in (
        {"format": "x"},
        {"more": 1},
        {"version": 0},
        {"effective_from": "soon"},
        {"forces": []},
        {"forces": raw["forces"] * 2},
        {"forces": [raw["forces"][0] | {"directorates": []}]},
        {"forces": [raw["forces"][0] | {"valid_until": "soon"}]},
        {"categories": [{"id": "c", "label": "C"}]},
        {"outcomes": raw["outcomes"] * 2},
        {"bands": raw["bands"][:1]},
        {"bands": raw["bands"][::-1]},
        {"bands": [{"id": "b", "up_to_days": 3}, {"id": "d", "up_to_days": 3}, raw["bands"][1]]},
    ):
        with pytest.raises(UnfitJson):
            read_reference(json.dumps(raw | changes).encode())


def test_a_force_that_became_part_of_another_is_offered_until_its_last_day():
    reference = reference_on(DAY)
    gone = replace(reference.forces[0], valid_until=DAY)
    reference = replace(reference, forces=(gone, *reference.forces[1:]))
    later = DAY + timedelta(days=1)
    assert gone in reference.offered(DAY, also="")
    assert gone not in reference.offered(later, also="")
    assert gone in reference.offered(later, also=gone.id), "its sheet may still be put right"


def test_each_version_has_its_first_day():
    known = reference_on(DAY)
    later = replace(known, version=2, effective_from=DAY + timedelta(days=9))
    for days, version in ((-9000, 1), (0, 1), (8, 1), (9, 2), (900, 2)):
        assert in_force([later, known], DAY + timedelta(days=days)).version == version
