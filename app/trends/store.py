"""The rows of the statistics database: slips, ledger, releases. The same on both engines."""

import secrets
from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction

from sqlalchemy import Select, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.trends.domain import Cadence, Period, Table
from app.trends.ledger import Spent
from app.trends.publication import due
from app.trends.published import PublishedCell, PublishedRelease, cell_id
from app.trends.releases import Release, parse_release
from app.trends.slips import ReceivedSlip, SlipKind
from app.trends.tables import (
    CellRow,
    FreezeRow,
    LedgerRow,
    ReleaseRow,
    SlipRow,
    SpentQuarterRow,
)

AT_ONCE = 500  # keys in one statement


class Slips:
    """The slips that were handed over and wait for their freezes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def places(self, ids: Sequence[bytes]) -> dict[bytes, tuple[str, SlipKind, Period]]:
        """Return force, kind and period of those of `ids` that are here."""
        found = {}
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            chosen = select(SlipRow.id, SlipRow.force, SlipRow.kind, SlipRow.period)
            for row in self._session.execute(chosen.where(SlipRow.id.in_(some))):
                found[row.id] = (row.force, SlipKind(row.kind), Period.parse(row.period))
        return found

    def put(self, slip: ReceivedSlip) -> None:
        """Write a slip, in place of an earlier one with its id."""
        says = {
            "force": slip.force,
            "period": str(slip.period),
            "kind": slip.kind.value,
            "header": slip.header,
            "payload": slip.payload,
        }
        row = _insert(self._session)(SlipRow).values(id=slip.id, **says)
        self._session.execute(row.on_conflict_do_update(index_elements=["id"], set_=says))

    def shuffle(self) -> None:
        """Write every slip anew, in an order that means nothing."""
        kept = [
            {column.key: getattr(row, column.key) for column in SlipRow.__table__.columns}
            for row in self._session.scalars(select(SlipRow))
        ]
        secrets.SystemRandom().shuffle(kept)
        self._session.execute(delete(SlipRow).execution_options(synchronize_session=False))
        self._session.expunge_all()
        for start in range(0, len(kept), AT_ONCE):
            self._session.execute(insert(SlipRow), kept[start : start + AT_ONCE])

    def of(self, force: str, kind: SlipKind, periods: Sequence[Period]) -> Iterator[ReceivedSlip]:
        """Yield a force's slips of one kind and some periods, in an order that means nothing."""
        chosen = _slips(select(SlipRow), force, kind, periods).order_by(SlipRow.id)
        after = b""
        # Some at a time, and no cursor that a crash in between would leave open.
        while some := self._session.scalars(chosen.where(SlipRow.id > after).limit(AT_ONCE)).all():
            for row in some:
                yield ReceivedSlip(
                    id=row.id,
                    force=row.force,
                    period=Period.parse(row.period),
                    kind=SlipKind(row.kind),
                    header=row.header,
                    payload=row.payload,
                )
            after = some[-1].id

    def remove(self, force: str, kind: SlipKind, periods: Sequence[Period]) -> None:
        """Remove the slips that no later freeze will count."""
        named = [str(period) for period in periods]
        self._session.execute(
            delete(SlipRow).where(
                SlipRow.force == force, SlipRow.kind == kind.value, SlipRow.period.in_(named)
            )
        )


