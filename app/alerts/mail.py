"""Sends the mail, over TLS or not at all.

Source: RFC 8314 (implicit TLS), RFC 3207 (STARTTLS), RFC 5322 (the message).
"""

import secrets
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from app.alerts.domain import SUBJECT, WORDS
from app.errors import Busy
from config import Settings

PORTS = {"smtps": 465, "smtp+starttls": 587}
PATIENCE = 20.0  # seconds for each answer of the server


class MailRefused(Busy):
    """The mail server did not take the mail; nothing is lost by trying again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail is handed in, and as whom."""

    host: str
    port: int
    implicit_tls: bool
    user: str
    password: str = field(repr=False)
    sender: str
    # Certificates to trust instead of the system's.
    ca: Path | None = None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the server that the settings name, which were checked when they were read."""
        parts = urlsplit(settings.smtp_url)
        password = settings.smtp_password_file
        return cls(
            host=parts.hostname or "",
            port=parts.port or PORTS[parts.scheme],
            implicit_tls=parts.scheme == "smtps",
            user=unquote(parts.username or ""),
            password=password.read_text(encoding="utf-8").strip() if password else "",
            sender=settings.alerts_from,
            ca=settings.smtp_ca,
        )

    def tell(self, addresses: Sequence[str]) -> None:
        """Send the one message there is, to each address by itself.

        Raises:
            MailRefused: if the server is away, has no certificate we trust, or refuses.
        """
        try:
            with self._connected() as server:
                for address in addresses:
                    server.send_message(self._message(address), self.sender, [address])
        except (OSError, smtplib.SMTPException) as error:
            # Not the text: a server's answer quotes addresses.
            raise MailRefused(type(error).__name__) from None

    def _connected(self) -> smtplib.SMTP:
        trusted = ssl.create_default_context(cafile=str(self.ca) if self.ca else None)
        trusted.minimum_version = ssl.TLSVersion.TLSv1_2
        # Its own name is nobody's business: the library would look the machine's up.
        if self.implicit_tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, "localhost", timeout=PATIENCE, context=trusted
            )
        else:
            server = smtplib.SMTP(self.host, self.port, "localhost", timeout=PATIENCE)
        try:
            if not self.implicit_tls:
                server.starttls(context=trusted)
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server

    def _message(self, address: str) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = address
        message["Subject"] = SUBJECT
        message["Message-ID"] = f"<{secrets.token_hex(16)}@candour.invalid>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
        message.set_content(WORDS)
        return message
