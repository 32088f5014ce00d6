"""The rows of the audit log: append under the lock of the edge, and read in order."""

from collections.abc import Callable, Iterator

from sqlalchemy import func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as insert_on_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_on_sqlite
from sqlalchemy.orm import Session

from app.audit.domain import HASH, Edge, leaf_hash
from app.audit.tables import EdgeRow, EntryRow
from app.errors import Broken

ONLY_ROW = 1
ROWS_AT_A_TIME = 1000


class LogStore:
    """The log, in the transaction of a session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def append(self, make_leaf: Callable[[int], bytes]) -> int:
        """Append the leaf that `make_leaf` gives for its number, and return the number.

        The edge row stays locked until the transaction ends, so numbers have no gap and no
        two leaves have the same one; a roll-back gives the number back.
        """
        edge = self._locked_edge()
        leaf = make_leaf(edge.size)
        hashed = leaf_hash(leaf)
        self._session.execute(
            insert(EntryRow).values(number=edge.size, leaf=leaf, leaf_hash=hashed)
        )
        self._save(edge.with_leaf(hashed))
        return edge.size

    def edge(self) -> Edge:
        """Return the tree as it stands; the empty one if nothing was ever recorded.

        Raises:
            Broken: if the stored edge is not one.
        """
        return self._edge(lock=False) or Edge()

    def leaves(self, stop: int) -> Iterator[tuple[int, bytes, bytes]]:
        """Yield number, leaf and leaf hash of every entry below `stop`, in order."""
        asked = select(EntryRow.number, EntryRow.leaf, EntryRow.leaf_hash).order_by(EntryRow.number)
        start = None
        while True:
            page = asked.where(EntryRow.number < stop).limit(ROWS_AT_A_TIME)
            if start is not None:
                page = page.where(EntryRow.number > start)
            rows = self._session.execute(page).all()
            if not rows:
                return
            yield from rows
            start = rows[-1].number

    def last_number(self) -> int:
        """Return the highest number in the table, whatever the edge says; -1 if there is none."""
        found = self._session.scalar(select(func.max(EntryRow.number)))
        return -1 if found is None else found

    def last_leaves(self, count: int) -> list[tuple[int, bytes]]:
        """Return number and leaf of the last `count` entries, the oldest first."""
        newest = select(EntryRow.number, EntryRow.leaf).order_by(EntryRow.number.desc())
        rows = self._session.execute(newest.limit(count)).all()
        return [(number, leaf) for number, leaf in reversed(rows)]

    def leaves_with(self, subject: str) -> list[tuple[int, bytes]]:
        """Return number and leaf of the entries in which `subject` stands, the oldest first."""
        needle = f'"subject":"{subject}"'.encode("ascii")
        postgres = self._session.get_bind().dialect.name == "postgresql"
        place = (
            func.position(literal(needle).op("IN")(EntryRow.leaf))
            if postgres
            else func.instr(EntryRow.leaf, needle)
        )
        asked = select(EntryRow.number, EntryRow.leaf).where(place > 0)
        rows = self._session.execute(asked.order_by(EntryRow.number)).all()
        return [(number, leaf) for number, leaf in rows]

    def leaf_hashes(self, size: int) -> list[bytes]:
        """Return the leaf hashes of the first `size` entries.

        Raises:
            Broken: if there are fewer.
        """
        first = select(EntryRow.leaf_hash).where(EntryRow.number < size).order_by(EntryRow.number)
        hashes = list(self._session.scalars(first))
        if len(hashes) != size:
            raise Broken(f"the audit log has {len(hashes)} of its first {size} entries")
        return hashes

    def _locked_edge(self) -> Edge:
        edge = self._edge(lock=True)
        if edge is None:
            self._make_edge()
            edge = self._edge(lock=True)
        if edge is None:
            raise Broken("the audit log has no edge")
        return edge

    def _edge(self, *, lock: bool) -> Edge | None:
        # Columns and not the row object: the session might still hold an older one.
        asked = select(EdgeRow.size, EdgeRow.hashes).where(EdgeRow.id == ONLY_ROW)
        found = self._session.execute(asked.with_for_update() if lock else asked).one_or_none()
        if found is None:
            return None
        hashes = found.hashes
        parts = tuple(hashes[start : start + HASH] for start in range(0, len(hashes), HASH))
        try:
            return Edge(found.size, parts)
        except ValueError as error:
            raise Broken("the edge of the audit log is not one") from error

    def _make_edge(self) -> None:
        # Two first entries at once: the second insert waits for the first, then does nothing.
        empty = {"id": ONLY_ROW, "size": 0, "hashes": b""}
        if self._session.get_bind().dialect.name == "postgresql":
            self._session.execute(
                insert_on_postgresql(EdgeRow).values(empty).on_conflict_do_nothing()
            )
        else:
            self._session.execute(insert_on_sqlite(EdgeRow).values(empty).on_conflict_do_nothing())

    def _save(self, edge: Edge) -> None:
        self._session.execute(
            update(EdgeRow)
            .where(EdgeRow.id == ONLY_ROW)
            .values(size=edge.size, hashes=b"".join(edge.hashes))
        )