class Freezes:
    """The freezes that were begun."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def begun(self, force: str, quarter: Period) -> FreezeRow | None:
        """Return the freeze of a quarter, if it was begun."""
        return self._session.scalar(_freezes(force).where(FreezeRow.period == str(quarter)))

    def cadence(self, force: str, year: int) -> Cadence | None:
        """Return the cadence that the first freeze of a year decided, if there was one."""
        chosen = select(FreezeRow.cadence).where(
            FreezeRow.force == force, FreezeRow.period.startswith(f"{year}Q")
        )
        return self._session.scalar(chosen.order_by(FreezeRow.number).limit(1))

    def add(self, row: FreezeRow) -> None:
        """Add a freeze that begins.

        Raises:
            Conflict: if somebody else began one for the quarter meanwhile.
        """
        self._session.add(row)
        try:
            self._session.flush()
        except IntegrityError:
            raise Conflict(f"a freeze of {row.force}, {row.period} was begun") from None

    def unfinished(self, force: str | None = None) -> list[FreezeRow]:
        """Return the freezes, of one force or of all, whose release is not written."""
        written = (ReleaseRow.force == FreezeRow.force) & (ReleaseRow.number == FreezeRow.number)
        chosen = select(FreezeRow).outerjoin(ReleaseRow, written)
        chosen = chosen.where(ReleaseRow.number.is_(None))
        if force is not None:
            chosen = chosen.where(FreezeRow.force == force)
        return list(self._session.scalars(chosen.order_by(FreezeRow.force, FreezeRow.number)))

    def covered(self) -> set[tuple[str, Table, Period]]:
        """Return every force, table and quarter that a freeze without a release is to count."""
        return {
            (row.force, table, quarter)
            for row in self.unfinished()
            for table, period in due(Period.parse(row.period), row.cadence)
            for quarter in period.quarters
        }

    def remove_unfinished(self, force: str) -> None:
        """Forget what was begun for a force and never written."""
        for row in self.unfinished(force):
            self._session.delete(row)
        self._session.flush()

    def aside(self, force: str, number: int) -> int:
        """Return how many slips a freeze could not count."""
        chosen = select(FreezeRow.set_aside).where(
            FreezeRow.force == force, FreezeRow.number == number
        )
        return self._session.scalar(chosen) or 0

    def set_aside(self, id: bytes, count: int) -> None:
        """Note how many slips a freeze could not count."""
        self._session.execute(
            update(FreezeRow).where(FreezeRow.intent == id).values(set_aside=count)
        )


class Ledger:
    """What was spent, for ever."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, force: str | None = None) -> list[Spent]:
        """Return everything that was spent, of one force or of all."""
        chosen = select(LedgerRow).order_by(LedgerRow.force, LedgerRow.number, LedgerRow.table)
        if force is not None:
            chosen = chosen.where(LedgerRow.force == force)
        return [
            Spent(
                row.force,
                Table(row.table),
                Period.parse(row.period),
                Fraction(row.numerator, row.denominator),
            )
            for row in self._session.scalars(chosen)
        ]

    def add(self, entry: Spent, *, number: int, plan_version: int, intent: bytes) -> None:
        """Write what a table spends, and each quarter it covers.

        Raises:
            Conflict: if it covers a quarter that was spent already.
        """
        key = {"force": entry.force, "table": entry.table.value, "period": str(entry.period)}
        rows = [
            LedgerRow(
                **key,
                numerator=entry.rho.numerator,
                denominator=entry.rho.denominator,
                plan_version=plan_version,
                number=number,
                intent=intent,
            )
        ]
        quarters = [SpentQuarterRow(**key, quarter=str(part)) for part in entry.period.quarters]
        try:
            for some in (rows, quarters):
                self._session.add_all(some)
                self._session.flush()
        except IntegrityError:
            raise Conflict(f"{entry.table.value} of {entry.force} is spent") from None

    def covered(self) -> set[tuple[str, Table, Period]]:
        """Return every force, table and quarter that was spent."""
        rows = self._session.execute(
            select(SpentQuarterRow.force, SpentQuarterRow.table, SpentQuarterRow.quarter)
        )
        return {(row.force, Table(row.table), Period.parse(row.quarter)) for row in rows}


