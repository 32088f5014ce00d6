"""The keyrings this server has seen, so that an older one cannot be slipped back in."""

from datetime import date

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base


class SeenRow(Base):
    """A keyring that was accepted: its serial and the SHA-256 of its bytes."""

    __tablename__ = "keyring_seen"

    serial: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    seen_on: Mapped[date]
