"""The rows of accounts and sessions."""

from datetime import UTC, datetime

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from app.errors import Missing
from app.identity.domain import (
    IDLE_LOCK,
    LONGEST_SESSION,
    Account,
    Role,
    StaffId,
    StaffMember,
    StaffSession,
)
from app.identity.tables import AccountRow, SessionRow


class AccountStore:
    """The accounts, in the transaction of a session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, id: str, *, lock: bool = False) -> Account | None:
        """Return the account `id`; with `lock`, nobody else may change it until we are done."""
        asked = select(AccountRow).where(AccountRow.id == id)
        if lock:
            asked = asked.with_for_update()
        row = self._session.scalar(asked.execution_options(populate_existing=True))
        return None if row is None else _account(row)

    def all(self) -> list[Account]:
        """Return every account, in the order of their ids."""
        return [
            _account(row)
            for row in self._session.scalars(select(AccountRow).order_by(AccountRow.id))
        ]

    def counts(self) -> dict[Role, int]:
        """Return how many accounts there are in each role."""
        asked = select(AccountRow.role, func.count()).group_by(AccountRow.role)
        return dict(self._session.execute(asked).all())

    def add(self, account: Account) -> None:
        """Store a new account."""
        member = account.member
        self._session.add(
            AccountRow(
                id=member.id,
                name=member.name,
                role=member.role,
                desk=member.desk,
                office=member.office,
                salt=account.salt,
                login_hash=account.login_hash,
                totp_sealed=account.totp_sealed,
                totp_last_step=account.totp_last_step,
                slot=account.slot,
                recipient=account.recipient,
                verification_key=account.verification_key,
                failures=0,
                locked_until=None,
            )
        )
        self._session.flush()

    def remove(self, id: str) -> None:
        """Take an account away. Its sessions must be gone already."""
        self._session.execute(delete(AccountRow).where(AccountRow.id == id))

    def use_step(self, id: str, step: int) -> bool:
        """Note that the code of `step` was used; False if it, or a later one, was used before."""
        write = (
            update(AccountRow)
            .where(AccountRow.id == id, AccountRow.totp_last_step < step)
            .values(totp_last_step=step)
            .returning(AccountRow.id)
        )
        return self._session.scalar(write) is not None

    def note_failures(self, id: str, failures: int, locked_until: datetime | None) -> None:
        """Store how many sign-ins failed in a row, and until when the account is locked."""
        self._change(id, failures=failures, locked_until=locked_until)

    def set_password(self, id: str, *, salt: bytes, login_hash: bytes, slot: bytes | None) -> None:
        """Store what a new password gave."""
        self._change(id, salt=salt, login_hash=login_hash, slot=slot)

    def set_second_factor(self, id: str, totp_sealed: bytes) -> None:
        """Store a new secret. Steps used with the old one stay used."""
        self._change(id, totp_sealed=totp_sealed)

    def set_post(self, member: StaffMember) -> None:
        """Store name, role, desk and office."""
        self._change(
            member.id,
            name=member.name,
            role=member.role,
            desk=member.desk,
            office=member.office,
        )

    def _change(self, id: str, **values: object) -> None:
        write = (
            update(AccountRow).where(AccountRow.id == id).values(**values).returning(AccountRow.id)
        )
        if self._session.scalar(write) is None:
            raise Missing(f"account {id}")


class SessionStore:
    """The signed-in sessions, in the transaction of a session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, id: bytes) -> StaffSession | None:
        """Return the session whose token hashes to `id`."""
        asked = (
            select(SessionRow, AccountRow)
            .join(AccountRow, AccountRow.id == SessionRow.account)
            .where(SessionRow.id == id)
        )
        found = self._session.execute(asked).one_or_none()
        return None if found is None else _session(*found)

    def of(self, account: str) -> list[StaffSession]:
        """Return the sessions of an account, the last used first."""
        asked = (
            select(SessionRow, AccountRow)
            .join(AccountRow, AccountRow.id == SessionRow.account)
            .where(SessionRow.account == account)
            .order_by(SessionRow.seen_at.desc())
        )
        return [_session(*found) for found in self._session.execute(asked)]

    def add(self, session: StaffSession) -> None:
        """Store a new session."""
        self._session.add(
            SessionRow(
                id=session.id,
                account=session.member.id,
                sealed_key=session.sealed_key,
                started_at=session.started_at,
                seen_at=session.seen_at,
            )
        )
        self._session.flush()

    def touch(self, id: bytes, now: datetime) -> None:
        """Note that the session was used."""
        self._session.execute(update(SessionRow).where(SessionRow.id == id).values(seen_at=now))

    def end(self, id: bytes) -> None:
        """Take one session away, sealed key and all."""
        self._session.execute(delete(SessionRow).where(SessionRow.id == id))

    def end_all_of(self, account: str, *, but: bytes | None = None) -> int:
        """Take the sessions of an account away, and return how many there were."""
        ended = delete(SessionRow).where(SessionRow.account == account)
        if but is not None:
            ended = ended.where(SessionRow.id != but)
        return len(self._session.execute(ended.returning(SessionRow.id)).all())

    def end_lapsed(self, now: datetime) -> None:
        """Take every session away that was idle or open for too long."""
        self._session.execute(
            delete(SessionRow).where(
                or_(
                    SessionRow.seen_at < now - IDLE_LOCK,
                    SessionRow.started_at < now - LONGEST_SESSION,
                )
            )
        )

    def count(self) -> int:
        """Return how many sessions are stored."""
        return self._session.scalar(select(func.count()).select_from(SessionRow)) or 0


def _member(row: AccountRow) -> StaffMember:
    return StaffMember(
        id=StaffId(row.id), name=row.name, role=row.role, desk=row.desk, office=row.office
    )


def _account(row: AccountRow) -> Account:
    return Account(
        member=_member(row),
        salt=row.salt,
        login_hash=row.login_hash,
        totp_sealed=row.totp_sealed,
        totp_last_step=row.totp_last_step,
        slot=row.slot,
        recipient=row.recipient,
        verification_key=row.verification_key,
        failures=row.failures,
        locked_until=None if row.locked_until is None else _in_utc(row.locked_until),
    )


def _session(row: SessionRow, account: AccountRow) -> StaffSession:
    return StaffSession(
        id=row.id,
        member=_member(account),
        sealed_key=row.sealed_key,
        started_at=_in_utc(row.started_at),
        seen_at=_in_utc(row.seen_at),
    )


def _in_utc(stored: datetime) -> datetime:
    # SQLite keeps no time zone; everything we write is UTC.
    return stored.replace(tzinfo=UTC) if stored.tzinfo is None else stored.astimezone(UTC)
