from __future__ import annotations

import pytest

from iipastro.errors import Unservable
from iipastro.images.sequence import find_sequence


@pytest.fixture
def root(tmp_path):
    def filled(*names):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_bytes(b"")
        return str(tmp_path)

    return filled


def find(root, name):
    return find_sequence(root, name, "_pyr_", True)


def test_angles_are_those_of_the_numbers_in_ascending_order(root):
    names = ["000_090", "010_090", "200_090", "000_000", "000_120", "010_120"]
    found = find(root(*(f"deep/ring_pyr_{name}.tif" for name in names)), "deep/ring")
    assert found.horizontal == (0, 10, 200)
    assert found.vertical == (0, 90, 120)
    assert found.member((10, 120)) == "deep/ring_pyr_010_120.tif"


@pytest.mark.parametrize("suffix", ["tif", "tiff", "ptif"])
def test_a_sequence_may_have_any_suffix_of_tiff(root, suffix):
    found = find(root(f"a_pyr_000_090.{suffix}", "a_pyr_010_090.jpg"), "a")
    assert (found.horizontal, found.vertical) == ((0,), (90,))
    assert found.member((0, 90)) == f"a_pyr_000_090.{suffix}"


@pytest.mark.parametrize(
    "other",
    [
        "a_pyr_010_090.tif.bak",
        "xa_pyr_010_090.tif",
        "a_pyr_1_090.tif",
        "a_pyr_0010_090.tif",
        "a_pyr_010_090.TIF",
        "a_pyr_010_090xtif",
        "a_pyr_010_090.tif\n",
        "a_pyr_\u0660\u0661\u0660_090.tif",
        "a_pyr_010_090.tiff",
        "deep/a_pyr_010_090.tif",
    ],
)
def test_other_files_are_no_members(root, other):
    found = find(root("a_pyr_000_090.tif", other), "a")
    assert (found.horizontal, found.vertical) == ((0,), (90,))


@pytest.mark.parametrize(
    ("files", "name"),
    [
        (["a_pyr_010_090.tif"], "a"),
        (["a_pyr_000_090.jpg"], "a"),
        (["ab_pyr_000_090.tif"], "a*"),
        (["ab_pyr_000_090.tif"], "a."),
        (["ab_pyr_000_090.tif"], "a?"),
        (["a_pyr_000_090.tif"], "b"),
        (["a_pyr_000_090.tif"], "../a"),
        (["a_pyr_000_090.tif"], "missing/a"),
        (["a_pyr_000_090.tif"], ""),
    ],
)
def test_without_a_first_member_there_is_no_sequence(root, files, name):
    assert find(root(*files), name) is None


def test_characters_of_patterns_stand_for_themselves(root):
    name = "a.*[b](c)+"
    found = find(root(f"{name}_pyr_000_090.tif", "axb_pyr_010_090.tif"), name)
    assert found.horizontal == (0,)


def test_two_first_members_are_one_too_many(root, tmp_path):
    with pytest.raises(Unservable, match=r"^there are several image sequences a$") as refused:
        find(root("a_pyr_000_090.tif", "a_pyr_000_090.ptif"), "a")
    assert str(tmp_path) not in str(refused.value)


def test_a_link_is_a_member_as_it_is_an_image(root, tmp_path):
    filled = root("a_pyr_000_090.tif")
    (tmp_path / "b_pyr_000_090.tif").symlink_to("a_pyr_000_090.tif")
    assert find_sequence(filled, "b", "_pyr_", True) is not None
    assert find_sequence(filled, "b", "_pyr_", False) is None
