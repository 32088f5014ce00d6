"""The second half of a freeze: reserve, draw once, write, confirm, show; and catching up on it.

Nothing here needs a key. Once a release is drawn it is the witness's as well, and whoever comes
after a crash can only finish it as it is.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from app.audit import service as audit
from app.audit.domain import Checkpoint
from app.errors import Broken, Conflict, PortalError
from app.freeze.domain import WitnessedAlready
from app.freeze.stores import Stores
from app.freeze.witness import Drawn
from app.trends import freezing
from app.trends.drawing import Opened, noise_of
from app.trends.published import Intent, PublishedRelease
from app.trends.releases import Release, parse_release
from app.work import Work, begin, begin_alone, look

Opens = Callable[[Work], Opened]
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Who is named beside a release in the audit log, and how many slips both knew to be unfit."""

    proposed_by: str
    approved_by: str
    set_aside: int = 0


# Of a freeze that was carried on without its proposal.
CAUGHT_UP = Names(proposed_by="freeze", approved_by="freeze")


def note_text(release: Release) -> str:
    """Return the text that is signed for a release: what it is, and its digest."""
    return f"candour/release\n{release.force}\n{release.number}\n{release.digest().hex()}\n"


def publish(stores: Stores, intent: Intent, opens: Opens, names: Names) -> None:
    """Reserve with the witness, draw, write, confirm and show. Each step is safe to repeat.

    Raises:
        WitnessedAlready: if the witness knows this freeze as done, or of another database.
        WitnessAbsent: if the witness is not there; carry on when it is.
    """
    with look(stores.statistics, stores.clock) as work:
        written = freezing.written(work, intent)
    if not written:
        _refuse_restored(stores, intent)
        stores.witness.reserve(intent.prospect.spends, intent.id)
        _write_once(stores, intent, opens, names)
    show_written(stores)


def _refuse_restored(stores: Stores, intent: Intent) -> None:
    found = intent.prospect
    if stores.witness.confirmed(found.force, found.number) is not None:
        raise WitnessedAlready(f"release {found.number} of {found.force} was shown before")


def _write_once(stores: Stores, intent: Intent, opens: Opens, names: Names) -> None:
    try:
        _draw_and_write(stores, intent, opens, names)
    except Conflict:
        # Somebody else may have written it meanwhile: then it is the same release.
        with look(stores.statistics, stores.clock) as work:
            if not freezing.written(work, intent):
                raise


def _draw_and_write(stores: Stores, intent: Intent, opens: Opens, names: Names) -> None:
    key = stores.signer()
    with begin_alone(stores.statistics, stores.clock) as work:
        release = _drawn_once(stores, work, intent, opens)
        freezing.write_release(
            work,
            intent,
            release,
            note=key.sign(note_text(release)),
            set_aside=names.set_aside,
            proposed_by=names.proposed_by,
            approved_by=names.approved_by,
        )


def _drawn_once(stores: Stores, work: Work, intent: Intent, opens: Opens) -> Release:
    found = intent.prospect
    drawn = stores.witness.drawn(found.force, found.number)
    if drawn is None:
        release = freezing.draw_release(work, intent, opens(work), noise_of(found.plan))
        mine = Drawn(intent.id, release.canonical_json(), found.cadence.value)
        drawn = stores.witness.keep_draw(found.force, found.number, mine)
    if drawn.intent != intent.id:
        raise WitnessedAlready(f"release {found.number} of {found.force} was drawn before")
    return parse_release(drawn.canonical)


def show_written(stores: Stores) -> int:
    """Confirm with the witness, and show, every release that is written; return how many."""
    with look(stores.statistics, stores.clock) as work:
        found = freezing.not_shown(work)
    _each(found, partial(_show, stores))
    return len(found)


def _show(stores: Stores, published: PublishedRelease) -> None:
    stores.witness.confirm(published.force, published.number, published.note)
    with begin(stores.statistics, stores.clock) as work:
        freezing.show_release(work, published.force, published.number)


def some_unfinished(stores: Stores) -> bool:
    """Say whether a freeze was begun and not shown."""
    with look(stores.statistics, stores.clock) as work:
        begun = freezing.unfinished(work, plans=stores.plans)
        return bool(begun or freezing.not_shown(work))


def catch_up(stores: Stores) -> int:
    """Finish every freeze that was drawn and not shown, and return how many there were.

    What was begun and never drawn needs two custodians again.
    """
    with look(stores.statistics, stores.clock) as work:
        begun = freezing.unfinished(work, plans=stores.plans)
    try:
        _each(begun, partial(_finish_drawn, stores))
    finally:
        shown = show_written(stores)
    return shown


def _finish_drawn(stores: Stores, intent: Intent) -> None:
    found = intent.prospect
    drawn = stores.witness.drawn(found.force, found.number)
    if drawn is not None and drawn.intent == intent.id:
        _refuse_restored(stores, intent)
        _write_once(stores, intent, _nothing, CAUGHT_UP)


def _each(things: Iterable[Thing], deed: Callable[[Thing], None]) -> None:
    # What is stuck with one force holds up no other; the first trouble is told at the end.
    troubles: list[PortalError] = []
    for thing in things:
        try:
            deed(thing)
        except PortalError as error:
            troubles.append(error)
    if troubles:
        raise troubles[0]


def _nothing(_work: Work) -> Opened:
    raise Broken("what the witness held is gone")


def tell_checkpoint(stores: Stores) -> None:
    """Give the witness a checkpoint of the audit log as it stands."""
    with look(stores.casework, stores.clock) as work:
        note = audit.checkpoint(work, stores.signer())
        day = work.today.isoformat()
    size = Checkpoint.parse(note.rpartition("\n\n")[0] + "\n").size
    stores.witness.keep_checkpoint(f"{day}-{size}.txt", note)
