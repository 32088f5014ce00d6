"""Two indexes along which an inbox is read, whatever it is narrowed to and sorted by.

Why: a page is to cost the same with ten cases on a desk and with twenty thousand.
Size and locks: some 100 bytes a case and index; the table is locked while they are made.
Old code on new schema: works.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ALIKE = ["desk", "state", "unread", "priority"]


def upgrade() -> None:
    op.create_index(
        "ix_casework_case_due", "casework_case", [*ALIKE, "due_on", "ref", "received_on"]
    )
    op.create_index(
        "ix_casework_case_received", "casework_case", [*ALIKE, "received_on", "ref", "due_on"]
    )


def downgrade() -> None:
    op.drop_index("ix_casework_case_received", table_name="casework_case")
    op.drop_index("ix_casework_case_due", table_name="casework_case")
