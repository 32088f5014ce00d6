"""Settings, read once from the environment.

`docs/settings.md` lists every variable; `tests/house/test_docs.py` keeps it true.
"""

import enum
import os
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from os import environ
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent
SHORTEST_SECRET = 32  # characters
MIB = 1024 * 1024
SMTP_SCHEMES = ("smtps", "smtp+starttls")  # mail goes over TLS or not at all


class SettingsError(Exception):
    """The environment is not fit to start in. Lists everything wrong, not only the first."""


class Surface(enum.Enum):
    """Which pages a process serves."""

    REPORTER = "reporter"
    STAFF = "staff"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What may differ between one installation and another, and nothing else."""

    secret_key: str
    data: Path
    database_url: str
    statistics_url: str
    keyring: Path
    # Base64 of the Ed25519 verification key that signs keyrings, or the file that holds it.
    keyring_signer: Path
    # Where freezes and checkpoints are written down on another machine.
    witness: Path
    service_name: str = "Candour"
    force_name: str = "Demonstration Constabulary"
    surfaces: Surface = Surface.ALL
    host: str = "127.0.0.1"
    port: int = 8000
    # Hour of the day, UTC, from which the worker makes the day's collection.
    collect_at: int = 3
    letterbox_mib: int = 2048
    # Where mail to the people on call is handed in: smtps://… or smtp+starttls://…; "" for none.
    smtp_url: str = ""
    smtp_password_file: Path | None = None
    smtp_ca: Path | None = None
    alerts_from: str = ""
    on_call: Path | None = None
    secure_cookies: bool = True
    demonstration: bool = False

    @property
    def alerts(self) -> bool:
        """Whether the people on call are told of what is urgent."""
        return bool(self.smtp_url)

    @property
    def objects(self) -> Path:
        """The folder of sealed payloads after collection."""
        return self.data / "objects"

    @property
    def spool(self) -> Path:
        """The folder where ciphertext, and only ciphertext, passes through while it arrives."""
        return self.data / "spool"

    @classmethod
    def from_environment(cls, env: Mapping[str, str] = environ) -> Self:
        """Read `PORTAL_...` variables.

        A secret may be given as a file: `PORTAL_SECRET_KEY_FILE=/run/secrets/portal`.
        Nothing secret has a default, so nothing secret can be forgotten; `candour init`
        writes a secret beside the data and it is found there.

        Raises:
            SettingsError: if a variable is missing or unfit; the message names each.
        """
        wrong: list[str] = []
        data = Path(env.get("PORTAL_DATA") or ROOT / "data").resolve()
        settings = cls(
            secret_key=_secret(env, data, wrong),
            data=data,
            database_url=env.get("PORTAL_DATABASE_URL") or f"sqlite:///{data / 'casework.sqlite'}",
            statistics_url=env.get("PORTAL_STATISTICS_URL")
            or f"sqlite:///{data / 'statistics.sqlite'}",
            keyring=Path(env.get("PORTAL_KEYRING") or data / "keys" / "keyring.json"),
            keyring_signer=Path(env.get("PORTAL_KEYRING_SIGNER") or data / "keys" / "signer.pub"),
            witness=Path(env.get("PORTAL_WITNESS") or data / "witness"),
            service_name=env.get("PORTAL_SERVICE_NAME") or "Candour",
            force_name=env.get("PORTAL_FORCE_NAME") or "Demonstration Constabulary",
            surfaces=_surface(env, wrong),
            host=env.get("PORTAL_HOST") or "127.0.0.1",
            port=_number(env, "PORTAL_PORT", 8000, range(1, 65536), wrong),
            collect_at=_number(env, "PORTAL_COLLECT_AT", 3, range(24), wrong),
            letterbox_mib=_number(env, "PORTAL_LETTERBOX_MIB", 2048, range(1, 1 << 20), wrong),
            smtp_url=_smtp_url(env, wrong),
            smtp_password_file=_path(env, "PORTAL_SMTP_PASSWORD_FILE"),
            smtp_ca=_path(env, "PORTAL_SMTP_CA"),
            alerts_from=env.get("PORTAL_ALERTS_FROM") or "",
            on_call=_path(env, "PORTAL_ON_CALL"),
            secure_cookies=_yes(env, "PORTAL_SECURE_COOKIES", wrong, default=True),
            demonstration=_yes(env, "PORTAL_DEMONSTRATION", wrong, default=False),
        )
        if settings.demonstration and not _is_loopback(settings.host):
            wrong.append("PORTAL_HOST must be a loopback address in a demonstration")
        if settings.statistics_url == settings.database_url:
            wrong.append("PORTAL_STATISTICS_URL must not be the casework database")
        wrong += _missing_of_alerts(settings)
        if wrong:
            raise SettingsError("; ".join(wrong))
        return settings


def _secret(env: Mapping[str, str], data: Path, wrong: list[str]) -> str:
    named = env.get("PORTAL_SECRET_KEY_FILE")
    path = Path(named) if named else data / "secret.key"
    value = env.get("PORTAL_SECRET_KEY", "")
    if not value and (named or path.exists()):
        try:
            value = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            wrong.append(f"PORTAL_SECRET_KEY_FILE cannot be read: {path}")
            return ""
    if not value:
        wrong.append("PORTAL_SECRET_KEY is not set (`candour init` makes one in PORTAL_DATA)")
    elif len(value) < SHORTEST_SECRET:
        wrong.append(f"PORTAL_SECRET_KEY is shorter than {SHORTEST_SECRET} characters")
    return value


def _path(env: Mapping[str, str], name: str) -> Path | None:
    given = env.get(name)
    return Path(given) if given else None


def _smtp_url(env: Mapping[str, str], wrong: list[str]) -> str:
    given = env.get("PORTAL_SMTP_URL") or ""
    try:
        parts = urlsplit(given)
        unfit = parts.scheme not in SMTP_SCHEMES or not parts.hostname or parts.port == 0
        says_more = bool(parts.password or parts.path or parts.query or parts.fragment)
    except ValueError:
        unfit, says_more = True, False
    if given and (unfit or says_more):
        # Not the value: somebody may have put the password into it.
        wrong.append("PORTAL_SMTP_URL must be smtps://user@host:port or smtp+starttls://…")
        return ""
    return given


def _missing_of_alerts(settings: "Settings") -> list[str]:
    if not settings.alerts:
        return []
    wrong = [
        f"{name} is not set, and PORTAL_SMTP_URL is"
        for name, value in (
            ("PORTAL_ALERTS_FROM", settings.alerts_from),
            ("PORTAL_ON_CALL", settings.on_call),
        )
        if not value
    ]
    for name, file in (
        ("PORTAL_SMTP_PASSWORD_FILE", settings.smtp_password_file),
        ("PORTAL_SMTP_CA", settings.smtp_ca),
        ("PORTAL_ON_CALL", settings.on_call),
    ):
        if file is not None and not os.access(file, os.R_OK):
            wrong.append(f"{name} cannot be read: {file}")
    return wrong


def _surface(env: Mapping[str, str], wrong: list[str]) -> Surface:
    given = env.get("PORTAL_SURFACES") or "all"
    if given not in {member.value for member in Surface}:
        wrong.append("PORTAL_SURFACES must be reporter, staff or all")
        return Surface.ALL
    return Surface(given)


def _number(
    env: Mapping[str, str], name: str, default: int, allowed: range, wrong: list[str]
) -> int:
    given = env.get(name)
    if not given:
        return default
    if not (given.isascii() and given.isdigit()) or int(given) not in allowed:
        wrong.append(f"{name} must be a whole number from {allowed[0]} to {allowed[-1]}")
        return default
    return int(given)


def _yes(env: Mapping[str, str], name: str, wrong: list[str], *, default: bool) -> bool:
    given = env.get(name)
    if not given:
        return default
    if given not in {"yes", "no"}:
        wrong.append(f"{name} must be yes or no")
    return given == "yes"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
