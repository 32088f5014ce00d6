"""Plans loaded into the statistics database, and people who may do different things with them."""

from dataclasses import dataclass

import pytest

from app.identity.domain import Role, StaffMember
from app.plan import loading
from app.plan.starting import starting_plan
from app.work import begin, look

LEAD = StaffMember(id="ines", name="Ines Lead", role=Role.INTEGRITY_LEAD)
OTHER_LEAD = StaffMember(id="otto", name="Otto Lead", role=Role.INTEGRITY_LEAD)
HR = StaffMember(id="hugo", name="Hugo Owner", role=Role.PLAN_OWNER, office="hr")
BOARD = StaffMember(id="bea", name="Bea Board", role=Role.BOARD_MEMBER)


@dataclass
class Plans:
    """The statistics database, and units of work on it."""

    statistics: object
    clock: object

    def begin(self):
        return begin(self.statistics, self.clock)

    def look(self):
        return look(self.statistics, self.clock)

    def load(self, name):
        with self.begin() as work:
            return loading.load(work, starting_plan(name, work.today))


@pytest.fixture
def plans(statistics, clock) -> Plans:
    return Plans(statistics, clock)


@pytest.fixture
def herts(plans) -> Plans:
    plans.load("herts")
    return plans


@pytest.fixture
def alliance(plans) -> Plans:
    plans.load("alliance")
    return plans
