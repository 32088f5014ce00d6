"""One-use tickets of forms: proof that a page of ours was asked for today or yesterday.

There is no cookie to hang a token on, so a ticket is bound to nobody. It keeps a form from
being stored twice and a stored page from being replayed for ever; it says nothing of who asked.

Source: docs/intake-protocol.md, section 3.
"""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Self

from app.envelope.derivation import derive

SALT = b"candour/tickets/v1"
RANDOM = 16  # bytes
DAY = 4  # bytes of day number
MAC = 16  # bytes
LENGTH = 48  # characters in base64url


class ForgedTicket(Exception):
    """No ticket, or not one of ours: nothing a page of this portal would have sent."""


class StaleTicket(Exception):
    """A ticket of ours whose days have passed, or which was used."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket of ours."""

    digest: bytes
    issued_on: date

    @property
    def valid_on(self) -> date:
        """The last day on which it may be spent."""
        return self.issued_on + timedelta(days=1)

    def check_day(self, today: date) -> None:
        """Raise StaleTicket unless `today` is one of its two days."""
        if not self.issued_on <= today <= self.valid_on:
            raise StaleTicket


@dataclass(frozen=True, slots=True)
class TicketOffice:
    """Issues tickets and knows its own."""

    key: bytes

    @classmethod
    def of(cls, secret_key: str) -> Self:
        """Return the office of an installation. Every process of it has the same key."""
        return cls(derive(secret_key.encode(), salt=SALT, info=b"tickets"))

    def issue(self, today: date) -> str:
        """Return a fresh ticket: 48 characters of base64url."""
        body = secrets.token_bytes(RANDOM) + today.toordinal().to_bytes(DAY, "big")
        return urlsafe_b64encode(body + self._mac(body)).decode()

    def read(self, text: str) -> Ticket:
        """Return the ticket in `text`.

        Raises:
            ForgedTicket: if this office did not issue it.
        """
        raw = _decoded(text)
        body, mac = raw[: RANDOM + DAY], raw[RANDOM + DAY :]
        if not hmac.compare_digest(self._mac(body), mac):
            raise ForgedTicket
        issued_on = date.fromordinal(int.from_bytes(body[RANDOM:], "big"))
        return Ticket(sha256(raw).digest(), issued_on)

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self.key, body, "sha256")[:MAC]


def _decoded(text: str) -> bytes:
    if len(text) != LENGTH or not text.isascii():
        raise ForgedTicket
    try:
        raw = urlsafe_b64decode(text)
    except ValueError:
        raise ForgedTicket from None
    # Spellings that decode to the same bytes would be several tickets to the spent list's eye.
    if len(raw) != RANDOM + DAY + MAC or urlsafe_b64encode(raw).decode() != text:
        raise ForgedTicket
    return raw
