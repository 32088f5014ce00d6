"""Make the table of alerts that wait to be sent.

Why: danger to life is told to the people on call, by a mail that the worker sends.
Size and locks: an empty table; nothing to lock.
Old code on new schema: does not know the table, and works.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alerts_waiting",
        sa.Column("desk", sa.String(length=31), nullable=False),
        sa.PrimaryKeyConstraint("desk", name=op.f("pk_alerts_waiting")),
    )


def downgrade() -> None:
    op.drop_table("alerts_waiting")
