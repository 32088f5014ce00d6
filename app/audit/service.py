"""Record what the staff did, in the transaction of the deed, and show that nothing is missing."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.audit.domain import (
    Checkpoint,
    Edge,
    Entry,
    Verb,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
)
from app.audit.signing import BadNote, LogKey, LogVerifier
from app.audit.store import LogStore
from app.errors import Broken, Missing
from app.work import Work


class LogBroken(Broken):
    """The log is not the log that was written. `number` is the first entry that is wrong."""

    def __init__(self, number: int, what: str) -> None:
        super().__init__(f"audit log, entry {number}: {what}")
        self.number = number


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSize:
    """How large the log is, and the hash over all of it."""

    size: int
    root: bytes


def record(work: Work, *, actor: str, verb: str, subject: str = "", **details: str | int) -> int:
    """Record that `actor` did `verb` to `subject`, and return the entry's number.

    Call it last: the log is locked from here to the end of the transaction, and if that is
    rolled back the entry never was.

    Args:
        work: its instant is written, to the second. It is the instant of an act of the staff
            or of a collection; an act of a reporter's is never recorded.
        actor: id of a member of staff, or of a part of the portal, such as `collection`.
        verb: one of `Verb`.
        subject: what it was done to; a case reference, an account id, or nothing.
        details: at most eight; identifiers without spaces, or whole numbers.

    Raises:
        ValueError: if any of these could hold prose, or the verb is not known. Nothing that
            anybody typed may be passed here.
    """

    def make_leaf(number: int) -> bytes:
        entry = Entry(
            number=number,
            at=work.now,
            actor=actor,
            verb=Verb(verb),
            subject=subject,
            details=details,
        )
        return entry.leaf()

    return LogStore(work.session).append(make_leaf)


def measure(work: Work) -> LogSize:
    """Return how large the log is, without looking at its entries."""
    edge = LogStore(work.session).edge()
    return LogSize(size=edge.size, root=edge.root)


def last_entries(work: Work, count: int) -> list[Entry]:
    """Return the last `count` entries, the oldest first.

    Raises:
        LogBroken: if one of them is not an entry.
    """
    return [_entry(number, leaf) for number, leaf in LogStore(work.session).last_leaves(count)]


def entries_about(work: Work, subject: str) -> list[Entry]:
    """Return every entry about one subject, the oldest first.

    Raises:
        LogBroken: if one of them is not an entry.
    """
    found = (_entry(number, leaf) for number, leaf in LogStore(work.session).leaves_with(subject))
    return [entry for entry in found if entry.subject == subject]


def verify(work: Work) -> LogSize:
    """Recompute everything, and return the size and root that hold.

    An entry that was altered together with its own hash cannot be told from its neighbours in
    the same full subtree: then the first number of that subtree is named.

    Raises:
        LogBroken: naming the first entry that is missing, altered, out of place or too many.
    """
    logs = LogStore(work.session)
    # In this order: what somebody appends meanwhile is then in the edge, or not looked at.
    last = logs.last_number()
    claimed = logs.edge()
    found = _recomputed(logs.leaves(claimed.size))
    if last >= claimed.size:
        raise LogBroken(claimed.size, "not counted in the tree")
    if found.size < claimed.size:
        raise LogBroken(found.size, "missing at the end")
    for (start, _stop), ours, theirs in zip(
        found.spans(), found.hashes, claimed.hashes, strict=True
    ):
        if ours != theirs:
            raise LogBroken(start, "this one or a later one was exchanged")
    return LogSize(size=found.size, root=found.root)


def _recomputed(leaves: Iterable[tuple[int, bytes, bytes]]) -> Edge:
    edge = Edge()
    for number, leaf, hashed in leaves:
        if number != edge.size:
            raise LogBroken(edge.size, "missing")
        if leaf_hash(leaf) != hashed:
            raise LogBroken(number, "not the bytes that were hashed")
        if _entry(number, leaf).number != number:
            raise LogBroken(number, "states another number")
        edge = edge.with_leaf(hashed)
    return edge


def _entry(number: int, leaf: bytes) -> Entry:
    try:
        return Entry.of_leaf(leaf)
    except ValueError as error:
        raise LogBroken(number, "not an entry") from error


def checkpoint(work: Work, key: LogKey) -> str:
    """Return a signed checkpoint of the log as it stands.

    Source: c2sp.org/tlog-checkpoint.
    """
    now = measure(work)
    return key.sign(Checkpoint(origin=key.name, size=now.size, root=now.root).text())


def check_against(work: Work, verifier: LogVerifier, note: str) -> Checkpoint:
    """Return the older checkpoint in `note` if the log still begins with it.

    This is what finds out somebody who rewrote the whole log, edge and all.

    Raises:
        LogBroken: if the log is shorter, or begins with something else.
        Broken: if the note is not a checkpoint of this log's key.
    """
    try:
        text = verifier.open(note)
        old = Checkpoint.parse(text)
    except (BadNote, ValueError) as error:
        raise Broken(f"the checkpoint is not one of this log: {error}") from error
    if old.origin != verifier.name:
        raise Broken("the checkpoint is of another log")
    found = _recomputed(LogStore(work.session).leaves(old.size))
    if found.size < old.size:
        raise LogBroken(found.size, f"missing: the checkpoint saw {old.size}")
    if found.root != old.root:
        raise LogBroken(0, f"the first {old.size} are not those the checkpoint saw")
    return old


def prove_inclusion(work: Work, number: int, *, size: int) -> list[bytes]:
    """Return the proof that entry `number` is in the tree of the first `size` entries.

    Raises:
        Missing: if there is no such entry or was no such tree.
    """
    _must_hold(work, size)
    if not 0 <= number < size:
        raise Missing(f"audit entry {number}")
    return inclusion_proof(number, LogStore(work.session).leaf_hashes(size))


def prove_consistency(work: Work, old_size: int, *, size: int) -> list[bytes]:
    """Return the proof that the first `old_size` entries are the beginning of the first `size`.

    Raises:
        Missing: if there was no such tree.
    """
    _must_hold(work, size)
    if not 0 < old_size <= size:
        raise Missing(f"audit log of {old_size} entries")
    return consistency_proof(old_size, LogStore(work.session).leaf_hashes(size))


def _must_hold(work: Work, size: int) -> None:
    if not 0 < size <= LogStore(work.session).edge().size:
        raise Missing(f"audit log of {size} entries")
