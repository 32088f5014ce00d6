"""Small publication plans for tests, and noise that a test chooses."""

from datetime import date
from fractions import Fraction

from app.trends.domain import Cadence, Period, Table
from app.trends.plan_parts import Band, Force, Label, Outcome, PublicationPlan, Theme

SIGMA2 = {Table.TH: 4, Table.QT: 9, Table.DY: 9, Table.OY: 16, Table.CY: 16}
START = Period.parse("2023Q1")


def small_plan(themes=4, directorates=3, forces=("f",), first=START, cadence=Cadence.QUARTER):
    labels = [f"t{number}" for number in range(themes)]
    return PublicationPlan(
        version=1,
        effective_from=date(2023, 1, 1),
        cap=Fraction(3, 10),
        sigma2=SIGMA2,
        threshold=5,
        themes=tuple(
            Theme(label, label, group=f"g{at % 2}", categories=(), strategy=())
            for at, label in enumerate(labels)
        ),
        groups=(Label("g0", "g0"), Label("g1", "g1")),
        outcomes=(Outcome("o1", "o1", ("x",)), Outcome("o2", "o2", ("y",))),
        bands=(Band("b1", "b1", 28), Band("b2", "b2", None)),
        forces=tuple(
            Force(
                force, force, first, cadence,
                tuple(Label(f"d{number}", f"d{number}") for number in range(directorates)),
            )
            for force in forces
        ),
    )  # fmt: skip


def quiet(_table):
    """No noise at all: only for tests of what comes after it."""
    return 0


def given(values):
    """Noise from a list, in the order of drawing."""
    waiting = iter(values)
    return lambda _table: next(waiting)


def counted():
    """Noise whose draws are counted by table; returns it and the list it fills."""
    asked = []

    def draw(table):
        asked.append(table)
        return 0

    return draw, asked


__all__ = ["SIGMA2", "START", "counted", "given", "quiet", "small_plan"]
