"""Redacted versions of cases, with access lists of their own.

Why: somebody who helps with a case is to read what she needs, and no more.
Size and locks: two empty tables.
Old code on new schema: works.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sharing_redaction",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ref"], ["casework_case.ref"], name=op.f("fk_sharing_redaction_ref_casework_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sharing_redaction")),
    )
    op.create_index(op.f("ix_sharing_redaction_ref"), "sharing_redaction", ["ref"])
    op.create_table(
        "sharing_redaction_reader",
        sa.Column("member", sa.String(length=31), nullable=False),
        sa.Column("redaction", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["redaction"],
            ["sharing_redaction.id"],
            name=op.f("fk_sharing_redaction_reader_redaction_sharing_redaction"),
        ),
        sa.PrimaryKeyConstraint("member", "redaction", name=op.f("pk_sharing_redaction_reader")),
    )


def downgrade() -> None:
    op.drop_table("sharing_redaction_reader")
    op.drop_index(op.f("ix_sharing_redaction_ref"), table_name="sharing_redaction")
    op.drop_table("sharing_redaction")
