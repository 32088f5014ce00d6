"""How long a property is tried: briefly on every run, long when a release is proved.

`CANDOUR_PROOF=1` asks for the long run.
"""

import os

from hypothesis import HealthCheck, settings

# Damaged inputs to each reader of what a stranger may send: header, parcel, letter, receipt, keyring.
PARSER = 100_000
PROVING = os.environ.get("CANDOUR_PROOF") == "1"


def examples(normal: int = 80, proof: int = 10_000) -> settings:
    """Return the settings of a property: `normal` examples, or `proof` of them when proving."""
    return settings(
        max_examples=proof if PROVING else normal,
        deadline=None,  # two cores shared with others: slow is not wrong
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
