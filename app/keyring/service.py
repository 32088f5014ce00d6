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
from app.envelope.keyring import (
    LONGEST_KEYRING,
    Keyring,
    check_dates,
    keyring_digest,
    parse_keyring,
)
from app.envelope.signing import VerificationKey
from app.errors import Broken
from app.keyring.domain import Fault
from app.keyring.store import SeenStore
from app.work import Work
from config import Settings

LONGEST_SIGNER = 200  # bytes of a file that holds one line of base64
ACTOR = "keyring"


class KeyringBroken(Broken):
    """The keyring may not be used; `fault` says why."""

    def __init__(self, fault: Fault, what: str = "") -> None:
        super().__init__(f"keyring {fault.value}{': ' if what else ''}{what}")
        self.fault = fault


@dataclass(frozen=True, slots=True)
class KeyringFiles:
    """Where the keyring lies, and the key it must be signed with."""

    keyring: Path
    signer: Path

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


def signer_base64(files: KeyringFiles) -> str:
    """Return the verification key that keyrings are signed with, in base64.

    Raises:
        KeyringBroken: if its file does not hold one.
    """
    return str(_signer(files))


def _read(files: KeyringFiles) -> bytes:
    try:
        with files.keyring.open("rb") as file:
            return file.read(LONGEST_KEYRING + 1)
    except OSError as error:
        raise KeyringBroken(Fault.UNREADABLE, files.keyring.name) from error


def _signer(files: KeyringFiles) -> VerificationKey:
    try:
        with files.signer.open("rb") as file:
            return _signer_in(file.read(LONGEST_SIGNER))
    except (OSError, UnicodeDecodeError, UnfitKey) as error:
        raise KeyringBroken(Fault.UNREADABLE, files.signer.name) from error


@lru_cache(maxsize=4)
def _signer_in(content: bytes) -> VerificationKey:
    return VerificationKey.parse(content.decode("ascii").strip())


# A request reads the file, but only new bytes cost a signature and some hundred keys.
@lru_cache(maxsize=4)
def _parsed(content: bytes, signer: VerificationKey) -> Keyring:
    return parse_keyring(content, signer)


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
        keyring = _parsed(content, _signer(files))
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
