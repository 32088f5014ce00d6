"""A table at which keys were made."""

import pytest

from app.envelope.identities import Identity
from app.keyring import ceremony
from tests.keyring.tables import (
    DESCRIPTION,
    make_signers,
)


@pytest.fixture
def table(tmp_path):
    """A table at which keys were made and a description was written."""
    for name in ("amara", "helen"):
        ceremony.make_member(tmp_path / f"{name}.key")
    make_signers(tmp_path)
    (tmp_path / "desks.toml").write_text(DESCRIPTION, encoding="utf-8")
    return tmp_path


@pytest.fixture
def with_custodians(table):
    for name in ("carol", "cyril"):
        ceremony.make_member(table / f"{name}.key")
    identity = Identity.generate()
    text = f'recipient = "{identity.recipient}"\n'
    (table / "statistics.pub").write_text(text, encoding="ascii")
    return identity
