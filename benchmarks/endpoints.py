"""Server CPU and speed of every anonymous endpoint, with 1, 8 and 64 reporters at once."""

import http.client
import io
import itertools
import os
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from statistics import median

from PIL import Image

from app.collection.service import collect
from app.database import open_database
from app.envelope.letter import Kind, Letter, letter_digest, sign_letter
from app.envelope.parcel import ParcelWriter
from app.envelope.receipts import Receipt
from app.envelope.sealing import Sealer
from app.intake.tickets import TicketOffice
from app.mailbox.objects import Objects
from app.work import system_clock
from benchmarks.bodies import Body, entropy, hidden, multipart, urlencoded
from benchmarks.portal import Portal, running_portal

AT_ONCE = (1, 8, 64)
ROUNDS = 3  # of each number of reporters; what else the machine does is not in their median
ENOUGH_CPU = 0.4  # seconds of the server's: forty ticks of its clock
FEWEST = 24  # requests
LONGEST = 6.0  # seconds
READY = 200  # bodies that wait at the start of a round
MIB = 1024 * 1024
LARGE_FILE = 16 * MIB  # bytes
PICTURE = (4000, 3000)  # pixels
MOST_IN_A_MAILBOX = 9  # letters that wait, beside the first; intake takes ten

WRITTEN = {"what": "Entries in the evidence log were changed after the fact. " * 12, "who": "Two."}


@dataclass
class Endpoint:
    """A request as a reporter sends it, and what the answer must be."""

    name: str
    method: str
    path: str
    body: Callable[[], Body] = lambda: (b"", "")
    expected: frozenset[int] = frozenset({200})


