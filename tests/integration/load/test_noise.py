"""R18 of operations.md in its short form: `make fuzz` is the long one."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.integration


def test_damaged_streams_end_no_worker(tools, scaled):
    script, count = tools.root / "tests" / "fuzz" / "fuzz_streams.py", scaled(1500, 50000)
    words = [sys.executable, str(script), "--count", str(count), "--patience", "30"]
    done = subprocess.run(words, capture_output=True, check=False, text=True)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(f"{count} streams in ")
