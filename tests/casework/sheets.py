"""What tests of case sheets share: a case in triage, its sheet opened, its slips read."""

from io import BytesIO

from app.casework import sheet_keeping
from app.casework.sheet_keeping import OpenSheet
from app.envelope.opening import open_header, open_payload
from app.envelope.slips import SlipKind, SlipPlace, parse_slip
from app.work import look

PLACED = {"place": "a/response", "category": "bullying"}


def path(ref, end="sheet"):
    return f"/staff/cases/{ref}/{end}"


def in_triage(desk, person, reporter=None):
    """Take a concern to the triage of its desk, and return the case's reference."""
    ref = desk.receives(reporter or desk.reporter())
    person.reads(ref)
    assert person.steps(ref).status == 303
    return ref


def opened(desk, ref, by="amara") -> OpenSheet:
    with look(desk.database) as work:
        newest = sheet_keeping.stored(work, ref)[-1]
    keys = desk.people.keyring.verification_keys()
    return sheet_keeping.open_version(newest, ref, desk.people.keys[by].identity, keys)


def sheet_of(desk, ref, by="amara"):
    return opened(desk, ref, by).sheet


def read_slip(desk, row):
    """Open a slip as a freeze would."""
    file_key = open_header(row.header, desk.people.statistics)
    text = open_payload(file_key, BytesIO(row.payload)).read()
    place = SlipPlace(id=row.id, force=row.force, period=row.period, kind=SlipKind(row.kind))
    return parse_slip(text, place)


def saved(person, ref, **said):
    page = person.submits(path(ref), path(ref), **said)
    assert page.status == 303, page.text
    return page


def unheld(person, ref, **said):
    fields = person.opens(path(ref)).form(path(ref))
    del fields["hold"]
    assert person.posts(path(ref), fields | said).status == 303


def ends(person, ref, reason="Looked at by two of us"):
    return person.submits(path(ref, "triage-ends"), path(ref, "triage-ends"), reason=reason)
