"""Pictures of published figures: SVG with classes alone, as the content security policy wants.

Whatever a picture shows stands in a table beside it as well. A picture is drawn twice, for a
phone and for a desk; the style sheet shows one of them. Volume is neither good nor bad: no
colour here says so.
"""

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

from app.trends.board import Line, Moment
from app.trends.domain import Period, PeriodKind
from app.trends.ranking import Ranking
from app.trends.wording import short_period
from app.trends.xmr import Limits

TEXT = 17  # user units of a line of text
CHARACTER = 7.6  # of one character, on average


@dataclass(frozen=True, slots=True)
class Size:
    """One of the two drawings: its name, its width, and the height of a line chart."""

    name: str
    width: int
    height: int


WIDE, NARROW = Size("wide", 460, 310), Size("narrow", 340, 270)


def element(name: str, *inside: Markup | str, **attributes: str | float) -> Markup:
    """Return an element; whatever is not markup is escaped. `class_` is `class`."""
    said = Markup("").join(
        Markup(' {}="{}"').format(_name_of(key), _text_of(value))
        for key, value in attributes.items()
    )
    if not inside:
        return Markup("<{}{}/>").format(Markup(name), said)  # noqa: S704 -- our own names
    return Markup("<{0}{1}>{2}</{0}>").format(
        Markup(name),  # noqa: S704 -- our own names
        said,
        Markup("").join(escape(piece) for piece in inside),
    )


def _name_of(key: str) -> str:
    return {"viewBox": key}.get(key, key.rstrip("_").replace("_", "-"))


