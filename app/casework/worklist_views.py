"""The page on which a member of a desk sees what is hers to do."""

from collections.abc import Sequence
from typing import cast

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.casework import at_desk, wording, worklist_rows, worklists
from app.casework.course import Course, Part, course_on
from app.casework.worklist import Gist, Turn, pressing, sees_whole_desk, sorted_out, turn
from app.casework.worklists import Looked, Rows, WaitingStep, WaitingText
from app.envelope.keyring import Former, Keyring, Member
from app.identity.access import allows, remember, remembered, signed_in, unlocked
from app.identity.domain import Permission
from app.keyring.service import KeyringFiles, signed
from app.routing.service import table_on
from app.web.request_work import begin_work, look_work, settings

bp = Blueprint("worklists", __name__, url_prefix="/staff/work")

NAME = "work list"
SHOWN = 20  # cases under one heading
SOON = 60  # days


@bp.get("")
@allows(Permission.READ_CASES)
def show_work() -> ResponseReturnValue:
    me = signed_in()
    with look_work() as work:
        keyring = signed(work, KeyringFiles.of(settings()))
        found, today = worklists.rows(work, by=me), work.today
    looked = _looked(found, keyring)
    course, identity = course_on(today), unlocked().identity
    parts = course.parts_of(me.role, me.desk or "")
    texts = worklists.texts(looked, found, identity, keyring)
    steps = worklists.steps(looked, found, identity, keyring)
    remember(looked, NAME)
    desk, table = keyring.desk(me.desk or ""), table_on(today)
    listed = sorted_out(
        found.open,
        worklists.gists(looked, found),
        me=me.id,
        parts=parts,
        course=course,
        today=today,
    )
    return render_template(
        "casework/work.html",
        list=listed,
        me=me.id,
        desk=desk,
        desks={one.id: one.label for one in keyring.desks},
        names=_names(keyring),
        course=course,
        turn_of=lambda item: _turn(item.gist, parts, course, me.id),
        turns=Turn,
        waiting=found.waiting,
        unopened=len(found.open) - len(found.stamps),
        looked_through=worklists.MOST,
        is_full=len(found.open) == worklists.MOST,
        pressing=pressing([*found.waiting, *(item.case for item in listed.hers)], today),
        today=today,
        shown=SHOWN,
        due=wording.due,
        whole=sees_whole_desk(parts),
        apart=Part.INDEPENDENT in parts,
        few=len(desk.members) <= table.fewest_readers,
        runs_out=(keyring.expires_on - today).days < SOON,
        keyring=keyring,
        **_second(texts, steps, me.id),
    )


def _looked(found: Rows, keyring: Keyring) -> Looked:
    """Return what this session has looked through, brought up to this moment."""
    # Of its own: another page of hers may be loading at once.
    looked = (cast(Looked | None, remembered(NAME)) or Looked()).copy()
    wanted = worklists.outdated(looked, found)
    if wanted:
        # What is not recorded was not read.
        with begin_work() as work:
            cases = worklist_rows.lying(work, wanted)
            worklists.note_look(work, len(cases), by=signed_in())
        worklists.put(looked, cases, unlocked().identity, keyring, at_desk.objects())
    return looked


def _second(
    texts: Sequence[WaitingText], steps: Sequence[WaitingStep], me: str
) -> dict[str, object]:
    """Return by the template's names what waits for her, and what she waits for."""
    return {
        "to_read": [one for one in texts if one.author != me and not one.returned],
        "came_back": [one for one in texts if one.author == me and one.returned],
        "to_confirm": [one for one in steps if one.proposal.proposed_by != me],
        "own_texts": [one for one in texts if one.author == me and not one.returned],
        "own_steps": [one for one in steps if one.proposal.proposed_by == me],
    }


def _turn(gist: Gist, parts: frozenset[Part], course: Course, me: str) -> Turn:
    investigates = {Part.INVESTIGATOR} if gist.investigator == me else set[Part]()
    return turn(course, gist.state, parts | investigates)


def _names(keyring: Keyring) -> dict[str, str]:
    people: tuple[Member | Former, ...] = (*keyring.members, *keyring.former)
    return {person.id: person.name for person in people} | {signed_in().id: "you"}
