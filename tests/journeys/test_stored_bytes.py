"""Nothing a portal stores tells what was written, by whom, or when: read byte by byte.

What is looked for is shown to be found in `test_planted_leaks.py`.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from app.envelope.receipts import Receipt
from tests.journeys.belongings import (
    ANSWERS,
    MESSAGE,
    QUESTION,
    large_file,
    leaflet,
    notes,
    photograph,
)
from tests.journeys.canaries import canary
from tests.journeys.evidence import cells_of, engine_for, files_under
from tests.journeys.pages import Body
from tests.journeys.running import RunningPortal
from tests.journeys.scanning import Scanner
from tests.journeys.scripted import ScriptedReporter
from tests.journeys.visitors import ADDRESS, Handler, Reporter, receipt_carried
from tests.proof import PROVING

APART = 1.3  # seconds between an act of a reporter's and one of somebody else's


class Onlooker:
    """Somebody who reads all that is stored, again and again while others work."""

    def __init__(self, portal: RunningPortal) -> None:
        self.portal = portal
        self.scanner = Scanner(ADDRESS)
        self.looks = 0
        self._answers = 0

    def looks_everywhere(self, *, in_server: bool = False) -> None:
        assert self.portal.look_for(self.scanner, in_server=in_server) == []
        self.looks += 1

    def follows(self, visitor: Reporter | Handler) -> None:
        """Look after each answer that a visitor gets; on PostgreSQL after every third of them.

        A look there reads a whole cluster; what is stored once is there at the next look too.
        """
        is_cluster = self.portal.settings.database_url.startswith("postgresql")
        visitor.after_each = self._looks_in_turn if is_cluster else self.looks_everywhere

    def _looks_in_turn(self) -> None:
        self._answers += 1
        if PROVING or self._answers % 3 == 0:
            self.looks_everywhere()

    @contextmanager
    def looks_in_between(self, visitor: Reporter) -> Iterator[None]:
        """Look while the second half of what a visitor sends is still on its way."""
        looks = self.looks
        visitor.halfway = self.looks_everywhere
        yield
        visitor.halfway = None
        assert self.looks > looks


def test_nothing_stored_tells_what_was_written_or_who_wrote_it(own_portal):
    """After every request, in the midst of an upload, and at the end."""
    portal, onlooker = own_portal, Onlooker(own_portal)
    reporter, amara = Reporter(portal), Handler(portal, "amara")
    scripted = ScriptedReporter(portal)
    amara.signs_in()
    for visitor in (reporter, scripted, amara):
        onlooker.follows(visitor)

    write = reporter.chooses(leave_out=["tom"])
    with onlooker.looks_in_between(reporter):
        check = reporter.writes(write, ANSWERS, [large_file(), photograph()])
    receipt = receipt_carried(check)
    # From here on the portal has had the receipt in its hands.
    onlooker.scanner.forbid_receipt(receipt)
    onlooker.looks_everywhere()
    assert reporter.sends(check) == receipt
    reporter.returns(receipt.words)
    other, _ = scripted.seals_herself(ANSWERS["who"], notes().content)
    onlooker.scanner.forbid_receipt(other)
    scripted.looks_herself(other)

    portal.collect()
    onlooker.looks_everywhere(in_server=True)
    [ref] = [ref for ref in amara.sees() if ANSWERS["where"] in amara.opens_case(ref).main]
    case = amara.opens_case(ref)
    for file in (large_file(), photograph()):
        amara.downloads(case, file.label)
    amara.asks_reporter(ref, QUESTION, file=leaflet())

    thread = reporter.returns(receipt.words)
    reporter.saves(thread, f"{leaflet().label} (Text)")
    with onlooker.looks_in_between(reporter):
        reporter.answers(thread, MESSAGE, [notes()])
    portal.collect()
    assert MESSAGE in amara.opens_case(ref).main
    amara.signs_out()
    portal.stop()
    onlooker.looks_everywhere(in_server=True)


def test_nothing_stored_tells_what_went_wrong(own_portal):
    """Refusals, broken bodies and unknown words leave no more behind than what went well."""
    onlooker, reporter = Onlooker(own_portal), Reporter(own_portal)
    onlooker.follows(reporter)
    receipt = Receipt.generate()
    onlooker.scanner.forbid_receipt(receipt)
    reporter.returns(receipt.words, expecting=404)
    reporter.returns([*receipt.words[:11], canary("word")], expecting=422)
    write = reporter.chooses()
    reporter.submits(write, "/report/check", "Continue", who=ANSWERS["who"], expecting=422)
    # Not a picture, and its hidden data is to be removed: it is refused while it arrives.
    no_picture = {**ANSWERS, "file_1": large_file(), "label_1": canary("label")}
    reporter.submits(write, "/report/check", "Continue", **no_picture, expecting=422)
    form = write.form("/report/check")
    whole = form.filled("Continue", {**ANSWERS, "file_1": photograph()})
    for broken in (
        replace(whole, content=whole.content[:-900]),
        replace(whole, content=whole.content[:9000] + b"\xff" * 99),
        replace(whole, kind=f"multipart/form-data; boundary={canary('boundary')}"),
        replace(whole, kind=f"text/{canary('kind')}"),
        replace(whole, path=f"/report/{canary('path')}"),
        Body("GET", f"/mailbox?receipt={canary('query')}", "", b""),
        Body(canary("method").upper(), "/report", "", b""),
    ):
        status, _, _ = reporter.asks(broken)
        assert status < 500, broken.path
    large = {**no_picture, "clean_1": None}
    reporter.breaks_off(form.filled("Continue", large), meanwhile=onlooker.looks_everywhere)
    onlooker.looks_everywhere(in_server=True)


@contextmanager
def apart() -> Iterator[None]:
    """Keep what is done here apart from what others do, so that its time is its own."""
    time.sleep(APART)
    yield
    time.sleep(APART)


def test_after_a_collection_nothing_tells_when_anything_was_written(open_portal):
    """No column, row, free page, log line or time of a file is of the time of an act.

    Not on PostgreSQL: its write-ahead log keeps times, as the threat model says.
    """
    with open_portal("sqlite") as portal:
        reporter, amara = Reporter(portal), Handler(portal, "amara")
        amara.signs_in()
        with apart():
            receipt = reporter.seals(ANSWERS, [photograph(), notes()])
            other, _ = ScriptedReporter(portal).seals_herself(ANSWERS["who"], notes().content)
        waiting = sealed_parts(portal)
        portal.collect()
        assert portal.look_for_times() == []
        assert_gone(portal, waiting)

        [ref] = [ref for ref in amara.sees() if ANSWERS["where"] in amara.opens_case(ref).main]
        amara.asks_reporter(ref, QUESTION)
        with apart():
            reporter.answers(reporter.returns(receipt.words), MESSAGE, [notes()])
            ScriptedReporter(portal).looks_herself(other)
            reporter.opens("/help/privacy")
        waiting = sealed_parts(portal)
        portal.collect()
        assert portal.look_for_times() == []
        assert_gone(portal, waiting)
        assert "The two of June" in amara.opens_case(ref).main
        portal.stop()
        assert portal.look_for_times() == []


def test_no_table_about_reporters_has_room_for_a_time(own_portal):
    """No column for moments, and after a collection no cell with one, on either database."""
    portal, reporter = own_portal, Reporter(own_portal)
    with apart():
        reporter.seals(ANSWERS, [notes()])
    portal.collect()
    found = [finding for finding in portal.look_for_times() if "/" not in finding.where]
    assert found == []


def test_a_visit_leaves_no_trace(open_portal):
    """Whoever only looks changes no file, and no time of a file that is of her thread."""
    with open_portal("sqlite") as portal:
        reporter = Reporter(portal)
        receipt = reporter.seals(ANSWERS, [notes()])
        other, _ = ScriptedReporter(portal).seals_herself(ANSWERS["who"])
        portal.collect()
        portal.diary.acts.clear()
        cells = list(cells_of(engine_for(portal.settings.database_url)))
        files = dict(files_under(portal.data))
        with apart():
            assert ANSWERS["who"] in reporter.returns(receipt.words).main
            assert ScriptedReporter(portal).looks_herself(other).said["entries"]
        assert dict(files_under(portal.data)).keys() == files.keys()
        assert list(cells_of(engine_for(portal.settings.database_url))) == cells
        objects = [finding for finding in portal.look_for_times() if "objects" in finding.where]
        assert objects == []


def sealed_parts(portal: RunningPortal) -> list[bytes]:
    """Return something of every letter and file that waits, as it lies there."""
    found = [
        bytes(value[:64])
        for where, value in cells_of(engine_for(portal.settings.database_url))
        if where in ("intake_letter_part.sealed", "intake_waiting_part.sealed")
    ]
    assert found
    return found


def assert_gone(portal: RunningPortal, parts: list[bytes]) -> None:
    """Check that the letterbox left nothing behind: every payload is an object now."""
    for where, content in files_under(portal.data):
        if not where.startswith(str(portal.settings.objects)):
            assert not any(part in content for part in parts), where
