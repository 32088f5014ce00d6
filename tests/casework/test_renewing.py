"""After a change of the keyring, open cases follow it as soon as somebody who can read is there."""

from dataclasses import replace

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from app.audit.service import last_entries
from app.casework import renewing
from app.casework.domain import CaseState
from app.casework.tables import CaseRow, RenewalRow
from app.cli.keys import group as keys
from app.envelope.errors import NoMatch
from app.envelope.keyring import Member, Role
from app.envelope.keyring_file import sign_keyring
from app.envelope.member_keys import MemberKey
from app.envelope.opening import open_header
from app.identity import service as identity
from app.identity.domain import Role as StaffRole
from app.mailbox.tables import EntryRow
from app.work import begin, look
from tests.casework.conftest import PASSWORD

NINA = MemberKey.generate()


@pytest.fixture
def joined(desk):
    """Call it: nina joins Professional Standards, and leaves it without some of the others."""

    def joined(*leaving: str):
        old = desk.people.keyring
        member = Member(
            id="nina", name="Nina", role=Role.HANDLER,
            recipient=NINA.recipient, verification_key=NINA.verification_key,
        )  # fmt: skip
        psd = next(one for one in old.desks if one.id == "psd")
        members = tuple(one for one in psd.members if one not in leaving)
        desks = tuple(
            replace(one, members=(*members, "nina")) if one.id == "psd" else one
            for one in old.desks
        )
        ring = desk.people.next_keyring(
            members=(*(one for one in old.members if one.id not in leaving), member), desks=desks
        )
        desk.people.write_keyring(desk.settings.keyring.parent, ring)
        with begin(desk.database, desk.clock) as work:
            for gone in leaving:
                identity.remove(work, gone)
            desk.secrets["nina"] = identity.enrol(
                work, id="nina", name="Nina", role=StaffRole.HANDLER, desk="psd", key=NINA,
                password=PASSWORD, secret_key=desk.settings.secret_key,
            )  # fmt: skip
        desk.people.keys["nina"] = NINA
        return ring

    return joined


def headers(desk):
    return [row.header for row in desk.rows(EntryRow)]


def opens(header, key):
    try:
        open_header(header, key.identity)
    except NoMatch:
        return False
    return True


def test_who_joined_reads_once_somebody_who_can_was_there(desk, joined):
    ref = desk.receives(desk.reporter())
    amara = desk.person("amara")
    amara.reads(ref)
    joined()
    nina = desk.person("nina")
    assert nina.listed("waiting") == nina.listed("open") == []
    amara.opens("/staff/")
    [header] = headers(desk)
    assert opens(header, NINA)
    assert nina.listed("open") == [ref]
    page = nina.reads(ref)
    assert page.status == 200
    assert [row.keyring for row in desk.rows(RenewalRow)] == [2]


def test_the_reporter_and_her_colleagues_read_as_before_and_who_left_does_not(desk, joined):
    reporter = desk.reporter()
    ref = desk.receives(reporter)
    amara = desk.person("amara")
    amara.reads(ref)
    joined("tom")
    amara.opens("/staff/")
    [header] = headers(desk)
    assert opens(header, reporter.receipt)
    assert opens(header, desk.people.keys["helen"])
    assert not opens(header, desk.people.keys["tom"])


def test_whom_the_reporter_left_out_stays_out(desk, joined):
    ref = desk.receives(desk.reporter(left_out=("tom",)))
    amara, tom = desk.person("amara"), desk.person("tom")
    assert tom.listed("waiting") == []
    amara.reads(ref)
    joined()
    amara.opens("/staff/")
    [header] = headers(desk)
    assert opens(header, NINA)
    assert not opens(header, desk.people.keys["tom"])
    assert tom.listed("waiting") == tom.listed("open") == []


def test_who_declared_a_conflict_gets_no_new_copy(desk, joined):
    ref = desk.receives(desk.reporter())
    amara, helen = desk.person("amara"), desk.person("helen")
    helen.opens("/staff/")
    helen.declares(ref, said="conflict")
    amara.reads(ref)
    joined()
    amara.opens("/staff/")
    [header] = headers(desk)
    assert opens(header, NINA)
    assert not opens(header, desk.people.keys["helen"])


def test_who_cannot_read_a_case_leaves_it_as_it_is(desk, joined):
    desk.receives(desk.reporter(left_out=("tom",)))
    before = headers(desk)
    joined()
    desk.person("tom").opens("/staff/")
    desk.person("ruth").opens("/staff/")
    assert headers(desk) == before
    assert desk.rows(RenewalRow) == []


def test_without_a_change_nothing_is_sealed_again(desk):
    desk.receives(desk.reporter())
    before = headers(desk)
    amara = desk.person("amara")
    for _ in range(2):
        amara.opens("/staff/")
    assert headers(desk) == before
    assert [row.keyring for row in desk.rows(RenewalRow)] == [1]


