"""Two custodians freeze a quarter; neither alone, nobody twice, nothing before its day."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.approval import service as approval
from app.approval.domain import NoLongerOpen, NotAsProposed, SamePerson, Standing
from app.audit.service import last_entries
from app.envelope.custody import make_custody
from app.envelope.identities import Identity
from app.envelope.slips import SlipKind
from app.errors import Conflict, Missing, Refused
from app.freeze import service
from app.freeze.domain import FREEZE, Fault, SlipsSetAside, WitnessAbsent
from app.freeze.publishing import note_text
from app.freeze.service import NoCustodian
from app.freeze.stores import CustodyBroken
from app.identity.domain import Role, StaffId, StaffMember
from app.trends import freezing
from app.trends import service as trends
from app.trends.calendar import AlreadyFrozen, OutOfTurn, TooEarly
from app.trends.domain import NOT_YET, Period, Table
from app.trends.releases import parse_release
from app.work import begin, look
from tests.freeze.conftest import CAROL, CLEO, CYRIL, FIRST, PLAN, THEMES
from tests.trends.statistics_side import NORTH, SOUTH

SECOND = FIRST.next()


def proposal_of(house, proposal):
    with look(house.stores.casework, house.clock) as work:
        return approval.proposal(work, FREEZE, proposal.id)


def test_two_custodians_publish_what_many_said(house):
    house.hand_over(*(house.slip() for _ in range(60)))
    done = house.approves(house.proposes())
    assert (done.force, done.number) == (NORTH, 1)
    [shown] = house.releases()
    [total] = shown.release.tables
    assert total.table is Table.QT
    assert abs(total.total - 60) <= 30, "sixty, give or take ten standard deviations"
    assert house.verbs() == ["approval.proposed", "approval.given", "approval.finished"]


def test_the_release_is_signed_and_the_witness_has_it(house):
    house.freezes()
    [shown] = house.releases()
    verifier = house.stores.signer().verifier
    assert verifier.open(shown.note) == note_text(shown.release)
    assert house.witness.confirmed(NORTH, 1) == shown.note
    assert parse_release(house.witness.drawn(NORTH, 1).canonical) == shown.release
    assert "spent/north--QT--2026Q1" in house.witnessed()


def test_the_witness_gets_a_checkpoint_of_the_audit_log(house):
    house.freezes()
    [kept] = [name for name in house.witnessed() if name.startswith("checkpoints/")]
    assert kept == "checkpoints/2026-11-21-3.txt" or kept.endswith("-3.txt")


def test_nothing_the_second_needed_is_left_behind(house):
    proposal = house.proposes()
    assert proposal_of(house, proposal).payload
    house.approves(proposal)
    after = proposal_of(house, proposal)
    assert (after.standing, after.payload) == (Standing.DONE, None)


def test_one_custodian_alone_freezes_nothing(house):
    proposal = house.proposes()
    with pytest.raises(SamePerson):
        house.approves(proposal, by=CAROL)
    assert house.releases() == []
    assert not [name for name in house.witnessed() if name.startswith("spent/")]


@pytest.mark.parametrize("pair", [(CAROL, CLEO), (CLEO, CYRIL), (CYRIL, CAROL)])
def test_any_two_of_them_do(house, pair):
    first, second = pair
    house.hand_over(house.slip())
    assert house.approves(house.proposes(by=first), by=second).number == 1


def test_who_is_no_custodian_neither_proposes_nor_approves(house):
    proposal = house.proposes()
    handler = StaffMember(id=StaffId("amara"), name="Amara", role=Role.HANDLER, desk="psd")
    with pytest.raises(Refused):
        house.proposes(by=handler)
    with pytest.raises(Refused):
        house.approves(proposal, by=handler)
    # An account that calls itself a custodian is not one: the keyring says who is.
    false = replace(handler, role=Role.CUSTODIAN, desk=None)
    with pytest.raises(NoCustodian):
        house.proposes(by=false, quarter=FIRST)
    with pytest.raises(NoCustodian):
        house.approves(proposal, by=false)
    assert house.releases() == []


def test_another_persons_key_opens_nothing(house):
    proposal = house.proposes()
    with pytest.raises(NoCustodian):
        service.carry_out(house.stores, proposal.id, by=CYRIL, key=house.people.keys["cleo"])
    with pytest.raises(Refused):
        house.approves(replace(proposal, id=proposal.id), by=CAROL)


def test_copies_of_another_identity_are_refused(house):
    keys = {name: house.people.keys[name].recipient for name in ("carol", "cyril")}
    other = make_custody(Identity.generate(), keys)
    house.stores.custody_file.write_bytes(other.to_bytes())
    with pytest.raises(CustodyBroken):
        house.proposes()
    # Whoever writes the file can also write the right recipient into it.
    forged = replace(other, recipient=house.people.statistics.recipient)
    house.stores.custody_file.write_bytes(forged.to_bytes())
    proposal = house.proposes()
    with pytest.raises(NoCustodian, match="another identity"):
        house.approves(proposal)
    house.stores.custody_file.unlink()
    with pytest.raises(CustodyBroken):
        house.proposes(by=CLEO, force=SOUTH)


def test_a_proposal_that_waited_too_long_freezes_nothing(house):
    proposal = house.proposes()
    house.clock.now += FREEZE.lasts + timedelta(days=1)
    with pytest.raises(NoLongerOpen):
        house.approves(proposal)
    assert house.releases() == []


def test_nothing_is_proposed_before_its_day_or_out_of_turn(house):
    with pytest.raises(OutOfTurn if house.clock.now.year > 2026 else TooEarly):
        house.proposes(quarter=FIRST.moved(3))
    house.clock.now = house.clock.now.replace(year=2026, month=6, day=30)
    with pytest.raises(TooEarly):
        house.proposes()


def test_nothing_is_frozen_twice(house):
    house.freezes()
    with pytest.raises(AlreadyFrozen):
        house.proposes()
    assert len(house.releases()) == 1


def test_two_proposals_of_one_quarter_do_not_stand_side_by_side(house):
    house.proposes()
    with pytest.raises(Conflict):
        house.proposes(by=CLEO)


def test_what_changed_since_the_proposal_is_not_approved(house):
    """The other force's freeze changes nothing; a freeze of this one meanwhile does."""
    proposal = house.proposes()
    house.freezes(force=SOUTH)
    with begin(house.stores.statistics, house.clock) as work:
        freezing.freeze(
            work, NORTH, FIRST, freezing_nothing(), lambda _table: 0, plans=house.stores.plans
        )
    with pytest.raises(Refused):
        house.approves(proposal)
    assert len(house.releases(NORTH)) == 1


