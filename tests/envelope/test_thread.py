"""A thread shows everything that is there, and everything that is not."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.envelope.thread import Doubt, Entry, Fork, Gap, Refused, Side, arrange
from tests.proof import examples

FIRST = date(2026, 11, 1)


def entry(name: str, place: int, previous: str = "", *, side=Side.REPORTER, day: int = 0) -> Entry:
    return Entry(
        side=side, postmark=FIRST + timedelta(day), place=place, previous=previous, digest=name,
        content=name.upper(),
    )  # fmt: skip


def refused(reference: str, *, side=Side.REPORTER, day: int = 0) -> Refused:
    postmark = FIRST + timedelta(day)
    return Refused(side=side, postmark=postmark, reference=reference, reason="signature")


A, B, C = entry("a", 0), entry("b", 1, "a", day=1), entry("c", 2, "b", day=2)
X, Y = entry("x", 0, side=Side.DESKS, day=1), entry("y", 1, "x", side=Side.DESKS, day=3)


def test_nothing_found_is_a_thread_to_begin():
    thread = arrange([])
    assert thread.items == thread.entries == ()
    assert thread.sound
    assert thread.next_place(Side.REPORTER) == (0, "")


def test_two_sides_are_merged_by_day_and_the_reporter_comes_first():
    thread = arrange([Y, C, X, A, B])
    assert thread.items == (A, B, X, C, Y)
    assert thread.sound
    assert thread.next_place(Side.REPORTER) == (3, "c")
    assert thread.next_place(Side.DESKS) == (2, "y")


def test_a_second_copy_is_shown_once_with_its_earliest_day():
    late = entry("a", 0, day=9)
    assert arrange([late, A, B, B]).items == (A, B)


def test_a_missing_place_is_a_gap_where_the_next_letter_stands():
    thread = arrange([A, C])
    assert thread.items == (A, Gap(side=Side.REPORTER, postmark=C.postmark, first=1, last=1), C)
    assert not thread.sound
    assert thread.next_place(Side.REPORTER) == (3, "c")


def test_a_missing_beginning_is_a_gap():
    gap = Gap(side=Side.REPORTER, postmark=C.postmark, first=0, last=1)
    assert arrange([C]).items == (gap, C)


def test_a_place_beyond_all_reason_is_one_gap():
    far = entry("z", 2**53 - 1, "?")
    gap = Gap(side=Side.REPORTER, postmark=far.postmark, first=1, last=2**53 - 2)
    assert arrange([A, far]).items == (A, gap, far)


def test_two_letters_at_one_place_are_a_fork_and_either_may_go_on():
    other = entry("d", 1, "a", day=4)
    for follower in (C, entry("c", 2, "d", day=5)):
        thread = arrange([other, follower, A, B])
        fork = thread.items[1]
        assert isinstance(fork, Fork)
        assert (fork.place, fork.doubt, fork.entries) == (1, Doubt.SEVERAL, (B, other))
        assert (thread.items[0], thread.items[2]) == (A, follower)
        assert thread.entries == (A, B, other, follower)
        assert not thread.sound


def test_a_fork_at_the_end_can_be_continued():
    thread = arrange([A, B, entry("d", 1, "a", day=4)])
    assert thread.next_place(Side.REPORTER) == (2, "b")


@pytest.mark.parametrize("previous", ["", "x", "c"])
def test_a_letter_that_does_not_follow_is_a_fork_of_one(previous):
    stray = entry("b", 1, previous)
    fork = arrange([A, stray]).items[1]
    assert isinstance(fork, Fork)
    assert (fork.doubt, fork.entries) == (Doubt.DOES_NOT_FOLLOW, (stray,))


def test_a_first_letter_that_names_another_before_it_is_a_fork():
    assert isinstance(arrange([entry("a", 0, "z")]).items[0], Fork)


def test_a_refusal_is_shown_on_its_day_behind_the_letters():
    bad = refused("envelope 7", day=1)
    assert arrange([bad, A, B, X]).items == (A, B, bad, X)
    assert arrange([refused("2"), refused("1")]).items == (refused("1"), refused("2"))
    assert not arrange([A, bad]).sound


def test_a_letter_collected_late_does_not_move_those_after_it():
    late = entry("a", 0, day=5)
    thread = arrange([B, late, X, C])
    assert thread.items == (X, late, B, C)


NAMES = "abcdefg"
FOUND = st.lists(
    st.builds(
        entry,
        st.sampled_from(NAMES),
        st.integers(0, 5),
        st.sampled_from(["", *NAMES]),
        side=st.sampled_from(Side),
        day=st.integers(0, 5),
    )
    | st.builds(refused, st.sampled_from(NAMES), side=st.sampled_from(Side), day=st.integers(0, 5)),
    max_size=12,
)


@examples()
@given(FOUND, st.randoms(use_true_random=False))
def test_nothing_is_dropped_and_the_order_of_finding_does_not_matter(found, chance):
    thread = arrange(found)
    shown = [(item.side, item.digest) for item in thread.entries]
    assert len(set(shown)) == len(shown)
    assert set(shown) == {(it.side, it.digest) for it in found if isinstance(it, Entry)}
    refusals = [item for item in thread.items if isinstance(item, Refused)]
    assert sorted(refusals, key=repr) == sorted(
        (item for item in found if isinstance(item, Refused)), key=repr
    )
    for side in Side:
        places = [
            it.place for it in thread.items if isinstance(it, Entry | Fork) and it.side is side
        ]
        assert places == sorted(set(places))
        gaps = [it for it in thread.items if isinstance(it, Gap) and it.side is side]
        missing = {place for gap in gaps for place in range(gap.first, gap.last + 1)}
        assert missing == set(range(max(places, default=-1) + 1)) - set(places)
    distinct = {(item.side, item.digest): item for item in found if isinstance(item, Entry)}
    if len(distinct) == sum(isinstance(item, Entry) for item in found):
        shuffled = chance.sample(found, len(found))
        assert arrange(shuffled).items == thread.items
