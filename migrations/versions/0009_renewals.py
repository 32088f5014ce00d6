"""Under which keyring the readers of a case were last put right.

Why: after a change of the keyring, open cases are opened for those who joined their desk.
Size and locks: one empty table.
Old code on new schema: works.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "casework_renewal",
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("keyring", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ref"], ["casework_case.ref"], name=op.f("fk_casework_renewal_ref_casework_case")
        ),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_casework_renewal")),
    )


def downgrade() -> None:
    op.drop_table("casework_renewal")
