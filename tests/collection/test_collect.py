"""A collection takes each letter to its place, once, and tells as little as it can."""

import os
from datetime import date, timedelta
from io import BytesIO

import pytest

from app.alerts import service as alerts
from app.casework.domain import CaseState, Priority
from app.casework.tables import CaseRow
from app.collection import turns
from app.collection.service import last_made_on, tidy
from app.errors import Busy
from app.intake.tables import LetterRow
from app.mailbox.domain import Side, Standing
from app.mailbox.tables import EntryRow, MailboxRow
from app.work import begin, look
from tests.collection.letters import a_later_letter, a_letter

TODAY = date(2026, 11, 21)


def test_letters_come_to_their_mailboxes(post):
    first = a_letter(size=700_000)
    sent = [post.drop(first), post.drop(a_letter(desk="independent"))]
    sent.append(post.drop(a_later_letter(first)))

    assert post.collect() == 3

    post.assert_each_once(sent)
    assert {entry.postmark for entry in post.rows(EntryRow)} == {TODAY}
    assert {entry.side for entry in post.rows(EntryRow)} == {Side.REPORTER}
    mailbox = next(row for row in post.rows(MailboxRow) if row.id == first.mailbox)
    assert mailbox.standing is Standing.RECEIVED
    assert mailbox.look_again_on == TODAY + timedelta(days=7)
    case = next(row for row in post.rows(CaseRow) if row.mailbox == first.mailbox)
    assert (case.desk, case.state, case.received_on) == ("psd", CaseState.SEALED, TODAY)
    assert case.due_on == TODAY + timedelta(days=3)


def test_a_later_letter_finds_the_mailbox_of_another_day(post, clock):
    first = a_letter()
    sent = [post.drop(first)]
    post.collect()
    clock.now += timedelta(days=1)
    sent.append(post.drop(a_later_letter(first)))

    assert post.collect() == 1

    post.assert_each_once(sent)


def test_an_empty_letterbox_is_collected_as_well(post):
    assert post.collect() == 0
    [entry] = post.audit()
    assert entry.verb == "collection.made"
    assert entry.details == {"letters": 0, "refused": 0, "waiting": 0}


def test_the_log_learns_a_number_and_nothing_else(post):
    post.drop(a_letter())
    post.drop(a_letter())
    post.collect()
    [entry] = post.audit()
    assert (entry.actor, entry.subject) == ("collection", "")
    assert entry.details == {"letters": 2, "refused": 0, "waiting": 0}


def test_two_collections_of_a_day(post):
    sent = [post.drop(a_letter())]
    post.collect()
    sent.append(post.drop(a_letter()))
    post.collect()
    post.assert_each_once(sent)
    with look(post.database) as work:
        assert last_made_on(work) == TODAY


def test_a_second_first_letter_of_a_tag_is_refused(post):
    first = a_letter()
    sent = [post.drop(first)]
    post.collect()
    post.drop(a_letter(tag_hash=first.tag_hash))

    assert post.collect() == 0

    post.assert_each_once(sent)
    assert post.audit()[-1].details["refused"] == 1
    assert len(list(post.objects.names())) == 1


def test_a_second_first_letter_of_a_mailbox_is_refused(post):
    """Somebody who read mailbox ids cannot put another concern in front of a thread."""
    first = a_letter()
    sent = [post.drop(first)]
    post.collect()
    post.drop(a_letter(mailbox=first.mailbox))

    assert post.collect() == 0

    post.assert_each_once(sent)


def test_of_two_first_letters_of_one_tag_one_is_stored(post):
    first = a_letter()
    both = [post.drop(first), post.drop(a_letter(tag_hash=first.tag_hash))]
    assert post.collect() == 1
    [entry] = post.rows(EntryRow)
    assert entry.header in {one.letter.header for one in both}
    assert post.count(LetterRow) == 0


def test_a_letter_without_a_mailbox_is_kept(post):
    """The database may have been put back: nothing of a reporter's is thrown away for that."""
    sent = post.drop(a_later_letter(a_letter()))

    assert post.collect() == 0

    assert [row.id for row in post.rows(LetterRow)] == [sent.letter.id]
    assert post.audit()[-1].details["waiting"] == 1
    assert not list(post.objects.names())


def test_a_first_letter_without_a_desk_is_kept(post):
    post.drop(a_letter(desk=None))
    assert post.collect() == 0
    assert post.count(LetterRow) == 1


