"""Drafts that wait for a second reader, and internal notes.

Why: free words reach a reporter only after a colleague read them; notes of the desk are apart
from everything that is sent.
Size and locks: two empty tables.
Old code on new schema: works.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "casework_draft",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("returned", sa.Boolean(), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ref"], ["casework_case.ref"], name=op.f("fk_casework_draft_ref_casework_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_casework_draft")),
        sa.UniqueConstraint("ref", name=op.f("uq_casework_draft_ref")),
    )
    op.create_table(
        "casework_note",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ref"], ["casework_case.ref"], name=op.f("fk_casework_note_ref_casework_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_casework_note")),
        sa.UniqueConstraint("ref", "number", name=op.f("uq_casework_note_ref_number")),
    )


def downgrade() -> None:
    op.drop_table("casework_note")
    op.drop_table("casework_draft")
