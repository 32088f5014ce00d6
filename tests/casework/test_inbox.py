"""The inbox: what is pressing first, and nothing of what is for others, not even by its time."""

import itertools
import secrets
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert

from app.casework import listing, lulls, readers, views
from app.casework.domain import CaseState, Declaration, Drawer, Priority, drawer_of
from app.casework.inbox import (
    COUNTED,
    ON_A_PAGE,
    Asked,
    Due,
    Mark,
    Order,
    Received,
    address_of,
    asked_by,
)
from app.casework.tables import CaseRow, DeclarationRow, ReaderRow
from app.identity.domain import Role, StaffMember
from app.mailbox.domain import Standing
from app.mailbox.tables import MailboxRow
from app.work import begin, look
from tests.conftest import NOON

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
    "query",
    [
        "show=x",
        "after=0",
        "after=1.2026-02-30.X",
        "before=9.2026-01-01.X",
        "order=x",
        "due=x",
        "unread=%D9%A1",
        "after=0.0001-01-01.X",
        "before=0.9999-12-31.X&order=newest",
    ],
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


def refs_on(page):
    return [link.text for link in page.soup.select(".cd-inbox a")]


def test_many_cases_come_in_pages_there_and_back(desk):
    shelve(desk, 120)
    amara = desk.person("amara")
    pages = [amara.opens("/staff/", show="open")]
    while later := pages[-1].soup.select_one(".govuk-pagination__next a"):
        pages.append(amara.opens(later["href"]))
    assert [len(refs_on(page)) for page in pages] == [ON_A_PAGE] * (120 // ON_A_PAGE)
    seen = [ref for page in pages for ref in refs_on(page)]
    assert seen == sorted(set(seen))
    assert len(seen) == 120
    assert pages[0].soup.select_one(".govuk-pagination__prev") is None
    back = amara.opens(pages[2].soup.select_one(".govuk-pagination__prev a")["href"])
    assert refs_on(back) == refs_on(pages[1])
    first = amara.opens(back.soup.select_one(".govuk-pagination__prev a")["href"])
    assert refs_on(first) == refs_on(pages[0])
    assert first.soup.select_one(".govuk-pagination__prev") is None
    assert "Open (120)" in first.text


def test_no_part_of_an_inbox_is_counted_to_its_end(desk):
    shelve(desk, COUNTED + 30)
    assert f"Open ({COUNTED} or more)" in desk.person("amara").opens("/staff/").text


def mixed(desk, count=90):
    """Cases of every kind, and what each is."""
    refs = shelve(desk, count)
    kinds = {}
    with begin(desk.database, desk.clock) as work:
        for number, ref in enumerate(refs):
            row = work.session.get(CaseRow, ref)
            row.state = list(CaseState)[number % 5]
            row.unread = number % 3 == 0
            row.priority = Priority.URGENT if number % 4 == 0 else Priority.ORDINARY
            row.due_on = work.today + timedelta(days=number % 23 - 9)
            row.received_on = work.today - timedelta(days=number % 41)
            kinds[ref] = (row.state, row.unread, row.priority, row.due_on, row.received_on)
    return kinds


def listed(desk, asked):
    """Every page of what is asked for, one after the other."""
    found = []
    while True:
        with look(desk.database, desk.clock) as work:
            page = listing.inbox(work, asked, by=AMARA)
        found += [case.ref for case in page.cases]
        if page.later is None:
            return found
        asked = replace(asked, after=page.later)


def drawer_kinds(kinds, drawer):
    return [ref for ref, kind in kinds.items() if drawer_of(kind[0], unread=kind[1]) is drawer]


FIRST = {
    Order.DUE: lambda kind, ref: (kind[3], ref),
    Order.PRIORITY: lambda kind, ref: (kind[2] is not Priority.URGENT, kind[3], ref),
    Order.UNREAD: lambda kind, ref: (not kind[1], kind[3], ref),
    Order.STATE: lambda kind, ref: (list(CaseState).index(kind[0]), kind[3], ref),
    Order.OLDEST: lambda kind, ref: (kind[4], ref),
    Order.NEWEST: lambda kind, ref: (kind[4], ref),
}


def test_every_order_and_choice_gives_what_a_sort_of_all_cases_gives(desk):
    kinds, today = mixed(desk), desk.clock().date()
    week, month = today + timedelta(days=7), today - timedelta(days=28)
    choices = [
        ({}, lambda kind: True),
        ({"state": CaseState.TRIAGE}, lambda kind: kind[0] is CaseState.TRIAGE),
        ({"priority": Priority.URGENT}, lambda kind: kind[2] is Priority.URGENT),
        ({"unread": True}, lambda kind: kind[1]),
        ({"unread": False}, lambda kind: not kind[1]),
        ({"due": Due.OVERDUE}, lambda kind: kind[3] < today),
        ({"due": Due.TODAY}, lambda kind: kind[3] == today),
        ({"due": Due.WEEK}, lambda kind: kind[3] <= week),
        ({"due": Due.LATER}, lambda kind: kind[3] > week),
        ({"received": Received.WEEK}, lambda kind: kind[4] >= today - timedelta(days=7)),
        ({"received": Received.MONTH}, lambda kind: kind[4] >= month),
        ({"received": Received.EARLIER}, lambda kind: kind[4] < month),
    ]
    for order, drawer in itertools.product(Order, Drawer):
        for asks, holds in choices:
            right = sorted(
                (ref for ref in drawer_kinds(kinds, drawer) if holds(kinds[ref])),
                key=lambda ref: FIRST[order](kinds[ref], ref),
                reverse=order is Order.NEWEST,
            )
            assert listed(desk, Asked(drawer=drawer, order=order, **asks)) == right, (order, asks)


def test_danger_stands_above_what_is_late_unless_she_asks_otherwise(desk):
    late = desk.receives(desk.reporter())
    desk.clock.now += timedelta(days=40)
    urgent = desk.receives(desk.reporter(), urgent=True)
    amara = desk.person("amara")
    page = amara.opens("/staff/")
    assert [link.text for link in page.soup.select(".cd-inbox a")] == [urgent, late]
    page = amara.opens("/staff/", order="due")
    assert [link.text for link in page.soup.select(".cd-inbox a")] == [late, urgent]


@pytest.mark.parametrize("order", Order)
def test_a_page_back_is_the_page_before(desk, order, monkeypatch):
    monkeypatch.setattr(listing, "ON_A_PAGE", 7)
    listing._on_shelf.cache_clear()
    mixed(desk)
    with look(desk.database, desk.clock) as work:
        first = listing.inbox(work, Asked(drawer=Drawer.OPEN, order=order), by=AMARA)
        second = listing.inbox(work, replace(first.asked, after=first.later), by=AMARA)
        again = listing.inbox(work, replace(first.asked, before=second.earlier), by=AMARA)
    listing._on_shelf.cache_clear()
    assert [case.ref for case in again.cases] == [case.ref for case in first.cases]
    assert (again.earlier, again.later) == (None, first.later)


def test_nothing_of_an_inbox_shows_a_case_she_may_not_read(desk):
    """Not a row, not a count, not a page more: as if it were not there."""
    kinds = mixed(desk, 120)
    hidden = list(kinds)[::2]
    with begin(desk.database, desk.clock) as work:
        for number, ref in enumerate(hidden):
            if number % 2:
                work.session.get(ReaderRow, ("amara", ref)).may_read = False
            else:
                said = {"said": Declaration.CONFLICT, "said_on": work.today}
                work.session.add(DeclarationRow(member="amara", ref=ref, **said))
    for drawer in Drawer:
        with look(desk.database, desk.clock) as work:
            page = listing.inbox(work, Asked(drawer=drawer), by=AMARA)
        shown = [ref for ref in drawer_kinds(kinds, drawer) if ref not in hidden]
        assert sorted(listed(desk, Asked(drawer=drawer))) == sorted(shown)
        assert page.counts[drawer] == len(shown)


def test_what_is_chosen_stays_chosen_from_page_to_page(desk):
    mixed(desk, 400)
    amara = desk.person("amara")
    page = amara.opens("/staff/", show="open", order="newest", unread="no")
    assert len(refs_on(page)) == ON_A_PAGE
    href = page.soup.select_one(".govuk-pagination__next a")["href"]
    assert "order=newest" in href
    assert "unread=no" in href
    assert "show=open" in href
    later = amara.opens(href)
    assert later.soup.select_one("#by-order option[selected]")["value"] == "newest"
    assert not set(refs_on(later)) & set(refs_on(page))
    assert "Show all" in later.text


def test_a_choice_that_leaves_nothing_says_so(desk):
    shelve(desk, 2)
    page = desk.person("amara").opens("/staff/", show="open", priority="urgent")
    assert "No case here is like that" in page.text


def test_an_address_is_read_back_as_it_was_written():
    asked = Asked(
        drawer=Drawer.OPEN, state=CaseState.TRIAGE, priority=Priority.URGENT, unread=False,
        due=Due.WEEK, received=Received.EARLIER, order=Order.NEWEST,
    )  # fmt: skip
    assert asked_by(address_of(asked)) == asked
    assert Mark.parse(str(Mark(1, NOON.date(), "BCDF-2345"))) == Mark(1, NOON.date(), "BCDF-2345")
    for odd in ("", "1.2026-13-01.BB", "1.2026-01-01", "999.2026-01-01.BB", "1.2026-01-01.b b"):
        assert Mark.parse(odd) is None


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


def test_cases_are_not_gone_through_again_while_nothing_came(desk, monkeypatch):
    """What takes as long as there are cases is done when a count says so, and now and then."""
    desk.receives(desk.reporter())
    amara = desk.person("amara")
    amara.opens("/staff/")
    amara.opens("/staff/")
    looked = []
    look_for = readers.Cases.untried
    monkeypatch.setattr(
        readers.Cases, "untried", lambda *a, **k: looked.append(1) or look_for(*a, **k)
    )
    amara.opens("/staff/")
    assert looked == []
    ref = desk.receives(desk.reporter())
    assert ref in amara.listed("waiting"), "a count changed"
    # One case leaves the desk's counts as another comes: found a few minutes later.
    amara.opens("/staff/")
    gone = desk.receives(desk.reporter())
    with begin(desk.database, desk.clock) as work:
        work.session.get(CaseRow, ref).desk = "independent"
    looked.clear()
    assert gone not in amara.listed("waiting")
    assert looked == []
    desk.clock.now += lulls.LOOK_ANYWAY_AFTER
    assert gone in amara.listed("waiting")


def test_two_pages_loading_at_once_note_a_reader_once(desk):
    ref = desk.receives(desk.reporter())
    for _ in range(2):
        with begin(desk.database, desk.clock) as work:
            readers.note(work, [readers.Tried(ref, True, bytes(72))], by=AMARA)
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
            inbox = listing.inbox(work, Asked(drawer=Drawer.OPEN), by=AMARA)
        taken.append(time.perf_counter() - begun)
    assert inbox.counts[Drawer.OPEN] == COUNTED
    assert len(inbox.cases) == ON_A_PAGE
    assert sorted(taken)[3] < 0.5, taken
