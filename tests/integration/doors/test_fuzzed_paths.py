"""R18 and R21 of operations.md for paths, in the short form: `make fuzz-paths` is the long one."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.integration

COUNT = 3000


def test_no_path_is_answered_by_a_fault_of_the_server(tools):
    script = tools.root / "tests" / "fuzz" / "fuzz_paths.py"
    words = [sys.executable, str(script), "--count", str(COUNT), "--patience", "30"]
    done = subprocess.run(words, capture_output=True, check=False, text=True)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(f"{COUNT} paths in ")
