"""Alerts go to a real SMTP server, over TLS or not at all, and say nothing."""

import datetime
import socket
import ssl
from email import message_from_bytes
from ipaddress import ip_address

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.alerts import mail
from app.alerts.domain import WORDS
from app.alerts.mail import MailRefused, MailServer
from config import Settings

STARTTLS = "smtp+starttls"


class Kept:
    """Keeps what a server was handed."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, list[str], bytes]] = []
        self.refuses = False

    async def handle_DATA(self, server, _session, envelope) -> str:  # noqa: N802 -- aiosmtpd's
        if self.refuses:
            return "451 4.3.0 try again"
        if server.transport.get_extra_info("ssl_object") is None:
            return "530 5.7.0 mail came in clear"
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 OK"


def free_port() -> int:
    with socket.socket() as probe:  # the server itself asks to be told one
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def certificate(folder, name="127.0.0.1"):
    """Write a certificate for the loopback address and its key; return both paths."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(name))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert, private = folder / "mail.pem", folder / "mail.key"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return cert, private


class Server:
    """An SMTP server on the loopback address, with what it was handed."""

    def __init__(self, folder, scheme, **more) -> None:
        self.cert, key = certificate(folder)
        self.scheme = scheme
        self.kept = Kept()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.cert, key)
        tls = {"ssl_context": context} if scheme == "smtps" else {"tls_context": context}
        self.port = free_port()
        self._running = Controller(self.kept, hostname="127.0.0.1", port=self.port, **tls, **more)

    def __enter__(self) -> "Server":
        self._running.start()
        return self

    def __exit__(self, *_error) -> None:
        self._running.stop(no_assert=True)

    def reached(self, **more) -> MailServer:
        chosen = {
            "host": "127.0.0.1", "port": self.port, "implicit_tls": self.scheme == "smtps",
            "user": "", "password": "", "sender": "candour@example.org", "ca": self.cert,
        }  # fmt: skip
        return MailServer(**chosen | more)


@pytest.mark.parametrize("scheme", ["smtps", STARTTLS])
def test_each_person_gets_one_mail_that_says_nothing(tmp_path, scheme):
    with Server(tmp_path, scheme, require_starttls=scheme != "smtps") as server:
        server.reached().tell(("ann@example.org", "bob@example.org"))
        mails = server.kept.mails
    assert [to for _from, to, _content in mails] == [["ann@example.org"], ["bob@example.org"]]
    for _from, [to], content in mails:
        message = message_from_bytes(content)
        assert message.get_payload(decode=True).decode().replace("\r\n", "\n") == WORDS
        assert message["To"] == to
        assert message["Subject"] == "Please sign in"
        assert not {"Date", "Received", "User-Agent", "X-Mailer", "Cc", "Bcc"} & set(message)
        for word in ("psd", "desk", "concern", "case", "counter"):
            assert word not in content.decode().lower().replace(to, "")


def test_a_server_with_another_certificate_is_not_spoken_to(tmp_path):
    (tmp_path / "other").mkdir()
    other, _key = certificate(tmp_path / "other")
    with Server(tmp_path, "smtps") as server:
        for ca in (other, None):
            with pytest.raises(MailRefused):
                server.reached(ca=ca).tell(["ann@example.org"])
        assert server.kept.mails == []


def test_a_server_without_tls_gets_nothing(tmp_path):
    kept, port = Kept(), free_port()
    plain = Controller(kept, hostname="127.0.0.1", port=port)
    plain.start()
    try:
        reached = MailServer(
            host="127.0.0.1", port=port, implicit_tls=False, user="", password="", sender="a@b"
        )
        with pytest.raises(MailRefused):
            reached.tell(["ann@example.org"])
    finally:
        plain.stop(no_assert=True)
    assert kept.mails == []


def test_it_signs_in_where_it_is_to(tmp_path, monkeypatch):
    # Who was refused is not heard of again: that is waited for once.
    monkeypatch.setattr(mail, "PATIENCE", 2.0)

    def known(_server, _session, _envelope, _mechanism, given) -> AuthResult:
        fits = isinstance(given, LoginPassword) and given.password == b"right"
        return AuthResult(success=fits)

    with Server(tmp_path, STARTTLS, authenticator=known, auth_required=True) as server:
        server.reached(user="portal", password="right").tell(["ann@example.org"])
        with pytest.raises(MailRefused):
            server.reached(user="portal", password="wrong").tell(["ann@example.org"])
        with pytest.raises(MailRefused):
            server.reached().tell(["ann@example.org"])
        assert len(server.kept.mails) == 1


def test_a_refusal_quotes_no_address(tmp_path):
    with Server(tmp_path, "smtps") as server:
        server.kept.refuses = True
        with pytest.raises(MailRefused) as refused:
            server.reached().tell(["ann@example.org"])
    assert "ann" not in str(refused.value)
    with pytest.raises(MailRefused):  # nobody listens there any more
        server.reached().tell(["ann@example.org"])


def test_the_settings_name_it(tmp_path):
    password = tmp_path / "password"
    password.write_text("hush\n", encoding="utf-8")
    settings = Settings.from_environment(
        {
            "PORTAL_DATA": str(tmp_path),
            "PORTAL_SECRET_KEY": "s" * 40,
            "PORTAL_SMTP_URL": "smtp+starttls://port%40al@mail.example.org",
            "PORTAL_SMTP_PASSWORD_FILE": str(password),
            "PORTAL_ALERTS_FROM": "candour@example.org",
            "PORTAL_ON_CALL": str(password),
        }
    )
    found = MailServer.of(settings)
    assert (found.host, found.port, found.implicit_tls) == ("mail.example.org", 587, False)
    assert (found.user, found.password) == ("port@al", "hush")
    assert "hush" not in repr(found)
