"""The key ceremony: member keys, signers' keys, and the next keyring from a description.

Needs no database and no network: it belongs on a machine that has neither. The server's own
reading of a keyring is in `service.py` and reaches nothing here.
"""

import os
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from app.envelope import bech32
from app.envelope.errors import EnvelopeError, KeyringError
from app.envelope.keyring import Desk, Former, Keyring, Member, Role, Statistics
from app.envelope.keyring_file import (
    LONGEST_KEYRING,
    countersign,
    parse_keyring,
    parse_signers,
    read_draft,
    sign_keyring,
)
from app.envelope.member_keys import LONGEST_TEXT, MemberKey
from app.envelope.recipients import Recipient
from app.envelope.signing import SigningKey, VerificationKey

SIGNER_PREFIX = "candour-keyring-signer-"
PRIVATE_FILE = 0o600
SHOWN_OF_FINGERPRINT = 8  # bytes; enough for two people to read to each other


class UnfitDescription(Exception):
    """The description of a keyring does not describe one; says what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What the next keyring changes, for the two people who look at it before it is signed."""

    serial: int
    added: tuple[str, ...]
    left: tuple[str, ...]
    moved: tuple[str, ...]
    dissolved: tuple[str, ...]
    other_ways: tuple[str, ...]


def write_private(path: Path, text: str) -> None:
    """Write a private file, mode 0600, where none was.

    Raises:
        FileExistsError: if there is one: a private key is never overwritten.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, PRIVATE_FILE)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        # The mode given to open is cut by the umask and never widened by it; say it again.
        os.fchmod(file.fileno(), PRIVATE_FILE)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def replace_file(path: Path, content: bytes) -> None:
    """Put `content` where `path` is, whole or not at all, power cut or not."""
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def make_member(path: Path) -> MemberKey:
    """Make a member key, write it to `path` and its public half beside it, and return it.

    Raises:
        FileExistsError: if either file is there.
    """
    public = public_half_of(path)
    if public.exists():
        raise FileExistsError(17, "File exists", str(public))
    key = MemberKey.generate()
    write_private(path, key.to_text())
    public.write_text(public_text(key), encoding="ascii")
    return key


def public_half_of(path: Path) -> Path:
    """Return where the public half of the key file `path` lies."""
    return path.with_name(f"{path.name}.pub")


def public_text(key: MemberKey) -> str:
    """Return the public half as a description of a keyring takes it."""
    return f'recipient = "{key.recipient}"\nverification_key = "{key.verification_key}"\n'


def read_member(path: Path) -> MemberKey:
    """Return the member key in a key file.

    Raises:
        EnvelopeError: if it holds none.
        OSError: if it cannot be read.
    """
    with path.open(encoding="ascii", errors="replace") as file:
        return MemberKey.parse(file.read(LONGEST_TEXT + 1))


def make_signer(path: Path, public: Path) -> SigningKey:
    """Make a keyring signer's key, write both halves, and return it.

    Raises:
        FileExistsError: if either file is there.
    """
    if public.exists():
        raise FileExistsError(17, "File exists", str(public))
    key = SigningKey.generate()
    write_private(path, bech32.encode(SIGNER_PREFIX, key.seed).upper() + "\n")
    public.write_text(f"{key.verification_key}\n", encoding="ascii")
    return key


def read_signers(path: Path) -> tuple[VerificationKey, ...]:
    """Return the public halves of those who may sign keyrings, as servers have them.

    Raises:
        EnvelopeError: if the file does not hold two to seven of them.
        OSError: if it cannot be read.
    """
    with path.open(encoding="ascii", errors="replace") as file:
        return parse_signers(file.read(LONGEST_TEXT))


def read_signer(path: Path) -> SigningKey:
    """Return a keyring signer's key.

    Raises:
        EnvelopeError: if the file holds none. A member's signing key is not one.
        OSError: if it cannot be read.
    """
    with path.open(encoding="ascii", errors="replace") as file:
        return SigningKey(bech32.decode(SIGNER_PREFIX, file.read(LONGEST_TEXT).strip()))


def next_keyring(
    description: Path,
    previous: bytes | None,
    signers: Collection[VerificationKey],
    today: date,
) -> Keyring:
    """Return the keyring that `description` (TOML, see keys/README.md) asks for.

    Its serial is one more than that of `previous`, the bytes of the keyring before it. Whoever
    was on a desk in that one and is not in this one becomes former, so that her letters still
    verify; a custodian wrote none.

    Raises:
        UnfitDescription: if the description is not one, or an id would change its key.
        KeyringError: if `previous` is not signed by two of `signers`.
    """
    before = None if previous is None else parse_keyring(previous, signers)
    said = _read_toml(description)
    try:
        members = tuple(_member(one, description.parent) for one in said.pop("members"))
        keyring = Keyring(
            serial=1 if before is None else before.serial + 1,
            issued_on=_day(said.pop("issued_on", today)),
            expires_on=_day(said.pop("expires_on")),
            members=members,
            former=_former(before, members),
            desks=tuple(_desk(one) for one in said.pop("desks")),
            statistics=_statistics(said.pop("statistics", None), description.parent),
            fall_through=_fall_through(said.pop("fall_through", {})),
        )
    except KeyError as error:
        raise UnfitDescription(f"{error.args[0]} is missing") from None
    except (TypeError, AttributeError, ValueError, OSError, EnvelopeError) as error:
        raise UnfitDescription(str(error)) from error
    if said:
        raise UnfitDescription(f"nothing is called {min(said)}")
    return keyring


def check_succession(before: Keyring | None, after: Keyring, dissolved: Collection[str]) -> None:
    """Check that `after` may follow `before`: a desk keeps somebody who can read what it has.

    What lies on a desk is opened for a new member by one who could read it before. A desk whose
    readers all went at once would leave its cases to nobody.

    Args:
        before: the keyring that stands, if there is one.
        after: the next.
        dissolved: desks that two people mean to be gone.

    Raises:
        UnfitDescription: if the serial does not follow, or a desk would lose its last reader.
    """
    if after.serial != (1 if before is None else before.serial + 1):
        raise UnfitDescription(f"serial {after.serial} does not follow the keyring before it")
    stays = {desk.id: set(desk.members) for desk in after.desks}
    for desk in () if before is None else before.desks:
        if desk.id in dissolved and desk.id not in stays:
            continue
        if not stays.get(desk.id, set()) & set(desk.members):
            raise UnfitDescription(
                f"{desk.id} would lose its last reader: keep one until others can read"
            )


def sign(
    keyring: Keyring, signer: SigningKey, signers: Collection[VerificationKey], output: Path
) -> bytes:
    """Sign `keyring` as the first of two, put the draft at `output`, and return its bytes.

    Raises:
        KeyringError: if `signer` is none of `signers`.
    """
    content = sign_keyring(keyring, [signer])
    # What the second would be told of it is said here, where it can still be mended.
    read_draft(content, signers)
    replace_file(output, content)
    return content


def sign_second(
    draft: bytes, signer: SigningKey, signers: Collection[VerificationKey], output: Path
) -> bytes:
    """Sign a draft as the second, put the keyring at `output` by rename, and return its bytes.

    Raises:
        KeyringError: if it is no draft, or the first signature is `signer`'s own.
    """
    content = countersign(draft, signer, signers)
    parse_keyring(content, signers)
    replace_file(output, content)
    return content


def read_bytes(path: Path) -> bytes | None:
    """Return the bytes of a keyring file, or None if there is none."""
    try:
        with path.open("rb") as file:
            return file.read(LONGEST_KEYRING + 1)
    except FileNotFoundError:
        return None


def change(before: Keyring | None, after: Keyring) -> Change:
    """Return who was added, left or changed desk or role, and which desks end or fall otherwise."""
    was, now = _posts(before), _posts(after)
    desks = {desk.id for desk in after.desks}
    falls = {} if before is None else before.fall_through
    return Change(
        serial=after.serial,
        added=tuple(sorted(now.keys() - was.keys())),
        left=tuple(sorted(was.keys() - now.keys())),
        moved=tuple(sorted(id for id in now.keys() & was.keys() if now[id] != was[id])),
        dissolved=tuple(
            desk.id for desk in (() if before is None else before.desks) if desk.id not in desks
        ),
        other_ways=tuple(
            sorted(
                desk
                for desk in falls.keys() | after.fall_through.keys()
                if falls.get(desk) != after.fall_through.get(desk)
            )
        ),
    )


def fingerprint(raw: bytes) -> str:
    """Return a short form of a public key for two people to read to each other."""
    shown = sha256(raw).hexdigest()[: 2 * SHOWN_OF_FINGERPRINT]
    return " ".join(shown[start : start + 4] for start in range(0, len(shown), 4))


def _posts(keyring: Keyring | None) -> dict[str, tuple[str, Role]]:
    if keyring is None:
        return {}
    roles = {member.id: member.role for member in keyring.members}
    posts = {id: (desk.id, roles[id]) for desk in keyring.desks for id in desk.members}
    custodians = () if keyring.statistics is None else keyring.statistics.custodians
    return posts | {id: ("", roles[id]) for id in custodians}


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UnfitDescription(f"{path.name} is not TOML: {error}") from error
    except OSError as error:
        raise UnfitDescription(f"{path.name}: {error.strerror}") from error


def _member(said: Mapping[str, Any], folder: Path) -> Member:
    public = said
    if "public" in said:
        public = _read_toml(folder / str(said["public"]))
    _only(said, {"id", "name", "role", "public", "recipient", "verification_key"})
    return Member(
        id=str(said["id"]),
        name=str(said["name"]),
        role=Role(said["role"]),
        recipient=Recipient.parse(str(public["recipient"])),
        verification_key=VerificationKey.parse(str(public["verification_key"])),
    )


def _desk(said: Mapping[str, Any]) -> Desk:
    _only(said, {"id", "label", "members"})
    return Desk(id=str(said["id"]), label=str(said["label"]), members=tuple(said["members"]))


def _fall_through(said: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {str(desk): tuple(map(str, falls)) for desk, falls in said.items()}


def _statistics(said: Mapping[str, Any] | None, folder: Path) -> Statistics | None:
    if said is None:
        return None
    public = said if "recipient" in said else _read_toml(folder / str(said["public"]))
    _only(said, {"public", "recipient", "custodians"})
    return Statistics(
        recipient=Recipient.parse(str(public["recipient"])), custodians=tuple(said["custodians"])
    )


def _only(said: Mapping[str, Any], known: set[str]) -> None:
    if unknown := set(said) - known:
        raise UnfitDescription(f"nothing is called {min(unknown)}")


def _day(said: object) -> date:
    day = date.fromisoformat(said) if isinstance(said, str) else said
    if type(day) is not date:
        raise UnfitDescription("a day is written 2027-06-30")
    return day


def _former(before: Keyring | None, members: tuple[Member, ...]) -> tuple[Former, ...]:
    if before is None:
        return ()
    keys = {member.id: member.verification_key for member in members}
    custodians = {member.id for member in members if member.role is Role.CUSTODIAN}
    left = [
        Former(id=member.id, name=member.name, verification_key=member.verification_key)
        for member in before.members
        if member.id not in keys and member.role is not Role.CUSTODIAN
    ]
    for member in before.members:
        if member.id in keys and (member.role is Role.CUSTODIAN) != (member.id in custodians):
            raise KeyringError(f"{member.id} changes sides: that takes a new key and a new id")
        # Letters are verified by their author's id: another key under it would disown them.
        if keys.get(member.id, member.verification_key) != member.verification_key:
            raise KeyringError(f"{member.id} has another key: a new key goes with a new id")
    return (*before.former, *left)
