"""Case sheets in versions, the box of slips, and a state for what follows triage.

Why: what handlers decide is sealed beside the case; what a matter counts as waits for the
statistics; a case whose triage has ended is under way until it is closed with an outcome.
Size and locks: casework_case and mailbox_mailbox are rewritten on SQLite.
Old code on new schema: works, as long as no case is under way.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OLD_STATES = ("sealed", "opened", "triage", "closed")
STATES = ("sealed", "opened", "triage", "under-way", "closed")
OLD_STANDINGS = ("received", "being read", "being assessed", "closed")
STANDINGS = ("received", "being read", "being assessed", "under way", "closed")


def upgrade() -> None:
    op.create_table(
        "casework_sheet",
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ref"], ["casework_case.ref"], name=op.f("fk_casework_sheet_ref_casework_case")
        ),
        sa.PrimaryKeyConstraint("ref", "version", name=op.f("pk_casework_sheet")),
    )
    op.create_table(
        "slips_box",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("force", sa.String(length=31), nullable=False),
        sa.Column("period", sa.String(length=6), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("sent", sa.Boolean(), nullable=False),
        sa.CheckConstraint("length(id) = 16", name=op.f("ck_slips_box_sixteen_bytes")),
        sa.CheckConstraint("kind IN ('entry', 'closure')", name=op.f("ck_slips_box_known_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slips_box")),
    )
    op.create_table(
        "handover_made",
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("made_on", name=op.f("pk_handover_made")),
    )
    op.create_table(
        "handover_carried",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_carried")),
    )
    _allow("casework_case", "state", "casestate", STATES)
    _allow("mailbox_mailbox", "standing", "standing", STANDINGS)


def downgrade() -> None:
    op.execute(
        "UPDATE mailbox_mailbox SET standing = 'being assessed' WHERE standing = 'under way'"
    )
    op.execute("UPDATE casework_case SET state = 'triage' WHERE state = 'under-way'")
    _allow("mailbox_mailbox", "standing", "standing", OLD_STANDINGS)
    _allow("casework_case", "state", "casestate", OLD_STATES)
    op.drop_table("handover_carried")
    op.drop_table("handover_made")
    op.drop_table("slips_box")
    op.drop_table("casework_sheet")


def _allow(table: str, column: str, name: str, values: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{value}'" for value in values)
    with op.batch_alter_table(table) as batch_op:
        batch_op.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
        batch_op.create_check_constraint(op.f(f"ck_{table}_{name}"), f"{column} IN ({listed})")