def test_it_is_done_once_and_recorded(desk, joined):
    ref = desk.receives(desk.reporter())
    amara = desk.person("amara")
    amara.reads(ref)
    joined()
    for _ in range(3):
        amara.opens("/staff/")
    after = headers(desk)
    desk.person("helen").opens("/staff/")
    assert headers(desk) == after
    with look(desk.database) as work:
        entries = [one for one in last_entries(work, 50) if one.verb.value == "case.rewrapped"]
    assert [(entry.actor, entry.subject) for entry in entries] == [("amara", ref)]


def test_her_sheet_and_answers_are_read_by_who_joined(desk, joined):
    reporter = desk.reporter()
    ref = desk.receives(reporter)
    amara = desk.person("amara")
    amara.reads(ref)
    amara.steps(ref)
    amara.places(ref)
    joined()
    amara.opens("/staff/")
    nina = desk.person("nina")
    nina.reads(ref)
    page = nina.opens(f"/staff/cases/{ref}/sheet")
    assert page.status == 200
    # She writes on it, and who was there before reads that.
    nina.places(ref, category="theft_fraud")
    assert amara.opens(f"/staff/cases/{ref}/sheet").status == 200


def test_a_closed_case_stays_as_it_is(desk, joined):
    ref = desk.receives(desk.reporter())
    amara = desk.person("amara")
    amara.reads(ref)
    before = headers(desk)
    with begin(desk.database, desk.clock) as work:
        work.session.execute(update(CaseRow).values(state=CaseState.CLOSED, unread=False))
    joined()
    amara.opens("/staff/")
    assert headers(desk) == before
    # Taken up again, it follows.
    with begin(desk.database, desk.clock) as work:
        work.session.execute(update(CaseRow).values(unread=True))
    amara.opens("/staff/")
    [header] = headers(desk)
    assert opens(header, NINA)


def test_a_keyring_that_would_leave_a_case_to_nobody_is_known_before_it_stands(desk, joined):
    ref = desk.receives(desk.reporter(left_out=("tom", "helen")))
    desk.person("amara").reads(ref)
    ring = desk.people.keyring
    psd = ring.desks[0]
    without = replace(psd, members=("helen", "tom"))
    after = replace(ring, serial=2, desks=(without, *ring.desks[1:]))
    with look(desk.database) as work:
        assert renewing.stranded(work, ring) == []
        assert renewing.stranded(work, after) == [ref]
        assert renewing.stranded(work, replace(after, desks=ring.desks[1:])) == [ref]
    following = desk.settings.data / "next.json"
    following.write_bytes(sign_keyring(after, desk.people.signers))
    settings = desk.settings
    variables = {
        "PORTAL_DATA": str(settings.data), "PORTAL_DATABASE_URL": settings.database_url,
        "PORTAL_SECRET_KEY": settings.secret_key,
    }  # fmt: skip
    told = CliRunner().invoke(keys, ["check", "--next", str(following)], env=variables)
    assert told.exit_code == 1
    assert ref in told.output
    standing = settings.keyring.read_bytes()
    told = CliRunner().invoke(keys, ["install", str(following)], env=variables)
    assert (told.exit_code, settings.keyring.read_bytes()) == (1, standing)
    assert ref in told.output
    # A draft with one signature can be asked about, and does not come to stand.
    following.write_bytes(sign_keyring(replace(ring, serial=2), desk.people.signers[:1]))
    told = CliRunner().invoke(keys, ["check", "--next", str(following)], env=variables)
    assert "Every open case keeps a reader" in told.output
    told = CliRunner().invoke(keys, ["install", str(following)], env=variables)
    assert (told.exit_code, settings.keyring.read_bytes()) == (1, standing)
    new = sign_keyring(replace(ring, serial=3), desk.people.signers)
    following.write_bytes(new)
    told = CliRunner().invoke(keys, ["install", str(following)], env=variables)
    assert "Keyring 3 stands" in told.output
    assert settings.keyring.read_bytes() == new


def test_a_case_that_nobody_was_near_keeps_everybody_who_may_be_its_reader(desk, joined):
    ring = desk.people.keyring
    psd = ring.desks[0]
    after = replace(ring, serial=2, desks=(replace(psd, members=psd.members[1:]), *ring.desks[1:]))
    ref = desk.receives(desk.reporter())
    with look(desk.database) as work:
        assert renewing.stranded(work, after) == []
        assert renewing.unknown(work, ring, after) == [ref]
        assert renewing.unknown(work, ring, replace(ring, serial=2)) == []
    desk.person(psd.members[1]).opens("/staff/")
    with look(desk.database) as work:
        assert renewing.unknown(work, ring, after) == []
