"""The statistics' identity, made and copied for its custodians on a machine without a network.

It is never written in clear: made, sealed for every ordered pair, and forgotten in one run. The
steps are in keys/README.md.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from app.envelope.custody import LONGEST, Custody, make_custody, open_first, open_second
from app.envelope.errors import KeyringError
from app.envelope.identifiers import is_identifier
from app.envelope.identities import Identity
from app.envelope.keyring import MOST_CUSTODIANS
from app.envelope.member_keys import MemberKey
from app.envelope.recipients import Recipient
from app.keyring.ceremony import UnfitDescription, public_half_of, replace_file, write_private


def read_custodians(named: Mapping[str, Path]) -> dict[str, Recipient]:
    """Return the custodians' recipients by id, from the public halves of their keys.

    Raises:
        UnfitDescription: if a file is not a public half, or there are too many custodians.
        KeyringError: if an id is not one.
    """
    if len(named) > MOST_CUSTODIANS:
        raise UnfitDescription(f"there are {MOST_CUSTODIANS} custodians at most")
    if not all(map(is_identifier, named)):
        raise KeyringError("an id of a custodian is not one")
    return {id: _recipient(path) for id, path in named.items()}


def make_statistics(copies: Path, custodians: Mapping[str, Recipient]) -> Recipient:
    """Make an identity, write its copies and its public half, and return its recipient.

    Raises:
        CustodyError: if there are fewer than two custodians.
        FileExistsError: if either file is there: slips may be sealed to what it holds.
    """
    public = public_half_of(copies)
    if public.exists():
        raise FileExistsError(17, "File exists", str(public))
    custody = make_custody(Identity.generate(), custodians)
    write_private(copies, custody.to_bytes().decode("ascii"))
    public.write_text(f'recipient = "{custody.recipient}"\n', encoding="ascii")
    return custody.recipient


def renew_copies(
    copies: Path,
    custodians: Mapping[str, Recipient],
    *,
    first: tuple[str, MemberKey],
    second: tuple[str, MemberKey],
) -> Recipient:
    """Copy the identity anew for other custodians, with two of the present ones together.

    The identity stays, and with it every slip that waits. Who was a custodian can still open an
    old file of copies with another's help: where that is not acceptable, make a new identity.

    Raises:
        CustodyError: if the two cannot open it.
    """
    with copies.open("rb") as file:
        standing = Custody.parse(file.read(LONGEST + 1))
    opened = open_first(standing, first[0], first[1].identity)
    identity = open_second(opened.get(second[0], b""), second[1].identity, standing.recipient)
    replace_file(copies, make_custody(identity, custodians).to_bytes())
    return identity.recipient


def _recipient(path: Path) -> Recipient:
    try:
        with path.open("rb") as file:
            return Recipient.parse(str(tomllib.load(file)["recipient"]))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError) as error:
        raise UnfitDescription(f"{path.name} is not the public half of a key") from error