def freezing_nothing():
    from app.trends.drawing import Opened

    return Opened(entries={})


def test_a_proposal_for_another_plan_is_not_what_was_proposed(house):
    proposal = house.proposes()
    from app.trends.plans import Plans

    stricter = replace(PLAN, sigma2=dict.fromkeys(Table, 100))
    house.stores = replace(house.stores, plans=Plans(versions=(stricter,)))
    with pytest.raises(NotAsProposed):
        house.approves(proposal)


def test_without_the_witness_nothing_is_begun(house):
    proposal = house.proposes()
    (house.witness.folder / "candour-witness").unlink()
    with pytest.raises(WitnessAbsent):
        house.approves(proposal)
    with pytest.raises(WitnessAbsent):
        house.proposes(force=SOUTH)
    with look(house.stores.statistics, house.clock) as work:
        assert freezing.begun(work, NORTH, FIRST, plans=house.stores.plans) is None
    assert proposal_of(house, proposal).standing is Standing.OPEN
    house.witness.mark()
    assert house.approves(proposal).number == 1


def test_a_proposal_of_nothing_is_missing(house):
    with pytest.raises(Missing):
        service.carry_out(house.stores, bytes(16), by=CYRIL, key=house.people.keys["cyril"])


def test_held_and_uncoded_matters(house):
    """A held matter has no slip and counts when it has one; an uncoded one counts as such."""
    house.hand_over(*(house.slip(says=(NOT_YET, "unknown")) for _ in range(40)))
    house.freezes("2026Q1")
    house.hand_over(*(house.slip(period="2026Q2") for _ in range(40)))
    house.freezes("2026Q2")
    themes = next(table for table in house.releases()[1].release.tables if table.table is Table.TH)
    # Either may stand with the small ones, if chance made those too small to stand alone.
    held = {member: figure.value for figure in themes.figures for member in figure.members}
    assert held[NOT_YET] > 20
    assert held[THEMES[0]] > 20
    assert themes.total > 50


