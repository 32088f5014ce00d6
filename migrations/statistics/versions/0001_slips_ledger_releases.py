"""Make the tables of the statistics database.

Why: slips as received, the ledger, releases with their cells, and entries for the audit log
(docs/map.md).
Size and locks: an empty database; nothing to lock.
Old code on new schema: there is no older code.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trends_audit_out",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("verb", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("details", sa.String(), nullable=False),
        sa.Column("delivered", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trends_audit_out")),
        sa.UniqueConstraint("place", name=op.f("uq_trends_audit_out_place")),
    )
    op.create_table(
        "trends_freeze",
        sa.Column("intent", sa.LargeBinary(), nullable=False),
        sa.Column("force", sa.String(length=31), nullable=False),
        sa.Column("period", sa.String(length=6), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("plan_version", sa.Integer(), nullable=False),
        sa.Column(
            "cadence",
            sa.Enum(
                "quarter",
                "half",
                "year",
                "groups",
                name="cadence",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("begun_on", sa.Date(), nullable=False),
        sa.Column("set_aside", sa.Integer(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_trends_freeze_counted_from_one")),
        sa.PrimaryKeyConstraint("intent", name=op.f("pk_trends_freeze")),
        sa.UniqueConstraint("force", "number", name=op.f("uq_trends_freeze_force_number")),
        sa.UniqueConstraint("force", "period", name=op.f("uq_trends_freeze_force_period")),
    )
    op.create_table(
        "trends_release",
        sa.Column("force", sa.String(length=31), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("period", sa.String(length=6), nullable=False),
        sa.Column("frozen_on", sa.Date(), nullable=False),
        sa.Column("canonical", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_why", sa.String(length=500), nullable=True),
        sa.PrimaryKeyConstraint("force", "number", name=op.f("pk_trends_release")),
        sa.UniqueConstraint("digest", name=op.f("uq_trends_release_digest")),
        sa.UniqueConstraint("force", "period", name=op.f("uq_trends_release_force_period")),
    )
    op.create_table(
        "trends_slip",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("force", sa.String(length=31), nullable=False),
        sa.Column("period", sa.String(length=6), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("kind IN ('entry', 'closure')", name=op.f("ck_trends_slip_known_kind")),
        sa.CheckConstraint("length(id) = 16", name=op.f("ck_trends_slip_sixteen_bytes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trends_slip")),
    )
    with op.batch_alter_table("trends_slip", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_trends_slip_force_kind_period"),
            ["force", "kind", "period"],
            unique=False,
        )
    op.create_table(
        "trends_cell",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("force", sa.String(length=31), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("counted", sa.String(length=8), nullable=False),
        sa.Column("period", sa.String(length=6), nullable=False),
        sa.Column("key", sa.String(length=1000), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("lower", sa.Integer(), nullable=False),
        sa.Column("upper", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "value >= 0 AND lower >= 0 AND lower <= upper", name=op.f("ck_trends_cell_a_count")
        ),
        sa.ForeignKeyConstraint(
            ["force", "number"],
            ["trends_release.force", "trends_release.number"],
            name=op.f("fk_trends_cell_force_trends_release"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trends_cell")),
        sa.UniqueConstraint(
            "force",
            "counted",
            "period",
            "key",
            name=op.f("uq_trends_cell_force_counted_period_key"),
        ),
        sa.UniqueConstraint(
            "force", "number", "place", name=op.f("uq_trends_cell_force_number_place")
        ),
    )
    op.create_table(
        "trends_ledger",
        sa.Column("force", sa.String(length=31), nullable=False),
        sa.Column("counted", sa.String(length=8), nullable=False),
        sa.Column("period", sa.String(length=6), nullable=False),
        sa.Column("numerator", sa.Integer(), nullable=False),
        sa.Column("denominator", sa.Integer(), nullable=False),
        sa.Column("plan_version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("intent", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "numerator > 0 AND denominator > 0", name=op.f("ck_trends_ledger_a_positive_fraction")
        ),
        sa.ForeignKeyConstraint(
            ["force", "number"],
            ["trends_release.force", "trends_release.number"],
            name=op.f("fk_trends_ledger_force_trends_release"),
        ),
        sa.ForeignKeyConstraint(
            ["intent"], ["trends_freeze.intent"], name=op.f("fk_trends_ledger_intent_trends_freeze")
        ),
        sa.PrimaryKeyConstraint("force", "counted", "period", name=op.f("pk_trends_ledger")),
    )
    op.create_table(
        "trends_ledger_quarter",
        sa.Column("force", sa.String(length=31), nullable=False),
        sa.Column("counted", sa.String(length=8), nullable=False),
        sa.Column("quarter", sa.String(length=6), nullable=False),
        sa.Column("period", sa.String(length=6), nullable=False),
        sa.ForeignKeyConstraint(
            ["force", "counted", "period"],
            ["trends_ledger.force", "trends_ledger.counted", "trends_ledger.period"],
            name=op.f("fk_trends_ledger_quarter_force_trends_ledger"),
        ),
        sa.PrimaryKeyConstraint(
            "force", "counted", "quarter", name=op.f("pk_trends_ledger_quarter")
        ),
    )


def downgrade() -> None:
    op.drop_table("trends_ledger_quarter")
    op.drop_table("trends_ledger")
    op.drop_table("trends_cell")
    with op.batch_alter_table("trends_slip", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_trends_slip_force_kind_period"))
    op.drop_table("trends_slip")
    op.drop_table("trends_release")
    op.drop_table("trends_freeze")
    op.drop_table("trends_audit_out")
