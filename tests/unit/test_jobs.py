import dataclasses
from dataclasses import FrozenInstanceError

import pytest

from iipastro.errors import Fault
from iipastro.jobs import (
    IiifImage,
    IiifInfo,
    IiifRegion,
    IiifSize,
    Job,
    Objects,
    Question,
    Region,
    Tile,
)
from iipastro.view import Cut, Fraction, View


def test_a_job_never_changes():
    with pytest.raises(FrozenInstanceError):
        Job("a", View(), Tile(0, 0)).image = "b"  # type: ignore[misc]


def fields_of(job):
    return [field.name for field in dataclasses.fields(job)]


VIEW = View(
    1, "lzw", 1.1, 0.5, True, True, "hot", "gray", True, True, (1, 2), ((1.0,),), (0.5,),
    (Cut(1, 0.0, 1.0),), 1, 90, Fraction(0.0, 0.0, 0.5, 0.5), 7, 8, (1, 2), 3,
)  # fmt: skip


@pytest.mark.parametrize("name", fields_of(View()))
def test_every_field_of_a_view_says_what_the_answer_is(name):
    changed = dataclasses.replace(View(), **{name: getattr(VIEW, name)})
    assert Job("a", changed, Tile(0, 0)).canonical != Job("a", View(), Tile(0, 0)).canonical


@pytest.mark.parametrize("output", [Tile(0, 1), Tile(1, 0), Tile(0, 0, "png"), Region(), None])
def test_what_is_wanted_says_what_the_answer_is(output):
    assert Job("a", View(), output).canonical != Job("a", View(), Tile(0, 0)).canonical


def test_names_texts_and_faults_do_not_say_what_the_answer_is():
    other = Job("b", View(), Tile(0, 0), (Fault("2 2", "x"),), "FIF=b&x&JTL=0,0")
    assert other.canonical == Job("a", View(), Tile(0, 0)).canonical


def test_jobs_are_equal_by_value_and_hashable():
    def job(name):
        questions = (Question("max-size", 90),)
        return Job(name, View(gamma=0.5), Objects(questions), (Fault("2 2", "x"),))

    assert job("a") == job("a")
    assert len({job("a"), job("a"), job("b")}) == 2


def test_where_an_image_is_says_what_its_information_is_and_not_its_pixels():
    picture, information = IiifImage(IiifRegion(), IiifSize()), IiifInfo(3)
    for output, same in ((picture, True), (information, False)):
        here, there = (dataclasses.replace(output, base=f"http://{host}/a") for host in "hg")
        canonicals = {Job("a", View(), each).canonical for each in (here, there)}
        assert (len(canonicals) == 1) is same


def test_in_whose_words_a_picture_is_asked_for_says_nothing_of_its_pixels():
    pictures = [
        IiifImage(IiifRegion(), IiifSize(), versions=frozenset(versions))
        for versions in ((2,), (2, 3))
    ]
    assert len({Job("a", View(), picture).canonical for picture in pictures}) == 1
