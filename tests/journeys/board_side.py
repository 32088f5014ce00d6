"""The board's side of a running portal: its people, three invented years, two public plans."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.cli import demo_plans, demo_releases
from app.cli.setting_up import mark_witness
from app.database import open_database
from app.envelope.custody import make_custody
from app.envelope.member_keys import MemberKey
from app.freeze.stores import CUSTODY_FILE
from app.identity import service as identity
from app.identity.domain import Role, StaffId, StaffMember
from app.work import Work, begin
from tests.journeys.running import PASSWORD, RunningPortal
from tests.people import CUSTODIANS

# Who is what, and of which office.
PEOPLE = {
    "lena": (Role.INTEGRITY_LEAD, None),
    "lara": (Role.INTEGRITY_LEAD, None),
    "hugo": (Role.PLAN_OWNER, "hr"),
    "bea": (Role.BOARD_MEMBER, None),
    "bella": (Role.BOARD_MEMBER, None),
    "omar": (Role.POLICING_OBSERVER, None),
    "oscar": (Role.POLICING_OBSERVER, None),
}
NAMES = {
    "lena": "Lena Hart",
    "hugo": "Hugo Reyes",
    "bea": "Bea Castle",
    "omar": "Omar Nasser",
    "carol": "Carol Boyd",
    "cyril": "Cyril Ames",
}


def enrol(
    portal: RunningPortal,
    name: str,
    role: Role,
    *,
    office: str | None = None,
    key: MemberKey | None = None,
) -> None:
    """Open an account for somebody who is on no desk."""
    database = open_database(portal.settings.database_url)
    with begin(database) as work:
        portal.codes[name] = identity.enrol(
            work,
            id=name,
            name=NAMES.get(name, name.title()),
            role=role,
            desk=None,
            office=office,
            key=key,
            password=PASSWORD.format(name),
            secret_key=portal.settings.secret_key,
        )
    database.engine.dispose()


def give_into_custody(portal: RunningPortal) -> None:
    """Give the identity that opens slips to the custodians, and open their accounts."""
    people = portal.people
    recipients = {name: people.keys[name].recipient for name in CUSTODIANS}
    copies = make_custody(people.statistics, recipients)
    portal.settings.keyring.with_name(CUSTODY_FILE).write_bytes(copies.to_bytes())
    mark_witness(portal.settings)
    for name in CUSTODIANS:
        enrol(portal, name, Role.CUSTODIAN, key=people.keys[name])


def furnish(portal: RunningPortal, *names: str) -> None:
    """Publish three invented years, load the plans, and open the accounts of `names`."""
    give_into_custody(portal)
    demo_releases.sow(portal.settings, portal.people.statistics.recipient)
    demo_plans.sow(portal.settings)
    for name in names:
        role, office = PEOPLE[name]
        enrol(portal, name, role, office=office)


def staff_member(name: str) -> StaffMember:
    """Return somebody as the services know her."""
    role, office = PEOPLE[name]
    return StaffMember(id=StaffId(name), name=NAMES.get(name, name), role=role, office=office)


@contextmanager
def in_statistics(portal: RunningPortal) -> Iterator[Work]:
    """Work on the statistics database of a portal, as a service does."""
    database = open_database(portal.settings.statistics_url)
    try:
        with begin(database) as work:
            yield work
    finally:
        database.engine.dispose()
