"""How many sheets and notes were written in a case, in its own row.

Why: whether anything was written since the last search is asked of every case at every search,
and two looks more for each were half of what that took. It says nothing that the rows of sheets
and notes do not say.
Size and locks: one column with a fixed value, then one update of the cases that have either.
Old code on new schema: works, and does not count: a search in a process of the new code finds
what an old one wrote only when the case changes next. Stop the old ones first.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

COUNTED = """
UPDATE casework_case SET written =
    (SELECT count(*) FROM casework_sheet WHERE casework_sheet.ref = casework_case.ref)
    + (SELECT count(*) FROM casework_note WHERE casework_note.ref = casework_case.ref)
WHERE EXISTS (SELECT 1 FROM casework_sheet WHERE casework_sheet.ref = casework_case.ref)
    OR EXISTS (SELECT 1 FROM casework_note WHERE casework_note.ref = casework_case.ref)
"""


def upgrade() -> None:
    op.add_column(
        "casework_case", sa.Column("written", sa.Integer(), server_default="0", nullable=False)
    )
    op.execute(COUNTED)


def downgrade() -> None:
    op.drop_column("casework_case", "written")
