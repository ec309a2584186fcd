"""The rules of the house hold: a dead test file is an error."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"


@pytest.fixture(scope="module")
def outcome(tmp_path_factory) -> str:
    """Return what pytest says of three files, of which one is good."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copy(CONFTEST, folder)
    (folder / "test_good.py").write_text("def test_one():\n    pass\n")
    (folder / "test_empty.py").write_text("def helper():\n    pass\n")
    (folder / "test_class.py").write_text(
        "def test_one():\n    pass\n\n\nclass StringTests:\n    def test_two(self):\n        pass\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    return done.stdout


def test_a_file_that_tests_nothing_is_an_error(outcome):
    assert "test_empty.py tests nothing" in outcome


def test_a_class_of_tests_is_an_error(outcome):
    assert "test_class.py: StringTests is a class: write test functions" in outcome


def test_a_good_file_is_none(outcome):
    assert "2 errors" in outcome
    assert "test_good.py" not in outcome
