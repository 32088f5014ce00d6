"""What can be wrong with a keyring, as far as a server can tell."""

import enum


class Fault(enum.Enum):
    """Why a keyring is not used. Nothing is sealed to it while one of these holds."""

    UNREADABLE = "unreadable"
    UNSIGNED = "unsigned"
    NOT_YET_VALID = "not yet valid"
    EXPIRED = "expired"
    OLDER = "older than one seen"
    OTHER_BYTES = "same serial, other bytes"
