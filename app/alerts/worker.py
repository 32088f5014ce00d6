"""The worker's part: sends the alerts that wait, each time it looks round."""

from app.alerts import service
from app.alerts.domain import OnCall
from app.alerts.mail import MailRefused, MailServer
from app.database import Database
from app.web.logs import log
from app.work import Clock, begin, look, system_clock


class AlertWorker:
    """Tells the people on call; where there is nobody to tell, forgets.

    Args:
        database: the casework database.
        server: takes the mail; None where no alerts are configured.
        on_call: who is told.
        clock: of the transactions.
    """

    def __init__(
        self,
        database: Database,
        server: MailServer | None,
        on_call: OnCall,
        *,
        clock: Clock = system_clock,
    ) -> None:
        self._database = database
        self._server = server
        self._on_call = on_call
        self._clock = clock

    def look_round(self) -> None:
        """Send what waits. What fails is said by its type alone and tried again next time."""
        try:
            with look(self._database, self._clock) as work:
                desks = service.waiting(work)
            for desk in desks:
                self._tell(desk)
        except Exception as error:  # noqa: BLE001 -- nothing may end the worker but its signal
            log().error("alert failed", what=type(error).__name__)

    def _tell(self, desk: str) -> None:
        addresses = self._on_call.of(desk)
        if self._server is not None and addresses:
            try:
                self._server.tell(addresses)
            except MailRefused as error:
                log().error("alert refused", what=str(error))
                return
        with begin(self._database, self._clock) as work:
            service.forget(work, [desk])
