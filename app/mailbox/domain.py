"""What stands in clear about a thread, and nothing else."""

import enum


class Side(enum.Enum):
    """Whose entry it is: all members of desks are one side."""

    REPORTER = "reporter"
    DESK = "desk"


class Standing(enum.Enum):
    """What a reporter is told of the state of things; never varies with the desk."""

    RECEIVED = "received"
    BEING_READ = "being read"
    BEING_ASSESSED = "being assessed"
    CLOSED = "closed"
