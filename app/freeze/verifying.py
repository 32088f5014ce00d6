"""Checks every release against its signature, its chain, its cells, the ledger and the witness."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.audit.signing import BadNote, LogVerifier
from app.freeze.publishing import note_text
from app.freeze.stores import Stores
from app.trends.ledger import most_spent
from app.trends.published import PublishedRelease
from app.trends.releases import BrokenChain, ReleasedTable, verify_chain
from app.trends.service import published_cells, releases, spent
from app.work import Work, look


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at, and every fault that was found, in words."""

    releases: int
    faults: tuple[str, ...]


def verify(stores: Stores) -> Verified:
    """Check every release of every force, and what the ledger says they spent.

    Raises:
        WitnessAbsent: if the witness is not there: without it an older database looks whole.
        Broken: if the signing key cannot be used, or a stored release is none.
    """
    stores.witness.check()
    verifier = stores.verifier()
    with look(stores.statistics, stores.clock) as work:
        found = releases(work)
        faults = [
            *(fault for one in found for fault in _faults_of(stores, verifier, one)),
            *(fault for force in _forces(stores, found) for fault in _chain(stores, found, force)),
            *_cells(work, found),
            *_ledger(stores, work, found),
        ]
    return Verified(len(found), tuple(sorted(faults)))


def _faults_of(stores: Stores, verifier: LogVerifier, one: PublishedRelease) -> Iterator[str]:
    name = f"{one.force}, release {one.number}"
    try:
        if verifier.open(one.note) != note_text(one.release):
            yield f"{name}: signed as another release"
    except BadNote:
        yield f"{name}: not signed by the log's key"
    kept = stores.witness.confirmed(one.force, one.number)
    if kept is None:
        yield f"{name}: the witness does not know it"
    elif kept != one.note:
        yield f"{name}: the witness knows another"
    if (stores.witness.withdrawn(one.force, one.number) is None) != one.stands:
        yield f"{name}: the witness and this database differ on whether it was withdrawn"


def _forces(stores: Stores, found: list[PublishedRelease]) -> set[str]:
    return {force.id for force in stores.plans.newest.forces} | {one.force for one in found}


def _chain(stores: Stores, found: list[PublishedRelease], force: str) -> Iterator[str]:
    chain = [one.release for one in found if one.force == force]
    try:
        verify_chain(chain)
    except BrokenChain as error:
        yield f"{force}: {error}"
    # A chain that was cut is whole as far as it goes.
    if stores.witness.confirmed(force, len(chain) + 1) is not None:
        yield f"{force}, release {len(chain) + 1}: the witness has it, and it is not here"


def _cells(work: Work, found: list[PublishedRelease]) -> Iterator[str]:
    stored: dict[tuple[str, int], list[tuple[str, str, str, int, int, int]]] = {}
    for cell in published_cells(work):
        figures = stored.setdefault((cell.force, cell.number), [])
        what = (cell.table.value, str(cell.period), cell.key)
        figures.append((*what, cell.value, cell.lower, cell.upper))
    for one in found:
        signed = [
            (
                table.table.value,
                str(table.period),
                figure.key,
                figure.value,
                figure.lower,
                figure.upper,
            )
            for table in one.release.tables
            for figure in table.figures
        ]
        if stored.get((one.force, one.number), []) != signed:
            yield f"{one.force}, release {one.number}: its figures are not those that were signed"


def _what(table: ReleasedTable, key: str) -> tuple[str, str, str]:
    return table.table.value, str(table.period), key


def _ledger(stores: Stores, work: Work, found: list[PublishedRelease]) -> Iterator[str]:
    entries = spent(work)
    written = {(entry.force, entry.table, entry.period): entry.rho for entry in entries}
    for one in found:
        for table in one.release.tables:
            rho = one.release.budgets.get(table.table)
            if written.get((one.force, table.table, table.period)) != rho:
                yield f"{one.force}, release {one.number}: the ledger does not say what it spent"
                break
    if most_spent(entries) > stores.plans.newest.cap:
        yield "some matter has spent more than the cap"
