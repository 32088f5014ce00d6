"""The hand-over's part of the worker: once a week the slips, and audit entries as they come."""

from datetime import date

from app.handover.domain import is_due
from app.handover.service import Databases, carry_back, hand_over, last_made_on, tidy
from app.web.logs import log
from app.work import Clock, look, system_clock


class HandoverWorker:
    """Looks round for what there is to carry. May be killed, started twice, or away for weeks."""

    def __init__(
        self, databases: Databases, *, hand_over_at: int, clock: Clock = system_clock
    ) -> None:
        self._databases = databases
        self._hand_over_at = hand_over_at
        self._clock = clock
        # The day on which the box was last wiped of the deeds that filled it.
        self._tidied_on: date | None = None

    def look_round(self) -> None:
        """Do what is due. What fails is said by its type alone and tried again next time."""
        try:
            self._work()
        except Exception as error:  # noqa: BLE001 -- nothing may end the worker but its signal
            # Not the text: the message of a driver may quote the row it could not write.
            log().error("hand-over failed", what=type(error).__name__)

    def _work(self) -> None:
        carry_back(self._databases, self._clock)
        with look(self._databases.casework, self._clock) as work:
            made = last_made_on(work)
            today, now = work.today, work.now
        if is_due(now, hand_over_at=self._hand_over_at, last_made_on=made):
            hand_over(self._databases, self._clock)
            # Not how many: logs travel further than the audit log, and a year's sum is exact.
            log().info("handed over")
        elif self._tidied_on != today and now.hour >= self._hand_over_at:
            tidy(self._databases)
        else:
            return
        self._tidied_on = today
