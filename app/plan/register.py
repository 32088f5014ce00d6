"""The rows of the risk register: corporate risks, and the integrity risks under them."""

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.plan.domain import CorporateRisk, Risk, Stale
from app.plan.tables import CorporateRiskRow, RiskRow


class Register:
    """The risks of one plan."""

    def __init__(self, session: Session, plan: str) -> None:
        self._session = session
        self._plan = plan

    def corporate(self) -> list[CorporateRisk]:
        """Return the corporate risks, by number."""
        chosen = select(CorporateRiskRow).where(CorporateRiskRow.plan == self._plan)
        rows = self._session.scalars(chosen.order_by(CorporateRiskRow.number))
        return [_corporate(row) for row in rows]

    def risks(self) -> list[Risk]:
        """Return the integrity risks, the heaviest first."""
        chosen = select(RiskRow).where(RiskRow.plan == self._plan)
        heaviest = (RiskRow.likelihood * RiskRow.impact).desc()
        return [
            _risk(row) for row in self._session.scalars(chosen.order_by(heaviest, RiskRow.number))
        ]

    def find_corporate(self, number: int) -> CorporateRisk | None:
        """Return one corporate risk."""
        chosen = select(CorporateRiskRow).where(
            CorporateRiskRow.plan == self._plan, CorporateRiskRow.number == number
        )
        row = self._session.scalar(chosen)
        return None if row is None else _corporate(row)

    def find(self, number: int) -> Risk | None:
        """Return one integrity risk."""
        chosen = select(RiskRow).where(RiskRow.plan == self._plan, RiskRow.number == number)
        row = self._session.scalar(chosen)
        return None if row is None else _risk(row)

    def next_corporate(self) -> int:
        """Return the next number for a corporate risk."""
        return self._next(CorporateRiskRow)

    def next_risk(self) -> int:
        """Return the next number for an integrity risk."""
        return self._next(RiskRow)

    def _next(self, table: type[CorporateRiskRow] | type[RiskRow]) -> int:
        highest = select(func.max(table.number)).where(table.plan == self._plan)
        return (self._session.scalar(highest) or 0) + 1

    def add_corporate(self, risk: CorporateRisk) -> None:
        """Add a corporate risk."""
        facts = {"plan": self._plan, "number": risk.number, "version": 1}
        self._session.execute(insert(CorporateRiskRow), facts | _corporate_facts(risk))

    def add(self, risk: Risk) -> None:
        """Add an integrity risk."""
        facts = {"plan": self._plan, "number": risk.number, "version": 1}
        self._session.execute(insert(RiskRow), facts | _risk_facts(risk))

    def save_corporate(self, risk: CorporateRisk) -> None:
        """Write back a corporate risk.

        Raises:
            Stale: if it changed since it was read.
        """
        self._save(CorporateRiskRow, risk, _corporate_facts(risk))

    def save(self, risk: Risk) -> None:
        """Write back an integrity risk.

        Raises:
            Stale: if it changed since it was read.
        """
        self._save(RiskRow, risk, _risk_facts(risk))

    def _save(
        self,
        table: type[CorporateRiskRow] | type[RiskRow],
        risk: CorporateRisk | Risk,
        facts: dict[str, object],
    ) -> None:
        write = (
            update(table)
            .where(
                table.plan == self._plan,
                table.number == risk.number,
                table.version == risk.version,
            )
            .values(**facts, version=risk.version + 1)
            .returning(table.number)
        )
        if self._session.scalar(write) is None:
            raise Stale(f"{self._plan} {risk.number} is no longer at version {risk.version}")


def _corporate_facts(risk: CorporateRisk) -> dict[str, object]:
    return {"title": risk.title, "details": risk.details}


def _risk_facts(risk: Risk) -> dict[str, object]:
    return {
        "title": risk.title,
        "details": risk.details,
        "corporate": risk.corporate,
        "likelihood": risk.likelihood,
        "impact": risk.impact,
        "theme": risk.theme,
        "force": risk.force,
    }


def _corporate(row: CorporateRiskRow) -> CorporateRisk:
    return CorporateRisk(
        plan=row.plan,
        number=row.number,
        title=row.title,
        details=row.details,
        version=row.version,
    )


def _risk(row: RiskRow) -> Risk:
    return Risk(
        plan=row.plan,
        number=row.number,
        title=row.title,
        details=row.details,
        corporate=row.corporate,
        likelihood=row.likelihood,
        impact=row.impact,
        theme=row.theme,
        force=row.force,
        version=row.version,
    )
