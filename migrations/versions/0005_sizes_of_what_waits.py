"""Index the sizes of the letters that wait.

Why: each posting adds up what waits; without an index it read past every letter's header.
Size and locks: the letterbox holds a day's letters; the table is locked for milliseconds.
Old code on new schema: works as before.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_intake_letter_size"), "intake_letter", ["size"])


def downgrade() -> None:
    op.drop_index(op.f("ix_intake_letter_size"), table_name="intake_letter")
