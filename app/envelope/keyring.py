"""The keyring: who may read at which desk today, signed; recipients come from nowhere else.

Source: docs/envelope-spec.md, section 7.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from app.envelope.errors import KeyringError
from app.envelope.identifiers import REPORTER, is_identifier
from app.envelope.recipients import Recipient
from app.envelope.signing import VerificationKey

MOST_ON_A_DESK = 15
# Two of them unlock the statistics together, so two are the least; every pair has sealed copies
# of its own, so there are not many.
FEWEST_CUSTODIANS = 2
MOST_CUSTODIANS = 7


class Role(StrEnum):
    """What a member may do: on a desk, or as a custodian of the statistics and on none."""

    HANDLER = "handler"
    DESK_HEAD = "desk-head"
    CUSTODIAN = "custodian"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody who reads today. `name` is as a reporter may see it."""

    id: str
    name: str
    role: Role
    recipient: Recipient
    verification_key: VerificationKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """Somebody who left. Their letters still verify; nothing is sealed to them."""

    id: str
    name: str
    verification_key: VerificationKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Who reads together: the ids of 1 to 15 members."""

    id: str
    label: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Whom slips are sealed to, and the ids of those who unlock that identity two together."""

    recipient: Recipient
    custodians: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """The list of everybody who may read, as it was signed.

    Raises:
        KeyringError: if its parts do not fit together.
    """

    serial: int
    issued_on: date
    expires_on: date
    members: tuple[Member, ...]
    former: tuple[Former, ...] = ()
    desks: tuple[Desk, ...]
    # Without it this portal keeps no statistics: no slip is written.
    statistics: Statistics | None = None
    # By desk, where a concern goes if too few are left there; it replaces the routing table's.
    fall_through: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _refuse_unfit(self)

    def desk(self, desk: str) -> Desk:
        """Return the desk with this id, or raise KeyringError."""
        for known in self.desks:
            if known.id == desk:
                return known
        raise KeyringError("the keyring has no such desk")

    def member(self, member: str) -> Member:
        """Return the member with this id, or raise KeyringError."""
        for known in self.members:
            if known.id == member:
                return known
        raise KeyringError("the keyring has no such member")

    def recipients_for(self, desk: str, left_out: Collection[str] = ()) -> list[Member]:
        """Return the members of `desk` who may read a concern, sorted by id.

        Args:
            desk: the desk's id.
            left_out: ids of members of that desk whom the reporter left out.

        Raises:
            KeyringError: if there is no such desk, if somebody left out is not on it (a list made
                for another desk would leave out nobody), or if nobody is left to read.
        """
        on_desk = set(self.desk(desk).members)
        if not on_desk.issuperset(left_out):
            raise KeyringError("somebody left out is not on this desk")
        chosen = sorted(on_desk.difference(left_out))
        if not chosen:
            raise KeyringError("nobody on this desk is left to read")
        return [self.member(member) for member in chosen]

    def verification_keys(self) -> dict[str, VerificationKey]:
        """Return by id the keys of everybody who signs for a desk, or did."""
        # A custodian writes to no reporter: no letter verifies by her key.
        signing = [member for member in self.members if member.role is not Role.CUSTODIAN]
        people: tuple[Member | Former, ...] = (*signing, *self.former)
        return {person.id: person.verification_key for person in people}


def check_dates(keyring: Keyring, today: date) -> None:
    """Check that `keyring` is valid on the day `today`, its first and last included.

    Raises:
        KeyringError: if it is not valid yet, or no longer.
    """
    if today < keyring.issued_on:
        raise KeyringError(f"keyring {keyring.serial} is not valid before {keyring.issued_on}")
    if today > keyring.expires_on:
        raise KeyringError(f"keyring {keyring.serial} expired on {keyring.expires_on}")


