"""What one proposes another approves: once, in time, and exactly as proposed."""

import threading
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import text

from app.approval import service
from app.approval.domain import Kind, NoLongerOpen, NotAsProposed, SamePerson, Standing
from app.audit.service import last_entries
from app.errors import Conflict, Missing, PortalError, Refused
from app.identity.domain import Permission, Role, StaffId, StaffMember
from app.work import begin, look

DEED = Kind(
    name="deed",
    to_propose=Permission.PROPOSE_FREEZE,
    to_approve=Permission.APPROVE_FREEZE,
    lasts=timedelta(days=2),
)
OTHER = Kind(name="other", to_propose=DEED.to_propose, to_approve=DEED.to_approve, lasts=DEED.lasts)
WHAT = sha256(b"exactly this").digest()


def person(name, role=Role.CUSTODIAN):
    return StaffMember(id=StaffId(name), name=name.title(), role=role)


ANN, BEN, CAT = (person(name) for name in ("ann", "ben", "cat"))
LEAD = person("lead", Role.INTEGRITY_LEAD)


@pytest.fixture
def proposed(database, clock):
    with begin(database, clock) as work:
        return service.propose(
            work, DEED, subject="north/2025Q3", digest=WHAT, payload=b"needed", by=ANN
        )


def standing(database, id):
    with look(database) as work:
        return service.proposal(work, DEED, id)


def verbs(database):
    with look(database) as work:
        return [entry.verb.value for entry in last_entries(work, 100)]


def test_another_person_approves_and_gets_what_the_deed_needs(database, clock, proposed):
    with begin(database, clock) as work:
        found = service.approve(work, DEED, proposed.id, digest=WHAT, by=BEN)
    assert (found.standing, found.payload, found.answered_by) == (
        Standing.APPROVED, b"needed", "ben",
    )  # fmt: skip
    assert verbs(database) == ["approval.proposed", "approval.given"]


def test_nobody_approves_her_own(database, clock, proposed):
    with pytest.raises(SamePerson), begin(database, clock) as work:
        service.approve(work, DEED, proposed.id, digest=WHAT, by=ANN)
    assert standing(database, proposed.id).standing is Standing.OPEN


def test_only_what_was_proposed_is_approved(database, clock, proposed):
    with pytest.raises(NotAsProposed), begin(database, clock) as work:
        service.approve(work, DEED, proposed.id, digest=sha256(b"this").digest(), by=BEN)


@pytest.mark.parametrize("role", [Role.HANDLER, Role.ADMINISTRATOR, Role.BOARD_MEMBER])
def test_a_role_that_may_not_does_not(database, clock, proposed, role):
    outsider = person("dan", role)
    with pytest.raises(Refused), begin(database, clock) as work:
        service.propose(work, DEED, subject="x/1", digest=WHAT, by=outsider)
    with pytest.raises(Refused), begin(database, clock) as work:
        service.approve(work, DEED, proposed.id, digest=WHAT, by=outsider)
    with pytest.raises(Refused), begin(database, clock) as work:
        service.withdraw(work, DEED, proposed.id, by=outsider)


@pytest.mark.parametrize(("days", "open_still"), [(2, True), (3, False)])
def test_a_proposal_waits_so_long_and_no_longer(database, clock, proposed, days, open_still):
    clock.now += timedelta(days=days)
    with look(database, clock) as work:
        assert bool(service.alive(work, DEED)) == open_still
    if open_still:
        with begin(database, clock) as work:
            service.approve(work, DEED, proposed.id, digest=WHAT, by=BEN)
        return
    with pytest.raises(NoLongerOpen), begin(database, clock) as work:
        service.approve(work, DEED, proposed.id, digest=WHAT, by=BEN)


def test_what_expired_keeps_no_payload_and_stands_in_nobodys_way(database, clock, proposed):
    clock.now += timedelta(days=3)
    with begin(database, clock) as work:
        again = service.propose(work, DEED, subject="north/2025Q3", digest=WHAT, by=BEN)
    expired = standing(database, proposed.id)
    assert (expired.standing, expired.payload) == (Standing.EXPIRED, None)
    assert again.id != proposed.id
    assert verbs(database)[1:] == ["approval.expired", "approval.proposed"]


