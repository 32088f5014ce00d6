"""The board's side sees what was published, and nothing of a concern: not a word, not a byte.

P2 and P4 of the attacks on published counts.
"""

import functools
import operator

from sqlalchemy import inspect, text

from app.envelope.letter import QUESTIONS
from app.handover.service import Databases, hand_over
from app.slips.tables import BoxRow
from app.work import look
from tests.blind.conftest import BOARD, Reader
from tests.casework.sheets import path, sheet_of
from tests.journeys.canaries import MARK, canary
from tests.proof import PROVING

ON_SQLITE_UNLESS_PROVING = True


def is_differing(before, after):
    return sorted(
        address for address in before.keys() | after.keys()
        if before.get(address) != after.get(address)
    )  # fmt: skip


def through_triage(desk, person, ref):
    person.reads(ref)
    assert person.steps(ref).status == 303
    assert person.ends_triage(ref).status == 303


def dump(database) -> str:
    """Return every value in a database, as text."""
    found = []
    with look(database) as work:
        for table in inspect(work.session.connection()).get_table_names():
            for row in work.session.execute(text(f'SELECT * FROM "{table}"')):
                found += [v.hex() if isinstance(v, bytes | memoryview) else str(v) for v in row]
    return "\n".join(found)


# A board member and an observer open nothing that the integrity lead does not.
WALKERS = sorted(BOARD) if PROVING else ["carol", "hugo", "iris"]


def test_no_page_of_the_board_changes_when_concerns_arrive(desk, statistics):
    """Before and after 1 and 50 concerns, worked on and counted: the same bytes."""
    readers = [Reader(desk, name) for name in WALKERS]
    before = [reader.sees() for reader in readers]
    for seen in before:
        assert len(seen) > 3
        assert {status for status, _headers, _body in seen.values()} <= {200, 403, 404}

    def differing() -> list[list[str]]:
        pairs = zip(readers, before, strict=True)
        return [is_differing(seen, reader.sees()) for reader, seen in pairs]

    amara = desk.person("amara")
    ref = desk.receives(desk.reporter())
    nothing = [[] for _ in readers]
    assert differing() == nothing
    through_triage(desk, amara, ref)
    for _ in range(49):
        reporter = desk.reporter()
        reporter.post(desk.database, desk.clock, reporter.seal())
    desk.collect()
    amara.opens("/staff/")
    for case in [case for case in amara.listed("waiting") if case != ref][:4]:
        through_triage(desk, amara, case)
    both = Databases(casework=desk.database, statistics=statistics)
    assert hand_over(both, desk.clock) == 5
    assert differing() == nothing


def test_the_walk_reaches_what_it_should(desk):
    """A test that looked at nothing would find nothing."""
    seen = Reader(desk, "iris").sees()
    ok = {address for address, (status, _headers, _body) in seen.items() if status == 200}
    assert {"/staff/trends", "/staff/plans"} <= ok
    assert any("/forces/a/releases/" in address for address in ok)
    assert any("/actions/" in address for address in ok)
    assert any(address.endswith(".csv") for address in ok)


def test_a_planted_difference_is_found(desk, statistics):
    reader = Reader(desk, "bea")
    before = reader.sees()
    with statistics.writing.begin() as session:
        session.execute(text("UPDATE plan_plan SET title = title || '!'"))
    assert is_differing(before, reader.sees())


