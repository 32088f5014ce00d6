"""Attacks by arithmetic (A0 to A3, A7): what a clerk with a calculator would try."""

from collections import defaultdict

from app.trends.domain import ALL, Period
from tests.attacks.reading import Row, by_table
from tests.attacks.world import World

FIELD = {"TH": "theme", "DY": "directorate"}
SMALL = range(1, 5)


def visible_small(rows: list[Row]) -> int:
    """A0: figures of 1 to 4 that anybody can see."""
    return sum(row.value in SMALL for row in rows)


def changed_between_releases(rows: list[Row]) -> int:
    """A1: tables of one period that a later release shows again, otherwise."""
    versions = defaultdict(dict)
    for row in rows:
        versions[row.place].setdefault(row.release, set()).add((row.members, row.value))
    return sum(
        1
        for shown in versions.values()
        for other in list(shown.values())[1:]
        if other != next(iter(shown.values()))
    )


def small_by_subtraction(rows: list[Row], world: World) -> int:
    """A2: one period less another gives a true small count."""
    truth = _truth(world)
    known = defaultdict(dict)
    for row in rows:
        if len(row.members) == 1:
            known[row.table, row.force, row.members[0]][row.period] = row.value
    hits = 0
    for (table, force, label), values in known.items():
        for longer, whole in values.items():
            for rest, parts in _what_remains(longer, values):
                left = whole - parts
                true = sum(truth[table, force, label, quarter] for quarter in rest)
                hits += left in SMALL and left == true
    return hits


def _what_remains(longer: Period, values: dict[Period, int]):
    """Yield the quarters left, and what to take away, for each set of periods to subtract."""
    inside = [p for p in values if p != longer and longer.contains(p)]
    for one in inside:
        yield [q for q in longer.quarters if not one.contains(q)], values[one]
    quarters = [p for p in inside if p.kind.value == 1]
    if len(quarters) > 1:
        covered = set(quarters)
        yield [q for q in longer.quarters if q not in covered], sum(values[q] for q in quarters)


def hidden_from_a_total(rows: list[Row], world: World) -> int:
    """A3: the only row that a table does not show, from its total."""
    truth = _truth(world)
    labels = {"TH": _labels(world, "theme"), "DY": _labels(world, "directorate")}
    totals = _totals(rows)
    hits = 0
    for (table, force, period), found in by_table(rows).items():
        if table not in FIELD:
            continue
        shown = {member for row in found for member in row.members}
        hidden = labels[table] - shown
        whole = _total_of(totals, force, Period.parse(period))
        if len(hidden) == 1 and whole is not None:
            label = hidden.pop()
            left = whole - sum(row.value for row in found)
            true = sum(truth[table, force, label, q] for q in Period.parse(period).quarters)
            hits += left == true and left in SMALL
    return hits


def not_additive(rows: list[Row]) -> int:
    """A3, A7: tables whose sum is not the published total of the same matters."""
    totals = _totals(rows)
    wrong = 0
    for (table, force, period), found in by_table(rows).items():
        whole = _total_of(totals, force, Period.parse(period))
        wrong += table in FIELD and whole is not None and whole != sum(row.value for row in found)
    return wrong


def two_values(rows: list[Row]) -> int:
    """A7: quantities that can be read off in two ways with two results."""
    values = defaultdict(set)
    for row in rows:
        values[row.table, row.force, row.period, row.members].add(row.value)
    nested = defaultdict(dict)
    for row in rows:
        nested[row.table, row.force, row.members][row.period] = row.value
    twice = sum(len(found) > 1 for found in values.values())
    for found in nested.values():
        for longer, value in found.items():
            parts = [q for q in longer.quarters if q != longer and q in found]
            if len(parts) == len(longer.quarters):
                twice += value != sum(found[q] for q in parts)
    return twice + not_additive(rows)


def _truth(world: World) -> dict:
    truth = defaultdict(int)
    for m in world.matters:
        truth["TH", m.force, m.theme, m.period] += 1
        truth["DY", m.force, m.directorate, m.period] += 1
        truth["QT", m.force, ALL, m.period] += 1
    return truth


def _labels(world: World, field: str) -> set[str]:
    return {getattr(m, field) for m in world.matters}


def _totals(rows: list[Row]) -> dict:
    return {(row.force, row.period): row.value for row in rows if row.table == "QT"}


def _total_of(totals: dict, force: str, period: Period) -> int | None:
    if (force, period) in totals:
        return totals[force, period]
    parts = [totals.get((force, quarter)) for quarter in period.quarters]
    return None if None in parts else sum(parts)