def check_succession(keyring: Keyring, digest: str, *, seen_serial: int, seen_digest: str) -> None:
    """Check that `keyring` does not go back behind one that was seen.

    An old keyring is signed as well as the new one, and still has those who were taken off.

    Args:
        keyring: the one that was just parsed.
        digest: `keyring_digest` of its bytes.
        seen_serial: the highest serial so far; 0 if none was seen.
        seen_digest: the digest kept with it.

    Raises:
        KeyringError: if the serial is lower, or the same for other bytes.
    """
    if keyring.serial < seen_serial:
        raise KeyringError(f"keyring {keyring.serial} is older than {seen_serial}, seen before")
    if keyring.serial == seen_serial and digest != seen_digest:
        raise KeyringError(f"there are two keyrings with the serial {seen_serial}")


def _refuse_unfit(keyring: Keyring) -> None:
    people: tuple[Member | Former, ...] = (*keyring.members, *keyring.former)
    on_desks = [member for desk in keyring.desks for member in desk.members]
    # Over former members too: a letter is verified by its author's id, so an id has one key.
    _refuse_twice((person.id for person in people), "an id")
    _refuse_twice((person.verification_key for person in people), "a verification key")
    _refuse_twice((member.recipient for member in keyring.members), "a recipient")
    _refuse_twice((desk.id for desk in keyring.desks), "a desk")
    _refuse_twice(on_desks, "a member of a desk")
    _refuse_unfit_ids(keyring)
    if not {member.id for member in keyring.members}.issuperset(on_desks):
        raise KeyringError("a desk has somebody who is not among the members")
    if not all(1 <= len(desk.members) <= MOST_ON_A_DESK for desk in keyring.desks):
        raise KeyringError(f"a desk has 1 to {MOST_ON_A_DESK} members")
    _refuse_unfit_custody(keyring, set(on_desks))
    _refuse_unfit_fall_through(keyring.fall_through)
    if keyring.serial < 1 or keyring.expires_on < keyring.issued_on:
        raise KeyringError("the keyring's serial or dates are not in order")


def _refuse_unfit_fall_through(fall_through: Mapping[str, tuple[str, ...]]) -> None:
    # Desks of the routing table, which need not be in this keyring: a vacant one falls too.
    for desk, falls in fall_through.items():
        _refuse_twice((desk, *falls), "in a fall-through, a desk")
        if not all(map(is_identifier, (desk, *falls))):
            raise KeyringError("a fall-through has an id that is not one")


def _refuse_unfit_custody(keyring: Keyring, on_desks: set[str]) -> None:
    appointed = {member.id for member in keyring.members if member.role is Role.CUSTODIAN}
    if appointed & on_desks:
        raise KeyringError("a custodian is on a desk")
    listed = () if keyring.statistics is None else keyring.statistics.custodians
    _refuse_twice(listed, "a custodian")
    if appointed != set(listed):
        raise KeyringError("the custodians are not the members with that role")
    if keyring.statistics is None:
        return
    if not FEWEST_CUSTODIANS <= len(listed) <= MOST_CUSTODIANS:
        raise KeyringError(f"there are {FEWEST_CUSTODIANS} to {MOST_CUSTODIANS} custodians")
    # Whoever held that identity alone would open slips alone.
    if any(member.recipient == keyring.statistics.recipient for member in keyring.members):
        raise KeyringError("the statistics' recipient is a member's")


def _refuse_unfit_ids(keyring: Keyring) -> None:
    named: tuple[Member | Former | Desk, ...] = (
        *keyring.members,
        *keyring.former,
        *keyring.desks,
    )
    ids = [item.id for item in named]
    if not all(map(is_identifier, ids)):
        raise KeyringError("an id in the keyring is not one")
    # Letters tell a reporter's from a member's by the author.
    if REPORTER in ids:
        raise KeyringError(f"nobody in the keyring may be called {REPORTER}")


def _refuse_twice(values: Iterable[Hashable], what: str) -> None:
    listed = list(values)
    if len(set(listed)) != len(listed):
        raise KeyringError(f"{what} stands twice in the keyring")
