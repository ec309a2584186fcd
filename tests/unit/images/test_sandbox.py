from __future__ import annotations

import os
import socket
import threading
import time

import pytest

from iipastro.errors import NotFound, Unreadable
from iipastro.images.sandbox import is_unchanged, list_inside, open_inside, sight_of


@pytest.fixture
def tree(tmp_path):
    """Return a root with an image, a folder, links in and out, and secrets beside it."""
    root = tmp_path / "img"
    (root / "deep" / "er").mkdir(parents=True)
    (root / "a.tif").write_bytes(b"image")
    (root / "deep" / "b.tif").write_bytes(b"deep")
    (root / "deep" / "er" / "c.tif").write_bytes(b"deeper")
    (tmp_path / "secret.tif").write_bytes(b"secret")
    (tmp_path / "img-secret").mkdir()
    (tmp_path / "img-secret" / "x.tif").write_bytes(b"secret")
    return root


def read(root, name, follow=True):
    descriptor = open_inside(str(root), name, follow)
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


@pytest.mark.parametrize("follow", [True, False])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.tif", b"image"),
        ("/a.tif", b"image"),
        ("///a.tif", b"image"),
        ("./a.tif", b"image"),
        ("deep/b.tif", b"deep"),
        ("deep//./b.tif", b"deep"),
        ("deep/er/c.tif", b"deeper"),
    ],
)
def test_a_name_inside_opens_its_file(tree, name, content, follow):
    assert read(tree, name, follow) == content


ATTACKS = [  # operations R21
    "",
    "/",
    ".",
    "missing.tif",
    "deep",
    "deep/",
    "a.tif/x",
    "..",
    "../secret.tif",
    "deep/../../secret.tif",
    "deep/../a.tif",
    "/../secret.tif",
    "....//secret.tif",
    "..\\secret.tif",
    "deep\\b.tif",
    "%2e%2e/secret.tif",
    "\udcc0\udcae\udcc0\udcae/secret.tif",
    "\uff0e\uff0e/secret.tif",
    "../img-secret/x.tif",
    "-secret/x.tif",
    "/etc/passwd",
    "//etc/passwd",
    "a.tif\0",
    "a.tif\0.png",
    "a.tif\n",
    "a\r\nSet-Cookie: x",
    "a.tif\x7f",
    "a.tif\x9b",
    "a.tif.",
    "a.tif ",
    " a.tif",
    "*.tif",
    "a.ti[f]",
    "a.ti?",
    "{a,b}.tif",
    "~root/x.tif",
    "A.TIF",
    "a.tif:stream",
    "proc/self/root/etc/passwd",
    "\ud800.tif",
    "x" * 255,
    "x" * 256,
    "deep/" * 65 + "b.tif",
    "./" * 3000 + "a.tif",
    "/".join("x" * 200 for _ in range(20)),
]


@pytest.mark.parametrize("follow", [True, False])
@pytest.mark.parametrize("name", ATTACKS, ids=[ascii(name[:20]) for name in ATTACKS])
def test_an_attack_finds_nothing_and_says_so_in_the_same_words(tree, name, follow, descriptors):
    before = descriptors()
    with pytest.raises(NotFound, match=r"^no image ") as refused:
        open_inside(str(tree), name, follow)
    message = str(refused.value)
    assert message.isprintable()
    assert message.isascii()
    assert len(message) <= len("no image ") + 100
    assert str(tree) not in message
    assert descriptors() == before


def test_missing_and_forbidden_are_told_in_the_same_words(tree):
    (tree / "out.tif").symlink_to("../secret.tif")
    messages = []
    for name in ("out.tif", "not.tif"):
        with pytest.raises(NotFound) as refused:
            open_inside(str(tree), name, True)
        messages.append(str(refused.value).replace(name, "*"))
    assert messages == ["no image *", "no image *"]


def absolute(target):
    return lambda tree: str(tree / target)


LINKS = [  # name, target, what is read through it; None: nothing
    ("l.tif", "a.tif", b"image"),
    ("l.tif", "./deep/../a.tif", b"image"),
    ("l.tif", "deep/er/c.tif", b"deeper"),
    ("deep/l.tif", "../a.tif", b"image"),
    ("deep/er/l.tif", "../../a.tif", b"image"),
    ("deep/er/l.tif", "../b.tif", b"deep"),
    ("l.tif", absolute("deep/b.tif"), b"deep"),
    ("l.tif", absolute("deep/../a.tif"), b"image"),
    ("l.tif", "../secret.tif", None),
    ("l.tif", "../img/a.tif", None),  # leaves the root, if only for a moment
    ("deep/l.tif", "../../secret.tif", None),
    ("l.tif", "../img-secret/x.tif", None),
    ("l.tif", "/etc/passwd", None),
    ("l.tif", absolute("../secret.tif"), None),
    ("l.tif", absolute("../img-secret/x.tif"), None),
    ("l.tif", absolute("deep/../../secret.tif"), None),
    ("l.tif", lambda tree: str(tree.parent / "beside" / "a.tif"), None),  # as deep as the root
    ("l.tif", "l.tif", None),
    ("l.tif", "deep", None),
    ("l.tif", "deep/..", None),
    ("l.tif", ".", None),
    ("l.tif", absolute("."), None),
    ("l.tif", "/", None),
    ("l.tif", "missing", None),
    ("l.tif", "/proc/self/cwd", None),
]


