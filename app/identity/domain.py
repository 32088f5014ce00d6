"""Roles, what each may do, and when a session ends."""

import enum
from dataclasses import dataclass
from datetime import timedelta
from typing import NewType

StaffId = NewType("StaffId", str)

IDLE_LOCK = timedelta(minutes=15)
LONGEST_SESSION = timedelta(hours=8)


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
