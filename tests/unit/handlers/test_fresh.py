import dataclasses
import time

import pytest

from iipastro.handlers.fresh import (
    NONE,
    Conditions,
    State,
    answer_key,
    conditions_of,
    headers_of,
    is_known,
    state_of,
)
from iipastro.images.catalog import Opened
from iipastro.images.selection import Selection
from iipastro.images.source import Identity
from iipastro.jobs import (
    GridTile,
    Info,
    Job,
    Objects,
    Profile,
    Question,
    Region,
    Sheet,
    Spectra,
    Tile,
)
from iipastro.view import View

MODIFIED = 784111777
STATE = State("k", '"tag"', MODIFIED, "max-age=5", by_lot=False)
JOB = Job("a", View(), Tile(0, 0))


@pytest.fixture
def service(shelve, ramp):
    return shelve(a=ramp())


@pytest.fixture
def image(ramp):
    return Opened(ramp())


# ---- conditions


@pytest.mark.parametrize(
    ("environ", "conditions"),
    [
        ({}, NONE),
        ({"HTTP_IF_NONE_MATCH": ' "a", W/"b" '}, Conditions('"a", W/"b"')),
        ({"HTTP_IF_NONE_MATCH": "*"}, Conditions("*")),
        ({"HTTP_IF_NONE_MATCH": ""}, NONE),
        (
            {"HTTP_IF_MODIFIED_SINCE": "Sun, 06 Nov 1994 08:49:37 GMT"},
            Conditions(since=MODIFIED),
        ),
        ({"HTTP_IF_MODIFIED_SINCE": "Sunday, 06-Nov-94 08:49:37 GMT"}, Conditions(since=MODIFIED)),
        ({"HTTP_IF_MODIFIED_SINCE": "Sun Nov  6 08:49:37 1994"}, Conditions(since=MODIFIED)),
        ({"HTTP_IF_MODIFIED_SINCE": "yesterday"}, NONE),
        ({"HTTP_IF_MODIFIED_SINCE": "Sun, 06 Nov 999999 08:49:37 GMT"}, NONE),
        (
            {
                "HTTP_IF_NONE_MATCH": '"a"',
                "HTTP_IF_MODIFIED_SINCE": "Sun, 06 Nov 1994 08:49:37 GMT",
            },
            Conditions('"a"'),
        ),
    ],
)
def test_a_date_counts_only_without_a_tag(environ, conditions):  # RFC 9110, 13.1.3
    assert conditions_of(environ) == conditions


@pytest.mark.parametrize(
    ("tags", "known"),
    [
        ('"tag"', True),
        ('W/"tag"', True),
        ('"other", "tag"', True),
        ('"other",W/"x","tag","more"', True),
        ('"other"', False),
        ('"tagged"', False),
        ('"TAG"', False),
        ("tag", False),
        ('"', False),
        ('"ta', False),
        ('"a,"tag",b"', False),  # the quotes pair as "a," and ",b"
        ("", False),
    ],
)
def test_one_of_the_tags_is_enough(tags, known):  # RFC 9110, 13.1.2
    assert is_known(STATE, Conditions(tags)) == known


def test_any_copy_is_one_only_of_an_answer_that_exists():
    assert not is_known(STATE, Conditions("*"))
    assert is_known(STATE, Conditions("*"), made=True)


@pytest.mark.parametrize(("since", "known"), [(-1, False), (0, True), (1, True)])
def test_a_copy_is_good_from_the_date_of_the_file_on(since, known):  # spec 1.7
    assert is_known(STATE, Conditions(since=MODIFIED + since), made=True) == known


def test_a_date_says_nothing_of_an_answer_before_it_exists():  # RFC 9110, 13.2.1
    assert not is_known(STATE, Conditions(since=MODIFIED))


def test_a_date_says_nothing_of_what_has_none():
    assert not is_known(STATE._replace(modified=None), Conditions(since=MODIFIED), made=True)


@pytest.mark.parametrize("conditions", [Conditions('"tag"'), Conditions(since=MODIFIED)])
def test_what_is_drawn_by_lot_is_never_known(conditions):
    assert not is_known(STATE._replace(by_lot=True), conditions, made=True)


# ---- state


def test_headers_tell_the_state():
    assert dict(headers_of(STATE)) == {
        "Cache-Control": "max-age=5",
        "Last-Modified": "Sun, 06 Nov 1994 08:49:37 GMT",
        "ETag": '"tag"',
    }
    assert headers_of(State("", "", None, "no-store", by_lot=True)) == [
        ("Cache-Control", "no-store")
    ]


def test_a_tag_of_the_body_is_taken_where_there_is_no_key():
    state = STATE._replace(tag="")
    assert STATE.with_body(b"x") == STATE
    assert state.with_body(b"x").tag == state.with_body(b"x").tag != state.with_body(b"y").tag


