import dataclasses
import gc
import time
import weakref

import pytest

from iipastro.cache.memory import Memory, weight_of_answer
from iipastro.cache.tiers import Tiers
from iipastro.errors import NotFound
from iipastro.handlers import recent, serve
from iipastro.handlers.fresh import NONE, Conditions
from iipastro.handlers.recent import Recent
from iipastro.images.catalog import Opened
from iipastro.images.source import Identity
from iipastro.protocol.iip import parse

TILE, PAGE = "FIF=a&JTL=1,0", "FIF=a&OBJ=max-size"


@pytest.fixture
def service(ramp, shelve):
    tiers = Tiers([Memory(1 << 20, weight_of_answer)])
    return dataclasses.replace(shelve(a=ramp()), answers=tiers)


def ask(service, query, given=NONE):
    return serve(parse(query, 64), given, service)


def known(service, query):
    image = service.catalog.open("a")
    return service.recent.find(parse(query, 64), image)


@pytest.mark.parametrize(
    "query", [TILE, PAGE, "DeepZoom=a_files/3/0_0.jpg", "FIF=a&CVT=jpeg", "FIF=a&PFL=1:0,0-5,0"]
)
def test_what_is_asked_again_is_known_and_answered_alike(service, query):
    first = ask(service, query)
    assert known(service, query) is not None
    assert ask(service, query) == first


def test_a_client_that_has_what_it_asks_for_again_is_told_so(service):
    headers = dict(ask(service, TILE).headers)
    for given in (Conditions(headers["ETag"]), Conditions("*"), Conditions(since=2 * 10**9)):
        again = ask(service, TILE, given)
        assert (again.status, again.body) == (304, b"")
        assert dict(again.headers)["ETag"] == headers["ETag"]
    assert ask(service, TILE, Conditions('"x"')).status == 200


def test_another_file_of_the_same_name_is_another_answer(service, ramp):
    before = ask(service, TILE), ask(service, PAGE)
    service.catalog.images["a"] = ramp(channels=3, identity=Identity(1, 2, 4, 0))
    assert known(service, TILE) is None
    assert known(service, PAGE) is None
    assert ask(service, TILE).body != before[0].body
    assert ask(service, PAGE).headers != before[1].headers


def test_a_file_that_has_gone_is_not_found(service):
    ask(service, TILE)
    del service.catalog.images["a"]
    with pytest.raises(NotFound):
        ask(service, TILE)


def test_a_text_costs_nothing_the_second_time_and_counts_as_a_hit(service, monkeypatch):
    first = ask(service, PAGE)
    monkeypatch.setattr(type(service.answers), "fetch", None)
    assert ask(service, PAGE) == first
    assert service.answers.counts.memory == 1


def test_a_file_is_not_held_open_by_what_is_known_of_it(service):
    ask(service, TILE)
    gone = weakref.ref(service.catalog.images.pop("a"))
    gc.collect()
    assert gone() is None


def test_the_same_words_in_another_sense_are_not_known(service):
    ask(service, TILE)
    other = dataclasses.replace(parse(TILE, 64), output=parse("FIF=a&JTL=1,1", 64).output)
    assert service.recent.find(other, service.catalog.open("a")) is None


@pytest.mark.parametrize("query", ["FIF=a&FOO=1&JTL=1,0", "FIF=a&FOO=1&OBJ=max-size"])
def test_what_has_to_be_said_each_time_is_not_remembered(service, query):
    ask(service, query)
    assert known(service, query) is None


@pytest.mark.parametrize("query", ["IIIF=a/full/max/0/default.jpg", TILE + "&CMP=" + "x" * 500])
def test_what_is_made_anew_each_time_takes_no_place(service, query):
    ask(service, query)
    assert service.recent.find(parse(query, 64), service.catalog.open("a")) is None
    assert len(service.recent) == 0


def test_the_least_recent_is_forgotten_first(service):
    few, other = dataclasses.replace(service, recent=Recent(2)), "FIF=a&JTL=1,1"
    for query in (PAGE, TILE, PAGE, other):
        ask(few, query)
    assert [known(few, query) is None for query in (TILE, PAGE, other)] == [True, False, False]


def test_a_new_member_of_a_sequence_is_another_image(service, ramp):
    member = ramp()
    service.catalog.images["s"] = {0: member}
    query = "FIF=s&OBJ=horizontal-views"
    before = ask(service, query)
    service.catalog.images["s"] = {0: member, 90: ramp()}
    assert ask(service, query).body != before.body


def test_a_file_that_may_still_be_written_is_looked_at_anew(service, monkeypatch):
    image = service.catalog.images["a"]
    monkeypatch.setattr(service.catalog, "open", lambda *_: Opened(image, settled=False))
    ask(service, TILE)
    assert len(service.recent) == 0


def test_a_file_dated_after_now_has_its_date_told_later(service, ramp, monkeypatch):
    later = ramp(identity=Identity(1, 2, 3, 2 * 10**9 * 10**9))
    service.catalog.images["a"] = later
    assert "Last-Modified" not in dict(ask(service, TILE).headers)
    monkeypatch.setattr(time, "time", lambda: 2.0 * 10**9 + 1)
    assert "Last-Modified" in dict(ask(service, TILE).headers)


def test_a_long_text_is_not_kept_with_its_request(service, monkeypatch):
    monkeypatch.setattr(recent, "_TEXT", 10)
    ask(service, PAGE)
    assert known(service, PAGE).text is None


def test_an_error_of_a_tile_that_was_there_is_an_error(service, monkeypatch):
    ask(service, TILE)
    failed = ask(service, "FIF=a&FOO=1")
    monkeypatch.setattr(type(service.answers), "fetch", lambda *_: failed)
    assert ask(service, TILE) == failed
