"""Rows of plans and strategies. They stand in the statistics database; none names a case."""

from datetime import date

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.database import StatisticsBase
from app.plan.choices import (
    ActionKind,
    EvidenceKind,
    PartKind,
    PlanKind,
    Priority,
    Status,
    Subject,
    Theme,
)


class PlanRow(StatisticsBase):
    """A plan or a strategy."""

    __tablename__ = "plan_plan"
    __table_args__ = (CheckConstraint("review_months > 0", name="some_months"),)

    slug: Mapped[str] = mapped_column(String(48), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    kind: Mapped[PlanKind]
    about: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    review_months: Mapped[int | None]
    review_is_stated: Mapped[bool]
    begun_on: Mapped[date]
    reviewed_on: Mapped[date | None]
    # Two editors on one thing: the second to save is refused (see the stores' save methods).
    version: Mapped[int] = mapped_column(server_default="1")


class PartRow(StatisticsBase):
    """One line of one list of a plan: a force, an owner, an objective, a body."""

    __tablename__ = "plan_part"

    plan: Mapped[str] = mapped_column(ForeignKey("plan_plan.slug"), primary_key=True)
    kind: Mapped[PartKind] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(Text)


class CorporateRiskRow(StatisticsBase):
    """A line of the corporate risk register."""

    __tablename__ = "plan_corporate_risk"

    plan: Mapped[str] = mapped_column(ForeignKey("plan_plan.slug"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(String(200))
    details: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(server_default="1")


class RiskRow(StatisticsBase):
    """An integrity risk, under a corporate one."""

    __tablename__ = "plan_risk"
    __table_args__ = (
        ForeignKeyConstraint(
            ["plan", "corporate"], ["plan_corporate_risk.plan", "plan_corporate_risk.number"]
        ),
        CheckConstraint(
            "likelihood BETWEEN 1 AND 5 AND impact BETWEEN 1 AND 5", name="on_the_scale"
        ),
    )

    plan: Mapped[str] = mapped_column(ForeignKey("plan_plan.slug"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(String(200))
    details: Mapped[str] = mapped_column(Text)
    corporate: Mapped[int]
    likelihood: Mapped[int]
    impact: Mapped[int]
    theme: Mapped[Theme]
    force: Mapped[str | None] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(server_default="1")


class ActionRow(StatisticsBase):
    """An action of a plan."""

    __tablename__ = "plan_action"
    __table_args__ = (
        ForeignKeyConstraint(["plan", "risk"], ["plan_risk.plan", "plan_risk.number"]),
        CheckConstraint("number BETWEEN 1 AND 9999", name="counted_from_one"),
        Index(None, "plan", "status"),
        Index(None, "review_on"),
    )

    plan: Mapped[str] = mapped_column(ForeignKey("plan_plan.slug"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(Text)
    section: Mapped[str] = mapped_column(String(200))
    details: Mapped[str] = mapped_column(Text)
    kind: Mapped[ActionKind]
    theme: Mapped[Theme | None]
    priority: Mapped[Priority]
    status: Mapped[Status]
    read_from: Mapped[str] = mapped_column(Text)
    review_on: Mapped[date | None]
    # The objective's position in its list; no foreign key, for the lists are rewritten whole.
    objective: Mapped[int | None]
    risk: Mapped[int | None]
    version: Mapped[int] = mapped_column(server_default="1")


class ActionOwnerRow(StatisticsBase):
    """An office that owns an action, alone or with others."""

    __tablename__ = "plan_action_owner"
    __table_args__ = (
        ForeignKeyConstraint(["plan", "number"], ["plan_action.plan", "plan_action.number"]),
        Index(None, "office"),
    )

    plan: Mapped[str] = mapped_column(String(48), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    office: Mapped[str] = mapped_column(String(48), primary_key=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(60))


class NoteRow(StatisticsBase):
    """A progress note. The database refuses to change or delete one."""

    __tablename__ = "plan_note"
    __table_args__ = (
        ForeignKeyConstraint(["plan", "number"], ["plan_action.plan", "plan_action.number"]),
        Index(None, "plan", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan: Mapped[str] = mapped_column(String(48))
    number: Mapped[int]
    noted_on: Mapped[date]
    by: Mapped[str] = mapped_column("noted_by", String(31))
    by_name: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(Text)


class EvidenceRow(StatisticsBase):
    """What an action rests on. A figure is a foreign key to a released cell, never a copy of it."""

    __tablename__ = "plan_evidence"
    __table_args__ = (
        ForeignKeyConstraint(["plan", "number"], ["plan_action.plan", "plan_action.number"]),
        UniqueConstraint("plan", "number", "cell"),
        CheckConstraint("(kind = 'published figure') = (cell IS NOT NULL)", name="cell_iff_figure"),
        Index(None, "cell"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan: Mapped[str] = mapped_column(String(48))
    number: Mapped[int]
    kind: Mapped[EvidenceKind]
    cell: Mapped[str | None] = mapped_column(String(32), ForeignKey("trends_cell.id"))
    title: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(200))
    dated_on: Mapped[date | None]
    why: Mapped[str] = mapped_column(Text)
    added_on: Mapped[date]
    by: Mapped[str] = mapped_column("added_by", String(31))
    by_name: Mapped[str] = mapped_column(String(80))


class ChangeRow(StatisticsBase):
    """One field of one thing, from what to what. The database refuses to change or delete one."""

    __tablename__ = "plan_change"
    __table_args__ = (Index(None, "plan", "subject", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan: Mapped[str] = mapped_column(ForeignKey("plan_plan.slug"))
    subject: Mapped[Subject]
    number: Mapped[int | None]
    changed_on: Mapped[date]
    by: Mapped[str] = mapped_column("changed_by", String(31))
    by_name: Mapped[str] = mapped_column(String(80))
    what: Mapped[str] = mapped_column(String(80))
    before: Mapped[str] = mapped_column("was", Text)
    after: Mapped[str] = mapped_column("became", Text)
