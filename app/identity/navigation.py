"""Where each role begins, and the parts of the staff side that a role may open.

Pages are named by their endpoints: the rooms they are in stand above this one. A part that a
process does not serve is not shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import current_app, request, url_for

from app.identity.domain import Permission, Role, StaffMember

ACCOUNT = "identity.show_account"

# The page a sign-in leads to.
FRONT_PAGES: dict[Role, str] = {
    Role.HANDLER: "casework.show_inbox",
    Role.DESK_HEAD: "casework.show_inbox",
    Role.ADMINISTRATOR: "identity.show_system",
    Role.INTEGRITY_LEAD: "plan.show_front",
    Role.PLAN_OWNER: "plan.show_front",
    Role.BOARD_MEMBER: "trends.show_front",
    Role.POLICING_OBSERVER: "trends.show_front",
    Role.CUSTODIAN: "freeze.show_front",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the staff side, by the page it begins with."""

    label: str
    endpoint: str
    permission: Permission


PARTS = (
    Part("Cases", "casework.show_inbox", Permission.READ_CASES),
    Part("My work", "worklists.show_work", Permission.READ_CASES),
    Part("Trends", "trends.show_front", Permission.SEE_TRENDS),
    Part("Integrity Plan", "plan.show_front", Permission.SEE_PLAN),
    Part("Releases", "freeze.show_front", Permission.SEE_FREEZES),
    Part("System", "identity.show_system", Permission.SEE_SYSTEM),
)


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the navigation; `here` if the page shown is in the part it leads to."""

    label: str
    href: str
    here: bool


def front_page(member: StaffMember) -> str:
    """Return the address of the page that `member` begins with."""
    endpoint = FRONT_PAGES[member.role]
    return url_for(endpoint if _is_served(endpoint) else ACCOUNT)


def links(member: StaffMember) -> Iterator[Link]:
    """Yield the parts that `member` may open. Depends on the role and on nothing else."""
    for part in PARTS:
        if member.may(part.permission) and _is_served(part.endpoint):
            here = part.endpoint.partition(".")[0] == (request.blueprint or "")
            yield Link(part.label, url_for(part.endpoint), here)


def _is_served(endpoint: str) -> bool:
    return endpoint in current_app.view_functions
