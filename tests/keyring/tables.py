"""A table at which a keyring is described, signed by one and then by another."""

from datetime import date

from app.keyring import ceremony
from app.keyring.ceremony import next_keyring

TODAY = date(2026, 11, 21)
DESCRIPTION = """
expires_on = 2027-06-30

[[members]]
id = "amara"
name = "Amara"
role = "handler"
public = "amara.key.pub"

[[members]]
id = "helen"
name = "Helen"
role = "desk-head"
public = "helen.key.pub"

[[desks]]
id = "psd"
label = "Professional Standards"
members = ["amara", "helen"]
"""


WITH_CUSTODIANS = (
    DESCRIPTION
    + """
[statistics]
public = "statistics.pub"
custodians = ["carol", "cyril"]
"""
    + "".join(
        f"""
[[members]]
id = "{id}"
name = "{id.title()}"
role = "custodian"
public = "{id}.key.pub"
"""
        for id in ("carol", "cyril")
    )
)


def member_described(name):
    return f"""
[[members]]
id = "{name}"
name = "{name.title()}"
role = "handler"
public = "{name}.key.pub"
"""


def make_signers(table, *names):
    keys = [
        ceremony.make_signer(table / f"{name}.key", table / f"{name}.pub")
        for name in names or ("signer", "second")
    ]
    public = "".join(f"{key.verification_key}\n" for key in keys)
    (table / "signers.pub").write_text(public, encoding="ascii")


def signers(table):
    return ceremony.read_signers(table / "signers.pub")


def signed(table, keyring):
    """Sign a keyring as two people do, one after the other."""
    first, second = (ceremony.read_signer(table / f"{name}.key") for name in ("signer", "second"))
    draft = ceremony.sign(keyring, first, signers(table), table / "draft.json")
    return ceremony.sign_second(draft, second, signers(table), table / "keyring.json")


def described(table, text=DESCRIPTION, previous=None):
    (table / "desks.toml").write_text(text, encoding="utf-8")
    return next_keyring(table / "desks.toml", previous, signers(table), TODAY)
