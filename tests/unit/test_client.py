"""The built client, and its way into a folder of a web server."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from iipastro import client
from iipastro.client import RECORD, ClientError, client_folder, install, run_command

FIRST = {
    "index.html": "page of 1",
    "config.json": "example of 1",
    "assets/viewer-1.js": "script of 1",
    "leaflet/leaflet.js": "leaflet",
}
SECOND = {
    "index.html": "page of 2",
    "config.json": "example of 2",
    "assets/viewer-2.js": "script of 2",
    "leaflet/leaflet.js": "leaflet",
}


def write(folder: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return str(folder)


def read(folder: Path) -> dict[str, str]:
    names = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_text() for path in names}


@pytest.fixture
def first(tmp_path):
    """Return the folder of a built client."""
    return write(tmp_path / "first", FIRST)


@pytest.fixture
def second(tmp_path):
    """Return that of the next release."""
    return write(tmp_path / "second", SECOND)


@pytest.fixture
def target(tmp_path):
    """Return a folder that is not there yet."""
    return tmp_path / "srv" / "viewer"


def test_all_files_are_copied_into_a_new_folder(first, target):
    assert install(first, str(target)) == 4
    there = read(target)
    record = there.pop(RECORD)
    assert there == FIRST
    assert [line.split("  ")[1] for line in record.splitlines()[1:]] == [
        "assets/viewer-1.js",
        "index.html",
        "leaflet/leaflet.js",
    ]


def test_doing_it_again_changes_nothing(first, target):
    install(first, str(target))
    before = read(target)
    install(first, str(target))
    assert read(target) == before


def test_the_next_release_replaces_its_files_and_keeps_the_configuration(first, second, target):
    install(first, str(target))
    (target / "config.json").write_text("of the site")
    (target / "logo.png").write_text("of the site")
    install(second, str(target))
    there = read(target)
    del there[RECORD]
    assert there == {**SECOND, "config.json": "of the site", "logo.png": "of the site"}


@pytest.mark.parametrize("name", ["index.html", "leaflet/leaflet.js"])
def test_a_file_of_others_is_in_the_way_and_nothing_is_done(first, target, name):
    write(target, {name: "of the site"})
    with pytest.raises(ClientError, match=f"{name} is not as iipastro has installed it"):
        install(first, str(target))
    assert read(target) == {name: "of the site"}


def test_a_file_that_the_site_has_changed_is_in_the_way(first, second, target):
    install(first, str(target))
    (target / "index.html").write_text("page of 1, with a logo")
    with pytest.raises(ClientError, match="move it away"):
        install(second, str(target))
    assert (target / "index.html").read_text() == "page of 1, with a logo"
    assert not (target / "assets" / "viewer-2.js").exists()


def test_a_link_or_a_folder_in_the_place_of_a_file_is_in_the_way(first, target, tmp_path):
    target.mkdir(parents=True)
    (target / "index.html").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ClientError, match="is not a file of ours"):
        install(first, str(target))
    assert not (tmp_path / "elsewhere").exists()
    (target / "index.html").unlink()
    (target / "index.html").mkdir()
    with pytest.raises(ClientError, match="is not a file of ours"):
        install(first, str(target))


def test_an_old_file_that_was_changed_is_not_removed(first, second, target):
    install(first, str(target))
    (target / "assets" / "viewer-1.js").write_text("changed")
    install(second, str(target))
    assert (target / "assets" / "viewer-1.js").read_text() == "changed"


def test_a_record_leads_to_no_file_outside_of_the_folder(second, target, tmp_path):
    (tmp_path / "outside").write_text("kept")
    digest = client._hash(str(tmp_path / "outside"))
    write(target, {RECORD: f"{digest}  ../../outside\n{digest}  {tmp_path}/outside\n"})
    install(second, str(target))
    assert (tmp_path / "outside").read_text() == "kept"


@pytest.mark.parametrize("name", ["link/victim", "../out/victim"])
def test_a_record_leads_to_no_file_of_another_folder(second, target, tmp_path, name):
    victim = target.parent / "out" / "victim"
    write(victim.parent, {"victim": "kept"})
    write(target, {RECORD: f"{client._hash(str(victim))}  {name}\n"})
    (target / "link").symlink_to(victim.parent)
    install(second, str(target))
    assert victim.read_text() == "kept"


def test_a_folder_that_is_a_link_to_another_is_in_the_way(first, target, tmp_path):
    (tmp_path / "other").mkdir()
    target.mkdir(parents=True)
    (target / "assets").symlink_to(tmp_path / "other")
    with pytest.raises(ClientError, match="is behind a link to another folder"):
        install(first, str(target))
    assert list((tmp_path / "other").iterdir()) == []
    assert not (target / "index.html").exists()


def test_the_folder_itself_may_be_a_link(first, target, tmp_path):
    (tmp_path / "other").mkdir()
    target.parent.mkdir()
    target.symlink_to(tmp_path / "other")
    install(first, str(target))
    assert (tmp_path / "other" / "assets" / "viewer-1.js").read_text() == "script of 1"


def test_an_interrupted_installation_can_be_done_again(first, second, target):
    install(first, str(target))
    write(target, {"assets/viewer-2.js": SECOND["assets/viewer-2.js"]})
    install(second, str(target))
    assert read(target)["index.html"] == SECOND["index.html"]


def test_the_page_is_the_last_file(first, target):
    install(first, str(target))
    times = {name: (target / name).stat().st_mtime_ns for name in FIRST}
    assert max(times, key=lambda name: (times[name], name == "index.html")) == "index.html"


def test_the_command_says_how_many_files_there_are(first, target, capsys):
    assert run_command(argparse.Namespace(folder=str(target)), lambda: first) == 0
    assert capsys.readouterr().out == f"4 files in {target}\n"


def test_the_command_says_what_is_in_the_way(first, target, capsys):
    write(target.parent, {"viewer": "a file"})
    assert run_command(argparse.Namespace(folder=str(target)), lambda: first) == 1
    error = capsys.readouterr().err
    assert error.startswith("iipastro: ")
    assert error.count("\n") == 1
    target.unlink()
    write(target, {"index.html": "of the site"})
    assert run_command(argparse.Namespace(folder=str(target)), lambda: first) == 1
    assert "move it away" in capsys.readouterr().err


def test_the_client_is_found_in_the_package_before_the_checkout(tmp_path):
    package = str(tmp_path / "iipastro")
    with pytest.raises(ClientError, match="make client"):
        client_folder(package)
    write(tmp_path, {"client_static/dist/index.html": ""})
    assert client_folder(package) == str(tmp_path / "client_static" / "dist")
    write(tmp_path, {"iipastro/client_files/index.html": ""})
    assert client_folder(package) == str(tmp_path / "iipastro" / "client_files")
