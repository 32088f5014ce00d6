"""After an older copy of the statistics database was put back: the witness knows what is missing.

Nothing is drawn and no key is needed. A release comes back byte for byte as it was shown, or not.
"""

from app.audit.signing import BadNote
from app.errors import Broken
from app.freeze.publishing import note_text, show_written
from app.freeze.stores import Stores
from app.freeze.witness import Drawn
from app.trends import freezing
from app.trends.domain import Cadence
from app.trends.releases import Release, parse_release
from app.trends.service import releases
from app.work import begin, begin_alone, look

WITNESS = "witness"  # who the log says brought a release back


def recover(stores: Stores) -> int:
    """Write and show every release that the witness has and this database has not.

    Returns:
        How many came back.

    Raises:
        Broken: if what the witness holds is not what was signed, or does not follow.
        WitnessAbsent: if the witness is not there.
    """
    forces = [force.id for force in stores.plans.newest.forces]
    return sum(_recover_force(stores, force) for force in forces)


def _recover_force(stores: Stores, force: str) -> int:
    count = 0
    while (drawn := _missing(stores, force)) is not None:
        release = parse_release(drawn.canonical)
        note = stores.witness.confirmed(force, release.number) or ""
        _check_note(stores, release, note)
        with begin_alone(stores.statistics, stores.clock) as work:
            intent = freezing.adopt(
                work, release, drawn.intent, Cadence(drawn.cadence), plans=stores.plans
            )
            freezing.write_release(
                work, intent, release, note=note, proposed_by=WITNESS, approved_by=WITNESS
            )
        show_written(stores)
        count += 1
    _withdraw_again(stores, force)
    return count


def _missing(stores: Stores, force: str) -> Drawn | None:
    with look(stores.statistics, stores.clock) as work:
        number = freezing.next_number(work, force)
    if stores.witness.confirmed(force, number) is None:
        return None
    return stores.witness.drawn(force, number)


def _withdraw_again(stores: Stores, force: str) -> None:
    with look(stores.statistics, stores.clock) as work:
        standing = [found.number for found in releases(work, force) if found.stands]
    for number in standing:
        withdrawn = stores.witness.withdrawn(force, number)
        if withdrawn is not None:
            with begin(stores.statistics, stores.clock) as work:
                freezing.withdraw_release(
                    work,
                    force,
                    number,
                    why=withdrawn.why,
                    on=withdrawn.on,
                    proposed_by=WITNESS,
                    approved_by=WITNESS,
                )


def _check_note(stores: Stores, release: Release, note: str) -> None:
    try:
        text = stores.verifier().open(note)
    except BadNote as error:
        raise Broken(f"the witness's note of release {release.number}: {error}") from error
    if text != note_text(release):
        raise Broken(f"the witness's release {release.number} is not the one that was signed")