def _text_of(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")


def line_chart(ident: str, title: str, line: Line, *, style: str = "") -> Markup:
    """Return the chart of totals: the noise as a band, the usual limits as dashed lines.

    Args:
        ident: begins the ids of its parts; no other chart of the page has it.
        title: what a screen reader calls it.
        line: the published totals.
        style: rules to carry inside, for paper alone: there is one drawing then.
    """
    told = describe_line(line)
    return Markup("").join(
        _picture(
            f"{ident}-{size.name}",
            (title, told),
            (size.name, size.width, size.height),
            [*_carried(style), *_Plot(line, size).draw()],
        )
        for size in _sizes(style)
    )


def bar_chart(ident: str, title: str, ranking: Ranking, *, style: str = "") -> Markup:
    """Return one bar a row, each with the noise around its end, in the order of the rows.

    Args: as of `line_chart`.
    """
    told = describe_bars(ranking)
    drawn = []
    for size in _sizes(style):
        pieces, height = _bars(ranking, size)
        room = (size.name, size.width, height)
        inside = [*_carried(style), *pieces]
        drawn.append(_picture(f"{ident}-{size.name}", (title, told), room, inside))
    return Markup("").join(drawn)


def _sizes(style: str) -> tuple[Size, ...]:
    return (WIDE,) if style else (WIDE, NARROW)


def _carried(style: str) -> list[Markup]:
    return [element("style", style)] if style else []


def describe_line(line: Line) -> str:
    """Return a line chart in words."""
    first, last = line.moments[0], line.moments[-1]
    values = [moment.figure.value for moment in line.moments]
    said = (
        f"{len(values)} published totals from {short_period(first.period)} to "
        f"{short_period(last.period)}, between {min(values)} and {max(values)}. "
        f"The last is {last.figure}."
    )
    if line.limits is not None:
        said += (
            f" The average is {round(line.limits.average)}; usual figures lie between "
            f"{round(line.limits.lower)} and {round(line.limits.upper)}."
        )
    return said


def describe_bars(ranking: Ranking) -> str:
    """Return a bar chart in words."""
    return "; ".join(f"{row.name}: {row.figure}" for row in ranking.rows) + "."


def _picture(
    ident: str,
    named: tuple[str, str],
    room: tuple[str, float, float],
    pieces: Iterable[Markup],
) -> Markup:
    name, width, height = room
    return element(
        "svg",
        element("title", named[0], id=f"{ident}-title"),
        element("desc", named[1], id=f"{ident}-told"),
        *pieces,
        class_=f"cd-drawing cd-drawing--{name}",
        viewBox=f"0 0 {_text_of(width)} {_text_of(height)}",
        role="img",
        aria_labelledby=f"{ident}-title {ident}-told",
        focusable="false",
    )


def _bars(ranking: Ranking, size: Size) -> tuple[list[Markup], float]:
    room = 48  # for the number at a bar's end
    most = max((row.figure.upper for row in ranking.rows), default=1) or 1
    scale = (size.width - room) / most
    pieces: list[Markup] = []
    top = 0.0
    for row in ranking.rows:
        for text in textwrap.wrap(row.name, int(size.width / CHARACTER)):
            top += TEXT
            pieces.append(element("text", text, class_="cd-drawing__label", x=0, y=top - 3))
        long = row.figure.value * scale
        kind = " cd-drawing__bar--combined" if row.members else ""
        pieces += [
            element("rect", class_=f"cd-drawing__bar{kind}", x=0, y=top + 2, width=long, height=18),
            *_noise(row.figure.lower * scale, row.figure.upper * scale, top + 11),
            element(
                "text",
                str(row.figure.value),
                class_="cd-drawing__value",
                x=row.figure.upper * scale + 8,
                y=top + 17,
            ),
        ]
        top += 34
    return pieces, top - 6


def _noise(start: float, end: float, middle: float) -> list[Markup]:
    x1, x2 = _text_of(start), _text_of(end)
    over, under = _text_of(middle - 4), _text_of(middle + 4)
    route = f"M{x1} {_text_of(middle)}H{x2}M{x1} {over}V{under}M{x2} {over}V{under}"
    # Light below, so that it shows on the bar as well as beside it.
    return [
        element("path", class_=kind, d=route) for kind in ("cd-drawing__halo", "cd-drawing__noise")
    ]


class _Plot:
    """Where the points of a line lie in a drawing of one size."""

    def __init__(self, line: Line, size: Size) -> None:
        self._line, self._size = line, size
        tops = [moment.figure.upper for moment in line.moments]
        if line.limits is not None:
            tops.append(-(-line.limits.upper.numerator // line.limits.upper.denominator))
        self._step = _step(max([*tops, 1]))
        self._most = -(-max([*tops, 1]) // self._step) * self._step
        self._left, self._right = 34.0, size.width - (104.0 if line.limits else 16.0)
        self._top, self._bottom = 12.0, size.height - 40.0
        # Every period has its place, also one whose figure is missing.
        first = line.moments[0].period
        self._places = [_distance(first, moment.period) for moment in line.moments]

    def draw(self) -> list[Markup]:
        """Return everything from the back to the front."""
        limits = self._limits(self._line.limits) if self._line.limits else []
        return [*self._scale(), *self._periods(), *self._band(), *limits, *self._series()]

    def _x(self, place: float) -> float:
        width = self._right - self._left - 24
        return self._left + 12 + width * place / max(self._places[-1], 1)

    def _y(self, value: float) -> float:
        return self._bottom - (self._bottom - self._top) * value / self._most

    def _scale(self) -> list[Markup]:
        found = []
        for value in range(0, self._most + 1, self._step):
            y = self._y(value)
            kind = "cd-drawing__grid" if value else "cd-drawing__axis"
            found += [
                element("line", class_=kind, x1=self._left, y1=y, x2=self._right, y2=y),
                element("text", str(value), class_="cd-drawing__end", x=self._left - 6, y=y + 5),
            ]
        return found

    def _periods(self) -> list[Markup]:
        found: list[Markup] = []
        named = self._line.kind is not PeriodKind.YEAR and self._x(1) - self._x(0) >= TEXT
        free = -1000.0  # the first place where a year fits beside the one before it
        for moment, place in zip(self._line.moments, self._places, strict=True):
            x, part = self._x(place), moment.period.part
            long = 9 if part == 1 else 5
            found.append(
                element(
                    "line", class_="cd-drawing__axis",
                    x1=x, y1=self._bottom, x2=x, y2=self._bottom + long,
                )
            )  # fmt: skip
            if named:
                name = str(moment.period)[4:]
                found.append(
                    element("text", name, class_="cd-drawing__small", x=x, y=self._bottom + 20)
                )
            if part == 1 and x >= free:
                year = str(moment.period.year)
                y = self._bottom + (36 if named else 24)
                found.append(element("text", year, class_="cd-drawing__middle", x=x, y=y))
                free = x + 44
        return found

    def _runs(self) -> list[list[tuple[int, Moment]]]:
        """Return the points in runs without a missing period."""
        points = list(zip(self._places, self._line.moments, strict=True))
        runs = [[points[0]]]
        for before, point in pairwise(points):
            if point[0] - before[0] > 1:
                runs.append([])
            runs[-1].append(point)
        return runs

    def _band(self) -> list[Markup]:
        found = []
        for run in self._runs():
            over = [(self._x(place), self._y(moment.figure.upper)) for place, moment in run]
            under = [(self._x(place), self._y(moment.figure.lower)) for place, moment in run]
            if len(run) > 1:
                points = _points([*over, *reversed(under)])
                found.append(element("polygon", class_="cd-drawing__band", points=points))
            else:
                found += [
                    element(
                        "line", class_="cd-drawing__noise",
                        x1=over[0][0], y1=over[0][1], x2=under[0][0], y2=under[0][1],
                    )
                ]  # fmt: skip
        return found

    def _series(self) -> list[Markup]:
        found = []
        for run in self._runs():
            points = [(self._x(place), self._y(moment.figure.value)) for place, moment in run]
            found.append(element("polyline", class_="cd-drawing__line", points=_points(points)))
            for (x, y), (_place, moment) in zip(points, run, strict=True):
                if moment.signals:
                    found.append(element("circle", class_="cd-drawing__signal", cx=x, cy=y, r=8))
                found.append(element("circle", class_="cd-drawing__dot", cx=x, cy=y, r=4))
        return found

    def _limits(self, limits: Limits) -> list[Markup]:
        named = [
            ("high", limits.upper, "cd-drawing__limit"),
            ("average", limits.average, "cd-drawing__average"),
            ("low", limits.lower, "cd-drawing__limit"),
        ]
        found = []
        free = -1000.0
        for name, value, kind in named:
            y = self._y(float(value))
            found.append(element("line", class_=kind, x1=self._left, y1=y, x2=self._right, y2=y))
            # Names that would touch go below one another.
            free = max(y + 5, free + TEXT - 1)
            text = f"{name} {round(value)}"
            found.append(
                element("text", text, class_="cd-drawing__name", x=self._right + 6, y=free)
            )
        return found


def _distance(first: Period, period: Period) -> int:
    """Return by how many periods of its kind `period` is later."""
    parts = 4 // period.kind.value
    return (period.year - first.year) * parts + period.part - first.part


def _points(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{_text_of(x)},{_text_of(y)}" for x, y in places)


def _step(most: int) -> int:
    """Return a step of 1, 2 or 5 times a power of ten, with at most six of them to `most`."""
    size = 1
    while True:
        for step in (size, 2 * size, 5 * size):
            if most <= 6 * step:
                return step
        size *= 10
