"""House rules of the tests: functions only, and no file that tests nothing."""

from __future__ import annotations

import inspect
import signal
from pathlib import Path

import pytest

DATA = Path(__file__).parent / "data"


class HouseModule(pytest.Module):
    """A test file.  What would be passed over in silence is an error."""

    def collect(self):
        """Return what the file tests.  Raises CollectError for nothing, and for a class."""
        for name, value in vars(self.obj).items():
            ours = inspect.isclass(value) and value.__module__ == self.obj.__name__
            if ours and any(member.startswith("test") for member in dir(value)):
                raise self.CollectError(f"{self.path}: {name} is a class: write test functions")
        items = list(super().collect())
        if not items:
            raise self.CollectError(f"{self.path} tests nothing")
        return items


def pytest_configure():
    """Hear the signals that whoever started us has us ignore (nohup, a job in the background)."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM):
        if signal.getsignal(number) is signal.SIG_IGN:
            usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            signal.signal(number, usual)


def pytest_pycollect_makemodule(module_path, parent):
    """Collect every test file by the rules of the house."""
    return HouseModule.from_parent(parent, path=module_path)


@pytest.fixture(scope="session")
def data() -> Path:
    """Return the folder of the test images."""
    return DATA
