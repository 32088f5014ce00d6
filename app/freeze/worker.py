"""The freezes' part of the worker: what waited too long ends, what only waited is finished."""

from app.approval import service as approval
from app.freeze import publishing
from app.freeze.stores import Stores
from app.web.logs import log
from app.work import begin, look


class FreezeWorker:
    """Looks round for proposals that expired and for releases that a crash left unshown."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def look_round(self) -> None:
        """Do what is due. What fails is said by its type alone and tried again next time."""
        try:
            self._work()
        except Exception as error:  # noqa: BLE001 -- nothing may end the worker but its signal
            log().error("freeze not finished", what=type(error).__name__)

    def _work(self) -> None:
        stores = self._stores
        # What a proposal kept opens the statistics for one more key: not a day longer than said.
        with look(stores.casework, stores.clock) as work:
            some = approval.some_expired(work)
        if some:
            with begin(stores.casework, stores.clock) as work:
                approval.expire(work)
        if publishing.some_unfinished(stores):
            publishing.catch_up(stores)
