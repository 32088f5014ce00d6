"""Seven ways to get it wrong, each a mistake that somebody made somewhere. All must be caught."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from random import Random

from app.trends import disclosure
from app.trends.disclosure import Figure
from app.trends.domain import ALL, Table, year_of
from app.trends.noise import discrete_gaussian


def threshold_on_true_counts(plan, labels, counts, true_total, draw):
    """Rolls up what is truly small: the classic mistake of noise with a small-number rule."""
    noisy = [counts.get(label, 0) + draw(Table.TH) for label in labels]
    total = max(0, true_total + draw(Table.QT))
    values = disclosure.whole_numbers(
        disclosure.project([Fraction(value) for value in noisy], total), total
    )
    small = [at for at, label in enumerate(labels) if counts.get(label, 0) < plan.threshold]
    named = [at for at in range(len(labels)) if at not in small]
    figures = [_figure((labels[at],), values[at]) for at in named]
    if small:
        together = tuple(labels[at] for at in small)
        figures.append(_figure(together, sum(values[at] for at in small)))
    return tuple(figures), _figure((ALL,), total)


def no_noise_on_empty_cells(plan, labels, counts, true_total, draw):
    """Leaves nought as it is, so that whoever is not nought was there."""
    queue = [0 if counts.get(label, 0) == 0 else draw(Table.TH) for label in labels]
    waiting = iter([*queue, draw(Table.QT)])
    return disclosure.with_total(plan, labels, counts, true_total, lambda _table: next(waiting))


def halved_sigma(plan, labels, counts, true_total, draw):
    """Adds half the noise that the ledger has paid for."""
    half = {Table.TH: Fraction(1), Table.QT: Fraction(9, 4)}
    chance = Random(draw(Table.CY) * 1000 + draw(Table.OY) * 31 + draw(Table.DY))

    def quieter(table):
        return discrete_gaussian(half[table], chance.randrange)

    return disclosure.with_total(plan, labels, counts, true_total, quieter)


def _figure(members, value):
    return Figure(members, value, 0, value)


def seeded(plan, labels, counts, true_total, draw):
    """Draws the same noise for the same table every time, so that it cancels in a difference."""
    chance = Random("force a, 2023Q1").randrange

    def always(table):
        return discrete_gaussian(plan.sigma2[table], chance)

    return disclosure.with_total(plan, labels, counts, true_total, always)


def reissued(rows, again):
    """Publishes last quarter's tables once more, freshly drawn, beside the new ones."""
    names = sorted({row.release for row in rows})
    later = dict(pairwise(names))
    return rows + [
        replace(row, release=later[row.release]) for row in again if row.release in later
    ]


def year_to_date(rows, again):
    """Publishes with each quarter the year so far, counted anew."""
    found = list(rows)
    fresh = {(row.force, row.period): row.value for row in again if row.table == "QT"}
    for row in rows:
        if row.table == "QT":
            year = year_of(row.period.year)
            so_far = [fresh[row.force, q] for q in year.quarters if not row.period < q]
            found.append(replace(row, period=year, value=sum(so_far)))
    return found


def budget_reset(rows, again):
    """Forgets with each release what was spent: publishes directorates of a rolling year."""
    found = list(rows)
    quarters = {(row.release, row.force): row.period for row in rows if row.table == "QT"}
    yearly = [row for row in again if row.table == "DY"]
    for (release, force), quarter in quarters.items():
        found += [
            replace(row, release=release)
            for row in yearly
            if row.force == force
            and row.period in {year_of(quarter.year), year_of(quarter.year - 1)}
        ]
    return found
