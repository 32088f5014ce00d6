"""Passwords: one slow run gives both what signs in and what opens the slot.

The two halves are independent: the stored hash of the first says nothing of the second. The
first is compared before the slot is touched, so a crafted slot is never an oracle for passwords.
"""

import hmac
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from threading import BoundedSemaphore

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from app.envelope.derivation import derive
from app.errors import Busy

# RFC 9106, section 4, second recommended option (64 MiB, three passes), but in one lane, as
# libsodium and OWASP have it: with four, two runs at once in one process waited for each
# other for ever, or failed for want of threads (seen with OpenSSL 4.0.3).
MEMORY = 64 * 1024  # KiB
PASSES = 3
LANES = 1
OUTPUT = 32  # bytes
SALT = 16  # bytes

# NIST SP 800-63B-4, section 3.1.1.2: fifteen where the password stands alone, and before a
# stolen database it does: the second factor guards the door and not the slot.
SHORTEST = 15  # characters
LONGEST = 200  # characters

AT_ONCE = 2  # runs in one process: 64 MiB each
# Of sixteen threads: whoever floods the sign-in page leaves ten to everybody else.
IN_ROOM = 6
_running = BoundedSemaphore(AT_ONCE)
_room = BoundedSemaphore(IN_ROOM)
# An unknown name costs what a known one costs.
NOBODYS_SALT = secrets.token_bytes(SALT)


class UnfitPassword(ValueError):
    """The password is too short or too long. The text may be shown on the page."""


@dataclass(frozen=True, slots=True)
class Stretched:
    """What one run gave: a half that signs in, and a half that opens the slot."""

    login: bytes = field(repr=False)
    slot_key: bytes = field(repr=False)

    def login_hash(self) -> bytes:
        """Return what is stored of the login half."""
        return sha256(self.login).digest()

    def signs_in(self, stored: bytes) -> bool:
        """Say, in constant time, whether `stored` is the hash of the login half."""
        return hmac.compare_digest(self.login_hash(), stored)


def check(password: str) -> str:
    """Return `password` if it may be chosen.

    Raises:
        UnfitPassword: if it is shorter than `SHORTEST` or longer than `LONGEST` characters.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise UnfitPassword(f"A password has {SHORTEST} to {LONGEST} characters")
    return password


def stretch(password: str, salt: bytes) -> Stretched:
    """Return the two halves for `password` and `salt` (16 bytes); takes about 0.3 seconds.

    Call it outside a transaction: the database would wait with it.

    Raises:
        Busy: if too many are at it already.
    """
    # The same password typed on another keyboard may come as other code points.
    typed = unicodedata.normalize("NFKC", password[:LONGEST]).encode("utf-8", "replace")
    with _a_place():
        once = _run(typed, salt)
    return Stretched(
        login=derive(once, salt=b"", info=b"candour/password/login/v1"),
        slot_key=derive(once, salt=b"", info=b"candour/password/slot/v1"),
    )


@contextmanager
def _a_place() -> Iterator[None]:
    if not _room.acquire(blocking=False):
        raise Busy("too many sign-ins at once")
    try:
        with _running:
            yield
    finally:
        _room.release()


def _run(typed: bytes, salt: bytes) -> bytes:
    return Argon2id(
        salt=salt, length=OUTPUT, iterations=PASSES, lanes=LANES, memory_cost=MEMORY
    ).derive(typed)
