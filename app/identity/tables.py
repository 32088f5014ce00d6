"""Rows of staff accounts and their sessions. No reporter has one."""

from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base
from app.identity.domain import Role


class AccountRow(Base):
    """A member of staff. The key slot opens with her password alone; see `passwords.py`."""

    __tablename__ = "identity_account"
    __table_args__ = (
        CheckConstraint(
            "(role = 'plan-owner') = (office IS NOT NULL)", name="office_of_plan_owner"
        ),
    )

    id: Mapped[str] = mapped_column(String(31), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[Role]
    desk: Mapped[str | None] = mapped_column(String(31))
    office: Mapped[str | None] = mapped_column(String(48))
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    # SHA-256 of the login half of one Argon2id run; the other half opens the slot.
    login_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    totp_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    # pyotp would accept a code twice: the last step used is kept.
    totp_last_step: Mapped[int] = mapped_column(server_default="0")
    slot: Mapped[bytes | None] = mapped_column(LargeBinary)
    recipient: Mapped[bytes | None] = mapped_column(LargeBinary(1216))
    verification_key: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    failures: Mapped[int] = mapped_column(server_default="0")
    locked_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class SessionRow(Base):
    """A signed-in session. Neither this row nor the cookie alone opens the identity."""

    __tablename__ = "identity_session"

    # SHA-256 of the cookie's token.
    id: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("identity_account.id"), index=True)
    sealed_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
