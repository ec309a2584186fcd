import json

import numpy as np
import pytest

from iipastro.errors import BadArgument, TooLarge
from iipastro.handlers.profile import serve_profile
from iipastro.jobs import Job, Profile
from iipastro.view import View


@pytest.fixture
def profile(ramp, shelve):
    def values(level, start, end=None, settings=None, **facts):
        service = shelve(settings, a=ramp(**facts))
        job = Job("a", View(), Profile(level, start, end))
        response = serve_profile(job, job.output, service.catalog.open("a"), service)
        return json.loads(response.body)["profile"]

    return values


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [  # the ramp: column + 100 row; level 1 is 10 x 7
        ((2, 3), (6, 3), [302, 303, 304, 305]),
        ((2, 3), (2, 6), [302, 402, 502]),
        ((2, 3), None, [302]),
        ((2, 3), (2, 3), [302]),
        (
            (0, 6),
            (10, 6),
            list(range(600, 610)),
        ),  # the end is excluded
        ((9, 0), (9, 7), [9, 109, 209, 309, 409, 509, 609]),
        ((2, 1), (3, 6), [102, 202, 302, 402, 502]),  # the longer axis (client.md 3.3)
        ((5, 5), (2, 2), [505]),  # reversed
    ],
)
def test_a_profile_follows_a_row_or_a_column(profile, start, end, expected):
    assert profile(1, start, end) == expected


def test_channels_are_interleaved(profile):
    values = profile(1, (1, 1), (3, 1), channels=3)
    assert values == [101, 10101, 20101, 102, 10102, 20102]


@pytest.mark.parametrize(
    ("level", "start", "end"),
    [
        (2, (0, 0), None),
        (-1, (0, 0), None),
        (1, (10, 0), (10, 0)),
        (1, (0, 7), (5, 7)),
        (1, (0, 0), (11, 0)),
        (1, (0, 0), (0, 8)),
        (1, (-1, 0), (5, 0)),
        (1, (0, 0), (-2, 0)),
    ],
)
def test_a_profile_outside_the_image_is_refused(profile, level, start, end):
    with pytest.raises(BadArgument):
        profile(level, start, end)


def test_a_profile_has_a_limit(profile):
    limit = {"limits.profile_values": "8"}
    assert len(profile(1, (0, 0), (4, 0), limit, channels=2)) == 8
    with pytest.raises(TooLarge):
        profile(1, (0, 0), (5, 0), limit, channels=2)


def test_the_body_is_laid_out_as_the_reference_does(ramp, shelve):  # spec A.3, 8
    service = shelve(a=ramp())
    job = Job("a", View(), Profile(1, (1, 0), (3, 0)))
    response = serve_profile(job, job.output, service.catalog.open("a"), service)
    assert response.body == b'{\n\t"profile": [1.000000000,2.000000000]\n}'


def test_a_sequence_has_a_profile_per_view(ramp, shelve):
    service = shelve(a={0: ramp(), 30: ramp(dtype=np.float64)})
    job = Job("a", View(), Profile(1, (1, 0), (3, 0)))
    response = serve_profile(job, job.output, service.catalog.open("a"), service)
    assert json.loads(response.body)["profile"] == {"0": [1, 2], "30": [1, 2]}


def test_the_views_of_a_sequence_share_the_limit_and_are_each_checked(ramp, shelve):
    from iipastro.geometry import Size
    from iipastro.images.source import Level

    service = shelve({"limits.profile_values": "8"}, a={0: ramp(), 30: ramp()})
    job = Job("a", View(), Profile(1, (0, 0), (5, 0)))
    with pytest.raises(TooLarge):
        serve_profile(job, job.output, service.catalog.open("a"), service)
    small = ramp(levels=(Level(Size(3, 3), Size(4, 4)),) * 2)
    service = shelve(a={0: ramp(), 30: small})
    with pytest.raises(BadArgument):
        serve_profile(job, job.output, service.catalog.open("a"), service)
