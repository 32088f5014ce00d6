"""What an inbox, a case and a search cost with ten cases on a desk and with twenty thousand.

`python -m benchmarks.casework` prints it alone.
"""

import gc
import secrets
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from statistics import median

from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import delete, insert, update

from app.casework import readers, search, search_rows, views
from app.casework.domain import CaseState, Declaration, Priority
from app.casework.sealed_texts import seal_text
from app.casework.search import Reader
from app.casework.search_index import Index, parse_query
from app.casework.sheet import CaseSheet
from app.casework.sheet_keeping import LABEL
from app.casework.store import count_writing
from app.casework.tables import CaseRow, DeclarationRow, ReaderRow, RenewalRow, SheetRow
from app.cli.setting_up import make_folders, make_secret, migrate
from app.database import Database, open_database
from app.envelope.places import FinderKey, Places
from app.factory import build
from app.identity import second_factor
from app.identity import service as identity
from app.identity.domain import Role, StaffMember
from app.mailbox.domain import Side, Standing
from app.mailbox.objects import Objects
from app.mailbox.tables import EntryRow, MailboxRow
from app.work import begin, look, system_clock
from config import Settings
from tests.casework.reporter import Reporter
from tests.people import People

FEW, MANY, OPENED = 10, 20_000, 2_000
ROUNDS = 25
PAGES = ("inbox", "inbox_newest", "inbox_unread", "work", "case", "search", "search_rare")
PASSWORD = "four words that fit"
AMARA = StaffMember(id="amara", name="Amara", role=Role.HANDLER, desk="psd")
# fmt: off
WORDS = (
    "officer", "sergeant", "station", "custody", "shift", "overtime", "expenses", "database",
    "record", "message", "night", "vehicle", "property", "exhibit", "statement", "witness",
    "victim", "complaint", "bullying", "comment", "joke", "promotion", "vetting", "gift",
    "hospitality", "friend", "partner", "supervisor", "inspector", "review", "log",
)
# fmt: on
QUERIES = (
    "overtime",
    "overtime expenses",
    '"custody shift"',
    "promo*",
    "zebra",
    "officer joke gift",
)