def test_the_tag_is_strong_and_made_without_the_body(image, service):
    tag = state_of(JOB, image, service).tag
    assert tag.startswith('"')
    assert tag[1:-1].isalnum()


def test_what_is_of_no_image_has_neither_key_nor_date(service):
    state = state_of(Job(None, View(), Objects((Question("iip-server"),))), None, service)
    assert (state.key, state.tag, state.modified) == ("", "", None)


@pytest.mark.parametrize(
    "output",
    [Profile(0, (0, 0)), Spectra(0, 0, 0, 0), Objects((Question("horizontal-views"),)), Info()],
)
@pytest.mark.parametrize("angles", [((0, 90), (90,)), ((0,), (0, 90))])
def test_an_answer_of_many_files_has_no_date(image, service, output, angles):
    job = Job("a", View(), output)
    assert state_of(job, image, service).modified == MODIFIED
    several = image._replace(horizontal=angles[0], vertical=angles[1])
    assert state_of(job, several, service).modified is None
    assert state_of(Job("a", View(), Tile(0, 0)), several, service).modified == MODIFIED


def test_a_date_that_is_still_to_come_is_not_told(ramp, service):  # RFC 9110, 8.8.2.1
    now = time.time_ns()

    def dated(after):
        image = Opened(ramp(identity=Identity(1, 2, 3, now + after)))
        return state_of(JOB, image, service).modified

    assert dated(-(10**9)) == (now - 10**9) // 10**9
    assert dated(3600 * 10**9) is None


# ---- keys


def key(job, image, service, **changes):
    return answer_key(job, image, dataclasses.replace(service, **changes))


def test_the_same_answer_has_one_key_whatever_it_is_called(image, service):  # operations.md 4.2
    other = Job("./a", View(), Tile(0, 0), text="FIF=./a&JTL=0,0")
    assert answer_key(other, image, service) == answer_key(JOB, image, service)


@pytest.mark.parametrize(
    "identity", [(9, 2, 3, 4), (1, 9, 3, 4), (1, 2, 9, 4), (1, 2, 3, 4 + 10**9), (1, 2, 3, 5)]
)
def test_another_file_has_another_key(ramp, service, identity):  # operations.md 4.2
    def of(numbers):
        return answer_key(JOB, Opened(ramp(identity=Identity(*numbers))), service)

    assert of(identity) != of((1, 2, 3, 4))


def test_machines_that_share_files_agree_on_keys_by_the_name(ramp, shelve):
    service = shelve({"cache.shared_files": "yes"}, a=ramp())

    def of(name, *numbers):
        job = Job(name, View(), Tile(0, 0))
        return answer_key(job, Opened(ramp(identity=Identity(*numbers))), service)

    assert of("a", 1, 2, 3, 4) == of("a", 9, 2, 3, 4)
    assert of("a/b", 1, 2, 3, 4) == of("/./a//b", 1, 2, 3, 4) != of("b/a", 1, 2, 3, 4)
    assert of("a", 1, 2, 3, 4) != of("b", 1, 2, 3, 4)
    assert of("a", 1, 2, 3, 4) != of("a", 1, 2, 3, 5)


@pytest.mark.parametrize(
    "output",
    [Tile(0, 0), Tile(0, 0, "png"), Tile(1, 0), Region(), Profile(0, (0, 0)), Sheet("deepzoom"),
     GridTile("deepzoom", 0, 0, 0), Objects((Question("max-size"),))],
)  # fmt: skip
def test_every_output_has_a_key_of_its_own(image, service, output):
    of = [answer_key(Job("a", View(), other), image, service) for other in (output, Tile(0, 1))]
    assert of[0] != of[1]
    assert all(of)


def test_images_of_one_file_have_keys_of_their_own(image, service):
    other = image._replace(selection=Selection(2))
    assert answer_key(JOB, other, service) != answer_key(JOB, image, service)


def test_what_members_a_sequence_has_is_part_of_the_key(image, service):
    job = Job("a", View(), Objects((Question("horizontal-views"),)))
    longer = image._replace(horizontal=(0, 90))
    assert answer_key(job, longer, service) != answer_key(job, image, service)


@pytest.mark.parametrize("output", [Profile(0, (0, 0)), Spectra(0, 0, 0, 0)])
def test_pixels_of_several_files_are_not_kept(image, service, output):
    job = Job("a", View(), output)
    assert answer_key(job, image, service) != ""
    assert answer_key(job, image._replace(horizontal=(0, 90)), service) == ""


def test_settings_are_part_of_the_key(image, service):
    assert key(JOB, image, service, fingerprint="x") != key(JOB, image, service, fingerprint="y")


def test_what_is_of_a_file_that_may_still_be_written_is_not_kept(image, service):
    state = state_of(JOB, image._replace(settled=False), service)
    assert (state.key, state.tag, state.modified) == ("", "", None)
    assert state.with_body(b"x").tag != ""
