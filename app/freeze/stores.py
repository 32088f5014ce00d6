"""Everything a freeze touches: two databases, the witness, and the files of keys."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from app.audit import signing
from app.audit.signing import BadNote, LogKey, LogVerifier
from app.database import Database
from app.envelope.custody import LONGEST, Custody, CustodyError
from app.envelope.keyring import Keyring, Statistics
from app.errors import Broken, Missing
from app.freeze.witness import Witness
from app.keyring.service import KeyringFiles, usable
from app.trends.plans import Plans, shipped
from app.work import Clock, Work
from config import Settings

CUSTODY_FILE = "statistics.json"  # beside the keyring


class CustodyBroken(Broken):
    """The copies of the statistics' identity are missing, or not of the keyring's recipient."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """What a freeze reads and writes. No transaction spans two of them."""

    casework: Database
    statistics: Database
    clock: Clock
    witness: Witness
    keyring: KeyringFiles
    custody_file: Path
    log_key_file: Path
    plans: Plans

    @classmethod
    def of(cls, settings: Settings, casework: Database, statistics: Database, clock: Clock) -> Self:
        """Return those that `settings` name."""
        return cls(
            casework=casework,
            statistics=statistics,
            clock=clock,
            witness=Witness(settings.witness),
            keyring=KeyringFiles.of(settings),
            custody_file=settings.keyring.with_name(CUSTODY_FILE),
            log_key_file=settings.data / "keys" / signing.KEY_FILE_NAME,
            plans=shipped(),
        )

    def check_force(self, force: str) -> None:
        """Check that the newest plan counts this force, or raise Missing."""
        if force not in {known.id for known in self.plans.newest.forces}:
            raise Missing("a force")

    def signer(self) -> LogKey:
        """Return the key that signs releases: the audit log's.

        Raises:
            Broken: if its file holds something else.
        """
        with self._usable_key():
            return signing.read_or_make(self.log_key_file)

    def verifier(self) -> LogVerifier:
        """Return what releases are verified with. Where there is no key, none is made for it.

        Raises:
            Broken: if there is none, or its file holds something else.
        """
        with self._usable_key():
            return signing.read(self.log_key_file).verifier

    @contextmanager
    def _usable_key(self) -> Iterator[None]:
        try:
            yield
        except (BadNote, OSError) as error:
            raise Broken(f"the log's signing key cannot be used: {error}") from error

    def custodians(self, work: Work) -> Statistics:
        """Return whom slips are sealed to and who unlocks them, as the keyring says today.

        Raises:
            CustodyBroken: if the keyring names nobody.
            Broken: if the keyring may not be used.
        """
        return _statistics(usable(work, self.keyring))

    def custody(self, named: Statistics) -> Custody:
        """Return the copies of the statistics' identity.

        Raises:
            CustodyBroken: if they are not there, or are copies of another identity.
        """
        try:
            with self.custody_file.open("rb") as file:
                found = Custody.parse(file.read(LONGEST + 1))
        except OSError as error:
            raise CustodyBroken(f"{self.custody_file.name}: {error.strerror}") from error
        except CustodyError as error:
            raise CustodyBroken(str(error)) from error
        if found.recipient != named.recipient:
            raise CustodyBroken("the copies are of another identity than the keyring names")
        return found


def _statistics(keyring: Keyring) -> Statistics:
    if keyring.statistics is None:
        raise CustodyBroken("the keyring names no statistics")
    return keyring.statistics
