"""How the client gets to a reader: built, packed, installed, and loaded."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from iipastro.client import names_in

pytestmark = pytest.mark.integration

PARTS = ("setup.py", "setup.cfg", "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE")


@pytest.mark.parametrize("browser", ["chromium", "firefox"])
def test_the_page_is_small_and_keeps_to_the_policy(run_in_browser, browser):
    run_in_browser("delivery.test.js", browser)


def test_pages_hold_no_script_and_no_style_and_scripts_make_no_code(dist):
    for name in names_in(str(dist)):
        text = (dist / name).read_text("utf-8", "replace")
        if name.endswith(".html"):
            assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script>", text), name
        if name.endswith(".js") and not name.startswith("leaflet/"):
            assert not re.search(r"\beval\(|\bnew Function\(", text), name


def test_no_address_of_the_folder_is_absolute(dist):
    text = (dist / "index.html").read_text()
    addresses = re.findall(r'(?:src|href)="([^"]*)"', text)
    assert len(addresses) >= 3
    for address in addresses:
        assert not address.startswith(("/", "http"))
        assert (dist / address).is_file()


def test_the_files_that_pages_of_visiomatic_load_are_there(dist):
    names = set(names_in(str(dist)))
    assert {"visiomatic.js", "visiomatic.css", "jquery-min.js", "leaflet/leaflet.js"} <= names
    for name in ("jqplot", "spectrum"):
        for suffix in ("js", "css"):
            assert (dist / f"{name}.{suffix}").read_text() == ""
            assert (dist / f"{name}-min.{suffix}").read_text() == ""


def contents(folder):
    return {name: (Path(folder) / name).read_bytes() for name in names_in(str(folder))}


def test_building_twice_gives_the_same_files(node, tools, tmp_path):
    for folder in ("one", "other"):
        command = [node, "build.mjs", tmp_path / folder]
        subprocess.run(command, cwd=tools.root / "client_static", check=True)
    assert contents(tmp_path / "one") == contents(tmp_path / "other")


def test_the_wheel_and_the_archive_of_the_source_hold_the_client(dist, tools, tmp_path):
    source = tmp_path / "source"
    shutil.copytree(tools.root / "iipastro", source / "iipastro")
    shutil.copytree(dist, source / "client_static" / "dist")
    shutil.copytree(tools.root / "docs" / "man", source / "docs" / "man")
    (source / "made").mkdir()
    for name in PARTS:
        shutil.copy(tools.root / name, source / name)
    backend = (
        "import setuptools.build_meta as build\n"
        "print(build.build_wheel('made'), build.build_sdist('made'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", backend],
        cwd=source, capture_output=True, text=True, check=True,
    )  # fmt: skip
    wheel, archive = (source / "made" / name for name in done.stdout.split()[-2:])
    expected = set(names_in(str(dist)))
    with zipfile.ZipFile(wheel) as packed:
        inside = {n for n in packed.namelist() if n.startswith("iipastro/client_files/")}
    assert {name.removeprefix("iipastro/client_files/") for name in inside} == expected
    with tarfile.open(archive) as packed:
        names = {name.partition("/client_static/dist/")[2] for name in packed.getnames()}
    assert expected <= names


def test_what_the_command_installs_is_what_was_built(dist, tools, tmp_path):
    target = tmp_path / "srv" / "viewer"
    code = (
        "import argparse, sys; from iipastro.client import run_command\n"
        "raise SystemExit(run_command(argparse.Namespace(folder=sys.argv[2]),"
        " lambda: sys.argv[1]))"
    )
    command = [sys.executable, "-c", code, str(dist), str(target)]
    subprocess.run(command, check=True, env=tools.environment(), capture_output=True)
    there = contents(target)
    del there["iipastro-client.txt"]
    assert there == contents(dist)
