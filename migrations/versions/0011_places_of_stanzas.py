"""Where a member's stanzas stand in a case's headers, beside whether she may read it.

Why: a search opens thousands of envelopes, and trying a key on sixteen stanzas of each is most of
what that takes. What is kept is random for whoever lacks her key.
Size and locks: one column without a value; no row is rewritten.
Old code on new schema: works; rows it writes know no place.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("casework_reader", sa.Column("places", sa.LargeBinary(length=72), nullable=True))


def downgrade() -> None:
    op.drop_column("casework_reader", "places")