@dataclass
class Rush:
    """Several reporters who send the same request again and again."""

    portal: Portal
    endpoint: Endpoint
    sent: int = 0
    errors: int = 0
    # Made before the clock runs: a reporter's machine is not the server's.
    _ready: deque[Body] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, at_once: int) -> dict[str, object]:
        """Send until enough was measured; CPU of one request and speed, the median of rounds."""
        rounds = [self._round(at_once) for _ in range(ROUNDS)]
        return {
            "cpu_ms": round(median(one[0] for one in rounds), 2),
            "per_second": round(median(one[1] for one in rounds), 1),
            "requests": self.sent,
            "errors": self.errors,
            "rounds_cpu_ms": [round(one[0], 2) for one in rounds],
        }

    def _round(self, at_once: int) -> tuple[float, float]:
        while len(self._ready) < READY:
            self._ready.append(self.endpoint.body())
        stop, sent = threading.Event(), self.sent
        before, began = self.portal.cpu_seconds(), time.monotonic()
        reporters = [threading.Thread(target=self._send, args=[stop]) for _ in range(at_once)]
        for reporter in reporters:
            reporter.start()
        while time.monotonic() - began < LONGEST:
            time.sleep(0.05)
            spent = self.portal.cpu_seconds() - before
            if spent >= ENOUGH_CPU and self.sent - sent >= max(FEWEST, at_once):
                break
        stop.set()
        for reporter in reporters:
            reporter.join()
        lasted, spent = time.monotonic() - began, self.portal.cpu_seconds() - before
        count = self.sent - sent
        return spent * 1000 / count, count / lasted

    def _send(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                content, kind = self._ready.popleft()
            except IndexError:
                content, kind = self.endpoint.body()
            try:
                status, _ = self.portal.ask(self.endpoint.method, self.endpoint.path, content, kind)
            except (OSError, http.client.HTTPException):
                status = 0
            with self._lock:
                self.sent += 1
                self.errors += status not in self.endpoint.expected


class Preparing:
    """Makes what is posted, so that no two requests are the same."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.today = datetime.now(UTC).date()
        self.office = TicketOffice.of(portal.settings.secret_key)
        self.keyring = portal.people.keyring
        self.desk = self.keyring.desk("psd")
        self.sealed = itertools.cycle([self.envelope(Receipt.generate()) for _ in range(50)])
        self._rooms: list[tuple[Receipt, int]] = []
        self._lock = threading.Lock()

    def ticket(self) -> str:
        return self.office.issue(self.today)

    def envelope(self, receipt: Receipt, **changes: object) -> tuple[bytes, str]:
        """Return a sealed letter of about 4 KiB of words, and the digest of the letter."""
        readers = tuple(sorted(self.desk.members))
        chosen = {
            "kind": Kind.CONCERN,
            "place": 0,
            "previous": "",
            "answers": dict.fromkeys(
                ("who", "where", "when", "how_known", "who_else", "afraid_of", "about", "danger"),
                "",
            )
            | {"what": "It was changed twice. " * 180},
            **changes,
        }
        letter = Letter(
            mailbox=receipt.mailbox_id,
            author="reporter",
            verification_key=receipt.verification_key,
            recipient=receipt.identity.recipient,
            desk=self.desk.id,
            readers=readers,
            keyring=self.keyring.serial,
            **chosen,
        )
        content, signature = sign_letter(letter, receipt.signing_key)
        recipients = [self.keyring.member(reader).recipient for reader in readers]
        out = io.BytesIO()
        hers = receipt.identity.recipient
        sealer = Sealer(out, [hers, *recipients], placed=hers)
        parcel = ParcelWriter(sealer, content, signature, [])
        parcel.finish()
        sealer.finish()
        return out.getvalue(), letter_digest(content)

    # Bodies of requests.

    def concern_envelope(self, receipt: Receipt | None = None, sealed: bytes | None = None) -> Body:
        receipt = receipt or Receipt.generate()
        fields = {
            "ticket": self.ticket(),
            "desk": "psd",
            "tag": receipt.tag.hex(),
            "mailbox": secrets.token_hex(32) if sealed is None else receipt.mailbox_id,
            "urgent": "",
        }
        return multipart(fields, "envelope", sealed or next(self.sealed)[0])

    def message_envelope(self) -> Body:
        fields = {
            "ticket": self.ticket(),
            "tag": self.room().tag.hex(),
            "entry": secrets.token_hex(16),
        }
        return multipart(fields, "envelope", next(self.sealed)[0])

    def room(self) -> Receipt:
        """Return a receipt in whose mailbox one letter more may wait."""
        with self._lock:
            receipt, taken = self._rooms.pop() if self._rooms else (self._new_mailbox(), 0)
            if taken + 1 < MOST_IN_A_MAILBOX:
                self._rooms.append((receipt, taken + 1))
            return receipt

    def make_rooms(self, count: int) -> None:
        self._rooms = [(self._new_mailbox(), 0) for _ in range(count)]

    def _new_mailbox(self) -> Receipt:
        receipt = Receipt.generate()
        status, _ = self.portal.ask(
            "POST", "/report/envelope", *self.concern_envelope(receipt, next(self.sealed)[0])
        )
        assert status == HTTPStatus.CREATED
        return receipt

    def thread_of_three(self) -> Receipt:
        """Return the receipt of a mailbox with a concern and two messages, all collected."""
        receipt = Receipt.generate()
        sealed, digest = self.envelope(receipt)
        body = self.concern_envelope(receipt, sealed)
        assert self.portal.ask("POST", "/report/envelope", *body)[0] == HTTPStatus.CREATED
        for place in (1, 2):
            sealed, digest = self.envelope(
                receipt,
                kind=Kind.MESSAGE,
                place=place,
                previous=digest,
                answers={},
                text="One more thing. " * 40,
            )
            fields = {
                "ticket": self.ticket(),
                "tag": receipt.tag.hex(),
                "entry": secrets.token_hex(16),
            }
            body = multipart(fields, "envelope", sealed)
            assert self.portal.ask("POST", "/mailbox/envelope", *body)[0] == HTTPStatus.CREATED
        database = open_database(self.portal.settings.database_url)
        assert collect(database, system_clock, Objects(self.portal.settings.objects)) == 3
        database.engine.dispose()
        return receipt


def endpoints(make: Preparing) -> Iterator[Endpoint]:
    """Yield every anonymous endpoint that takes no file."""
    known = make.thread_of_three()
    for path in (
        "/",
        "/report",
        "/mailbox",
        "/leave",
        "/report/keyring.json",
        "/report/routing.json",
        "/help/anonymity",
        "/help/privacy",
        "/help/accessibility",
    ):
        yield Endpoint(f"GET {path}", "GET", path)

    def routed(**more: str) -> dict[str, str]:
        return {"ticket": make.ticket(), "about": "colleague", "danger": "no", **more}

    def post(path: str, body: Callable[[], Body], *expected: int) -> Endpoint:
        return Endpoint(f"POST {path}", "POST", path, body, frozenset(expected or {200}))

    yield post("/report", lambda: urlencoded(routed(**WRITTEN)))
    yield post("/report/write", lambda: urlencoded(routed()))
    yield post("/report/check", lambda: multipart(routed(**WRITTEN)))
    _, page = make.portal.ask("POST", "/report/check", *multipart(routed(**WRITTEN)))
    shown = hidden(page, "shown")

    def to_send() -> Body:
        carried = routed(**WRITTEN, shown=shown, entropy=entropy(Receipt.generate()))
        return urlencoded(carried)

    yield post("/report/send", to_send)
    receipt = Receipt.generate()
    answered = {"entropy": entropy(receipt), "asked": "3 7"}
    answered |= {"word_1": receipt.words[2], "word_2": receipt.words[6]}
    yield post("/report/receipt", lambda: urlencoded(answered | {"ticket": make.ticket()}))
    yield post("/report/envelope", make.concern_envelope, 201)

    words = " ".join(known.words)
    yield post("/mailbox", lambda: urlencoded({"ticket": make.ticket(), "receipt": words}))
    yield post("/mailbox/open", lambda: urlencoded({"tag": known.tag.hex()}))
    unknown = Receipt.generate()
    nobodys = {"receipt": " ".join(unknown.words)}
    nothing = post("/mailbox", lambda: urlencoded({"ticket": make.ticket(), **nobodys}), 404)
    nothing.name = "POST /mailbox (no such)"
    yield nothing
    _, page = make.portal.ask(
        "POST", "/mailbox", *urlencoded({"ticket": make.ticket(), "receipt": words})
    )
    thread = {name: hidden(page, name) for name in ("desk", "place", "previous", "entropy")}
    thread["text"] = "One more thing. " * 40
    yield post("/mailbox/check", lambda: multipart(thread | {"ticket": make.ticket()}))
    make.make_rooms(180)

    def to_answer() -> Body:
        return urlencoded(
            thread
            | {"ticket": make.ticket(), "entry": secrets.token_hex(16)}
            | {"entropy": entropy(make.room())}
        )

    yield post("/mailbox/send", to_answer)
    yield post("/mailbox/envelope", make.message_envelope, 201)


@contextmanager
def cpu(portal: Portal, found: dict[str, float], name: str, units: float) -> Iterator[None]:
    """Note the server's CPU milliseconds of a block, divided by `units`."""
    before = portal.cpu_seconds()
    yield
    found[name] = round((portal.cpu_seconds() - before) * 1000 / units, 2)


def files(make: Preparing, rounds: int = 4) -> dict[str, float]:
    """Return the CPU that files cost: a MiB that arrives, a MiB that is sealed, a megapixel."""
    portal, found = make.portal, {}
    mib = rounds * LARGE_FILE / MIB
    content = os.urandom(LARGE_FILE)
    routed = {"about": "colleague", "danger": "no", **WRITTEN}
    pages = []
    with cpu(portal, found, "file_arriving_cpu_ms_per_mib", mib):
        for _ in range(rounds):
            fields = routed | {"ticket": make.ticket(), "label_1": "A recording"}
            body = multipart(fields, "file_1", content)
            status, page = portal.ask("POST", "/report/check", *body)
            assert status == HTTPStatus.OK, (status, page[-3000:])
            pages.append(page)
    carried = ("entropy", "shown", "page_key", "waiting")
    with cpu(portal, found, "file_sealing_cpu_ms_per_mib", mib):
        for page in pages:
            fields = routed | {name: hidden(page, name) for name in carried}
            body = urlencoded(fields | {"ticket": make.ticket()})
            assert portal.ask("POST", "/report/send", *body)[0] == HTTPStatus.OK
    found["file_cpu_ms_per_mib"] = round(
        found["file_arriving_cpu_ms_per_mib"] + found["file_sealing_cpu_ms_per_mib"], 2
    )
    picture = io.BytesIO()
    Image.effect_noise(PICTURE, 60).convert("RGB").save(picture, "JPEG", quality=80)
    megapixels = rounds * PICTURE[0] * PICTURE[1] / 1e6
    with cpu(portal, found, "picture_cpu_ms_per_megapixel", megapixels):
        for _ in range(rounds):
            fields = routed | {"ticket": make.ticket(), "label_1": "A screen", "clean_1": "yes"}
            body = multipart(fields, "file_1", picture.getvalue(), "image/jpeg")
            assert portal.ask("POST", "/report/check", *body)[0] == HTTPStatus.OK
    return found


def measure() -> dict[str, object]:
    """Return the figures, and a table of every endpoint at each number of reporters."""
    table: dict[str, dict[str, dict[str, object]]] = {}
    with running_portal() as portal:
        make = Preparing(portal)
        for endpoint in endpoints(make):
            _warm_up(portal, endpoint)
            table[endpoint.name] = {
                f"at_{at_once}": Rush(portal, endpoint).run(at_once) for at_once in AT_ONCE
            }
        of_files = files(make)
    costs = {
        name: median(cpu_ms for one in rows.values() for cpu_ms in one["rounds_cpu_ms"])
        for name, rows in table.items()
    }
    worst = max(costs, key=costs.__getitem__)
    return {
        "endpoints": table,
        "post_envelope_cpu_ms": costs["POST /report/envelope"],
        "worst_anonymous_cpu_ms": costs[worst],
        "worst_anonymous_endpoint": worst,
        **{
            f"errors_at_{at_once}": sum(rows[f"at_{at_once}"]["errors"] for rows in table.values())
            for at_once in AT_ONCE
        },
        **of_files,
    }


def _warm_up(portal: Portal, endpoint: Endpoint) -> None:
    # Each process compiles its templates and reads its word list once.
    for _ in range(8):
        content, kind = endpoint.body()
        status, answer = portal.ask(endpoint.method, endpoint.path, content, kind)
        assert status in endpoint.expected, (endpoint.name, status, answer[:2000])
