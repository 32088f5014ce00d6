"""Accounts of the board's side: its roles, and the office of a plan owner.

Why: integrity lead, plan owner, board member, policing observer and custodian sign in too.
Size and locks: identity_account is rewritten on SQLite; some hundred rows.
Old code on new schema: works, as long as nobody has one of the new roles.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OLD_ROLES = ("handler", "desk-head", "administrator")
ROLES = (
    *OLD_ROLES,
    "integrity-lead",
    "plan-owner",
    "board-member",
    "policing-observer",
    "custodian",
)


def upgrade() -> None:
    with op.batch_alter_table("identity_account") as batch_op:
        batch_op.add_column(sa.Column("office", sa.String(length=48), nullable=True))
        _allow(batch_op, ROLES)
        batch_op.create_check_constraint(
            op.f("ck_identity_account_office_of_plan_owner"),
            "(role = 'plan-owner') = (office IS NOT NULL)",
        )


def downgrade() -> None:
    # Their accounts mean nothing to the code before; nobody signs in with one.
    op.execute(
        "DELETE FROM identity_session WHERE account IN (SELECT id FROM identity_account "
        "WHERE role NOT IN ('handler', 'desk-head', 'administrator'))"
    )
    op.execute(
        "DELETE FROM identity_account WHERE role NOT IN ('handler', 'desk-head', 'administrator')"
    )
    with op.batch_alter_table("identity_account") as batch_op:
        batch_op.drop_constraint(op.f("ck_identity_account_office_of_plan_owner"), type_="check")
        _allow(batch_op, OLD_ROLES)
        batch_op.drop_column("office")


def _allow(batch_op, roles) -> None:
    batch_op.drop_constraint(op.f("ck_identity_account_role"), type_="check")
    listed = ", ".join(f"'{role}'" for role in roles)
    batch_op.create_check_constraint(op.f("ck_identity_account_role"), f"role IN ({listed})")