class Shelves:
    """A portal whose desk has some thousand cases, the first of them really sealed."""

    def __init__(self, folder: Path, sealed: int, more: int) -> None:
        make_folders(folder)
        make_secret(folder)
        environment = {"PORTAL_DATA": str(folder), "PORTAL_SECURE_COOKIES": "no"}
        self.settings = Settings.from_environment(environment)
        self.people = People.make(system_clock().date())
        self.people.write_keyring(folder / "keys")
        migrate(self.settings)
        self.database: Database = open_database(self.settings.database_url)
        self.objects = Objects(self.settings.objects)
        with begin(self.database) as work:
            self.refs = [self._sealed(work, number) for number in range(sealed)]
            self._plain(work, more)

    def _sealed(self, work, number: int) -> str:
        """A case she has opened, with a letter and a sheet, as a collection and she left it."""
        reporter = Reporter(self.people.keyring)
        answers = dict.fromkeys(reporter.letter().answers, "")
        sealed = reporter.seal(answers=answers | {"what": _words(220), "where": _words(12)})
        ref = _ref(number)
        today = system_clock().date()
        sheet = CaseSheet(
            ref=ref, version=1, author="amara", written_on=today, note=_words(60)
        ).to_json()
        key, keyring = self.people.keys["amara"], self.people.keyring
        on_desk = [keyring.member(name) for name in ("amara", "helen", "tom")]
        written = seal_text(sheet, key.signing_key.sign(LABEL, sheet), on_desk)
        self._rows(work, [(ref, reporter.mailbox, number, CaseState.TRIAGE)])
        work.session.execute(
            insert(EntryRow).values(
                id=secrets.token_bytes(16), mailbox=reporter.mailbox, side=Side.REPORTER,
                postmark=today, size=len(sealed.payload), header=sealed.header,
                object_name=self.objects.put(BytesIO(sealed.payload)),
            )
        )  # fmt: skip
        work.session.execute(
            insert(SheetRow).values(
                ref=ref, version=1, header=written.header, payload=written.payload
            )
        )
        said = {"said": Declaration.NO_CONFLICT, "said_on": today}
        work.session.execute(insert(DeclarationRow).values(ref=ref, member="amara", **said))
        count_writing(work.session, ref)
        return ref

    def _plain(self, work, count: int) -> None:
        """Cases of which nothing but their rows is looked at."""
        states = list(CaseState)
        self._rows(
            work,
            [
                (_ref(1_000_000 + number), secrets.token_bytes(32), number, states[number % 5])
                for number in range(count)
            ],
        )

    def _rows(self, work, cases: list[tuple[str, bytes, int, CaseState]]) -> None:
        today = system_clock().date()
        if not cases:
            return
        work.session.execute(
            insert(MailboxRow),
            [
                {"id": mailbox, "tag_hash": secrets.token_bytes(32), "desk": "psd",
                 "standing": Standing.BEING_ASSESSED, "look_again_on": None}
                for _, mailbox, _, _ in cases
            ],
        )  # fmt: skip
        work.session.execute(
            insert(CaseRow),
            [
                {"ref": ref, "mailbox": mailbox, "desk": "psd", "state": state,
                 "unread": number % 9 == 0,
                 "priority": Priority.URGENT if number % 50 == 0 else Priority.ORDINARY,
                 "received_on": today - timedelta(days=number % 900),
                 "due_on": today + timedelta(days=number % 30 - 15), "version": 1}
                for ref, mailbox, number, state in cases
            ],
        )  # fmt: skip
        hers = [{"ref": ref, "member": "amara", "may_read": True} for ref, *_ in cases]
        work.session.execute(insert(ReaderRow), hers)
        # As they are once somebody has looked in since the keyring changed.
        serial = self.people.keyring.serial
        work.session.execute(
            insert(RenewalRow), [{"ref": ref, "keyring": serial} for ref, *_ in cases]
        )

    def browser(self) -> FlaskClient:
        with begin(self.database) as work:
            secret = identity.enrol(
                work, id="amara", name="Amara", role=Role.HANDLER, desk="psd", password=PASSWORD,
                key=self.people.keys["amara"], secret_key=self.settings.secret_key,
            )  # fmt: skip
        client = build(self.settings).test_client()
        code = second_factor.code_at(secret, system_clock())
        fields = {"name": "amara", "password": PASSWORD, "code": code}
        fields["csrf_token"] = token_of(client.get("/staff/sign-in").text)
        assert client.post("/staff/sign-in", data=fields).status_code == 303
        return client


def measure() -> dict[str, object]:
    figures: dict[str, object] = {}
    views.BEAT = 0.0001  # its own time, without the beat it is answered at
    with tempfile.TemporaryDirectory() as folder:
        sizes = {"few": (FEW, 0), "few_of_many": (FEW, MANY - FEW), "many": (OPENED, MANY - OPENED)}
        desks = {name: Shelves(Path(folder) / name, *size) for name, size in sizes.items()}
        figures |= _pages(desks)
        figures |= _search(desks["many"])
    for page in PAGES:
        few = figures[f"{page}_few_ms"]
        figures[f"{page}_growth"] = round(figures[f"{page}_many_ms"] / few, 2)
        # As many that she has opened as before, among all that lie on the desk.
        figures[f"{page}_growth_by_desk"] = round(figures[f"{page}_few_of_many_ms"] / few, 2)
    return figures


def _pages(desks: dict[str, Shelves]) -> dict[str, object]:
    """Ask every desk for each page in turn, so that what else the machine does falls on all."""
    asking = {name: _asking(shelves) for name, shelves in desks.items()}
    # As the server does at its start: what was made before is not looked through for garbage.
    gc.collect()
    gc.freeze()
    figures: dict[str, object] = {}
    for page in asking["few"]:
        for name in desks:
            assert asking[name][page]().status_code == 200, page
        taken: dict[str, list[float]] = {name: [] for name in desks}
        for _ in range(ROUNDS):
            for name in desks:
                taken[name].append(_seconds(asking[name][page]))
        for name, found in taken.items():
            figures[f"{page}_{name}_ms"] = round(median(found) * 1000, 1)
    return figures


