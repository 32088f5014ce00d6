"""Make the table of proposals that take two people.

Why: a freeze, a withdrawal and all that follow are proposed by one person and approved by another.
Size and locks: an empty table; nothing to lock.
Old code on new schema: does not know the table, and works.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "approval_proposal",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("proposed_by", sa.String(length=31), nullable=False),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column(
            "standing",
            sa.Enum(
                "open",
                "approved",
                "done",
                "withdrawn",
                "expired",
                name="standing",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("answered_by", sa.String(length=31), nullable=True),
        sa.CheckConstraint(
            "answered_by IS NULL OR standing <> 'open'",
            name=op.f("ck_approval_proposal_an_open_one_has_no_answer"),
        ),
        sa.CheckConstraint(
            "payload IS NULL OR standing IN ('open', 'approved')",
            name=op.f("ck_approval_proposal_payload_goes_at_the_end"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_proposal")),
    )
    with op.batch_alter_table("approval_proposal", schema=None) as batch_op:
        batch_op.create_index(
            "uq_approval_proposal_alive",
            ["kind", "subject"],
            unique=True,
            sqlite_where=sa.text("standing IN ('open', 'approved')"),
            postgresql_where=sa.text("standing IN ('open', 'approved')"),
        )


def downgrade() -> None:
    with op.batch_alter_table("approval_proposal", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_approval_proposal_alive",
            sqlite_where=sa.text("standing IN ('open', 'approved')"),
            postgresql_where=sa.text("standing IN ('open', 'approved')"),
        )
    op.drop_table("approval_proposal")
