"""When a week's hand-over is due."""

from datetime import date, datetime, timedelta


def is_due(now: datetime, *, hand_over_at: int, last_made_on: date | None) -> bool:
    """Say whether a week's hand-over is to be made: one a week, from its Monday on.

    The day is fixed, so that no hand-over tells that something happened. One that was missed is
    made up for as soon as anybody asks.

    Args:
        now: in UTC.
        hand_over_at: hour of the day, UTC.
        last_made_on: the day of the last one, if there ever was one.
    """
    monday = now.date() - timedelta(days=now.weekday())
    if now.date() == monday and now.hour < hand_over_at:
        monday -= timedelta(weeks=1)
    return last_made_on is None or last_made_on < monday