def _asking(shelves: Shelves) -> dict[str, Callable[[], object]]:
    browser = shelves.browser()
    ref = shelves.refs[0]
    token = token_of(browser.get("/staff/search/").text)
    common = {"words": "overtime expenses", "csrf_token": token}
    rare = {"words": "zebra", "csrf_token": token}  # in no case
    return {
        "inbox": lambda: browser.get("/staff/?show=open"),
        "inbox_newest": lambda: browser.get("/staff/?show=open&order=newest"),
        "inbox_unread": lambda: browser.get("/staff/?show=open&unread=yes&due=overdue"),
        "work": lambda: browser.get("/staff/work"),
        "case": lambda: browser.get(f"/staff/cases/{ref}"),
        "search": lambda: browser.post("/staff/search/", data=common),
        "search_rare": lambda: browser.post("/staff/search/", data=rare),
    }


def _search(shelves: Shelves) -> dict[str, object]:
    """Built three times: with nothing known, with the letters' places known, and ever after."""
    # As rows are that were written before an upgrade.
    with begin(shelves.database) as work:
        work.session.execute(update(ReaderRow).values(places=None))
    _, *nothing_known = _built(shelves)
    # As after an inbox and nothing else: her key was tried on the letters, and no sheet opened.
    _try_key(shelves)
    _, *letters_known = _built(shelves)
    index, *all_known = _built(shelves)
    assert len(index.refs) == OPENED
    slowest = max(
        _milliseconds(lambda q=query: search.find(index, parse_query(q))) for query in QUERIES
    )
    return {
        "search_build_2000_s": all_known[0],
        "search_build_2000_cpu_s": all_known[1],
        "search_build_2000_sheets_unknown_s": letters_known[0],
        "search_build_2000_sheets_unknown_cpu_s": letters_known[1],
        "search_build_2000_nothing_known_s": nothing_known[0],
        "search_build_2000_nothing_known_cpu_s": nothing_known[1],
        "search_slowest_query_ms": slowest,
        "search_index_mib": round(index.size / 2**20, 1),
    }


def _built(shelves: Shelves) -> tuple[Index, float, float]:
    """Return an index of what she opened, with the seconds it took and those of a processor."""
    reader = Reader(
        key=FinderKey(shelves.people.keys["amara"].identity),
        keyring=shelves.people.keyring,
        objects=shelves.objects,
    )
    index, places = Index(), dict[str, Places]()
    begun, worked = time.perf_counter(), time.process_time()
    with look(shelves.database) as work:
        wanted = search.outdated(index, search_rows.stamps(work, by=AMARA))
    for start in range(0, len(wanted), search_rows.AT_ONCE):
        with look(shelves.database) as work:
            some = wanted[start : start + search_rows.AT_ONCE]
            cases = search_rows.sealed(work, some, by=AMARA)
        places |= search.put(index, cases, reader)
    with begin(shelves.database) as work:
        search.note_build(work, len(wanted), places, by=AMARA)
    took, cpu = time.perf_counter() - begun, time.process_time() - worked
    return index, round(took, 2), round(cpu, 2)


def _try_key(shelves: Shelves) -> None:
    with begin(shelves.database) as work:
        work.session.execute(delete(ReaderRow).where(ReaderRow.ref.in_(shelves.refs)))
    identity = shelves.people.keys["amara"].identity
    while True:
        with look(shelves.database) as work:
            new = readers.untried(work, by=AMARA)
        if not new:
            return
        found = readers.try_key(new, identity, enough=lambda: False)
        with begin(shelves.database) as work:
            readers.note(work, found, by=AMARA)


def _milliseconds(ask: Callable[[], object]) -> float:
    return round(median(_seconds(ask) for _ in range(ROUNDS)) * 1000, 1)


def _seconds(ask: Callable[[], object]) -> float:
    begun = time.process_time()
    ask()
    return time.process_time() - begun


def _words(count: int) -> str:
    return " ".join(f"{secrets.choice(WORDS)}{'' if n % 5 else n}" for n in range(count))


def _ref(number: int) -> str:
    letters = "BCDFGHJKMN"
    digits = "".join(letters[int(digit)] for digit in f"{number:08d}")
    return f"{digits[:4]}-{digits[4:]}"


def token_of(page: str) -> str:
    return str(BeautifulSoup(page, "html5lib").select_one("input[name=csrf_token]")["value"])


def main() -> None:
    for name, value in sorted(measure().items()):
        print(f"{name:40} {value}")


if __name__ == "__main__":
    main()