@pytest.mark.parametrize(("name", "target", "content"), LINKS)
def test_a_link_counts_if_it_stays_inside(tree, name, target, content, descriptors):
    (tree / name).symlink_to(target if isinstance(target, str) else target(tree))
    before = descriptors()
    if content is None:
        with pytest.raises(NotFound):
            open_inside(str(tree), name, True)
    else:
        assert read(tree, name) == content
    assert descriptors() == before


@pytest.mark.parametrize(("name", "target", "content"), LINKS)
def test_no_link_counts_where_links_are_off(tree, name, target, content, descriptors):
    (tree / name).symlink_to(target if isinstance(target, str) else target(tree))
    before = descriptors()
    with pytest.raises(NotFound):
        open_inside(str(tree), name, False)
    assert descriptors() == before


def test_folders_may_be_links(tree):
    (tree / "in").symlink_to("deep/er")
    (tree / "deep" / "abs").symlink_to(tree / "deep")
    (tree / "out").symlink_to("../img-secret")
    (tree / "up").symlink_to("deep/..")
    assert read(tree, "in/c.tif") == b"deeper"
    assert read(tree, "deep/abs/er/c.tif") == b"deeper"
    assert read(tree, "up/a.tif") == b"image"
    for name in ("out/x.tif", "in/../a.tif"):
        with pytest.raises(NotFound):
            open_inside(str(tree), name, True)
    with pytest.raises(NotFound):
        open_inside(str(tree), "in/c.tif", False)


def test_a_chain_of_twenty_links_counts_and_no_longer_one(tree):
    (tree / "0").symlink_to("a.tif")
    for number in range(1, 21):
        (tree / str(number)).symlink_to(str(number - 1))
    assert read(tree, "19") == b"image"
    with pytest.raises(NotFound):
        open_inside(str(tree), "20", True)


def test_links_that_grow_come_to_an_end(tree, descriptors):
    (tree / "loop").symlink_to("deep/../" * 20 + "loop/" * 20 + "x")
    before = descriptors()
    with pytest.raises(NotFound):
        open_inside(str(tree), "loop/a.tif", True)
    assert descriptors() == before


def nested(folder, depth):
    """Make folders in folders, and return the innermost."""
    for _ in range(depth):
        folder /= "d"
        folder.mkdir()
    return folder


def test_a_name_has_at_most_64_components(tree):
    innermost = nested(tree, 64)
    (innermost.parent / "x").write_bytes(b"63 folders down")
    (innermost / "x").write_bytes(b"64 folders down")
    assert read(tree, "d/" * 63 + "x") == b"63 folders down"
    with pytest.raises(NotFound):
        open_inside(str(tree), "d/" * 64 + "x", True)


def test_links_lead_at_most_128_folders_down(tree, descriptors):
    folder = tree
    for _ in range(3):
        (folder / "l").symlink_to("d/" * 45)
        folder = nested(folder, 45)
        (folder / "x").write_bytes(b"deep down")
    before = descriptors()
    assert read(tree, "l/l/x") == b"deep down"
    with pytest.raises(NotFound):
        open_inside(str(tree), "l/l/l/x", True)
    assert descriptors() == before


def test_absolute_links_may_spell_the_root_as_it_is_or_as_it_is_configured(tree, tmp_path):
    (tmp_path / "alias").symlink_to("img")
    (tree / "real.tif").symlink_to(tree / "a.tif")
    (tree / "configured.tif").symlink_to(tmp_path / "alias" / "a.tif")
    assert read(tmp_path / "alias", "real.tif") == b"image"
    assert read(tmp_path / "alias", "configured.tif") == b"image"


def test_only_regular_files_are_opened_and_at_once(tree, descriptors):
    os.mkfifo(tree / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tree / "socket"))
    (tree / "null").symlink_to("/dev/null")
    before, start = descriptors(), time.monotonic()
    for name in ("fifo", "socket", "null", "deep"):
        with pytest.raises(NotFound):
            open_inside(str(tree), name, True)
    assert time.monotonic() - start < 1
    assert descriptors() == before


def test_devices_are_no_files(descriptors):
    with pytest.raises(NotFound):
        open_inside("/dev", "null", False)