class Releases:
    """What freezes published."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, release: Release, note: str) -> None:
        """Write a release and its cells, not yet shown.

        Raises:
            Conflict: if its place in the chain or its quarter has one.
        """
        row = ReleaseRow(
            force=release.force,
            number=release.number,
            period=str(release.period),
            frozen_on=release.frozen_on,
            canonical=release.canonical_json(),
            digest=release.digest(),
            note=note,
        )
        try:
            self._session.add(row)
            self._session.flush()
            self._session.execute(insert(CellRow), _cells(release))
        except IntegrityError:
            raise Conflict(f"release {release.number} of {release.force} exists") from None

    def find(self, force: str, number: int) -> ReleaseRow | None:
        """Return a release as it is stored, shown or not."""
        return self._session.get(ReleaseRow, (force, number))

    def of_quarter(self, force: str, quarter: Period) -> ReleaseRow | None:
        """Return the release that ends with a quarter, shown or not."""
        chosen = select(ReleaseRow).where(
            ReleaseRow.force == force, ReleaseRow.period == str(quarter)
        )
        return self._session.scalar(chosen)

    def last(self, force: str) -> ReleaseRow | None:
        """Return the last release of a force's chain, shown or not."""
        chosen = select(ReleaseRow).where(ReleaseRow.force == force)
        return self._session.scalar(chosen.order_by(ReleaseRow.number.desc()).limit(1))

    def shown(self, force: str | None = None) -> list[PublishedRelease]:
        """Return the releases that were shown, force by force in the order of their chains."""
        chosen = select(ReleaseRow).where(ReleaseRow.confirmed)
        if force is not None:
            chosen = chosen.where(ReleaseRow.force == force)
        rows = self._session.scalars(chosen.order_by(ReleaseRow.force, ReleaseRow.number))
        return [_published(row) for row in rows]

    def waiting(self) -> list[PublishedRelease]:
        """Return the releases that are written and not shown yet."""
        chosen = select(ReleaseRow).where(ReleaseRow.confirmed.is_(False))
        rows = self._session.scalars(chosen.order_by(ReleaseRow.force, ReleaseRow.number))
        return [_published(row) for row in rows]

    def show(self, force: str, number: int) -> None:
        """Show a release from now on."""
        self._set(force, number, confirmed=True)

    def withdraw(self, force: str, number: int, *, on: date, why: str) -> bool:
        """Mark a shown release as withdrawn; False if it is withdrawn already."""
        write = (
            update(ReleaseRow)
            .where(
                ReleaseRow.force == force,
                ReleaseRow.number == number,
                ReleaseRow.confirmed,
                ReleaseRow.withdrawn_on.is_(None),
            )
            .values(withdrawn_on=on, withdrawn_why=why)
            .returning(ReleaseRow.number)
        )
        return self._session.scalar(write) is not None

    def _set(self, force: str, number: int, **values: object) -> None:
        self._session.execute(
            update(ReleaseRow)
            .where(ReleaseRow.force == force, ReleaseRow.number == number)
            .values(**values)
        )


class Cells:
    """Published figures."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def shown(self, *, force: str | None = None, id: str | None = None) -> list[PublishedCell]:
        """Return the cells of shown releases, in the order in which they were published."""
        shown = (ReleaseRow.force == CellRow.force) & (ReleaseRow.number == CellRow.number)
        chosen = select(CellRow, ReleaseRow.withdrawn_on).join(ReleaseRow, shown)
        chosen = chosen.where(ReleaseRow.confirmed)
        if force is not None:
            chosen = chosen.where(CellRow.force == force)
        if id is not None:
            chosen = chosen.where(CellRow.id == id)
        rows = self._session.execute(chosen.order_by(CellRow.force, CellRow.number, CellRow.place))
        return [_cell(row, withdrawn=withdrawn_on is not None) for row, withdrawn_on in rows]


def _slips(
    chosen: Select[SlipRow], force: str, kind: SlipKind, periods: Sequence[Period]
) -> Select[SlipRow]:
    named = [str(period) for period in periods]
    return chosen.where(
        SlipRow.force == force, SlipRow.kind == kind.value, SlipRow.period.in_(named)
    )


def _freezes(force: str) -> Select[FreezeRow]:
    return select(FreezeRow).where(FreezeRow.force == force)


def _cells(release: Release) -> list[dict[str, object]]:
    figures = [(table, figure) for table in release.tables for figure in table.figures]
    return [
        {
            "id": cell_id(release.force, table.table, table.period, figure.key),
            "force": release.force,
            "number": release.number,
            "place": place,
            "table": table.table.value,
            "period": str(table.period),
            "key": figure.key,
            "value": figure.value,
            "lower": figure.lower,
            "upper": figure.upper,
        }
        for place, (table, figure) in enumerate(figures)
    ]


def _published(row: ReleaseRow) -> PublishedRelease:
    return PublishedRelease(
        release=parse_release(row.canonical),
        note=row.note,
        withdrawn_on=row.withdrawn_on,
        withdrawn_why=row.withdrawn_why,
    )


def _cell(row: CellRow, *, withdrawn: bool) -> PublishedCell:
    return PublishedCell(
        id=row.id,
        force=row.force,
        number=row.number,
        table=Table(row.table),
        period=Period.parse(row.period),
        key=row.key,
        value=row.value,
        lower=row.lower,
        upper=row.upper,
        withdrawn=withdrawn,
    )


def _insert(session: Session) -> type[sqlite.Insert] | type[postgresql.Insert]:
    postgres = session.get_bind().dialect.name == "postgresql"
    return postgresql.Insert if postgres else sqlite.Insert
