"""Sows the demonstration: staff with keys, and a dozen concerns taken to different stages.

Everything is done by the portal's own services on days that lie behind us, so that a newcomer
sees what a month of use leaves, and nothing that only a demonstration could make.
"""

import json
import os
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from app.cli import demo_plans
from app.cli.demo_concerns import CONCERNS, InventedConcern
from app.cli.demo_people import STAFF, invented_keyring
from app.cli.setting_up import mark_witness
from app.database import Database, open_database
from app.envelope.custody import make_custody
from app.envelope.identities import Identity
from app.envelope.keyring_file import sign_keyring
from app.envelope.member_keys import MemberKey
from app.envelope.receipts import Receipt
from app.envelope.recipients import Recipient
from app.freeze.stores import CUSTODY_FILE
from app.identity import service as identity
from app.identity.domain import Role
from app.keyring import service as keyring_service
from app.keyring.ceremony import make_signer
from app.work import begin, look, system_clock
from config import Settings

PRIVATE_FILE = 0o600
# Receipts a newcomer may try: of a concern with a question, and of one that was closed.
SHOWN = (2, 0)


def sow(settings: Settings) -> None:
    """Make people, keyring and concerns, releases and plans."""
    from app.cli import demo_releases  # a demonstration that is only started again needs it not

    database = open_database(settings.database_url)
    keys = {person.id: MemberKey.generate() for person in STAFF if person.holds_key}
    statistics = Identity.generate()
    _sign_keyring(settings, keys, statistics.recipient)
    _give_into_custody(settings, keys, statistics)
    _enrol(settings, database, keys)
    receipts = _concerns(settings, database, keys)
    demo_releases.sow(settings, statistics.recipient)
    demo_plans.sow(settings)
    words = [" ".join(receipts[place].words) for place in SHOWN]
    _write_private(settings.data / "sown.json", json.dumps({"receipts": words}) + "\n")
    database.engine.dispose()


def current_code(settings: Settings, member: str) -> str:
    """Return the one-time code of an invented member of staff at this moment."""
    database = open_database(settings.database_url)
    with look(database) as work:
        return identity.current_code(work, member, secret_key=settings.secret_key)


def welcome(settings: Settings) -> str:
    """Return what a newcomer needs to look around."""
    address = f"http://{settings.host}:{settings.port}"
    receipts = json.loads((settings.data / "sown.json").read_text(encoding="utf-8"))["receipts"]
    lines = [
        "",
        f"{settings.service_name}: a demonstration. Its people are invented; nothing is protected.",
        "",
        f"  Raise a concern    {address}/",
        f"  Come back to one   {address}/mailbox",
        f"  Staff              {address}/staff/",
        f"  About this demo    {address}/demo   (there you can run a collection at once)",
        "",
        "  Sign in as         with the password          who works as",
        *(
            f"    {person.id:<16} {person.password:<26} {person.works_as}"
            for person in STAFF
            if person.is_introduced
        ),
        "    Everybody else on these desks stands in app/cli/demo_people.py",
        "",
        "  One-time code      .venv/bin/candour demo code amara",
        "",
        "  Two receipts       of a concern that was asked a question, and of one that is closed",
        *(f"    {words}" for words in receipts),
        "",
        "  Control-C stops it. Its data stays for the next time; `make clean` removes it.",
    ]
    return "\n".join(lines)


def _sign_keyring(settings: Settings, keys: dict[str, MemberKey], statistics: Recipient) -> None:
    folder = settings.keyring.parent
    signers = [
        make_signer(folder / f"signer-{number}.key", folder / f"signer-{number}.pub")
        for number in (1, 2)
    ]
    public = "".join(f"{signer.verification_key}\n" for signer in signers)
    settings.keyring_signer.write_text(public, encoding="ascii")
    keyring = invented_keyring(keys, statistics, system_clock().date())
    settings.keyring.write_bytes(sign_keyring(keyring, signers))


def _give_into_custody(
    settings: Settings, keys: dict[str, MemberKey], statistics: Identity
) -> None:
    custodians = {
        person.id: keys[person.id].recipient for person in STAFF if person.role is Role.CUSTODIAN
    }
    copies = make_custody(statistics, custodians).to_bytes()
    _write_private(settings.keyring.with_name(CUSTODY_FILE), copies.decode("ascii"))
    mark_witness(settings)


def _enrol(settings: Settings, database: Database, keys: dict[str, MemberKey]) -> None:
    with begin(database) as work:
        keyring_service.accept(work, keyring_service.KeyringFiles.of(settings))
        for person in STAFF:
            identity.enrol(
                work,
                id=person.id,
                name=person.name,
                role=person.role,
                desk=person.desk,
                office=person.office,
                password=person.password,
                key=keys.get(person.id),
                secret_key=settings.secret_key,
            )


def _concerns(settings: Settings, database: Database, keys: dict[str, MemberKey]) -> list[Receipt]:
    # Loads every room; a demonstration that is only started again does not wait for them.
    from app.cli.demo_past import Past

    past = Past(settings, database, keys)
    told: list[tuple[InventedConcern, Receipt]] = [
        (concern, Receipt.generate()) for concern in CONCERNS
    ]
    for days_ago in range(max(concern.days_ago for concern in CONCERNS), -1, -1):
        today = system_clock().date() - timedelta(days=days_ago)
        past.live_through(datetime.combine(today, time(12), UTC), days_ago, told)
    return [receipt for _, receipt in told]


def _write_private(path: Path, content: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content)