def test_what_was_approved_and_never_done_keeps_its_payload_no_longer(database, clock, proposed):
    with begin(database, clock) as work:
        service.approve(work, DEED, proposed.id, digest=WHAT, by=BEN)
    clock.now += timedelta(days=3)
    with begin(database, clock) as work:
        assert service.alive(work, DEED) == []
        assert service.some_expired(work)
        assert service.expire(work) == 1
    assert standing(database, proposed.id).payload is None


def test_of_one_thing_one_proposal_at_a_time(database, clock, proposed):
    with pytest.raises(Conflict), begin(database, clock) as work:
        service.propose(work, DEED, subject="north/2025Q3", digest=WHAT, by=BEN)
    with begin(database, clock) as work:
        service.propose(work, DEED, subject="north/2025Q4", digest=WHAT, by=BEN)
        service.propose(work, OTHER, subject="north/2025Q3", digest=WHAT, by=BEN)


@pytest.mark.parametrize("by", [ANN, BEN])
def test_its_author_and_who_may_approve_can_end_it(database, clock, proposed, by):
    with begin(database, clock) as work:
        service.withdraw(work, DEED, proposed.id, by=by)
    ended = standing(database, proposed.id)
    assert (ended.standing, ended.payload, ended.answered_by) == (
        Standing.WITHDRAWN, None, by.id,
    )  # fmt: skip
    with pytest.raises(NoLongerOpen), begin(database, clock) as work:
        service.approve(work, DEED, proposed.id, digest=WHAT, by=BEN)
    with pytest.raises(NoLongerOpen), begin(database, clock) as work:
        service.withdraw(work, DEED, proposed.id, by=by)


def test_the_lead_may_end_neither_her_own_nor_anothers_deed(database, clock, proposed):
    with pytest.raises(Refused), begin(database, clock) as work:
        service.withdraw(work, DEED, proposed.id, by=LEAD)


def test_a_deed_that_is_done_keeps_no_payload(database, clock, proposed):
    with begin(database, clock) as work:
        service.approve(work, DEED, proposed.id, digest=WHAT, by=BEN)
    for _twice in range(2):
        with begin(database, clock) as work:
            service.finish(work, DEED, proposed.id)
    done = standing(database, proposed.id)
    assert (done.standing, done.payload) == (Standing.DONE, None)
    assert verbs(database)[-1:] == ["approval.finished"]
    assert verbs(database).count("approval.finished") == 1


def test_finishing_does_not_approve(database, clock, proposed):
    with begin(database, clock) as work:
        service.finish(work, DEED, proposed.id)
    assert standing(database, proposed.id).standing is Standing.OPEN


def test_an_approval_without_a_deed_can_be_ended(database, clock, proposed):
    with begin(database, clock) as work:
        service.approve(work, DEED, proposed.id, digest=WHAT, by=BEN)
        service.withdraw(work, DEED, proposed.id, by=ANN)
    assert standing(database, proposed.id).payload is None


def test_a_proposal_of_another_kind_is_no_such_proposal(database, clock, proposed):
    with pytest.raises(Missing), begin(database, clock) as work:
        service.approve(work, OTHER, proposed.id, digest=WHAT, by=BEN)
    with pytest.raises(Missing), look(database, clock) as work:
        service.proposal(work, DEED, bytes(16))


def test_of_two_who_approve_at_once_one_does(database, clock, proposed):
    gate, outcomes = threading.Barrier(2), []

    def approve(by):
        gate.wait()
        try:
            with begin(database, clock) as work:
                service.approve(work, DEED, proposed.id, digest=WHAT, by=by)
            outcomes.append("approved")
        except PortalError as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=approve, args=(by,)) for by in (BEN, CAT)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["NoLongerOpen", "approved"]
    assert verbs(database).count("approval.given") == 1


def test_the_entry_of_the_log_is_of_the_same_transaction(database, clock, proposed):
    def approve_and_fall():
        with begin(database, clock) as work:
            service.approve(work, DEED, proposed.id, digest=WHAT, by=BEN)
            raise RuntimeError

    before = verbs(database)
    with pytest.raises(RuntimeError):
        approve_and_fall()
    assert verbs(database) == before
    assert standing(database, proposed.id).standing is Standing.OPEN


def test_the_database_itself_keeps_no_payload_after_the_end(database, clock, proposed):
    with pytest.raises(Exception, match="payload_goes_at_the_end"), begin(database) as work:
        work.session.execute(text("UPDATE approval_proposal SET standing = 'done'"))
