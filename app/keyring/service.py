"""The keyring this server may use: read from its file, and checked at every use.

Nothing here takes a recipient from the database. The database only remembers how far the
serials had come, so that an older keyring, signed as well as the new one, cannot come back.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Self

from app.audit.service import record
from app.envelope.errors import KeyringError, UnfitKey
from app.envelope.keyring import Keyring, check_dates
from app.envelope.keyring_file import LONGEST_KEYRING, keyring_digest, parse_keyring, parse_signers
from app.envelope.signing import VerificationKey
from app.errors import Broken
from app.keyring.domain import Fault
from app.keyring.store import SeenStore
from app.work import Work
from config import Settings

LONGEST_SIGNERS = 1000  # bytes of a file that holds a line of base64 for each signer
ACTOR = "keyring"


class KeyringBroken(Broken):
    """The keyring may not be used; `fault` says why."""

    def __init__(self, fault: Fault, what: str = "") -> None:
        super().__init__(f"keyring {fault.value}{': ' if what else ''}{what}")
        self.fault = fault


@dataclass(frozen=True, slots=True)
class KeyringFiles:
    """Where the keyring lies, and the public halves of those who may sign it."""

    keyring: Path
    signers: Path

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the files that `settings` name."""
        return cls(settings.keyring, settings.keyring_signer)


def usable(work: Work, files: KeyringFiles) -> Keyring:
    """Return the keyring, fit to seal to: signature, serial and dates are right today.

    Cheap enough for every request: the file is read, and parsed only when its bytes are new.

    Raises:
        KeyringBroken: if anything is wrong with it.
    """
    return _fit_to_seal_to(work, _read(files), files)


def signed(work: Work, files: KeyringFiles) -> Keyring:
    """Return the keyring to read by: signature and serial are right, its dates may have passed.

    A renewal that came too late stops sealing; it must not keep a handler from what is waiting.

    Raises:
        KeyringBroken: if anything but its dates is wrong.
    """
    return _checked(work, _read(files), files)


def file_bytes(work: Work, files: KeyringFiles) -> bytes:
    """Return the bytes of the keyring for a browser, which checks them again for itself.

    Raises:
        KeyringBroken: as `usable`.
    """
    content = _read(files)
    _fit_to_seal_to(work, content, files)
    return content


def accept(work: Work, files: KeyringFiles) -> Keyring:
    """Return the keyring, remembered as seen; call it at start, and at every collection.

    A keyring that was not seen before is recorded in the audit log. Never call it in a
    reporter's request: the entry would be the time of her visit.

    Raises:
        KeyringBroken: as `usable`.
    """
    content = _read(files)
    keyring = _fit_to_seal_to(work, content, files)
    digest = _digest(content)
    if SeenStore(work.session).remember(work, keyring.serial, digest):
        record(
            work,
            actor=ACTOR,
            verb="keyring.accepted",
            subject=str(keyring.serial),
            digest=digest.hex(),
            expires=keyring.expires_on.isoformat(),
        )
    return keyring


def signers_base64(files: KeyringFiles) -> str:
    """Return the verification keys of the keyring signers, in base64 with a blank between them.

    Raises:
        KeyringBroken: if their file does not hold two or more.
    """
    return " ".join(map(str, _signers(files)))


def _read(files: KeyringFiles) -> bytes:
    try:
        with files.keyring.open("rb") as file:
            return file.read(LONGEST_KEYRING + 1)
    except OSError as error:
        raise KeyringBroken(Fault.UNREADABLE, files.keyring.name) from error


def _signers(files: KeyringFiles) -> tuple[VerificationKey, ...]:
    try:
        with files.signers.open("rb") as file:
            return _signers_in(file.read(LONGEST_SIGNERS))
    except (OSError, UnicodeDecodeError, UnfitKey, KeyringError) as error:
        raise KeyringBroken(Fault.UNREADABLE, files.signers.name) from error


@lru_cache(maxsize=4)
def _signers_in(content: bytes) -> tuple[VerificationKey, ...]:
    return parse_signers(content.decode("ascii"))


# A request reads the file, but only new bytes cost signatures and some hundred keys.
@lru_cache(maxsize=4)
def _parsed(content: bytes, signers: tuple[VerificationKey, ...]) -> Keyring:
    return parse_keyring(content, signers)


class _Floor:
    """The newest keyring this process has used, by file.

    Between a new keyring's first use and the next `accept`, the database does not know of it.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._newest: dict[Path, tuple[int, bytes]] = {}

    def newest(self, path: Path) -> tuple[int, bytes]:
        with self._lock:
            return self._newest.get(path, (0, b""))

    def raise_to(self, path: Path, serial: int, digest: bytes) -> None:
        with self._lock:
            if serial > self._newest.get(path, (0, b""))[0]:
                self._newest[path] = (serial, digest)


_floor = _Floor()


def _fit_to_seal_to(work: Work, content: bytes, files: KeyringFiles) -> Keyring:
    keyring = _checked(work, content, files)
    try:
        check_dates(keyring, work.today)
    except KeyringError as error:
        early = work.today < keyring.issued_on
        raise KeyringBroken(Fault.NOT_YET_VALID if early else Fault.EXPIRED, str(error)) from error
    # Not before its dates are right: one that was put there too early may still be taken back.
    _floor.raise_to(files.keyring, keyring.serial, _digest(content))
    return keyring


def _checked(work: Work, content: bytes, files: KeyringFiles) -> Keyring:
    try:
        keyring = _parsed(content, _signers(files))
    except KeyringError as error:
        raise KeyringBroken(Fault.UNSIGNED, str(error)) from error
    for serial, seen in (SeenStore(work.session).newest(), _floor.newest(files.keyring)):
        if keyring.serial < serial:
            raise KeyringBroken(Fault.OLDER, f"{keyring.serial} after {serial}")
        if keyring.serial == serial and _digest(content) != seen:
            raise KeyringBroken(Fault.OTHER_BYTES, str(serial))
    return keyring


def _digest(content: bytes) -> bytes:
    return bytes.fromhex(keyring_digest(content))
