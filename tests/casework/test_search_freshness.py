"""Whether anything changed since the last search: asked as one value, and of both databases."""

import secrets

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import delete, func, select, text, update

from app.casework import search_rows
from app.casework.domain import CaseState
from app.casework.store import Cases, Readers
from app.casework.tables import CaseRow, NoteRow, ReaderRow, SheetRow
from app.database import changing_schema, open_database
from app.identity.domain import Role, StaffMember
from app.work import begin, look
from tests.casework.test_search import links, searches
from tests.migrating import INI, migrate

AMARA = StaffMember(id="amara", name="Amara", role=Role.HANDLER, desk="psd")


@pytest.fixture
def desk(desk, empty_memory):
    return desk


def known(desk, by=AMARA):
    with look(desk.database) as work:
        return search_rows.state(work, by=by), search_rows.stamps(work, by=by)


def written_in(desk, ref):
    with look(desk.database) as work:
        rows = [
            work.session.scalar(select(func.count()).where(table.ref == ref))
            for table in (SheetRow, NoteRow)
        ]
        return work.session.get(CaseRow, ref).written, sum(rows)


def notes(person, ref, words="Call the locksmith"):
    path = f"/staff/cases/{ref}/notes/"
    return person.submits(path, path, note=words)


def asked_again(desk, seen):
    """Return the state after something happened, which it has to show."""
    state, stamps = known(desk)
    assert state not in seen
    assert stamps not in seen.values()
    seen[state] = stamps
    assert known(desk) == (state, stamps), "and nothing else changes it"
    return stamps


def test_whatever_is_written_or_taken_changes_the_state(desk):
    reporter = desk.reporter()
    ref, other, third = desk.receives(reporter), *(desk.receives(desk.reporter()) for _ in "12")
    amara, helen = desk.person("amara"), desk.person("helen")
    seen = dict([known(desk)])
    assert seen == {("", "", ""): {}}
    for number, each in enumerate((ref, other, third), 1):
        amara.reads(each)
        assert len(asked_again(desk, seen)) == number, "another case she declared upon"
    amara.places(ref, note="A new sheet")
    asked_again(desk, seen)
    assert notes(amara, ref).status == 303
    asked_again(desk, seen)
    helen.reads(ref)
    seen |= dict([known(desk)])
    assert notes(helen, ref).status == 303
    asked_again(desk, seen)
    assert written_in(desk, ref) == (3, 3)
    desk.receives(reporter, reporter.seal(text="A new letter"))
    asked_again(desk, seen)
    with begin(desk.database, desk.clock) as work:
        Readers(work.session).keep_from(third, {"amara"})
    assert third not in asked_again(desk, seen)
    with begin(desk.database, desk.clock) as work:
        Cases(work.session).pass_on(
            Cases(work.session).readable_by(other, desk="psd", member="amara"), "independent"
        )
    assert set(asked_again(desk, seen)) == {ref}
    amara.declares(ref, "conflict")
    assert known(desk) == (("", "", ""), {})


def test_a_case_for_another_changes_the_state_too(desk):
    """As many as before, at the same numbers: it is the references that differ."""
    first, second = (desk.receives(desk.reporter()) for _ in range(2))
    amara = desk.person("amara")
    for ref in (first, second):
        amara.reads(ref)
    found = []
    for taken, given in ((first, second), (second, first)):
        with begin(desk.database, desk.clock) as work:
            for ref, may_read in ((taken, False), (given, True)):
                row = update(ReaderRow).where(ReaderRow.member == "amara", ReaderRow.ref == ref)
                work.session.execute(row.values(may_read=may_read))
        found.append(known(desk))
    assert [list(stamps) for _, stamps in found] == [[second], [first]]
    assert found[0][0] != found[1][0]


@pytest.mark.parametrize(
    "change",
    [
        lambda ref: update(CaseRow).where(CaseRow.ref == ref).values(desk="independent"),
        lambda ref: update(CaseRow).where(CaseRow.ref == ref).values(state=CaseState.SEALED),
        lambda ref: delete(ReaderRow).where(ReaderRow.ref == ref, ReaderRow.member == "amara"),
        lambda ref: update(ReaderRow).where(ReaderRow.ref == ref).values(may_read=False),
    ],
    ids=["another desk", "sealed", "forgotten", "taken"],
)
def test_rights_are_asked_of_the_database_at_every_search(desk, change):
    """And what is not hers is no longer in memory after that."""
    kept, lost = (desk.receives(desk.reporter()) for _ in range(2))
    amara = desk.person("amara")
    for ref in (kept, lost):
        amara.reads(ref)
    assert set(links(searches(amara, "supervisor"))) == {kept, lost}
    with begin(desk.database, desk.clock) as work:
        work.session.execute(change(lost))
    page = searches(amara, "supervisor")
    assert links(page) == [kept]
    assert "1 case that you have opened was searched" in page.text


def test_where_nothing_changed_no_rows_are_asked_for(desk, empty_memory, monkeypatch):
    asked = []
    stamps = search_rows.stamps
    monkeypatch.setattr(
        search_rows, "stamps", lambda *one, **named: asked.append(1) or stamps(*one, **named)
    )
    ref = desk.receives(desk.reporter())
    amara = desk.person("amara")
    amara.reads(ref)
    for _ in range(3):
        assert links(searches(amara, "supervisor")) == [ref]
    assert len(asked) == 1
    assert notes(amara, ref).status == 303
    assert links(searches(amara, "locksmith")) == [ref]
    assert len(asked) == 2
    [(_, kept)] = empty_memory._kept.values()
    assert kept["search"].refs == {ref}


def test_an_upgrade_counts_what_was_written_before(database_url):
    back(database_url, "0011")
    put_in(database_url)
    migrate(database_url)
    database = open_database(database_url)
    with database.reading.begin() as session:
        found = session.execute(select(CaseRow.ref, CaseRow.written).order_by(CaseRow.ref)).all()
    database.engine.dispose()
    assert found == [("A", 5), ("B", 1), ("C", 0)]


def back(url, revision):
    database = open_database(url)
    config = Config(INI)
    with changing_schema(database) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
    database.engine.dispose()


def put_in(url):
    """Put three cases in as they were before: with sheets and notes, a note, and nothing."""
    database = open_database(url)
    with database.writing.begin() as session:
        for number, (ref, sheets, noted) in enumerate((("A", 3, 2), ("B", 0, 1), ("C", 0, 0))):
            mailbox = bytes([number])
            for statement in (
                (
                    "INSERT INTO mailbox_mailbox (id, tag_hash, desk, standing) "
                    "VALUES (:mailbox, :mailbox, 'psd', 'closed')"
                ),
                (
                    "INSERT INTO casework_case (ref, mailbox, desk, state, priority, received_on, "
                    "due_on, unread) VALUES (:ref, :mailbox, 'psd', 'closed', 'ordinary', "
                    "'2026-11-21', '2026-11-21', false)"
                ),
            ):
                session.execute(text(statement), {"ref": ref, "mailbox": mailbox})
            for version in range(1, sheets + 1):
                session.execute(
                    text("INSERT INTO casework_sheet VALUES (:ref, :version, :some, :some)"),
                    {"ref": ref, "version": version, "some": b"x"},
                )
            for note in range(1, noted + 1):
                session.execute(
                    text("INSERT INTO casework_note VALUES (:id, :ref, :number, :some, :some)"),
                    {"id": secrets.token_bytes(16), "ref": ref, "number": note, "some": b"x"},
                )
    database.engine.dispose()
