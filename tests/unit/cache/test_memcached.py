import pytest

from iipastro.cache.envelope import Envelope
from iipastro.cache.memcached import Memcached, Options
from iipastro.cache.tiers import Counts
from iipastro.response import answer

PICTURE = answer("image/jpeg", b"picture")


class Failure(Exception):
    """What the client raises."""


class Server:
    """A memcached of a dictionary, whose calls take time on the clock of the test."""

    def __init__(self):
        self.kept, self.calls = {}, []
        self.now = 1000.0
        self.takes = 0.0
        self.fails = False

    def _call(self, what):
        self.calls.append(what)
        self.now += self.takes
        if self.fails:
            raise Failure("no route")

    def get(self, key):
        self._call("get")
        return self.kept.get(key)

    def set(self, key, val, time=0):
        self._call("set")
        self.kept[key] = val
        self.expiry = time


@pytest.fixture
def server():
    return Server()


@pytest.fixture
def counts():
    return Counts()


@pytest.fixture
def cache(server, counts):
    options = Options(expiry=60, item_max=2000, clock=lambda: server.now)
    return Memcached(server, Failure, Envelope(), options, counts)


def test_a_value_lies_packed_for_its_time(server, cache):
    cache.put("k", PICTURE)
    assert server.kept == {"k": Envelope().pack("k", PICTURE)}
    assert server.expiry == 60
    assert cache.get("k") == PICTURE


def test_garbage_is_a_miss_and_counted(server, cache, counts):
    server.kept["k"] = b"garbage"
    assert cache.get("k") is None
    assert counts == Counts(damaged=1)


@pytest.mark.parametrize(("length", "kept"), [(1000, True), (1800, True), (1900, False)])
def test_what_the_server_would_refuse_is_not_sent(server, cache, counts, length, kept):
    cache.put("k", answer("image/tiff", bytes(length)))
    assert bool(server.calls) == kept
    assert counts.oversized == (not kept)


def test_a_failure_is_a_miss_told_once_in_a_row(server, cache, counts, caplog):
    server.fails = True
    for _ in range(100):
        assert cache.get("k") is None
        cache.put("k", PICTURE)
        server.now += 1
    assert counts == Counts(errors=100)
    assert [record.message for record in caplog.records] == [
        "memcached fails, the answers are made: no route"
    ]


def test_a_failure_long_after_another_is_told_again(server, cache, caplog):
    for _ in range(2):
        server.fails = True
        cache.get("k")
        server.fails = False
        server.now += 100
        cache.get("k")
    assert len(caplog.records) == 2


def test_after_a_failure_the_first_sound_answer_counts_again(server, cache):
    cache.put("k", PICTURE)
    server.fails = True
    assert cache.get("k") is None
    server.fails = False
    assert cache.get("k") == PICTURE


def test_nothing_is_sent_to_a_server_that_has_just_failed(server, cache):
    server.fails = True
    cache.get("k")
    server.fails = False
    cache.put("k", PICTURE)
    assert server.calls == ["get"]
    cache.put("other", PICTURE)  # of another server, perhaps
    assert cache.get("k") is None
    cache.put("k", PICTURE)
    assert server.calls == ["get", "set", "get", "set"]


def lost(server, cache, seconds, pause):
    """Ask for so long; return what calls have cost beyond a millisecond each."""
    end, cost = server.now + seconds, 0.0
    while server.now < end:
        begun, calls = server.now, len(server.calls)
        cache.get("k")
        cost += max(0.0, server.now - begun - 0.001 * (len(server.calls) - calls))
        server.now += pause
    return cost


@pytest.mark.parametrize("fails", [True, False])
@pytest.mark.parametrize("takes", [0.002, 0.003, 0.007, 0.015, 0.019, 0.025, 0.040])
@pytest.mark.parametrize("pause", [0.0001, 0.01, 0.3])
def test_a_slow_server_costs_50_ms_in_10_s_at_most(server, cache, takes, pause, fails):  # R9
    server.takes, server.fails = takes, fails
    for _ in range(5):
        assert lost(server, cache, 10.0, pause) <= 0.050


def test_a_server_that_is_well_again_is_used_again(server, cache):
    server.takes = 0.030
    cache.put("k", PICTURE)
    assert cache.get("k") is None  # at rest
    server.takes = 0.0
    server.now += 10
    assert cache.get("k") == PICTURE


def test_a_quick_server_is_never_left_alone(server, cache):
    server.takes = 0.001
    lost(server, cache, 30.0, 0.0)
    assert len(server.calls) >= 29_999


@pytest.mark.parametrize(("takes", "made_in", "asked"), [(0.01, 0.02, 100), (0.02, 0.001, 20)])
def test_a_server_is_slow_only_if_it_is_quicker_to_make_an_answer(
    server, cache, takes, made_in, asked
):
    for number in range(20):  # while it is quick, it is learnt how long making takes
        cache.get(f"{number}")
        server.now += made_in
        cache.put(f"{number}", PICTURE)
    server.takes, server.calls = takes, []
    for number in range(100):
        cache.get(f"{number % 20}")
    assert (len(server.calls) == 100) == (asked == 100)
    assert len(server.calls) <= asked


def test_a_long_export_does_not_make_a_slow_server_quick(server, cache):
    cache.get("k")
    server.now += 60
    cache.put("k", PICTURE)
    server.takes, server.calls = 0.025, []
    for _ in range(100):
        cache.get("k")
    assert len(server.calls) == 2


def test_a_worker_that_waits_for_its_turn_does_not_blame_the_server(server, cache):
    for number in range(10_000):
        server.takes = 0.020 if number % 100 == 50 else 0.0002
        cache.get("k")
    assert len(server.calls) == 10_000
