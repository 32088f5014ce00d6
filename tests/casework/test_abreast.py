"""Openings side by side come out as they would one after another."""

import pytest

from app.casework.abreast import abreast, alone


def work(name, pieces, did):
    for piece in range(pieces):
        did.append((piece, name))
        yield
    did.append((pieces, name))
    return name.upper()


def test_each_does_its_first_piece_before_any_does_its_second():
    did = []
    assert abreast(work(*one, did) for one in (("a", 2), ("b", 0), ("c", 1))) == ["A", "B", "C"]
    assert did == [(0, "a"), (0, "b"), (0, "c"), (1, "a"), (1, "c"), (2, "a")]
    assert abreast([]) == []


def test_one_alone_is_done_to_its_end():
    did = []
    assert alone(work("a", 3, did)) == "A"
    assert len(did) == 4


def test_what_one_raises_is_raised():
    def broken():
        yield
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        abreast([work("a", 5, []), broken()])
