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
LONGEST_NAME = 80  # characters


class Role(enum.Enum):
    """What somebody is to the portal."""

    HANDLER = "handler"
    DESK_HEAD = "desk-head"
    ADMINISTRATOR = "administrator"


class Permission(enum.Enum):
    """What a page asks for."""

    READ_CASES = "read cases"
    WRITE_TO_REPORTERS = "write to reporters"
    SEE_OWN_ACCOUNT = "see own account"
    SEE_SYSTEM = "see system"
    RUN_COLLECTION = "run collection"


# An administrator keeps the machine running and holds no key: nothing here opens an envelope.
GRANTS: dict[Role, frozenset[Permission]] = {
    Role.HANDLER: frozenset(
        {Permission.READ_CASES, Permission.WRITE_TO_REPORTERS, Permission.SEE_OWN_ACCOUNT}
    ),
    Role.DESK_HEAD: frozenset(
        {Permission.READ_CASES, Permission.WRITE_TO_REPORTERS, Permission.SEE_OWN_ACCOUNT}
    ),
    Role.ADMINISTRATOR: frozenset(
        {Permission.SEE_SYSTEM, Permission.RUN_COLLECTION, Permission.SEE_OWN_ACCOUNT}
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    """Somebody with an account, as the rest of the house knows her."""

    id: StaffId
    name: str
    role: Role
    desk: str | None = None

    def may(self, permission: Permission) -> bool:
        """Say whether this person's role has `permission`."""
        return permission in GRANTS[self.role]

    @property
    def holds_key(self) -> bool:
        """Whether this is a member of a desk, who opens envelopes."""
        return self.role is not Role.ADMINISTRATOR


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