def test_names_of_any_bytes_are_found(tree):
    for name in ("m51 \N{GREEK SMALL LETTER OMEGA}.tif", "latin\udce9.tif", "100%.tif", "a+b.tif"):
        (tree / name).write_bytes(b"found")
        assert read(tree, name) == b"found"
        assert name in list_inside(str(tree), "any", True)


def test_a_root_that_is_gone_holds_nothing_and_may_come_back(tree, tmp_path):
    tree.rename(tmp_path / "away")
    with pytest.raises(NotFound, match=r"no image a\.tif"):
        open_inside(str(tree), "a.tif", True)
    with pytest.raises(NotFound):
        open_inside("", "etc/passwd", True)
    (tmp_path / "away").rename(tree)
    assert read(tree, "a.tif") == b"image"


def test_a_descriptor_is_all_that_is_left_open_and_is_not_inherited(tree, descriptors):
    before = descriptors()
    descriptor = open_inside(str(tree), "deep/er/c.tif", True)
    assert descriptors() == before + 1
    assert not os.get_inheritable(descriptor)
    os.close(descriptor)


def test_a_failing_system_is_told_from_a_missing_file(tree, monkeypatch):
    def fail(*_args, **_options):
        raise OSError(5, "Input/output error", str(tree))

    monkeypatch.setattr(os, "open", fail)
    with pytest.raises(Unreadable, match=r"^the image cannot be read now$"):
        open_inside(str(tree), "a.tif", True)


def test_the_names_beside_a_name_are_listed(tree, descriptors):
    (tree / "out").symlink_to("../img-secret")
    before = descriptors()
    assert sorted(list_inside(str(tree), "deep/any", True)) == ["b.tif", "er"]
    assert sorted(list_inside(str(tree), "any", True)) == ["a.tif", "deep", "out"]
    for name in ("out/any", "../any", "missing/any", "a.tif/any"):
        with pytest.raises(NotFound):
            list_inside(str(tree), name, True)
    assert descriptors() == before


def swap(path, targets, stop):
    """Make `path` a link to each target in turn, or the directory itself, until told to stop."""
    spare = path.with_name("spare")
    while not stop.is_set():
        for target in targets:
            spare.symlink_to(target)
            spare.rename(path)


@pytest.mark.parametrize("follow", [True, False])
@pytest.mark.parametrize(
    ("name", "link", "targets"),
    [
        ("l.tif", "l.tif", ["a.tif", "../secret.tif"]),
        ("dir/x.tif", "dir", ["deep", "../img-secret"]),
    ],
)
def test_a_link_that_is_swapped_while_it_is_opened_never_leads_out(
    tree, name, link, targets, follow, descriptors
):
    (tree / "deep" / "x.tif").write_bytes(b"image")
    (tree / link).symlink_to(targets[0])
    before, stop, contents = descriptors(), threading.Event(), set()
    swapper = threading.Thread(target=swap, args=(tree / link, targets, stop))
    swapper.start()
    end = time.monotonic() + 0.5
    try:
        while time.monotonic() < end:
            try:
                contents.add(read(tree, name, follow))
            except NotFound:
                contents.add(None)
    finally:
        stop.set()
        swapper.join()
    assert b"secret" not in contents
    assert None in contents
    assert (b"image" in contents) == follow
    assert descriptors() == before


def test_a_folder_that_moves_out_while_it_is_walked_takes_its_parent_not_along(tree, tmp_path):
    (tree / "deep" / "er" / "l.tif").symlink_to("../../../secret.tif")
    stop, contents = threading.Event(), set()

    def move():
        while not stop.is_set():
            (tree / "deep" / "er").rename(tmp_path / "er")
            (tmp_path / "er").rename(tree / "deep" / "er")

    mover = threading.Thread(target=move)
    mover.start()
    end = time.monotonic() + 0.4
    try:
        while time.monotonic() < end:
            try:
                contents.add(read(tree, "deep/er/l.tif"))
            except NotFound:
                contents.add(None)
    finally:
        stop.set()
        mover.join()
    assert contents == {None}


# ---- looking again


def test_a_sight_is_of_the_path_that_was_walked(tmp_path):
    (tmp_path / "a").mkdir()
    path = tmp_path / "a" / "b.tif"
    path.write_bytes(b"x")
    sight = sight_of(str(tmp_path), "//a/./b.tif", path.stat())
    assert sight.folders == (os.fsencode(path.parent),)
    assert sight.path == os.fsencode(path)
    assert is_unchanged(sight)


def test_a_sight_is_lost_where_anything_else_is_seen(tmp_path):
    path = tmp_path / "b.tif"
    path.write_bytes(b"x")
    sight = sight_of(str(tmp_path), "b.tif", path.stat())
    path.rename(tmp_path / "c.tif")
    assert not is_unchanged(sight)
    path.symlink_to("c.tif")
    assert not is_unchanged(sight)
    path.unlink()
    path.mkdir()
    assert not is_unchanged(sight)
