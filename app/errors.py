"""Errors the portal raises on purpose.

    PortalError
    |-- Refused    the caller may not do this                     -> 403
    |-- Missing    no such thing, or not for this caller          -> 404
    |-- Conflict   the thing moved on since the caller looked     -> 409
    |-- Busy       too much at once; the caller may come back     -> 503
    |-- Full       no room to keep what was sent                  -> 507
    `-- Broken     stored bytes are not the bytes we wrote        -> 500 and an alarm

Wrong input is not an error: forms answer it on the page.

The text of an error may reach a log, so it names things (a case reference, a key
label) and never quotes what a reporter or a handler wrote.
"""


class PortalError(Exception):
    """Base of every error in this module's tree. Never raised itself."""


class Refused(PortalError):
    """The caller may not do this."""


class Missing(PortalError):
    """No such thing, or not for this caller: the two must look the same."""


class Conflict(PortalError):
    """The thing moved on since the caller looked at it."""


class Busy(PortalError):
    """Too much is going on at once; the caller loses nothing by coming back."""


class Full(PortalError):
    """There is no room to keep what was sent; nothing of it was kept."""


class Broken(PortalError):
    """Stored bytes are not the bytes we wrote, or a key is not the key it should be."""
