"""Slips, opened in memory: counted by the caller, and gone with it. Nothing here is written."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from hashlib import sha256
from io import BytesIO

from app.envelope.errors import EnvelopeError, NoMatch, SlipError
from app.envelope.identities import Identity
from app.envelope.opening import open_header, open_payload
from app.envelope.slips import PLAINTEXT, SlipPlace, parse_slip
from app.envelope.slips import SlipKind as SealedKind
from app.freeze.domain import Fault, Faults
from app.trends.domain import Cadence, Closure, Entry, Period, Table
from app.trends.drawing import Opened
from app.trends.publication import PublicationPlan, cells
from app.trends.slips import ReceivedSlip, SlipKind


class Opener:
    """Opens the slips of one force, each once however often it is met.

    A freeze opens its slips before it begins, to know what is wrong with them, and goes through
    them again inside its transaction: only what changed in between is opened a second time.
    """

    def __init__(self, identity: Identity, plan: PublicationPlan, force: str) -> None:
        self._identity = identity
        self._labels = {
            table: frozenset(cells(plan, force, table, Cadence.QUARTER)) for table in Table
        }
        self._met: dict[bytes, Entry | Closure | Fault] = {}

    def open(self, slips: Iterable[ReceivedSlip]) -> tuple[Opened, Faults]:
        """Return what these slips say, and how many cannot be counted and why."""
        entries: defaultdict[Period, list[Entry]] = defaultdict(list)
        closures: list[Closure] = []
        faults: Counter[Fault] = Counter()
        for slip in slips:
            match self._meet(slip):
                case Entry() as entry:
                    entries[slip.period].append(entry)
                case Closure() as closure:
                    closures.append(closure)
                case Fault() as fault:
                    faults[fault] += 1
        return Opened(entries=entries, closures=closures), dict(faults)

    def _meet(self, slip: ReceivedSlip) -> Entry | Closure | Fault:
        known = _digest(slip)
        if known not in self._met:
            self._met[known] = self._opened(slip)
        return self._met[known]

    def _opened(self, slip: ReceivedSlip) -> Entry | Closure | Fault:
        place = SlipPlace(
            id=slip.id,
            force=slip.force,
            period=str(slip.period),
            kind=SealedKind(slip.kind.value),
        )
        try:
            file_key = open_header(slip.header, self._identity)
            text = open_payload(file_key, BytesIO(slip.payload)).read(PLAINTEXT + 1)
            says = parse_slip(text, place).says
        except NoMatch:
            return Fault.NOT_OURS
        except SlipError:
            return Fault.ELSEWHERE
        except EnvelopeError:
            return Fault.ALTERED
        return self._counted(slip.kind, says)

    def _counted(self, kind: SlipKind, says: tuple[str, str]) -> Entry | Closure | Fault:
        first, second = (Table.TH, Table.DY) if kind is SlipKind.ENTRY else (Table.OY, Table.CY)
        if says[0] not in self._labels[first] or says[1] not in self._labels[second]:
            return Fault.UNKNOWN_LABEL
        return Entry(*says) if kind is SlipKind.ENTRY else Closure(*says)


def _digest(slip: ReceivedSlip) -> bytes:
    clear = f"{slip.force}\n{slip.period}\n{slip.kind.value}\n".encode()
    parts = (slip.id, clear, len(slip.header).to_bytes(8), slip.header, slip.payload)
    return sha256(b"".join(parts)).digest()