def test_a_late_slip_is_told_and_not_counted(house):
    house.hand_over(*(house.slip() for _ in range(5)))
    house.freezes()
    received = house.hand_over(house.slip(), house.slip(period="2026Q2"))
    assert (received.kept, received.late) == (1, 1)


def bad_slips(house):
    """One of each kind that cannot be counted, and how each is named."""
    good = house.slip()
    return {
        Fault.NOT_OURS: house.slip(recipient=house.people.keys["tom"].recipient),
        Fault.ALTERED: replace(good, payload=good.payload[:-1] + bytes([good.payload[-1] ^ 1])),
        Fault.ELSEWHERE: replace(house.slip(), force=NORTH, id=bytes(16)),
        Fault.UNKNOWN_LABEL: house.slip(says=("never-planned", "operations")),
    }


@pytest.mark.parametrize("fault", list(Fault))
def test_a_slip_that_cannot_be_counted_is_told_to_both_before_anything_begins(house, fault):
    house.hand_over(*(house.slip() for _ in range(30)), bad_slips(house)[fault])
    proposal = house.proposes()
    with pytest.raises(SlipsSetAside) as told:
        house.approves(proposal)
    assert told.value.faults == {fault: 1}
    assert proposal_of(house, proposal).standing is Standing.OPEN
    assert not [name for name in house.witnessed() if name.startswith("spent/")]
    house.approves(proposal, set_aside=1)
    with look(house.stores.statistics) as work:
        [entry] = trends.audit_waiting(work)
    assert entry.details["set_aside"] == 1
    assert (entry.details["proposed_by"], entry.details["approved_by"]) == ("carol", "cyril")


def test_a_slip_that_was_copied_under_another_id_counts_once(house):
    slip = house.slip()
    house.hand_over(
        slip, replace(slip, id=b"copied under id!"), replace(slip, force=SOUTH, id=b"x" * 16)
    )
    with pytest.raises(SlipsSetAside) as told:
        house.approves(house.proposes())
    assert told.value.faults == {Fault.ELSEWHERE: 1}


def test_a_slip_that_goes_bad_between_looking_and_freezing_stops_the_freeze(house, monkeypatch):
    house.hand_over(house.slip())
    proposal = house.proposes()
    approve = service._approve

    def meanwhile(*args, **named):
        approve(*args, **named)
        house.hand_over(bad_slips(house)[Fault.NOT_OURS])

    monkeypatch.setattr(service, "_approve", meanwhile)
    with pytest.raises(SlipsSetAside):
        house.approves(proposal)
    monkeypatch.undo()
    assert house.releases() == []
    assert house.approves(proposal, set_aside=1).number == 1


def test_closures_are_counted_at_the_years_end(house):
    closure = {"kind": SlipKind.CLOSURE, "period": "2026"}
    house.hand_over(*(house.slip(**closure) for _ in range(50)))
    for text in ("2026Q1", "2026Q2", "2026Q3", "2026Q4"):
        house.freezes(text)
    last = house.releases()[-1].release
    outcomes = next(table for table in last.tables if table.table is Table.OY)
    assert abs(outcomes.total - 50) < 60
    assert {table.table for table in last.tables} >= {Table.DY, Table.OY, Table.CY}
    assert last.period == Period.parse("2026Q4")


def test_the_logs_entry_of_a_refusal(house):
    proposal = house.proposes()
    with begin(house.stores.statistics, house.clock) as work:
        freezing.freeze(
            work, NORTH, FIRST, freezing_nothing(), lambda _table: 0, plans=house.stores.plans
        )
    with pytest.raises(AlreadyFrozen):
        house.approves(proposal)
    assert house.verbs()[-1] == "freeze.refused"
    with look(house.stores.casework) as work:
        assert last_entries(work, 1)[0].subject == "north/2026Q1"
    assert proposal_of(house, proposal).payload is None
