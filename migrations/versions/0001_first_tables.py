"""Make the tables of the casework database.

Why: letterbox, mailboxes, cases, accounts, audit log and the keyrings seen (docs/map.md).
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
        "audit_edge",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_edge_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_edge")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_entry")),
    )
    op.create_table(
        "collection_made",
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("made_on", name=op.f("pk_collection_made")),
    )
    op.create_table(
        "collection_urgent",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_collection_urgent_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_urgent")),
    )
    op.create_table(
        "identity_account",
        sa.Column("id", sa.String(length=31), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "handler",
                "desk-head",
                "administrator",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("desk", sa.String(length=31), nullable=True),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("login_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("totp_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("totp_last_step", sa.Integer(), server_default="0", nullable=False),
        sa.Column("slot", sa.LargeBinary(), nullable=True),
        sa.Column("recipient", sa.LargeBinary(length=1216), nullable=True),
        sa.Column("verification_key", sa.LargeBinary(length=32), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_account")),
    )
    op.create_table(
        "intake_letter",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("tag_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("mailbox", sa.LargeBinary(length=32), nullable=False),
        sa.Column("desk", sa.String(length=31), nullable=True),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_letter")),
    )
    with op.batch_alter_table("intake_letter") as batch_op:
        batch_op.create_index(batch_op.f("ix_intake_letter_tag_hash"), ["tag_hash"], unique=False)

    op.create_table(
        "intake_spent_ticket",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("valid_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_intake_spent_ticket")),
    )
    with op.batch_alter_table("intake_spent_ticket") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_intake_spent_ticket_valid_on"), ["valid_on"], unique=False
        )

    op.create_table(
        "intake_waiting_file",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("arrived_on", sa.Date(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_waiting_file")),
    )
    with op.batch_alter_table("intake_waiting_file") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_intake_waiting_file_arrived_on"), ["arrived_on"], unique=False
        )

    op.create_table(
        "keyring_seen",
        sa.Column("serial", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_keyring_seen")),
    )
    op.create_table(
        "mailbox_mailbox",
        sa.Column("id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("tag_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("desk", sa.String(length=31), nullable=False),
        sa.Column(
            "standing",
            sa.Enum(
                "received",
                "being read",
                "being assessed",
                "closed",
                name="standing",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("look_again_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox_mailbox")),
        sa.UniqueConstraint("tag_hash", name=op.f("uq_mailbox_mailbox_tag_hash")),
    )
    op.create_table(
        "casework_case",
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("mailbox", sa.LargeBinary(length=32), nullable=False),
        sa.Column("desk", sa.String(length=31), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "sealed",
                "opened",
                "triage",
                "closed",
                name="casestate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "priority",
            sa.Enum(
                "ordinary",
                "urgent",
                name="priority",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("unread", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox"],
            ["mailbox_mailbox.id"],
            name=op.f("fk_casework_case_mailbox_mailbox_mailbox"),
        ),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_casework_case")),
        sa.UniqueConstraint("mailbox", name=op.f("uq_casework_case_mailbox")),
    )
    with op.batch_alter_table("casework_case") as batch_op:
        batch_op.create_index(batch_op.f("ix_casework_case_desk"), ["desk"], unique=False)

    op.create_table(
        "identity_session",
        sa.Column("id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account", sa.String(length=31), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account"],
            ["identity_account.id"],
            name=op.f("fk_identity_session_account_identity_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_session")),
    )
    with op.batch_alter_table("identity_session") as batch_op:
        batch_op.create_index(batch_op.f("ix_identity_session_account"), ["account"], unique=False)

    op.create_table(
        "intake_letter_part",
        sa.Column("letter", sa.LargeBinary(length=16), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["letter"],
            ["intake_letter.id"],
            name=op.f("fk_intake_letter_part_letter_intake_letter"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("letter", "number", name=op.f("pk_intake_letter_part")),
    )
    op.create_table(
        "intake_waiting_part",
        sa.Column("file", sa.LargeBinary(length=16), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file"],
            ["intake_waiting_file.id"],
            name=op.f("fk_intake_waiting_part_file_intake_waiting_file"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("file", "number", name=op.f("pk_intake_waiting_part")),
    )
    op.create_table(
        "mailbox_entry",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("mailbox", sa.LargeBinary(length=32), nullable=False),
        sa.Column(
            "side",
            sa.Enum(
                "reporter",
                "desk",
                name="side",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("postmark", sa.Date(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("object_name", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox"],
            ["mailbox_mailbox.id"],
            name=op.f("fk_mailbox_entry_mailbox_mailbox_mailbox"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox_entry")),
        sa.UniqueConstraint("object_name", name=op.f("uq_mailbox_entry_object_name")),
    )
    with op.batch_alter_table("mailbox_entry") as batch_op:
        batch_op.create_index(batch_op.f("ix_mailbox_entry_mailbox"), ["mailbox"], unique=False)

    op.create_table(
        "casework_declaration",
        sa.Column("member", sa.String(length=31), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column(
            "said",
            sa.Enum(
                "no conflict",
                "conflict",
                name="declaration",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("said_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ref"], ["casework_case.ref"], name=op.f("fk_casework_declaration_ref_casework_case")
        ),
        sa.PrimaryKeyConstraint("member", "ref", name=op.f("pk_casework_declaration")),
    )
    op.create_table(
        "casework_reader",
        sa.Column("member", sa.String(length=31), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("may_read", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ref"], ["casework_case.ref"], name=op.f("fk_casework_reader_ref_casework_case")
        ),
        sa.PrimaryKeyConstraint("member", "ref", name=op.f("pk_casework_reader")),
    )


def downgrade() -> None:
    op.drop_table("casework_reader")
    op.drop_table("casework_declaration")
    with op.batch_alter_table("mailbox_entry") as batch_op:
        batch_op.drop_index(batch_op.f("ix_mailbox_entry_mailbox"))

    op.drop_table("mailbox_entry")
    op.drop_table("intake_waiting_part")
    op.drop_table("intake_letter_part")
    with op.batch_alter_table("identity_session") as batch_op:
        batch_op.drop_index(batch_op.f("ix_identity_session_account"))

    op.drop_table("identity_session")
    with op.batch_alter_table("casework_case") as batch_op:
        batch_op.drop_index(batch_op.f("ix_casework_case_desk"))

    op.drop_table("casework_case")
    op.drop_table("mailbox_mailbox")
    op.drop_table("keyring_seen")
    with op.batch_alter_table("intake_waiting_file") as batch_op:
        batch_op.drop_index(batch_op.f("ix_intake_waiting_file_arrived_on"))

    op.drop_table("intake_waiting_file")
    with op.batch_alter_table("intake_spent_ticket") as batch_op:
        batch_op.drop_index(batch_op.f("ix_intake_spent_ticket_valid_on"))

    op.drop_table("intake_spent_ticket")
    with op.batch_alter_table("intake_letter") as batch_op:
        batch_op.drop_index(batch_op.f("ix_intake_letter_tag_hash"))

    op.drop_table("intake_letter")
    op.drop_table("identity_account")
    op.drop_table("collection_urgent")
    op.drop_table("collection_made")
    op.drop_table("audit_entry")
    op.drop_table("audit_edge")
