"""Whose letter moves a conversation to another desk: the same cases as assets/tests/thread.test.mjs."""

from types import SimpleNamespace

import pytest

from app.envelope.letter import Kind
from app.intake.vouching import desks_of

DESKS = {"ccu": ("nadia",), "independent": ("ruth",), "psd": ("amara", "owen")}
KEYRING = SimpleNamespace(
    desks=[SimpleNamespace(id=id, members=members) for id, members in DESKS.items()]
)


def says(author, desk, *readers, kind=Kind.REPLY):
    return SimpleNamespace(kind=kind, author=author, desk=desk, readers=readers)


CONCERN = says("reporter", "psd", "amara", "tom", kind=Kind.CONCERN)


def test_a_thread_is_with_the_desk_that_the_reporter_chose():
    assert desks_of([CONCERN], KEYRING) == {"psd"}
    assert desks_of([], KEYRING) == frozenset()


@pytest.mark.parametrize("author", ["amara", "owen", "tom", "ruth"])
def test_whoever_could_read_it_passes_it_on(author):
    moved = [CONCERN, says(author, "independent", "ruth")]
    assert desks_of(moved, KEYRING) == {"psd", "independent"}
    further = [*moved, says("ruth", "ccu", "nadia")]
    assert desks_of(further, KEYRING) == {"psd", "independent", "ccu"}


def test_a_member_who_could_never_read_it_vouches_for_no_other_desk():
    forged = says("nadia", "independent", "ruth")
    assert desks_of([CONCERN, forged], KEYRING) == {"psd"}
    assert "independent" not in desks_of([CONCERN, forged, forged], KEYRING)


def test_a_desk_that_is_no_more_vouches_by_those_who_could_read():
    assert desks_of([CONCERN, says("tom", "gone", "tom")], KEYRING) == {"psd", "gone"}
    assert desks_of([CONCERN, says("nadia", "gone", "tom")], KEYRING) == {"psd"}
