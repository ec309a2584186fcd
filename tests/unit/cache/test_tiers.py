import pytest

from iipastro.cache.memory import Memory, weight_of_answer
from iipastro.cache.tiers import Counts, Tiers
from iipastro.errors import NotFound
from iipastro.response import answer, refusal

PICTURE = answer("image/jpeg", b"picture")


class Shelf(dict):
    """A tier that forgets nothing."""

    def __init__(self, name):
        super().__init__()
        self.name = name

    def put(self, key, value):
        self[key] = value


@pytest.fixture
def near():
    return Shelf("memory")


@pytest.fixture
def far():
    return Shelf("memcached")


def refuse():
    raise NotFound("no such tile")


def test_what_is_made_goes_into_every_tier(near, far):
    tiers = Tiers([near, far])
    assert tiers.fetch("k", lambda: PICTURE) == PICTURE
    assert (near, far) == ({"k": PICTURE}, {"k": PICTURE})
    assert tiers.counts == Counts(misses=1)


def test_what_the_nearest_has_is_asked_of_nobody_else(near, far):
    near["k"] = PICTURE
    tiers = Tiers([near, far])
    assert tiers.fetch("k", refuse) == PICTURE
    assert far == {}
    assert tiers.counts == Counts(memory=1)


def test_what_a_farther_one_has_comes_nearer(near, far):
    far["k"] = PICTURE
    tiers = Tiers([near, far])
    assert tiers.fetch("k", refuse) == PICTURE
    assert near == {"k": PICTURE}
    assert tiers.counts == Counts(memcached=1)


def test_without_tiers_everything_is_made():
    tiers = Tiers()
    assert [tiers.fetch("k", lambda: PICTURE) for _ in range(2)] == [PICTURE] * 2
    assert tiers.counts == Counts(misses=2)


@pytest.mark.parametrize("status", [204, 400, 404, 503])
def test_only_a_success_is_kept(near, status):
    wrong = refusal(status, b"no")
    assert Tiers([near]).fetch("k", lambda: wrong) is wrong
    assert near == {}


def test_a_refusal_is_passed_on_and_not_kept(near):
    with pytest.raises(NotFound):
        Tiers([near]).fetch("k", refuse)
    assert near == {}


def test_no_header_of_one_answer_gets_into_another(near):  # operations.md 4.10
    tiers = Tiers([near])
    personal = PICTURE.with_headers(("Content-Disposition", "mine"))
    assert tiers.fetch("k", lambda: personal) == PICTURE
    assert tiers.fetch("k", refuse) == PICTURE
    assert near == {"k": PICTURE}


def test_misses_of_one_key_are_made_once_per_worker():  # operations.md 4.2
    made = []
    tiers = Tiers([Memory(1 << 20, weight_of_answer)])

    def make():
        made.append(1)
        return PICTURE

    assert [tiers.fetch("k", make) for _ in range(5)] == [PICTURE] * 5
    assert len(made) == 1


def test_every_tier_has_its_count():
    assert {"memory", "memcached"} < set(vars(Counts()))
