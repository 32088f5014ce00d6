"""The inbox: what is pressing first, and nothing of what is for others, not even by its time."""

import secrets
import time
from datetime import timedelta

import pytest
from sqlalchemy import insert

from app.casework import readers, service, views
from app.casework.domain import CaseState, Drawer, Priority
from app.casework.tables import CaseRow, ReaderRow
from app.identity.domain import Role, StaffMember
from app.mailbox.domain import Standing
from app.mailbox.tables import MailboxRow
from app.work import begin, look

AMARA = StaffMember(id="amara", name="Amara", role=Role.HANDLER, desk="psd")


def shelve(desk, count, *, member="amara", **changes):
    """Put many cases on a desk, with readers noted, as collections and visits would have."""
    with begin(desk.database, desk.clock) as work:
        mailboxes = [secrets.token_bytes(32) for _ in range(count)]
        refs = [f"C{number:07d}" for number in range(count)]
        work.session.execute(
            insert(MailboxRow),
            [{"id": id, "tag_hash": secrets.token_bytes(32), "desk": "psd",
              "standing": Standing.RECEIVED, "look_again_on": None} for id in mailboxes],
        )  # fmt: skip
        said = {"desk": "psd", "state": CaseState.OPENED, "priority": Priority.ORDINARY,
                "received_on": work.today, "due_on": work.today, "unread": False, "version": 1}  # fmt: skip
        work.session.execute(
            insert(CaseRow),
            [said | changes | {"ref": ref, "mailbox": id}
             for ref, id in zip(refs, mailboxes, strict=True)],
        )  # fmt: skip
        if member:
            work.session.execute(
                insert(ReaderRow),
                [{"ref": ref, "member": member, "may_read": True} for ref in refs],
            )
    return refs


@pytest.mark.parametrize(
    ("days", "says"),
    [(0, "Due in 3 days"), (2, "Due tomorrow"), (3, "Due today"), (4, "Overdue by 1 day"),
     (5, "Overdue by 2 days")],
)  # fmt: skip
def test_due_dates_in_words(desk, days, says):
    desk.receives(desk.reporter())
    desk.clock.now += timedelta(days=days)
    assert says in desk.person("amara").opens("/staff/").text


def test_the_most_pressing_stands_first(desk):
    ordinary = desk.receives(desk.reporter())
    urgent = desk.receives(desk.reporter(), urgent=True)
    page = desk.person("amara").opens("/staff/")
    assert [link.text for link in page.soup.select(".cd-inbox a")] == [urgent, ordinary]
    assert page.soup.select_one(".cd-priority").text.startswith("P0")


def test_an_empty_inbox_teaches(desk):
    amara = desk.person("amara")
    page = amara.opens("/staff/")
    assert page.heading == "Cases for Professional Standards"
    assert "Nothing is waiting to be opened" in page.text
    assert "after the collection at 03:00 UTC" in page.text
    assert "No case is open" in amara.opens("/staff/", show="open").text
    assert "No case is closed" in amara.opens("/staff/", show="closed").text


@pytest.mark.parametrize(
    "query", ["show=x", "page=0", "page=-1", "page=99999999999", "page=%D9%A1"]
)
def test_a_strange_query_is_no_error(desk, query):
    desk.receives(desk.reporter())
    amara = desk.person("amara")
    assert amara.browser.get(f"/staff/?{query}").status_code == 200


def test_what_is_open_is_shown_when_nothing_waits(desk):
    ref = desk.receives(desk.reporter())
    amara = desk.person("amara")
    amara.reads(ref)
    assert [link.text for link in amara.opens("/staff/").soup.select(".cd-inbox a")] == [ref]


def test_many_cases_come_in_pages(desk):
    shelve(desk, 120)
    amara = desk.person("amara")
    seen = []
    for page in (1, 2, 3):
        found = amara.opens("/staff/", show="open", page=page)
        assert f"Page {page} of 3" in found.text
        seen += [link.text for link in found.soup.select(".cd-inbox a")]
    assert len(seen) == len(set(seen)) == 120
    assert "Open (120)" in found.text


def test_a_key_is_tried_once_on_a_case(desk, monkeypatch):
    desk.receives(desk.reporter())
    amara = desk.person("amara")
    amara.opens("/staff/")
    monkeypatch.setattr(readers, "can_open", None)
    assert amara.opens("/staff/").status == 200


def test_new_cases_are_tried_while_there_is_time_and_the_rest_next_time(desk, monkeypatch):
    refs = {desk.receives(desk.reporter()) for _ in range(3)}
    amara = desk.person("amara")
    monkeypatch.setattr(views, "TRYING", 0.0)
    for listed in (1, 2, 3, 3):
        assert len(amara.listed("waiting")) == listed
    assert set(amara.listed("waiting")) == refs


def test_two_pages_loading_at_once_note_a_reader_once(desk):
    ref = desk.receives(desk.reporter())
    for _ in range(2):
        with begin(desk.database, desk.clock) as work:
            readers.note(work, [(ref, True)], by=AMARA)
    assert len(desk.rows(ReaderRow)) == 1
    assert len(desk.audit("case.listed")) == 1


class Watch:
    """Time that passes only while a page is made, and while it is waited for."""

    def __init__(self, monkeypatch) -> None:
        self.now = 1000.0
        self.making = 0.0
        make = views.render_template
        monkeypatch.setattr(views, "BEAT", 0.25)

        def made(*names, **values):
            self.now += self.making
            return make(*names, **values)

        monkeypatch.setattr(views, "render_template", made)
        monkeypatch.setattr(views, "monotonic", lambda: self.now)
        monkeypatch.setattr(views, "sleep", self.wait)

    def wait(self, seconds: float) -> None:
        assert 0 <= seconds < views.BEAT
        self.now += seconds


@pytest.mark.parametrize(
    ("making", "beats"), [(0.001, 1), (0.249, 1), (0.251, 2), (0.4, 2), (0.6, 3)]
)
def test_the_answer_comes_at_a_beat_whatever_there_was_to_try(desk, monkeypatch, making, beats):
    """Cases she may not read take the server time; her page takes the same with and without."""
    tom = desk.person("tom")
    for _ in range(2):
        desk.receives(desk.reporter(left_out=("tom",)))
    watch = Watch(monkeypatch)
    watch.making = making
    assert tom.opens("/staff/").status == 200
    assert len(desk.rows(ReaderRow)) == 2, "they were tried in that request"
    assert watch.now == pytest.approx(1000 + beats * 0.25, abs=1e-6, rel=0)


def test_an_inbox_of_ten_thousand_cases_is_quick(desk):
    """The page's own cost, without its beat; peers take seconds for this."""
    shelve(desk, 10_000)
    with begin(desk.database) as work:
        for member in ("tom", "helen", "ruth", "dev"):
            rows = [
                {"ref": f"C{n:07d}", "member": member, "may_read": n % 2 == 0}
                for n in range(10_000)
            ]
            work.session.execute(insert(ReaderRow), rows)
    taken = []
    for _ in range(7):
        begun = time.perf_counter()
        with look(desk.database, desk.clock) as work:
            readers.untried(work, by=AMARA)
            inbox = service.inbox(work, drawer=Drawer.OPEN, page=1, by=AMARA)
        taken.append(time.perf_counter() - begun)
    assert inbox.counts[Drawer.OPEN] == 10_000
    assert len(inbox.cases) == 50
    assert sorted(taken)[3] < 0.5, taken