def test_no_word_of_a_case_is_in_the_statistics_or_on_a_page(desk, statistics, settings, capfd):
    reporter = desk.reporter()
    answers = {code: canary(code.replace("_", "")) for code in QUESTIONS} | {
        "about": "manager", "danger": "no",
    }  # fmt: skip
    files = [(canary("label") + ".txt", canary("file").encode())]
    ref = desk.receives(reporter, reporter.seal(answers=answers, attachments=files))
    amara = desk.person("amara")
    amara.reads(ref)
    amara.steps(ref)
    said = {"place": "a/response", "category": "bullying"}
    amara.submits(path(ref), path(ref), **said, note=canary("note"), external=canary("other"))
    amara.submits(path(ref, "triage-ends"), path(ref, "triage-ends"), reason=canary("why"))
    amara.replies(ref, canary("reply"))
    desk.receives(reporter, reporter.seal(text=canary("message")))
    amara.opens(f"/staff/cases/{ref}")
    assert amara.closes(ref, action=canary("end")).status == 303
    assert sheet_of(desk, ref).note == canary("note")
    desk.clock.now = desk.clock.now.replace(year=2027, month=3)
    hand_over(Databases(casework=desk.database, statistics=statistics), desk.clock)

    everything = dump(statistics)
    assert "2026Q4" in everything
    for planted in (
        MARK,
        MARK.encode().hex(),
        ref,
        ref.encode().hex(),
        reporter.receipt.mailbox_id,
    ):
        assert planted not in everything
    for file in settings.data.rglob("*"):
        if file.is_file() and (file.suffix != ".sqlite" or "statistics" in file.name):
            assert MARK.encode() not in file.read_bytes(), file.name
    for name in WALKERS:
        for address, (_status, headers, body) in Reader(desk, name).sees().items():
            assert MARK.encode() not in body, address
            assert ref.encode() not in body, address
            assert MARK not in address + str(headers)
    output = capfd.readouterr()
    assert MARK not in output.out + output.err


def test_the_walk_would_find_a_canary(desk, statistics):
    with statistics.writing.begin() as session:
        session.execute(text("UPDATE plan_plan SET title = :title"), {"title": canary("planted")})
    pages = Reader(desk, "bea").sees().values()
    assert any(MARK.encode() in body for _status, _headers, body in pages)


# --- two backups a week apart


def test_two_backups_a_week_apart_join_slips_to_cases_as_sets_only(desk, database, statistics):
    """Everything in both databases, week after week: which slip is which case's is nowhere."""
    both = Databases(casework=database, statistics=statistics)
    amara = desk.person("amara")
    backups, cases, slips = [], [], []
    for _week in range(2):
        refs = []
        for _ in range(5):
            reporter = desk.reporter()
            reporter.post(database, desk.clock, reporter.seal())
        desk.collect()
        amara.opens("/staff/")
        for ref in amara.listed("waiting"):
            through_triage(desk, amara, ref)
            refs.append(ref)
        cases.append(refs)
        slips.append([sheet_of(desk, ref).entry_slip.id for ref in refs])
        # Before the hand-over the box alone knows the slips; after it the statistics alone do.
        assert sorted(row.id.hex() for row in desk.rows(BoxRow)) == sorted(slips[-1])
        waiting = dump(database)
        assert all(waiting.count(slip) == 1 for slip in slips[-1])
        hand_over(both, desk.clock)
        backups.append((dump(database), dump(statistics)))
        desk.clock.now = desk.clock.now.replace(day=28)
        amara = desk.person("amara") if _week == 0 else amara
    for number, (of_casework, of_statistics) in enumerate(backups):
        for week in range(2):
            for slip in slips[week]:
                assert slip not in of_casework
                assert (slip in of_statistics) == (week <= number)
            for ref in cases[week]:
                assert ref not in of_statistics
    # What is new in a week is all of its slips together, as many as cases left triage.
    new = [
        slip
        for slip in functools.reduce(operator.iadd, slips, [])
        if slip in backups[1][1] and slip not in backups[0][1]
    ]
    assert sorted(new) == sorted(slips[1])
    assert len(new) == len(cases[1])
    # And their rows do not lie as the cases moved on, nor by weeks.
    place = "rowid" if statistics.is_sqlite else "ctid"
    with look(statistics) as work:
        rows = work.session.execute(text(f"SELECT id FROM trends_slip ORDER BY {place}")).all()
    lies = [bytes(row[0]).hex() for row in rows]
    assert sorted(lies) == sorted(functools.reduce(operator.iadd, slips, []))
    assert lies != functools.reduce(operator.iadd, slips, [])
