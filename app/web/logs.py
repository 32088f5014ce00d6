"""Logs that cannot hold a reporter: unknown keys are dropped, not printed."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# What a line of the log may say. An address, a path, a body or a header is not among it.
ALLOWED = frozenset(
    {
        "event",
        "level",
        "what",
        "where",
        "endpoint",
        "member",
        "case",
        "desk",
        "count",
        "serial",
        "day",
        "surface",
        "host",
        "port",
    }
)


def allow_listed(
    _logger: object, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Keep only what `ALLOWED` names: a careless keyword fails closed."""
    return {key: value for key, value in event.items() if key in ALLOWED}


def configure() -> None:
    """Send our log to standard error, one line of key=value an event, without a time.

    A time beside an event of a reporter's would be a time of hers; who keeps the log adds
    the time of the day it needs for staff matters from the audit log.
    """
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            allow_listed,
            structlog.processors.LogfmtRenderer(key_order=["level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        # Asked for at every line: what standard error is may change, as it does in tests.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    # Libraries may log what they like to nobody: their lines quote requests.
    logging.getLogger().handlers = [logging.NullHandler()]
    logging.getLogger("werkzeug").disabled = True


def log() -> Any:  # noqa: ANN401 -- structlog's own type is dynamic
    """Return the house's logger."""
    return structlog.get_logger()
