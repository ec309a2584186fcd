from dataclasses import FrozenInstanceError

import pytest

from iipastro.errors import Fault
from iipastro.jobs import Job, Objects, Question, Tile
from iipastro.view import View


def test_a_job_never_changes():
    with pytest.raises(FrozenInstanceError):
        Job("a", View(), Tile(0, 0)).image = "b"  # type: ignore[misc]


def test_jobs_are_equal_by_value_and_hashable():
    def job(name):
        questions = (Question("max-size", 90),)
        return Job(name, View(gamma=0.5), Objects(questions), (Fault("2 2", "x"),))

    assert job("a") == job("a")
    assert len({job("a"), job("a"), job("b")}) == 2
