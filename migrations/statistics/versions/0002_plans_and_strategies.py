"""Make the tables of plans and strategies.

Why: the Integrity Plan stands beside the releases it cites, so that its evidence is a foreign key
to a released cell; notes and history are append-only, and the database holds to it.
Size and locks: new, empty tables; nothing to lock.
Old code on new schema: works; it knows none of these tables.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("plan_note", "plan_change")


def upgrade() -> None:
    op.create_table(
        "plan_plan",
        sa.Column("slug", sa.String(length=48), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "plan",
                "strategy",
                name="plankind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("review_months", sa.Integer(), nullable=True),
        sa.Column("review_is_stated", sa.Boolean(), nullable=False),
        sa.Column("begun_on", sa.Date(), nullable=False),
        sa.Column("reviewed_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("review_months > 0", name=op.f("ck_plan_plan_some_months")),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_plan_plan")),
    )
    op.create_table(
        "plan_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan", sa.String(length=48), nullable=False),
        sa.Column(
            "subject",
            sa.Enum(
                "plan",
                "corporate risk",
                "integrity risk",
                "action",
                name="subject",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("changed_by", sa.String(length=31), nullable=False),
        sa.Column("by_name", sa.String(length=80), nullable=False),
        sa.Column("what", sa.String(length=80), nullable=False),
        sa.Column("was", sa.Text(), nullable=False),
        sa.Column("became", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan"], ["plan_plan.slug"], name=op.f("fk_plan_change_plan_plan_plan")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_change")),
    )
    with op.batch_alter_table("plan_change", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_plan_change_plan_subject_number"),
            ["plan", "subject", "number"],
            unique=False,
        )

    op.create_table(
        "plan_corporate_risk",
        sa.Column("plan", sa.String(length=48), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["plan"], ["plan_plan.slug"], name=op.f("fk_plan_corporate_risk_plan_plan_plan")
        ),
        sa.PrimaryKeyConstraint("plan", "number", name=op.f("pk_plan_corporate_risk")),
    )
    op.create_table(
        "plan_part",
        sa.Column("plan", sa.String(length=48), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "force",
                "owner",
                "section",
                "principle",
                "objective",
                "consideration",
                "theme",
                "body",
                name="partkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan"], ["plan_plan.slug"], name=op.f("fk_plan_part_plan_plan_plan")
        ),
        sa.PrimaryKeyConstraint("plan", "kind", "position", name=op.f("pk_plan_part")),
    )
    op.create_table(
        "plan_risk",
        sa.Column("plan", sa.String(length=48), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("corporate", sa.Integer(), nullable=False),
        sa.Column("likelihood", sa.Integer(), nullable=False),
        sa.Column("impact", sa.Integer(), nullable=False),
        sa.Column(
            "theme",
            sa.Enum(
                "ethics-and-transparency",
                "guidance-and-benchmarking",
                "policy-and-procedure",
                "people",
                "leadership",
                "performance",
                "confidence",
                "complaints",
                "communication",
                "anti-corruption",
                "ethical-oversight",
                name="theme",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("force", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "likelihood BETWEEN 1 AND 5 AND impact BETWEEN 1 AND 5",
            name=op.f("ck_plan_risk_on_the_scale"),
        ),
        sa.ForeignKeyConstraint(
            ["plan", "corporate"],
            ["plan_corporate_risk.plan", "plan_corporate_risk.number"],
            name=op.f("fk_plan_risk_plan_plan_corporate_risk"),
        ),
        sa.ForeignKeyConstraint(
            ["plan"], ["plan_plan.slug"], name=op.f("fk_plan_risk_plan_plan_plan")
        ),
        sa.PrimaryKeyConstraint("plan", "number", name=op.f("pk_plan_risk")),
    )
    op.create_table(
        "plan_action",
        sa.Column("plan", sa.String(length=48), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("section", sa.String(length=200), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "commitment",
                "governance",
                "communication",
                "review",
                "training",
                "inspection",
                "consultation",
                "other",
                name="actionkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "theme",
            sa.Enum(
                "ethics-and-transparency",
                "guidance-and-benchmarking",
                "policy-and-procedure",
                "people",
                "leadership",
                "performance",
                "confidence",
                "complaints",
                "communication",
                "anti-corruption",
                "ethical-oversight",
                name="theme",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "priority",
            sa.Enum(
                "not stated",
                "high",
                "medium",
                "low",
                name="priority",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "not started",
                "in progress",
                "done",
                "adopted, no change",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("read_from", sa.Text(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("objective", sa.Integer(), nullable=True),
        sa.Column("risk", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "number BETWEEN 1 AND 9999", name=op.f("ck_plan_action_counted_from_one")
        ),
        sa.ForeignKeyConstraint(
            ["plan", "risk"],
            ["plan_risk.plan", "plan_risk.number"],
            name=op.f("fk_plan_action_plan_plan_risk"),
        ),
        sa.ForeignKeyConstraint(
            ["plan"], ["plan_plan.slug"], name=op.f("fk_plan_action_plan_plan_plan")
        ),
        sa.PrimaryKeyConstraint("plan", "number", name=op.f("pk_plan_action")),
    )
    with op.batch_alter_table("plan_action", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_plan_action_plan_status"), ["plan", "status"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_plan_action_review_on"), ["review_on"], unique=False)

    op.create_table(
        "plan_action_owner",
        sa.Column("plan", sa.String(length=48), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("office", sa.String(length=48), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan", "number"],
            ["plan_action.plan", "plan_action.number"],
            name=op.f("fk_plan_action_owner_plan_plan_action"),
        ),
        sa.PrimaryKeyConstraint("plan", "number", "office", name=op.f("pk_plan_action_owner")),
    )
    with op.batch_alter_table("plan_action_owner", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plan_action_owner_office"), ["office"], unique=False)

    op.create_table(
        "plan_evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan", sa.String(length=48), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "published figure",
                "document",
                "inspection finding",
                "research",
                "decision",
                name="evidencekind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("cell", sa.String(length=32), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("dated_on", sa.Date(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("added_on", sa.Date(), nullable=False),
        sa.Column("added_by", sa.String(length=31), nullable=False),
        sa.Column("by_name", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "(kind = 'published figure') = (cell IS NOT NULL)",
            name=op.f("ck_plan_evidence_cell_iff_figure"),
        ),
        sa.ForeignKeyConstraint(
            ["cell"], ["trends_cell.id"], name=op.f("fk_plan_evidence_cell_trends_cell")
        ),
        sa.ForeignKeyConstraint(
            ["plan", "number"],
            ["plan_action.plan", "plan_action.number"],
            name=op.f("fk_plan_evidence_plan_plan_action"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_evidence")),
        sa.UniqueConstraint(
            "plan", "number", "cell", name=op.f("uq_plan_evidence_plan_number_cell")
        ),
    )
    with op.batch_alter_table("plan_evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plan_evidence_cell"), ["cell"], unique=False)

    op.create_table(
        "plan_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan", sa.String(length=48), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("noted_on", sa.Date(), nullable=False),
        sa.Column("noted_by", sa.String(length=31), nullable=False),
        sa.Column("by_name", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan", "number"],
            ["plan_action.plan", "plan_action.number"],
            name=op.f("fk_plan_note_plan_plan_action"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_note")),
    )
    with op.batch_alter_table("plan_note", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_plan_note_plan_number"), ["plan", "number"], unique=False
        )
    _make_append_only()


def downgrade() -> None:
    _let_go()
    with op.batch_alter_table("plan_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_note_plan_number"))

    op.drop_table("plan_note")
    with op.batch_alter_table("plan_evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_evidence_cell"))

    op.drop_table("plan_evidence")
    with op.batch_alter_table("plan_action_owner", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_action_owner_office"))

    op.drop_table("plan_action_owner")
    with op.batch_alter_table("plan_action", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_action_review_on"))
        batch_op.drop_index(batch_op.f("ix_plan_action_plan_status"))

    op.drop_table("plan_action")
    op.drop_table("plan_risk")
    op.drop_table("plan_part")
    op.drop_table("plan_corporate_risk")
    with op.batch_alter_table("plan_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_change_plan_subject_number"))

    op.drop_table("plan_change")
    op.drop_table("plan_plan")


def _make_append_only() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION plan_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'append only'; END $$"
        )
        for table in APPEND_ONLY:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION plan_append_only()"
            )
        return
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'append only'); END"
            )


def _let_go() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in APPEND_ONLY:
            op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute("DROP FUNCTION plan_append_only()")
        return
    for table in APPEND_ONLY:
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER {table}_no_{verb}")