@pytest.mark.parametrize("only_urgent", [False, True], ids=["the day's", "urgent"])
def test_people_on_call_are_told_of_urgent_concerns_alone(post, only_urgent):
    urgent = a_letter(urgent=True)
    for letter in (a_letter(), urgent, a_later_letter(urgent)):
        post.drop(letter)
    post.collect(only_urgent=only_urgent)
    with look(post.database) as work:
        assert alerts.waiting(work) == [urgent.desk]


def test_only_urgent_letters_skip_the_wait(post):
    urgent = post.drop(a_letter(urgent=True))
    post.drop(a_letter())

    assert post.collect(only_urgent=True) == 1

    [entry] = post.rows(EntryRow)
    assert entry.header == urgent.letter.header
    [case] = post.rows(CaseRow)
    assert (case.priority, case.due_on) == (Priority.URGENT, TODAY + timedelta(days=1))
    assert post.count(LetterRow) == 1


def test_the_log_learns_of_urgent_letters_with_the_days_collection(post):
    """An entry at the minute of an urgent letter would be the minute of its reporter's act."""
    sent = [post.drop(a_letter(urgent=True))]
    post.collect(only_urgent=True)
    sent.append(post.drop(a_letter(urgent=True)))
    post.collect(only_urgent=True)
    with look(post.database) as work:
        assert last_made_on(work) is None
    assert post.audit() == []

    sent.append(post.drop(a_letter()))
    post.collect()

    [entry] = post.audit()
    assert entry.details["letters"] == 3
    post.assert_each_once(sent)
    post.collect()
    assert post.audit()[-1].details["letters"] == 0


def test_an_urgent_later_letter_waits_for_its_first(post):
    first = a_letter()
    sent = [post.drop(first), post.drop(a_later_letter(first, urgent=True))]
    assert post.collect(only_urgent=True) == 0
    assert post.collect() == 2
    post.assert_each_once(sent)


def test_a_later_letter_makes_its_case_unread_again(post, clock):
    first = a_letter()
    post.drop(first)
    post.collect()
    with begin(post.database) as work:
        row = work.session.get(CaseRow, post.rows(CaseRow)[0].ref)
        row.state, row.unread = CaseState.OPENED, False
        row.due_on = TODAY + timedelta(days=28)
    clock.now += timedelta(days=4)
    post.drop(a_later_letter(first))

    post.collect()

    [case] = post.rows(CaseRow)
    assert case.unread
    assert case.due_on == TODAY + timedelta(days=4 + 7)
    assert case.version == 2


def test_two_collectors_cannot_meet(post):
    sent = [post.drop(a_letter())]
    with turns.turn(post.database):
        with pytest.raises(Busy):
            post.collect()
        with pytest.raises(Busy):
            tidy(post.database, post.clock, post.objects)
    post.collect()
    post.assert_each_once(sent)


def test_a_deposit_during_the_collection_waits(post, monkeypatch):
    sent = [post.drop(a_letter())]
    late = []
    put = post.objects.put

    def put_while_somebody_sends(source):
        late.append(post.drop(a_letter()))
        return put(source)

    monkeypatch.setattr(post.objects, "put", put_while_somebody_sends)
    assert post.collect() == 1
    monkeypatch.undo()
    assert post.count(LetterRow) == 1
    post.collect()
    post.assert_each_once(sent + late)


def test_a_full_disk_leaves_everything_where_it_was(post, monkeypatch):
    sent = [post.drop(a_letter()) for _ in range(3)]
    put = post.objects.put
    room = iter([True, True])

    def put_while_there_is_room(source):
        if not next(room, False):
            raise OSError(28, "No space left on device")
        return put(source)

    monkeypatch.setattr(post.objects, "put", put_while_there_is_room)
    with pytest.raises(OSError, match="space"):
        post.collect()
    assert not list(post.objects.names())
    assert post.count(LetterRow) == 3
    monkeypatch.undo()
    post.collect()
    post.assert_each_once(sent)


def test_orphans_older_than_an_hour_are_swept(post, tmp_path):
    sent = [post.drop(a_letter())]
    post.collect()
    old, new = (post.objects.put(BytesIO(b"of a killed collection")) for _ in range(2))
    two_hours_ago = (tmp_path / "objects" / old).stat().st_mtime - 7200
    for path in (tmp_path / "objects").iterdir():
        if path.name != new:
            os.utime(path, (two_hours_ago, two_hours_ago))

    tidy(post.database, post.clock, post.objects)

    names = {name for name, _ in post.objects.names()}
    assert names == {new, post.rows(EntryRow)[0].object_name}
    post.assert_each_once(sent)
