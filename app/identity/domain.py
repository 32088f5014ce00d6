"""Roles, what each may do, when a session ends, and when an account is locked."""

import enum
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NewType

StaffId = NewType("StaffId", str)

IDLE_LOCK = timedelta(minutes=15)
LONGEST_SESSION = timedelta(hours=8)
# Often enough for the idle lock, and a write of the database a minute instead of a page.
SEEN_EVERY = timedelta(minutes=1)
FAILURES_BEFORE_LOCK = 5
LOCKED_FOR = timedelta(minutes=15)
ID = re.compile(r"[a-z][a-z0-9-]{1,30}", re.ASCII)
OFFICE = re.compile(r"[a-z][a-z0-9-]{1,47}", re.ASCII)
LONGEST_NAME = 80  # characters


class Role(enum.Enum):
    """What somebody is to the portal."""

    HANDLER = "handler"
    DESK_HEAD = "desk-head"
    ADMINISTRATOR = "administrator"
    INTEGRITY_LEAD = "integrity-lead"
    PLAN_OWNER = "plan-owner"
    BOARD_MEMBER = "board-member"
    POLICING_OBSERVER = "policing-observer"
    CUSTODIAN = "custodian"


# As a page says it.
ROLE_NAMES = {
    Role.HANDLER: "Handler",
    Role.DESK_HEAD: "Desk head",
    Role.ADMINISTRATOR: "Administrator",
    Role.INTEGRITY_LEAD: "Integrity lead",
    Role.PLAN_OWNER: "Plan owner",
    Role.BOARD_MEMBER: "Board member",
    Role.POLICING_OBSERVER: "Observer of the local policing body",
    Role.CUSTODIAN: "Custodian of the statistics",
}
ON_A_DESK = frozenset({Role.HANDLER, Role.DESK_HEAD})
# Their public keys stand in the keyring: what these accounts are is signed, and checked.
IN_KEYRING = ON_A_DESK | {Role.CUSTODIAN}


class Permission(enum.Enum):
    """What a page asks for."""

    READ_CASES = "read cases"
    WRITE_TO_REPORTERS = "write to reporters"
    SHARE_CASES = "share cases"
    SEE_OWN_ACCOUNT = "see own account"
    SEE_SYSTEM = "see system"
    RUN_COLLECTION = "run collection"
    SEE_TRENDS = "see trends"
    SEE_PLAN = "see plan"
    EDIT_PLAN = "edit plan"
    UPDATE_OWN_ACTIONS = "update own actions"
    EXPORT = "export"
    SEE_FREEZES = "see freezes"
    PROPOSE_FREEZE = "propose freeze"
    APPROVE_FREEZE = "approve freeze"
    PROPOSE_WITHDRAWAL = "propose withdrawal"
    APPROVE_WITHDRAWAL = "approve withdrawal"


_DESK = frozenset({Permission.READ_CASES, Permission.WRITE_TO_REPORTERS})
_BOARD = frozenset({Permission.SEE_TRENDS, Permission.SEE_PLAN, Permission.EXPORT})

# Three sides that never meet in one role: a desk reads cases and no board page; the board reads
# published numbers and no case; an administrator keeps the machine running and sees neither.
GRANTS: dict[Role, frozenset[Permission]] = {
    role: grants | {Permission.SEE_OWN_ACCOUNT}
    for role, grants in {
        Role.HANDLER: _DESK,
        # What leaves a desk leaves it by the hand of its head.
        Role.DESK_HEAD: _DESK | {Permission.SHARE_CASES},
        # Holds no key: nothing here opens an envelope.
        Role.ADMINISTRATOR: frozenset({Permission.SEE_SYSTEM, Permission.RUN_COLLECTION}),
        Role.INTEGRITY_LEAD: _BOARD
        | {
            Permission.EDIT_PLAN,
            Permission.SEE_FREEZES,
            Permission.PROPOSE_WITHDRAWAL,
            Permission.APPROVE_WITHDRAWAL,
        },
        Role.PLAN_OWNER: frozenset(
            {Permission.SEE_TRENDS, Permission.SEE_PLAN, Permission.UPDATE_OWN_ACTIONS}
        ),
        Role.BOARD_MEMBER: _BOARD,
        Role.POLICING_OBSERVER: _BOARD,
        # Holds a key that opens no case: hers opens the statistics, and only with another's.
        Role.CUSTODIAN: frozenset(
            {
                Permission.SEE_TRENDS,
                Permission.SEE_FREEZES,
                Permission.PROPOSE_FREEZE,
                Permission.APPROVE_FREEZE,
                Permission.PROPOSE_WITHDRAWAL,
                Permission.APPROVE_WITHDRAWAL,
            }
        ),
    }.items()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    """Somebody with an account, as the rest of the house knows her."""

    id: StaffId
    name: str
    role: Role
    desk: str | None = None
    # Whose actions of the Integrity Plan are hers to update.
    office: str | None = None

    def may(self, permission: Permission) -> bool:
        """Say whether this person's role has `permission`."""
        return permission in GRANTS[self.role]

    @property
    def holds_key(self) -> bool:
        """Whether her member key stands in the keyring: she opens envelopes of some kind."""
        return self.role in IN_KEYRING

    @property
    def is_on_a_desk(self) -> bool:
        """Whether this is a member of a desk, who reads cases."""
        return self.role in ON_A_DESK

    @property
    def is_placed(self) -> bool:
        """Whether she has a desk if her role is on one, and an office if her role is of one."""
        has_place = (self.desk is not None) == self.is_on_a_desk
        has_office = (self.office is not None) == (self.role is Role.PLAN_OWNER)
        return has_place and has_office and (self.office is None or is_office(self.office))


def is_office(text: str) -> bool:
    """Say whether `text` may be the id of an office that owns actions of a plan."""
    return OFFICE.fullmatch(text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account as it is stored."""

    member: StaffMember
    salt: bytes = field(repr=False)
    login_hash: bytes = field(repr=False)
    totp_sealed: bytes = field(repr=False)
    totp_last_step: int = 0
    slot: bytes | None = field(default=None, repr=False)
    recipient: bytes | None = field(default=None, repr=False)
    verification_key: bytes | None = field(default=None, repr=False)
    failures: int = 0
    locked_until: datetime | None = None

    def is_locked(self, now: datetime) -> bool:
        """Say whether sign-ins are refused at `now`, whatever is typed."""
        return self.locked_until is not None and now < self.locked_until


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffSession:
    """A signed-in session as it is stored. The key in it opens with the cookie's token alone."""

    id: bytes = field(repr=False)
    member: StaffMember
    sealed_key: bytes | None = field(default=None, repr=False)
    started_at: datetime
    seen_at: datetime

    def has_ended(self, now: datetime) -> bool:
        """Say whether the session was idle or open for too long at `now`."""
        return now - self.seen_at > IDLE_LOCK or now - self.started_at > LONGEST_SESSION

    def wants_touch(self, now: datetime) -> bool:
        """Say whether the last page is long enough ago to be worth a write."""
        return now - self.seen_at >= SEEN_EVERY
