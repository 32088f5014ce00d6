"""Makes one collection in a process of its own, so that a test may kill it.

Says when it begins, waits for a line, and says how many letters there were.
"""

import sys

from app.collection.service import collect
from app.database import open_database
from app.mailbox.objects import Objects
from app.work import system_clock
from config import Settings


def main() -> None:
    settings = Settings.from_environment()
    database = open_database(settings.database_url)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    only_urgent = "urgent" in sys.argv
    letters = collect(database, system_clock, Objects(settings.objects), only_urgent=only_urgent)
    sys.stdout.write(f"{letters}\n")


if __name__ == "__main__":
    main()
